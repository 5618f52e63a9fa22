#!/usr/bin/env python3
"""Writes tests/golden/decision.txt: what the notebook's own decision (numpy and scipy) makes of seeded
probabilities. Each case is one line: len, start, end, both thresholds, the checksum of the smoothed
probabilities; then one line of the probabilities as integers out of 65536. Needs numpy and scipy."""
import pathlib

import numpy as np
from scipy.ndimage import median_filter, uniform_filter1d


def mad(x):
    return np.median(np.abs(x - np.median(x)))


def first_block(mask):
    ones = zeros = 0
    for i, m in enumerate(mask):
        if m:
            ones, zeros = ones + 1, 0
        else:
            zeros += 1
            if ones >= 5 and zeros >= 10:
                return i - zeros + 1
    return 0


def last_block(mask):
    ones = zeros = 0
    for i in range(len(mask) - 1, -1, -1):
        if mask[i]:
            ones, zeros = ones + 1, 0
        else:
            zeros += 1
            if ones >= 5 and zeros >= 10:
                return i + zeros - 1
    return len(mask) - 1


def main():
    rng = np.random.RandomState(42)
    lines = []
    for n in [1, 2, 3, 5, 7, 8, 14, 30, 59, 60, 61, 97, 120, 300, 599, 600]:
        for noise in (0.1, 0.6, 1.0):
            p = rng.rand(n) * noise
            a = rng.randint(0, n)
            b = rng.randint(a, n)
            p[: a // 3] += 0.5
            p[b:] += 0.5
            whole = (np.clip(p, 0, 1) * 65535).astype(int)
            p = (whole / 65536).astype(np.float32)
            s = median_filter(uniform_filter1d(p, size=3), size=7)
            strict, loose = np.median(s) + 2 * mad(s), np.percentile(s, 70)
            tail = int(len(s) * 0.5)
            end = tail + last_block((s > loose)[tail:])
            checksum = float(np.sum(s.astype(np.float64) * (np.arange(n) + 1)))
            lines.append(f"{n} {first_block(s > strict)} {end} {strict:.9g} {loose:.9g} {checksum:.9g}")
            lines.append(" ".join(map(str, whole)))
    out = pathlib.Path(__file__).resolve().parent.parent / "tests" / "golden" / "decision.txt"
    out.write_text("\n".join(lines) + "\n")


main()
