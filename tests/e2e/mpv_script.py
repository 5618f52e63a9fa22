#!/usr/bin/env python3
"""contrib/mpv/bookend.lua in a real mpv, without a screen, over its IPC: what it reads, offers, skips and leaves.

usage: mpv_script.py     (in the project's root)
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import tap
from mpv import Mpv

SCRIPT = os.path.abspath("contrib/mpv/bookend.lua")
SEGMENTS = [("main", 0, 1), ("logo", 1, 1.4), ("titles", 1.4, 4), ("main", 4, 7), ("credits", 7, 10),
            ("post-credits", 10, 12)]
EDL = "## by hand\n0\t3.000\t3\n00:00:04.0 00:00:05.5 1\n#250 #350 0\n9.0 12.0 3\n"


def answer(**changes):
    segments = [{"kind": k, "start": float(a), "end": float(b), "confidence": 0.9} for k, a, b in SEGMENTS]
    good = {"file": "v.mkv", "duration": 12.0, "fps": 25.0, "start_main": 4.0, "start_main_frame": 100, "start_confidence": 0.9,
            "end_main": 7.0, "end_main_frame": 174, "end_confidence": 0.9, "segments": segments, "model": "m", "elapsed": 1.0}
    return json.dumps(good | changes) + "\n"


class Case:
    """A folder with a video, perhaps with side files, and mpv with the script, paused at the begin."""

    def __init__(self, side=None, options="", video="v.mkv", path=None):
        self.holder = tempfile.TemporaryDirectory(prefix="bookend-mpv-")
        self.folder = self.holder.name
        self.video = os.path.join(self.folder, video)
        with open(self.video, "wb") as f:
            f.write(VIDEO)
        for name, text in (side or {}).items():
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
                f.write(text)
        options = options.replace("FOLDER", self.folder)
        program = "" if "program=" in options else ",bookend-detect=no"
        self.mpv = Mpv(self.folder, "--pause", "--keep-open=yes", f"--script={SCRIPT}",
                       f"--script-opts=bookend-show=1{program}{options and ',' + options}", path or self.video)

    def __enter__(self):
        self.mpv.__enter__()
        self.mpv.wait(lambda: self.mpv.get("time-pos") is not None)
        return self

    def __exit__(self, *_):
        self.mpv.__exit__()
        self.holder.cleanup()

    def seek(self, to):
        """Where it is some time after a seek: elsewhere, when the script has skipped."""
        self.mpv.command("seek", to, "absolute+exact")
        self.mpv.wait(lambda: not self.mpv.get("seeking"))
        return self.settled()

    def settled(self):
        """The position, once the script has had its turns: two replies to a message of its own thread."""
        before = None
        for _ in range(20):
            self.mpv.command("script-message", "bookend-test")
            self.mpv.drain(0.05)
            now = self.mpv.get("time-pos")
            if now == before and not self.mpv.get("seeking"):
                break
            before = now
        return round(now, 2)

    def press(self, key):
        self.mpv.command("keypress", key)
        return self.settled()

    def offers(self):
        """The labels offered since the last call; '' for an end of an offer."""
        self.mpv.drain(0.05)
        words = [e["args"] for e in self.mpv.events if e["event"] == "client-message"]
        self.mpv.events.clear()
        return [w[1] if w[0] == "bookend-offer" else "" for w in words if w[0].startswith("bookend-offer")]

    def bound(self, key):
        return any(b["key"] == key and "bookend/" in b["cmd"] for b in self.mpv.get("input-bindings"))


def test_offer():
    with Case({"v.bookend.json": answer()}) as c:
        tap.same((c.seek(0.5), c.offers(), c.bound("ENTER")), (0.5, [], False), "nothing is offered within the story")
        tap.same((c.seek(1.2), c.offers()), (1.2, ["Skip titles (Enter)"]), "within logo and titles: one offer, nothing skipped")
        tap.ok(c.bound("ENTER"), "the key is bound")
        tap.same((c.seek(2), c.offers()), (2, []), "the offer is made once")
        tap.same((c.press("ENTER"), c.offers()), (4, [""]), "the key skips to the story")
        tap.ok(not c.bound("ENTER"), "the key is free again")
        tap.same((c.seek(8), c.offers()), (8, ["Skip credits (Enter)"]), "within the credits")
        tap.same((c.seek(5), c.offers(), c.bound("ENTER")), (5, [""], False), "seeking out of it withdraws the offer")
        c.seek(8)
        tap.same(c.press("ENTER"), 10, "the credits are skipped up to the scene after them")
        c.offers()
        tap.same((c.seek(11), c.offers(), c.bound("ENTER")), (11, [], False), "which is never offered to be skipped")


def test_key_and_message():
    with Case({"v.bookend.json": answer()}, "bookend-key=s") as c:
        tap.same((c.seek(1.5), c.offers(), c.bound("ENTER")), (1.5, ["Skip titles (S)"], False), "another key")
        tap.same(c.press("s"), 4, "skips too")
    with Case({"v.bookend.json": answer()}, "bookend-key=") as c:
        tap.same((c.seek(1.5), c.offers()), (1.5, ["Skip titles"]), "no key")
        c.mpv.command("script-binding", "bookend/skip")
        tap.same(c.settled(), 4, "a binding of input.conf skips")


def test_auto():
    with Case({"v.bookend.json": answer()}, "bookend-auto=yes") as c:
        c.mpv.command("set_property", "speed", 3)
        c.mpv.command("set_property", "pause", False)
        seen = []
        c.mpv.wait(lambda: seen.append(c.mpv.get("time-pos") or 0) or c.mpv.get("eof-reached"))
        inside = [t for t in seen if 1.3 < t < 3.9 or 7.3 < t < 9.9]
        tap.same(inside, [], "auto: neither titles nor credits play")
        after = [t for t in seen if t >= 10]
        tap.ok(min(after, default=99) < 10.5 and len([t for t in after if t < 11.5]) > 5, "auto: the scene after the credits plays", after)
        tap.ok(any(5 < t < 6.5 for t in seen), "auto: the story plays", seen)
        c.mpv.command("set_property", "pause", True)
        tap.same(c.seek(2), 2, "auto: who goes back into the titles sees them")
    with Case({"v.bookend.json": answer()}, "bookend-auto=yes,bookend-skip=credits main post-credits") as c:
        tap.same((c.seek(2), c.seek(5), c.seek(11)), (2, 5, 11), "auto: only what was asked for, and never story")
        tap.same(c.seek(8), 10, "auto: which is skipped")


def test_doubt():
    bad = {"start_main": None, "start_main_frame": None, "start_confidence": None, "reason": "dark"}
    with Case({"v.bookend.json": answer(**bad)}, "bookend-auto=yes") as c:
        tap.same((c.seek(2), c.seek(8)), (2, 10), "a boundary that is not known skips nothing, the other does")
    with Case({"v.bookend.json": answer(segments=[], **bad)}, "bookend-auto=yes") as c:
        tap.same((c.seek(2), c.seek(8)), (2, 12 - 0.02), "without segments the boundaries count")
    failed = json.dumps({"file": "v.mkv", "error": "v.mkv: no video stream"})
    for name, text in [("an input that failed", failed), ("no JSON", "]["), ("an empty file", "")]:
        with Case({"v.bookend.json": text}, "bookend-auto=yes") as c:
            tap.same((c.seek(2), c.seek(8), c.offers()), (2, 8, []), f"{name} skips nothing")


def test_edl():
    with Case({"v.edl": EDL}) as c:
        tap.same((c.seek(1), c.offers()), (1, ["Skip opening (Enter)"]), "edl: an opening")
        tap.same(c.press("ENTER"), 3, "edl: is skipped")
        c.offers()
        tap.same((c.seek(4.5), c.offers()), (4.5, []), "edl: a mute is no skip")
        tap.same((c.seek(6), c.offers()), (6, ["Skip (Enter)"]), "edl: frames, and a cut in the middle")
        tap.same((c.seek(10), c.offers()), (10, ["", "Skip credits (Enter)"]), "edl: credits")
    with Case({"v.edl": EDL, "v.bookend.json": answer()}) as c:
        tap.same((c.seek(0.5), c.offers()), (0.5, []), "the answer goes before the edl")
    with Case({"v.edl": "0 1.9 3\n"}) as c:
        tap.same((c.seek(1), c.offers()), (1, []), "what is shorter than the least is left alone")


FAKE = """#!{python}
import json, sys, time
with open({log!r}, "a") as f:
    f.write(json.dumps(sys.argv[1:]) + "\\n")
{body}
"""


def fake_program(folder, body):
    path, log = os.path.join(folder, "fake"), os.path.join(folder, "calls")
    with open(path, "w", encoding="utf-8") as f:
        f.write(FAKE.format(python=sys.executable, log=log, body=body))
    os.chmod(path, 0o755)
    return path, log


def test_detect():
    with tempfile.TemporaryDirectory(prefix="bookend-fake-") as folder:
        program, log = fake_program(folder, f"time.sleep(0.3)\nsys.stdout.write({answer()!r})")
        with Case(None, f"bookend-program={program}", video="-odd name.mkv") as c:
            tap.ok(c.seek(1.5) == 1.5 and c.mpv.get("time-pos") == 1.5, "mpv plays while bookend works")
            tap.ok(c.mpv.wait(lambda: "Skip titles (Enter)" in c.offers()), "its answer is offered when it comes")
            with open(log, encoding="utf-8") as f:
                calls = [json.loads(line) for line in f]
            tap.same(calls, [["detect", "--quiet", "--format", "json", c.video]], "bookend is asked once")
        with Case({"v.bookend.json": answer()}, f"bookend-program={program}") as c:
            c.seek(1.5)
            with open(log, encoding="utf-8") as f:
                tap.same(len(f.readlines()), 1, "bookend is not asked where a side file is")
        for name, body in [("bookend that fails", "sys.stderr.write('no model\\n'); sys.exit(1)"), ("nonsense", "print('{')")]:
            program, log = fake_program(folder, body)
            with Case(None, f"bookend-program={program}") as c:
                c.mpv.wait(lambda: "found nothing" in open(c.mpv.log, encoding="utf-8").read(), 5)
                tap.same((c.seek(2), c.offers()), (2, []), f"{name} skips nothing")
    with Case(None, "bookend-program=FOLDER/missing") as c:
        tap.same((c.seek(2), c.offers()), (2, []), "bookend not installed: nothing happens")
        with open(c.mpv.log, encoding="utf-8") as f:
            tap.same(re.findall(r"stack traceback|Lua error", f.read()), [], "and nothing breaks")


def test_next_file():
    with Case({"v.bookend.json": answer()}) as c:
        c.seek(1.5)
        tap.same(c.offers(), ["Skip titles (Enter)"], "an offer in the first file")
        os.rename(c.video, os.path.join(c.folder, "w.mkv"))
        c.mpv.command("loadfile", os.path.join(c.folder, "w.mkv"))
        c.mpv.wait(lambda: (c.mpv.get("path") or "").endswith("w.mkv") and c.mpv.get("time-pos") is not None)
        c.offers()
        tap.same((c.seek(2), c.offers(), c.bound("ENTER")), (2, [], False), "the next file has its own, here none")


def make_video():
    with tempfile.TemporaryDirectory(prefix="bookend-mpv-") as folder:
        path = os.path.join(folder, "v.mkv")
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x48:r=50:d=12", "-c:v", "ffv1", path],
                       check=True)
        with open(path, "rb") as f:
            return f.read()


if tap.missing("contrib/mpv/bookend.lua", "mpv", "ffmpeg"):
    tap.done()
VIDEO = make_video()
for test in [test_offer, test_key_and_message, test_auto, test_doubt, test_edl, test_detect, test_next_file]:
    test()
tap.done()
