"""Flask under gunicorn as people write it: five regexes for each string, append, a thread that forwards."""
import http.client
import json
import os
import re
import threading
import time

import flask

RULES = [(re.compile(pattern), by) for pattern, by in (
    (r"[\w.+-]+@[\w-]+\.[\w.-]+", "[REDACTED_EMAIL]"),
    (r'\b(token|key|secret|password|code)=[^&"\s]+', r"\1=[REDACTED]"),
    (r"\beyJ[\w-]+\.[\w-]+\.[\w-]+", "[REDACTED_JWT]"),
    (r"\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b", "[REDACTED_CARD]"),
    (r"\+\d[\d ()-]{7,}\d", "[REDACTED_PHONE]"))]
OUT = os.open(os.environ["PEER_SPOOL"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
app = flask.Flask(__name__)
queue = []


def cleaned(value):
    if isinstance(value, str):
        for pattern, by in RULES:
            value = pattern.sub(by, value)
    elif isinstance(value, dict):
        value = {name: cleaned(member) for name, member in value.items()}
    elif isinstance(value, list):
        value = [cleaned(member) for member in value]
    return value


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
    event = flask.request.get_json()
    website = event["payload"]["website"]
    event["payload"] = {"ip": re.sub(r"\.\d+$", ".0", flask.request.remote_addr),
                        "userAgent": flask.request.headers.get("User-Agent"), "timestamp": int(time.time()),
                        **cleaned(event["payload"]), "website": website}
    body = json.dumps(event).encode()
    os.write(OUT, body + b"\n")  # to the page cache, before the answer
    queue.append(body)
    return flask.Response('{"cache":"none","sessionId":"0","visitId":"0"}', mimetype="application/json")
