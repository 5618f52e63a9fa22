#!/usr/bin/env python3
"""A training that is killed with SIGKILL at random moments, again and again, ends with the bytes of one that never was.
TAP. usage: resume.py BOOKEND [SEED]"""
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

BOOKEND = os.path.abspath(sys.argv[1])
DIM, SECONDS, FILMS = 16, 150, 8


def npy(descr, shape, data):
    head = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + data


def write_track(path, draw, start, end):
    """A track as the notebook writes it: noise, shifted where there are titles."""
    n = SECONDS // 60
    values = [draw.gauss(1.5 if t < start or t >= end else 0, 1) for t in range(n * 60) for _ in range(DIM)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("windows.npy", npy("<f4", (n, 60, DIM), struct.pack(f"<{len(values)}f", *values)))
        z.writestr("start_indices.npy", npy("<i8", (n,), struct.pack(f"<{n}q", *range(0, n * 60, 60))))


def write_shows(folder):
    draw = random.Random(5)
    with open(os.path.join(folder, "labels.csv"), "w", encoding="utf-8") as labels:
        labels.write("file,start_main,end_main\n")
        for i in range(FILMS):
            start, end = draw.randrange(8, 30), draw.randrange(85, 110)
            name = f"show{i // 2 + 1}_e{i}"
            write_track(os.path.join(folder, name + "_windows.npz"), draw, start, end)
            labels.write(f"{name}.mkv,00:00:{start:02},00:{end // 60:02}:{end % 60:02}\n")


def command(folder, out):
    return [BOOKEND, "train", "--quiet", "--labels", os.path.join(folder, "labels.csv"), "--embeddings", folder, "--out",
            out, "--width", "32", "--layers", "2", "--heads", "2", "--mlp", "64", "--batch", "8", "--epochs", "24",
            "--val-shows", "show2", "--threads", "2"]


def read(path):
    with open(path, "rb") as f:
        return f.read()


def epochs(path):
    """train.csv without its last column, the seconds, which no two runs share."""
    return [line.rsplit(b",", 1)[0] for line in read(path).splitlines()]


def killed_run(args, draw, longest):
    """Starts and kills it until it ends by itself; how often it was killed, and the last status."""
    kills = 0
    while True:
        p = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            # later ones run longer, so that it comes to an end however slow the machine is
            _, err = p.communicate(timeout=draw.uniform(0.02, longest * (1 + kills / 8)))
            return kills, p.returncode, err.decode()
        except subprocess.TimeoutExpired:
            p.kill()
            p.communicate()
            kills += 1


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 100000
    print(f"# seed {seed}")
    with tempfile.TemporaryDirectory() as folder:
        write_shows(folder)
        whole, pieces = (os.path.join(folder, n, "head.safetensors") for n in ("whole", "pieces"))
        began = time.monotonic()
        r = subprocess.run(command(folder, whole), capture_output=True, text=True)
        took = time.monotonic() - began
        if not tap.ok(r.returncode == 0, f"a training without interruption, {took:.1f} s", r.stderr):
            tap.done()
        for round_ in range(2):
            shutil.rmtree(os.path.dirname(pieces), ignore_errors=True)
            kills, status, err = killed_run(command(folder, pieces), random.Random(seed + round_), took * 0.6)
            tap.ok(status == 0, f"ends after being killed {kills} times", err)
            tap.ok(read(pieces) == read(whole), "with the same bytes")
            tap.same(epochs(os.path.join(os.path.dirname(pieces), "train.csv")),
                     epochs(os.path.join(os.path.dirname(whole), "train.csv")), "and the same table of epochs")
            tap.ok(not os.path.exists(pieces + ".state"), "and no checkpoint left")
    tap.done()


main()
