"""The main job, end to end, as its users would try it."""
import base64
import gzip
import json
import os
import re
import signal
import subprocess
import urllib.parse

from conftest import BROWSER, WEBSITE, shared, wait_for
from upstream import Upstream

RAW = ["john@example.com", "abc123"]


def spellings(text):
    """The ways in which a piece of text may lie in a file without standing there."""
    raw = text.encode()
    percent = urllib.parse.quote(text, safe="").encode()
    every = "".join(f"%{b:02x}" for b in raw).encode()
    yield from (raw, percent, urllib.parse.quote(percent.decode(), safe="").encode(), every,
                every.upper(), raw.hex().encode(), text.encode("utf-16-le"),
                "".join(f"\\u{ord(c):04x}" for c in text).encode())
    for shift in range(3):  # base64 of the text at any offset: the part that does not depend on it
        encoded = base64.b64encode(b"\0" * shift + raw)
        inner = encoded[(shift * 8 + 5) // 6: len(encoded) - 4]
        if len(inner) >= 6:
            yield inner


def assert_no_trace(places, texts=RAW):
    for place, data in places:
        for text in texts:
            for spelling in spellings(text):
                assert spelling not in data, f"{text!r} as {spelling!r} in {place}"


def files(*directories):
    for directory in directories:
        for path in directory.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()


def test_an_event_goes_in_and_comes_out_clean(tamis, tmp_path_factory):
    raw = tmp_path_factory.mktemp("upstream") / "raw"
    with Upstream(raw=str(raw)) as upstream:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=upstream.url,
                  TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS=1)
        tamis.lighttpd()
        answer = tamis.send(url="/user/john@example.com/reset?token=abc123", title="mail john@example.com",
                            referrer="https://x.example/?token=abc123", data={"mail": "john@example.com"})
        assert answer.status == 200 and set(answer.json) >= {"cache", "sessionId", "visitId"}
        tamis.forward()
        record, = wait_for(lambda: upstream.events, "the event upstream")
        event = record["event"]
        assert event["payload"]["url"] == "/user/[REDACTED_EMAIL]/reset?token=[REDACTED]"
        assert event["payload"]["title"] == "mail [REDACTED_EMAIL]"
        assert event["payload"]["userAgent"].startswith("Mozilla/5.0")
        assert event["payload"]["ip"] == "127.0.0.0"
        wait_for(lambda: tamis.metrics().get("tamis_events_forwarded_total") == 1, "the count")
        status = tamis.command("status", "--json", check=True).stdout
        metrics = tamis.command("metrics", check=True).stdout
        places = [*files(tamis.directory, tamis.keys), ("answer", answer.body + repr(answer.headers).encode()),
                  ("upstream", raw.read_bytes()), ("status", status.encode()),
                  ("metrics", metrics.encode())]
        assert_no_trace([p for p in places if not p[0].endswith("lighttpd.conf")])


AWK = r'''
# Page views of a combined log, counted without tamis: GET, 2xx or 3xx, no asset, no bot.
{
	n = split($0, part, "\"")
	split(part[2], req, " "); split(part[3], code, " ")
	if (n < 7 || req[1] != "GET" || code[1] !~ /^[23]/) next
	path = req[2]; sub(/[?#].*/, "", path)
	if (tolower(path) ~ ASSETS) next
	if (part[6] == "-" || part[6] == "") { views++; next }
	print part[6]
}
END { print "VIEWS " views + 0 }
'''


def views_by_awk(log, tmp_path, assets, is_bot):
    """The independent count: awk picks the lines, the recorded contract's bot rule their agents."""
    out = subprocess.run(["awk", "-v", f"ASSETS={assets}", AWK, log], capture_output=True, text=True,
                         check=True, env={**os.environ, "LC_ALL": "C"}).stdout
    lines = out.splitlines()
    return int(lines[-1].split()[1]) + sum(not is_bot(agent) for agent in lines[:-1])


def test_import_of_a_real_log_survives_outage_and_kills(tamis, tmp_path):
    archive = shared("data/apache_access.log.gz")
    log = tmp_path / "access.log"
    log.write_bytes(gzip.decompress(archive.read_bytes()))
    with Upstream() as upstream:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=upstream.url,
                  TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS=1)
        arguments = ("import", "--website", WEBSITE, "--hostname", "semicomplete.com", log)
        forward = tamis.forward()
        first = tamis.command(*arguments, timeout=120)
        assert first.returncode == 0, first.stderr
        accepted = tamis.metrics()["tamis_events_accepted_total"]
        assert accepted > 1000
        for kill in range(3):
            target = len(upstream.events) + int(accepted) // 8
            wait_for(lambda: len(upstream.events) >= min(target, accepted), "progress", 60)
            if kill == 1:
                upstream.down()
            forward.send_signal(signal.SIGKILL)
            forward.wait()
            forward = tamis.forward()
            if kill == 1:
                wait_for(lambda: "refused" in tamis.logs() or "connect" in tamis.logs(), "a failed try", 30)
                upstream.up()
        wait_for(lambda: tamis.metrics().get("tamis_spool_events") == 0
                 and len(upstream.events) >= accepted, "the backlog to drain", 90)
        events = [record["event"] for record in upstream.events]
        batch, connections, kills = 100, 4, 3
        assert accepted <= len(events) <= accepted + batch * connections * kills
        assert tamis.metrics().get("tamis_events_dead_total", 0) == 0
        again = tamis.command(*arguments, timeout=120)
        assert again.returncode == 0
        assert tamis.metrics()["tamis_events_accepted_total"] == accepted, "a second import added events"
        assert all(e["type"] == "event" and "id" not in e["payload"] for e in events)
        assert min(e["payload"]["timestamp"] for e in events) < 1431900000, "the log's own times"
        views = sum(v for k, v in tamis.metrics().items() if k.startswith("tamis_page_views_total"))
        assert views == accepted
