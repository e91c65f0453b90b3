"""The tracker in Chromium: every attribute and function, and what visitors notice of it (nothing)."""
import contextlib
import json

import pytest

from browser import Browser, Site
from conftest import BUILD, WEBSITE, free_port, wait_for

SCRIPT = BUILD / "middleware" / "js" / "served" / "script.js"
# Marks the end of what a page sends by itself: what comes after it came later.
LAST = "umami.track('last')"
# Counts what the tracker asked and the replies that it has read, or that it will not get.
REPLIES = """{ const ask = fetch, read = Response.prototype.json; window.asked = window.replies = 0;
    window.fetch = (...a) => { asked++; const r = ask(...a); r.catch(() => replies++); return r; };
    Response.prototype.json = function() { return read.call(this).finally(() => replies++); }; }"""


@pytest.fixture(scope="module", name="browser")
def one_browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser

ERRORS = """window.errors = []; addEventListener('error', e => errors.push(1));
    addEventListener('unhandledrejection', e => errors.push(2));"""


def html(attributes="", body="", title="A page", head=""):
    return (f'<!doctype html><meta charset="utf-8"><title>{title}</title>{head}'
            f'<script defer src="/script.js" data-website-id="{WEBSITE}" {attributes}></script><body>{body}')


class Visit:
    """One visitor on one site."""

    def __init__(self, browser, stack):
        self.browser, self.stack = browser, stack

    def open(self, attributes="", body="", path="/a", before="", more=None, **page):
        self.site = Site({path.partition("?")[0].partition("#")[0]: html(attributes, body, **page),
                          "/next": "<title>next</title>", **(more or {})}, SCRIPT.read_bytes())
        self.stack.callback(self.site.close)
        self.page = self.stack.enter_context(self.browser.page())
        self.page.before(REPLIES + before)
        self.page.goto(self.site.origin + path)
        return self

    def run(self, expression):
        return self.page.evaluate(expression)

    def replied(self, n=1):
        """The first n replies were read."""
        self.page.wait(f"replies >= {n}")

    def names(self):
        """Names of all that the page has sent, "" for page views, sorted: they come by several connections."""
        self.run(LAST)
        self.page.wait("asked == replies")
        names = sorted(p.get("name", "") for p in self.site.payloads)
        names.remove("last")
        return names

    def named(self, name):
        """The payload of the first event of that name."""
        return next(p for p in self.site.payloads if p.get("name") == name)


@pytest.fixture(name="visit")
def one_visit(browser):
    with contextlib.ExitStack() as stack:
        yield Visit(browser, stack)


def test_a_page_view_is_umamis(visit):
    visit.open(path="/a?x=1&email=a%40example.com#part")
    payload, = visit.site.wait(1)
    headers, body = visit.site.posts[0]
    assert body == {"type": "event", "payload": payload}
    assert payload == {"website": WEBSITE, "screen": "800x600", "language": "en-US", "title": "A page",
                       "hostname": "shop.test", "url": visit.site.origin + "/a?x=1&email=a%40example.com#part",
                       "referrer": ""}
    assert headers["content-type"] == "application/json"
    assert "x-umami-cache" not in headers and "cookie" not in headers
    assert "referer" not in headers, "servers log it, with what the query holds"


def test_the_token_is_echoed_and_renewed(visit):
    visit.open()
    visit.replied()
    visit.run("umami.track('one')")
    visit.site.answer = 200, '{"cache":"OTHER"}'
    visit.run("umami.track('two')")
    visit.site.answer = 200, '{"beep":"boop"}'
    visit.run("umami.track('three')")
    visit.run("umami.track('four')")
    assert [h.get("x-umami-cache") for h, _ in visit.site.posts] == [None, "TOKEN", "TOKEN", "OTHER", "OTHER"]


def test_track_in_every_form(visit):
    visit.open("data-tag=spring")
    view, = visit.site.wait(1)
    assert view["tag"] == "spring"
    for call in ("track()", "track('x')", "track('x', {a: 1, b: 't', c: null})", "track({url: '/obj', title: 'only'})",
                 "track({website: 'other', url: '/obj'})", "track(p => ({...p, url: '/fn'}))", "track(p => null)"):
        visit.run("umami." + call)
    sent = visit.site.wait(7)[1:]
    assert sent == [view, {**view, "name": "x"}, {**view, "name": "x", "data": {"a": 1, "b": "t", "c": None}},
                    {"website": WEBSITE, "url": "/obj", "title": "only"}, {"website": "other", "url": "/obj"},
                    {**view, "url": "/fn"}]


def test_identify_in_every_form(visit):
    visit.open()
    view, = visit.site.wait(1)
    visit.replied()
    for call in ("identify('user-1', {plan: 'pro'})", "track('after')", "identify({k: 1})", "identify('user-2')",
                 "identify(undefined, {z: 1})"):
        visit.run("umami." + call)
    visit.site.wait(6)
    headers, bodies = zip(*visit.site.posts[1:])
    assert [b["type"] for b in bodies] == ["identify", "event", "identify", "identify", "identify"]
    assert [b["payload"] for b in bodies] == [
        {**view, "id": "user-1", "data": {"plan": "pro"}}, {**view, "id": "user-1", "name": "after"},
        {**view, "id": "user-1", "data": {"k": 1}}, {**view, "id": "user-2"}, {**view, "id": "user-2", "data": {"z": 1}}]
    assert [h.get("x-umami-cache") for h in headers] == [None, "TOKEN", None, None, None]


def test_a_late_reply_is_not_the_new_visits(visit):
    visit.open()
    visit.replied()
    visit.site.answer = None, '{"cache":"OLD"}'
    visit.run("void (window.late = umami.track('before'))")
    visit.site.wait(2)
    visit.site.answer = 200, '{"cache":"NEW"}'
    visit.run("umami.identify('user-1')")
    visit.site.held.set()
    visit.run("late")
    visit.run("umami.track('after')")
    assert visit.site.posts[-1][0]["x-umami-cache"] == "NEW"


def test_disabled_for_the_page(visit):
    visit.open()
    visit.replied()
    visit.site.answer = 200, '{"disabled":true}'
    visit.run("umami.track('one')")
    visit.run("umami.track('two')")
    visit.site.wait(2)


@pytest.mark.parametrize("attributes, before, sent", [
    ("", "", True),
    ("data-auto-track=true", "", True),
    ("data-domains=other.test", "", False),
    ("data-domains='other.test, shop.test'", "", True),
    ("", "localStorage.setItem('umami.disabled', 1)", False),
    ("", "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})", False),
    ("data-do-not-track=true", "Object.defineProperty(navigator, 'doNotTrack', {value: 'yes'})", False),
    ("data-do-not-track=true", "Object.defineProperty(navigator, 'doNotTrack', {value: '0'})", True),
    ("", "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})", False),
    ("data-do-not-track=false", "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})", True),
    ("", "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no storage') }})", True),
])
def test_who_is_counted(visit, attributes, before, sent):
    visit.open(attributes, before=f"try {{ {before} }} catch {{}}")
    visit.run(LAST)
    assert len(visit.site.posts) == (2 if sent else 0)


def test_without_website_nothing_is_sent(visit):
    visit.open(more={"/none": "<script src=/script.js></script>"})
    visit.site.wait(1)
    visit.page.goto(visit.site.origin + "/none")
    visit.run(LAST)
    visit.site.wait(1)


def test_auto_track_off_leaves_all_to_the_page(visit):
    visit.open("data-auto-track=false", '<button data-umami-event=b>b</button>')
    visit.page.click("button")
    visit.run("history.pushState(0, '', '/b')")
    assert visit.names() == []
    assert visit.site.payloads[0]["url"].endswith("/b"), "events name the URL of the moment"


def test_host_url_of_another_origin(visit, browser):
    there = Site({}, SCRIPT.read_bytes())
    visit.stack.callback(there.close)
    visit.open(f"data-host-url=http://stats.test:{there.port}/sub/ data-fetch-credentials=omit")
    payload, = there.wait(1)
    visit.replied()
    assert payload["hostname"] == "shop.test"
    assert there.seen[0][1] == "/sub/api/send"
    visit.run(LAST)
    assert there.posts[1][0]["x-umami-cache"] == "TOKEN" and visit.site.posts == []


def test_before_send_changes_and_stops(visit):
    visit.open("data-before-send=scrub", '<button data-umami-event=stop>b</button>', head="""<script>
        function scrub(type, payload) {
            return payload.name == 'stop' ? false : {...payload, url: '/scrubbed', kind: type}; }</script>""")
    payload, = visit.site.wait(1)
    assert (payload["url"], payload["kind"]) == ("/scrubbed", "event")
    visit.page.click("button")
    visit.run("window.scrub = async (type, payload) => ({...payload, title: 'later'})")
    visit.run("umami.identify('u')")
    assert visit.names() == ["", ""]
    assert visit.site.payloads[1]["title"] == "later"


def test_before_send_that_is_not_there(visit):
    visit.open("data-before-send=nothing")
    visit.site.wait(1)


def test_excluded_search_and_hash_leak_nowhere(visit):
    """Not in url, not in the referrer of the next page, not in the Referer header."""
    visit.open("data-exclude-search=true data-exclude-hash=true", "<a href=/b>b</a>", path="/a?secret=1#secret",
               more={"/b": html("data-exclude-search=true")})
    visit.site.wait(1)
    visit.run("history.pushState(0, '', '/q?secret=2#secret')")
    visit.site.wait(2)
    visit.run("umami.track('x')")
    visit.run("history.pushState(0, '', '/q?secret=3#secret')")
    visit.run("history.pushState(0, '', '/r')")
    visit.site.wait(4)
    visit.run("history.replaceState(0, '', '/r?secret=4')")
    visit.page.click("a")
    sent = visit.site.wait(5)
    assert [(p["url"], p["referrer"]) for p in sent] == [
        (visit.site.origin + u, r and visit.site.origin + r) for u, r in
        [("/a", ""), ("/q", "/a"), ("/q", "/a"), ("/r", "/q"), ("/b", "")]]
    assert "secret" not in json.dumps([visit.site.posts])


def test_a_referrer_of_elsewhere_is_cleaned(visit):
    elsewhere = Site({"/from": "", "/": ""}, b"")
    visit.stack.callback(elsewhere.close)
    visit.open("data-exclude-search=true")
    visit.site.wait(1)
    start = f"http://else.test:{elsewhere.port}/from?secret=1"
    elsewhere.pages["/from"] = f"<meta name=referrer content=unsafe-url><a href='{visit.site.origin}/a'>go</a>"
    visit.page.goto(start)
    visit.page.click("a")
    payload = visit.site.wait(2)[1]
    assert payload["referrer"] == start.partition("?")[0]


def test_a_router_that_pushes_twice_is_one_view(visit):
    visit.open()
    visit.site.wait(1)
    visit.run("history.pushState(0, '', '/login'), history.pushState(0, '', '/home')")
    visit.site.wait(2)
    visit.run("history.replaceState({scroll: 1}, '', '/home'), history.pushState(0, '')")
    visit.run("new Promise(done => setTimeout(done, 400))")
    visit.run("history.pushState(0, '', '/c'), history.replaceState({k: 1}, '', '/c')")
    visit.site.wait(3)
    assert visit.names() == ["", "", ""]
    assert [(p["url"], p["referrer"]) for p in visit.site.payloads[:3]] == [
        (visit.site.origin + u, r and visit.site.origin + r) for u, r in [("/a", ""), ("/home", "/a"), ("/c", "/home")]]


def test_an_event_right_after_a_move(visit):
    """It names the new URL and where the visitor came from, though the view is still to come."""
    visit.open()
    visit.site.wait(1)
    visit.run("history.pushState(0, '', '/b'), umami.track('x')")
    wait_for(lambda: len(visit.site.posts) == 3, "the event and the view")
    for payload in visit.site.payloads[1:]:
        assert (payload["url"], payload["referrer"]) == (visit.site.origin + "/b", visit.site.origin + "/a")


def test_history_back_within_the_page(visit):
    visit.open(body="<p id=part>here</p>")
    visit.site.wait(1)
    visit.run("history.pushState(0, '', '/b')")
    visit.site.wait(2)
    visit.run("history.back()")
    assert visit.site.wait(3)[2]["url"].endswith("/a")
    visit.run("location.hash = 'part'")
    visit.run("new Promise(done => setTimeout(done, 400))")
    assert visit.names() == [""] * 3, "an anchor is no page"
    assert visit.named("last")["referrer"].endswith("/b")
    visit.page.goto(visit.site.origin + "/next")
    visit.site.wait(4)


def test_a_view_under_way_is_not_lost(visit):
    """The page is left before the router has come to rest."""
    visit.open()
    visit.site.wait(1)
    visit.run("history.pushState(0, '', '/b'), location.assign('/next')")
    assert visit.site.wait(2)[1]["url"].endswith("/b")


NEVER_LOADED = "addEventListener('load', e => e.stopImmediatePropagation(), true);"


def test_left_before_it_loaded(visit):
    """As where an image never comes. What a router did before belongs to the first view."""
    visit.open(before=NEVER_LOADED)
    visit.run("history.replaceState(0, '', '/home')")
    visit.run("new Promise(done => setTimeout(done, 400))")
    assert visit.site.posts == []
    visit.run("location.assign('/next')")
    payload, = visit.site.wait(1)
    assert (payload["url"], payload["referrer"]) == (visit.site.origin + "/home", "")


def test_a_click_before_it_loaded(visit):
    visit.open(before=NEVER_LOADED, body="<button data-umami-event=early>b</button>")
    visit.page.click("button")
    assert visit.names() == ["", "early"]


def test_restored_from_the_back_forward_cache(visit):
    visit.open()
    visit.site.wait(1)
    visit.run("window.mark = 1")
    visit.page.goto(visit.site.origin + "/next")
    visit.run("history.back()")
    visit.page.wait("location.pathname == '/a' && window.mark == 1")
    again = visit.site.wait(2)[1]
    assert (again["url"], again["referrer"]) == (visit.site.origin + "/a", "")


CLICKS = """
    <button id=b data-umami-event=Signup data-umami-event-plan=pro data-umami-event-e-mail=x><i id=i>in it</i></button>
    <div id=d data-umami-event=Div>div</div> <p id=p>nothing</p> <button id=e data-umami-event="">empty</button>
    <a id=hash href="#here" data-umami-event=Hash>hash</a>"""


def test_clicks(visit):
    visit.open(body=CLICKS, before=ERRORS)
    view, = visit.site.wait(1)
    for element in ("b", "i", "d", "p", "e", "hash"):
        visit.page.click("#" + element)
    visit.run("document.dispatchEvent(new Event('click'))")
    assert visit.names() == ["", "Div", "Hash", "Signup", "Signup"]
    assert visit.run("errors") == []
    assert visit.named("Signup") == {**view, "name": "Signup", "data": {"plan": "pro", "e-mail": "x"}}
    assert visit.named("Div")["data"] == {}


@pytest.mark.parametrize("mode", ["up", "slow", "down", "refusing"])
def test_a_link_never_waits(visit, mode):
    """The next page is asked for while the event is still unanswered, or cannot be brought at all."""
    visit.open(f"data-host-url=http://stats.test:{free_port()}" if mode == "down" else "",
               "<a href=/next data-umami-event=Link data-umami-event-to=next>go</a>")
    if mode != "down":
        visit.site.wait(1)
    visit.site.answer = {"slow": (None, "{}"), "refusing": (503, "<html>no</html>")}.get(mode, (200, "{}"))
    visit.page.click("a")
    visit.page.wait("location.pathname == '/next' && document.title == 'next'")
    if mode != "down":
        link = visit.site.wait(2)[1]
        assert (link["name"], link["data"]) == ("Link", {"to": "next"})
        paths = [path for _, path, _, _ in visit.site.seen]
        assert "/next" in paths


def test_an_event_outlives_its_page(visit):
    """What the browser has to ask the other origin first is answered when the page is gone."""
    there = Site({}, b"")
    visit.stack.callback(there.close)
    there.hold_preflights = True
    visit.open(f"data-host-url=http://stats.test:{there.port}")
    wait_for(lambda: there.seen, "the preflight")
    visit.page.crash()
    assert there.posts == []
    there.held.set()
    assert there.wait(1)[0]["url"] == visit.site.origin + "/a"


@pytest.mark.parametrize("answer", [(500, '{"error":{}}'), (204, ""), (200, "null"), (429, "<p>"), (400, "{}")])
def test_a_failing_gateway_is_not_felt(visit, answer):
    visit.open(before=ERRORS)
    visit.replied()
    visit.site.answer = answer
    visit.run("umami.track('one')")
    visit.run("umami.track('two')")
    assert visit.site.posts[-1][0]["x-umami-cache"] == "TOKEN", "what failed says nothing of the visit"
    assert visit.run("errors") == []


def test_performance(visit):
    visit.open("data-performance=true", '<h1>Large</h1><button onclick="for (let t = performance.now() + 60; '
               'performance.now() < t;);">slow</button>')
    visit.page.wait("performance.getEntriesByName('first-contentful-paint').length > 0")
    visit.run("""void ['layout-shift', 'event'].forEach(type => new PerformanceObserver(() => window['saw ' + type] = true)
                  .observe({type, durationThreshold: 16}))""")
    visit.run("document.body.prepend(Object.assign(document.createElement('div'), {style: 'height:300px'}))")
    visit.page.wait("window['saw layout-shift']")
    visit.page.click("button")
    visit.page.wait("window['saw event']")
    visit.run("history.pushState(0, '', '/b')")
    visit.site.wait(3)
    view, vitals, moved = [body["payload"] for _, body in
                           sorted(visit.site.posts, key=lambda post: (post[1]["payload"]["url"], post[1]["type"]))]
    assert moved["url"].endswith("/b")
    numbers = {k: vitals.pop(k) for k in ("ttfb", "fcp", "lcp", "cls", "inp")}
    assert vitals == view
    assert all(v >= 0 for v in numbers.values()) and numbers["inp"] >= 16 and 0 < numbers["cls"] < 100


def test_performance_once_and_when_left(visit):
    visit.open("data-performance=true", "<h1>Large</h1>")
    visit.page.wait("performance.getEntriesByName('first-contentful-paint').length > 0")
    visit.page.goto(visit.site.origin + "/next")
    visit.site.wait(2)
    assert "ttfb" in visit.site.payloads[1]


def test_two_websites_on_a_page(visit):
    other = "6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10"
    visit.open(head=f'<script defer src="/script.js?2" data-website-id="{other}"></script>')
    assert {p["website"] for p in visit.site.wait(2)} == {WEBSITE, other}


def test_another_umami_stays(visit):
    visit.open(head="<script>umami = {track: () => 'theirs'}</script>")
    visit.site.wait(1)
    assert visit.run("umami.track()") == "theirs"


def test_as_a_module(visit):
    visit.open(more={"/m": f'<script type=module src=/script.js data-website-id="{WEBSITE}"></script>'})
    visit.site.wait(1)
    visit.page.goto(visit.site.origin + "/m")
    assert visit.site.wait(2)[1]["url"].endswith("/m")


def test_rendered_beforehand_is_no_view_until_shown(visit):
    """As the browser tells it; it does not render beforehand while it is steered."""
    visit.open(before="window.ahead = true; Object.defineProperty(document, 'prerendering', {get: () => ahead})")
    assert visit.names() == []
    visit.run("ahead = false, document.dispatchEvent(new Event('prerenderingchange'))")
    assert visit.site.wait(2)[1]["url"].endswith("/a")


def test_nothing_is_left_on_the_device(visit):
    visit.open("data-performance=true", "<button data-umami-event=b>b</button>")
    visit.page.click("button")
    visit.run("umami.identify('user-1', {plan: 'pro'})")
    assert visit.names() == ["", "", "b"]
    assert visit.run("""(async () => [document.cookie, localStorage.length, sessionStorage.length,
        (await indexedDB.databases()).length, name])()""") == ["", 0, 0, 0, ""]
    assert not any("cookie" in headers for _, _, headers, _ in visit.site.seen)


def test_nothing_but_umami_is_left_in_the_page(visit):
    visit.open("data-auto-track=false")
    visit.page.goto(visit.site.origin + "/next")
    bare = set(visit.run("Object.getOwnPropertyNames(window)"))
    visit.page.goto(visit.site.origin + "/a")
    assert set(visit.run("Object.getOwnPropertyNames(window)")) - bare == {"umami"}
