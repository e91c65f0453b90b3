"""The main job, end to end, as its users would try it."""
import base64
import gzip
import os
import re
import signal
import subprocess
import urllib.parse

from conftest import SOURCE, WEBSITE, files, shared, wait_for
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
# What tamis(1) says of page views, counted without tamis: the first rule broken, or "view".
{
	split($0, part, "\"")
	split(part[2], request, " "); split(part[3], answer, " ")
	path = request[2]; sub(/[?#].*/, "", path); sub(/.*\//, "", path)
	if (request[1] != "GET") n["method"]++
	else if (answer[1] !~ /^[23]../) n["status"]++
	else if (tolower(path) ~ assets) n["assets"]++
	else n["view or bot"]++
}
END { for (k in n) print k "=" n[k] }
'''


def count_by_awk(log):
    """The independent count, by the list of extensions that the manual gives."""
    manual = (SOURCE / "src" / "tamis.1").read_text()
    extensions = manual.split("The extensions are:\n.Bd -filled -offset indent\n")[1].split(".Ed")[0]
    pattern = "[.](" + "|".join(extensions.split()) + ")$"
    out = subprocess.run(["awk", "-v", f"assets={pattern}", AWK, log], capture_output=True, text=True,
                         check=True, env={**os.environ, "LC_ALL": "C"}).stdout
    return {k: int(v) for k, v in (line.split("=") for line in out.splitlines())}


def count_by_tamis(line):
    """The last line that tamis import prints, as numbers by name."""
    return {name: int(n) for n, name in
            re.findall(r"(\d+) (lines|views|already|malformed|by method|by status|assets|bots|refused)", line)}


def test_import_of_a_real_log_survives_outage_and_kills(tamis, tmp_path):
    archive = shared("data/apache_access.log.gz")
    log = tmp_path / "access.log"
    log.write_bytes(gzip.decompress(archive.read_bytes()))
    with Upstream() as upstream:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=upstream.url,
                  TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS=1)
        upstream.set(pace=400)
        arguments = ("import", "--website", WEBSITE, "--hostname", "semicomplete.com", log)
        forward = tamis.forward()
        first = tamis.command(*arguments, timeout=120)
        assert first.returncode == 0, first.stderr
        accepted = int(tamis.metrics()["tamis_events_accepted_total"])
        awk, said = count_by_awk(log), count_by_tamis(first.stdout + first.stderr)
        assert said["lines"] == 10000 and said["views"] == accepted > 1000
        assert said["malformed"] == said["refused"] == said["already"] == 0
        assert (said["by method"], said["by status"], said["assets"]) == (
            awk["method"], awk["status"], awk["assets"])
        assert said["views"] + said["bots"] == awk["view or bot"]
        for kill in range(3):
            target = len(upstream.events) + accepted // 8
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
