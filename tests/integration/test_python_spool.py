"""Python on the spool: every event once, to the unit, whoever forks, ends or is killed; and nothing breaks."""
import collections
import contextlib
import signal
import socket
import subprocess
import threading
import time

import middleware
import pytest
from conftest import WEBSITE, free_port, listening, need, request, wait_for
from test_python_frameworks import events, series, serve
from upstream import Upstream

EMAIL = middleware.CANARIES["email"]
START = "import os, signal, sys, threading, time\nimport tamis\na = tamis.get_analytics('my_app')\n"


@pytest.fixture
def local(tamis):
    """A state directory with the environment of an application."""
    tamis.environment = middleware.environment(tamis.environment)
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL="http://127.0.0.1:1")
    return tamis


def python(local, code, **variables):
    """Run code with an analytics `a`; the finished process."""
    local.set(**variables)
    return subprocess.run([middleware.PYTHON, "-c", START + code], env=local.environment, capture_output=True,
                          text=True, timeout=60)


def output(local, code, **variables):
    done = python(local, code, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


# servers with several processes

def load(port, n, threads=4):
    """GET the page n times, each answered with 200."""
    def work():
        for _ in range(n // threads):
            assert request(port, "GET", "/orders/7", headers={"Host": "shop.example"}).status == 200
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def counted(tamis, n):
    wait_for(lambda: series(tamis.metrics()).get(("GET", "/orders/{id}", 200)) == n, f"{n} requests")
    assert len(events(tamis)) == n


@pytest.mark.parametrize("options", [["--preload", "--workers", "4"], ["--workers", "2", "--threads", "4"],
                                     ["--workers", "2", "--worker-class", "gevent"]], ids=lambda o: o[-1])
def test_gunicorn(tamis, options):
    port = serve(tamis, "flask", *options)
    load(port, 200)
    counted(tamis, 200)


@pytest.mark.parametrize("options", [[], ["--lazy-apps", "--enable-threads"]], ids=["preload", "lazy"])
def test_uwsgi(local, options):
    port = free_port()
    local.set(PYTHON_APPS="make_flask")
    local.start(need("uwsgi"), "--plugin", "python3", "--http-socket", f"127.0.0.1:{port}", "--module", "python_apps",
                "--callable", "application", "--master", "--processes", "4", "--die-on-term", *options)
    wait_for(lambda: listening(port), "uWSGI")
    load(port, 200)
    counted(local, 200)


def test_forwarded_by_one_of_the_workers(tamis):
    with Upstream(websites=[WEBSITE]) as upstream:
        port = serve(tamis, "flask", "--preload", "--workers", "4", UMAMI_API_URL=upstream.url,
                     TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS="1")
        load(port, 100)
        assert upstream.wait(lambda up: len(up.events) >= 100)
        assert len(upstream.events) == 100


# fork, exit, kill

def test_fork_in_the_middle_and_threads(local):
    output(local, """
def work(who):
    for i in range(50):
        a.track_event('n', {'who': who, 'i': i})
        a.count_request('GET', '/x', 200, 0.01)
threads = [threading.Thread(target=work, args=(f't{n}',)) for n in range(4)]
for thread in threads: thread.start()
children = []
for n in range(3):
    child = os.fork()
    if child == 0:
        work(f'c{n}')
        os._exit(0)
    children.append(child)
for thread in threads: thread.join()
for child in children: assert os.waitpid(child, 0)[1] == 0
""")
    kept = collections.Counter((e["data"]["who"], e["data"]["i"]) for e in events(local))
    assert len(kept) == 7 * 50 and set(kept.values()) == {1}
    assert series(local.metrics()) == {("GET", "/x", 200): 350}


def test_kill_loses_nothing_that_track_event_returned_from(local):
    process = subprocess.Popen([middleware.PYTHON, "-c", START + """
for i in range(100_000):
    a.track_event('n', {'i': i})
    os.write(1, b'%d\\n' % i)
"""], env=local.environment, stdout=subprocess.PIPE)
    for _ in range(500):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    last = max([last, *map(int, process.stdout.read().split()[:-1])])
    process.wait()
    kept = [event["data"]["i"] for event in events(local)]
    assert kept == list(range(len(kept))) and len(kept) >= last + 1


def test_exit_does_not_wait_for_an_upstream_that_hangs(local):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        output(local, "a.track_event('x')", UMAMI_API_URL=f"http://127.0.0.1:{silent.getsockname()[1]}",
               TAMIS_FORWARD_TIMEOUT_SECONDS="3600", TAMIS_UMAMI_ASYNC_BATCH_SIZE="1")
    assert len(events(local)) == 1


@contextlib.contextmanager
def upstream_that(does):
    """The URL of one that takes events, hangs, or is dead; and the numbers of the events that it got."""
    if does == "takes":
        with Upstream(websites=[WEBSITE]) as upstream:
            yield upstream.url, lambda: [record["event"]["payload"]["data"]["i"] for record in upstream.events]
        return
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if does == "hangs":
            silent.listen()
        yield f"http://127.0.0.1:{silent.getsockname()[1]}", lambda: []


@pytest.mark.parametrize("does", ["takes", "hangs", "is dead"])
def test_sigterm_ends_within_a_second_and_loses_nothing(local, does):
    """Three seconds are allowed here, for machines that are busy."""
    with upstream_that(does) as (url, arrived):
        local.set(UMAMI_API_URL=url, TAMIS_FORWARD_TIMEOUT_SECONDS="3600", TAMIS_UMAMI_ASYNC_BATCH_SIZE="10")
        process = subprocess.Popen([middleware.PYTHON, "-c", START + """
for i in range(300): a.track_event('n', {'i': i}); a.count_request('GET', '/x', 200, 0.01)
os.write(1, b'done')
signal.pause()
"""], env=local.environment, stdout=subprocess.PIPE)
        assert process.stdout.read(4) == b"done"
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == -signal.SIGTERM and time.monotonic() - asked < 3
        kept = [event["data"]["i"] for event in events(local)]
        assert set(kept) | set(arrived()) == set(range(300)) and len(kept) == len(set(kept))
        assert series(local.metrics()) == {("GET", "/x", 200): 300}


@pytest.mark.parametrize("dialect, workers", [("flask", 4), ("fastapi", 0)])
def test_sigterm_of_a_server(tamis, tmp_path, dialect, workers):
    """It has its own handler, and takes its time; what waits for an upstream that hangs keeps no worker."""
    ready, options = tmp_path / "ready", []
    ready.mkdir()
    if workers:
        config = tmp_path / "gunicorn.py"
        config.write_text(f"def post_worker_init(worker): open(f'{ready}/{{worker.pid}}', 'w').close()\n")
        options = ["--preload", "--workers", str(workers), "--config", str(config)]
    with upstream_that("hangs") as (url, _):
        port = serve(tamis, dialect, *options, UMAMI_API_URL=url, TAMIS_FORWARD_TIMEOUT_SECONDS="3600",
                     TAMIS_UMAMI_ASYNC_BATCH_SIZE="10")
        load(port, 100)
        # gunicorn forgets a signal that reaches a worker before its handlers are there.
        wait_for(lambda: len(list(ready.iterdir())) == workers, "all workers to be ready")
        asked = time.monotonic()
        tamis.processes[-1].send_signal(signal.SIGTERM)
        tamis.processes[-1].wait(20)
        assert time.monotonic() - asked < 15
        counted(tamis, 100)


# whatever is wrong, the application runs on

WORK = """
from tamis import track_event, track_page_view, track_route
@track_route('worked')
def work(): return 7
track_event('x', {'a': 1}); track_page_view('/'); a.count_request('GET', '/', 200, 0.1)
assert work() == 7
print(a.flush(), a.lost())
"""


def test_without_the_library(local, tmp_path):
    done = python(local, WORK, TAMIS_LIBRARY_DIR=tmp_path)
    assert done.returncode == 0 and done.stdout == "False {'LibraryError': 4}\n"
    assert done.stderr.count("analytics is off, the application runs on") == 1
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("variables", [{"TAMIS_STATE_DIR": "/proc/nowhere"}, {"TAMIS_SPOOL_MAX_BYTES": "wrong"},
                                       {"TAMIS_CONFIG": "/nowhere/config.yaml"}], ids=lambda v: next(iter(v)))
def test_without_a_place_or_with_wrong_settings(local, variables):
    done = python(local, WORK, **variables)
    assert done.returncode == 0 and done.stdout == "False {'GatewayError': 4}\n"
    assert done.stderr.count("\n") == 1 and "the application runs on" in done.stderr


def test_a_full_spool_is_counted(local):
    out = output(local, """
text = 'word ' * 90
for i in range(12000):
    a.track_event('x', {'a': text, 'b': text})
print(a.lost())
""", TAMIS_SPOOL_MAX_BYTES=4 << 20)
    lost = int(out.strip("{}\n").partition(": ")[2])
    assert "GatewayError" in out and len(events(local)) == 12000 - lost


def test_a_spool_that_goes_away(local):
    assert output(local, """
import shutil
a.track_event('x')
state = os.environ['TAMIS_STATE_DIR']
os.rename(state, state + '.x')  # a thread that makes a file would keep rmtree() from removing it
shutil.rmtree(state + '.x', ignore_errors=True)
for _ in range(100): a.track_event('x')
print('alive')
""") == "alive\n"


def test_no_website_is_one_warning_and_off_is_silent(local):
    done = python(local, WORK, UMAMI_WEBSITE_ID="")
    assert done.stdout == "True {}\n"
    assert done.stderr.count("UMAMI_WEBSITE_ID is not set") == 1 and done.stderr.count("\n") == 1
    assert len(events(local)) == 3
    done = python(local, WORK, UMAMI_ENABLED="false")
    assert (done.stdout, done.stderr) == ("True {}\n", "")
    assert len(events(local)) == 3


WRONG = ["a.track_event('')", "a.track_event('x' * 51)", "a.track_event(7)", "a.track_event('x', ['list'])",
         "a.track_event('x', {'a': b'bytes'})", "a.track_event('x', {'a': open('/dev/null', 'rb')})",
         "a.track_event('x', {7: 1})", "a.track_event('x', {'a': float('nan')})", "a.track_page_view(None)",
         "tamis.track_event('x', {'a': [object()]})"]


def test_wrong_calls_are_counted_and_raise_in_debug_mode(local):
    assert output(local, "\n".join(WRONG) + "\nprint(a.lost())") == f"{{'EventError': {len(WRONG)}}}\n"
    assert events(local) == []
    tries = "".join(f"try:\n    {call}\n    print('quiet')\nexcept tamis.EventError: pass\n" for call in WRONG)
    assert output(local, tries + "try: a.track_event('x', {'a': 'y' * 501})\nexcept tamis.EventError: print('long')",
                  UMAMI_DEBUG="true") == "long\n"


def test_debug_prints_the_strained_event_and_sends_nothing(local):
    done = python(local, f"a.track_event('x', {{'mail': {EMAIL!r}}})", UMAMI_DEBUG="true")
    assert '"mail":"[REDACTED_EMAIL]"' in done.stderr and EMAIL not in done.stderr


def test_config_yaml_of_the_application(local, tmp_path):
    (tmp_path / "config.yaml").write_text("""umami:
  enabled: true
  website_id: ${UMAMI_WEBSITE_ID}
  api_url: ${UMAMI_API_URL}
  sanitization:
    sanitize_emails: false
app:
  page_views: false
""")
    done = subprocess.run([middleware.PYTHON, "-c", f"""
import tamis
tamis.configure(beside={str(tmp_path / 'analytics.py')!r}, app__exclude_paths='/static,/health')
a = tamis.get_analytics('my_app')
a.track_event('x', {{'mail': {EMAIL!r}}})
print(a._process.settings.page_views, a._process.settings.exclude_paths)
"""], env=local.environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "False ('/static', '/health')\n", done.stderr
    assert events(local)[0]["data"] == {"mail": EMAIL}


def test_configure_says_when_it_comes_too_late(local):
    """To say the same again is no mistake: a module that does so may be loaded twice."""
    told = output(local, """
import logging
lines = []
handler = logging.Handler(); handler.emit = lambda record: lines.append(record.getMessage())
logging.getLogger('tamis').addHandler(handler)
tamis.configure()
a.track_event('x')
tamis.configure(app__page_views='false')
print(len(lines), lines[0].split(':')[0], a._process.settings.page_views)
""")
    assert told.endswith("1 configure() changes nothing any more True\n")
    local.environment["UMAMI_DEBUG"] = "true"
    output(local, """
try:
    tamis.configure(app__page_views='false')
except RuntimeError as error:
    assert 'call it before' in str(error)
else:
    raise SystemExit('it was silent')
""")


def test_the_hook_changes_and_drops(local):
    output(local, f"""
def hook(payload):
    if payload.get('name') == 'secret': return None
    return dict(payload, tag={EMAIL!r})
a.before_send = hook
a.track_event('secret'); a.track_event('x')
a.before_send = lambda payload: 1 / 0
a.track_event('broken')
assert a.lost() == {{'ZeroDivisionError': 1}}
""")
    event, = events(local)
    assert event["name"] == "x" and event["tag"] == "[REDACTED_EMAIL]"


def test_capture_in_tests_of_applications(local):
    out = output(local, f"""
import tamis.testing
with tamis.testing.capture() as sent:
    tamis.track_event('signup', {{'mail': {EMAIL!r}}})
    a.count_request('GET', '/x', 200, 0.1)
print(sent.events, sent.requests)
""")
    assert out == ("[Event(name='signup', data={'mail': '[REDACTED_EMAIL]'}, url='/', hostname='my_app')] "
                   "[Request(method='GET', route='/x', status=200)]\n")
    assert events(local) == []


def test_no_canary_reaches_spool_or_logs(local):
    done = python(local, f"""
import logging
logging.basicConfig(level=0)
for text in {list(middleware.CANARIES.values())!r}:
    data = {{text: text, 'x': [{{text: [text]}}, (text,)], 'url': '/?q=' + text}}
    for call in (lambda: a.track_event(text[:50], data), lambda: a.track_page_view('/p/' + text + '?q=' + text),
                 lambda: a.track_event('x', {{'a': b'x' + text.encode()}}),
                 lambda: a.track_event(text * 9), lambda: a.track_event('x', {{text: object()}})):
        call()
""", TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS="1")
    assert done.returncode == 0, done.stderr
    assert len(events(local)) == 2 * len(middleware.CANARIES)
    written = done.stdout + done.stderr + "".join(
        path.read_bytes().decode("latin-1") for path in local.state.rglob("*") if path.is_file())
    assert [kind for kind, canary in middleware.CANARIES.items() if canary in written] == []
