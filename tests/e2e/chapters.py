#!/usr/bin/env python3
"""Chapters written into real files by stream copy: everything else stays, as ffmpeg and mkvmerge see it, and a run
that is killed at any moment leaves the film whole. usage: chapters.py REMUX_FILM BOOKEND"""
import hashlib
import json
import os
import random
import re
import stat
import subprocess
import sys
import tempfile
import time

import tap

REMUX, BOOKEND = (os.path.abspath(p) for p in sys.argv[1:3])
FOUND = ["0", "Intro!", "3.5", "Main", "16", "Credits!"]
TWO = "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=9000\ntitle=First part\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=9000\nEND=20000\ntitle=Zweiter; Teil\n"


def run(*command, **options):
    return subprocess.run(command, capture_output=True, timeout=120, **options)


def ffmpeg(*args):
    r = run("ffmpeg", "-v", "error", "-y", *args)
    if r.returncode:
        raise RuntimeError(r.stderr.decode())


def probe(path, *what):
    return json.loads(run("ffprobe", "-v", "error", "-of", "json", *what, path).stdout)


def chapters(path):
    return [(round(float(c["start_time"]), 3), round(float(c["end_time"]), 3), c.get("tags", {}).get("title", ""))
            for c in probe(path, "-show_chapters")["chapters"]]


def film_streams(path):
    """Streams without the track in which MP4 keeps its chapters."""
    return [s for s in probe(path, "-show_streams")["streams"] if s.get("codec_name") != "bin_data"
            and not (s["codec_type"] == "data" and s.get("codec_tag_string") == "text")]


def facts(path):
    """What must not change: streams with their tags, marks and codecs; the file's tags; every packet."""
    streams = [{k: s.get(k) for k in ("codec_type", "codec_name", "disposition", "width", "height", "channels",
                                      "sample_rate", "start_time", "sample_aspect_ratio",
                                      "color_space", "extradata_size")}
               | {"tags": {k: v for k, v in s.get("tags", {}).items() if k.upper() not in ("ENCODER", "DURATION", "VENDOR_ID")}}
               for s in film_streams(path)]
    tags = {k: v for k, v in probe(path, "-show_format")["format"].get("tags", {}).items()
            if k.upper() not in ("ENCODER", "MAJOR_BRAND", "MINOR_VERSION", "COMPATIBLE_BRANDS")}
    maps = [a for s in film_streams(path) for a in ("-map", f"0:{s['index']}") if s["codec_type"] != "attachment"]
    hashes = run("ffmpeg", "-v", "error", "-i", path, *maps, "-c", "copy", "-f", "streamhash", "-").stdout
    times = [[(p.get("pts_time"), p["size"], p["flags"][0]) for p in probe(path, "-show_packets", "-select_streams",
              str(s["index"]))["packets"]] for s in film_streams(path) if s["codec_type"] != "attachment"]
    return streams, tags, hashes, times


def attachments(path, folder):
    d = tempfile.mkdtemp(dir=folder)
    run("ffmpeg", "-v", "error", "-dump_attachment:t", "", "-i", os.path.abspath(path), cwd=d)
    return {n: hashlib.sha256(open(os.path.join(d, n), "rb").read()).hexdigest() for n in sorted(os.listdir(d))}


def sources(folder):
    """Short pictures and sounds, a cover, subtitles, a font that is none."""
    p = lambda name: os.path.join(folder, name)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=192x108:r=12:d=20", "-c:v", "mpeg4", "-q:v", "8", "-bf", "2", p("v.mkv"))
    ffmpeg("-f", "lavfi", "-i", "sine=300:d=20", "-c:a", "aac", "-b:a", "32k", p("a.m4a"))
    ffmpeg("-f", "lavfi", "-i", "sine=500:d=20", "-c:a", "libopus", "-b:a", "24k", p("b.mka"))
    ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-frames:v", "1", p("cover.jpg"))
    open(p("s.srt"), "w").write("1\n00:00:01,000 --> 00:00:03,000\nHello\n\n2\n00:00:11,000 --> 00:00:13,500\nWorld\n")
    open(p("font.ttf"), "wb").write(bytes(range(256)) * 40)
    open(p("two.ffmeta"), "w").write(";FFMETADATA1\ntitle=A film\nartist=Somebody\n" + TWO)


def make_mkv(folder, name, cover=True):
    p = lambda n: os.path.join(folder, n)
    ffmpeg("-i", p("v.mkv"), "-i", p("a.m4a"), "-i", p("b.mka"), "-i", p("s.srt"), "-i", p("two.ffmeta"), "-map", "0:v", "-map", "1:a",
           "-map", "2:a", "-map", "3:s", "-map", "3:s", "-map_metadata", "4", "-map_chapters", "4", "-c", "copy", "-c:s:0", "srt",
           "-c:s:1", "ass", "-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=jpn", "-metadata:s:a:1",
           "title=Commentary", "-disposition:a:0", "0", "-disposition:a:1", "default+comment", "-disposition:s:0", "forced",
           "-metadata", "LABEL=kept", "-attach", p("font.ttf"), "-metadata:s:t:0", "mimetype=application/x-truetype-font",
           *(["-attach", p("cover.jpg"), "-metadata:s:t:1", "mimetype=image/jpeg", "-metadata:s:t:1", "filename=cover.jpg"] if cover else []),
           p(name))
    return p(name)


def make_mp4(folder, name, *flags):
    p = lambda n: os.path.join(folder, n)
    ffmpeg("-i", p("v.mkv"), "-i", p("a.m4a"), "-i", p("a.m4a"), "-i", p("s.srt"), "-i", p("cover.jpg"), "-i", p("two.ffmeta"), "-map", "0:v",
           "-map", "1:a", "-map", "2:a", "-map", "3:s", "-map", "4:v", "-map_metadata", "5", "-map_chapters", "5", "-c", "copy",
           "-c:s", "mov_text", "-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=fre", "-disposition:v:1",
           "attached_pic", *flags, p(name))
    return p(name)


def check_kept(name, path, folder, expected):
    before, mode, files = facts(path), 0o640, attachments(path, folder)
    os.chmod(path, mode)
    r = run(REMUX, path, *FOUND)
    tap.ok(r.returncode == 0, f"{name}: written", r.stderr.decode())
    after = facts(path)
    for what, a, b in zip(("streams", "tags of the file", "hashes of all packets", "times of all packets"), before, after):
        tap.same(b, a, f"{name}: {what} are kept")
    tap.same(attachments(path, folder), files, f"{name}: {len(files)} attachments are kept")
    tap.same(stat.S_IMODE(os.stat(path).st_mode), mode, f"{name}: permissions are kept")
    got = chapters(path)
    off = [abs(x - y) for g, e in zip(got, expected) for x, y in zip(g[:2], e[:2])]
    tap.ok([c[2] for c in got] == [c[2] for c in expected] and max(off) < 0.11, f"{name}: chapters {got}", expected)
    tap.ok(all(a[1] <= b[0] + 0.002 for a, b in zip(got, got[1:])), f"{name}: they are in order")
    id_before = os.stat(path).st_ino, os.stat(path).st_mtime_ns
    run(REMUX, path, *FOUND)
    tap.same((os.stat(path).st_ino, os.stat(path).st_mtime_ns), id_before, f"{name}: a second run changes nothing")
    tap.same([n for n in os.listdir(os.path.dirname(path)) if n.startswith(".bookend")], [], f"{name}: nothing is left behind")


JOINED = [(0, 3.5, "Intro"), (3.5, 9, "First part"), (9, 16, "Zweiter; Teil"), (16, 20, "Credits")]
NEW = [(0, 3.5, "Intro"), (3.5, 16, "Main"), (16, 20, "Credits")]


def check_containers(folder):
    mkv = make_mkv(folder, "film.mkv")
    check_kept("Matroska with chapters", mkv, folder, JOINED)
    if not tap.missing("mkvmerge reads it", "mkvmerge"):
        j = json.loads(run("mkvmerge", "-J", mkv).stdout)
        tap.same((len(j["tracks"]), len(j["attachments"]), j["chapters"][0]["num_entries"], j["errors"]), (5, 2, 4, []),
                 "mkvmerge sees the tracks, attachments and chapters")
        tap.same([(t["properties"].get("language"), t["properties"]["default_track"], t["properties"]["forced_track"])
                  for t in j["tracks"][1:4]], [("ger", False, False), ("jpn", True, False), ("und", False, True)],
                 "and languages and marks")
    plain = os.path.join(folder, "plain.mkv")
    ffmpeg("-i", os.path.join(folder, "v.mkv"), "-map_metadata", "-1", "-c", "copy", plain)
    check_kept("Matroska without", plain, folder, NEW)
    late = os.path.join(folder, "late.mkv")
    ffmpeg("-copyts", "-itsoffset", "5", "-i", os.path.join(folder, "v.mkv"), "-c", "copy", late)
    check_kept("Matroska that starts at 5 s", late, folder, [(5, 8.5, "Intro"), (8.5, 21, "Main"), (21, 25, "Credits")])
    check_kept("MP4 with a cover and chapters", make_mp4(folder, "film.mp4"), folder, JOINED)
    fast = make_mp4(folder, "fast.mp4", "-movflags", "+faststart")
    check_kept("MP4 with its index first", fast, folder, JOINED)
    tap.ok(b"moov" in open(fast, "rb").read(64), "its index is still first")
    own = make_mp4(folder, "own.mov", "-movflags", "+use_metadata_tags", "-metadata", "com.example.note=mine", "-f", "mov")
    check_kept("MOV with a tag of its own", own, folder, JOINED)
    webm = os.path.join(folder, "film.webm")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=10:d=20", "-i", os.path.join(folder, "b.mka"), "-i", os.path.join(folder, "s.srt"),
           "-map", "0", "-map", "1", "-map", "2", "-c:v", "libvpx", "-cpu-used", "8", "-deadline", "realtime", "-b:v", "60k", "-c:a", "copy",
           "-c:s", "webvtt", "-metadata:s:a:0", "language=eng", webm)
    check_kept("WebM", webm, folder, NEW)
    tap.ok(b"webm" in open(webm, "rb").read(64), "it still says webm")


def check_refusals(folder):
    avi, ts = os.path.join(folder, "film.avi"), os.path.join(folder, "film.ts")
    ffmpeg("-i", os.path.join(folder, "v.mkv"), "-c", "copy", avi)
    ffmpeg("-i", os.path.join(folder, "v.mkv"), "-c:v", "mpeg2video", "-r", "25", ts)
    for path in (avi, ts):
        before = open(path, "rb").read()
        r = run(REMUX, path, *FOUND)
        tap.ok(r.returncode == 1 and b"Matroska, WebM, MP4 and MOV" in r.stderr and open(path, "rb").read() == before,
               f"{os.path.basename(path)} is refused", r.stderr.decode())
    if not tap.missing("chapters that FFmpeg does not read whole", "mkvmerge"):
        nested = os.path.join(folder, "nested.mkv")
        atom = "<ChapterAtom><ChapterTimeStart>{}</ChapterTimeStart><ChapterDisplay><ChapterString>x</ChapterString></ChapterDisplay>{}</ChapterAtom>"
        for what, inner in [("chapters within chapters", atom.format("00:00:01", atom.format("00:00:02", ""))),
                            ("a second edition", atom.format("00:00:01", "") + "</EditionEntry><EditionEntry>" + atom.format("00:00:03", ""))]:
            xml = os.path.join(folder, "nested.xml")
            open(xml, "w").write(f'<?xml version="1.0"?><Chapters><EditionEntry>{inner}</EditionEntry></Chapters>')
            run("mkvmerge", "-o", nested, "--chapters", xml, os.path.join(folder, "v.mkv"))
            before = open(nested, "rb").read()
            r = run(REMUX, nested, *FOUND)
            tap.ok(r.returncode == 1 and b"chapters within chapters" in r.stderr and open(nested, "rb").read() == before,
                   f"{what}: refused", r.stderr.decode())
    cut = os.path.join(folder, "cut.mp4")
    open(cut, "wb").write(open(os.path.join(folder, "film.mp4"), "rb").read()[:3000])
    r = run(REMUX, cut, *FOUND)
    tap.ok(r.returncode == 1 and r.stderr.count(b"\n") == 1, "a cut file is refused", r.stderr.decode())
    link, target = os.path.join(folder, "link.mkv"), make_mkv(folder, "target.mkv", cover=False)
    os.symlink("target.mkv", link)
    r = run(REMUX, link, *FOUND)
    tap.ok(r.returncode == 0 and os.path.islink(link) and len(chapters(target)) == 4, "a link stays a link", r.stderr.decode())
    r = run("sh", "-c", 'ulimit -f 100; trap "" XFSZ; exec "$@"', "sh", REMUX, make_mkv(folder, "big.mkv"), *FOUND)
    tap.ok(r.returncode == 1 and len(chapters(os.path.join(folder, "big.mkv"))) == 2, "a disk that is full leaves the film", r.stderr.decode())


def check_kills(folder, times=50):
    d = os.path.join(folder, "kills")
    os.mkdir(d)
    film, spare = os.path.join(d, "film.mkv"), os.path.join(folder, "kill.mkv")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240:r=12:d=20", "-c:v", "rawvideo", "-pix_fmt", "yuv420p", spare)
    data = open(spare, "rb").read()
    whole = hashlib.sha256(data).digest()
    open(film, "wb").write(data)
    began = time.monotonic()
    run(REMUX, film, *FOUND)
    took = time.monotonic() - began
    streams = run("ffmpeg", "-v", "error", "-i", spare, "-c", "copy", "-f", "streamhash", "-").stdout
    r, old, new, bad, most = random.Random(7), 0, 0, 0, 0
    open(film, "wb").write(data)
    for _ in range(times):
        p = subprocess.Popen([REMUX, film, *FOUND], stderr=subprocess.DEVNULL)
        time.sleep(r.random() * took * 1.1)
        p.kill()
        p.wait()
        now = hashlib.sha256(open(film, "rb").read()).digest()
        most = max(most, sum(n.startswith(".bookend") for n in os.listdir(d)))
        if now == whole:
            old += 1
        elif len(chapters(film)) == 3 and run("ffmpeg", "-v", "error", "-i", film, "-c", "copy", "-f", "streamhash", "-").stdout == streams:
            new += 1
            open(film, "wb").write(data)
        else:
            bad += 1
    tap.ok(bad == 0 and old > 0, f"{times} kills within {took:.2f} s: {old} times the old film, {new} times the new one")
    tap.ok(most <= 1, f"they leave {most} file beside it")
    run(REMUX, film, *FOUND)
    tap.same((sorted(os.listdir(d)), len(chapters(film))), (["film.mkv"], 3), "the next run cleans up")


def check_program(folder):
    """The program on an episode composed here: whatever is found there goes into the film, once."""
    env = {**os.environ, "XDG_CACHE_HOME": folder}
    made = os.path.join(folder, "made")
    r = run(BOOKEND, "compose", "--out", made, "--episodes", "1", "--seed", "11", "--min-seconds", "60", "--max-seconds", "70",
            "--width", "320", "--height", "180", "--fps", "12", "--quiet", env=env)
    film = [os.path.join(made, n) for n in os.listdir(made) if n.endswith(".mp4")] if r.returncode == 0 else []
    if not film:
        tap.skip("the program", "no generator in this build")
        return
    before = open(film[0], "rb").read()
    dry = run(BOOKEND, "chapters", "--dry-run", film[0], env=env)
    tap.ok(dry.returncode == 0 and open(film[0], "rb").read() == before, "--dry-run writes nothing", dry.stderr.decode())
    planned = [line[31:].strip() for line in dry.stdout.decode().splitlines()[1:]]
    r = run(BOOKEND, "chapters", film[0], env=env)
    pending = "would be written" in dry.stdout.decode()
    tap.ok(r.returncode == 0 and (not pending or [c[2] for c in chapters(film[0])] == planned), f"chapters {planned}", r.stderr.decode())
    again = open(film[0], "rb").read()
    r = run(BOOKEND, "chapters", film[0], env=env)
    tap.ok(r.returncode == 0 and open(film[0], "rb").read() == again, "a second run changes nothing", r.stdout.decode())
    r = run(BOOKEND, "chapters", os.path.join(folder, "film.avi"), env=env)
    tap.ok(r.returncode == 1 and len(re.findall(b"\n", r.stderr)) == 1, "a container that cannot is one sentence", r.stderr.decode())


def main():
    if not tap.missing("chapters by stream copy", "ffmpeg", "ffprobe"):
        with tempfile.TemporaryDirectory(prefix="bookend-chapters-") as folder:
            sources(folder)
            check_containers(folder)
            check_refusals(folder)
            check_kills(folder)
            check_program(folder)
    tap.done()


main()
