"""The progress bar of sanitize: on a terminal only, with share, rate and time left."""
import os
import pty
import re
import select
import subprocess

import pytest

from conftest import wait_for
from sanitize_tool import SANITIZE, records


class OnTerminal:
    """sanitize with its standard error on a terminal; its output is taken slowly."""

    def __init__(self, *arguments, **options):
        self.terminal, other = pty.openpty()
        self.process = subprocess.Popen([SANITIZE, *map(str, arguments)], stdout=subprocess.PIPE,
                                        stderr=other, **options)
        os.close(other)
        self.said = b""

    def step(self):
        """Take a little of the output and all that was said; False at the end."""
        more = self.process.stdout.read1(16384)
        while select.select([self.terminal], [], [], 0)[0]:
            try:
                self.said += os.read(self.terminal, 65536)
            except OSError:
                break
        return bool(more)

    def finish(self):
        while self.step():
            pass
        self.process.wait(60)
        self.step()
        os.close(self.terminal)
        return self.said


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big.log"
    data, _ = records(2000)
    path.write_bytes(data * 60)
    return path


def test_bar_with_share_rate_and_time_left(big):
    it = OnTerminal(big)
    wait_for(lambda: it.step() is False or b"left" in it.said, "the bar")
    assert re.search(rb"\r\[#*\.*\] +\d+%  [\d.]+ [kM]B  [\d.]+ [kM]B/s  \d+:\d\d left", it.said)
    assert it.finish().endswith(b"\r\033[K")


def test_of_a_pipe_only_rate_and_bytes_are_known(big):
    with open(big, "rb") as file:
        source = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        it = OnTerminal(stdin=source.stdout)
        source.stdout.close()
        wait_for(lambda: it.step() is False or b"/s" in it.said, "the bar")
        assert re.search(rb"\r[\d.]+ [kM]B  [\d.]+ [kM]B/s", it.said) and b"%" not in it.said
        it.finish()
        source.wait(60)


def test_quiet_says_nothing(big):
    small = big.with_name("small.log")
    small.write_bytes(big.read_bytes()[:3000000])
    it = OnTerminal("--quiet", small)
    seen = [it.step()]
    wait_for(lambda: not it.step(), "the end of the output", 60)
    assert seen == [True] and it.finish() == b""
