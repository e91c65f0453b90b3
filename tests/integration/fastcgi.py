"""FastCGI as a web server speaks it, record by record, and a tamis.fcgi on a socket of its own."""
import json
import socket
import struct

from conftest import BROWSER, BUILD, wait_for


def own_responder(tamis, **settings):
    """tamis.fcgi on a socket of its own, without a web server."""
    path = tamis.directory / "own.sock"
    arguments = [f"--{k.replace('_', '.', 1)}={v}" for k, v in settings.items()]
    process = tamis.start(BUILD / "tamis.fcgi", f"--http.socket={path}", *arguments)

    def answers():
        with socket.socket(socket.AF_UNIX) as s:
            return s.connect_ex(str(path)) == 0
    wait_for(lambda: answers() or process.poll() is not None, "tamis.fcgi")
    return process, path


def record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def parameters(**variables):
    pairs = b"".join(struct.pack(">BI", len(k), len(v) | 1 << 31) + k.encode() + v.encode()
                     for k, v in variables.items())
    return record(4, pairs) + record(4, b"")


def begin(keep):
    return record(1, struct.pack(">HB5x", 1, keep))


HEAD = dict(REQUEST_METHOD="POST", SCRIPT_NAME="/api/send", HTTP_USER_AGENT=BROWSER)


def read_answer(s):
    """Standard output of one FastCGI answer, up to its end record."""
    out, data = b"", s.makefile("rb")
    while True:
        head = data.read(8)
        if len(head) < 8:
            return out
        _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", head)
        content = data.read(length + padding)[:length]
        if kind == 6:
            out += content
        if kind == 3:
            return out
