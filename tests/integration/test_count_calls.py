"""count() in process, from Python by way of libtamis: what was counted outlives kill -9, fork and threads."""

import contextlib
import signal
import sqlite3
import subprocess
import sys

import pytest

import middleware

REGISTRY = """\
version: 1
metrics:
  directory_view:
    question: How often is an event's directory looked at?
    description: One each time the page is shown.
    owner: events team
    subject: event
    review: 2099-01-31
    event_id: integer
    sources: [web, admin]
  directory_search:
    question: How often is it searched?
    description: One for each search, without its text.
    owner: events team
    subject: directory
    review: 2099-01-31
"""


@pytest.fixture
def counting(tamis):
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=path)
    return tamis


def start(tamis, code, **options):
    return subprocess.Popen([sys.executable, "-c", code], env=middleware.environment(tamis.environment),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)  # fmt: skip


def python(tamis, code):
    process = start(tamis, code)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def stored(tamis):
    done = tamis.command("rollup", "--once")
    assert done.returncode == 0, done.stderr
    with contextlib.closing(sqlite3.connect(tamis.state / "store/counts.db")) as db:
        rows = db.execute("SELECT event_name, event_id, source, SUM(count) FROM counts GROUP BY 1, 2, 3")
        return {row[:3]: row[3] for row in rows}


def test_two_lines(counting):
    python(counting, "from tamis import count\n"
           "count('directory_view', event_id=42, source='web')\n"
           "count('directory_view', event_id='42', source='web', count=4)\n"
           "count('directory_search')")  # fmt: skip
    assert stored(counting) == {("directory_view", "42", "web"): 5, ("directory_search", "", ""): 1}


def test_nothing_else_can_be_passed(counting):
    """Undeclared names, texts for ids: counted as lost, or raised in debug mode, and never kept or said."""
    wrong = [
        ("'directory_view', event_id='canary@example.com'", "event_id"),
        ("'directory_view', event_id=-1", "event_id"),
        ("'directory_view', event_id=True", "event_id"),
        ("'directory_view', event_id=4.5", "event_id"),
        ("'directory_view'", "event_id"),
        ("'directory_search', event_id=1", "event_id"),
        ("'directory_view', event_id=1, source='canary'", "source"),
        ("'canary', event_id=1", "event_name"),
        ("'directory_search', count=0", "count"),
    ]
    out = python(counting, "import tamis\na = tamis.get_analytics('x')\n"
                 + "".join(f"a.count({call})\n" for call, _ in wrong) + "print(sum(a.lost().values()))")  # fmt: skip
    assert out.strip() == str(len(wrong))
    counting.set(UMAMI_DEBUG="true")
    for call, field in wrong:
        out = python(counting, "import tamis, logging\nlogging.basicConfig()\na = tamis.get_analytics('x')\n"
                     f"try:\n    a.count({call})\nexcept tamis.EventError as error:\n    print(error)")  # fmt: skip
        assert field in out and "canary" not in out, call
    assert stored(counting) == {}


def test_four_processes_one_killed_at_random(counting):
    """Each says what it has counted; what it said, at most one more, is in the store."""
    code = ("from tamis import count\nimport sys\nn = 0\nwhile True:\n"
            "    count('directory_view', event_id={0}, source='web')\n"
            "    n += 1\n    sys.stdout.write('%d\\n' % n)\n    sys.stdout.flush()")  # fmt: skip
    paths = [counting.directory / f"said.{i}" for i in range(4)]
    totals = [0] * 4
    for round in range(3):
        running = []
        for i, path in enumerate(paths):
            with open(path, "wb") as out:
                running.append(subprocess.Popen([sys.executable, "-c", code.format(i)], stdout=out,
                               env=middleware.environment(counting.environment)))  # fmt: skip
        while any(path.stat().st_size < 2000 * (round + 1) for path in paths):
            assert counting.command("rollup", "--once").returncode == 0  # as it goes on
        for process in running:
            process.send_signal(signal.SIGKILL)
            process.wait()
        for i, path in enumerate(paths):
            lines = path.read_text().split("\n")
            totals[i] += int(lines[-2])
    rows = stored(counting)
    for i, total in enumerate(totals):  # the write of the last number may be what was killed
        assert total <= rows[("directory_view", str(i), "web")] <= total + 3


def test_fork_and_threads(counting):
    """No double and no lost one: the child opens a lane of its own, the parent's stays the parent's."""
    python(counting, """
import os, threading
from tamis import count
def many():
    for _ in range(1000):
        count('directory_view', event_id=1, source='admin')
many()
children = []
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        threads = [threading.Thread(target=many) for _ in range(2)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        os._exit(0)
    children.append(pid)
many()
for pid in children:
    os.waitpid(pid, 0)
many()
""")
    assert stored(counting) == {("directory_view", "1", "admin"): 9000}


def test_without_a_registry_the_application_goes_on(tamis):
    out = python(tamis, "import tamis\na = tamis.get_analytics('x')\na.count('directory_search')\nprint(a.lost())")
    assert "'GatewayError': 1" in out or "'EventError': 1" in out
    assert not (tamis.state / "tally").exists()


def test_capture(tmp_path, tamis):
    python(tamis, "import tamis, tamis.testing\nwith tamis.testing.capture() as sent:\n"
           "    tamis.count('directory_view', event_id=1, source='web')\n"
           "assert sent.counts == [('directory_view', '1', 'web', 1)]")  # fmt: skip
