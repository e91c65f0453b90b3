"""The script and the image as they are served, the tracker's first-party names, who may send from where."""
import gzip
import html
import json
import os
import re
import signal
import subprocess
import sys

import pytest

from browser import Browser
from conftest import BROWSER, BUILD, SOURCE, WEBSITE, end, free_port, shared, wait_for

JS = SOURCE / "middleware" / "js"
SERVED = BUILD / "middleware" / "js" / "served" / "script.js"
PAGE = "https://shop.example.com/pricing?plan=pro&mail=john@example.com"
CORS = ("access-control-allow-origin", "access-control-allow-credentials", "vary")
HTML = 'mimetype.assign = ( ".html" => "text/html; charset=utf-8" )\n'
PAGE_OF_TRACKER = (SOURCE / "docs" / "tracker.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE_OF_TRACKER, re.M | re.S)


def block(kind, start):
    """The one example of docs/tracker.md that begins so."""
    found, = [text for k, text in BLOCKS if k == kind and text.startswith(start)]
    return found


def configure(tamis, text):
    """tamis.yaml from an example."""
    path = tamis.directory / "tamis.yaml"
    path.write_text(text)
    path.chmod(0o600)
    tamis.set(TAMIS_CONFIG=path, UMAMI_WEBSITE_ID=WEBSITE)


def kept(tamis):
    """Payloads on the spool."""
    out = tamis.command("spool", "cat", check=True).stdout
    return [json.loads(line)["payload"] for line in out.splitlines() if line.startswith("{")]


def script(tamis, **headers):
    return tamis.request("GET", "/script.js", headers={k.replace("_", "-"): v for k, v in headers.items()})


def test_the_script_plain_and_compressed(tamis):
    tamis.lighttpd()
    plain, packed = script(tamis), script(tamis, Accept_Encoding="br, gzip;q=0.8")
    assert plain.body == SERVED.read_bytes().rstrip(b"\n")
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) <= 2000
    for answer in (plain, packed):
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=86400, must-revalidate"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["access-control-allow-origin"] == "*"
    assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert plain.headers["etag"] != packed.headers["etag"], "other bytes, another tag"
    for refusal in ("gzip;q=0", "gzip; q=0.0, br", "br", "gzipped", ""):
        assert script(tamis, Accept_Encoding=refusal).body == plain.body
    for wish in ("GZIP", "deflate,gzip", "br;q=1, gzip ; q=0.5"):
        assert script(tamis, Accept_Encoding=wish).body == packed.body


def test_the_script_is_asked_for_again(tamis):
    tamis.lighttpd()
    plain = script(tamis).headers["etag"]
    packed = script(tamis, Accept_Encoding="gzip").headers["etag"]
    assert plain.startswith('"') and packed.startswith('"'), "strong"
    for tags in (plain, f'"x", {plain}', f"W/{plain}", "*"):
        again = script(tamis, If_None_Match=tags)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", plain)
        assert again.headers["cache-control"] == "public, max-age=86400, must-revalidate"
    assert script(tamis, If_None_Match=packed).status == 200
    assert script(tamis, If_None_Match=packed, Accept_Encoding="gzip").status == 304
    head = tamis.request("HEAD", "/script.js")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", plain)
    assert tamis.request("POST", "/script.js", "x").status == 405


def cgi(tamis, **variables):
    """One answer of the responder as CGI: headers, body."""
    out = subprocess.run([BUILD / "tamis.fcgi"], capture_output=True, check=True, stdin=subprocess.DEVNULL,
                         env={**tamis.environment, "REQUEST_METHOD": "GET", **variables}).stdout
    head, _, body = out.partition(b"\r\n\r\n")
    return dict(line.split(": ", 1) for line in head.decode().split("\r\n")), body


def test_the_script_as_cgi_and_under_other_names(tamis):
    headers, body = cgi(tamis, SCRIPT_NAME="/stats/tamis.cgi", PATH_INFO="/script.js")
    assert body == SERVED.read_bytes().rstrip(b"\n")
    tags = {headers["ETag"]}
    for path, line in (("/s.js", '{const up=".",collect="/c/in";'), ("/a/s.js", '{const up="..",collect="/c/in";'),
                       ("/a/b/c/s.js", '{const up="../../..",collect="/c/in";')):
        tamis.set(TAMIS_TRACKER_SCRIPT_PATH=path, TAMIS_TRACKER_COLLECT_PATH="/c/in")
        headers, plain = cgi(tamis, SCRIPT_NAME="", PATH_INFO=path)
        _, packed = cgi(tamis, SCRIPT_NAME="", PATH_INFO=path, HTTP_ACCEPT_ENCODING="gzip")
        assert plain.decode() == line + body.decode().split(";", 1)[1]
        assert gzip.decompress(packed) == plain
        tags.add(headers["ETag"])
        assert cgi(tamis, SCRIPT_NAME="", PATH_INFO="/script.js")[0]["Status"] == "404 Not Found"
    assert len(tags) == 4, "other names, another tag"


@pytest.mark.parametrize("variables, why", [
    ({"TAMIS_TRACKER_SCRIPT_PATH": "/metrics"}, "tracker.script_path: tamis answers /metrics already"),
    ({"TAMIS_TRACKER_COLLECT_PATH": "/api/batch"}, "tracker.collect_path: tamis answers /api/batch already"),
    ({"TAMIS_TRACKER_SCRIPT_PATH": "/x", "TAMIS_TRACKER_PIXEL_PATH": "/x"},
     "tracker.pixel_path: tracker.script_path has that name already")])
def test_names_that_are_taken(tamis, variables, why):
    tamis.set(**variables)
    out = subprocess.run([BUILD / "tamis.fcgi"], env={**tamis.environment, "REQUEST_METHOD": "GET"},
                         capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert out.returncode == 78 and why in out.stderr


# the image


def pixel(tamis, query="", **headers):
    answer = tamis.request("GET", "/pixel.gif" + query, headers=headers)
    assert (answer.status, answer.headers["content-type"], len(answer.body)) == (200, "image/gif", 43)
    assert answer.body.startswith(b"GIF89a") and answer.headers["cache-control"] == "no-store"
    return answer


def test_the_image_counts(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    pixel(tamis, Referer=PAGE)
    pixel(tamis, f"?website={WEBSITE}&url=%2Fa%3Fq%3D1%2B1&title=A+%22title%22%5c%25&referrer=https%3A%2F%2Felse.example%2F"
          "&hostname=blog.example.com&name=open&tag=mail&id=john&website_=x&&", Referer=PAGE)
    first, second = kept(tamis)
    assert (first["url"], first["hostname"]) == (
        "https://shop.example.com/pricing?plan=pro&mail=[REDACTED_EMAIL]", "shop.example.com")
    assert {k: second[k] for k in ("url", "title", "referrer", "hostname", "name", "tag")} == {
        "url": "/a?q=1+1", "title": 'A "title"\\%', "referrer": "https://else.example/",
        "hostname": "blog.example.com", "name": "open", "tag": "mail"}
    assert "john" not in json.dumps(second)
    head = tamis.request("HEAD", "/pixel.gif", headers={"Referer": PAGE})
    assert (head.status, head.body) == (200, b"")
    assert tamis.metrics()["tamis_events_received_total"] == 2


@pytest.mark.parametrize("query, headers, reason", [
    ("?website=no", {}, "invalid"), ("?website=6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10", {}, "website"),
    ("?url=/", {"DNT": "1"}, "dnt"), ("?url=/", {"User-Agent": "curl/8.0"}, "bot"),
    ("?hostname=other.example", {}, "hostname"), ("?url=/", {"X-Real-IP": "198.51.100.7"}, "network")])
def test_the_image_is_refused_as_events_are(tamis, query, headers, reason):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_UMAMI_HOSTNAMES="shop.example.com",
              TAMIS_EXCLUDE_NETWORKS="198.51.100.0/24", TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.1")
    tamis.lighttpd()
    pixel(tamis, query, **{"Referer": PAGE, **headers})
    assert kept(tamis) == []
    assert tamis.metrics()[f'tamis_events_refused_total{{reason="{reason}"}}'] == 1


def test_the_image_is_limited_as_events_are(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_LIMIT_REQUESTS_PER_MINUTE=1, TAMIS_LIMIT_BURST=2,
              TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.1")
    tamis.lighttpd()
    for _ in range(4):
        pixel(tamis, "?url=/", **{"X-Real-IP": "198.51.100.7"})
    assert len(kept(tamis)) == 2
    assert tamis.metrics()['tamis_events_refused_total{reason="rate"}'] == 2


def test_the_image_of_odd_queries(tamis):
    """Web servers stop most of these."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    for query in ("url=/%zz%4&title=%0a%", "url=/%FF\x01&&=&url=/second", "title", "url=/" + "a" * 100_000):
        assert cgi(tamis, SCRIPT_NAME="/pixel.gif", QUERY_STRING=query, HTTP_USER_AGENT=BROWSER)[1][:3] == b"GIF"
    first, second, third, fourth = kept(tamis)
    assert (first["url"], first["title"]) == ("/%zz%4", "\n%")
    assert second["url"].startswith("/") and "url" not in third
    assert len(fourth["url"]) < 10_000


# other origins


def cors(answer):
    return tuple(answer.headers.get(name) for name in CORS)


def test_origins(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_CORS_ORIGINS="https://shop.example.com, http://localhost:3000")
    tamis.lighttpd()
    event = {"type": "event", "payload": {"website": WEBSITE, "url": "/"}}
    for origin, told in (("https://shop.example.com", True), ("http://localhost:3000", True), (None, False),
                         ("https://shop.example.com.evil.example", False), ("http://shop.example.com", False),
                         ("null", False)):
        headers = {"Origin": origin} if origin else {}
        expected = (origin, "true") if told else ("*", None)
        for method, path, body in (("OPTIONS", "/api/send", None), ("POST", "/api/send", event),
                                   ("POST", "/api/batch", [event]), ("GET", "/pixel.gif", None), ("GET", "/script.js", None),
                                   ("POST", "/api/send", "{")):
            answer = tamis.request(method, path, body, headers)
            assert cors(answer)[:2] == expected, (path, origin)
            if path != "/script.js":  # which says so in a line of its own
                assert answer.headers["vary"] == "Origin"
        preflight = tamis.request("OPTIONS", "/api/send", None, headers).headers
        assert preflight["access-control-allow-headers"] == ("Authorization, Content-Type, X-Umami-Cache" if told else "*")
        assert cors(tamis.request("GET", "/api/heartbeat", headers=headers)) == ("*", None, None)
        assert cors(tamis.request("GET", "/healthz", headers=headers)) == (None, None, None)


def test_no_origins_are_listed(tamis):
    tamis.lighttpd()
    assert cors(tamis.request("OPTIONS", "/api/send", headers={"Origin": "https://shop.example.com"})) == ("*", None, None)


# in a browser, with the real responder


@pytest.fixture(scope="module", name="browser")
def one_browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


def put(tamis, name, text):
    (tamis.directory / name).write_text("<!doctype html><title>A page</title>" + text)


def tag(src, more=""):
    return f'<script defer src="{src}" data-website-id="{WEBSITE}" {more}></script>'


def sent(page, n):
    """All n requests of the page were answered."""
    page.wait(f"performance.getEntriesByType('resource').filter(e => e.initiatorType == 'fetch').length == {n}")


def test_from_the_page_to_the_spool_under_own_names(tamis, browser):
    configure(tamis, block("yaml", "tracker:"))
    tamis.lighttpd(block("lighttpd", "$HTTP") + HTML)
    put(tamis, "a.html", tag("/assets/js/site.js") + '<noscript><img src="/assets/dot.gif" alt=""></noscript>')
    with browser.page() as page:
        page.goto(f"http://shop.test:{tamis.port}/a.html?mail=john@example.com")
        sent(page, 1)
        page.evaluate("umami.track('buy', {card: '4111 1111 1111 1111'})")
        page.call("Emulation.setScriptExecutionDisabled", value=True)
        page.call("Page.reload")
        page.wait("document.images.length == 1 && document.images[0].complete")
    view, event, image = kept(tamis)
    url = f"http://shop.test:{tamis.port}/a.html?mail=[REDACTED_EMAIL]"
    assert (view["url"], view["title"], view["hostname"]) == (url, "A page", "shop.test")
    assert (event["name"], event["data"]) == ("buy", {"card": "[REDACTED_CARD]"})
    assert (image["url"], image["hostname"]) == (url, "shop.test")


@pytest.mark.parametrize("listed", [True, False])
def test_credentials_need_a_listed_origin(tamis, browser, listed):
    """A page of shop.test sends to stats.test with its cookies; the browser decides by the answer."""
    port = tamis.port = free_port()
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_CORS_ORIGINS=f"http://{'shop' if listed else 'other'}.test:{port}")
    tamis.lighttpd(HTML, port=port)
    put(tamis, "a.html", tag(f"http://stats.test:{port}/script.js", "data-fetch-credentials=include"))
    with browser.page() as page:
        page.goto(f"http://shop.test:{port}/a.html")
        page.evaluate("umami.track('second')")
    assert len(kept(tamis)) == (2 if listed else 0)


def in_page(page, record, endpoint):
    """What a browser makes of one recorded request of Umami's tracker, and what it is answered."""
    headers = {k: v for k, v in record["headers"].items() if k in ("content-type", "x-umami-cache")}
    options = {"method": "POST", "headers": headers, "body": json.dumps(record["body"]), "keepalive": True,
               "credentials": "omit"}
    return page.evaluate(f"fetch({json.dumps(endpoint)}, {json.dumps(options)})"
                         ".then(async r => [r.status, await r.json()])")


def test_umamis_own_tracker(tamis, browser):
    """What it sends, sent again by the same browser: the answers that it reads, and all is kept."""
    with gzip.open(shared("data/umami-tracker.jsonl.gz"), "rt") as lines:
        records = [r for r in map(json.loads, lines) if r.get("method") == "POST"]
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd(HTML)
    put(tamis, "empty.html", "")
    with browser.page() as page:
        page.goto(f"http://shop.test:{tamis.port}/empty.html")
        for record in records:
            host = "shop" if record["headers"]["sec-fetch-site"] == "same-origin" else "stats"
            status, reply = in_page(page, record, f"http://{host}.test:{tamis.port}/api/send")
            assert (status, set(reply)) == (200, {"cache", "sessionId", "visitId"}), record["case"]
    payloads = kept(tamis)
    assert len(payloads) == len(records)
    for record, payload in zip(records, payloads):
        for field in ("title", "name", "tag", "screen"):
            assert payload.get(field) == record["body"]["payload"].get(field)


# the examples of docs/tracker.md, but for those above


def test_every_example_is_run():
    starts = [("html", "<script defer"), ("html", "<button"), ("js", "umami.track()"), ("html", "<script>"),
              ("html", "<noscript>"), ("yaml", "tracker:"), ("lighttpd", "$HTTP"), ("yaml", "cors:")]
    assert len(BLOCKS) == len(starts) and all(block(*start) for start in starts)


def test_examples_of_pages(tamis, browser):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd(HTML)
    (tamis.directory / "admin").mkdir()
    for name in ("a.html", "admin/a.html"):
        put(tamis, name, block("html", "<script>") + block("html", "<button"))
    with browser.page() as page:
        for name in ("admin/a.html", "a.html"):
            page.goto(f"http://shop.test:{tamis.port}/{name}")
        sent(page, 1)
        page.click("button")
        sent(page, 2)
        page.click("a")
        page.wait("location.pathname == '/docs'")
    wait_for(lambda: len(kept(tamis)) >= 3, "the click on the link")
    view, button, link = kept(tamis)
    assert view["url"].endswith("/a.html") and "/admin/" not in view["url"]
    assert (button["name"], button["data"], link["name"]) == ("signup", {"plan": "pro"}, "docs")


def test_examples_of_functions(tamis, browser):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd(HTML)
    put(tamis, "a.html", block("html", "<script defer"))
    with browser.page() as page:
        page.goto(f"http://shop.test:{tamis.port}/a.html")
        sent(page, 1)
        for line in block("js", "umami.track()").splitlines():
            page.evaluate(line.partition(";")[0])
    events = kept(tamis)[1:]
    assert [e.get("name") for e in events] == [None, "signup", "signup", None, None, None, None, None]
    assert events[2]["data"] == {"plan": "pro", "seats": 5}
    assert (events[3]["url"], events[3]["title"], events[4]["url"]) == ("/cart", "Cart", "/cart")
    assert events[6]["data"] == events[7]["data"] == {"plan": "pro"}
    assert events[5]["id"] == events[6]["id"] == events[7]["id"] != events[4]["id"]


def test_examples_of_images(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    for source in re.findall(r'src="([^"]+)"', block("html", "<noscript>")):
        assert tamis.request("GET", html.unescape(source).removeprefix("https://stats.example.com"),
                             headers={"Referer": PAGE}).status == 200
    first, second = kept(tamis)
    assert first["hostname"] == "shop.example.com"
    assert (second["url"], second["hostname"], second["name"]) == ("/newsletter/7", "mail.example.com", "open")


def test_example_of_origins(tamis):
    configure(tamis, block("yaml", "cors:"))
    tamis.lighttpd()
    answer = tamis.request("OPTIONS", "/api/send", headers={"Origin": "https://shop.example.com"})
    assert cors(answer) == ("https://shop.example.com", "true", "Origin")


def test_the_page_of_setup_counts_itself(tamis, browser):
    tamis.lighttpd(HTML)
    put(tamis, "a.html", (SOURCE / "examples" / "welcome.html").read_text())
    with browser.page() as page:
        page.goto(f"http://127.0.0.1:{tamis.port}/a.html")
        sent(page, 1)
        page.click("button")
        sent(page, 2)
    view, event = kept(tamis)
    assert (view["url"].endswith("/a.html"), event["name"], event["data"]) == (True, "welcome", {"from": "[REDACTED_EMAIL]"})


# the real gateway, slow, down and refusing


def responder(tamis):
    """Process id of the tamis.fcgi that lighttpd started."""
    out = subprocess.run(["pgrep", "-P", str(tamis.processes[0].pid)], capture_output=True, text=True, check=True).stdout
    pid, = map(int, out.split())
    return pid


def names(tamis):
    return [payload.get("name") for payload in kept(tamis)]


def test_visitors_feel_nothing_of_the_gateway(tamis, browser):
    """Stopped: links work, what was sent comes through later. Ended: so do links, and nothing fails."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd(HTML)
    put(tamis, "next.html", "")
    put(tamis, "a.html", tag("/script.js") + '<a href="/next.html" data-umami-event="link">go</a>')
    address = f"http://shop.test:{tamis.port}/a.html"
    with browser.page() as page:
        page.before("window.failed = []; addEventListener('unhandledrejection', () => failed.push(1))")
        page.goto(address)
        sent(page, 1)
        pid = responder(tamis)
        os.kill(pid, signal.SIGSTOP)
        page.click("a")
        page.wait("location.pathname == '/next.html'")
        os.kill(pid, signal.SIGCONT)
        wait_for(lambda: names(tamis) == [None, "link"], "the event of the link")
        page.evaluate("history.back()")
        page.wait("location.pathname == '/a.html'")
        wait_for(lambda: names(tamis) == [None, "link", None], "the page restored")
        end(tamis.processes.pop(0))
        page.evaluate("umami.track('lost')")
        assert page.evaluate("failed") == []


@pytest.mark.parametrize("variables, answer", [
    ({"TAMIS_UMAMI_ENABLED": "false", "UMAMI_ENABLED": "false"}, {"disabled": True}),
    ({"TAMIS_UMAMI_WEBSITES": "6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10"}, {"error": "Website not found."}),
    ({"TAMIS_LIMIT_REQUESTS_PER_MINUTE": "1", "TAMIS_LIMIT_BURST": "1"}, {"error": "Too many events: try again later."})])
def test_umamis_tracker_reads_what_it_is_refused_with(tamis, browser, variables, answer):
    """A page of another origin may read refusals, too; {"disabled": true} stops the tracker."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.1", **variables)
    tamis.lighttpd(HTML + 'setenv.set-request-header = ( "X-Real-IP" => "198.51.100.7" )\n'
                   'server.modules += ( "mod_setenv" )\n')
    put(tamis, "a.html", "")
    record = {"headers": {"content-type": "application/json"},
              "body": {"type": "event", "payload": {"website": WEBSITE, "url": "/"}}}
    with browser.page() as page:
        page.goto(f"http://shop.test:{tamis.port}/a.html")
        for _ in range(2):
            _, reply = in_page(page, record, f"http://stats.test:{tamis.port}/api/send")
    assert reply == answer or reply["error"]["message"] == answer["error"]


# the build step


def pack(tmp_path, text, *form):
    path = tmp_path / "x.js"
    path.write_text(text)
    return subprocess.run([sys.executable, JS / "pack.py", path, *form], capture_output=True, text=True)


@pytest.mark.parametrize("source, packed", [
    ("a = 1; // note\nb = 2;", "a=1;b=2;"),
    ("/* note */ const  a = b ;", "const a=b;"),
    ("a = \"// 'no' /* note */\";", "a=\"// 'no' /* note */\";"),
    ("a = 'it\\'s  //';", "a='it\\'s  //';"),
    ("f(/[/\"]  \\/ +/g, b);", "f(/[/\"]  \\/ +/g,b);"),
    ("a = b / c / d;", "a=b/c/d;"),
    ("a + +b; a - --b; return [a];", "a+ +b;a- --b;return[a];"),
    ("if (a) { b; }\nelse c;", "if(a){b}else c;"),
])
def test_pack_takes_out_blanks_and_comments_only(tmp_path, source, packed):
    head = '{ const up = ".", collect = "/api/send";'
    out = pack(tmp_path, f"{head} {source} }}")
    assert out.returncode == 0, out.stderr
    assert out.stdout == head.replace(" ", "").replace("const", "const ") + packed.rstrip(";") + "}\n"


@pytest.mark.parametrize("source", ["a;", '{const up = ".", collect = "/api/send"; `a`;}'])
def test_pack_refuses_what_it_would_break(tmp_path, source):
    out = pack(tmp_path, source)
    assert out.returncode != 0 and out.stderr and out.stdout == ""
