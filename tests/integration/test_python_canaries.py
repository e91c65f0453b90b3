"""Whatever an application hands over, through any argument: no canary of any class on the spool, in logs, on the wire.

The arguments are made by hypothesis; what came of all of them is searched once, at the end.
"""
import json
import logging
import os
from urllib.parse import quote, quote_plus

import middleware  # noqa: F401 - before tamis
import pytest
from conftest import WEBSITE, files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_python_http import recorder  # noqa: F401 - a fixture
from upstream import Upstream

from tamis import get_analytics, process
from tamis.logging import SanitizingFilter
from tamis.wsgi import TamisWSGI

CANARIES = dict(middleware.CANARIES, secret="hunter" + "2-canary")
SPELLINGS = (str, lambda c: quote(c, safe=""), lambda c: f"see {c} there", lambda c: json.dumps({"q": c}),
             lambda c: f"/p/{c}/x", lambda c: f"/p?q={quote(c)}", lambda c: f"https://example.com/{c}?a=b#{c}")


def spelt(row, spelling):
    kind, canary = row
    return f"password={canary}" if kind == "secret" else spelling(canary)


canary_text = st.builds(spelt, st.sampled_from(sorted(CANARIES.items())), st.sampled_from(SPELLINGS))
values = st.recursive(canary_text | st.integers() | st.booleans() | st.none(),
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(canary_text, inner, max_size=3),
                      max_leaves=6)
headers = st.dictionaries(st.sampled_from(["HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_HOST", "HTTP_X_FORWARDED_FOR",
                                           "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE", "REMOTE_ADDR"]), canary_text)


class Application:
    """An application that does with the arguments all that it can."""

    def __init__(self, name, log):
        self.analytics = get_analytics(name)
        self.watched = TamisWSGI(self.answer, name, query=True)
        self.logger = logging.Logger("application")
        self.handler = logging.FileHandler(log)
        self.handler.setFormatter(logging.Formatter("%(message)s %(extra_field)s"))
        self.handler.addFilter(SanitizingFilter())
        self.logger.addHandler(self.handler)

    def answer(self, environ, start_response):
        self.analytics.track_event(environ["name"], {"in": "a request"})
        if environ["fails"]:
            raise ValueError(environ["name"])
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<p>"]

    def request(self, text, query, fields, fails):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/" + text, "QUERY_STRING": quote(query, safe="=&"),
                   "SERVER_NAME": "shop", "REMOTE_ADDR": "192.0.2.1", "name": text[:50], "fails": fails, **fields}
        try:
            answer = self.watched(environ, lambda status, head, exc_info=None: None)
            list(answer)
            answer.close()
        except ValueError:
            self.logger.exception("it failed: %s", text, extra={"extra_field": query})

    def do(self, text, other, data, fields, fails):
        self.analytics.track_event(text, {"plan": "pro"})
        self.analytics.track_event("seen", {text: other, "deep": data, other: [text, {"url": text}]})
        self.analytics.track_event(other.encode(), {"binary": text.encode()})
        self.analytics.track_page_view(text)
        self.analytics.count_request("GET", text, 200, 0.001)
        self.analytics.count_request(text, "/", 200, 0.001)
        self.request(text, other, fields, fails)
        self.logger.warning("%s and %r", text, data, extra={"extra_field": other})


def spellings(canary):
    """How it might be found in a file."""
    forms = {canary, quote(canary, safe=""), quote_plus(canary), json.dumps(canary)[1:-1], canary.replace(" ", "")}
    return {form.encode() for form in forms} | {canary.encode("utf-16-le")}


def leaks(places):
    """The canaries in all files below the places, names of files included."""
    texts = {path: data + os.fsencode(path) for path, data in files(*places)}
    return sorted({(kind, os.path.basename(path)) for kind, canary in CANARIES.items() for form in spellings(canary)
                   for path, text in texts.items() if form in text})


@pytest.fixture
def own_process(tamis, monkeypatch):
    """Of this process: tamis as if it had just been imported, and its log as it is written."""
    for name, value in {**tamis.environment, "UMAMI_WEBSITE_ID": WEBSITE}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(process, "running", None)
    handler = logging.FileHandler(tamis.directory / "tamis.log")
    logger = logging.getLogger("tamis")
    logger.addHandler(handler)
    yield tamis
    if process.running is not None:
        process.running.stop()
    logger.removeHandler(handler)


def drive(tamis, name):
    application = Application(name, tamis.directory / "application.log")

    @settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.tuples(canary_text, canary_text, values, headers, st.booleans()))
    def run(arguments):
        application.do(*arguments)
    run()
    application.handler.close()
    return application.analytics


def test_on_the_spool_in_logs_and_at_the_upstream(own_process, monkeypatch):
    tamis = own_process
    with Upstream() as upstream:
        monkeypatch.setenv("UMAMI_API_URL", upstream.url)
        analytics = drive(tamis, "mail " + CANARIES["email"])
        assert analytics.flush(30) and "EventError" in analytics.lost()
        (tamis.directory / "upstream.json").write_text(json.dumps(upstream.events, ensure_ascii=False, default=str))
        (tamis.directory / "metrics").write_text(analytics.metrics())
        assert len(upstream.events) > 400
        assert leaks([tamis.directory, tamis.keys]) == []


def test_on_the_way_to_a_responder(own_process, monkeypatch, recorder):  # noqa: F811
    tamis = own_process
    monkeypatch.setenv("TAMIS_APP_TRANSPORT", "http")
    monkeypatch.setenv("TAMIS_APP_RESPONDER_URL", f"http://127.0.0.1:{recorder.server_port}")
    monkeypatch.setenv("TAMIS_UMAMI_ASYNC_QUEUE_SIZE", "10000")
    assert drive(tamis, "far").flush(30)
    items = [item for _, _, body in recorder.got for item in body]
    for item in items:  # what identity.mode makes of these two is the responder's work
        item["payload"].pop("ip", None), item["payload"].pop("userAgent", None)
    (tamis.directory / "wire.json").write_text(json.dumps(items, ensure_ascii=False))
    assert len(items) > 400
    assert leaks([tamis.directory]) == []
