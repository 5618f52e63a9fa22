#!/usr/bin/env python3
"""PyTorch loads the state dicts we write, strictly, and we read what PyTorch writes: state dicts, checkpoints
and TorchScript archives.

usage: torch_interop.py STORE_COPY     (the test program that copies arrays from one format to another)
"""
import collections
import os
import subprocess
import sys
import tempfile
import warnings

import modules
import tap

modules.need("torch", "numpy")
import torch  # noqa: E402
from torch import nn  # noqa: E402

warnings.simplefilter("ignore")
STORE_COPY = sys.argv[1]
DIR = tempfile.TemporaryDirectory(prefix="bookend-test-")


def path(name):
    return os.path.join(DIR.name, name)


def copy(src, dst):
    """Runs store_copy; returns the names it printed, and its error sentence."""
    run = subprocess.run([STORE_COPY, path(src), path(dst)], capture_output=True, text=True)
    return [line.split(" ")[0] for line in run.stdout.splitlines()], run.stderr.strip()


def same(a, b):
    return set(a) == set(b) and all(a[k].dtype == b[k].dtype and a[k].shape == b[k].shape and torch.equal(a[k], b[k]) for k in a)


class Head(nn.Module):
    """The notebook's network, small."""

    def __init__(self, width=16, layers=2):
        super().__init__()
        self.pos = nn.Parameter(torch.randn(60, width))
        layer = nn.TransformerEncoderLayer(width, 4, 4 * width, 0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, layers)
        self.classifiers = nn.ModuleList([nn.Linear(width, 1) for _ in range(60)])

    def forward(self, x):
        h = self.encoder(x + self.pos)
        return torch.cat([c(h[:, t]) for t, c in enumerate(self.classifiers)], 1)


def load(name):
    """As PyTorch itself checks it: without the right to run anything, where the version can."""
    try:
        return torch.load(path(name), map_location="cpu", weights_only=True)
    except TypeError:
        return torch.load(path(name), map_location="cpu")


def test_head():
    model, again = Head().eval(), Head().eval()
    torch.save(model.state_dict(), path("a.pth"))
    names, error = copy("a.pth", "b.pth")
    if not tap.ok(not error and set(names) == set(model.state_dict()), "the head's state dict is read", error):
        return
    tap.ok(str(again.load_state_dict(load("b.pth"), strict=True)) == "<All keys matched successfully>", "and loaded, strictly")
    x = torch.randn(2, 60, 16)
    tap.ok(torch.equal(model(x), again(x)), "both heads give the same answers")


def test_types():
    kinds = [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.bool, torch.uint8, torch.int8, torch.int16,
             torch.int32, torch.int64]
    made = {str(k): torch.randn(3, 5).mul(100).to(k) for k in kinds}
    made |= {"scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4), "long": torch.arange(100000), "имя": torch.ones(1)}
    torch.save(made, path("a.pt"))
    _, error = copy("a.pt", "b.pt")
    tap.ok(not error and same(load("b.pt"), made), "every type", error)


def test_views():
    base = torch.arange(24.).reshape(4, 6)
    made = {"transposed": base.t(), "slice": base[1:3, 2:5], "row": base[2], "permuted": base.reshape(2, 3, 4).permute(2, 0, 1),
            "step": base[:, ::2], "base": base}
    torch.save(made, path("a.bin"))
    _, error = copy("a.bin", "b.bin")
    tap.ok(not error and same(load("b.bin"), {k: v.contiguous() for k, v in made.items()}), "views of one storage", error)
    torch.save({"a": torch.ones(1).expand(1000)}, path("a.bin"))
    _, error = copy("a.bin", "b.bin")
    tap.ok("repeats" in error, f"an expanded tensor: {error}")


def test_checkpoint():
    model = nn.Linear(3, 2)
    made = {"epoch": 7, "best": 0.25, "args": {"name": "x", "betas": (0.9, 0.99)}, "none": None, "model": model.state_dict(),
            "parameter": nn.Parameter(torch.ones(2)), "list": [torch.zeros(1), {"deep": torch.ones(1)}],
            "size": torch.Size([1, 2]), "huge": -2 ** 40}
    torch.save(made, path("a.pth"))
    names, error = copy("a.pth", "b.pth")
    tap.same((names, error), (["list.0", "list.1.deep", "model.bias", "model.weight", "parameter"], ""), "a checkpoint")


def test_torchscript():
    model = nn.Sequential(collections.OrderedDict(conv=nn.Conv2d(1, 2, 3), norm=nn.BatchNorm2d(2))).eval()
    for how, made in (("script", torch.jit.script(model)), ("trace", torch.jit.trace(model, torch.zeros(1, 1, 5, 5)))):
        made.save(path("a.pt"))
        _, error = copy("a.pt", "b.pt")
        tap.ok(not error and same(load("b.pt"), model.state_dict()), f"TorchScript, by {how}", error)
    torch.jit.script(Head()).save(path("a.pt"))
    names, error = copy("a.pt", "b.pt")
    tap.ok(not error and set(names) == set(Head().state_dict()), "TorchScript, the head", error)
    half = torch.jit.script(model.half())
    half.save(path("a.pt"))
    _, error = copy("a.pt", "b.pt")
    tap.ok(not error and load("b.pt")["conv.weight"].dtype == torch.float16, "TorchScript, halves", error)


class Hostile:
    def __reduce__(self):
        return os.system, ("false",)


def test_refused():
    for made, word in (({"a": Hostile()}, "posix.system"), (nn.Linear(2, 2), "torch.nn.modules.linear.Linear"),
                       ({"a": torch.zeros(2, dtype=torch.complex64)}, "torch.ComplexFloatStorage"), ({"a": 5}, "no tensors"),
                       ({"a": torch.zeros(1, 1, 1, 1, 1, 1, 1, 1, 1)}, "8 dimensions")):
        torch.save(made, path("a.pth"))
        names, error = copy("a.pth", "b.pth")
        tap.ok(word in error and "a.pth" in error and not names, f"refused: {error}")
    torch.save({"a": torch.ones(1)}, path("a.pth"), _use_new_zipfile_serialization=False)
    _, error = copy("a.pth", "b.pth")
    tap.ok("before 1.6" in error, f"refused: {error}")


torch.manual_seed(1)
test_head()
test_types()
test_views()
test_checkpoint()
test_torchscript()
test_refused()
DIR.cleanup()
tap.done()
