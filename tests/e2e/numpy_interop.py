#!/usr/bin/env python3
"""NumPy opens what we write, and we open what NumPy writes: .npy, .npz stored and deflated, the notebook's
tracks; safetensors against a reader of a few lines.

usage: numpy_interop.py STORE_COPY     (the test program that copies arrays from one format to another)
"""
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile

import modules
import tap

modules.need("numpy")
import numpy as np  # noqa: E402

STORE_COPY = sys.argv[1]
DIR = tempfile.TemporaryDirectory(prefix="bookend-test-")


def path(name):
    return os.path.join(DIR.name, name)


def copy(src, dst, *how):
    """Runs store_copy; returns its error sentence, "" when it worked."""
    return subprocess.run([STORE_COPY, path(src), path(dst), *how], capture_output=True, text=True).stderr.strip()


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def arrays():
    rng = np.random.default_rng(1)
    made = {t: rng.integers(0, 100, (3, 4)).astype(t) for t in ("f2", "f4", "f8", "u1", "i1", "i2", "i4", "i8", "?")}
    made["scalar"] = np.float32(2.5).reshape(())
    made["empty"] = np.zeros((0, 512), "f4")
    made["vector"] = np.asfortranarray(np.arange(7))
    made["five"] = rng.standard_normal((2, 1, 3, 1, 2))
    made["имя"] = np.arange(3)
    return made


def test_npy():
    for name, a in arrays().items():
        np.save(path("a.npy"), a)
        error = copy("a.npy", "b.npy")
        tap.ok(not error and same(np.load(path("b.npy")), a), f"npy {name}", error)
    for version in ((2, 0), (3, 0)):
        with open(path("a.npy"), "wb") as f:
            np.lib.format.write_array(f, np.arange(5), version)
        error = copy("a.npy", "b.npy")
        tap.ok(not error and same(np.load(path("b.npy")), np.arange(5)), f"npy version {version[0]}", error)


def test_refused():
    for a, word in ((np.arange(6).astype(">f4"), "big-endian"), (np.asfortranarray(np.ones((2, 3))), "Fortran order"),
                    (np.ones(3, "c8"), "<c8"), (np.array(["a"]), "<U1"), (np.ones(2, "f4,f4"), "plain number type")):
        np.save(path("a.npy"), a)
        error = copy("a.npy", "b.npy")
        tap.ok(word in error and "a.npy" in error, f"refused: {error}")


def test_npz():
    made = arrays()
    for save in (np.savez, np.savez_compressed):
        save(path("a.npz"), **made)
        for how in ("stored", "deflate"):
            error = copy("a.npz", "b.npz", how)
            with np.load(path("b.npz")) as z:
                right = not error and set(z.files) == set(made) and all(same(z[k], made[k]) for k in made)
            sound = zipfile.ZipFile(path("b.npz")).testzip() is None
            tap.ok(right and sound, f"{save.__name__} -> {how}", error)


def test_track():
    windows = np.random.default_rng(2).standard_normal((24, 60, 512)).astype(np.float32)
    starts = np.array(list(range(0, 24 * 60, 60)))
    np.savez_compressed(path("show1_s01e02_windows.npz"), windows=windows, start_indices=starts)
    error = copy("show1_s01e02_windows.npz", "b.npz", "deflate")
    with np.load(path("b.npz")) as z:
        right = same(z["windows"], windows) and same(z["start_indices"], starts)
    tap.ok(right and not error, "the notebook's track, both ways", error)


def test_streamed():
    """Python's zipfile writes data descriptors into a stream, and ZIP64 fields on demand."""
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.data = bytearray()

        def writable(self):
            return True

        def write(self, b):
            self.data += b
            return len(b)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as z:
        with z.open("x.npy", "w", force_zip64=True) as f:
            np.lib.format.write_array(f, np.arange(1000))
    with open(path("a.npz"), "wb") as f:
        f.write(pipe.data)
    error = copy("a.npz", "b.npz")
    with np.load(path("b.npz")) as z:
        tap.ok(not error and same(z["x"], np.arange(1000)), "a streamed ZIP64 archive", error)


def read_safetensors(name):
    data = open(path(name), "rb").read()
    n = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + n])
    meta = header.pop("__metadata__", {})
    types = {"F32": "f4", "F16": "f2", "F64": "f8", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1", "U8": "u1", "BOOL": "?"}
    out = {}
    for key, v in header.items():
        begin, end = v["data_offsets"]
        a = np.frombuffer(data[8 + n + begin:8 + n + end], types[v["dtype"]]).reshape(v["shape"])
        tap.ok(n % 8 == 0 and begin % a.dtype.itemsize == 0, f"safetensors {key} is aligned")
        out[key] = a
    return out, meta


def test_safetensors():
    made = arrays()
    np.savez(path("a.npz"), **made)
    error = copy("a.npz", "b.safetensors")
    got, meta = read_safetensors("b.safetensors")
    tap.ok(not error and set(got) == set(made) and all(same(got[k], made[k]) for k in made), "safetensors", error)
    tap.ok(meta == {"format": "pt", "note": 'caf\xe9 "\\'}, "safetensors metadata")
    error = copy("b.safetensors", "c.npz")
    with np.load(path("c.npz")) as z:
        tap.ok(not error and all(same(z[k], made[k]) for k in made), "and back", error)


def test_half():
    """Every float there is between two halves is too many; every half, its neighbours and 100000 others are not."""
    halves = np.arange(65536, dtype=np.uint16).view(np.float16)
    x = halves[np.isfinite(halves)].astype(np.float32)
    x = np.concatenate([x, np.nextafter(x, np.float32(1e9)), np.nextafter(x, np.float32(-1e9)), (x[1:] + x[:-1]) / 2,
                        np.random.default_rng(3).standard_normal(100000).astype(np.float32) * 1e-5,
                        np.array([np.inf, -np.inf, 65519, 65520, 1e30, 0, -0.0], np.float32)])
    np.savez(path("a.npz"), x=x)
    error = copy("a.npz", "b.safetensors", "F16")
    with np.errstate(over="ignore"):
        want = x.astype(np.float16)
    tap.ok(not error and read_safetensors("b.safetensors")[0]["x"].tobytes() == want.tobytes(),
           f"{len(x)} floats round to the halves that NumPy rounds them to", error)


test_npy()
test_refused()
test_npz()
test_track()
test_streamed()
test_safetensors()
test_half()
DIR.cleanup()
tap.done()
