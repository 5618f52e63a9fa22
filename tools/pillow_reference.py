#!/usr/bin/env python3
"""Reference values for picture/resize.c and media/still.c, from Pillow.

Pictures made by a formula, resized with Image.BICUBIC: DIR/resize_CASE.bin for small cases (the bytes, u8 [h, w, 3])
and DIR/resize.txt with a line "from_w from_h to_w to_h HASH" for these and for larger ones (FNV-1a, 64 bits).
tests/unit/test_resize.c makes the same pictures. And small picture files of several kinds, DIR/still/NAME, each with
what Pillow reads from it, DIR/still/NAME.rgb (two u16 little-endian, width and height, then u8 [h, w, 3]):

    pillow_reference.py tests/golden

Written with Pillow 9.4; later releases resize to the same bytes."""
import pathlib
import sys

import numpy as np
from PIL import Image

SMALL = [(16, 12, 8, 6), (9, 7, 23, 19), (31, 1, 7, 1), (1, 17, 5, 4), (12, 12, 12, 12),
         (20, 10, 20, 5), (20, 10, 7, 10)]
LARGE = [(1280, 720, 224, 224), (1920, 1080, 224, 224), (640, 360, 398, 224), (33, 65, 224, 224),
         (224, 224, 224, 224),
         (853, 480, 224, 224), (720, 576, 224, 180), (1, 1, 50, 40), (3, 1000, 2, 7), (1000, 3, 1500, 2),
         (321, 181, 320, 180)]


def picture(w, h):
    """Noise with patches of pure black and white: sharp edges overshoot, and the overshoot must be cut."""
    y, x, c = np.meshgrid(*(np.arange(n, dtype=np.uint64) for n in (h, w, 3)), indexing="ij")
    n = ((x * 73856093) ^ (y * 19349663) ^ (c * 83492791)) & 0xFFFFFFFF
    n = (n * 2654435761) & 0xFFFFFFFF
    n ^= n >> 15
    patch = ((x // 5 + y // 3) & 3) == 0
    value = np.where(patch, ((x // 5 + y // 3) >> 2 & 1) * 255, n & 0xFF)
    return value.astype(np.uint8)


def fnv(data):
    n = 0xCBF29CE484222325
    for b in data:
        n = ((n ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return n


def resized(case):
    from_w, from_h, to_w, to_h = case
    return np.asarray(Image.fromarray(picture(from_w, from_h)).resize((to_w, to_h), Image.BICUBIC)).tobytes()


def scene(w, h):
    """A sky over hills with a bright disc: smooth parts and edges."""
    y, x = np.mgrid[0:h, 0:w] / max(w, h)
    hills = y > 0.45 + 0.1 * np.sin(9 * x)
    disc = (x - 0.7) ** 2 + (y - 0.2) ** 2 < 0.012
    rgb = np.stack([90 + 110 * y, 130 + 90 * y, 230 - 60 * y], -1)
    rgb[hills] = np.stack([60 + 50 * x, 110 + 60 * x, 50 + 20 * y], -1)[hills]
    rgb[disc] = 250, 230, 120
    return Image.fromarray(rgb.round().astype(np.uint8))


def save_stills(to):
    to.mkdir(exist_ok=True)
    whole, odd = scene(64, 48), scene(33, 21)
    alpha = whole.convert("RGBA")
    alpha.putalpha(whole.convert("L"))
    stills = {
        "420.jpg": (whole, {"quality": 90}), "444.jpg": (whole, {"quality": 80, "subsampling": 0}),
        "422.jpg": (whole, {"quality": 90, "subsampling": 1}), "odd.jpg": (odd, {"quality": 90}),
        "progressive.jpg": (whole, {"quality": 85, "progressive": True}),
        "gray.jpg": (whole.convert("L"), {"quality": 90}),
        "rgb.png": (whole, {}), "odd.png": (odd, {}), "gray.png": (whole.convert("L"), {}), "alpha.png": (alpha, {}),
        "palette.png": (whole.quantize(40), {}), "lossless.webp": (whole, {"lossless": True}),
        "lossy.webp": (whole, {"quality": 90}),
        "palette.gif": (whole.quantize(60), {}), "rgb.bmp": (odd, {}), "rgb.tiff": (odd, {}),
    }
    for name, (picture_, options) in stills.items():
        picture_.save(to / name, **options)
        back = np.asarray(Image.open(to / name).convert("RGB"))
        head = np.array([back.shape[1], back.shape[0]], "<u2").tobytes()
        (to / (name + ".rgb")).write_bytes(head + back.tobytes())


def main():
    to = pathlib.Path(sys.argv[1])
    save_stills(to / "still")
    lines = []
    for case in SMALL + LARGE:
        data = resized(case)
        lines.append("%d %d %d %d %016x\n" % (*case, fnv(data)))
        if case in SMALL:
            (to / ("resize_%dx%d_%dx%d.bin" % case)).write_bytes(data)
    (to / "resize.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
