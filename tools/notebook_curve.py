#!/usr/bin/env python3
"""Trains the notebook's model, at its full size by default, with PyTorch and with bookend: the same first weights, the
same stored embeddings, no dropout, no augmentation, no shuffling. Prints the two loss curves and fails when they part:

    notebook_curve.py build/bookend [--layers 16 --dim 512 --heads 16 --epochs 3 --rate 5e-5 --batch 4]

The same comparison at a small size is a test (tests/unit/test_train.c, from tools/notebook_reference.py)."""
import argparse
import csv
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch

import notebook_reference as notebook

EPISODES = (('show1_a', 180, 14, 150), ('show1_b', 120, 9, 85), ('show2_d', 120, 21, 100), ('show3_c', 60, 5, 60))
APART = 1e-3


def clock(seconds):
    return f'{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}'


def write_tracks(folder):
    """The windows of each side, and the files that bookend reads."""
    g, sides = np.random.default_rng(7), {False: [], True: []}
    with open(f'{folder}/labels.csv', 'w', encoding='utf-8') as labels:
        labels.write('file,start_main,end_main\n')
        for name, seconds, start, end in EPISODES:
            x, y = notebook.windows(notebook.track(g, seconds, start, end), start, end)
            np.savez_compressed(f'{folder}/{name}_windows.npz', windows=x, start_indices=np.arange(len(x)) * 60)
            labels.write(f'{name}.mp4,{clock(start)},{clock(end)}\n')
            sides[name.startswith('show2')].append((x, y))
    return [[torch.from_numpy(np.concatenate(part)) for part in zip(*sides[held])] for held in (False, True)]


def train_torch(model, sides, o):
    optim = torch.optim.Adam(model.parameters(), lr=o.rate)
    return [(notebook.epoch(model, optim, *sides[0]), notebook.epoch(model, None, *sides[1])) for _ in range(o.epochs)]


def train_bookend(folder, o):
    subprocess.run([o.bookend, 'train', '--quiet', '--recipe', 'notebook', '--labels', f'{folder}/labels.csv',
                    '--embeddings', folder, '--from', f'{folder}/first.pth', '--heads', str(o.heads), '--rate', str(o.rate), '--batch', str(o.batch),
                    '--epochs', str(o.epochs), '--no-shuffle', '--no-augment', '--dropout', '0', '--val-shows', 'show2',
                    '--out', f'{folder}/head.safetensors'], check=True)
    with open(f'{folder}/train.csv', encoding='utf-8') as f:
        return [(float(r['train_loss']), float(r['val_loss'])) for r in csv.DictReader(f)]


def main():
    a = argparse.ArgumentParser()
    a.add_argument('bookend')
    for name, value in (('layers', 16), ('dim', 512), ('heads', 16), ('epochs', 3), ('rate', 5e-5), ('batch', 4)):
        a.add_argument('--' + name, type=type(value), default=value)
    o = a.parse_args()
    notebook.LAYERS, notebook.DIM, notebook.HEADS, notebook.BATCH = o.layers, o.dim, o.heads, o.batch
    torch.manual_seed(11)
    model, worst = notebook.Head(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        sides = write_tracks(folder)
        torch.save(model.state_dict(), f'{folder}/first.pth')
        ours, theirs = train_bookend(os.path.abspath(folder), o), train_torch(model, sides, o)
    for i, (b, t) in enumerate(zip(ours, theirs)):
        print(f'epoch {i + 1}: training {b[0]:.6f} {t[0]:.6f}, validation {b[1]:.6f} {t[1]:.6f} (bookend, PyTorch)')
        worst = max(worst, abs(b[0] - t[0]), abs(b[1] - t[1]))
    print(f'at most {worst:.2g} apart, {sum(p.numel() for p in model.parameters())} parameters')
    sys.exit(len(ours) != o.epochs or not worst <= APART)


main()
