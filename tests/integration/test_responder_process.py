"""tamis.fcgi as a process: slow, broken and hostile senders, signals, sockets, the rate of a client."""
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading

import pytest

from conftest import BUILD, SOURCE, WEBSITE, end, request, wait_for
from fastcgi import HEAD, begin, own_responder, parameters, read_answer, record
from upstream import Upstream

EVENT = {"type": "event", "payload": {"website": WEBSITE, "hostname": "shop.example.com", "url": "/a"}}


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_signals_end_it_while_threads_wait(tamis, stop):
    process, path = own_responder(tamis)
    with socket.socket(socket.AF_UNIX) as kept:  # one worker waits on a kept connection
        kept.connect(str(path))
        kept.sendall(begin(1) + parameters(**HEAD) + record(5, json.dumps(EVENT).encode()) + record(5, b""))
        assert b"200 OK" in read_answer(kept)
        process.send_signal(stop)
        assert process.wait(2) == 0
    assert tamis.command("spool", "cat", check=True).stdout.count('"url"') == 1


def test_what_waits_in_a_socket_of_its_own_is_answered_after_sigterm(tamis):
    """mod_fcgid makes a socket for each process, called by its own process number: nobody else takes what comes there."""
    def asks():
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(20)
        s.connect(listener.getsockname())
        s.sendall(begin(0) + parameters(**HEAD) + record(5, json.dumps(EVENT).encode()) + record(5, b""))
        return s

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tamis.directory / f"{os.getpid()}.0"))
        listener.listen(8)
        process = tamis.start(BUILD / "tamis.fcgi", "--http.threads=1", stdin=listener)
        assert b"200 OK" in read_answer(asks())
        process.send_signal(signal.SIGSTOP)
        waiting = [asks() for _ in range(5)]
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGCONT)
        assert all(b"200 OK" in read_answer(s) for s in waiting)
        assert process.wait(2) == 0


def test_kept_connection_carries_many_requests(tamis):
    _, path = own_responder(tamis)
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        for n in (1, 100, 20000, 1 << 21):  # the last one over the limit: dropped to its end
            body = json.dumps(EVENT).ljust(n).encode()
            stdin = b"".join(record(5, body[i:i + 60000]) for i in range(0, len(body), 60000))
            threading.Thread(target=s.sendall, daemon=True, args=(
                begin(1) + parameters(**HEAD) + stdin + record(5, b""),)).start()
            assert (b"413" if n > 1 << 20 else b"200 OK") in read_answer(s)
        s.sendall(begin(1) + parameters(REQUEST_METHOD="GET", SCRIPT_NAME="/healthz") + record(5, b""))
        assert b"200 OK" in read_answer(s)


def test_half_sent_and_silent_connections_are_given_up(tamis):
    """As many of them as threads: an honest request still gets through."""
    _, path = own_responder(tamis, http_threads=2)
    silent = []
    for n in (0, 3):
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(path))
        if n:
            s.sendall(begin(0) + parameters(**HEAD) + record(5, b'{"type":'))  # and no more
        silent.append(s)
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(str(path))
        s.sendall(begin(0) + parameters(**HEAD) + record(5, json.dumps(EVENT).encode()) + record(5, b""))
        assert b"200 OK" in read_answer(s)
    for s in silent:
        s.close()


def test_rate_is_one_for_all_processes(tamis):
    """FastCGI and CGI take from one client's allowance; nothing of it lies below the state directory."""
    tamis.set(TAMIS_LIMIT_REQUESTS_PER_MINUTE=1, TAMIS_LIMIT_BURST=3)
    _, path = own_responder(tamis)
    body, answers = json.dumps(EVENT).encode(), []
    for _ in range(2):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(path))
            s.sendall(begin(0) + parameters(**HEAD, REMOTE_ADDR="192.0.2.9") + record(5, body) + record(5, b""))
            answers.append(read_answer(s))
    for address in ("192.0.2.9", "192.0.2.9", "192.0.2.10"):
        done = subprocess.run([BUILD / "tamis.fcgi"], env={**tamis.environment, **HEAD, "REMOTE_ADDR": address},
                              input=body, check=True, capture_output=True)
        answers.append(done.stdout)
    assert [a[:11] for a in answers] == [b"Status: 200"] * 3 + [b"Status: 429"] + [b"Status: 200"]
    assert 0 < int(re.search(rb"\r\nRetry-After: (\d+)\r\n", answers[3])[1]) <= 61
    assert tamis.metrics()['tamis_events_refused_total{reason="rate"}'] == 1
    assert (tamis.keys / "limit").stat().st_mode & 0o777 == 0o600
    assert not list(tamis.state.rglob("limit*"))


@pytest.mark.parametrize("part", ["parameters", "record head", "body"])
def test_trickled_requests_are_given_up(tamis, part):
    """A byte now and then keeps no time-out of the socket from starting anew: the total counts."""
    _, path = own_responder(tamis, http_threads=1, http_request_timeout_seconds=1)
    first = {"parameters": begin(0) + record(4, b"\x04\x7fNAME" + b"v" * 100)[:-90],
             "record head": begin(0) + parameters(**HEAD) + b"\x01\x05\x00",
             "body": begin(0) + parameters(**HEAD) + struct.pack(">BBHHBB", 1, 5, 1, 60000, 0, 0)}[part]
    # What comes of "record head" are heads of records that are skipped, for ever.
    bytes_ = b"\x01\x0c\x00\x01\x00\x00\x00\x00" * 10000 if part == "parameters" else b"\x01" * 80000
    stop = threading.Event()
    with socket.socket(socket.AF_UNIX) as slow, socket.socket(socket.AF_UNIX) as honest:
        slow.connect(str(path))
        slow.sendall(first)

        def trickle():
            for i in range(len(bytes_)):
                if stop.wait(0.02):
                    return
                try:
                    slow.send(bytes_[i:i + 1])
                except OSError:
                    return  # given up

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            honest.settimeout(30)
            honest.connect(str(path))
            honest.sendall(begin(0) + parameters(**HEAD) + record(5, json.dumps(EVENT).encode()) + record(5, b""))
            assert b"200 OK" in read_answer(honest)
        finally:
            stop.set()
            thread.join()


def test_hostile_records(tamis):
    """Lengths of the CVE-2025-23016 kind and noise at worst end the process: nothing is lost."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    assert tamis.send(name="before").status == 200
    path = next(tamis.directory.glob("tamis.sock*"))
    for content in (struct.pack(">II", 0xfffffffe, 0xfffffffe), struct.pack(">II", 0xc0000000, 0xc0000000),
                    b"\xff" * 64, b""):
        wait_for(lambda: tamis.send(name="after").status == 200, "tamis.fcgi to be there")
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(str(path))
            try:
                s.sendall(begin(0) + record(4, content) + record(4, b"") + record(5, b""))
                s.shutdown(socket.SHUT_WR)
                while s.recv(4096):
                    pass
            except OSError:
                pass
    wait_for(lambda: tamis.send(name="after").status == 200, "tamis.fcgi to be there again")
    end(tamis.processes[0])
    kept = tamis.command("spool", "cat", check=True).stdout
    assert kept.count('"before"') == 1 and kept.count('"after"') >= 1


@pytest.mark.parametrize("arguments, words", [
    ([], "http.socket"),
    (["--no.such=1"], "no.such"),
    (["--config", "/nonexistent.yaml"], "nonexistent.yaml"),
])
def test_start_errors(tamis, arguments, words):
    done = subprocess.run([BUILD / "tamis.fcgi", *arguments], env=tamis.environment, timeout=20,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode != 0
    assert words in done.stderr


def test_public_tokens_are_refused(tamis):
    assert tamis.command("token", "make", "--scope=ops").returncode == 0
    (tamis.state / "tokens").chmod(0o644)
    done = subprocess.run([BUILD / "tamis.fcgi"], timeout=20,
                          env={**tamis.environment, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/healthz"},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 77
    assert "/tokens" in done.stderr and "tamis_" not in done.stderr


@pytest.mark.parametrize("key", ["metrics.token_file", "routes.token_file"])
def test_keys_of_before_say_what_to_run(tamis, key):
    section, name = key.split(".")
    file = tamis.directory / "tamis.yaml"
    file.write_text(f"{section}:\n  {name}: /etc/token\n")
    environment = {f"TAMIS_{section.upper()}_TOKEN_FILE": "/etc/token"}
    for arguments, more in (([f"--{key}=/etc/token"], {}), ([f"--config={file}"], {}), ([], environment)):
        done = subprocess.run([BUILD / "tamis.fcgi", *arguments], timeout=20, env={**tamis.environment, **more},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 78, (arguments, more)
        assert "tamis token make --scope=ops" in done.stderr and section in done.stderr


def test_example_of_the_manual(tamis):
    """The command in tamis.fcgi(8) as it stands there."""
    manual = (SOURCE / "cgi" / "tamis.fcgi.8").read_text()
    example = re.search(r"^\.Sh EXAMPLES\n.*?^\.Bd -literal.*?\n(.*?)\n\.Ed", manual, re.M | re.S)[1]
    example = example.replace("/tmp/tamis", str(tamis.state))
    environment = {**tamis.environment, "PATH": f"{BUILD}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", example], env=environment, timeout=20, capture_output=True,
                          stdin=subprocess.DEVNULL, text=True)
    assert done.stdout.startswith("Status: 200 OK\n"), done.stderr
    assert '"takes_events":true' in done.stdout


def test_taken_socket_is_refused(tamis):
    _, path = own_responder(tamis)
    done = subprocess.run([BUILD / "tamis.fcgi", f"--http.socket={path}"], env=tamis.environment,
                          timeout=20, capture_output=True, text=True)
    assert done.returncode == 75 and "http.socket" in done.stderr


def test_stale_socket_is_replaced(tamis):
    process, path = own_responder(tamis)
    process.kill()
    process.wait()
    assert path.exists()
    own_responder(tamis)
    assert path.stat().st_mode & 0o777 == 0o660


def test_a_sent_event_leaves_the_disk_while_its_writer_lives(tamis):
    """The segment is sealed when it is old, without another event, and then it goes."""
    def segments():
        return [file.suffix for file in (tamis.state / "spool").glob("*/*-*.*")]

    with Upstream(websites=[WEBSITE]) as up:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=up.url, TAMIS_SPOOL_SEGMENT_SECONDS=1,
                  TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS=1)
        tamis.lighttpd()
        assert tamis.send(url="/one").status == 200
        assert segments(), "it waits for a forwarder"
        tamis.forward()
        wait_for(lambda: len(up.events) == 1, "the event at the upstream")
        wait_for(lambda: not segments(), "the segment to go")
        assert tamis.send(url="/two").status == 200
        wait_for(lambda: len(up.events) == 2, "the next event")
