#!/usr/bin/env python3
"""Made the files of this folder, with NumPy 1.24 and PyTorch 1.13. The tests know the numbers from here.

usage: make.py FOLDER
"""
import os
import sys

import numpy as np
import torch

os.chdir(sys.argv[1])

# the notebook's track, of one window
windows = (np.arange(60 * 512) % 100).astype(np.float32).reshape(1, 60, 512)
np.savez_compressed("track.npz", windows=windows, start_indices=np.array(list(range(0, 1, 60))))
np.savez("stored.npz", half=np.arange(5).astype(np.float16) / 2, flags=np.array([True, False]))

base = torch.arange(12.).reshape(3, 4)
torch.save({"weight": base, "half": (base / 4).half(), "transposed": base.t(), "step": torch.tensor(7),
            "nested": {"bias": torch.ones(2, dtype=torch.float64)}}, "state_dict.pth")


class Inner(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.arange(6.).reshape(2, 3).half())

    def forward(self, x):
        return x


class Outer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.visual = Inner()
        self.register_buffer("size", torch.tensor(224))

    def forward(self, x):
        return self.visual(x)


torch.jit.script(Outer()).save("script.pt")
