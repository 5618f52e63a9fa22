#!/usr/bin/env python3
"""`make bench`: bookend's networks and their peers on this machine, in turn, in short slices.

Every figure is a ratio of two neighbours in time, so that other work on the machine weighs on both; the table shows
the median of the rounds. Besides the clock's time there is the ratio of CPU time, which other work disturbs
less, but which charges a peer for threads that wait in a loop. "of SGEMM" compares with the CBLAS of the
same round running nothing but the matrix products that the work consists of. Writes bench/results.json.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
TORCH = "/usr/bin/python3"  # Debian's, with python3-torch
COMPARISONS = [  # what, batch, its limit, peer
    ("ViT-B/32, 16 pictures a call", "clip", 16, "limit-clip", "ort"),
    ("ViT-B/32, 1 picture a call", "clip", 1, "limit-clip", "ort"),
    ("full-size head, 8 windows a call", "head", 8, "limit-head", "ort"),
    ("full-size head, 1 window a call", "head", 1, "limit-head", "ort"),
    ("full-size head, training, batch of 8", "train", 8, "limit-train", "torch"),
    ("small encoder, 16 pictures a call", "small", 16, None, None),
    ("small encoder, training, batch of 16", "small-train", 16, None, None),
]
PEER_NAMES = {"ort": "ONNX Runtime", "torch": "PyTorch", "ffmpeg": "FFmpeg's decode"}


class Server:
    """A program that takes "what batch seconds" and answers "items wall cpu"."""

    def __init__(self, command, **options):
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)

    def ask(self, what, batch, seconds):
        self.child.stdin.write(f"{what} {batch} {seconds}\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            sys.exit(f"bench: {self.child.args[0]} stopped at {what} {batch}")
        items, wall, cpu = map(float, line.split())
        return {"wall": items / wall, "cpu": items / max(cpu, 1e-9)}

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def prepare(folder):
    """The peers' files: models and ONNX Runtime. Returns the peers that there are."""
    folder.mkdir(parents=True, exist_ok=True)
    peers = set()
    has_torch = subprocess.run([TORCH, "-c", "import torch"], stderr=subprocess.DEVNULL).returncode == 0
    if has_torch:
        peers.add("torch")
    else:
        say("bench: no PyTorch (Debian: python3-torch), and so no models for ONNX Runtime either")
    if has_torch and not (folder / "head.onnx").exists():
        say("bench: exporting the networks ...")
        subprocess.run([TORCH, "-W", "ignore", HERE / "peers/export.py", folder], check=True)
    if (folder / "head.onnx").exists() and shutil.which("npm"):
        if not (folder / "node_modules/onnxruntime-node").exists():
            say("bench: installing onnxruntime-node ...")
            subprocess.run(["npm", "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", folder, "onnxruntime-node"],
                           check=True, stdout=sys.stderr)
        peers.add("ort")
    else:
        say("bench: no npm, or no models: ONNX Runtime is left out")
    return peers


def film_for(folder, build, video):
    if video:
        return video
    film = folder / "show000_e0000.mp4"
    if not film.exists():
        say("bench: composing a film ...")
        subprocess.run([build / "bookend", "compose", "--out", folder, "--episodes", "1", "--seed", "7", "--min-seconds", "80",
                        "--max-seconds", "110", "--width", "640", "--height", "360", "--fps", "24", "--quiet"], check=True)
    return film


def timed(command):
    before, wall = os.times(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": 1 / (time.monotonic() - wall), "cpu": 1 / cpu}


def measure(servers, rounds, seconds, film, build, threads):
    """rows: name -> list of rounds of {"ours", "peer", "limit"}."""
    rows = {}
    for r in range(rounds):
        say(f"bench: round {r + 1} of {rounds}")
        for name, what, batch, limit, peer in COMPARISONS:
            sides = {"ours": lambda: servers["ours"].ask(what, batch, seconds)}
            if limit:
                sides["limit"] = lambda: servers["ours"].ask(limit, max(batch, 8), seconds)
            if peer in servers:
                sides["peer"] = lambda: servers[peer].ask(what, batch, seconds)
            order = sorted(sides, reverse=r % 2 == 1)
            rows.setdefault(name, []).append({side: sides[side]() for side in order})
        if film and shutil.which("ffmpeg"):
            rows.setdefault("detect on a film", []).append({
                "ours": timed([build / "bookend", "detect", "--no-cache", "-q", film]),
                "peer": timed(["ffmpeg", "-v", "error", "-threads", str(threads), "-i", film, "-map", "0:v:0", "-f", "null", "-"])})
    return rows


def middle(rounds, a, b, clock):
    ratios = [r[a][clock] / r[b][clock] for r in rounds if a in r and b in r]
    return median(ratios) if ratios else None


def summarise(rows):
    peers = {name: peer for name, _, _, _, peer in COMPARISONS}
    peers["detect on a film"] = "ffmpeg"
    out = []
    for name, rounds in rows.items():
        out.append({"name": name, "peer": PEER_NAMES.get(peers[name]),
                    "per_second": median(r["ours"]["wall"] for r in rounds),
                    "peer_per_second": median(r["peer"]["wall"] for r in rounds) if "peer" in rounds[0] else None,
                    "ratio": middle(rounds, "ours", "peer", "wall"), "cpu_ratio": middle(rounds, "ours", "peer", "cpu"),
                    "of_sgemm": middle(rounds, "ours", "limit", "wall"), "cpu_of_sgemm": middle(rounds, "ours", "limit", "cpu"),
                    "rounds": rounds})
    return out


def show(table):
    def cell(x, form):
        return form.format(x) if x is not None else "-"
    print(f"{'':38} {'ours /s':>9} {'peer /s':>9} {'ratio':>6} {'by CPU':>6} {'of SGEMM':>9} {'by CPU':>6}  peer")
    for row in table:
        print(f"{row['name']:38} {row['per_second']:9.2f} {cell(row['peer_per_second'], '{:.2f}'):>9} {cell(row['ratio'], '{:.2f}'):>6} "
              f"{cell(row['cpu_ratio'], '{:.2f}'):>6} {cell(row['of_sgemm'], '{:.0%}'):>9} {cell(row['cpu_of_sgemm'], '{:.0%}'):>6}  "
              f"{row['peer'] or ''}")


def machine():
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    name = re.search(r"model name\s*: (.*)", text)
    return {"cpu": name.group(1) if name else "unknown", "threads": len(os.sched_getaffinity(0)), "load": os.getloadavg()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", type=Path, default=Path("build"))
    p.add_argument("--peers", type=Path, help="where the peers are kept (BUILD/bench-peers)")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=float, default=1.0, help="a slice")
    p.add_argument("--video", help="a film instead of a composed one")
    p.add_argument("--only", default="", help="only rows whose name contains this")
    args = p.parse_args()
    folder = (args.peers or args.build / "bench-peers").resolve()
    global COMPARISONS
    COMPARISONS = [c for c in COMPARISONS if args.only in c[0]]
    peers, threads = prepare(folder), len(os.sched_getaffinity(0))
    film = film_for(folder, args.build.resolve(), args.video) if args.only in "detect on a film" else None
    with open(folder / "blas.txt", "w+") as blas:
        servers = {"ours": Server([args.build / "bench/bench_serve"], stderr=blas, env={**os.environ, "OPENBLAS_VERBOSE": "2"})}
        if "ort" in peers:
            servers["ort"] = Server(["node", HERE / "peers/ort_serve.js", folder, str(threads)])
        if "torch" in peers:
            servers["torch"] = Server([TORCH, HERE / "peers/torch_serve.py", str(threads)])
        about = machine()
        table = summarise(measure(servers, args.rounds, args.seconds, film, args.build.resolve(), threads))
        for s in servers.values():
            s.close()
        blas.seek(0)
        about["openblas"] = blas.read().strip()
    show(table)
    about["load_after"] = os.getloadavg()
    (HERE / "results.json").write_text(json.dumps({"machine": about, "rows": table}, indent=1) + "\n")
    say(f"bench: {HERE / 'results.json'}")


if __name__ == "__main__":
    main()
