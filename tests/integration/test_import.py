"""`tamis import`: what is taken, what is left out, and that nothing is taken twice or lost."""
import base64
import calendar
import collections
import gzip
import json
import os
import pty
import random
import re
import signal
import subprocess

import pytest

from conftest import BROWSER, BUILD, SOURCE, WEBSITE, files, shared, wait_for
from upstream import Upstream

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
HOST = "www.example.com"
SUMMARY = re.compile(
    r"(?P<lines>\d+) lines: (?P<taken>\d+) views taken, (?P<known>\d+) already imported, "
    r"(?P<malformed>\d+) malformed; left out: (?P<method>\d+) by method, (?P<status>\d+) by "
    r"status, (?P<asset>\d+) assets, (?P<bot>\d+) bots, (?P<refused>\d+) refused\n\Z")


def line(path="/", second=0, method="GET", status=200, referrer="-", agent=BROWSER,
         address="192.0.2.7"):
    """A line of a combined log of 17 May 2015."""
    clock = f"{10 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return (f'{address} - - [17/May/2015:{clock} +0000] "{method} {path} HTTP/1.1" {status} 512 '
            f'"{referrer}" "{agent}"\n')


def many(n, start=0):
    """n page views, one a second, all different."""
    return "".join(line(f"/page/{start + i}", start + i, address=f"198.51.100.{i % 250}")
                   for i in range(n))


def counts(process):
    """The summary line as a dict; the columns must add up to the lines."""
    match = SUMMARY.search(process.stdout)
    assert process.returncode == 0 and match, (process.stdout, process.stderr)
    n = {name: int(value) for name, value in match.groupdict().items()}
    assert n["lines"] == sum(n.values()) - n["lines"], n
    return n


@pytest.fixture
def site(tamis):
    """A state directory with a website; nothing forwards."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL="http://127.0.0.1:9")

    def take(log, *arguments, **options):
        return tamis.command("import", f"--hostname={HOST}", *arguments, log, **options)

    tamis.take = take
    tamis.log = tamis.directory / "access.log"
    return tamis


def payloads(tamis):
    """The payloads of all events on the spool."""
    text = tamis.command("spool", "cat", check=True).stdout
    return [json.loads(row)["payload"] for row in text.splitlines()]


def test_what_is_taken_and_what_is_left_out(site):
    site.log.write_text(
        line("/a?token=abc123", 1, referrer="https://example.org/john@example.com")
        + line("/b", 2, status=304) + line("/c", 3, status=301)
        + line("/d", 4, method="POST") + line("/e", 5, method="HEAD") + line("/f", 6, status=404)
        + line("/g.css?x=1", 7) + line("/favicon.ico", 8) + line("/h", 9, agent=BOT)
        + line("/i", 10, agent="-") + "no line of a log\n")
    n = counts(site.take(site.log))
    assert n == {"lines": 11, "taken": 4, "known": 0, "malformed": 1, "method": 2, "status": 1,
                 "asset": 2, "bot": 1, "refused": 0}
    events = payloads(site)
    assert [e["url"] for e in events] == ["/a?token=[REDACTED]", "/b", "/c", "/i"]
    assert {e["hostname"] for e in events} == {HOST}
    assert {e["website"] for e in events} == {WEBSITE}
    assert "john" not in events[0]["referrer"]
    assert events[0]["timestamp"] == calendar.timegm((2015, 5, 17, 10, 0, 1))
    assert all("id" not in e for e in events)


def test_no_trace_of_what_was_raw(site):
    """Byte by byte below the state directory, plain, percent-encoded and in base64."""
    raw = ["john.canary@example.com", "s3cretcanaryvalue", "198.51.100.77"]
    site.log.write_text(line(f"/{raw[0]}?token={raw[1]}", 1, address=raw[2],
                             referrer=f"https://example.org/?password={raw[1]}"))
    assert counts(site.take(site.log))["taken"] == 1
    forms = [form for text in raw for form in
             (text, text.replace("@", "%40"), base64.b64encode(text.encode()).decode()[:-3])]
    kept = dict(files(site.state))
    assert len(kept) >= 5
    for path, data in kept.items():
        found = [form for form in forms if form.encode() in data]
        assert not found, path


def test_bots_and_assets_on_request(site):
    site.log.write_text(line("/a.css", 1) + line("/b", 2, agent=BOT) + line("/c", 3))
    n = counts(site.take(site.log, "--bots", "--assets"))
    assert n["taken"] == 3
    assert counts(site.take(site.log))["known"] == 1
    assert not any("bot" in json.dumps(e).lower() for e in payloads(site))


def test_running_it_twice_adds_nothing(site):
    site.log.write_text(many(200) + line("/same", 500) * 3)
    assert counts(site.take(site.log))["taken"] == 203
    before = site.metrics()
    n = counts(site.take(site.log))
    assert (n["taken"], n["known"]) == (0, 203)
    assert site.metrics() == before
    assert len(payloads(site)) == 203


def test_logs_grow_rotate_and_overlap(site):
    rotated = site.directory / "access.log.1.gz"
    site.log.write_text(many(50) + line("/same", 100))
    assert counts(site.take(site.log))["taken"] == 51
    site.log.write_text(many(50) + line("/same", 100) * 2 + many(10, 200))
    assert counts(site.take(site.log))["taken"] == 11
    rotated.write_bytes(gzip.compress(site.log.read_bytes()))
    site.log.write_text(many(5, 300))
    n = counts(site.take(site.log, rotated))
    assert (n["taken"], n["known"]) == (5, 62)
    with open(rotated, "rb") as log:
        n = counts(site.take("-", stdin=log))
    assert (n["taken"], n["known"]) == (0, 62)


def test_websites_and_hosts_are_apart(site):
    site.log.write_text(many(3))
    assert counts(site.take(site.log))["taken"] == 3
    other = site.command("import", "--hostname=other.example.com", site.log)
    assert counts(other)["taken"] == 3
    shouted = site.take(site.log, f"--website={WEBSITE.upper()}", "--hostname=WWW.Example.COM")
    assert counts(shouted)["known"] == 3
    foreign = site.take(site.log, "--website=6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10")
    assert foreign.returncode == 77
    assert "umami.websites" in foreign.stderr


def test_the_virtual_host_of_the_log(site):
    site.log.write_text("shop.example.com:443 " + line("/a", 1))
    assert counts(site.command("import", site.log))["taken"] == 1
    assert payloads(site)[0]["hostname"] == "shop.example.com"
    site.log.write_text(line("/a", 1))
    process = site.command("import", site.log)
    assert process.returncode == 64 and "--hostname" in process.stderr


def test_a_line_that_is_being_written_waits(site):
    whole = line("/a", 1)
    site.log.write_text(line("/b", 2) + whole[:-20])
    n = counts(site.take(site.log))
    assert (n["taken"], n["malformed"]) == (1, 1)
    site.log.write_text(line("/b", 2) + whole)
    assert counts(site.take(site.log))["taken"] == 1
    site.log.write_text(line("/b", 2) + whole + line("/c", 3).rstrip("\n"))
    assert counts(site.take(site.log))["taken"] == 1
    site.log.write_text(line("/b", 2) + whole + line("/c", 3))
    assert counts(site.take(site.log))["taken"] == 0


def test_wrong_use_is_told(site):
    site.log.write_text("nothing of a log\n" * 3)
    process = site.take(site.log)
    assert process.returncode == 65 and "no line" in process.stderr
    process = site.take(site.directory / "absent.log")
    assert process.returncode == 66 and "absent.log" in process.stderr
    assert site.command("import", f"--hostname={HOST}").returncode == 64
    assert site.take(site.log, "--wrong").returncode == 64
    for name in ("bad host/x", "", "a b", "http://www.example.com"):
        process = site.take(site.log, f"--hostname={name}")
        assert process.returncode == 64 and "--hostname wants a host's name" in process.stderr
    site.log.write_text(many(3))
    for website in ("shop", "6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a1g", WEBSITE + "0"):
        process = site.take(site.log, f"--website={website}")
        assert process.stdout == "", "the error alone"
        assert process.returncode == 64 and "UUID" in process.stderr
    site.log.write_bytes(gzip.compress(many(100).encode())[:-30])
    process = site.take(site.log)
    assert process.returncode == 65 and "gzip" in process.stderr
    site.set(UMAMI_WEBSITE_ID=None)
    process = site.take(site.log)
    assert process.returncode == 64 and "--website" in process.stderr
    site.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_ENABLED="false")
    site.log.write_text(many(3))
    process = site.take(site.log)
    assert process.returncode == 78 and "umami.enabled" in process.stderr


def test_no_progress_line_where_there_is_no_terminal(site):
    site.log.write_text(many(1000))
    process = site.take(site.log)
    assert counts(process)["taken"] == 1000
    assert "\r" not in process.stderr


def on_terminal(tamis, *arguments):
    """Run a command with a terminal as its standard error; returns what was drawn there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([BUILD / "tamis", *arguments], env=tamis.environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    drawn = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # EIO: the other side is closed
            piece = b""
        if not piece:
            break
        drawn += piece
    process.communicate()
    os.close(ours)
    return process.returncode, drawn.decode()


def test_progress_on_a_terminal(site):
    site.log.write_text(many(250) * 200)
    code, drawn = on_terminal(site, "import", f"--hostname={HOST}", str(site.log))
    assert code == 0
    assert re.search(r"\[#+\.*\] +\d+ %  \d+:\d\d left  \d+ lines, \d+/s", drawn)
    assert drawn.endswith("\r\x1b[K")


def test_killed_in_the_middle_nothing_is_lost(site):
    """kill -9 at random moments: nothing is lost, nothing comes twice."""
    total, kills = 30000, 0
    site.log.write_text(many(total))
    arguments = [BUILD / "tamis", "import", f"--hostname={HOST}", str(site.log)]
    ledger = site.state / "import" / "2015-05.ledger"

    def size():
        return ledger.stat().st_size if ledger.exists() else 0

    for _ in range(25):
        process = subprocess.Popen(arguments, env=site.environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        goal = size() + random.randrange(8, 8 * 1200)
        wait_for(lambda: process.poll() is not None or size() > goal, "some lines to be imported")
        kills += process.poll() is None
        process.kill()
        process.wait()
    assert kills >= 10
    counts(site.take(site.log))
    urls = [e["url"] for e in payloads(site)]
    assert len(set(urls)) == len(urls) == total
    metrics = site.metrics()
    assert metrics["tamis_events_accepted_total"] == total
    assert total <= metrics["tamis_events_received_total"] <= total + kills
    assert counts(site.take(site.log))["taken"] == 0


def test_stopped_by_a_signal_it_repeats_nothing(site):
    site.log.write_text(many(45000))
    process = subprocess.Popen([BUILD / "tamis", "import", f"--hostname={HOST}", str(site.log)],
                               env=site.environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    ledger = site.state / "import" / "2015-05.ledger"
    wait_for(lambda: process.poll() is not None or
             (ledger.exists() and ledger.stat().st_size > 8000), "some lines to be imported")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    if process.returncode == 0:
        pytest.skip("it was done before the signal came")
    assert process.returncode == -signal.SIGINT
    assert "stopped" in err
    first = int(SUMMARY.search(out)["taken"])
    n = counts(site.take(site.log))
    assert first + n["taken"] == 45000 and n["known"] == first


def test_one_import_at_a_time(site):
    site.log.write_text(many(3))
    fifo = site.directory / "fifo"
    os.mkfifo(fifo)
    first = site.start(BUILD / "tamis", "import", f"--hostname={HOST}", fifo)
    with open(fifo, "w") as pipe:
        pipe.write(many(1))
        pipe.flush()
        wait_for(lambda: (site.state / "import" / "lock").exists(), "the first import")
        process = wait_for(lambda: (lambda p: p if p.returncode else None)(site.take(site.log)),
                           "the second import to be refused")
        assert process.returncode == 75 and "another" in process.stderr
    assert first.wait(20) == 0


def test_a_full_spool_is_waited_for(site):
    """The spool holds a part of the log: import goes on as the forwarder makes room."""
    total = 12000
    site.set(TAMIS_SPOOL_MAX_BYTES=4194304, TAMIS_SPOOL_SEGMENT_BYTES=1048576)
    site.log.write_text("".join(line(f"/page/{i}/" + "x" * 400, i) for i in range(total)))
    with Upstream(websites=[WEBSITE]) as up:
        site.set(UMAMI_API_URL=up.url)
        process = site.start(BUILD / "tamis", "import", f"--hostname={HOST}", site.log)
        wait_for(lambda: "waiting for the forwarder" in site.logs(), "the spool to be full")
        assert process.poll() is None
        site.forward()
        assert process.wait(120) == 0, site.logs()
        wait_for(lambda: len(up.events) >= total, "all events at the upstream", 60)
        urls = [record["event"]["payload"]["url"] for record in up.events]
        assert len(set(urls)) == len(urls) == total


def awk_count(log):
    """Views of GET, 200 to 399, without assets, told by awk: bots are still among them."""
    extensions = "|".join(asset_extensions())
    program = (r'$6 == "\"GET" && $9 >= 200 && $9 <= 399 { u = $7; sub(/[?#].*/, "", u); '
               r'if (tolower(u) !~ /\.(' + extensions + r')$/) print }')
    return subprocess.run(["awk", program, log], capture_output=True, check=True).stdout


def asset_extensions():
    return re.findall(r'^ASSET\("(\w+)"\)', (SOURCE / "src/import/import_asset.def").read_text(), re.M)


def test_the_real_log_agrees_with_awk(site):
    packed = shared("data/apache_access.log.gz")
    site.log.write_bytes(gzip.decompress(packed.read_bytes()))
    n = counts(site.take(packed))
    assert n["lines"] == 10000
    views = awk_count(site.log).splitlines()
    assert n["taken"] + n["bot"] + n["refused"] == len(views)
    assert len(payloads(site)) == n["taken"]
    assert site.metrics()["tamis_events_accepted_total"] == n["taken"]
    assert counts(site.take(site.log))["taken"] == 0


def key(payload):
    """What tells events of a log apart, as far as cut agents let it."""
    return tuple(payload.get(name) for name in ("timestamp", "url", "ip", "userAgent", "referrer"))


def test_the_real_log_arrives_whatever_happens(site):
    """The upstream goes down for a while, the forwarder is killed -9 three times."""
    log = shared("data/apache_access.log.gz")
    with Upstream(websites=[WEBSITE]) as up:
        site.set(UMAMI_API_URL=up.url)
        importer = site.start(BUILD / "tamis", "import", f"--hostname={HOST}", log)
        forwarder = site.forward()
        for arrived in (200, 600, 1000):
            wait_for(lambda: len(up.events) >= arrived, f"{arrived} events", 60)
            forwarder.kill()
            forwarder.wait()
            if arrived == 600:
                up.down()
            forwarder = site.forward()
            if arrived == 600:
                wait_for(lambda: "next try" in site.logs(), "the upstream to be missed")
                up.up()
        assert importer.wait(60) == 0, site.logs()
        expected = site.metrics()["tamis_events_accepted_total"]
        wait_for(lambda: site.metrics()["tamis_spool_events"] == 0, "an empty spool", 90)
        site.set(TAMIS_STATE_DIR=site.directory / "quiet")
        counts(site.take(log))
        wanted = [key(payload) for payload in payloads(site)]
        arrived = [key(record["event"]["payload"]) for record in up.events]
    assert len(wanted) == expected
    missing = collections.Counter(wanted) - collections.Counter(arrived)
    assert sum(missing.values()) == 0, missing
    assert len(arrived) - len(wanted) <= 3 * 4 * 100  # kills, connections, largest batch
    for visitor in {event[2:4] for event in wanted}:
        of_visitor = [event for event in wanted if event[2:4] == visitor]
        came = [event for event in arrived if event[2:4] == visitor]
        assert list(dict.fromkeys(came)) == list(dict.fromkeys(of_visitor))
