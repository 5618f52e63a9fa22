#!/usr/bin/env python3
"""Reads each format back with the program it is for: ffmpeg, mkvtoolnix, mpv. Where that cannot be had (Kodi,
MPlayer, Comskip's readers), with a strict reader written from the format's rules.

usage: readers.py OUT_PRINT     (the test program that prints a report in a format)
"""
import copy
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import schema
import tap
from mpv import Mpv

OUT_PRINT = sys.argv[1]
REPORTS = ["example", "cold-open", "half-sure", "unsure", "nothing", "failed", "odd-name", "padded", "short", "short-cold"]
SKIPS = {"opening", "logo", "recap", "titles", "credits"}
TITLES = {"opening": "Intro", "main": "Main", "credits": "Credits", "logo": "Opening logo", "recap": "Recap",
          "titles": "Opening titles", "post-credits": "Last scene"}
ODD = b"a, \"b\" 50% 'c'=;#\\<&>\n%7%\xc3\xbc\xff.mkv"
MATROSKA_TYPE = {"main": 0, "post-credits": 0, "recap": 3, "credits": 2}


def printed(fmt, report, *name):
    return subprocess.run([OUT_PRINT, fmt, report, *name], check=True, capture_output=True).stdout


def answer(report):
    return json.loads(printed("json", report))


def chapters(report):
    """What the chapters of a report without doubts and safety must be: (ms, ms, title)."""
    found = [[round(s["start"] * 1000), round(s["end"] * 1000), TITLES[s["kind"]]] for s in answer(report)["segments"]]
    if len(found) > 1 and found[-1][2] == "Opening logo":
        found[-1][2] = "Closing logo"
    return [tuple(c) for c in found]


def skips(report):
    """The stretches to skip, in ms; those that touch are one."""
    joined = []
    for s in answer(report)["segments"]:
        if s["kind"] not in SKIPS:
            continue
        start, end = round(s["start"] * 1000), round(s["end"] * 1000)
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def run(*command, **options):
    return subprocess.run(command, capture_output=True, timeout=60, **options)


def save(folder, name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


# ---- json ---------------------------------------------------------------------------------------------------


def check_json():
    with open("doc/answer.schema.json", encoding="utf-8") as f:
        root = json.load(f)
    order = list(root["$defs"]["answer"]["properties"])
    for report in REPORTS:
        line = printed("json", report)
        value = json.loads(line.decode("utf-8"))
        tap.same(schema.faults(value, root, root), [], f"json {report}: fits the schema")
        tap.ok(line.count(b"\n") == 1 and line.endswith(b"}\n"), f"json {report}: one line", line)
        if "error" not in value:
            tap.same(list(value), [k for k in order if k in value], f"json {report}: order of the fields")
            unsure = value["start_main"] is None or value["end_main"] is None
            tap.same("reason" in value, unsure, f"json {report}: a reason where there is no answer")
    good = answer("example")
    for field, wrong in [("duration", "1440"), ("start_main", -1), ("start_main_frame", 1.5), ("segments", {}), ("x", 1),
                         ("end_confidence", 1.01), ("file", None)]:
        bad = copy.deepcopy(good)
        bad[field] = wrong
        tap.ok(schema.faults(bad, root, root), f"the schema refuses {field} = {wrong!r}")
    del good["fps"]
    tap.ok(schema.faults(good, root, root), "the schema refuses a missing field")


# ---- readers of our own -------------------------------------------------------------------------------------


def read_kodi(data):
    """Kodi's rules (xbmc/cores/VideoPlayer/Edl.cpp): two or three fields; start < end; no edit may begin or end
    within or at the edge of another; action 3 is a break. Stricter: seconds with three decimals, ascending."""
    edits = []
    for line in data.decode("ascii").splitlines():
        m = re.fullmatch(r"(\d+\.\d{3})\t(\d+\.\d{3})\t([0-3])", line)
        if not m:
            raise ValueError(f"not an edit: {line!r}")
        start, end = int(float(m[1]) * 1000 + 0.5), int(float(m[2]) * 1000 + 0.5)
        if start >= end or (edits and start <= edits[-1][1]) or m[3] != "3":
            raise ValueError(f"Kodi refuses {line!r}")
        edits.append((start, end))
    return edits


def read_mplayer(data):
    """MPlayer's rules (edl.c): start, stop, action 0 or 1; stop after start; start not before the last stop."""
    edits = []
    for line in data.decode("ascii").splitlines():
        start, stop, action = line.split(" ")
        start, stop = round(float(start) * 1000), round(float(stop) * 1000)
        if action != "0" or stop <= start or (edits and start < edits[-1][1]):
            raise ValueError(f"MPlayer refuses {line!r}")
        edits.append((start, stop))
    return edits


def read_comskip(data):
    """As Kodi and MythTV do: the header's literal words, then pairs of frames. Gives (frames, fps, pairs)."""
    lines = data.decode("ascii").splitlines()
    m = re.fullmatch(r"FILE PROCESSING COMPLETE +(\d+) FRAMES AT +(\d+)", lines[0])
    if not m or lines[1] != "-" * 19:
        raise ValueError(f"not Comskip's: {lines[:2]}")
    pairs = [tuple(int(x) for x in line.split("\t")) for line in lines[2:]]
    if any(a >= b for a, b in pairs) or any(a[1] >= b[0] for a, b in zip(pairs, pairs[1:])):
        raise ValueError(f"pairs are not in order: {pairs}")
    return int(m[1]), int(m[2]) / 100, pairs


def read_webvtt(data):
    """The parts of the W3C's WebVTT that chapters use: header, then blocks of identifier, timings, one line."""
    blocks = data.decode("utf-8").rstrip("\n").split("\n\n")
    if blocks[0] != "WEBVTT":
        raise ValueError("no WEBVTT")
    cues = []
    for number, block in enumerate(blocks[1:], 1):
        ident, timing, title = block.split("\n")
        m = re.fullmatch(r"(\d\d):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d\d):([0-5]\d):([0-5]\d)\.(\d{3})", timing)
        if not m or ident != str(number) or "-->" in title or "&" in title or "<" in title:
            raise ValueError(f"not a cue: {block!r}")
        h, mi, s, ms, h2, mi2, s2, ms2 = (int(x) for x in m.groups())
        cues.append((((h * 60 + mi) * 60 + s) * 1000 + ms, ((h2 * 60 + mi2) * 60 + s2) * 1000 + ms2, title))
    return cues


def check_own_readers():
    for report in ["example", "cold-open", "nothing", "odd-name", "short-cold"]:
        expected = skips(report)
        tap.same(read_kodi(printed("edl", report)), expected, f"edl {report}: by Kodi's rules")
        tap.same(read_mplayer(printed("mplayer-edl", report)), expected, f"mplayer-edl {report}: by MPlayer's rules")
        frames, fps, pairs = read_comskip(printed("comskip", report))
        rate = answer(report)["fps"]
        tap.ok(abs(frames - answer(report)["duration"] * rate) < 1 and abs(fps - rate) < 0.01, f"comskip {report}: header")
        off = [abs(f * 1000 / rate - ms) for p, e in zip(pairs, expected) for f, ms in zip(p, e)]
        tap.ok(len(pairs) == len(expected) and all(x < 500 / rate + 3 for x in off), f"comskip {report}: frames", off)
        tap.same(read_webvtt(printed("webvtt", report)), chapters(report), f"webvtt {report}: cues")
    for fmt, read in [("edl", read_kodi), ("mplayer-edl", read_mplayer), ("comskip", lambda d: read_comskip(d)[2])]:
        tap.same(read(printed(fmt, "unsure")), [], f"{fmt}: doubt skips nothing")
    tap.same(read_kodi(printed("edl", "half-sure")), [(1350120, 1440000)], "edl: doubt at one end skips the other")


# The words by which programs tell chapters: the defaults of Jellyfin's Chapter Segments Provider.
WORDS = [("Intro", r"intro|opening|^OP$"), ("Commercial", r"break|ad|advertisement|intermission|advert|commercial"),
         ("Preview", r"preview|next time on|next on|sneak peek"), ("Recap", r"recap|last time on|last on|previously on"),
         ("Outro", r"outro|closing|credits|ending|^ED$")]


def check_titles():
    found = [next((name for name, words in WORDS if re.search(words, title, re.I)), None)
             for _, _, title in read_webvtt(printed("webvtt", "cold-open"))]
    tap.same(found, ["Recap", None, "Intro", "Intro", None, "Outro", None, "Outro"], "titles say what is to be skipped")
    _, _, title = read_webvtt(printed("webvtt", "example"))[0]
    tap.ok(re.search(WORDS[0][1], title, re.I), "and so does that of an opening")


def check_csv():
    for report, name in [("example", b"episode.mkv"), ("odd-name", ODD)]:
        rows = list(csv.reader(io.StringIO(printed("csv", report, name).decode("utf-8", "surrogateescape"), newline="")))
        expected = [["file", "start_main", "end_main"],
                    [name.decode("utf-8", "surrogateescape"), "00:01:32.480", "00:22:30.120"]]
        tap.same(rows, expected, f"csv {report}: read by Python's csv")


def check_services():
    """Jellyfin's, AniSkip's and TheIntroDB's replies are the same stretches in ticks, seconds, milliseconds."""
    for report in ["example", "short-cold"]:
        expected = skips(report)
        reply = json.loads(printed("jellyfin", report))
        tap.same([(i["StartTicks"] / 10000, i["EndTicks"] / 10000) for i in reply["Items"]], expected, f"jellyfin {report}")
        tap.same(reply["TotalRecordCount"], len(reply["Items"]), f"jellyfin {report}: count")
        tap.same([i["Type"] for i in reply["Items"]], ["Intro", "Outro"], f"jellyfin {report}: types")
        reply = json.loads(printed("aniskip", report))
        spans = [r["interval"] for r in reply["results"]]
        tap.same([(round(s["startTime"] * 1000), round(s["endTime"] * 1000)) for s in spans], expected, f"aniskip {report}")
        tap.same((reply["found"], reply["statusCode"]), (True, 200), f"aniskip {report}: status")
        reply = json.loads(printed("theintrodb", report))
        end = round(answer(report)["duration"] * 1000)
        spans = [(s["start_ms"] or 0, end if s["end_ms"] is None else s["end_ms"])
                 for k in ("intro", "recap", "credits") for s in reply.get(k, [])]
        tap.same(spans, expected, f"theintrodb {report}")
    tap.same(json.loads(printed("aniskip", "nothing"))["statusCode"], 404, "aniskip: nothing to skip is its 404")


# ---- other programs -----------------------------------------------------------------------------------------


def make_video(folder):
    """12 seconds at 25 frames; the brightness of second N is 20 + 16 N."""
    path = os.path.join(folder, "short.mkv")
    run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
        "color=black:s=64x48:r=25:d=12,geq=lum='20+16*floor(T)':cb=128:cr=128", "-c:v", "ffv1", path, check=True)
    return path


def check_ffmpeg(folder, video):
    for report in ["short", "short-cold"]:
        name = f"ffmetadata {report}: ffmpeg embeds the chapters, ffprobe reads them"
        out = os.path.join(folder, "chapters.mkv")
        run("ffmpeg", "-v", "error", "-y", "-i", video, "-i", save(folder, "ch.ffmeta", printed("ffmetadata", report)),
            "-map", "0", "-map_metadata", "1", "-map_chapters", "1", "-c", "copy", out)
        found = json.loads(run("ffprobe", "-v", "error", "-show_chapters", "-of", "json", out).stdout or "{}")
        found = [(round(float(c["start_time"]) * 1000), round(float(c["end_time"]) * 1000), c["tags"]["title"])
                 for c in found.get("chapters", [])]
        tap.same(found, chapters(report), name)
        vtt = save(folder, "ch.vtt", printed("webvtt", report))
        found = json.loads(run("ffprobe", "-v", "error", "-show_packets", "-show_data", "-of", "json", vtt).stdout)
        found = [(p["pts"], p["pts"] + p["duration"]) for p in found["packets"]]
        tap.same(found, [c[:2] for c in chapters(report)], f"webvtt {report}: ffprobe reads the cues")


def extracted(video):
    """The chapters of a Matroska file by mkvextract: (start ms, end ms or None, title, skip type or None)."""
    text = run("mkvextract", video, "chapters", "-").stdout.decode("utf-8-sig")
    found = []
    for atom in xml.fromstring(text).iter("ChapterAtom") if text.strip() else ():
        times = []
        for element in ("ChapterTimeStart", "ChapterTimeEnd"):
            m = re.fullmatch(r"(\d+):(\d+):(\d+)\.(\d{9})", atom.findtext(element, ""))
            times.append(m and ((int(m[1]) * 60 + int(m[2])) * 60 + int(m[3])) * 1000 + int(m[4]) // 1000000)
        found.append((*times, atom.findtext("ChapterDisplay/ChapterString"), atom.findtext("ChapterSkipType")))
    return found


def check_mkvtoolnix(folder, video):
    for report in ["short", "short-cold"]:
        expected = chapters(report)
        types = [str(MATROSKA_TYPE.get(s["kind"], 1)) for s in answer(report)["segments"]]
        ours = save(folder, "ch.xml", printed("matroska", report))
        out = os.path.join(folder, "merged.mkv")
        merge = run("mkvmerge", "-o", out, "--chapters", ours, video)
        tap.same(merge.returncode, 0, f"matroska {report}: mkvmerge takes it without a warning")
        found = extracted(out)
        tap.same([c[:3] for c in found], expected, f"matroska {report}: mkvextract gives the chapters back")
        tap.same([c[3] for c in found], types, f"matroska {report}: and what each is for a viewer")
        edited = shutil.copy(video, os.path.join(folder, "edited.mkv"))
        run("mkvpropedit", edited, "--chapters", ours)
        tap.same([c[:3] for c in extracted(edited)], expected, f"matroska {report}: mkvpropedit puts them in place")
        merge = run("mkvmerge", "-o", out, "--chapters", save(folder, "ch.txt", printed("ogm", report)), video)
        found = [(c[0], c[2]) for c in extracted(out)]
        tap.same(found, [(c[0], c[2]) for c in expected], f"ogm {report}: through mkvmerge and mkvextract")


def mpv_property(folder, name, *options):
    """A property of a file that mpv has just opened; None when it could not."""
    with Mpv(folder, "--pause", *options) as player:
        player.wait(lambda: player.get("time-pos") is not None)
        return player.get(name)


def played_seconds(folder, edl):
    """The brightness of what mpv plays, as the seconds of the source, one a frame."""
    out = os.path.join(folder, "played.mkv")
    run("mpv", "--no-config", "--no-audio", "--really-quiet", f"--o={out}", "--ovc=ffv1", edl)
    raw = run("ffmpeg", "-v", "error", "-i", out, "-vf", "crop=2:2,extractplanes=y", "-f", "rawvideo", "-").stdout
    return [round((b - 20) / 16) for b in raw[::4]]


def check_mpv(folder, video):
    for report in ["short", "short-cold"]:
        ours = save(folder, "ch.ffmeta", printed("ffmetadata", report))
        found = mpv_property(folder, "chapter-list", f"--chapters-file={ours}", video)
        found = [(round(c["time"] * 1000), c["title"]) for c in found or ()]
        tap.same(found, [(c[0], c[2]) for c in chapters(report)], f"ffmetadata {report}: mpv --chapters-file")
        edl = save(folder, "short.mpv.edl", printed("mpv-edl", report, video))
        story = [s for s in answer(report)["segments"] if s["kind"] not in SKIPS]
        length = sum(s["end"] - s["start"] for s in story)
        found = mpv_property(folder, "duration", edl)
        tap.ok(found and abs(found - length) < 0.002, f"mpv-edl {report}: mpv sees {length:.2f} s", found)
        frames = [n // 25 for s in story for n in range(round(s["start"] * 25), round(s["end"] * 25))]
        tap.same(played_seconds(folder, edl), frames, f"mpv-edl {report}: mpv plays the story and nothing else")
    odd = shutil.copy(video.encode(), os.path.join(folder.encode(), ODD))
    edl = save(folder, "odd.mpv.edl", printed("mpv-edl", "short", odd))
    tap.same(mpv_property(folder, "duration", edl), 6.72, "mpv-edl: a name with every character that means something")


PAGE = """<!DOCTYPE html><video><track kind="chapters" default src="data:text/vtt,%s"></video><pre id="o"></pre><script>
const t = document.querySelector('track'); t.track.mode = 'hidden';
t.onload = () => { o.textContent = JSON.stringify([...t.track.cues].map(
  c => [Math.round(c.startTime * 1000), Math.round(c.endTime * 1000), c.text])); };
</script>"""


def check_browser(folder):
    name = "webvtt short-cold: a browser's chapter track"
    browser = next((b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None)
    if not browser:
        tap.skip(name, "no chromium installed")
        return
    from urllib.parse import quote
    page = save(folder, "page.html", (PAGE % quote(printed("webvtt", "short-cold"))).encode())
    dom = run(browser, "--headless", "--no-sandbox", "--virtual-time-budget=3000", "--dump-dom", "file://" + page).stdout
    found = re.search(r'<pre id="o">(.*?)</pre>', dom.decode())
    tap.same([tuple(c) for c in json.loads(found[1] or "[]")] if found else dom, chapters("short-cold"), name)


def check_programs(folder):
    if tap.missing("other programs' readers", "ffmpeg", "ffprobe"):
        return
    video = make_video(folder)
    check_ffmpeg(folder, video)
    if not tap.missing("matroska, ogm: by mkvtoolnix", "mkvmerge", "mkvextract", "mkvpropedit"):
        check_mkvtoolnix(folder, video)
    if not tap.missing("ffmetadata, mpv-edl: by mpv", "mpv"):
        check_mpv(folder, video)
    check_browser(folder)


def main():
    check_json()
    check_own_readers()
    check_titles()
    check_csv()
    check_services()
    with tempfile.TemporaryDirectory(prefix="bookend-readers-") as folder:
        check_programs(folder)
    tap.done()


main()
