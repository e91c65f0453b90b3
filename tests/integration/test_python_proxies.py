"""The client behind trusted proxies: the frameworks' middlewares give the responder's answers."""
import http.client
import json

import middleware  # noqa: F401 - before tamis
import pytest
from conftest import BROWSER, WEBSITE, free_port, listening, wait_for
from tamis.proxies import CHAINS, Proxies
from test_python_frameworks import events, serve
from test_python_spool import local, python  # noqa: F401 - a fixture

PROXIES = Proxies(["10.0.0.0/8", "2001:db8:ffff::/48", "192.0.2.1"])
CASES = [  # those of tests/unit/test_client.c
    ("203.0.113.7", {"x-forwarded-for": "198.51.100.1"}, "203.0.113.7"),
    ("192.0.2.2", {"x-real-ip": "198.51.100.1"}, "192.0.2.2"),
    ("11.0.0.1", {"cf-connecting-ip": "198.51.100.1"}, "11.0.0.1"),
    ("", {"x-real-ip": "198.51.100.1"}, ""), ("local", {"x-forwarded-for": "198.51.100.1"}, "local"),
    ("10.1.2.3", {"x-forwarded-for": "198.51.100.1"}, "198.51.100.1"),
    ("10.1.2.3", {"x-forwarded-for": "1.1.1.1, 198.51.100.1, 10.9.9.9,192.0.2.1"}, "198.51.100.1"),
    ("10.1.2.3", {"x-forwarded-for": "10.9.9.9, 10.8.8.8"}, "10.9.9.9"),
    ("2001:db8:ffff::1", {"x-forwarded-for": "[2001:db8:1::5]:443"}, "2001:db8:1::5"),
    ("::ffff:10.0.0.1", {"x-forwarded-for": "198.51.100.1:4711"}, "198.51.100.1"),
    ("10.1.2.3", {"x-forwarded-for": "198.51.100.1, unknown, 10.9.9.9"}, "10.9.9.9"),
    ("10.1.2.3", {"x-forwarded-for": "unknown"}, "10.1.2.3"), ("10.1.2.3", {"x-forwarded-for": ""}, "10.1.2.3"),
    ("10.1.2.3", {"x-forwarded-for": "\0" + "9" * 99}, "10.1.2.3"), ("10.1.2.3", {"x-real-ip": "[::1"}, "10.1.2.3"),
    ("10.1.2.3", {}, "10.1.2.3"), ("10.1.2.3", {"x-real-ip": "198.51.100.1"}, "198.51.100.1"),
    ("10.1.2.3", {"cf-connecting-ip": "fe80::1%eth0"}, "fe80::1"),
    ("10.1.2.3", {"forwarded": "for=1.1.1.1;proto=http, proto=https; For=198.51.100.1, for=10.1.1.1"}, "198.51.100.1"),
    ("10.1.2.3", {"forwarded": 'for="[2001:db8:cafe::17]:4711"'}, "2001:db8:cafe::17"),
    ("10.1.2.3", {"forwarded": "for=_hidden"}, "10.1.2.3"),
    ("10.1.2.3", {"x-forwarded-for": "198.51.100.1", "forwarded": "for=1.1.1.1", "x-real-ip": "2.2.2.2"},
     "198.51.100.1"),
]


@pytest.mark.parametrize("peer, headers, client", CASES)
def test_the_last_stranger(peer, headers, client):
    assert PROXIES.client(peer, map(headers.get, CHAINS)) == client


@pytest.mark.parametrize("network", ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "x", "", "::/129", "10.0.0.0/8x"])
def test_what_is_no_network_trusts_nobody(network):
    assert not Proxies([network]).trusted


REQUESTS = [
    [("X-Forwarded-For", "1.1.1.1, 203.0.113.7, 10.0.0.9")], [("X-Real-IP", "198.51.100.9")],
    [("CF-Connecting-IP", "2001:db8:1:2::3")], [("Forwarded", 'for="[2001:db8:7::1]:80"')], [],
    [("X-Forwarded-For", "203.0.113.9, unknown")], [("X-Real-IP", "198.51.100.9"), ("Forwarded", "for=203.0.114.1")],
    [("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "203.0.115.7"), ("X-Forwarded-For", "10.0.0.9")],
]
ADDRESSES = ["203.0.113.0", "198.51.100.0", "2001:db8:1::", "2001:db8:7::", "127.0.0.0", "127.0.0.0", "203.0.114.0",
             "203.0.115.0"]


EVENT = json.dumps({"type": "event", "payload": {"website": WEBSITE, "hostname": "shop.example", "url": "/"}}).encode()


def ask(port, headers, method="GET", path="/", body=b""):
    """With headers that may come more than once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    connection.putrequest(method, path)
    for name, value in [("User-Agent", BROWSER), ("Content-Length", str(len(body))), *headers]:
        connection.putheader(name, value)
    connection.endheaders(body)
    assert connection.getresponse().status == 200
    connection.close()


def test_the_responder(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8")
    tamis.lighttpd()
    for headers in REQUESTS:
        ask(tamis.port, headers, "POST", "/api/send", EVENT)
    assert [event["ip"] for event in events(tamis)] == ADDRESSES


@pytest.mark.parametrize("dialect, options", [("flask", []), ("django", []), ("fastapi", ["--no-proxy-headers"])])
def test_every_header_that_the_responder_reads(tamis, dialect, options):
    port = serve(tamis, dialect, *options, TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8")
    for headers in REQUESTS:
        ask(port, headers)
    wait_for(lambda: len(events(tamis)) == len(REQUESTS), "the events")
    assert [event["ip"] for event in events(tamis)] == ADDRESSES


def test_a_peer_of_ipv4_on_a_socket_of_ipv6(tamis):
    port = free_port()
    serve(tamis, "flask", "--bind", f"[::]:{port}", TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.0/8")
    wait_for(lambda: listening(port), "the other socket")
    ask(port, [("X-Forwarded-For", "203.0.113.7")])
    wait_for(lambda: events(tamis), "the event")
    assert [event["ip"] for event in events(tamis)] == ["203.0.113.0"]


def test_what_is_no_network_is_told_once_and_the_application_runs_on(local):
    code = "a.track_event('n'); a.track_event('n'); print(a.lost())"
    done = python(local, code, TAMIS_HTTP_TRUSTED_PROXIES="localhost")
    assert done.stdout == "{'GatewayError': 2}\n"
    assert done.stderr.count("\n") == 1 and "http.trusted_proxies" in done.stderr and "localhost" not in done.stderr
