#!/usr/bin/env python3
"""Reference values for training and evaluation the notebook's way, from PyTorch, pandas' rules and SciPy: a tiny
ClipAttention60 on made-up tracks, without dropout, shuffling and augmentation. Writes what tests/unit/test_train.c
reads:

    notebook_reference.py tests/golden/notebook.bin

The file is lines "NAME COUNT", an empty line, then the numbers of each name in turn, as little-endian floats. Names:
sizes (width, layers, heads, mlp, epochs, batch, rate), episode/NAME (dim numbers a second), label/NAME (start, end),
mask/NAME (the notebook's targets of its windows), w/TENSOR (weights before), best/TENSOR (those of the epoch with the
least validation loss), losses (training, validation an epoch), p/NAME (smoothed probabilities, the window of zeros
included), found/NAME (start, end, the two thresholds)."""
import sys

import numpy as np
import torch
from scipy.ndimage import median_filter, uniform_filter1d
from torch import nn

WINDOW, DIM, LAYERS, HEADS, EPOCHS, BATCH, RATE = 60, 16, 2, 2, 3, 2, 3e-3
# name, seconds (a multiple of 60 as the notebook keeps them), start and end of the story
EPISODES = (('show1_a', 180, 14.6, 150.2), ('show1_b', 120, 9.0, 85.0), ('show1_c', 60, 0.0, 60.0),
            ('show2_d', 240, 21.0, 200.7))


class Head(nn.Module):
    """The notebook's network with other sizes."""
    def __init__(self):
        super().__init__()
        self.pos = nn.Parameter(torch.randn(WINDOW, DIM))
        layer = nn.TransformerEncoderLayer(DIM, HEADS, 4 * DIM, 0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.classifiers = nn.ModuleList([nn.Linear(DIM, 1) for _ in range(WINDOW)])

    def forward(self, x):
        h = self.encoder(x + self.pos)
        return torch.sigmoid(torch.cat([c(h[:, t]) for t, c in enumerate(self.classifiers)], 1))


def track(g, seconds, start, end):
    t = np.arange(seconds)
    titles = ((t < start) | (t >= end)).astype(float)
    signs = np.where(np.arange(DIM) % 2, 0.8, -0.8)
    return (g.normal(0, 1, (seconds, DIM)) + titles[:, None] * signs).astype(np.float32)


def windows(x, start, end):
    """Windows end to end and their masks, labels cut to whole seconds."""
    firsts = range(0, len(x) - WINDOW + 1, WINDOW)
    t = np.concatenate([np.arange(f, f + WINDOW) for f in firsts])
    y = ((t < int(start)) | (t >= int(end))).astype(np.float32)
    return x.reshape(-1, WINDOW, DIM), y.reshape(-1, WINDOW)


def epoch(model, optim, x, y):
    """One pass over all windows in their order; the mean of the batches' losses, weighed by their sizes."""
    total = 0.0
    model.train(optim is not None)
    for i in range(0, len(x), BATCH):
        with torch.set_grad_enabled(optim is not None):
            loss = nn.BCELoss()(model(x[i:i + BATCH]), y[i:i + BATCH])
        if optim is not None:
            loss.backward()
            optim.step()
            optim.zero_grad()
        total += loss.item() * len(x[i:i + BATCH])
    return total / len(x)


def train(model, sides, out):
    optim = torch.optim.Adam(model.parameters(), lr=RATE)
    losses, best = [], None
    for _ in range(EPOCHS):
        losses.append([epoch(model, optim, *sides[0]), epoch(model, None, *sides[1])])
        if losses[-1][1] == min(l[1] for l in losses):
            best = {k: v.clone() for k, v in model.state_dict().items()}
    out['losses'] = losses
    model.load_state_dict(best)
    for name, value in best.items():
        out['best/' + name] = value


def block(mask, step):
    """Index at which the first run of >= 10 zeros that follows >= 5 ones begins, walking by step; None: nowhere."""
    ones = zeros = 0
    for i in range(len(mask))[::step]:
        if mask[i]:
            ones, zeros = ones + 1, 0
        else:
            zeros += 1
            if ones >= 5 and zeros >= 10:
                return i - step * (zeros - 1)
    return None


def evaluate(model, name, x, end, out):
    w = x.reshape(-1, WINDOW, DIM)
    if end + 30 > len(x):
        w = np.concatenate([w, np.zeros((1, WINDOW, DIM), np.float32)])
    model.eval()
    with torch.no_grad():
        p = np.concatenate([model(torch.from_numpy(v)[None])[0].numpy() for v in w])
    p = median_filter(uniform_filter1d(p, size=3), size=7)
    middle = np.median(p)
    thresholds = middle + 2 * np.median(np.abs(p - middle)), np.percentile(p, 70)
    half = int(len(p) * 0.5)
    first, last = block(p > thresholds[0], 1), block((p > thresholds[1])[half:], -1)
    out['p/' + name] = p
    out['found/' + name] = [first or 0, half + (len(p) - half - 1 if last is None else last), *thresholds]


def main():
    torch.manual_seed(3)
    torch.set_num_threads(1)
    g, out, sides = np.random.default_rng(3), {}, ([[], []], [[], []])
    out['sizes'] = [DIM, LAYERS, HEADS, 4 * DIM, EPOCHS, BATCH, RATE]
    tracks = {name: track(g, n, start, end) for name, n, start, end in EPISODES}
    for name, n, start, end in EPISODES:
        x, y = windows(tracks[name], start, end)
        out['episode/' + name], out['label/' + name], out['mask/' + name] = tracks[name], [start, end], y
        side = sides[name.startswith('show2')]
        side[0].append(x)
        side[1].append(y)
    model = Head()
    for name, value in model.state_dict().items():
        out['w/' + name] = value.clone()
    train(model, [[torch.from_numpy(np.concatenate(part)) for part in side] for side in sides], out)
    for name, n, start, end in EPISODES:
        evaluate(model, name, tracks[name], end, out)
    numbers = {k: np.asarray(v, '<f4').ravel() for k, v in out.items()}
    with open(sys.argv[1], 'wb') as f:
        for k, v in numbers.items():
            f.write(f'{k} {len(v)}\n'.encode())
        f.write(b'\n')
        for v in numbers.values():
            f.write(v.tobytes())


if __name__ == '__main__':
    main()
