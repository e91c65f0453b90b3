"""libtamis in other programs: the examples, symbols, ABI; delivery; forks, to the unit."""
import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

from conftest import BUILD, SOURCE, WEBSITE, wait_for
from library import (INSTRUMENT, LIBRARIES, build, check_abi, check_exports, check_header, environment, install,
                     pkg_config, quietly)
from upstream import Upstream

LIBRARY = LIBRARIES / "libtamis.so.1"
HEADER = SOURCE / "src" / "libtamis.h"
TRACK = SOURCE / "examples" / "c" / "track.c"
MANUAL = (SOURCE / "docs" / "libtamis.md").read_text()
TOOL = pathlib.Path(__file__).with_name("libtamis_tool.py")


@pytest.fixture
def upstream(tamis):
    with Upstream(websites=[WEBSITE]) as it:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=it.url, TAMIS_CONFIG="/dev/null")
        yield it


def names(upstream):
    return [record["event"]["payload"]["name"] for record in upstream.events]


class Tool:
    """A Python process with the library, that does one call a line."""

    def __init__(self, tamis, *flags):
        env = environment(LIBRARIES, tamis.environment)
        self.process = subprocess.Popen([sys.executable, TOOL, LIBRARY, *flags], env=env, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        tamis.processes.append(self.process)

    def __call__(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        said, self.process.stdin = self.process.stdout.read(), None
        assert self.process.wait(30) == 0, self.process.stderr.read()
        return said


def test_the_example_counts_and_delivers(tamis, upstream, tmp_path):
    build(TRACK, tmp_path / "track", f"-I{HEADER.parent}", LIBRARY)
    tamis.set(LD_LIBRARY_PATH=LIBRARIES)
    assert quietly(tmp_path / "track", env=tamis.environment) == b""
    (record,) = upstream.events
    payload = record["event"]["payload"]
    assert (payload["name"], payload["data"], payload["hostname"], payload["url"]) == (
        "signup", {"plan": "pro"}, "my-app", "/")
    rows = tamis.metrics()
    assert rows["tamis_events_forwarded_total"] == 1
    assert rows['http_server_request_duration_seconds_count{http_request_method="GET",http_route="/orders/{id}",'
                'http_response_status_code="200"}'] == 1


def test_the_example_against_what_is_installed(tamis, upstream, tmp_path):
    root = install(tmp_path / "root")
    folder = next(root.rglob("libtamis.so.1")).parent
    build(TRACK, tmp_path / "track", *pkg_config(root, "libtamis", "--cflags", "--libs"), f"-Wl,-rpath-link={folder}")
    tamis.set(LD_LIBRARY_PATH=folder)
    quietly(tmp_path / "track", env=tamis.environment)
    assert names(upstream) == ["signup"]


def test_the_example_of_the_manual(tamis, tmp_path):
    (example, expected), = re.findall(r"```c\n(.*?)```\s+```text\n(.*?)```", MANUAL, re.S)
    (tmp_path / "example.c").write_text(example)
    build(tmp_path / "example.c", tmp_path / "example", f"-I{HEADER.parent}", LIBRARY)
    tamis.set(LD_LIBRARY_PATH=LIBRARIES, TAMIS_CONFIG="/dev/null")
    assert quietly(tmp_path / "example", env=tamis.environment).decode() == expected


def test_pkg_config(tmp_path):
    root = install(tmp_path)
    version = re.search(r'TAMIS_VERSION "(.*)"', HEADER.read_text()).group(1)
    assert pkg_config(root, "libtamis", "--modversion") == [version]
    assert [flag for flag in pkg_config(root, "libtamis", "--libs") if flag.startswith("-l")] == ["-ltamis"]


@pytest.mark.parametrize("standard", ["c99", "c11", "c17"])
def test_header_by_itself(standard, tmp_path):
    check_header(HEADER, standard, tmp_path)


def test_exported_is_what_the_header_declares():
    check_exports(LIBRARY, HEADER, "tamis_", "TAMIS_1", {"tamis_log_fn"})


if not INSTRUMENT:
    def test_abi_is_the_baseline(tmp_path):
        check_abi("libtamis", tmp_path)


def test_only_the_forwarder_needs_curl():
    """What a responder is made of stays free of it."""
    needed = quietly("ldd", LIBRARIES / "tamis.fcgi").decode()
    assert "libcurl" not in needed and "libcurl" in quietly("ldd", LIBRARY).decode()


def test_flush_says_whether_it_was_delivered(tamis, upstream):
    one, other = Tool(tamis, "forward"), None
    assert one("send", "a") == [1, ""]
    assert one("flush", 20000) == 1
    assert names(upstream) == ["a"]
    other = Tool(tamis, "forward")
    assert other("send", "b") == [1, ""]
    assert other("flush", 20000) == 0  # on the disk; the other one forwards
    assert one("flush", 20000) == 1
    assert names(upstream) == ["a", "b"]
    upstream.fault("status", code=503)
    assert one("send", "c") == [1, ""]
    assert one("flush", 300) == -10
    upstream.clear()
    assert one("flush", 20000) == 1
    assert names(upstream) == ["a", "b", "c"]


def test_another_takes_over_from_one_that_was_killed(tamis, upstream):
    first = Tool(tamis, "forward")
    assert first("flush", 20000) == 1
    second, third = Tool(tamis, "forward"), Tool(tamis, "forward")
    first.process.kill()
    first.process.wait()
    for number in range(10):
        assert second("send", f"n{number}") == [1, ""]
    wait_for(lambda: len(upstream.events) == 10, "the standby")
    assert sorted(names(upstream)) == [f"n{number}" for number in range(10)]
    assert sorted([second("flush", 20000), third("flush", 20000)]) == [0, 1]


def test_one_that_ends_hands_over_at_once(tamis, upstream):
    first = Tool(tamis, "forward")
    assert first("flush", 20000) == 1
    second = Tool(tamis, "forward")
    assert second("flush", 20000) == 0
    first.end()
    second("send", "after")
    wait_for(lambda: names(upstream) == ["after"], "the standby")


def test_a_child_does_not_hold_the_lock_of_the_dead(tamis, upstream):
    """Nor its segment: what the parent left is adopted while the child lives on."""
    parent = Tool(tamis, "forward")
    assert parent("send", "a") == [1, ""]
    assert parent("flush", 20000) == 1
    child = parent("fork")
    parent.process.kill()
    parent.process.wait()
    heir = Tool(tamis, "forward")
    assert heir("send", "b") == [1, ""]
    wait_for(lambda: names(upstream) == ["a", "b"], "the heir")
    open_now = wait_for(lambda: list((tamis.state / "spool").rglob("*.open")), "a segment")
    os.kill(child, signal.SIGKILL)
    assert len(open_now) == 1


def test_waiting_for_the_answer(tamis, upstream):
    tamis.set(TAMIS_UMAMI_ASYNC_ENABLED="false")
    tool = Tool(tamis, "forward")
    assert tool("send", "a") == [2, ""]
    assert names(upstream) == ["a"]


def test_stop_within_a_second_though_the_upstream_hangs(tamis, upstream):
    upstream.fault("hang")
    tool = Tool(tamis, "forward")
    assert tool("send", "a") == [1, ""]
    result, seconds = tool("stop")
    assert (result, seconds < 5) == (-10, True)


def test_nothing_is_printed_but_by_the_log_function(tamis, upstream):
    upstream.down()
    tool = Tool(tamis, "forward", "log")
    assert tool("send", "a") == [1, ""]
    assert tool("flush", 500) == -10
    said = tool("said")
    assert [2, "forward: this process forwards"] in said
    assert tool.end() == ""
    assert tool.process.stderr.read() == ""


def run_forker(tamis, *words, seconds=2):
    acks = tamis.directory / "acks"
    acks.touch()
    done = subprocess.run([BUILD / "tests/integration/forker", str(seconds), acks, *words], env=tamis.environment,
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert tamis.command("forward", "--once=60").returncode == 0
    return [int(line) for line in acks.read_text().split()], *map(int, done.stdout.split())


def check_numbers(tamis, upstream, acknowledged, events, routes):
    got = collections.Counter(record["event"]["payload"]["data"]["n"] for record in upstream.events)
    rows = tamis.metrics()
    assert not set(acknowledged) - set(got), "lost"
    assert [number for number, times in got.items() if times > 1] == [], "twice"
    assert rows["tamis_events_accepted_total"] == rows["tamis_events_forwarded_total"] == len(got)
    assert len(acknowledged) <= len(got) <= events
    counted = rows['http_server_request_duration_seconds_count{http_request_method="GET",http_route="/fork",'
                   'http_response_status_code="200"}']
    assert routes <= counted <= events
    return len(got) - len(acknowledged), counted - routes


@pytest.mark.parametrize("forward", [[], ["forward"]])
def test_forks_lose_and_repeat_nothing(tamis, upstream, forward):
    numbers = run_forker(tamis, *forward)
    assert check_numbers(tamis, upstream, *numbers)[0] >= 0


def test_forks_that_are_killed_lose_and_repeat_nothing(tamis, upstream):
    check_numbers(tamis, upstream, *run_forker(tamis, "kill"))
