"""tamis.fcgi behind a real lighttpd: by FastCGI, by a socket of its own, by CGI; and nothing raw left anywhere."""
import base64
import json
import os
import pty
import re
import signal
import socket
import subprocess
import threading
import urllib.parse

import pytest

from conftest import BROWSER, BUILD, SOURCE, WEBSITE, end, files, free_port, listening, need, read_terminal, request, wait_for
from fastcgi import HEAD, own_responder
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
    return b"\n".join(data for _, data in files(tamis.directory))


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
    token.write_text(tamis.command("token", "make", "--scope=ops").stdout)
    tamis.lighttpd()
    line = line.replace("127.0.0.1:8080", f"127.0.0.1:{tamis.port}")
    assert subprocess.check_output(line, shell=True, cwd=tamis.directory, text=True) + "\n" == answer
    row = ('{http_request_method="GET",http_route="/orders/{id}",http_response_status_code="200"')
    rows = tamis.metrics()
    assert rows[f"http_server_request_duration_seconds_count{row}}}"] == 4
    assert rows[f"http_server_request_duration_seconds_bucket{row},le=\"0.005\"}}"] == 3
    typed = {"method": "GET", "route": "/users/jo@example.com", "status": 200, "buckets": [1] + [0] * 14, "duration_us": 1}
    assert tamis.request("POST", "/api/tamis/routes", {"routes": [typed]},
                         {"Authorization": f"Bearer {token.read_text().strip()}"}).status == 200
    assert 'http_route="/users/[REDACTED_EMAIL]"' in tamis.command("metrics").stdout
    assert not [path for path in tamis.state.rglob("*") if path.is_file() and b"jo@example" in path.read_bytes()]
    (tamis.state / "tokens").chmod(0o644)
    assert f"{tamis.state}/tokens: " in tamis.command("config", "check").stderr


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
    assert served.request("GET", "/metrics").status == 401
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
    ops, team = (tamis.command("token", "make", f"--scope={scope}").stdout.strip() for scope in ("ops", "read:team"))
    tamis.lighttpd()
    tamis.send()
    for token, status in ((None, 401), ("another token, wrong one", 401), (team, 403), (ops, 200)):
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        answer = tamis.request("GET", "/metrics", None, bearer)
        assert answer.status == status
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"\ntamis_events_accepted_total 1\n" in answer.body
