"""analytics.mjs in Chromium: what leaves the device, how often, and that it is random as promised."""
import contextlib
import http.server
import json
import math
import re
import subprocess
import threading

import pytest

from browser import Browser
from conftest import BUILD, SOURCE, wait_for

REGISTRY = """\
version: 1
metrics:
  template_view:
    {question: q, description: d, owner: o, subject: template, review: 2099-01-31, read: released,
     public_ingest: true, mechanism: laplace, epsilon: 1, cells_per_client: 3, domain_version: 4,
     dimensions: {template_id: [a, b], jurisdiction: {builtin: us_states}}}
  opinion:
    {question: q, description: d, owner: o, subject: template, review: 2099-01-31, read: released,
     public_ingest: true, mechanism: krr, epsilon: 1, client_epsilon: 2, cells_per_client: 10,
     dimensions: {class: [a, b, c, d], x: [p, q, r]}}
  apart:
    {question: q, description: d, owner: o, subject: template, review: 2099-01-31, read: released,
     public_ingest: true, mechanism: krr, epsilon: 1, client_epsilon: 2, domain: split,
     dimensions: {where: {builtin: us_states}, x: [p]}}
  hidden:
    {question: q, description: d, owner: o, subject: template, review: 2099-01-31, read: released,
     mechanism: laplace, epsilon: 1}
"""
CHERNOFF = 21.416  # n KL(seen, told) beyond it: 1e-9


class Server:
    """The module, what the registry made of it, a page; and what was posted."""

    def __init__(self, files):
        server = self
        self.bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, body, kind):
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                kind = "text/javascript" if self.path.endswith(".mjs") else "text/html"
                self.answer(files.get(self.path, "").encode(), kind)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.bodies.append((dict(self.headers), json.loads(body)))
                self.answer(b"{}", "application/json")

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://shop.test:{self.http.server_address[1]}/"

    @property
    def increments(self):
        return [i for _, body in self.bodies for i in body["increments"]]

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def client(directory, language):
    (directory / "registry.yaml").write_text(REGISTRY)
    done = subprocess.run([BUILD / "tamis", "registry", "client", f"--language={language}",
                           directory / "registry.yaml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module", name="browser")
def one_browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(name="server")
def one_server(tmp_path):
    page = ("<script type=module>import * as m from './metrics.mjs'; import {respond} from './analytics.mjs';"
            "m.analytics.configure({jitterMs: 1}); Object.assign(window, {m, respond, ready: true})</script>")
    server = Server({"/": page, "/metrics.mjs": client(tmp_path, "js"),
                     "/analytics.mjs": (SOURCE / "middleware/js/analytics.mjs").read_text()})
    yield server
    server.close()


@contextlib.contextmanager
def visit(browser, server, before=""):
    with browser.page() as page:
        page.before(before)
        page.goto(server.url)
        page.wait("window.ready")
        yield page


def test_wrappers_count_within_the_budget(browser, server):
    with visit(browser, server) as page:
        told = page.evaluate("""[m.trackTemplateView("a", "us-ca-12"), m.trackTemplateView("zz", "CA, Oakland"),
            m.trackTemplateView("b", "Californien"), m.trackTemplateView("a", "CA")]""")
        assert told == [True, True, True, False]  # three count of a client, the fourth is not sent
        wait_for(lambda: len(server.increments) == 3, "three increments")
        key = sorted((i["dimensions"]["template_id"], i["dimensions"]["jurisdiction"]) for i in server.increments)
        assert key == [("__other__", "CA"), ("a", "CA"), ("b", "__other__")]
        headers, body = server.bodies[0]
        assert set(body) == {"increments"} and "Cookie" not in headers and "Referer" not in headers
        assert all(set(i) == {"metric", "dimensions", "domain_version"} for i in server.increments)
        assert {i["domain_version"] for i in server.increments} == {4}
        assert page.evaluate("m.analytics.budget().template_view") == {"used": 3, "allowed": 3, "epsilon": 0}
        kept = json.loads(page.evaluate("localStorage.getItem('tamis.budget')"))
        assert set(kept) == {"day", "counts"} and kept["counts"] == {"template_view": 3}  # numbers alone
        assert page.evaluate("m.trackOpinion('a', 'p')") is True
        assert page.evaluate("m.analytics.budget().opinion.epsilon") == 2
        assert page.evaluate("typeof m.trackHidden") == "undefined"
        for wrong in ("'nosuch'", "'opinion', {class: 'a'}", "'opinion', {class: 'a', x: 'p', y: 1}"):
            assert page.evaluate(f"try {{ m.analytics.increment({wrong}) }} catch (e) {{ e.name }}") == "TypeError"


def test_batches(browser, server):
    with visit(browser, server) as page:
        page.evaluate("""m.analytics.declare({plenty: {domainVersion: 1, cells: 10, each: 100, clientEpsilonMicro: 0,
            split: false, dimensions: []}}); m.analytics.configure({jitterMs: 1000000});
            for (let i = 0; i < 250; i++) m.analytics.increment('plenty');""")
        wait_for(lambda: len(server.increments) == 200, "two full batches")
        page.evaluate("m.analytics.flush()")
        wait_for(lambda: len(server.increments) == 250, "the rest")
        assert sorted(len(body["increments"]) for _, body in server.bodies) == [50, 100, 100]


@pytest.mark.parametrize("wish", ["globalPrivacyControl: {get: () => true}", "doNotTrack: {get: () => '1'}"])
def test_nothing_of_who_does_not_want_it(browser, server, wish):
    with visit(browser, server, f"Object.defineProperties(navigator, {{{wish}}})") as page:
        assert page.evaluate("m.trackTemplateView('a', 'CA')") is False
        assert page.evaluate("m.analytics.budget().template_view.used") == 0
        page.evaluate("m.analytics.flush()")
    assert not server.bodies


def kl(seen, told):
    part = lambda a, b: a * math.log(a / b) if a else 0  # noqa: E731
    return part(seen, told) + part(1 - seen, 1 - told)


@pytest.mark.parametrize("k, truth, epsilon", [(20, 4, 2000000), (2, 1, 693147), (24, 23, 3500000)])
def test_the_answer_is_as_random_as_promised(browser, server, k, truth, epsilon):
    n = 200000
    with visit(browser, server) as page:
        counts = page.evaluate(f"""{{ const c = new Array({k}).fill(0);
            for (let i = 0; i < {n}; i++) c[respond({truth}, {k}, {epsilon})]++; c }}""")
    e = math.exp(epsilon / 1e6)
    p, q = e / (e + k - 1), 1 / (e + k - 1)
    for value, count in enumerate(counts):
        assert n * kl(count / n, p if value == truth else q) < CHERNOFF, (value, count)


def test_joint_and_split_answers(browser, server):
    """What is sent is answered at random as a whole, or dimension by dimension."""
    n = 20000
    with visit(browser, server) as page:
        seen = page.evaluate(f"""{{ const seen = {{}}; const real = fetch; window.fetch = (_, o) => {{
            for (const i of JSON.parse(o.body).increments) {{
                const key = i.metric + " " + Object.values(i.dimensions).join(" ");
                seen[key] = (seen[key] || 0) + 1; }} return Promise.resolve(); }};
            for (let i = 0; i < {n}; i++) {{
                localStorage.setItem('tamis.budget', '{{}}'); m.trackOpinion('b', 'q'); m.trackApart('TX', 'p'); }}
            m.analytics.flush(); seen }}""")
    e = math.exp(2)
    assert n * kl(seen["opinion b q"] / n, e / (e + 19)) < CHERNOFF  # of 5 x 4 cells
    assert n * kl(seen["opinion __other__ __other__"] / n, 1 / (e + 19)) < CHERNOFF
    e = math.exp(1)
    both = seen["apart TX p"] / n
    assert n * kl(both, e / (e + 56) * e / (e + 1)) < CHERNOFF  # 57 places, and 2 values
    assert sum(v for key, v in seen.items() if key.startswith("apart") and key.endswith(" p")) > n / 2


def test_types(tmp_path):
    text = client(tmp_path, "ts")
    assert 'trackOpinion(class_: "a" | "b" | "c" | "d" | "__other__" | (string & {}), x: "p"' in text
    assert "trackTemplateView(templateId:" in text and "jurisdiction: string): boolean;" in text
    exported = re.compile(r"^export (?:declare )?(?:const|class|function|interface) (\w+)", re.M)
    module, types = ((SOURCE / "middleware/js" / name).read_text()
                     for name in ("analytics.mjs", "analytics.d.mts"))
    assert set(exported.findall(module)) <= set(exported.findall(types))
