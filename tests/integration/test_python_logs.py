"""Python: log records are clean in every part, and formatters that take their arguments apart still find them."""
import collections
import io
import json
import logging
import os

import middleware  # noqa: I001 - before tamis
import pytest
import uvicorn.logging
from gunicorn.glogging import SafeAtoms

import tamis
import tamis.logging
import tamis.sentry
import tamis.structlog

EMAIL = middleware.CANARIES["email"]
CLEAN = "[REDACTED_EMAIL]"
ACCESS = '%s - "%s %s HTTP/%s" %d'


@pytest.fixture
def log(monkeypatch):
    """A logger with a filter; `read` gives what it wrote since, `records` what a formatter saw."""
    monkeypatch.setattr(logging, "raiseExceptions", False)
    handler = logging.StreamHandler(io.StringIO())
    handler.addFilter(tamis.logging.SanitizingFilter())
    logger = logging.getLogger("test_python_logs")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.handler = handler

    def read():
        text = handler.stream.getvalue()
        handler.stream.seek(0)
        handler.stream.truncate()
        return text
    logger.read = read
    yield logger
    logger.removeHandler(handler)


# formatters that take arguments apart

@pytest.mark.parametrize("path, line", [
    ("/orders/1", '192.0.2.0:80 - "GET /orders/1 HTTP/1.1" 200 OK'),
    (f"/?mail={EMAIL}", f'192.0.2.0:80 - "GET /?mail={CLEAN} HTTP/1.1" 200 OK'),
    ("/?token=abc123", '192.0.2.0:80 - "GET /?token=[REDACTED] HTTP/1.1" 200 OK'),
    ("/100%25", '192.0.2.0:80 - "GET /100%25 HTTP/1.1" 200 OK'),
    # A secret's name at the end takes what comes next for its value.
    ("/?password=", '192.0.2.0:80 - "GET /?password= HTTP/[REDACTED]" 200 OK'),
])
@pytest.mark.parametrize("colours", [False, True])
def test_uvicorn_s_access_log(log, path, line, colours):
    fmt = '%(client_addr)s - "%(request_line)s" %(status_code)s'
    log.handler.setFormatter(uvicorn.logging.AccessFormatter(fmt, use_colors=colours))
    log.info(ACCESS, "192.0.2.77:80", "GET", path, "1.1", 200)
    text = log.read()
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[32m"):
        text = text.replace(code, "")
    assert text == line + "\n"


def test_uvicorn_s_other_log(log):
    log.handler.setFormatter(uvicorn.logging.DefaultFormatter("%(message)s", use_colors=True))
    log.info("Running on %s (%d)", "http://127.0.0.1", 7, extra={"color_message": "Running on %s, really (%d)"})
    assert log.read() == "Running on http://127.0.0.0, really (7)\n"


class Fields(logging.Formatter):
    """As those that write gunicorn's access log as JSON."""

    def format(self, record):
        return json.dumps([record.getMessage(), record.args["r"], record.args["{x}i"]])


def test_gunicorn_s_atoms(log):
    atoms = SafeAtoms({"h": "192.0.2.77", "r": f"GET /?mail={EMAIL} HTTP/1.1", "s": "200", "wsgi.input": io.BytesIO(),
                       "{authorization}i": "Bearer abcdef123456"})
    log.info('%(h)s "%(r)s" %(s)s %({referer}i)s %({authorization}i)s', atoms)
    assert log.read() == f'192.0.2.0 "GET /?mail={CLEAN} HTTP/1.1" 200 - Bearer [REDACTED]\n'
    log.handler.setFormatter(Fields())
    log.info("%(s)s 100%%", atoms)
    assert json.loads(log.read()) == ["200 100%", f"GET /?mail={CLEAN} HTTP/1.1", "-"]


# the message, whatever is split

@pytest.mark.parametrize("message, arguments, line", [
    ("%s@%s", ("canary.bird", "example.org"), CLEAN),
    ("token=%s", ("abc",), "token=[REDACTED]"),
    ("%s: %s", ("password", "hunter2"), "password: [REDACTED]"),
    ("%s %d%% of %.1f", (EMAIL, 50, 1.25), f"{CLEAN} 50% of 1.2"),
    ("password=%d", (1234,), "password=[REDACTED]"),
    ("%(password)s", {"password": "hunter2"}, "[REDACTED]"),
    ("%(password)d of %(n)d%%", {"password": 1234, "n": 5}, "[REDACTED] of 5%"),
    ("%(a)s@%(b)s", {"a": "canary.bird", "b": EMAIL[12:]}, CLEAN),
    ("%s", {"a": collections.deque([EMAIL])}, f"{{'a': deque(['{CLEAN}'])}}"),
    ("%s", {"password": "hunter2", "n": 5}, "{'password': '[REDACTED]', 'n': 5}"),
    (f"%({EMAIL})s", {EMAIL: 7}, "7"),
    ("100%", (), "100%"),
], ids=lambda value: str(value)[:20])
def test_the_message_is_clean(log, message, arguments, line):
    seen = []
    log.handler.addFilter(lambda record: seen.append(record) or True)
    log.handler.addFilter(tamis.logging.SanitizingFilter())  # a second one changes nothing
    log.warning(message, *(arguments if isinstance(arguments, tuple) else (arguments,)))
    assert log.read() == line + "\n"
    told = repr([seen[0].args, list(seen[0].args)]) + seen[0].msg
    for raw in ("hunter2", "1234", "abc", "bird@", "bird', 'example"):
        assert raw not in told


def test_arguments_stay_what_they_are(log):
    seen = []
    log.handler.addFilter(lambda record: seen.append(record) or True)
    log.warning("%s %s %d %r", "a", EMAIL, 7, [1, EMAIL])
    assert seen[0].msg == "%s %s %d %r" and seen[0].args == ("a", CLEAN, 7, [1, CLEAN])
    log.warning("to %s@%s, %d", "canary.bird", "example.org", 7)
    assert seen[1].args == ("[REDACTED]", "[REDACTED]", 7)


def test_names_of_extra(log):
    seen = []
    log.handler.addFilter(lambda record: seen.append(record) or True)
    log.warning("x", extra={EMAIL: 1, "other@example.org": "kept", "plain": [EMAIL]})
    extra = {name: value for name, value in vars(seen[0]).items() if "REDACTED" in name or name == "plain"}
    assert sorted(map(str, extra.values())) == ["1", f"['{CLEAN}']", "kept"] and EMAIL not in repr(vars(seen[0]))


def test_the_environment_as_extra_stays(log, monkeypatch):
    monkeypatch.setenv("CANARY", EMAIL)
    log.warning("x", extra={"env": os.environ})
    tamis.structlog.sanitize(None, "", {"event": "x", "env": os.environ})
    assert os.environ["CANARY"] == EMAIL


def test_names_of_structlog_s_events():
    event = tamis.structlog.sanitize(None, "", {"a": 1, "event": f"to {EMAIL}", EMAIL: "x", "b": EMAIL})
    assert list(event.items()) == [("a", 1), ("event", f"to {CLEAN}"), ("b", CLEAN), (CLEAN, "x")]


@pytest.mark.parametrize("contexts", [None, {"trace": None}, {}, [], {"trace": {"trace_id": "0" * 32, "data": EMAIL}}])
def test_sentry_s_contexts(contexts):
    event = tamis.sentry.before_send({"contexts": contexts, "message": EMAIL}, {})
    assert event["message"] == CLEAN and EMAIL not in str(event)
    if contexts and contexts.get("trace"):
        assert event["contexts"]["trace"] == {"trace_id": "0" * 32, "data": CLEAN}
