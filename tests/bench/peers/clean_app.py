"""Flask under gunicorn as people write it: five regexes, append, a thread that forwards."""
import http.client
import os
import re
import threading
import time

import flask

RULES = [(re.compile(pattern), by) for pattern, by in (
    (rb"[\w.+-]+@[\w-]+\.[\w.-]+", b"[REDACTED_EMAIL]"),
    (rb'\b(token|key|secret|password|code)=[^&"\s]+', rb"\1=[REDACTED]"),
    (rb"\beyJ[\w-]+\.[\w-]+\.[\w-]+", b"[REDACTED_JWT]"),
    (rb"\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b", b"[REDACTED_CARD]"),
    (rb"\+\d[\d ()-]{7,}\d", b"[REDACTED_PHONE]"))]
OUT = os.open(os.environ["PEER_SPOOL"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
app = flask.Flask(__name__)
queue = []


def forward():
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["PEER_UPSTREAM"]))
    while True:
        time.sleep(1)
        while queue:
            lines, queue[:100] = queue[:100], []
            connection.request("POST", "/api/batch", b"[" + b",".join(lines) + b"]")
            connection.getresponse().read()


threading.Thread(target=forward, daemon=True).start()


@app.post("/api/send")
def send():
    body = flask.request.get_data()
    for pattern, by in RULES:
        body = pattern.sub(by, body)
    os.write(OUT, body + b"\n")  # to the page cache, before the answer
    queue.append(body)
    return flask.Response('{"cache":"none","sessionId":"0","visitId":"0"}', mimetype="application/json")
