"""Chromium without a window, steered by the DevTools protocol over a pipe; and sites for it.

    with Browser(directory) as browser, browser.page() as page:
        page.goto("http://shop.test:8080/"); page.evaluate("document.title")

Every *.test is 127.0.0.1. The user agent is a normal one: headless Chromium's own is a bot's.
"""
import base64
import contextlib
import http.server
import json
import os
import subprocess
import threading

from conftest import BROWSER, end, need, wait_for

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
         "--disable-extensions", "--disable-sync", "--no-default-browser-check", "--mute-audio",
         "--password-store=basic", "--lang=en-US", "--window-size=800,600",
         "--host-resolver-rules=MAP *.test 127.0.0.1", f"--user-agent={BROWSER}", "--remote-debugging-pipe"]


class Browser:
    """One Chromium; each page has a profile of its own."""

    def __init__(self, directory):
        self.directory = directory
        self.lock, self.number, self.answers, self.events = threading.Lock(), 0, {}, []

    def __enter__(self):
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        command = " ".join(f"'{w}'" for w in [need("chromium"), *FLAGS, f"--user-data-dir={self.directory}/profile"])
        with open(self.directory / "chromium.log", "wb") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", f"exec {command} about:blank 3<&{to_read} 4>&{to_write}"],
                pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "HOME": str(self.directory), "DBUS_SESSION_BUS_ADDRESS": "disabled:"},
                start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        threading.Thread(target=self._read, daemon=True).start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._write({"id": 0, "method": "Browser.close"})
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        end(self.process)
        os.close(self.to)

    def _read(self):
        rest = b""
        with contextlib.suppress(OSError):
            while data := os.read(self.back, 1 << 16):
                *whole, rest = (rest + data).split(b"\0")
                for message in map(json.loads, whole):
                    if "id" in message:
                        self.answers[message["id"]] = message
                    else:
                        self.events.append(message)

    def _write(self, message):
        data = json.dumps(message).encode() + b"\0"
        with self.lock:
            while data:
                data = data[os.write(self.to, data):]

    def send(self, method, session=None, **params):
        """One command; returns its number."""
        with self.lock:
            self.number += 1
            number = self.number
        self._write({"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {}))
        return number

    def call(self, method, session=None, **params):
        """The result of one command."""
        number = self.send(method, session, **params)

        def came():
            assert self.process.poll() is None, (self.directory / "chromium.log").read_text()[-2000:]
            return number in self.answers
        wait_for(came, method, 60)
        answer = self.answers.pop(number)
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    @contextlib.contextmanager
    def page(self):
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        yield Page(self, session)
        self.call("Target.disposeBrowserContext", browserContextId=context)


class Page:
    """One tab."""

    def __init__(self, browser, session):
        self.browser, self.session = browser, session
        self.call("Page.enable")

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def before(self, script):
        """Run in every page before its own scripts."""
        self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def goto(self, url):
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, answer
        self.wait(f"location.href == {json.dumps(url)} && document.readyState == 'complete'")

    def evaluate(self, expression):
        """The value of a JavaScript expression; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, expression):
        def holds():
            try:
                return self.evaluate(expression)
            except AssertionError:  # between two pages
                return False
        wait_for(holds, expression)

    def click(self, selector, modifiers=0):
        """A click of the mouse in the middle of the element."""
        x, y = self.evaluate(f"(r => [r.x + r.width / 2, r.y + r.height / 2])"
                             f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1,
                      modifiers=modifiers)

    def crash(self):
        """End the process that holds the page, with all that it holds."""
        self.browser.send("Page.crash", self.session)
        wait_for(lambda: any(e["method"] == "Inspector.targetCrashed" and e["sessionId"] == self.session
                             for e in self.browser.events), "the page to crash")

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))


class Site:
    """A site whose pages are texts, and a gateway in whose place the test answers.

    seen: every request in order, (method, path, headers, JSON body or None).
    answer: code and body of a POST; without a code the reply waits until held is set.
    """

    def __init__(self, pages, script):
        self.pages, self.script = pages, script
        self.seen, self.answer, self.held = [], (200, '{"cache":"TOKEN"}'), threading.Event()
        self.hold_preflights = False
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, code, body, kind):
                with contextlib.suppress(ConnectionError):
                    self.send_response(code)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(body)))
                    self.send_header("Access-Control-Allow-Origin", "*")
                    self.send_header("Access-Control-Allow-Headers", "*")
                    self.end_headers()
                    self.wfile.write(body)

            def do_GET(self):
                path = self.path.partition("?")[0]
                site.note(self, None)
                if path.endswith(".js"):
                    return self.reply(200, site.script, "text/javascript")
                page = site.pages.get(path)
                return self.reply(200 if page else 404, (page or "").encode(), "text/html; charset=utf-8")

            def do_OPTIONS(self):
                site.note(self, None)
                if site.hold_preflights:
                    site.held.wait(60)
                self.reply(204, b"", "text/plain")

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                site.note(self, json.loads(body))
                code, text = site.answer
                if code is None:
                    site.held.wait(60)
                    code = 200
                self.reply(code, text.encode(), "application/json")

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def note(self, handler, body):
        self.seen.append((handler.command, handler.path, {k.lower(): v for k, v in handler.headers.items()}, body))

    @property
    def origin(self):
        return f"http://shop.test:{self.port}"

    @property
    def posts(self):
        return [(headers, body) for method, _, headers, body in self.seen if method == "POST"]

    @property
    def payloads(self):
        return [body["payload"] for _, body in self.posts]

    def wait(self, n):
        """The first n payloads, and no more have come."""
        wait_for(lambda: len(self.posts) >= n, f"{n} events")
        assert len(self.posts) == n, self.payloads
        return self.payloads

    def close(self):
        self.held.set()
        self.server.shutdown()
        self.server.server_close()
