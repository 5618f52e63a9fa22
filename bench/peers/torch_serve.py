"""PyTorch behind the protocol of bench_serve.c: torch_serve.py THREADS. Trains the head as the notebook does: forward,
binary cross-entropy, backward, a step of Adam."""
import sys
import time

import torch
from networks import Attention60

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
net = Attention60()
net.train()
adam = torch.optim.Adam(net.parameters(), lr=5e-5)
loss = torch.nn.BCEWithLogitsLoss()


def step(x, y):
    loss(net(x), y).backward()
    adam.step()
    adam.zero_grad()


for line in sys.stdin:
    what, n, seconds = line.split()
    assert what == "train"
    x, y = torch.randn(int(n), 60, 512), torch.rand(int(n), 60).round()
    step(x, y)
    wall, cpu, items = time.monotonic(), time.process_time(), 0
    while items == 0 or time.monotonic() < wall + float(seconds):
        step(x, y)
        items += int(n)
    print(items, time.monotonic() - wall, time.process_time() - cpu, flush=True)
