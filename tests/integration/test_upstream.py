"""The recording upstream gives the answers that were recorded from a real Umami 3.1.0."""
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import umami_rules as rules
from upstream import Upstream

DATA = Path(__file__).resolve().parent.parent / "data"
RECORDED = [json.loads(line) for line in open(DATA / "umami-contract.jsonl", encoding="utf-8")]
WEBSITE = "9b379b11-cd77-4afa-995e-06e009cab81c"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) " \
          "Chrome/126.0.0.0 Safari/537.36"
# What a tracker asks of the server besides ingestion is none of this upstream's business.
INGESTION = [r for r in RECORDED if not r["request"]["path"].startswith("/script.js")]


@pytest.fixture(name="up")
def upstream():
    with Upstream([WEBSITE]) as up:
        yield up


def ask(up, request, timeout=10):
    connection = http.client.HTTPConnection("127.0.0.1", up.port, timeout=timeout)
    body = request.get("body") or ""
    if isinstance(body, str):
        body = body.encode("utf-8", "surrogateescape")
    headers = {k: v for k, v in request.get("headers", {}).items()
               if k.lower() not in ("content-length", "host")}
    try:
        connection.request(request.get("method", "POST"), request.get("path", "/api/send"), body,
                           headers)
        response = connection.getresponse()
        raw = response.read()
    finally:
        connection.close()
    try:
        return response, json.loads(raw)
    except ValueError:
        return response, raw.decode()


def event(**payload):
    payload = {"website": WEBSITE, "url": "/", "userAgent": BROWSER, "ip": "198.51.100.0"} | payload
    return {"type": payload.pop("type", "event"), "payload": payload}


def post(up, path, data):
    return ask(up, {"path": path, "body": json.dumps(data), "headers": {"User-Agent": "curl/8"}})


def same_shape(recorded, got):
    if recorded in ("<token>", "<stack trace>", "<long>"):
        return got not in (None, "")
    if isinstance(recorded, str) and recorded.startswith("<!DOCTYPE html>"):
        return isinstance(got, str) and got.startswith("<!DOCTYPE html>")
    if isinstance(recorded, dict):
        return isinstance(got, dict) and recorded.keys() == got.keys() and all(
            key in ("sessionId", "visitId") or same_shape(recorded[key], got[key])
            for key in recorded)
    if isinstance(recorded, list):
        return isinstance(got, list) and len(recorded) == len(got) and all(
            map(same_shape, recorded, got))
    return recorded == got


@pytest.mark.parametrize("case", INGESTION, ids=lambda case: case["name"])
def test_recorded(up, case):
    response, body = ask(up, case["request"])
    assert response.status == case["response"]["status"]
    assert same_shape(case["response"]["body"], body)
    for name, value in case["response"]["headers"].items():
        if name.startswith("access-control-") or name in ("allow", "location"):
            assert response.headers[name] == value


def test_only_what_umami_stores_is_recorded(up):
    post(up, "/api/batch", [event(name="a"), event(website="abc"),
                            event(userAgent="curl/8.0"), event(name="b", data={"s": "x" * 501}),
                            event(name="c", id="i" * 51), event(name="d")])
    assert [(r["event"]["payload"].get("name"), r["index"], r["partial"]) for r in up.events] == \
        [("a", 0, False), ("b", 3, True), ("d", 5, False)]
    assert up.stats["bots"] == 1


def test_batch_reports_elements(up):
    _, answer = post(up, "/api/batch", [event(), event(browser="b" * 21), event(screen="1" * 12)])
    assert (answer["size"], answer["processed"], answer["errors"]) == (3, 1, 2)
    assert [(d["index"], d["response"]["error"]["status"]) for d in answer["details"]] == \
        [(1, 500), (2, 400)]


@pytest.mark.parametrize("payload", [
    {"data": {"n": 1e30}}, {"data": {"a": {"b": "x\0"}}}, {"data": {"k" * 501: 1}},
    {"data": {"revenue": 1, "currency": "DOLLARSANDMORE"}}, {"hostname": "a b"},
    {"hostname": "[x]"}, {"url": "/?utm_term=" + "u" * 256}, {"url": "/?fbclid=" + "u" * 256},
    {"id": "i" * 51}, {"browser": "b" * 21}, {"title": "\0"}])
def test_breaks(up, payload):
    response, answer = post(up, "/api/send", event(**payload))
    assert response.status == 500 and answer["error"]["status"] == 500


@pytest.mark.parametrize("url,good", [
    ("/a?b#c", True), ("", True), ("a b", True), ("http://[::1]/", True), ("mailto:x", True),
    ("//example.com", True), ("https://ex ample.com", False), ("http://a:99999/", False),
    ("http://[REDACTED_EMAIL]/", False), ("http://", False), ("http://256.1.1.1/", False),
    ("https://redacted-uuid.example.com/", True), ("http://a%00b/", False), ("x:y", True)])
def test_url(url, good):
    assert rules.url_ok(url) is good


@pytest.mark.parametrize("agent,bot", [
    (BROWSER, False), ("", False), ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) "
     "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", False),
    ("curl/8.0", True), ("libcurl-agent/1.0", True), ("Go-http-client/1.1", True),
    ("Mozilla/5.0 (compatible; tamis)", True), (BROWSER.replace("Chrome", "HeadlessChrome"), True)])
def test_bot(agent, bot):
    assert rules.is_bot(agent) is bot


def test_older_umami_has_no_batch(up):
    for code in (404, 405):
        up.set(batch=code)
        assert post(up, "/api/batch", [event()])[0].status == code
        assert post(up, "/api/send", event())[0].status == 200


def test_faults(up):
    up.fault("status", code=503, times=1, headers={"Retry-After": "7"})
    response, _ = post(up, "/api/send", event())
    assert (response.status, response.headers["retry-after"]) == (503, "7")
    up.fault("element", code=500, match="poison")
    _, answer = post(up, "/api/batch", [event(), event(name="poison")])
    assert [d["index"] for d in answer["details"]] == [1]
    assert post(up, "/api/send", event(name="poison"))[0].status == 500
    up.clear()
    up.fault("html", times=1)
    response, body = post(up, "/api/send", event())
    assert response.status == 200 and body.startswith("<!DOCTYPE html>")
    up.fault("redirect", times=1, body="https://elsewhere.invalid/")
    assert post(up, "/api/send", event())[0].status == 302
    up.fault("reset", times=1)
    with pytest.raises(ConnectionError):
        post(up, "/api/send", event())
    assert len(up.events) == 1
    up.fault("incomplete", times=1)
    with pytest.raises(http.client.HTTPException):
        post(up, "/api/send", event())
    assert len(up.events) == 2
    up.fault("hang", times=1)
    with pytest.raises(TimeoutError):
        ask(up, {"body": json.dumps(event())}, timeout=0.05)
    assert post(up, "/api/send", event())[0].status == 200


def test_down_and_up_on_the_same_port(up):
    port = up.port
    up.down()
    with pytest.raises(ConnectionRefusedError):
        post(up, "/api/send", event())
    up.up()
    assert up.port == port and post(up, "/api/send", event())[0].status == 200


def test_idle_connections_are_dropped():
    with Upstream([WEBSITE], idle_s=0.05) as up:
        with socket.create_connection(("127.0.0.1", up.port), timeout=10) as sock:
            assert sock.recv(1) == b""


def test_identify_races_are_seen(up):
    up.fault("slow", seconds=0.0)
    up.set(pace=50)
    both = [event(type="identify", id="u"), event(name="later")]
    sockets = []
    for _ in range(2):
        body = json.dumps(both).encode()
        sock = socket.create_connection(("127.0.0.1", up.port), timeout=10)
        sock.sendall(b"POST /api/batch HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        sockets.append(sock)
    for sock in sockets:
        assert sock.recv(100)
        sock.close()
    assert up.stats["identify_races"] == 1


def test_wrong_certificate(tmp_path):
    pair = (tmp_path / "c.pem", tmp_path / "k.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=elsewhere.invalid", "-out", pair[0], "-keyout", pair[1]],
                   check=True, capture_output=True)
    with Upstream([WEBSITE], tls=pair) as up:
        assert up.url.startswith("https://")
        with pytest.raises(ssl.SSLError):
            http.client.HTTPSConnection("127.0.0.1", up.port, timeout=10).request("GET", "/")


def control(address, path, data=None):
    body = None if data is None else json.dumps(data).encode()
    with urllib.request.urlopen(address + path, body, timeout=10) as answer:
        return json.loads(answer.read())


def test_as_a_program(tmp_path):
    record = tmp_path / "events.jsonl"
    program = Path(__file__).with_name("upstream.py")
    with subprocess.Popen([sys.executable, program, "--record", record, "--website", WEBSITE],
                          stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}) as run:
        said = json.loads(run.stdout.readline())
        control(said["control"], "/fault", {"kind": "status", "code": 503, "times": 1})
        body = json.dumps(event(name="x")).encode()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(said["url"] + "/api/send", body, timeout=10)
        urllib.request.urlopen(said["url"] + "/api/send", body, timeout=10)
        assert control(said["control"], "/stats")["stored"] == 1
        control(said["control"], "/down", {})
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(said["url"] + "/api/send", body, timeout=10)
        control(said["control"], "/stop", {})
        assert run.wait(10) == 0
    assert [json.loads(line)["event"]["payload"]["name"] for line in open(record)] == ["x"]
