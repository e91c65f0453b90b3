"""Umami 3.1.0 as an application without a network: what it stores, what it answers, and how it
misbehaves on request. upstream.py puts it on a socket.
"""
import asyncio
import fnmatch
import json
import random
import threading
import time

import umami_rules as rules

CORS = [("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, DELETE, POST, PUT"),
        ("access-control-allow-headers", "*"), ("access-control-max-age", "86400")]
NO_CACHE = ("cache-control", "no-cache")
JSON = ("content-type", "application/json")
HTML = "<!DOCTYPE html><html lang=\"en\"><head><title>404</title></head><body>Not here.</body></html>"
TRACE = "Error: insert failed at Object.query (/app/node_modules/pg/lib/client.js:526:17) values: "


def server_error(event):
    """Umami's 500 carries a stack trace with what it choked on: nobody may relay it."""
    text = TRACE + json.dumps(event.get("payload"))[:400]
    return {"error": {"message": "Server error", "code": "server-error", "status": 500,
                      "errorObject": {"message": "insert failed", "stack": text}}}


class Fault:
    """One way to misbehave; the first fault that applies to a request (or element) is taken.

    kind: status (code, body), html, redirect, hang, slow, reset, incomplete
          (half an answer, then the connection is closed), garbage (200, no JSON), element
          (code: the element fails inside a 200; to /api/send the whole answer fails).
    store: the request is worked on before the fault (its events are stored).
    seconds: to wait first; times: how often at most; share: probability; headers: added to
    the answer; match: substring of the body, or of the element's JSON; path: fnmatch pattern.
    """

    def __init__(self, kind, code=None, body=None, headers=None, seconds=0.0, store=None,
                 times=None, share=1.0, match=None, path="*"):
        if kind not in ("status", "html", "redirect", "hang", "slow", "reset", "incomplete",
                        "garbage", "element"):
            raise ValueError(f"unknown fault {kind}")
        self.kind, self.body, self.seconds = kind, body, seconds
        self.code = code or {"redirect": 302}.get(kind, 500)
        self.headers = list((headers or {}).items())
        self.store = kind in ("slow", "incomplete", "garbage") if store is None else store
        self.times, self.share, self.path = times, share, path
        self.match = match.encode() if match else None
        self.hits = 0

    def applies(self, path, body):
        if self.times is not None and self.hits >= self.times:
            return False
        if not fnmatch.fnmatchcase(path, self.path) or (self.match and self.match not in body):
            return False
        if self.share < 1 and random.random() >= self.share:
            return False
        self.hits += 1
        return True


class Answer:
    def __init__(self, status, body="", headers=(JSON,)):
        self.status, self.headers = status, list(headers)
        self.body = body if isinstance(body, bytes) else \
            (body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))).encode()


class Request:
    def __init__(self, number, connection, method, path, headers, body, address):
        self.number, self.connection, self.method = number, connection, method
        self.path, self.headers, self.body = path, headers, body
        forwarded = headers.get("x-forwarded-for", "").split(",")[0].strip()
        self.address = forwarded or address


class Umami:
    """The application: what is stored and answered, without any network."""

    def __init__(self, websites=None, batch="on", secret="test", record=None, raw=None):
        self.websites = None if websites is None else {w.lower() for w in websites}
        self.batch = batch  # "on", or 404 or 405 as an older Umami answers
        self.secret = secret
        self.pace = None  # events a second that are worked off
        self.crowd = None  # (n, seconds): an answer takes as long, beyond n at once longer by as many times
        self.faults = []
        self.events = []  # records of what was stored
        self.lock = threading.Lock()
        self.stats = {"requests": 0, "stored": 0, "bots": 0, "connections": 0,
                      "identify_races": 0, "status": {}, "agents": {}, "api_keys": 0,
                      "busy": 0, "busy_most": 0}  # requests at once
        self.record = open(record, "a", encoding="utf-8") if record else None
        self.raw = open(raw, "ab") if raw else None
        self.identifying = {}  # session -> requests that are identifying it now
        self.free_at = 0.0

    def close(self):
        for file in (self.record, self.raw):
            if file:
                file.close()

    def fault_for(self, kinds, path, body):
        with self.lock:
            for fault in self.faults:
                if (fault.kind == "element") == kinds and fault.applies(path, body):
                    return fault
        return None

    def store(self, request, index, event, partial=False):
        record = {"n": len(self.events), "request": request.number, "index": index,
                  "connection": request.connection, "path": request.path, "t": time.time(),
                  "agent": request.headers.get("user-agent"),
                  "cache": request.headers.get("x-umami-cache"), "partial": partial, "event": event}
        self.events.append(record)
        self.stats["stored"] += 1
        if self.record:
            self.record.write(json.dumps(record) + "\n")
            self.record.flush()

    def fail(self, fault, request, index, event):
        if fault.store:
            self.store(request, index, event, partial=True)
        error = server_error(event)
        error["error"]["status"] = fault.code
        return fault.code, error

    def take(self, request, index, event):
        """One event: (status, answer)."""
        error = rules.validation_error(event)
        if error:
            return 400, error
        payload = event["payload"]
        fault = self.fault_for(True, request.path, json.dumps(event).encode())
        if fault and not fault.match:  # the database: not even the website is found or missed
            return self.fail(fault, request, index, event)
        if payload.get("website") and not self.knows(payload["website"]):
            return 400, {"error": {"message": "Website not found.", "code": "bad-request",
                                   "status": 400}}
        agent = payload.get("userAgent") or request.headers.get("user-agent", "")
        if rules.is_bot(agent):
            self.stats["bots"] += 1
            return 200, {"beep": "boop"}
        if fault:
            return self.fail(fault, request, index, event)
        if rules.row_breaks(payload):
            return 500, server_error(event)
        if rules.data_breaks(payload):
            self.store(request, index, event, partial=True)
            return 500, server_error(event)
        session, visit, cache = rules.identity(payload, payload.get("ip") or request.address,
                                               agent, self.secret)
        self.note_identify(request, event, session)
        self.store(request, index, event)
        return 200, {"cache": cache, "sessionId": session, "visitId": visit}

    def knows(self, website):
        if website.lower() == "00000000-0000-0000-0000-000000000000":
            return False
        return self.websites is None or website.lower() in self.websites

    def note_identify(self, request, event, session):
        """Concurrent identify of one session poisons the visitor for good: count it."""
        if event["type"] != "identify":
            return
        others = self.identifying.setdefault(session, set())
        if others - {request.number}:
            self.stats["identify_races"] += 1
        others.add(request.number)

    def forget_identify(self, request):
        for session in [s for s, who in self.identifying.items() if request.number in who]:
            self.identifying[session].discard(request.number)
            if not self.identifying[session]:
                del self.identifying[session]

    async def breathe(self, events):
        """Hold the pace over all connections together."""
        if self.pace:
            now = time.monotonic()
            self.free_at = max(self.free_at, now) + events / self.pace
            await asyncio.sleep(self.free_at - now)

    async def send(self, request):
        await self.breathe(1)
        status, answer = self.take(request, None, rules.parse(request.body))
        return Answer(status, answer)

    async def send_batch(self, request):
        batch = rules.parse(request.body)
        error = rules.batch_error(batch)
        if error:
            return Answer(400, error)
        details, answer = [], {"cache": None}
        for index, event in enumerate(batch):
            await self.breathe(1)
            status, answer = self.take(request, index, event)
            if status != 200:
                details.append({"index": index, "response": answer})
        total = {"size": len(batch), "processed": len(batch) - len(details),
                 "errors": len(details), "details": details}
        if "beep" not in answer:
            total["cache"] = answer.get("cache")
        return Answer(200, total)

    async def work(self, request):
        """What Umami does where nothing is wrong with it."""
        path = request.path.partition("?")[0]
        if path == "/api/heartbeat" and request.method == "GET":
            return Answer(200, {"ok": True})
        if path in ("/api/send/", "/api/batch/"):
            return Answer(308, path[:-1], [("location", path[:-1])])
        if path == "/api/batch" and self.batch != "on":
            return Answer(self.batch, HTML if self.batch == 404 else "", ())
        if path not in ("/api/send", "/api/batch"):
            return Answer(404, HTML, [("content-type", "text/html; charset=utf-8"), *CORS])
        if request.method == "OPTIONS":
            return Answer(204, "", [*CORS, NO_CACHE, ("allow", "OPTIONS, POST")])
        if request.method != "POST":
            return Answer(405, "", [*CORS, NO_CACHE])
        answer = await (self.send(request) if path == "/api/send" else self.send_batch(request))
        answer.headers += [*CORS, NO_CACHE]
        return answer

    async def answer(self, request):
        """(Answer, Fault or None)"""
        self.stats["requests"] += 1
        agent = request.headers.get("user-agent", "")
        self.stats["agents"][agent] = self.stats["agents"].get(agent, 0) + 1
        self.stats["api_keys"] += "x-umami-api-key" in request.headers
        fault = self.fault_for(False, request.path, request.body)
        self.stats["busy"] += 1
        self.stats["busy_most"] = max(self.stats["busy_most"], self.stats["busy"])
        try:
            if fault and fault.seconds:
                await asyncio.sleep(fault.seconds)
            if self.crowd:
                await asyncio.sleep(self.crowd[1] * max(1, self.stats["busy"] / self.crowd[0]))
            answer = await self.work(request) if not fault or fault.store else Answer(500)
        finally:
            self.stats["busy"] -= 1
            self.forget_identify(request)
        if fault:
            answer = self.spoil(fault, answer)
        count = self.stats["status"]
        count[str(answer.status)] = count.get(str(answer.status), 0) + 1
        return answer, fault

    def spoil(self, fault, answer):
        if fault.kind == "status":
            body = fault.body if fault.body is not None else \
                {"error": {"message": "Server error", "status": fault.code}}
            answer = Answer(fault.code, body)
        elif fault.kind == "html":
            answer = Answer(200, HTML, [("content-type", "text/html")])
        elif fault.kind == "garbage":
            answer = Answer(200, fault.body or "{\"size\":1,\"proc")
        elif fault.kind == "redirect":
            answer = Answer(fault.code, "", [("location", fault.body or "/elsewhere")])
        answer.headers += fault.headers
        return answer
