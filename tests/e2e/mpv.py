"""Drives a headless mpv through its JSON IPC (mpv's DOCS/man/ipc.rst)."""
import json
import os
import socket
import subprocess
import time


class Mpv:
    """A running mpv. Use as a context; `folder` takes the socket and mpv's log."""

    def __init__(self, folder, *options, env=None):
        self.path = os.path.join(folder, "ipc")
        self.log = os.path.join(folder, "mpv.log")
        self.process = subprocess.Popen(
            ["mpv", "--no-config", "--vo=null", "--ao=null", "--no-audio", "--no-terminal", f"--log-file={self.log}",
             f"--input-ipc-server={self.path}", *options], env=env)
        self.socket = socket.socket(socket.AF_UNIX)
        self.lines = b""
        self.requests = 0
        self.events = []  # what mpv told without being asked; the caller clears it

    def __enter__(self):
        until = time.monotonic() + 20
        while True:
            try:
                self.socket.connect(self.path)
                return self
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    self.__exit__()
                    raise
                time.sleep(0.02)

    def __exit__(self, *_):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
        if os.path.exists(self.path):
            os.remove(self.path)

    def _message(self):
        """The next message; None when none comes within the socket's timeout."""
        while b"\n" not in self.lines:
            try:
                got = self.socket.recv(65536)
            except TimeoutError:
                return None
            if not got:
                raise LookupError("mpv has ended")
            self.lines += got
        line, self.lines = self.lines.split(b"\n", 1)
        return json.loads(line.decode("utf-8", "replace"))

    def command(self, *words):
        """The data of the reply; an error of mpv's is a LookupError."""
        self.requests += 1
        self.socket.settimeout(20)
        self.socket.sendall(json.dumps({"command": words, "request_id": self.requests}).encode() + b"\n")
        while True:
            reply = self._message()
            if reply is None:
                raise LookupError(f"{words}: no reply")
            if "event" in reply:
                self.events.append(reply)
            elif reply.get("request_id") == self.requests:
                if reply["error"] != "success":
                    raise LookupError(f"{words}: {reply['error']}")
                return reply.get("data")

    def drain(self, seconds):
        """Takes in the events that come until none came for so long."""
        self.socket.settimeout(seconds)
        while (event := self._message()) is not None:
            self.events.append(event)

    def get(self, name, default=None):
        try:
            return self.command("get_property", name)
        except LookupError:
            return default

    def wait(self, condition, seconds=15):
        """Asks until condition() holds; its last value."""
        until = time.monotonic() + seconds
        while True:
            value = condition()
            if value or time.monotonic() > until or self.process.poll() is not None:
                return value
            time.sleep(0.02)
