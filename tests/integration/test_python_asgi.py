"""Applications of ASGI: mounts, hosts and shared endpoints, no framework at all, what comes after the answer."""
import asyncio
import re

import middleware  # noqa: F401 - before tamis
import pytest
import tamis.testing
from conftest import request, wait_for
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, Router
from tamis.asgi import TREES_MAX, TamisASGI
from test_python_frameworks import events, serve, series

EMAIL = "joe@example.com"
MOUNTED = [
    ("GET", "/old/1", 200, "/old/{x}"), ("GET", "/new/1", 200, "/new/{x}"), ("PUT", "/new/2", 200, "/new/{x}"),
    ("DELETE", "/new/2", 405, "/new/{x}"), ("GET", "/m/c/1", 200, "/m/c/{d}"), ("POST", "/m/1/c", 200, "/m/{d}/c"),
    ("POST", "/m/c/c", 200, "/m/{d}/c"), ("GET", "/star/a/1", 200, "/star/a/{b}"),
    ("GET", f"/of/{EMAIL}/e/1", 200, "/of/{tenant}/e/{f}"), ("GET", "/one/g/1", 200, "/one/g/{h}"),
    ("GET", "/two/g/1", 200, "/two/g/{h}"), ("GET", "/files/python_asgi_apps.py", 200, "/files/{path}"),
    ("GET", "/wsgi/a/b", 200, "/wsgi/{path}"), ("GET", "/raw/x/y", 200, "/raw/{path}"),
    ("GET", f"/{EMAIL}", 404, "__unrouted__"), ("GET", "/m/nothing", 404, "__unrouted__"),
    ("GET", "/star/nothing", 404, "__unrouted__"), ("GET", "/of/me/nothing", 404, "__unrouted__"),
]
INCLUDED = [("GET", "/shop/1", 200, "/shop/{n}"), ("GET", "/v2/shop/1", 200, "/v2/shop/{n}")]


def ask(tamis, port, requests, host="shop.example"):
    for method, path, status, _ in requests:
        assert request(port, method, path, headers={"Host": host}).status == status, (path, tamis.logs())


@pytest.mark.parametrize("dialect", ["mounts-starlette", "mounts-fastapi", "mounts-outside"])
def test_what_is_mounted_has_its_own_rules_and_its_whole_path(tamis, dialect):
    port = serve(tamis, dialect)
    ask(tamis, port, MOUNTED)
    ask(tamis, port, [("GET", "/k/1", 200, "/k/{l}")], host="api.example")
    included = INCLUDED if "fastapi" in dialect else []
    ask(tamis, port, included)
    expected = {}
    for method, _, status, rule in [*MOUNTED, ("GET", "", 200, "/k/{l}"), *included]:
        expected[method, rule, status] = expected.get((method, rule, status), 0) + 1
    wait_for(lambda: sum(series(tamis.metrics()).values()) == sum(expected.values()), "the last request's count")
    assert series(tamis.metrics()) == expected
    pages = [path for method, path, status, _ in MOUNTED if method == "GET" and status == 200 and "files" not in path]
    assert [event["url"] for event in events(tamis)] == [
        path.replace(EMAIL, "[REDACTED_EMAIL]") for path in [*pages, "/k/1", *(path for _, path, _, _ in included)]]


def test_a_root_path_belongs_to_the_url_and_to_no_rule(tamis):
    port = serve(tamis, "mounts-starlette", "--root-path", "/shop")
    ask(tamis, port, [("GET", "/star/a/1", 200, ""), ("GET", "/new/1", 200, "")])
    wait_for(lambda: series(tamis.metrics()) == {("GET", "/star/a/{b}", 200): 1, ("GET", "/new/{x}", 200): 1}, "both")
    assert [event["url"] for event in events(tamis)] == ["/shop/star/a/1", "/shop/new/1"]


def test_without_a_router_the_rule_is_made_of_the_path(tamis):
    port = serve(tamis, "plain-asgi")
    ask(tamis, port, [("GET", "/orders/1", 200, ""), ("GET", "/orders/2/items", 200, ""), ("GET", f"/{EMAIL}", 200, ""),
                      ("GET", "/orders/nothing", 404, ""), ("POST", "/", 200, "")])
    counts = {("GET", "/orders/{id}", 200): 1, ("GET", "/orders/{id}/items", 200): 1, ("GET", "/{id}", 200): 1,
              ("GET", "__unrouted__", 404): 1, ("POST", "/", 200): 1}
    wait_for(lambda: series(tamis.metrics()) == counts, "the counts")


def test_what_comes_after_the_answer_is_no_part_of_the_request(tamis):
    port = serve(tamis, "tasks")
    ask(tamis, port, [("GET", "/failing", 200, ""), ("GET", "/slow", 200, "")])
    wait_for(lambda: len(events(tamis)) == 1, "the task's event")
    assert events(tamis)[0]["url"] == "/slow"
    metrics = tamis.metrics()
    assert series(metrics) == {("GET", "/failing", 200): 1, ("GET", "/slow", 200): 1}
    took, = [value for name, value in metrics.items() if re.match(r'\w+_duration_seconds_sum.*"/slow"', name)]
    assert took < 1.0


async def page(request):
    return PlainTextResponse("page")


def rules(app, *paths):
    """What requests count under, one after the other."""
    async def get(path):
        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            pass
        await app({"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}, receive, send)

    with tamis.testing.capture() as sent:
        for path in paths:
            asyncio.run(get(path))
    return [found.route for found in sent.requests]


def test_routes_that_come_later():
    site = Starlette(routes=[Route("/a/{b}", page), Mount("/m", site_below := Starlette())])
    app = TamisASGI(site, "shop")
    assert rules(app, "/a/1", "/c/1", "/m/e/1") == ["/a/{b}", "__unrouted__", "__unrouted__"]
    site.add_route("/c/{d}", lambda request: PlainTextResponse("c"))
    site_below.add_route("/e/{f}", lambda request: PlainTextResponse("e"))
    assert rules(app, "/a/1", "/c/1", "/m/e/1") == ["/a/{b}", "/c/{d}", "/m/e/{f}"]


def test_an_application_that_hides_in_another_one():
    inner = FastAPI()
    inner.get("/a/{b}")(lambda b: b)

    async def outer(scope, receive, send):
        await inner(scope, receive, send)
    assert rules(TamisASGI(outer, "shop"), "/a/1", "/a") == ["/a/{b}", "__unrouted__"]
    mounted = Starlette(routes=[Mount("/m/{n}", outer)])
    assert rules(TamisASGI(mounted, "shop"), "/m/1/a/1", "/m/1/x") == ["/m/{n}/a/{b}", "/m/{n}/{path}"]


def test_an_application_that_makes_a_router_for_each_request():
    async def outer(scope, receive, send):
        await Router([Route("/a/{b}", page)])(scope, receive, send)
    app = TamisASGI(outer, "shop")
    n = 2 * TREES_MAX + 1
    assert rules(app, *["/a/1"] * n) == ["/a/{b}"] * n and len(app._trees) <= TREES_MAX
