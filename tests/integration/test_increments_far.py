"""increment() to a responder elsewhere: answered at random here, in batches whose order and moment are drawn, bounded."""
import collections
import http.server
import json
import math
import socket
import subprocess
import threading

import pytest

from test_count_calls import python, start
from test_increment_calls import CHERNOFF, REGISTRY, kl, stored
from conftest import files, free_port, wait_for

OPEN = "import json, os\nimport tamis\nfrom tamis import budget, increment\na = tamis.get_analytics('far')\n"
VIEW = "view = lambda t, a: increment('template_view', {'template_id': t, 'jurisdiction': 'CA'}, a)\n"


class Listener:
    """A responder that keeps the bodies it is sent."""

    def __init__(self):
        self.bodies, self.tokens = [], set()
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                listener.tokens.add(self.headers["Authorization"])
                assert self.path == "/api/analytics/increment"
                listener.bodies.append(body)
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def items(self):
        return [item for body in self.bodies for item in body["increments"]]


@pytest.fixture
def listener():
    running = Listener()
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture
def far(tamis):
    path, token = tamis.directory / "registry.yaml", tamis.directory / "token"
    path.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=path)
    token.write_text(tamis.command("token", "make", "--scope=ingest").stdout)
    tamis.set(TAMIS_APP_TRANSPORT="http", TAMIS_APP_TOKEN_FILE=token, TAMIS_APP_JITTER_SECONDS="3600")
    return tamis


def point_to(tamis, port):
    tamis.set(TAMIS_APP_RESPONDER_URL=f"http://127.0.0.1:{port}/")


def test_batches_say_nothing_of_order_and_client(far, listener):
    point_to(far, listener.port)
    before = set(far.state.rglob("*"))
    out = python(far, OPEN + """
for i in range(99):
    assert increment('template_view', {'template_id': 'ab'[i % 2], 'jurisdiction': 'US-CA-12'}, f'192.0.2.{i}')
print(a.flush(20))
""")
    assert out == "True\n" and set(far.state.rglob("*")) == before  # nothing of this machine was opened
    (body,) = listener.bodies
    items = body["increments"]
    assert len(items) == 99 and set(body) == {"increments"}
    assert all(set(i) == {"metric", "domain_version", "dimensions", "bucket"} for i in items)
    assert len({i["bucket"] for i in items}) == 99 and all(len(i["bucket"]) == 32 for i in items)
    assert {i["dimensions"]["jurisdiction"] for i in items} == {"CA"}
    told = [i["dimensions"]["template_id"] for i in items]
    assert told != ["ab"[i % 2] for i in range(99)]  # 2^-90 by chance
    assert "192.0.2" not in json.dumps(body)


def test_leaves_at_a_moment_that_is_drawn(far, listener):
    """A hundred leave at once; fewer within the jitter though nobody flushes, or with the process."""
    point_to(far, listener.port)
    far.set(TAMIS_APP_JITTER_SECONDS="3600")
    waiting = start(far, OPEN + VIEW + """
for i in range(130):
    view('a', f'10.0.0.{i}')
    if i in (29, 129):
        print('told', flush=True)
        input()
""", stdin=subprocess.PIPE)
    assert waiting.stdout.readline() == "told\n" and not listener.bodies
    waiting.stdin.write("\n")
    waiting.stdin.flush()
    wait_for(lambda: len(listener.items) >= 100, "a hundred of them")
    waiting.communicate("\n", timeout=20)
    assert len(listener.items) == 130 and max(len(b["increments"]) for b in listener.bodies) <= 100
    far.set(TAMIS_APP_JITTER_SECONDS="0")
    waiting = start(far, OPEN + VIEW + "view('a', '192.0.2.1')\ninput()\n", stdin=subprocess.PIPE)
    wait_for(lambda: len(listener.items) == 131, "the one more")
    waiting.communicate("\n", timeout=20)
    assert len(listener.items) == 131


def test_answered_at_random_before_it_leaves(far, listener):
    n = 6000
    point_to(far, listener.port)
    python(far, OPEN + f"""
for i in range({n}):
    assert increment('opinion', {{'y': 'r', 'x': 'b'}}, f'10.0.{{i // 250}}.{{i % 250}}')
    if i % 500 == 499:
        assert a.flush(30)
""")
    seen = collections.Counter((i["dimensions"]["x"], i["dimensions"]["y"]) for i in listener.items)
    assert sum(seen.values()) == n
    e = math.exp(2)
    for x in ("a", "b", "c", "__other__"):
        for y in ("p", "q", "r", "s", "__other__"):
            p = (e if (x, y) == ("b", "r") else 1) / (e + 19)
            assert n * kl(seen[x, y] / n, p) < CHERNOFF, (x, y)


def test_budget_and_who_asks_not_to_be_tracked(far, listener):
    point_to(far, listener.port)
    out = python(far, OPEN + VIEW + """
told = [view('a', '192.0.2.1'), view('b', '192.0.2.1'), view('a', '192.0.2.1')]
told += [increment('opinion', {'x': 'a', 'y': 'p'}, '192.0.2.1'), increment('opinion', {'x': 'a', 'y': 'p'})]
asks = tamis.process.running.transport.increment('opinion', {'x': 'a', 'y': 'p'}, (b'192.0.2.7', b'', True))
print(json.dumps([told, asks, budget('192.0.2.1'), budget('192.0.2.2'), budget()]))
try:
    tamis.configure(); increment('nosuch', {}, '192.0.2.1')
finally:
    assert a.flush(20) and a.lost()['EventError'] == 1
""")
    told, asks, one, other, device = json.loads(out)
    assert told == [True, True, False, True, True] and asks is False
    assert one["template_view"] == [2, 2, 0.0] and one["opinion"] == [1, 1, 2.0]
    assert other["template_view"] == [0, 2, 0.0] and device["opinion"] == [1, 1, 2.0]
    assert len(listener.items) == 4 and sum("bucket" not in i for i in listener.items) == 1


def test_bounded_across_processes_and_forks(far):
    """All processes of an application name a client alike, so the responder counts it once."""
    far.lighttpd()
    point_to(far, far.port)
    code = OPEN + VIEW + """
if os.fork() == 0:
    told = view('a', '192.0.2.1'), a.flush(20)
    os._exit(0 if told == (True, True) else 1)
assert view('a', '192.0.2.1') and view('a', '192.0.2.2') and a.flush(20)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
"""
    for _ in range(2):
        python(far, code)
    assert sum(stored(far).values()) == 2
    leak = b"".join(data for _, data in files(far.state))
    assert b"192.0.2" not in leak


def test_waits_for_a_responder_that_is_down(far):
    port = free_port()
    point_to(far, port)
    waiting = start(far, OPEN + VIEW + """
print(view('a', '192.0.2.1'), a.flush(0.2), flush=True)
input()
print(a.flush(30), flush=True)
""", stdin=subprocess.PIPE)
    assert waiting.stdout.readline() == "True False\n"
    far.lighttpd(port=port)
    out, err = waiting.communicate("\n", timeout=60)
    assert out == "True\n", err
    assert sum(stored(far).values()) == 1


def test_a_responder_that_never_answers_keeps_no_process(far):
    """It has a second to end, an errand ten."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        point_to(far, mute.getsockname()[1])
        ending = start(far, OPEN + VIEW + "view('a', '192.0.2.1')\nprint('told', flush=True)\ninput()\n", stdin=subprocess.PIPE)
        assert ending.stdout.readline() == "told\n"
        ending.communicate("\n", timeout=8)
        assert ending.returncode == 0


def test_needs_a_token(far):
    far.set(TAMIS_APP_TOKEN_FILE="")
    out = python(far, OPEN + VIEW + "print(view('a', '192.0.2.1'), a.lost())")
    assert out == "False {'GatewayError': 1}\n"
