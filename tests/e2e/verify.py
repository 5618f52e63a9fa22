#!/usr/bin/env python3
"""Other people's markers against the picture: usage and statuses, every format on an episode composed here, and the
labels of real films, true and shifted, where a folder of them lies beside the project.
usage: verify.py BOOKEND [FILMS]"""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile

import tap

BOOKEND = os.path.abspath(sys.argv[1])
SHIFT_S = 10


def run(folder, *args):
    r = subprocess.run([BOOKEND, *args], capture_output=True, text=True, timeout=600,
                       env={**os.environ, "XDG_CACHE_HOME": os.path.join(folder, "cache")})
    return r.returncode, r.stdout, r.stderr


def verify(folder, markers, *films):
    """The verdicts of each film, by its name, and the exit status."""
    status, out, err = run(folder, "verify", "--format", "json", "--quiet", *films, "--markers", markers)
    lines = [json.loads(line) for line in out.splitlines()]
    return status, {os.path.basename(v["file"]): v for v in lines}, err


def save(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def seconds(clock):
    h, m, s = clock.split(":")
    return int(h) * 3600 + int(m) * 60 + float(s)


def clock(s):
    return f"{int(s) // 3600:02d}:{int(s) // 60 % 60:02d}:{s % 60:06.3f}"


def check_usage(folder, film):
    for args, word in [((), "FILM"), ((film,), "--markers"), ((film, "--markers", "x", "--tolerance", "-1"), "tolerance"),
                       ((film, "--markers", "x", "--format", "edl"), "format")]:
        status, out, err = run(folder, "verify", *args)
        tap.ok(status == 2 and not out and word in err, f"usage: verify {' '.join(args[1:])}", err)
    for name, text in [("none.edl", None), ("prose.txt", "Dear sir\n"), ("bad.edl", "5 1 0\n"), ("bad.json", '{"results":'),
                       ("other.csv", "file,start_main,end_main\nother.mkv,00:00:01,00:00:02\n")]:
        path = save(folder, name, text) if text else os.path.join(folder, name)
        status, out, err = run(folder, "verify", film, "--markers", path)
        tap.ok(status == 1 and not out and err.count("\n") == 1, f"{name}: one sentence", err)
    status, seen, err = verify(folder, save(folder, "bad.json", "{"), film)
    tap.ok(status == 1 and all("error" in v for v in seen.values()), "as JSON, too", err)
    status, out, err = run(folder, "verify", film, "--markers", save(folder, "empty.edl", ""))
    tap.ok(status == 0 and out.count("no marker") == 2 and out.count("\n") == 1, "no markers", out + err)


def check_formats(folder, film):
    """What bookend says of a film it must not contradict, whatever it is written in; and a cut into the story it must."""
    answer = json.loads(run(folder, "detect", "--format", "json", "--quiet", film)[1])
    tap.ok(answer.get("duration", 0) > 0, f"the answer: {answer.get('start_main')}, {answer.get('end_main')}")
    for fmt in ["json", "csv", "edl", "mplayer-edl", "mpv-edl", "ffmetadata", "matroska", "ogm", "webvtt", "jellyfin", "comskip",
                "aniskip", "theintrodb"]:
        if fmt == "csv" and None in (answer["start_main"], answer["end_main"]):
            continue
        path = os.path.join(folder, "own." + fmt)
        run(folder, "detect", "--format", fmt, "--out", path, "--quiet", film)
        status, seen, err = verify(folder, path, film)
        v = next(iter(seen.values()), {})
        tap.ok(status == 0 and "skips story" not in (v.get("start", {}).get("verdict"), v.get("end", {}).get("verdict")),
               f"{fmt}: {v.get('start')} {v.get('end')}", err)
    truth = json.loads(open(os.path.join(os.path.dirname(film), "truth.jsonl"), encoding="utf-8").readline())
    start, end = max(hi for _, hi in truth["start_bands"]), min(lo for lo, _ in truth["end_bands"])
    length, found = answer["duration"], answer["start_main"]
    for side, text in [("start", f"0 {start + 12} 3\n" if start > 2 else None),
                       ("end", f"{end - 12} {length} 3\n" if end < length - 2 else None)]:
        if not text:
            tap.skip(f"a cut into the story at the {side}", "nothing is to be skipped there")
            continue
        status, out, err = run(folder, "verify", film, "--markers", save(folder, side + ".edl", text))
        tap.ok(status == 1 and f"{side}: skips story: " in out, f"a cut into the story at the {side}: {out.strip()}", err)
    if shutil.which("ffmpeg") and start > 2:
        chaptered = os.path.join(folder, "chaptered.mkv")
        meta = save(folder, "bad.ffmeta", f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND={int(start) + 14}\ntitle=Vorspann\n")
        subprocess.run(["ffmpeg", "-v", "error", "-i", film, "-i", meta, "-map_chapters", "1", "-c", "copy", chaptered], check=True)
        status, out, err = run(folder, "verify", chaptered, "--markers", chaptered)
        tap.ok(status == 1 and "start: skips story: " in out and "end: no marker" in out, f"chapters of the film itself: {out.strip()}", err)
        with_them = json.loads(run(folder, "detect", "--format", "json", "--quiet", chaptered)[1])
        without = json.loads(run(folder, "detect", "--format", "json", "--quiet", "--no-chapters", chaptered)[1])
        print(f"# start with its chapter at {int(start) + 14} s: {with_them['start_main']}, without: {without['start_main']}")
        tap.same(without["start_main"] is None, found is None, "--no-chapters: the picture alone")
        tap.ok(found is None or abs(without["start_main"] - found) < 0.2, f"and its answer: {without['start_main']}, {found}")


def check_films(folder, films):
    rows = list(csv.DictReader(open(os.path.join(films, "labels.csv"), encoding="utf-8")))
    paths = [os.path.join(films, r["file"]) for r in rows]

    def labels(shift):
        lines = [f"{r['file']},{clock(seconds(r['start_main']) + shift)},{clock(seconds(r['end_main']) - shift)}" for r in rows]
        return save(folder, f"labels{shift}.csv", "\n".join(["file,start_main,end_main", *lines]) + "\n")

    seen = verify(folder, labels(0), *paths)[1]
    for name, v in seen.items():
        for side in ("start", "end"):
            tap.ok(v[side]["verdict"] == "agrees", f"{name}: the true {side} passes", v[side])
    status, seen, err = verify(folder, labels(SHIFT_S), *paths)
    for name, v in seen.items():
        for side in ("start", "end"):
            tap.ok(v[side]["verdict"] == "skips story", f"{name}: {SHIFT_S} s into the story at the {side}: {v[side]}", err)
    tap.ok(status == 1 and len(seen) == len(rows), "the exit status tells")


def main():
    with tempfile.TemporaryDirectory(prefix="bookend-verify-") as folder:
        made = os.path.join(folder, "made")
        status, _, err = run(folder, "compose", "--out", made, "--episodes", "1", "--seed", "11", "--min-seconds", "60",
                             "--max-seconds", "80", "--width", "448", "--height", "252", "--fps", "12", "--quiet")
        films = [os.path.join(made, n) for n in sorted(os.listdir(made)) if n.endswith(".mp4")] if status == 0 else []
        if films:
            check_usage(folder, films[0])
            check_formats(folder, films[0])
        else:
            tap.skip("formats", f"no generator in this build: {err}")
        if len(sys.argv) > 2 and os.path.isdir(sys.argv[2]):
            check_films(folder, sys.argv[2])
        else:
            tap.skip("real films", "no folder of them here")
    tap.done()


main()
