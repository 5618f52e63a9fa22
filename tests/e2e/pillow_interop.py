#!/usr/bin/env python3
"""Resizes many pictures of random sizes with picture/resize.c and with Pillow: the same bytes are wanted.

usage: pillow_interop.py RESIZE_PIPE     (the test program that resizes its input)
"""
import random
import subprocess
import sys

import tap

CASES = 150


def sizes(rng):
    """Sides from 1 to about 500, small ones as likely as large; now and then one side is kept."""
    s = [int(2 ** rng.uniform(0, 9)) for _ in range(4)]
    if rng.random() < 0.15:
        s[2] = s[0]
    if rng.random() < 0.15:
        s[3] = s[1]
    return s


def picture(rng, n):
    data = rng.randbytes(n)
    return data if rng.random() < 0.7 else bytes(255 if b > 127 else 0 for b in data)


def main():
    try:
        from PIL import Image, __version__
    except ImportError:
        tap.skip("resizing as Pillow", "no Pillow for this python")
        tap.done()
    rng = random.Random(11)
    cases = [(s, picture(rng, s[0] * s[1] * 3)) for s in (sizes(rng) for _ in range(CASES))]
    sent = b"".join(b"%d %d %d %d\n" % tuple(s) + data for s, data in cases)
    got = subprocess.run([sys.argv[1]], input=sent, check=True, capture_output=True).stdout
    at, wrong = 0, []
    for s, data in cases:
        n = s[2] * s[3] * 3
        due = Image.frombytes("RGB", tuple(s[:2]), data).resize(tuple(s[2:]), Image.BICUBIC).tobytes()
        if got[at:at + n] != due:
            wrong.append("%d x %d to %d x %d" % tuple(s))
        at += n
    tap.ok(not wrong and at == len(got), f"{CASES} pictures as Pillow {__version__} resizes them", "\n".join(wrong))
    tap.done()


if __name__ == "__main__":
    main()
