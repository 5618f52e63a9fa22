#!/usr/bin/env python3
"""`make bench-road VIDEO="film..."`: whole roads, from a film's file to its answer, beside their peers on this machine.

detect    `bookend detect --no-cache` of each film against FFmpeg decoding the whole of it.
notebook  the first film on the notebook's road, with the same random CLIP ViT-B/32 and full-size head on both sides:
          frames as JPEG files, Pillow, PyTorch, .npz, thresholds (peers/notebook.py) against one `bookend detect
          --scan full --decision notebook`, whose windows overlap by half, so that its head works twice as much. Once,
          outside the rounds, the two p per second are compared, on the notebook's windows.
cache     the first film again, its answer being known: milliseconds, beside those of `true`.
files     a folder of pieces of 8 s: two workers against one, a thread each; memory for a tenth of them and for all. Cores
          need not be equally fast, so one worker is timed on each of two of them, and the mean of their rates counts.
length    the first film over and over, cut at growing lengths: time, a straight line through it (linear.svg), memory.

Sides work in turn, each round the other way round, and a ratio is one of two neighbours in time; the table shows medians
of the rounds. "peak" is the resident memory of the largest process, in MB. What was measured stands in road.json,
where parts that were left out keep their figures.
"""
import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from run import HERE, TORCH, machine

CORES = sorted(os.sched_getaffinity(0))
THREADS = len(CORES)
PIECE_S, TEN_HOURS_MIN = 8, 600


def say(*words):
    print("bench-road:", *words, file=sys.stderr, flush=True)


# ---- measuring -------------------------------------------------------------------------------------------

def run(*command, env=None, core=None):
    """Seconds by the clock and of CPU, MB at the peak and what was printed. Memory is that of the largest process below."""
    if core is not None:
        command = ("taskset", "-c", str(core), *command)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        for f in out, err:
            f.seek(0)
        if child.returncode:
            sys.exit(f"bench-road: {' '.join(map(str, command))}: status {child.returncode}\n{err.read().decode()}")
        return {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024 / 1e6,
                "out": out.read().decode()}


def in_turn(what, sides, rounds):
    """sides: name -> a function that runs it once. A list of rounds, name -> what it took."""
    out = []
    for r in range(rounds):
        say(f"{what}, round {r + 1} of {rounds}")
        out.append({side: sides[side]() for side in (reversed(sides) if r % 2 else sides)})
    return out


def middle(rounds, side, key):
    return median(r[side][key] for r in rounds)


def row(name, rounds, ours="ours", peer=None, note=""):
    """A line of the table: medians of one side and, where there is a peer, of the ratios to it."""
    out = {"name": name, "note": note} | {key: middle(rounds, ours, key) for key in ("wall", "cpu", "peak")}
    if peer:
        out |= {"peer_wall": middle(rounds, peer, "wall"), "peer_peak": middle(rounds, peer, "peak")}
        for ratio, key in ("ratio", "wall"), ("cpu_ratio", "cpu"):
            out[ratio] = median(r[ours][key] / r[peer][key] for r in rounds)
    return out


def figures(rounds):
    return [{side: {k: v for k, v in took.items() if k != "out"} for side, took in r.items()} for r in rounds]


# ---- films -----------------------------------------------------------------------------------------------

def duration(film):
    return float(run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", film)["out"])


def cut(film, out, *before, seconds):
    """The first picture and sound, as they are."""
    run("ffmpeg", "-v", "error", *before, "-i", film, "-t", str(seconds), "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", out)
    return out


def lengthen(film, out, seconds):
    cut(film, out, "-stream_loop", str(int(seconds / duration(film)) + 1), seconds=seconds)
    if abs(duration(out) - seconds) > 0.01 * seconds + 1:
        sys.exit(f"bench-road: {out} lasts {duration(out)} s, not {seconds}")
    return out


def warm(film):
    with open(film, "rb") as f:
        while f.read(1 << 22):
            pass


# ---- the roads: each returns rows of the table, and what else is worth keeping ---------------------------

def detect(bookend, films, folder, args):
    rows, all_rounds = [], {}
    for film in films:
        warm(film)
        rounds = in_turn(film.name, {
            "ours": lambda: run(bookend, "detect", "--no-cache", "-q", film),
            "peer": lambda: run("ffmpeg", "-v", "error", "-i", film, "-map", "0:v:0", "-f", "null", "-")}, args.rounds)
        rows.append(row(f"detect, {film.name}", rounds, peer="peer", note="FFmpeg's decode"))
        all_rounds[film.name] = figures(rounds)
    return {"rows": rows, "rounds": all_rounds}


def notebook_answer(folder, film, work):
    shutil.rmtree(work, ignore_errors=True)
    took = run(TORCH, "-W", "ignore", HERE / "peers/notebook.py", "find", folder, film, work, str(THREADS))
    return took | {"answer": json.loads(took["out"])}


def agreement(bookend, film, folder, work):
    """How far the notebook's p of `work` is from bookend's, whose pictures are the film's and then the notebook's own."""
    seconds, model, out = int(duration(film)), ("--model", folder / "clip.safetensors"), {}
    stamp = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    (folder / "labels.csv").write_text(f"file,start_main,end_main\nfilm.mp4,00:00:01,{stamp}\n")
    track = "show_film_windows.npz"
    for name, of in ("film", [film]), ("jpeg", ["--frames", work / "frames"]):
        tracks, report = folder / f"tracks-{name}", folder / f"report-{name}"
        tracks.mkdir()
        run(bookend, "embed", *model, "--no-cache", "-q", "--out", tracks / track if name == "film" else tracks, *of)
        run(bookend, "eval", *model, "--head", folder / "head.pth", "--decision", "notebook", "-q", "--labels",
            folder / "labels.csv", "--embeddings", tracks, "--out", report)
        out[name] = json.loads(run(TORCH, "-W", "ignore", HERE / "peers/notebook.py", "compare", work / "p.npy",
                                   report / "p_video_show_film.npy", work / "clip_windows" / track, tracks / track)["out"])
        head, said = (line.split(",") for line in (report / "episodes.csv").read_text().splitlines()[:2])
        out[name] |= {"start": float(said[head.index("start_said")]), "end": float(said[head.index("end_said")])}
    return out


def notebook(bookend, films, folder, args):
    film, work = films[0], folder / "work"
    if subprocess.run([TORCH, "-c", "import numpy, torch, PIL"], stderr=subprocess.DEVNULL).returncode:
        say("no PyTorch or no Pillow (Debian: python3-torch, python3-pil), and so no notebook")
        return None
    if duration(film) < 61:
        say(f"{film}: too short for a notebook")
        return None
    run(TORCH, "-W", "ignore", HERE / "peers/notebook.py", "weights", folder)
    warm(film)
    rounds = in_turn("the notebook's road", {
        "ours": lambda: run(bookend, "detect", "--model", folder / "clip.safetensors", "--head", folder / "head.pth", "--scan",
                            "full", "--decision", "notebook", "--no-cache", "-q", film),
        "peer": lambda: notebook_answer(folder, film, work)}, args.rounds)
    answers = [r["peer"]["answer"] for r in rounds]
    stages = {k: median(a["stages"][k] for a in answers) for k in answers[0]["stages"]}
    say("the same p?")
    apart = agreement(bookend, film, folder, work)
    note = "PyTorch: " + ", ".join(f"{k} {v:.1f} s" for k, v in stages.items())
    return {"rows": [row(f"notebook, {film.name}", rounds, peer="peer", note=note)], "peer_stages": stages,
            "peer_says": {k: answers[0][k] for k in ("start", "end")}, "agreement": apart, "rounds": figures(rounds)}


def cache(bookend, films, folder, args):
    env = {**os.environ, "XDG_CACHE_HOME": str(folder)}
    ask = lambda: run(bookend, "detect", "-q", films[0], env=env)
    first = ask()
    if not any(folder.rglob("*.json")):
        sys.exit("bench-road: no answer was kept")
    rounds = [{"ours": ask(), "peer": run("true")} for _ in range(20)]
    ms, true_ms = (1000 * middle(rounds, side, "wall") for side in ("ours", "peer"))
    note = f"{ms:.1f} ms; `true` {true_ms:.1f} ms; the first time {first['wall']:.1f} s"
    line = row(f"known, {films[0].name}", rounds, note=note)
    del line["peak"]  # less than this script's own, which is the least that is seen of a child
    return {"rows": [line], "ms": ms, "true_ms": true_ms, "rounds": figures(rounds)}


def at_mean_rate(took):
    """One worker as fast as several are on average."""
    slower = {key: len(took) / sum(1 / t[key] for t in took) for key in ("wall", "cpu")}
    return slower | {"peak": max(t["peak"] for t in took), "each": [t["wall"] for t in took]}


def files(bookend, films, folder, args):
    film, n = films[0], 20 if args.quick else 200
    few, many = folder / "few", folder / "many"
    span = max(0.0, duration(film) - PIECE_S)
    say(f"cutting {n} pieces")
    few.mkdir()
    many.mkdir()
    for i in range(n):
        piece = cut(film, many / f"piece{i:03}{film.suffix}", "-ss", f"{span * i / n:.3f}", seconds=PIECE_S)
        if i % 10 == 0:
            os.link(piece, few / piece.name)
    work = lambda at, k, core=None: run(bookend, "detect", "--no-cache", "-q", "-j", k, "-t", k, at, core=core)
    alone = lambda at: at_mean_rate([work(at, "1", core) for core in CORES[:2]])
    sides = {f"{at.name} {k}": lambda at=at, k=k: work(at, k) if k == "2" else alone(at)
             for at in (few, many) for k in "12"}
    rounds = in_turn("files", sides, args.rounds)
    two = row(f"{n} files, two workers", rounds, "many 2", "many 1", "one worker")
    two["note"] += f": {median(r['many 1']['wall'] / r['many 2']['wall'] for r in rounds):.2f} times as fast"
    tenth = row(f"{n // 10} files, two workers", rounds, "few 2", "few 1", "one worker")
    return {"rows": [tenth, two], "rounds": figures(rounds)}


def straight(points):
    """Least squares: y at 0, y a step, and the largest distance from it as a share of the line."""
    n, sx, sy = len(points), sum(x for x, _ in points), sum(y for _, y in points)
    slope = (n * sum(x * y for x, y in points) - sx * sy) / (n * sum(x * x for x, _ in points) - sx * sx)
    base = (sy - slope * sx) / n
    return base, slope, max(abs(y / (base + slope * x) - 1) for x, y in points)


def length(bookend, films, folder, args):
    film, minutes = films[0], (2, 4, 8, 16) if args.quick else (10, 20, 40, 80)
    detect = lambda at: run(bookend, "detect", "--no-cache", "-q", at)
    say("making films of", *minutes, "minutes")
    made = {m: lengthen(film, folder / f"{m}{film.suffix}", 60 * m) for m in minutes}
    for at in made.values():
        warm(at)
    rounds = in_turn("length", {m: lambda at=at: detect(at) for m, at in made.items()}, min(args.rounds, 3))
    rows = [row(f"{m} minutes of {film.name}", rounds, m) for m in minutes]
    points = [(m, r["wall"]) for m, r in zip(minutes, rows)]
    base, slope, off = straight(points)
    cpu_off = straight([(m, r["cpu"]) for m, r in zip(minutes, rows)])[2]
    rows[-1]["note"] = f"{base:.2f} s + {slope:.3f} s a minute; at most {off:.1%} off the line (by CPU {cpu_off:.1%})"
    args.out.joinpath("linear.svg").write_text(drawing(points, base, slope, off))
    for at in made.values():
        at.unlink()
    line = {"base_s": base, "s_per_minute": slope, "largest_deviation": off, "cpu_largest_deviation": cpu_off}
    out = {"rows": rows, "line": line, "rounds": figures(rounds)}
    if not args.quick:
        out["ten_hours"] = ten_hours(film, folder, detect, rows, base + slope * TEN_HOURS_MIN)
    return out


def ten_hours(film, folder, detect, rows, expected):
    needed = film.stat().st_size / duration(film) * 60 * TEN_HOURS_MIN
    if shutil.disk_usage(folder).free < 1.1 * needed:
        say(f"ten hours need {needed / 1e9:.1f} GB under {folder.parent}, which has less: left out (see TMPDIR)")
        return None
    say("ten hours")
    rounds = [{"ours": detect(lengthen(film, folder / f"long{film.suffix}", 60 * TEN_HOURS_MIN))}]
    rows.append(row(f"ten hours of {film.name}", rounds, note=f"the line says {expected:.0f} s"))
    return figures(rounds)[0]["ours"]


# ---- showing ---------------------------------------------------------------------------------------------

def drawing(points, base, slope, off):
    """The lengths in minutes and the seconds they took, with the line through them, as SVG."""
    left, top, wide, high = 60, 40, 520, 280
    right, roof = 1.05 * points[-1][0], 1.1 * max(y for _, y in points)
    step = 10 ** math.floor(math.log10(roof / 2))
    step = next(step * k for k in (1, 2, 5, 10) if roof / (step * k) <= 6)
    x, y = lambda m: left + wide * m / right, lambda s: top + high * (1 - s / roof)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + wide + 20} {top + high + 50}" '
           'font-family="sans-serif" font-size="13" text-anchor="middle">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="{left + wide / 2}" y="24">bookend detect: {base:.2f} s + {slope:.3f} s a minute of film, '
           f'at most {off:.1%} off</text>']
    for k in range(int(roof / step) + 1):
        out += [f'<path d="M{left} {y(k * step):.1f}h{wide}" stroke="#ddd"/>',
                f'<text x="{left - 8}" y="{y(k * step) + 4:.1f}" text-anchor="end">{k * step:g}</text>']
    for m, _ in points:
        out += [f'<path d="M{x(m):.1f} {top + high}v5" stroke="black"/>',
                f'<text x="{x(m):.1f}" y="{top + high + 20}">{m}</text>']
    out += [f'<path d="M{left} {top}v{high}h{wide}" fill="none" stroke="black"/>',
            f'<path d="M{x(0):.1f} {y(base):.1f}L{x(right):.1f} {y(base + slope * right):.1f}" stroke="#c60"/>']
    out += [f'<circle cx="{x(m):.1f}" cy="{y(s):.1f}" r="4" fill="#06c"><title>{m} minutes: {s:.2f} s</title></circle>'
            for m, s in points]
    out += [f'<text x="{left + wide / 2}" y="{top + high + 40}">minutes of film</text>',
            f'<text transform="translate(16 {top + high / 2}) rotate(-90)">seconds</text>', "</svg>\n"]
    return "\n".join(out)


def show(rows):
    columns = (("wall", "ours s", 8, 3), ("peer_wall", "peer s", 8, 3), ("ratio", "ratio", 6, 2), ("cpu_ratio", "by CPU", 6, 2),
               ("peak", "peak", 6, 0), ("peer_peak", "peer", 6, 0))
    wide = max(len(r["name"]) for r in rows)
    print(" " * wide, *(f"{title:>{w}}" for _, title, w, _ in columns), " peer, or remark")
    for r in rows:
        cells = (f"{r[key]:{w}.{digits}f}" if key in r else f"{'-':>{w}}" for key, _, w, digits in columns)
        print(f"{r['name']:{wide}}", *cells, f" {r['note']}".rstrip())


PARTS = {f.__name__: f for f in (detect, notebook, cache, files, length)}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("films", nargs="+", type=Path, metavar="FILM")
    p.add_argument("--build", type=Path, default=Path("build"))
    p.add_argument("--out", type=Path, default=HERE, help="where road.json and linear.svg are put (beside this script)")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--only", default=",".join(PARTS), help="parts, comma separated: %(default)s")
    p.add_argument("--quick", action="store_true", help="one round of each, on few and short files: to see that all of it runs")
    args = p.parse_args()
    parts = args.only.split(",")
    if unknown := [name for name in parts if name not in PARTS]:
        p.error(f"no part is called {unknown[0]}; there are {', '.join(PARTS)}")
    if args.rounds < 1:
        p.error("at least one round")
    args.rounds = 1 if args.quick else args.rounds
    for film in args.films:
        if not film.is_file():
            p.error(f"no film {film}")
    for tool in "ffmpeg", "ffprobe":
        if not shutil.which(tool):
            sys.exit(f"bench-road: no {tool}")
    films, bookend, kept = [f.resolve() for f in args.films], args.build.resolve() / "bookend", args.out / "road.json"
    if not bookend.is_file():
        sys.exit(f"bench-road: no {bookend}; see `make build`")
    args.out.mkdir(parents=True, exist_ok=True)
    all_parts = json.loads(kept.read_text()) if kept.exists() else {}
    rows = []
    for name in parts:
        about = {"quick": args.quick, "machine": machine()}
        with tempfile.TemporaryDirectory(prefix="bookend-bench-") as d:
            result = PARTS[name](bookend, films, Path(d), args)
        if result:
            about["load_after"] = os.getloadavg()
            all_parts[name] = about | result
            rows += result["rows"]
            kept.write_text(json.dumps(all_parts, indent=1) + "\n")
    if rows:
        show(rows)
    say(f"{kept}{', of --quick: its times say nothing' if args.quick else ''}")


if __name__ == "__main__":
    main()
