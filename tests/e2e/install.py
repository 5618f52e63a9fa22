#!/usr/bin/env python3
"""What `meson install` puts into an empty folder: a program that runs from there, and a library that the example is
built against through pkg-config. TAP. usage: install.py BUILD SOURCE MESON"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import tap

build, source, meson = sys.argv[1:4]


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


def files_of(root):
    return sorted(os.path.relpath(os.path.join(folder, name), root) for folder, _, names in os.walk(root) for name in names)


def example(root, prefix, film, d):
    """Builds examples/find.c against what is installed, as its first comment says, and runs it."""
    pc = next(os.path.join(root, f) for f in files_of(root) if f.endswith("bookend.pc"))
    env = {**os.environ, "PKG_CONFIG_LIBDIR": os.path.dirname(pc)}  # and nothing else
    flags = run("pkg-config", "--define-variable=prefix=" + prefix, "--cflags", "--libs", "bookend", env=env)
    if not tap.ok(flags.returncode == 0 and "-lbookend" in flags.stdout, "pkg-config knows it", flags.stderr):
        return
    out = os.path.join(d, "find")
    built = run(os.environ.get("CC", "cc").split()[-1], "-Wall", "-Werror", os.path.join(source, "examples", "find.c"), "-o", out,
                *flags.stdout.split())
    if not tap.ok(built.returncode == 0, "the example builds", built.stderr):
        return
    libdir = os.path.dirname(os.path.dirname(pc))
    r = run(out, film, env={**os.environ, "LD_LIBRARY_PATH": libdir})
    tap.ok(r.returncode == 0 and r.stdout, "the example runs", r.stdout + r.stderr)
    r = run(out, os.path.join(d, "none.mkv"), env={**os.environ, "LD_LIBRARY_PATH": libdir})
    tap.ok(r.returncode == 1 and "none.mkv" in r.stderr, "and says what is wrong", r.stdout + r.stderr)


def main(d):
    root = os.path.join(d, "root")
    r = run(meson, "install", "-C", build, "--no-rebuild", "--destdir", root)
    if not tap.ok(r.returncode == 0, "it installs", r.stdout + r.stderr):
        return
    names = files_of(root)
    for end in ("bin/bookend", "libbookend.so.0", "include/bookend/bookend.h", "include/bookend/train.h", "pkgconfig/bookend.pc",
                "man1/bookend.1", "man5/bookend-formats.5", "bash-completion/completions/bookend", "site-functions/_bookend",
                "bookend.fish", "bookend.lua", "examples/find.c"):
        tap.ok(any(n.endswith(end) for n in names), f"{end} is there", "\n".join(names))
    program = os.path.join(root, next(n for n in names if n.endswith("bin/bookend")))
    prefix = os.path.dirname(os.path.dirname(program))
    film = os.path.join(d, "film.mkv")
    if tap.missing("the installed program and library", "ffmpeg", "pkg-config"):
        return
    made = run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=8:duration=6", "-g", "40", film)
    if not tap.ok(made.returncode == 0, "a video is made", made.stderr):
        return
    env = {**os.environ, "XDG_CACHE_HOME": os.path.join(d, "cache")}
    r = run(program, "detect", "--format", "json", film, env=env)
    tap.ok(r.returncode == 0 and json.loads(r.stdout)["duration"] == 6, "the program runs where it was put", r.stderr)
    example(root, prefix, film, d)


with tempfile.TemporaryDirectory() as folder:
    main(folder)
tap.done()
