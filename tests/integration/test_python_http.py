"""The transport "http" against a real responder behind lighttpd: nothing twice, back-off, nothing raw on the wire."""
import http.server
import json
import subprocess
import threading
import time

import middleware
import pytest
from conftest import SOURCE, WEBSITE, free_port
from test_python_frameworks import events, series

CANARIES = middleware.CANARIES


@pytest.fixture
def responder(tamis):
    """lighttpd with tamis.fcgi that takes reports of routes."""
    token = tamis.directory / "routes.token"
    token.write_text(tamis.command("token", "make", "--scope=ingest,ops").stdout)
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL="http://127.0.0.1:1", TAMIS_APP_TOKEN_FILE=token)
    tamis.lighttpd()
    return tamis


def python(tamis, code, port=None, **variables):
    """Run code with the transport http; what it printed."""
    env = middleware.environment(tamis.environment)
    env.update(TAMIS_APP_TRANSPORT="http", TAMIS_APP_RESPONDER_URL=f"http://127.0.0.1:{port or tamis.port}",
               **variables)
    code = "import os, signal, tamis\na = tamis.get_analytics('far')\n" + code
    done = subprocess.run([middleware.PYTHON, "-c", code], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, -15), done.stderr
    return done.stdout


def test_events_and_counts_arrive_once(responder):
    assert python(responder, """
for i in range(250):
    a.track_event('bought', {'n': i})
    a.count_request('GET', '/orders/{id}', 200, 0.003)
a.count_request('GET', '/slow', 500, 99.0)
print(a.flush(10), a.lost())
""") == "True {}\n"
    assert sorted(e["data"]["n"] for e in events(responder)) == list(range(250))
    assert series(responder.metrics()) == {("GET", "/orders/{id}", 200): 250, ("GET", "/slow", 500): 1}


def test_a_token_to_ingest_lifts_the_limit_of_one_client(tamis):
    tokens = {scope: tamis.command("token", "make", f"--scope={scope}").stdout.strip() for scope in ("ingest", "ops")}
    tamis.set(TAMIS_LIMIT_REQUESTS_PER_MINUTE=1, TAMIS_LIMIT_BURST=1, TAMIS_HTTP_TRUSTED_PROXIES="127.0.0.0/8")
    tamis.lighttpd()
    batch = [{"type": "event", "payload": {"website": WEBSITE, "hostname": "far", "url": "/"}}] * 20

    def codes(client, token):
        headers = {"X-Forwarded-For": client, "Authorization": f"Bearer {token}"}
        return [tamis.request("POST", "/api/batch", batch, headers).status for _ in range(3)]
    assert codes("203.0.113.9", tokens["ingest"]) == [200, 200, 200]
    assert codes("203.0.113.10", tokens["ops"])[1:] == [429, 429]
    assert codes("203.0.113.11", tokens["ingest"][:-1] + "?")[1:] == [429, 429]


def test_the_token_goes_with_batches_where_it_can_be_read(tamis, recorder):
    token = tamis.directory / "token"
    token.write_text("tamis_x\n")
    for file in token, tamis.directory / "absent":
        assert python(tamis, "a.track_event('n')\nprint(a.flush(10))", recorder.server_port,
                      TAMIS_APP_TOKEN_FILE=str(file)) == "True\n"
    assert [headers.get("Authorization") for _, headers, _ in recorder.got] == ["Bearer tamis_x", None]


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), signal.SIGTERM)"])
def test_at_exit_and_at_sigterm_what_waits_is_brought(responder, end):
    python(responder, f"[a.track_event('last') for _ in range(25)]\n{end}")
    assert len(events(responder)) == 25


def test_a_handler_of_the_applications_own_stays(responder):
    assert "mine" in python(responder, """
signal.signal(signal.SIGTERM, lambda *_: print('mine'))
a.track_event('x')
os.kill(os.getpid(), signal.SIGTERM)
""")
    assert len(events(responder)) == 1


def test_fork_in_the_middle(responder):
    python(responder, """
for i in range(5):
    a.track_event('parent', {'n': i})
    a.count_request('GET', '/parent', 200, 0.1)
child = os.fork()
for i in range(5):
    a.track_event('child' if child == 0 else 'parent', {'n': 5 + i})
assert a.flush(10)
if child:
    os.waitpid(child, 0)
""")
    names = [event["name"] for event in events(responder)]
    assert (names.count("parent"), names.count("child")) == (10, 5)
    assert series(responder.metrics()) == {("GET", "/parent", 200): 5}


def test_an_outage_is_bridged_and_a_full_queue_is_counted(responder):
    port = free_port()
    code = f"""
import subprocess, time
for i in range(30):
    a.track_event('n', {{'n': i}})
print(a.flush(0.3), sum(a.lost().values()))
a._process.transport._responder._connection.port = {responder.port}
print(a.flush(20))
"""
    assert python(responder, code, port, TAMIS_UMAMI_ASYNC_QUEUE_SIZE="20",
                  TAMIS_UMAMI_ASYNC_BATCH_SIZE="100") == "False 10\nTrue\n"
    assert sorted(e["data"]["n"] for e in events(responder)) == list(range(20))


HANG_UP = (0, {})


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers what it is told, and keeps what it got."""

    protocol_version = "HTTP/1.1"

    def setup(self):
        self.timeout = self.server.idle_s
        super().setup()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.answers.pop(0) if self.server.answers else (200, {"details": []})
        if (status, answer) == HANG_UP:
            self.close_connection = True
            return
        self.server.got.append((self.path, dict(self.headers), json.loads(body)))
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def recorder():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.daemon_threads, server.got, server.answers, server.idle_s = True, [], [], None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


ENDS = {"exit": "", "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM)", "flush": "print(a.flush(2))\nos._exit(0)"}


@pytest.mark.parametrize("end", ENDS)
def test_a_kept_connection_that_the_server_has_closed(tamis, recorder, end):
    """Behind lighttpd that is one on which nothing came for five seconds."""
    recorder.idle_s = 0.2
    printed = python(tamis, f"""
import time
a.track_event('first')
assert a.flush(5)
time.sleep(0.8)
a.track_event('second')
{ENDS[end]}
""", recorder.server_port)
    assert printed == ("True\n" if end == "flush" else "")
    assert [item["payload"]["name"] for _, _, body in recorder.got for item in body] == ["first", "second"]


def test_a_kept_connection_that_ends_without_an_answer(tamis, recorder):
    """Closed while the request was on its way: it goes at once on a new one; a new one that ends so waits its turn."""
    code = "for i in range(3):\n    a.track_event('n', {'n': i})\n    print(a.flush(5))\nprint(a.lost())"
    recorder.answers = [(200, {"details": []}), HANG_UP, HANG_UP]
    assert python(tamis, code, recorder.server_port) == "True\nTrue\nTrue\n{}\n"
    assert [item["payload"]["data"]["n"] for _, _, body in recorder.got for item in body] == [0, 1, 2]


def test_seven_idle_seconds_behind_a_web_server(responder):
    """lighttpd closes a connection after five seconds."""
    python(responder, """
import time
a.track_event('first')
assert a.flush(5)
time.sleep(7)
a.track_event('second')
""")
    assert [event["name"] for event in events(responder)] == ["first", "second"]


def test_flush_tries_again_until_its_time_is_up(tamis, recorder):
    recorder.answers = [(503, {})] * 3
    assert python(tamis, "a.track_event('n')\nprint(a.flush(8))\nos._exit(0)", recorder.server_port,
                  TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS="60") == "True\n"
    assert len(recorder.got) == 4


def test_what_is_lost_at_the_end_is_told(tamis):
    code = """
import logging
logging.basicConfig(stream=sys.stdout, format='%(message)s')
for i in range(3):
    a.track_event('n')
a._process.stop()
print(a.lost())
"""
    assert python(tamis, "import sys" + code, free_port()) == (
        "3 events are lost: the responder has not answered for them in time\n{'Late': 3}\n")


def test_what_failed_is_sent_again_and_what_was_refused_is_not(tamis, recorder):
    failed = [{"index": index, "response": {"error": {"status": status}}} for index, status in enumerate([500, 400])]
    recorder.answers = [(503, {}), (413, {}), (200, {"details": failed})]
    assert python(tamis, """
for i in range(4):
    a.track_event('n', {'n': i})
while not a.flush(1):
    pass
print(a.lost())
""", recorder.server_port) == "{'Refused': 1}\n"
    sent = [[item["payload"]["data"]["n"] for item in body] for _, _, body in recorder.got]
    assert sent == [[0, 1, 2, 3], [0, 1, 2, 3], [0, 1], [0, 2], [3]]


def test_a_hook_that_returns_nonsense_spoils_no_other_event(tamis, responder):
    """Each of it is lost by itself; nothing at all is an event, as it is in the spool."""
    assert python(tamis, """
nonsense = [{}, {'url': float('nan')}, {'hostname': {'a': [float('inf')]}}, {'url': b'x'}, [], 'x', 7]
def hook(payload):
    return nonsense[payload['data']['n']] if payload['data']['n'] < len(nonsense) else payload
a.before_send = hook
for n in range(12):
    a.track_event('n', {'n': n})
print(a.flush(5), a.lost())
""") == "True {'ValueError': 2, 'TypeError': 1, 'EventError': 3}\n"
    assert [event.get("data", {}).get("n") for event in events(responder)] == [None, *range(7, 12)]


def test_nothing_raw_on_the_wire_but_the_visitor(tamis, recorder):
    python(tamis, f"""
canaries = {CANARIES!r}
for kind, text in canaries.items():
    a.track_event('seen', {{kind: text, text: 1, 'deep': [{{'url': '/x?q=' + text}}]}})
    a.track_page_view('/p/' + text)
a.track_event('login', {{'password': 12345678}})
assert a.flush(10)
""", recorder.server_port)
    items = [item for _, _, body in recorder.got for item in body]
    assert len(items) == 2 * len(CANARIES) + 1 and all(item["payload"]["website"] for item in items)
    text = json.dumps(items, ensure_ascii=False)
    assert [kind for kind, canary in CANARIES.items() if canary in text] == [] and "12345678" not in text


def test_do_not_track_travels_beside_the_event(tamis, recorder):
    python(tamis, """
from tamis.wsgi import TamisWSGI
def app(environ, start_response):
    a.track_event('x')
    return []
for dnt in '0011':
    TamisWSGI(app, 'my_app')({'HTTP_DNT': dnt, 'HTTP_USER_AGENT': 'Firefox', 'REMOTE_ADDR': '192.0.2.1',
                              'REQUEST_METHOD': 'GET'}, None).close()
assert a.flush(10)
""", recorder.server_port)
    assert [(headers.get("DNT"), len(body)) for _, headers, body in recorder.got] == [(None, 2), ("1", 2)]
    assert {item["payload"]["ip"] for _, _, body in recorder.got for item in body} == {"192.0.2.1"}


def stored(tamis):
    done = tamis.command("rollup", "--once")
    assert done.returncode == 0, done.stderr
    rows = tamis.command("counts", "--csv", "--group-by=all").stdout.splitlines()[1:]
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert {row.split(",")[2] for row in rows} <= {today}
    return {(name, thing, source): int(n) for name, thing, _, n, source in (row.split(",") for row in rows)}


def test_declared_counts_arrive_once(tamis):
    """Summed here, by token there; what is not declared there is lost and counted, and no text goes there at all."""
    token = tamis.directory / "token"
    token.write_text(tamis.command("token", "make", "--scope=ingest").stdout)
    tamis.set(TAMIS_COUNTS_REGISTRY=SOURCE / "examples/registry.yaml", TAMIS_APP_TOKEN_FILE=token)
    tamis.lighttpd()
    texts = [text for text in CANARIES.values() if set(text) & set(" @:/")]
    assert python(tamis, f"""
for i in range(3000):
    a.count('directory_view', event_id=i % 1500, source='web')
a.count('directory_search', event_id=7, count=1000000)
a.count('directory_search', event_id=7, count=1000000)
a.count('nosuch')
for text in {texts!r}:
    a.count(text)
    a.count('directory_view', event_id=text)
    a.count('directory_view', event_id=1, source=text)
print(a.flush(10), a.lost())
""") == f"True {{'EventError': {3 * len(texts)}, 'Refused': 1}}\n"
    rows = stored(tamis)
    assert rows.pop(("directory_search", "7", "")) == 2000000
    assert rows == {("directory_view", str(i), "web"): 2 for i in range(1500)}


def test_declared_counts_that_failed_wait_and_those_that_may_have_arrived_do_not(tamis, recorder):
    token = tamis.directory / "token"
    token.write_text("tamis_x\n")
    late = {"counted": 1, "refused": [{"index": 1, "error": {"field": "", "status": 503}},
                                      {"index": 2, "error": {"field": "event_name", "status": 404}}]}
    recorder.answers = [(503, {}), (200, late), (200, {"counted": 1, "refused": []}), (403, {})]
    code = """
a.count('one', event_id=1, count=2)
a.count('two', source='web')
a.count('three')
while not a.flush(5):
    pass
print(a.lost())
a.count('four')
print(a.flush(5), a.lost())
"""
    assert python(tamis, code, recorder.server_port, TAMIS_APP_TOKEN_FILE=str(token)) == (
        "{'Refused': 1}\nTrue {'Refused': 2}\n")
    sent = [[(row["event_name"], row["count"]) for row in body] for path, _, body in recorder.got if path == "/api/counts"]
    all_three = [("one", 2), ("two", 1), ("three", 1)]
    assert sent == [all_three, all_three, [("two", 1)], [("four", 1)]]
    assert all(headers["Authorization"] == "Bearer tamis_x" for _, headers, _ in recorder.got)


def test_declared_counts_without_room_or_token(tamis, recorder):
    token = tamis.directory / "token"
    token.write_text("tamis_x\n")
    code = "for i in range(2100):\n    a.count('n', event_id=i)\nprint(a.lost())\nos._exit(0)"
    assert python(tamis, code, recorder.server_port, TAMIS_APP_TOKEN_FILE=str(token),
                  TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS="60") == "{'NoRoom': 100}\n"
    assert python(tamis, "a.count('n')\nprint(a.lost())", recorder.server_port) == "{'Refused': 1}\n"
    assert recorder.got == []
