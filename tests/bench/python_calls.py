#!/usr/bin/env python3
"""CPU time of calls of the Python package, as JSON; python_bench.py starts it.

python_calls.py calls       what needs only this package
python_calls.py middleware  a request in Flask and FastAPI, with and without it
python_calls.py presidio    Presidio's pattern recognisers, in a Python that has them
"""
import asyncio
import ctypes
import json
import re
import statistics
import sys
import time

CLEAN = "https://shop.example.com/catalogue/garden/chairs/oak-and-steel?sort=price&dir=up&page=3&view=grid#top"[:100]
DIRTY = "https://shop.example.com/user/john@example.com/reset?token=abc123&sort=price&dir=up&page=3&view=grid#"[:100]

# A careful implementation: what counts as secret, keys of the known shapes, checksums of cards, in one pass each.
SECRET = (r"(?:[\w.-]*(?:token|secret|passw(?:or)?d|pwd|api_?key|access_?key|auth|session|sid|sig|signature|otp|pin"
          r"|cvv))")
RULES = [(re.compile(pattern, re.I if flags else 0), by) for pattern, by, flags in (
    (r"((?:^|[?&;#\s,])" + SECRET + r"=)[^&#\s;]+", r"\1[REDACTED]", 1),
    (r"(//)[^/@\s:]+:[^/@\s]+@", r"\1[REDACTED]@", 0),
    (r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*", "[REDACTED_JWT]", 0),
    (r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{36,}|\bsk_(?:live|test)_\w{16,}|\bxox[abprs]-[\w-]{10,}|"
     r"\bAIza[\w-]{35}\b|\bglpat-[\w-]{20}|\bSG\.[\w-]{22}\.[\w-]{43}", "[REDACTED_API_KEY]", 0),
    (r"(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}(?:@|%40)(?:[\w-]{1,63}\.)+[a-z]{2,24}\b", "[REDACTED_EMAIL]", 1),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", "[REDACTED_UUID]", 1),
    (r"(?:\+|%2B|\b00)[1-9](?:[\s().-]?\d){7,14}\b|\(?\b\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b", "[REDACTED_PHONE]", 0),
    (r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{32,}\b", "[REDACTED_HEX]", 1))]
CARD = re.compile(r"(?<![\w-])[2-6]\d(?:[ -]?\d){11,17}(?!\d)")


def luhn(found):
    digits = [int(c) for c in found[0] if c.isdigit()][::-1]
    total = sum(digits[::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[1::2])
    return found[0] if total % 10 else "[REDACTED_CARD]"


def careful(text):
    for pattern, by in RULES:
        text = pattern.sub(by, text)
    return CARD.sub(luhn, text)


def cost(*functions, calls=4000, rounds=7):
    """CPU µs of one call of each, in turn; the best of the rounds."""
    best = [float("inf")] * len(functions)
    for _ in range(rounds):
        for i, function in enumerate(functions):
            start = time.process_time()
            for _ in range(calls):
                function()
            best[i] = min(best[i], (time.process_time() - start) / calls * 1e6)
    return best


def calls():
    import tamis
    from tamis import _library, sanitizer
    data, over_nothing = CLEAN.encode(), sanitizer.Sanitizer()
    over_nothing.sanitize_url(CLEAN)
    nothing = _library.sanitizer().quick["san_class_placeholder"]  # NULL at once for a first argument that is no class
    nothing.restype = ctypes.c_char_p
    over_nothing._short = nothing
    usual = _library.sanitizer().calls["san_class_placeholder"]
    usual.argtypes, usual.restype = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t], ctypes.c_char_p
    scanner = over_nothing._scanner
    bare = cost(lambda: usual(scanner, sanitizer.URL, data, len(data)), lambda: over_nothing.sanitize_url(CLEAN))
    analytics = tamis.get_analytics("bench")
    rows = cost(lambda: tamis.sanitize_url(CLEAN), lambda: tamis.sanitize_url(DIRTY), lambda: careful(CLEAN),
                lambda: careful(DIRTY))
    event, view, count = cost(lambda: analytics.track_event("signup", {"plan": "pro", "amount": 9.99}),
                              lambda: analytics.track_page_view("/dashboard"),
                              lambda: analytics.count_request("GET", "/orders/{id}", 200, 0.003), calls=1000)
    return {"usual": bare[0], "nothing": bare[1], "clean": rows[0], "dirty": rows[1], "re_clean": rows[2],
            "re_dirty": rows[3], "event": event, "view": view, "count": count, "lost": analytics.lost()}


def in_turn(plain, watched, calls=100, rounds=61):
    """CPU µs more of `watched`: of this thread, and of all of the process; medians of the rounds' differences."""
    clocks = (time.thread_time, time.process_time)
    more = []
    for _ in range(rounds):
        at = []
        for function in (plain, watched):
            at.append([clock() for clock in clocks])
            for _ in range(calls):
                function()
        at.append([clock() for clock in clocks])
        more.append([(c - b - (b - a)) / calls * 1e6 for a, b, c in zip(*at)])
    return [statistics.median(found) for found in zip(*more[1:])]


def flask_request(app, path):
    from werkzeug.test import EnvironBuilder
    environ = EnvironBuilder(path=path, headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"},
                             environ_base={"REMOTE_ADDR": "192.0.2.1"}).get_environ()

    def call():
        answer = app(dict(environ), lambda status, headers, exc_info=None: None)
        b"".join(answer)
        answer.close()
    return call


def asgi_request(app, path):
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
             "query_string": b"", "root_path": "", "scheme": "http", "client": ("192.0.2.1", 1),
             "server": ("shop", 80),
             "headers": [(b"host", b"shop.example"), (b"user-agent", b"Mozilla/5.0 Firefox/128.0")]}
    loop = asyncio.new_event_loop()

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        pass
    return lambda: loop.run_until_complete(app(dict(scope), receive, send))


async def answer_json(id: int):
    from fastapi import Response
    return Response(b"{}", media_type="application/json")


async def answer_html(id: int):
    from fastapi import Response
    return Response(b"<p>page", media_type="text/html")


def make_flask(watched):
    from flask import Flask
    from tamis import get_analytics
    app = Flask("bench")
    app.add_url_rule("/json/<int:id>", "json", lambda id: {"id": id})
    app.add_url_rule("/html/<int:id>", "html", lambda id: "<p>page")
    if watched:
        get_analytics("bench").init_flask(app)
    return app


def make_fastapi(watched):
    from fastapi import FastAPI
    from tamis.asgi import TamisASGI
    app = FastAPI()
    app.add_api_route("/json/{id}", answer_json)
    app.add_api_route("/html/{id}", answer_html)
    return TamisASGI(app, "bench") if watched else app


def fastapi_plain():
    """For servers that take a factory."""
    return make_fastapi(False)


def fastapi_watched():
    return make_fastapi(True)


def middleware():
    found = {}
    for kind in ("json", "html"):
        for name, make, request in (("flask", make_flask, flask_request), ("fastapi", make_fastapi, asgi_request)):
            found[f"{name}, {kind}"] = in_turn(*(request(make(watched), f"/{kind}/7") for watched in (False, True)))
    return found


def presidio():
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        """No language model: only what patterns find."""

        def __init__(self):
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def load(self):
            pass

    import tamis
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    engine = AnalyzerEngine(registry=registry, nlp_engine=Blank())
    theirs, = cost(lambda: engine.analyze(DIRTY, "en"), calls=20, rounds=3)
    ours, = cost(lambda: tamis.sanitize_url(DIRTY))
    return {"presidio": theirs, "dirty": ours, "found": len(engine.analyze(DIRTY, "en"))}


if __name__ == "__main__":
    print(json.dumps({"calls": calls, "middleware": middleware, "presidio": presidio}[sys.argv[1]]()))
