#!/usr/bin/env python3
"""`bookend model fetch` against a real server on 127.0.0.1 that behaves well or badly: whole, cut and gone on with,
without ranges, with wrong ranges, wrong bytes, 404, redirects, a proxy, a full disk, Ctrl-C, two at once. TAP.

usage: fetch.py BOOKEND"""
import hashlib
import http.server
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

import modules
import tap

modules.need("numpy")
import clip_files  # noqa: E402

BOOKEND = sys.argv[1]
DIR = tempfile.TemporaryDirectory(prefix="bookend-test-")
ENV = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
ENV |= {"XDG_DATA_HOME": os.path.join(DIR.name, "data"), "NO_COLOR": "1"}
MODELS = os.path.join(DIR.name, "data", "bookend", "models")
PIECE = 1 << 16


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    log, cuts = [], {}


class Answers(http.server.BaseHTTPRequestHandler):
    """The first word of the path is how to behave."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        how = self.path.split("/")[-2] if self.path.count("/") > 1 else ""
        span = self.headers.get("Range")
        self.server.log.append((self.path, span))
        body, first, status = BYTES, 0, 200
        if how == "missing":
            return self.answer(404, b"<html>no such page</html>")
        if how == "away":
            return self.answer(302, b"moved", {"Location": "/good/ViT.pt"})
        if how == "round":
            return self.answer(302, b"moved", {"Location": "/round/ViT.pt"})
        if how == "elsewhere":
            return self.answer(302, b"moved", {"Location": "file:///etc/passwd"})
        if how == "wrong":
            body = bytes(len(BYTES))
        if how == "other":
            body = OTHER
        if span and how not in ("plain", "plaincut"):
            first, status = int(span.split("=")[1].split("-")[0]), 206
            if first >= len(body):
                return self.answer(416, b"", {"Content-Range": f"bytes */{len(body)}"})
            if how == "shifted":
                first += 1
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{len(body) - 1}/{len(body)}")
        if how == "endless":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(1 << 50 if how == "huge" else len(body) - first))
        self.end_headers()
        self.send(how, body[first:])

    def send(self, how, body):
        left = len(body) if "cut" not in how else self.server.cuts.get(self.path, len(body))
        if how == "dead":
            left = 0
        self.close_connection |= left < len(body)
        for at in range(0, min(left, len(body)), PIECE):
            try:
                self.wfile.write(body[at:min(at + PIECE, left)])
            except OSError:
                return
            if how == "slow":
                time.sleep(0.05)

    def answer(self, status, body, headers={}):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k, v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def model():
    """A public file of some megabytes, and its hash."""
    path = os.path.join(DIR.name, "made.safetensors")
    clip_files.save_safetensors(path, clip_files.openai(clip_files.weights(clip_files.Size(64, 16, 256, 4, 64))))
    data = open(path, "rb").read()
    return data, hashlib.sha256(data).hexdigest()


def command(how, name="made", sha=None, *more):
    return [BOOKEND, "model", "fetch", name, "--url", f"{BASE}/{how}/ViT.pt", "--sha256", sha or SHA, *more]


def fetch(how, *args, env={}, **more):
    SERVER.log.clear()
    return subprocess.run(command(how, *args), capture_output=True, text=True, env={**ENV, **env}, timeout=100, **more)


def here():
    return sorted(os.listdir(MODELS)) if os.path.isdir(MODELS) else []


def clean():
    for name in here():
        os.remove(os.path.join(MODELS, name))


def put_part(n, data=None):
    os.makedirs(MODELS, exist_ok=True)
    with open(os.path.join(MODELS, SHA[:16] + ".part"), "wb") as f:
        f.write((data or BYTES)[:n])


def shown(r):
    return r.stderr.strip().replace(DIR.name, "").replace(BASE, "")


def good(r, name):
    """It ended well, the model is there and nothing else, and it is the right one."""
    ok = r.returncode == 0 and here() == ["made.safetensors"]
    if ok:
        info = subprocess.run([BOOKEND, "model", "info", "made"], capture_output=True, text=True, env=ENV).stdout
        ok = "64 x 64" in info and "name          made\n" in info
    tap.ok(ok, name, f"{r.stdout}{r.stderr}{here()}")
    clean()


def refused(r, word, name, kept=()):
    said = shown(r)
    tap.ok(r.returncode == 1 and word in said and here() == list(kept), f"{name}: {said.splitlines()[-1] if said else ''}",
           f"{r.returncode} {said} {here()}")
    clean()


def test_good():
    r = fetch("good")
    tap.ok(SERVER.log == [("/good/ViT.pt", None)], "one request, and no more", SERVER.log)
    listed = subprocess.run([BOOKEND, "model", "list"], capture_output=True, text=True, env=ENV).stdout
    tap.ok("\nmade " in listed, "model list shows it", listed)
    before = os.stat(os.path.join(MODELS, "made.safetensors")).st_mtime_ns if here() else 0
    again = fetch("good")
    tap.ok(again.returncode == 0 and not SERVER.log and "--force" in again.stderr and here() == ["made.safetensors"],
           "what is there is not fetched again", again.stderr)
    r = fetch("good", "made", None, "--force")
    tap.ok(SERVER.log and os.stat(os.path.join(MODELS, "made.safetensors")).st_mtime_ns > before, "but with --force", r.stderr)
    good(r, "a server that behaves well")
    good(fetch("good", "made", SHA.upper()), "a hash in capitals")
    good(fetch("away"), "a redirect")
    good(fetch("plain"), "a server without ranges")


def test_resume():
    SERVER.cuts = {"/cut/ViT.pt": len(BYTES) // 3 + 1}
    r = fetch("cut")
    tap.ok(len(SERVER.log) == 3 and SERVER.log[1][1] == f"bytes={len(BYTES) // 3 + 1}-", "cut twice: asked for the rest",
           f"{SERVER.log} {r.stderr}")
    good(r, "and whole in the end")
    SERVER.cuts = {"/plaincut/ViT.pt": len(BYTES) // 2}
    refused(fetch("plaincut"), "goes on", "cut, and no ranges", [SHA[:16] + ".part"])
    put_part(len(BYTES) // 2)
    r = fetch("good")
    tap.ok(SERVER.log == [("/good/ViT.pt", f"bytes={len(BYTES) // 2}-")], "a part is gone on with", SERVER.log)
    good(r, "and becomes the file")
    put_part(len(BYTES) // 2)
    good(fetch("plain"), "a part, and a server without ranges")
    put_part(len(BYTES))
    good(fetch("good"), "a part that is whole already")
    put_part(len(BYTES) // 2, bytes(len(BYTES)))
    r = fetch("good")
    tap.ok(len(SERVER.log) == 2 and "again" in r.stderr, "a part that was damaged is fetched again", f"{SERVER.log} {r.stderr}")
    good(r, "and is right then")
    put_part(len(BYTES), BYTES + b"more")
    open(os.path.join(MODELS, SHA[:16] + ".part"), "ab").write(b"more")
    good(fetch("good"), "a part that is too long")
    put_part(1000)
    refused(fetch("shifted"), "begins at 1001", "a range that was not asked for", [SHA[:16] + ".part"])
    refused(fetch("dead"), "", "a connection that ends before the first byte")


def test_wrong():
    refused(fetch("wrong"), "SHA-256", "wrong bytes")
    refused(fetch("other", "made", OTHER_SHA), "no model could be made", "the right bytes, but no model")
    refused(fetch("missing"), "404", "no such page")
    refused(fetch("round"), "redirect", "redirects in a circle")
    refused(fetch("elsewhere"), "rotocol", "a redirect to a file of this machine")
    refused(fetch("huge"), "MB", "more than the disk has")
    good(fetch("endless"), "a server that does not tell the length")
    refused(subprocess.run([BOOKEND, "model", "fetch", "made", "--url", "http://127.0.0.1:9/x", "--sha256", SHA],
                           capture_output=True, text=True, env=ENV), "connect", "nobody listens")
    for name, word in ("../up", "no name"), ("a/b", "no name"), (".x", "no name"), ("bookend-small", "inside"), ("", "no name"):
        refused(fetch("good", name), word, f"as {name!r}")
    refused(fetch("good", "made", "12ab"), "64", "half a hash")
    r = subprocess.run([BOOKEND, "model", "fetch", "mine", "--url", BASE + "/good/x"], capture_output=True, text=True, env=ENV)
    refused(r, "--sha256", "an address without a hash")
    r = subprocess.run([BOOKEND, "model", "fetch", "unheard-of"], capture_output=True, text=True, env=ENV)
    refused(r, "not known", "a name that is not known")
    r = subprocess.run([BOOKEND, "model", "fetch"], capture_output=True, text=True, env=ENV)
    tap.ok(r.returncode == 0 and "clip-vit-b-32 " in r.stdout and "openaipublic" in r.stdout, "without a name: what is known")


def test_full_disk():
    def little():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(BYTES) // 2, len(BYTES) // 2))

    r = fetch("good", preexec_fn=little)
    tap.ok(r.returncode == 1 and "File too large" in r.stderr and here() == [SHA[:16] + ".part"], f"no room: {shown(r).splitlines()[-1]}", here())
    good(fetch("good"), "and with room, it goes on")
    place = os.path.join(DIR.name, "small")
    os.makedirs(place)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", place], capture_output=True).returncode == 0
    if not mounted:
        return tap.skip("a small disk", "cannot mount one")
    try:
        r = fetch("good", env={"XDG_DATA_HOME": place})
        left = os.listdir(os.path.join(place, "bookend", "models"))
        tap.ok(r.returncode == 1 and "MB are needed" in r.stderr and not left, f"a small disk: {shown(r).splitlines()[-1]}", left)
    finally:
        subprocess.run(["umount", place])


def wait_for_part():
    path = os.path.join(MODELS, SHA[:16] + ".part")
    for _ in range(400):
        if os.path.exists(path) and os.path.getsize(path) > 2 * PIECE:
            return True
        time.sleep(0.02)
    return False


def test_interrupt():
    p = subprocess.Popen(command("slow"), stderr=subprocess.PIPE, text=True, env=ENV)
    started = wait_for_part()
    other = fetch("good")
    p.send_signal(signal.SIGINT)
    said = p.communicate(timeout=60)[1]
    tap.ok(started and other.returncode == 1 and "another bookend" in other.stderr, "two at once", other.stderr)
    tap.ok(p.returncode == -signal.SIGINT and "goes on" in said and here() == [SHA[:16] + ".part"],
           "Ctrl-C keeps what is there", f"{p.returncode} {said} {here()}")
    r = fetch("good")
    tap.ok(SERVER.log and SERVER.log[0][1], "and the next call goes on", f"{SERVER.log}")
    good(r, "to the end")


def test_proxy():
    """The server as a proxy: it is asked for the whole address."""
    SERVER.log.clear()
    r = subprocess.run([BOOKEND, "model", "fetch", "made", "--url", "http://models.invalid/good/ViT.pt", "--sha256", SHA],
                       capture_output=True, text=True, env={**ENV, "http_proxy": BASE})
    tap.same([x[0] for x in SERVER.log], ["http://models.invalid/good/ViT.pt"], "http_proxy is asked")
    good(r, "and gives the file")


BYTES, SHA = model()
OTHER = json.dumps({"no": "model"}).encode() * 100
OTHER_SHA = hashlib.sha256(OTHER).hexdigest()
SERVER = Server(("127.0.0.1", 0), Answers)
BASE = f"http://127.0.0.1:{SERVER.server_address[1]}"
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
if "without libcurl" in fetch("good").stderr:
    tap.skip("fetch", "built without libcurl")
    tap.done()
clean()
for test in test_good, test_resume, test_wrong, test_full_disk, test_interrupt, test_proxy:
    test()
SERVER.shutdown()
DIR.cleanup()
tap.done()
