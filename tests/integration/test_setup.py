"""The two commands and the README, tried from a fresh clone as a newcomer would."""
import os
import shutil
import signal
import socket
import subprocess
import threading

import pytest
from conftest import SOURCE, WEBSITE, free_port, listening, wait_for
from test_acceptance import assert_no_trace, files
from upstream import Upstream

BUILD_SECONDS = 600


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """What a newcomer gets; compiled without optimisation, to spare time."""
    directory = tmp_path_factory.mktemp("clone") / "tamis"
    if (SOURCE / ".git").exists():
        subprocess.run(["git", "clone", "-q", str(SOURCE), str(directory)], check=True)
    else:  # a release tarball is tried as it is
        shutil.copytree(SOURCE, directory)
        subprocess.run(["chmod", "-R", "u+w", str(directory)], check=True)
    return directory


def environment(**more):
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("UMAMI_", "TAMIS_", "MAKE", "MFLAGS", "top_", "DESTDIR"))}
    return {**kept, "CFLAGS": "-O0", **more}


class Run:
    """A running ./setup run; its lines are kept."""

    def __init__(self, directory, *arguments, **variables):
        self.process = subprocess.Popen(
            ["./setup", "run", *arguments], cwd=directory, env=environment(**variables),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def line(self, start, seconds=BUILD_SECONDS):
        def found():
            assert self.process.poll() is None, "\n".join(self.lines)
            return next((line for line in self.lines if line.startswith(start)), None)
        return wait_for(found, f"a line {start!r} of ./setup run", seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def test_run_forwards_a_clean_event_and_stops_in_time(clone):
    port = free_port()
    with Upstream() as upstream, Run(clone, "--port", str(port), UMAMI_WEBSITE_ID=WEBSITE,
                                     UMAMI_API_URL=upstream.url) as run:
        curl = run.line("curl -s http://127.0.0.1:")
        assert "Mozilla/5.0" in curl and "/user/john@example.com/reset?token=abc123" in curl
        answer = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, check=True)
        assert '"cache"' in answer.stdout, answer.stdout
        record, = wait_for(lambda: upstream.events, "the event upstream", 30)
        assert record["event"]["payload"]["url"] == "/user/[REDACTED_EMAIL]/reset?token=[REDACTED]"
        assert_no_trace(files(clone / "var"))
        look = next(line for line in run.lines if "spool cat" in line)
        shown = subprocess.run(["bash", "-c", look], cwd=clone, capture_output=True, text=True)
        assert shown.returncode == 0, shown.stderr
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(5) == 143
        assert not listening(port)


def test_run_without_website_is_local_only_and_says_so_once(clone):
    port = free_port()
    with Run(clone, f"--port={port}") as run:
        curl = run.line("curl -s http://127.0.0.1:")
        answer = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, check=True)
        assert '"cache"' in answer.stdout
        look = next(line for line in run.lines if "spool cat" in line)
        shown = subprocess.run(["bash", "-c", look], cwd=clone, capture_output=True, text=True)
        assert "/user/[REDACTED_EMAIL]/reset?token=[REDACTED]" in shown.stdout, shown.stderr
        assert sum("local only" in line for line in run.lines) == 1
        assert not any("installing with apt" in line for line in run.lines), "nothing was missing"
        os.killpg(run.process.pid, signal.SIGINT)
        run.process.wait(5)
        assert not listening(port)


def test_a_taken_port_names_the_option(clone):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        out = subprocess.run(["./setup", "run", "--port", str(port)], cwd=clone, env=environment(),
                             capture_output=True, text=True)
    assert out.returncode == 1
    assert str(port) in out.stderr and "--port" in out.stderr


def test_without_apt_the_packages_are_named(clone, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "env", "dirname", "readlink"):
        (tools / tool).symlink_to(shutil.which(tool))
    out = subprocess.run(["./setup", "run", "--port", str(free_port())], cwd=clone,
                         env={"PATH": str(tools)}, capture_output=True, text=True)
    assert out.returncode == 1
    for package in ("libfcgi-dev", "libpcre2-dev", "lighttpd"):
        assert package in out.stderr


def test_install_and_distcheck(clone, tmp_path):
    make = ["make", "-s", "-C", str(clone / "build" / "run")]
    subprocess.run([*make, "install", f"DESTDIR={tmp_path}"], check=True, env=environment(),
                   stdout=subprocess.DEVNULL)
    there = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")}
    for path in ("bin/tamis", "bin/sanitize", "libexec/tamis/tamis.fcgi", "include/sanitizer.h",
                 "lib/pkgconfig/libsanitizer.pc", "share/man/man1/tamis.1",
                 "share/man/man8/tamis.fcgi.8", "share/man/man5/tamis.yaml.5",
                 "share/man/man1/sanitize.1", "share/doc/tamis/examples/lighttpd/tamis.conf"):
        assert f"usr/local/{path}" in there, path
    # The tests themselves run anyway: the tarball needs to build, install and go without a trace.
    out = subprocess.run([*make, "distcheck", "check_PROGRAMS=", "TESTS=tests/layers.sh"],
                         env=environment(), capture_output=True, text=True)
    assert out.returncode == 0, out.stdout[-3000:] + out.stderr[-3000:]
