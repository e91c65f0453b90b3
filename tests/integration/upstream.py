"""A recording upstream that follows the recorded contract of Umami 3.1.0.

It enforces every recorded 400 and 500 (umami_rules.py), drops bots, answers batches as Umami
does, writes every stored event as one JSON line, and misbehaves on request (umami_app.Fault).

In a test:
    with Upstream(websites=[...]) as up:
        ... up.url, up.events, up.fault("status", code=503, times=3), up.clear(), up.down(), up.up()

As a program (prints one line of JSON with its addresses):
    python3 upstream.py --port 0 --record FILE [--raw FILE] [--website UUID]... [--control-port 0]
    control: GET /stats, GET /events, POST /fault {"kind": …}, POST /clear, POST /down, POST /up,
             POST /set {"pace": 200}, POST /stop

A record: {"n", "request", "index" (in a batch, else null), "connection", "path", "t", "agent",
"partial" (true where the row is stored though the answer is a 500), "event"}.
"""
import argparse
import asyncio
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

from umami_app import Answer, Fault, Request, Umami

REASONS = {200: "OK", 204: "No Content", 302: "Found", 308: "Permanent Redirect",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 413: "Payload Too Large", 429: "Too Many Requests",
           500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


class Connection:
    """One HTTP/1.1 connection."""

    def __init__(self, server, number, reader, writer):
        self.server, self.umami, self.number = server, server.umami, number
        self.reader, self.writer = reader, writer
        peer = writer.get_extra_info("peername")
        self.address = peer[0] if peer else ""

    async def read_body(self, headers):
        if headers.get("expect", "").lower() == "100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length") or 0))
        body = b""
        while True:
            size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
            body += (await self.reader.readexactly(size + 2))[:-2]
            if not size:
                return body

    async def read_request(self):
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), self.server.idle_s)
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = await self.read_body(headers)
        if self.umami.raw:
            self.umami.raw.write(head + body + b"\n")
            self.umami.raw.flush()
        self.server.requests += 1
        return Request(self.server.requests, self.number, method, path, headers, body, self.address)

    def write(self, request, answer, part=None):
        lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Other')}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        chunked = answer.status != 204 and request.method != "HEAD"
        if chunked:
            lines.append("transfer-encoding: chunked")
        data = "\r\n".join([*lines, "connection: keep-alive", "", ""]).encode("latin-1")
        if chunked and answer.body:
            data += b"%x\r\n%s\r\n" % (len(answer.body), answer.body)
        if chunked:
            data += b"0\r\n\r\n"
        self.writer.write(data if part is None else data[:int(len(data) * part)])

    def reset(self):
        sock = self.writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def serve_one(self):
        """False when the connection is at its end."""
        request = await self.read_request()
        answer, fault = await self.umami.answer(request)
        if fault and fault.kind == "hang":
            await self.server.never()
        if fault and fault.kind == "reset":
            self.reset()
            return False
        if fault and fault.kind == "incomplete":
            self.write(request, answer, part=0.7)
            await self.writer.drain()
            return False
        self.write(request, answer)
        await self.writer.drain()
        return request.headers.get("connection", "").lower() != "close"

    async def serve(self):
        try:
            while await self.serve_one():
                pass
        except (asyncio.IncompleteReadError, asyncio.TimeoutError, ConnectionError,
                asyncio.LimitOverrunError, ssl.SSLError, ValueError, asyncio.CancelledError):
            pass
        finally:
            self.writer.close()


class Upstream:
    """The server in a thread of its own; every method may be called from any thread."""

    def __init__(self, websites=None, port=0, tls=None, idle_s=5.0, **application):
        """tls: (certificate file, key file); see certificate() in tests that need one."""
        self.umami = Umami(websites, **application)
        self.idle_s, self.tls, self.port, self.requests = idle_s, tls, port, 0
        self.loop = asyncio.new_event_loop()
        self.server, self.tasks, self.connections = None, set(), 0
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    # life

    def start(self):
        self.thread.start()
        self.up()
        return self

    def stop(self):
        self.down()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()
        self.umami.close()

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def up(self, tls=None):
        """Listen, again on the same port; tls: another certificate from now on."""
        self.tls = tls or self.tls
        self.call(self.listen())

    def down(self):
        """Refuse connections and cut those there are."""
        self.call(self.unlisten())

    async def listen(self):
        if self.server:
            return
        context = None
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", self.port, ssl=context,
                                                 limit=16 << 20, backlog=256)
        self.port = self.server.sockets[0].getsockname()[1]

    async def unlisten(self):
        if self.server:
            self.server.close()
            self.server = None
        while self.tasks:  # wait_for() may swallow a cancellation that comes when it is done
            tasks = list(self.tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    async def accept(self, reader, writer):
        self.connections += 1
        self.umami.stats["connections"] += 1
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await Connection(self, self.connections, reader, writer).serve()
        finally:
            self.tasks.discard(task)

    async def never(self):
        await asyncio.Event().wait()

    # what tests read and set

    @property
    def url(self):
        return f"http{'s' if self.tls else ''}://{'localhost' if self.tls else '127.0.0.1'}:{self.port}"

    @property
    def events(self):
        return list(self.umami.events)

    @property
    def stats(self):
        return self.umami.stats

    def fault(self, kind, **options):
        fault = Fault(kind, **options)
        with self.umami.lock:
            self.umami.faults.append(fault)
        return fault

    def clear(self):
        with self.umami.lock:
            self.umami.faults.clear()

    def set(self, **options):
        """pace=events a second or None, batch="on", 404 or 405, websites=[…], idle_s=…"""
        for name, value in options.items():
            if name == "websites" and value is not None:
                value = {w.lower() for w in value}
            if name == "idle_s":
                self.idle_s = value
            elif name in ("pace", "batch", "websites", "crowd"):
                setattr(self.umami, name, value)
            else:
                raise ValueError(f"unknown setting {name}")

    def wait(self, condition, timeout_s=30.0):
        """Until condition(self) holds; False at the deadline."""
        deadline = time.monotonic() + timeout_s
        while not condition(self):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True


class Control:
    """The small HTTP door by which another process steers an Upstream."""

    def __init__(self, upstream, port):
        self.upstream, self.port, self.stopped = upstream, port, threading.Event()

    async def listen(self):
        server = await asyncio.start_server(self.accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]

    async def act(self, method, path, data):
        up = self.upstream
        if method == "GET":
            return {"/stats": up.stats, "/events": up.umami.events}.get(path)
        if path == "/fault":
            up.fault(data.pop("kind"), **data)
        elif path == "/set":
            up.set(**data)
        elif path == "/clear":
            up.clear()
        elif path == "/down":
            await up.unlisten()
        elif path == "/up":
            await up.listen()
        elif path == "/stop":
            self.stopped.set()
        else:
            return None
        return {"ok": True}

    async def accept(self, reader, writer):
        connection = Connection(self.upstream, 0, reader, writer)
        connection.umami = Umami()
        try:
            request = await connection.read_request()
            answer = await self.act(request.method, request.path, json.loads(request.body or b"{}"))
            status = 404 if answer is None else 200
        except (ValueError, TypeError, KeyError) as error:
            status, answer = 400, {"error": str(error)}
        connection.write(request, Answer(status, answer))
        await writer.drain()
        writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--record", help="stored events, one JSON line each")
    parser.add_argument("--raw", help="every byte of every request")
    parser.add_argument("--website", action="append", help="known websites (default: any)")
    parser.add_argument("--batch", default="on", choices=["on", "404", "405"])
    options = parser.parse_args()
    batch = options.batch if options.batch == "on" else int(options.batch)
    with Upstream(options.website, port=options.port, batch=batch, record=options.record,
                  raw=options.raw) as upstream:
        control = Control(upstream, options.control_port)
        upstream.call(control.listen())
        print(json.dumps({"url": upstream.url, "pid": os.getpid(),
                          "control": f"http://127.0.0.1:{control.port}"}), flush=True)
        try:
            control.stopped.wait()
        except KeyboardInterrupt:
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
