"""Flask, FastAPI, Django and plain WSGI behind real servers: the same requests give the same counts."""
import contextlib
import http.client
import json
import re

import middleware
import pytest
import python_apps
from conftest import WEBSITE, free_port, listening, request, wait_for

EMAIL = middleware.CANARIES["email"]
REQUESTS = [
    ("GET", "/", 200), ("GET", "/orders/1", 200), ("GET", "/orders/22", 200), ("POST", "/orders/22", 200),
    ("GET", "/json", 200), ("DELETE", "/json", 405), ("GET", "/stream", 200), ("GET", "/away", 302),
    ("GET", "/boom", 500), ("GET", "/static/x", 200), ("GET", "/api/generate", 200),
    ("GET", f"/nothing/{EMAIL}", 404), ("GET", "/nothing/else", 404), ("GET", f"/?mail={EMAIL}&page=2", 200),
]
COUNTS = {
    ("GET", "/", 200): 2, ("GET", "/orders/{id}", 200): 2, ("POST", "/orders/{id}", 200): 1, ("GET", "/json", 200): 1,
    ("DELETE", "/json", 405): 1, ("GET", "/stream", 200): 1, ("GET", "/away", 302): 1, ("GET", "/boom", 500): 1,
    ("GET", "/api/generate", 200): 1, ("GET", "__unrouted__", 404): 2,
}
EVENTS = sorted([("", "/"), ("", "/"), ("", "/orders/1"), ("", "/orders/22"), ("", "/stream"), ("", "/away"),
                 ("streaming", "/stream"), ("api.generate", "/api/generate")])


def series(metrics):
    """Requests by method, route and status."""
    name = re.compile(r'http_server_request_duration_seconds_count\{http_request_method="(\w+)",'
                      r'http_route="([^"]+)",http_response_status_code="(\d+)"\}')
    found = {name.fullmatch(key): value for key, value in metrics.items()}
    return {(m[1], m[2], int(m[3])): value for m, value in found.items() if m and value}


def events(tamis):
    """Payloads on the spool."""
    return [json.loads(line)["payload"] for line in tamis.command("spool", "cat", check=True).stdout.splitlines()]


def serve(tamis, dialect, *options, **variables):
    """Start the application; its port."""
    tamis.environment = middleware.environment(tamis.environment)
    tamis.set(**{"UMAMI_WEBSITE_ID": WEBSITE, "UMAMI_API_URL": "http://127.0.0.1:1", **variables})
    port = free_port()
    process = tamis.start(*python_apps.command(dialect, port, *options))
    wait_for(lambda: listening(port) or process.poll() is not None, dialect)
    assert process.poll() is None, tamis.logs()
    return port


@pytest.mark.parametrize("dialect", python_apps.SERVERS)
def test_the_same_counts_everywhere(tamis, dialect):
    port = serve(tamis, dialect)
    for method, path, status in REQUESTS:
        answer = request(port, method, path, headers={"Host": "shop.example", "DNT": "0"})
        assert answer.status == status, tamis.logs()
        assert path != "/stream" or answer.body.count(b"<p>") == 2
    wait_for(lambda: sum(series(tamis.metrics()).values()) == sum(COUNTS.values()), "the last request's count")
    assert series(tamis.metrics()) == COUNTS
    kept = events(tamis)
    assert sorted((e.get("name", ""), e["url"]) for e in kept) == EVENTS
    assert {e["hostname"] for e in kept} == {"shop.example"} and {e["ip"] for e in kept} == {"127.0.0.0"}
    assert all(e["userAgent"].startswith("Mozilla/5.0") for e in kept)
    assert EMAIL not in json.dumps(kept)


@pytest.mark.parametrize("dialect", ["flask", "fastapi", "django"])
def test_what_the_request_says_of_the_visitor(tamis, dialect):
    port = serve(tamis, dialect, TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.0/8", TAMIS_APP_QUERY="true",
                 UMAMI_HOSTNAMES=None)
    assert request(port, "GET", f"/?mail={EMAIL}&page=2", headers={
        "Host": "Shop.example:8080", "X-Forwarded-For": "203.0.113.9, 198.51.100.7, 127.0.0.9",
        "Referer": f"https://search.example/?q={EMAIL}"}).status == 200
    for refusal in ({"DNT": "1"}, {"Sec-GPC": "1"}, {"DNT": "1, 1"}):
        assert request(port, "GET", "/", headers=refusal).status == 200
    wait_for(lambda: series(tamis.metrics()).get(("GET", "/", 200)) == 4, "four requests")
    event, = events(tamis)
    assert event["hostname"].lower() == "shop.example" and event["ip"] == "198.51.100.0"
    assert event["url"] == "/?mail=[REDACTED_EMAIL]&page=2"
    assert event["referrer"] == "https://search.example/?q=[REDACTED_EMAIL]"


@pytest.mark.parametrize("dialect", ["flask", "fastapi", "django"])
def test_a_path_is_not_cut_at_a_nul(tamis, dialect):
    """It goes the way of all events, which leave out what no database of Umami takes."""
    port = serve(tamis, dialect)
    for path in ("/pages/a%00b", f"/pages/%00{EMAIL}", "/pages/ab"):
        assert request(port, "GET", path, headers={"Host": "shop.example"}).status == 200, tamis.logs()
    wait_for(lambda: series(tamis.metrics()) == {("GET", "/pages/{name}", 200): 3}, "the requests")
    strained, *others = sorted(event["url"] for event in events(tamis))
    assert others == ["/pages/ab", "/pages/ab"] and strained.endswith("[REDACTED_EMAIL]")


@pytest.mark.parametrize("dialect", python_apps.SERVERS)
def test_an_answer_that_breaks_off_is_a_500(tamis, dialect):
    port = serve(tamis, dialect)
    with contextlib.suppress(http.client.HTTPException, ConnectionError):
        request(port, "GET", "/broken")
    wait_for(lambda: series(tamis.metrics()), "the request")
    assert series(tamis.metrics()) == {("GET", "/broken", 500): 1}
    assert events(tamis) == []


def test_parts_of_a_regular_expression_without_a_name(tamis):
    port = serve(tamis, "django")
    request(port, "GET", "/re/2024/june/")
    wait_for(lambda: series(tamis.metrics()) == {("GET", "/re/{year}/{var}/", 200): 1}, "the request")


def test_page_views_can_be_left_to_the_browser(tamis):
    port = serve(tamis, "flask", TAMIS_APP_PAGE_VIEWS="false")
    for _ in range(3):
        request(port, "GET", "/")
    wait_for(lambda: series(tamis.metrics()) == {("GET", "/", 200): 3}, "three requests")
    assert events(tamis) == []


def test_a_client_that_goes_away_is_counted(tamis):
    port = serve(tamis, "wsgi")
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/stream")
    connection.close()
    wait_for(lambda: sum(series(tamis.metrics()).values()) == 1, "the request")
