"""tamis.fcgi behind a real lighttpd: by FastCGI, by a socket of its own, by CGI; slow and
broken senders, signals, kill -9, and nothing raw left anywhere."""
import base64
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import threading
import urllib.parse

import pytest

from conftest import BROWSER, BUILD, SOURCE, WEBSITE, end, free_port, listening, need, read_terminal, request, wait_for
from upstream import Upstream

EVENT = {"type": "event", "payload": {"website": WEBSITE, "hostname": "shop.example.com", "url": "/a"}}
CORS = {"access-control-allow-origin": "*", "access-control-allow-headers": "*",
        "access-control-allow-methods": "GET, DELETE, POST, PUT", "access-control-max-age": "86400",
        "cache-control": "no-cache"}


def responder(tamis):
    """The pid of tamis.fcgi that lighttpd started."""
    lighttpd = tamis.processes[0].pid
    children = subprocess.run(["pgrep", "-P", str(lighttpd)], capture_output=True, text=True).stdout
    return int(children.split()[0])


def text_of(tamis):
    """Every byte below the test's directory."""
    return b"\n".join(p.read_bytes() for p in tamis.directory.rglob("*") if p.is_file())


# --- the table of paths, through a web server ---------------------------------------


@pytest.fixture(name="served", params=["fastcgi", "tamis.cgi", "tamis.fcgi", "socket"])
def served_by(request, tamis):
    """The same answers whatever way the web server reaches tamis: by CGI both programs do."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    if request.param == "fastcgi":
        tamis.lighttpd()
    elif request.param != "socket":
        by_cgi(tamis, request.param)
    else:
        by_socket(tamis)
    return tamis


def serve(tamis, configuration):
    tamis.port = free_port()
    path = tamis.directory / "lighttpd.conf"
    path.write_text(f'server.document-root = "{tamis.directory}"\nserver.port = {tamis.port}\n'
                    f'server.bind = "127.0.0.1"\n'
                    f'server.errorlog = "{tamis.directory}/lighttpd-error.log"\n{configuration}')
    process = tamis.start(need("lighttpd"), "-D", "-f", path)
    wait_for(lambda: listening(tamis.port) or process.poll() is not None, "lighttpd")
    assert process.poll() is None, tamis.logs()


def by_cgi(tamis, program):
    variables = ", ".join(f'"{k}" => "{v}"' for k, v in tamis.environment.items()
                          if k.startswith(("TAMIS_", "UMAMI_")))  # mod_cgi passes none on
    serve(tamis, f'server.modules += ("mod_alias", "mod_cgi", "mod_setenv")\n'
                 f'setenv.set-environment = ({variables})\n'
                 f'alias.url = ("/" => "{BUILD}/{program}/")\n'
                 f'cgi.assign = ("{program}" => "")\n')


def by_socket(tamis):
    _, path = own_responder(tamis)
    serve(tamis, f'server.modules += ("mod_fastcgi")\n'
                 f'fastcgi.server = ("/" => (("socket" => "{path}", "check-local" => "disable")))\n')


def test_routes_of_other_hosts(tamis):
    """As docs/operations.md has it."""
    manual = (SOURCE / "docs" / "operations.md").read_text()
    (line, answer), = re.findall(r"```sh\n(curl[^`]*/api/tamis/routes)\n```\s+```text\n(.*?)```", manual, re.S)
    token = tamis.directory / "routes.token"
    token.write_text("0123456789" * 3)
    token.chmod(0o600)
    tamis.set(TAMIS_ROUTES_TOKEN_FILE=token)
    tamis.lighttpd()
    line = line.replace("127.0.0.1:8080", f"127.0.0.1:{tamis.port}")
    assert subprocess.check_output(line, shell=True, cwd=tamis.directory, text=True) + "\n" == answer
    row = ('{http_request_method="GET",http_route="/orders/{id}",http_response_status_code="200"')
    rows = tamis.metrics()
    assert rows[f"http_server_request_duration_seconds_count{row}}}"] == 4
    assert rows[f"http_server_request_duration_seconds_bucket{row},le=\"0.005\"}}"] == 3
    token.chmod(0o644)
    assert "routes.token_file" in tamis.command("config", "check").stderr


def test_answers(served):
    answer = served.request("POST", "/api/send", EVENT)
    assert answer.status == 200
    assert set(answer.json) == {"cache", "sessionId", "visitId"}
    assert CORS.items() <= answer.headers.items()
    assert served.request("POST", "/api/send?x=1", EVENT).status == 200
    bot = served.request("POST", "/api/send", EVENT, {"User-Agent": "curl/8.0"})
    assert (bot.status, bot.json, bot.headers["x-tamis-reason"]) == (200, {"beep": "boop"}, "bot")
    for header in ({"DNT": "1"}, {"Sec-GPC": "1"}):
        assert served.request("POST", "/api/send", EVENT, header).json == {"disabled": True}
    assert served.request("POST", "/api/send", b"{").status == 400
    other = {"type": "event", "payload": {"website": "6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10"}}
    assert served.request("POST", "/api/send", other).json["error"]["message"] == "Website not found."
    batch = served.request("POST", "/api/batch", [EVENT, other])
    assert batch.json["processed"] == 1 and batch.json["details"][0]["index"] == 1
    options = served.request("OPTIONS", "/api/send", None, {"Origin": "https://shop.example.com"})
    assert (options.status, options.body, options.headers["allow"]) == (204, b"", "OPTIONS, POST")
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD"):
        answer = served.request(method, "/api/send")
        assert (answer.status, answer.body) == (405, b""), method
    moved = served.request("POST", "/api/send/", EVENT)
    assert (moved.status, moved.headers["location"].endswith("/api/send")) == (308, True)
    assert served.request("GET", "/api/heartbeat").json == {"ok": True}
    assert served.request("HEAD", "/api/heartbeat").status == 200
    assert served.request("GET", "/healthz").json == {"alive": True}
    assert served.request("GET", "/metrics").status == 404
    recording = served.request("POST", "/api/record", {"type": "record", "payload": {"events": []}})
    assert recording.status == 403 and "text events only" in recording.json["error"]["message"]
    metrics = served.metrics()
    assert metrics["tamis_events_accepted_total"] == 3
    assert metrics['tamis_events_refused_total{reason="bot"}'] == 1
    assert metrics['tamis_events_refused_total{reason="dnt"}'] == 2
    assert metrics['tamis_events_refused_total{reason="recording"}'] == 1
    assert metrics['tamis_page_views_total{http_route="/a"}'] == 3


def test_unknown_path(tamis):
    by_socket(tamis)
    answer = tamis.request("POST", "/api/nope", EVENT)
    assert (answer.status, answer.json["error"]["status"]) == (404, 404)
    assert CORS.items() <= answer.headers.items()


def test_body_limits(served):
    fits = json.dumps(EVENT).ljust(1 << 20).encode()
    assert served.request("POST", "/api/send", fits).status == 200
    answer = served.request("POST", "/api/send", fits + b" ")
    assert (answer.status, answer.json["error"]["code"]) == (413, "too-large")
    assert served.metrics()['tamis_events_refused_total{reason="too_large"}'] == 1
    assert served.request("POST", "/api/send", EVENT).status == 200


def test_chunked_body(served):
    body = json.dumps(EVENT).encode()
    with socket.create_connection(("127.0.0.1", served.port), timeout=15) as s:
        s.sendall(b"POST /api/send HTTP/1.1\r\nHost: x\r\nUser-Agent: " + BROWSER.encode() +
                  b"\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
                  b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert b" 200 OK" in s.makefile("rb").read()


# --- what is kept -------------------------------------------------------------------


def test_nothing_raw_is_left(tamis):
    """E-mail, token, cookie and bearer token of a visitor are nowhere afterwards."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    mail, token, cookie, bearer = "john.canary@example.com", "tok3nCanary77", "c00kieCanary", "bearerCanary9"
    answer = tamis.send(url=f"/user/{mail}/reset?token={token}", title=f"Mail to {mail}",
                        headers={"Cookie": f"id={cookie}", "Authorization": f"Bearer {bearer}"})
    assert answer.status == 200
    tamis.request("POST", "/api/send", f'{{"type":"event","payload":{{"website":"{mail}"')
    end(tamis.processes[0])
    kept = text_of(tamis)
    assert b"/user/[REDACTED_EMAIL]/reset?token=[REDACTED]" in kept
    for canary in (mail, token, cookie, bearer):
        for spelling in (canary, urllib.parse.quote(canary, safe=""), json.dumps(canary)[1:-1],
                         canary.encode("utf-16-le").decode("latin-1")):
            assert spelling.encode("latin-1") not in kept, spelling
        for cut in range(3):  # base64 of it at any place
            piece = base64.b64encode(canary.encode()[cut:])[:12]
            assert piece not in kept


def test_kill_loses_nothing_answered(tamis):
    """Events are posted while tamis.fcgi is killed: what was answered 200 is kept and counted."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    answered, stop = [0] * 4, threading.Event()

    def post(i):
        while not stop.is_set():
            try:
                answered[i] += tamis.send(name=f"kill-{i}").status == 200
            except OSError:
                pass

    threads = [threading.Thread(target=post, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        before = sum(answered)
        wait_for(lambda: sum(answered) > before + 50, "answers")
        os.kill(wait_for(lambda: alive(tamis), "tamis.fcgi"), signal.SIGKILL)
    stop.set()
    for thread in threads:
        thread.join()
    end(tamis.processes[0])
    subprocess.run([BUILD / "tamis.fcgi"], env={**tamis.environment, "REQUEST_METHOD": "GET",
                                                "SCRIPT_NAME": "/healthz"}, check=True,
                   capture_output=True)  # adopts what the last one left
    kept = tamis.command("spool", "cat", check=True).stdout
    for i in range(4):
        assert kept.count(f'"kill-{i}"') >= answered[i]
    assert tamis.metrics()["tamis_events_accepted_total"] == sum(kept.count(f'"kill-{i}"') for i in range(4))


def alive(tamis):
    try:
        return responder(tamis)
    except IndexError:
        return None


def test_full_spool(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_SPOOL_MAX_BYTES=4 << 20, TAMIS_HTTP_MAX_BATCH=1000)
    tamis.lighttpd()
    batch = [{"type": "event", "payload": {"website": WEBSITE, "name": "n", "title": "t" * 400,
                                           "url": "/" + "p" * 400}}] * 500
    answer = wait_for(lambda: next((a for a in [tamis.request("POST", "/api/batch", batch)]
                                    if a.status != 200), None), "a full spool")
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    answer = wait_for(lambda: next((a for a in [tamis.send()] if a.status != 200), None),
                      "no room for one event either")
    assert (answer.status, int(answer.headers["retry-after"]) > 0) == (503, True)
    ready = tamis.request("GET", "/readyz")
    assert (ready.status, ready.json["takes_events"]) == (503, False)
    assert ready.json["reason"] == "the spool is full"
    assert tamis.request("GET", "/healthz").status == 200
    assert tamis.metrics()['tamis_events_refused_total{reason="spool_full"}'] > 500


def test_ready_is_who_forwards_what_is_forwarded(tamis):
    with Upstream(websites=[WEBSITE]) as up:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=up.url)
        tamis.lighttpd()
        assert tamis.send().status == 200
        ready = tamis.request("GET", "/readyz")
        assert ready.status == 503
        assert (ready.json["takes_events"], ready.json["backlog_moves"]) == (True, False)
        forwarder = tamis.forward()
        wait_for(lambda: tamis.request("GET", "/readyz").status == 200, "readiness")
        assert tamis.request("GET", "/readyz").json["backlog_moves"]
        end(forwarder)


def test_local_only_is_ready(tamis):
    tamis.lighttpd()
    assert tamis.request("GET", "/readyz").json == {"ready": True, "takes_events": True,
                                                    "backlog_moves": True}


def test_debug_prints_on_a_terminal_only_and_keeps_nothing(tamis):
    """A web server's error log is no place for events; who sits before tamis.fcgi sees them."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_DEBUG="true")
    tamis.lighttpd()
    assert tamis.send(url="/x?mail=john@example.com").status == 200
    end(tamis.processes[0])
    logs = "\n".join(p.read_text() for p in tamis.directory.glob("*.log"))
    assert "REDACTED" not in logs and "no terminal" in logs
    terminal, theirs = pty.openpty()
    subprocess.run([BUILD / "tamis.fcgi"], env={**tamis.environment, **HEAD}, stdout=subprocess.DEVNULL,
                   stderr=theirs, check=True, input=json.dumps(EVENT).replace("/a", "/john@example.com").encode())
    printed = read_terminal(terminal, [])
    os.close(theirs)
    os.close(terminal)
    assert "REDACTED" in printed and "john@example.com" not in printed
    assert tamis.command("spool", "cat", check=True).stdout == ""


def test_metrics_token(tamis):
    path = tamis.directory / "token"
    path.write_text("one token for the metrics\n")
    path.chmod(0o600)
    tamis.set(TAMIS_METRICS_TOKEN_FILE=path)
    tamis.lighttpd()
    tamis.send()
    assert tamis.request("GET", "/metrics").status == 404
    wrong = tamis.request("GET", "/metrics", None, {"Authorization": "Bearer another token, wrong one"})
    assert wrong.status == 404
    answer = tamis.request("GET", "/metrics", None, {"Authorization": "Bearer one token for the metrics"})
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"\ntamis_events_accepted_total 1\n" in answer.body


# --- the process --------------------------------------------------------------------


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
    # What comes of "record head" are heads of records that libfcgi skips, for ever.
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


def test_public_token_file_is_refused(tamis):
    path = tamis.directory / "token"
    path.write_text("one token for the metrics\n")
    path.chmod(0o644)
    done = subprocess.run([BUILD / "tamis.fcgi", f"--metrics.token_file={path}"], timeout=20,
                          env={**tamis.environment, "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/healthz"},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 77
    assert "metrics.token_file" in done.stderr and "one token" not in done.stderr


def test_example_of_the_manual(tamis):
    """The command in tamis.fcgi(8) as it stands there."""
    manual = (SOURCE / "cgi" / "tamis.fcgi.8").read_text()
    example = re.search(r"^\.Bd -literal.*?\n(.*?)\n\.Ed", manual, re.M | re.S)[1]
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
