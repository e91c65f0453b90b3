"""tamis top: a screen that fits, a terminal given back, and lines where there is none."""
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading

import pytest

from conftest import BUILD, WEBSITE, wait_for
from upstream import Upstream


class Screen:
    """`tamis top` on a terminal of so many lines and columns."""

    def __init__(self, tamis, lines=24, columns=80, arguments=()):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave, self.seen = slave, b""
        self.process = subprocess.Popen([BUILD / "tamis", "top", *arguments], stdin=slave,
                                        stdout=slave, stderr=slave, env=tamis.environment,
                                        start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            try:
                self.seen += os.read(self.master, 65536)
            except OSError:
                return

    def frames(self):
        """Whole screens, as lists of lines."""
        text = self.seen.decode(errors="replace")
        found = re.findall(r"\x1b\[H(.*?)\x1b\[J", text, re.S)
        return [re.sub(r"\x1b\[K|\r", "", frame).split("\n") for frame in found]

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.slave)
        os.close(self.master)


@pytest.fixture
def site(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL="http://127.0.0.1:9")
    tamis.lighttpd()
    for url in ["/pricing"] * 3 + ["/" + "long" * 60, "/\x1b[31mred", "/ü"]:
        assert tamis.send(url=url).status == 200
    tamis.request("POST", "/api/send", b"{")
    return tamis


@pytest.mark.parametrize("lines, columns", [(24, 80), (10, 30), (60, 200)])
def test_the_screen_fits(site, lines, columns):
    screen = Screen(site, lines, columns)
    try:
        frame = wait_for(lambda: len(screen.frames()) > 1 and screen.frames()[-1], "two frames")
    finally:
        screen.close()
    assert len(frame) <= lines and all(len(line) <= columns for line in frame)
    assert frame[0].startswith("tamis") and "nobody forwards" in frame[1]
    if columns >= 80:
        text = "\n".join(frame)
        assert re.search(r"^  accepted +[\d.]+ +6$", text, re.M)
        assert re.search(r"^backlog +6 events, ", text, re.M)
        assert re.search(r"^ +[\d.]+ +3  /pricing$", text, re.M)
        assert "\x1b" not in text


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, "q"])
def test_the_terminal_is_given_back(site, end):
    screen = Screen(site)
    try:
        wait_for(screen.frames, "a frame")
        assert termios.tcgetattr(screen.slave)[3] & termios.ECHO == 0
        if end == "q":
            os.write(screen.master, b"xq")
        else:
            screen.process.send_signal(end)
        assert screen.process.wait(10) == 0
        wait_for(lambda: screen.seen.endswith(b"\x1b[?25h\x1b[?1049l"), "the own screen")
        assert screen.seen.startswith(b"\x1b[?1049h\x1b[?25l")
        assert termios.tcgetattr(screen.slave) == screen.before
    finally:
        screen.close()


def test_once_on_a_terminal_is_a_screen_without_tricks(site):
    screen = Screen(site, arguments=["--once"])
    try:
        assert screen.process.wait(20) == 0
        wait_for(lambda: b"/pricing" in screen.seen, "the screen")
        assert b"\x1b" not in screen.seen
    finally:
        screen.close()


def test_lines_where_there_is_no_terminal(site):
    process = subprocess.Popen([BUILD / "tamis", "top"], env=site.environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert lines[0].split() == ["TIME", "IN/s", "REFUSED/s", "OUT/s", "BACKLOG", "OLDEST_s",
                                "DRAINED_s", "DEAD", "UP_ms"]
    for line in lines[1:]:
        assert len(line.split()) == 9 and line.split()[4] == "6"
    process.stdout.close()
    process.stderr.close()


def test_once_sees_what_is_forwarded(site):
    with Upstream(websites=[WEBSITE]) as up:
        site.set(UMAMI_API_URL=up.url)
        site.command("forward", "--once=30", check=True)
        out = site.command("top", "--once", check=True).stdout.splitlines()
    assert len(out) == 2 and out[1].split()[4] == "0"


def test_wrong_use(tamis):
    assert tamis.command("top", "x").returncode == 64
    assert tamis.command("top", "--twice").returncode == 64
