"""Canaries through every web server of examples/: its logs, temporary files and dumps hold none of them."""
import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess

import pytest

from conftest import BROWSER, WEBSITE, files, wait_for
from fastcgi import HEAD, begin, own_responder, parameters, record
from other_user import OtherUser
from test_acceptance import assert_no_trace
from test_leaks import CORES, EMAIL, HEADERS, SECRET, base64_of, percent
from mounts import WAYS, Site, lighttpd

LARGE = 900_000  # above what any of the servers keeps in memory unless it is told to


@pytest.fixture(name="site", params=["nginx", "nginx-kept", "apache", "h2o", "caddy", "lighttpd"])
def mounted(request, tamis):
    start, kept, threads = WAYS[request.param]
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_HTTP_THREADS=threads)
    it = Site(tamis, kept, threads)
    it.name = request.param
    try:
        if start is not lighttpd:
            it.responds()
        start(it)
        yield it
    finally:
        tamis.end()
        shutil.rmtree(it.folder, ignore_errors=True)


def event(spell, length=0):
    payload = {"website": WEBSITE, "hostname": "shop.example.com", "url": f"/u/{spell(EMAIL)}?token={SECRET}",
               "title": f"for {spell(EMAIL)} " + "x " * (length // 2)}
    return json.dumps({"type": "event", "payload": payload}).encode()


def processes(site):
    """The web server, its children, and tamis.fcgi."""
    pids = []
    for started in site.tamis.processes:
        pids.append(started.pid)
        pids += map(int, subprocess.run(["pgrep", "-P", str(started.pid)], capture_output=True, text=True).stdout.split())
    return pids


def is_memory(path):
    kind = subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True).stdout.strip()
    return kind in ("tmpfs", "ramfs")


def open_files(site):
    """What the servers hold open on disks now, deleted files too."""
    for pid in processes(site):
        for fd in pathlib.Path(f"/proc/{pid}/fd").glob("*"):
            with contextlib.suppress(OSError):
                name = os.readlink(fd)
                if name.startswith("/") and fd.is_file() and not is_memory(fd):
                    yield f"{name} of {pid}", fd.read_bytes()


def head(length, spell):
    lines = [f"POST /api/send?mail={spell(EMAIL)}&token={SECRET} HTTP/1.1", "Host: x", f"User-Agent: {BROWSER}",
             length, *(f"{name}: {spell(EMAIL)} {SECRET}" for name in HEADERS if name != "Forwarded")]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def send_half(site, length, body):
    """A request whose body stops in the middle; the connection stays open."""
    s = socket.create_connection(("127.0.0.1", site.port), timeout=30)
    s.sendall(head(length, str) + body)
    return s


def test_logs_and_temporary_files_hold_no_canary(site):
    for spell in (str, percent, base64_of):
        headers = {"User-Agent": BROWSER, **{name: f"{spell(EMAIL)} {SECRET}" for name in HEADERS}}
        for path in (f"/api/send?mail={spell(EMAIL)}&token={SECRET}", f"/api/send/?mail={spell(EMAIL)}",
                     f"/api/batch?mail={spell(EMAIL)}&token={SECRET}"):
            for body in (event(spell), event(spell, LARGE), event(spell, 3 << 20), b'{"type":"' + EMAIL.encode()):
                with contextlib.suppress(OSError, http.client.HTTPException):  # 413 while it is sent
                    site.tamis.request("POST", path, body, headers)
    whole = event(str, LARGE)
    with contextlib.ExitStack() as stack:
        for length, body in (("Content-Length: 1000000", whole),
                             ("Transfer-Encoding: chunked", b"%x\r\n" % len(whole) + whole + b"\r\n")):
            stack.enter_context(send_half(site, length, body))
        assert site.tamis.send().status == 200
        assert_no_trace(open_files(site), CORES)
        assert_no_trace(files(site.folder, site.tamis.directory), CORES)
    if site.responder:  # what a server says of a responder that is gone
        site.responder.kill()
        site.responder.wait()
        site.listener.close()
        assert site.tamis.request("POST", f"/api/send?mail={EMAIL}", event(str)).status >= 500
    site.tamis.end()
    assert_no_trace(files(site.folder, site.tamis.directory), CORES)
    logs = [path for path in site.folder.rglob("*.log")] + [path for path in site.tamis.directory.rglob("*.log")]
    assert not [path for path in logs if b"127.0.0.1" in path.read_bytes()], "an address in a log"
    assert_no_trace(files("/dev/shm"), CORES)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT])
def test_a_responder_that_crashes_leaves_no_core(tamis, number, monkeypatch):
    """Even one that was started where cores are wanted, with a request half in its memory."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    monkeypatch.chdir(tamis.directory)
    try:
        responder, path = own_responder(tamis)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    limits = pathlib.Path(f"/proc/{responder.pid}/limits").read_text()
    assert [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core")] == [["0", "0"]]
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        s.sendall(begin(0) + parameters(**HEAD) + record(5, event(str)))
        wait_for(lambda: SECRET.encode() in memory_of(responder.pid), "the request to be in its memory")
        responder.send_signal(number)
        responder.wait(timeout=20)
    assert responder.returncode == -number
    assert not [p for p in tamis.directory.rglob("*core*") if p.is_file()]
    assert_no_trace(files(tamis.directory, tamis.keys), CORES)


def memory_of(pid):
    """All that the process may write, as root sees it; not the terabytes that ASan only reserves."""
    found = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            span, rights = line.split()[:2]
            begin_at, end_at = (int(x, 16) for x in span.split("-"))
            if rights.startswith("rw") and end_at - begin_at < 1 << 30:
                with contextlib.suppress(OSError, ValueError):
                    memory.seek(begin_at)
                    found.append(memory.read(end_at - begin_at))
    return b"".join(found)


def test_nobody_but_root_reads_its_memory(tamis):
    """Not dumpable: no program that takes dumps gets one, and the same user attaches no debugger."""
    if os.geteuid() != 0:
        pytest.skip("needs root to start it as another user")
    other = OtherUser(tamis)
    state = tamis.directory / "other"
    state.mkdir()
    state.chmod(0o777)
    tamis.keys.chmod(0o755)
    os.chown(tamis.keys, 12345, 12345)
    os.chown(state, 12345, 12345)
    tamis.set(LD_LIBRARY_PATH=other.programs)
    process = tamis.start("setpriv", "--reuid=12345", "--regid=12345", "--clear-groups",
                          other.programs / "tamis.fcgi", f"--http.socket={state}/sock", f"--state.dir={state}/state",
                          f"--identity.key_dir={tamis.keys}")
    wait_for(lambda: (state / "sock").exists() or process.poll() is not None, "its socket")
    assert process.poll() is None, tamis.logs()
    seen = subprocess.run(["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "cat",
                           f"/proc/{process.pid}/environ"], capture_output=True, text=True)
    assert seen.returncode != 0 and "denied" in seen.stderr
