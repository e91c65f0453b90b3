"""Dead letters: listed, shown, put on the spool again, and never lost on the way."""
import json
import re
import subprocess

import pytest

from conftest import BROWSER, BUILD, WEBSITE, files, wait_for
from upstream import Upstream

OTHER = "6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10"


def views(tamis, urls):
    """Page views of 2015, by import."""
    log = tamis.directory / f"access-{len(urls)}.log"
    log.write_text("".join(
        f'192.0.2.7 - - [17/May/2015:10:00:00 +0000] "GET {url} HTTP/1.1" 200 5 "-" "{BROWSER}"\n'
        for url in urls))
    tamis.command("import", "--hostname=www.example.com", log, check=True)


def kill_letters(tamis, urls):
    """Views that an upstream refuses, which does not know the website."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    views(tamis, urls)
    with Upstream(websites=[OTHER]) as up:
        tamis.set(UMAMI_API_URL=up.url)
        tamis.command("forward", "--once=60", check=True)
    assert len(dead(tamis)) == len(urls)


def urls_of(lines):
    return [json.loads(line)["payload"]["url"] for line in lines]


def dead(tamis):
    lines = tamis.command("spool", "cat", "--dead", check=True).stdout.splitlines()
    return [json.loads(line)["event"]["payload"]["url"] for line in lines]


def waiting(tamis):
    return urls_of(tamis.command("spool", "cat", check=True).stdout.splitlines())


def test_there_are_none(tamis):
    assert tamis.command("spool", "dead", "ls", check=True).stdout == ""
    assert "0 dead letters" in tamis.command("spool", "dead", "requeue", "--all",
                                             check=True).stdout
    assert tamis.command("spool", "dead", "show", "1").returncode == 66


@pytest.mark.parametrize("words", [("requeue",), ("requeue", "x"), ("requeue", "0"),
                                   ("requeue", "--all", "1"), ("requeue", "-1"), ("show",),
                                   ("show", "1x"), ("ls", "1")])
def test_wrong_use(tamis, words):
    process = tamis.command("spool", "dead", *words)
    assert process.returncode == 64 and process.stdout == "" and process.stderr


def test_list_show_requeue(tamis):
    kill_letters(tamis, ["/a", "/b", "/c"])
    rows = tamis.command("spool", "dead", "ls", check=True).stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["NUMBER", "1", "2", "3"]
    assert re.search(r"^ +2  20..-..-..T..:..:..Z +400  /b +\S", rows[2])
    shown = tamis.command("spool", "dead", "show", 2, check=True).stdout
    assert re.search(r"^received   20\d\d-..-..T..:..:..Z$", shown, re.M)
    event = json.loads(re.search(r"^event      (.*)$", shown, re.M).group(1))
    assert event["payload"]["url"] == "/b"
    before = tamis.metrics()["tamis_events_accepted_total"]

    done = tamis.command("spool", "dead", "requeue", 2, check=True)
    assert done.stdout == "1 dead letters are on the spool again\n"
    assert (waiting(tamis), dead(tamis)) == (["/b"], ["/a", "/c"])
    assert tamis.command("spool", "dead", "requeue", 3).returncode == 66
    tamis.command("spool", "dead", "requeue", "--all", check=True)
    assert (waiting(tamis), dead(tamis)) == (["/b", "/a", "/c"], [])
    with Upstream(websites=[WEBSITE]) as up:
        tamis.set(UMAMI_API_URL=up.url)
        tamis.command("forward", "--once=30", check=True)
        assert sorted(e["event"]["payload"]["url"] for e in up.events) == ["/a", "/b", "/c"]
        times = {e["event"]["payload"]["timestamp"] for e in up.events}
    assert times == {1431856800}
    assert tamis.metrics()["tamis_events_accepted_total"] == before


def test_a_route_does_not_command_the_terminal(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    assert tamis.send(url="/\x1b[31m/\x9bm/\u00fc").status == 200
    with Upstream(websites=[OTHER]) as up:
        tamis.set(UMAMI_API_URL=up.url)
        tamis.command("forward", "--once=30", check=True)
    rows = tamis.command("spool", "dead", "ls", check=True).stdout
    assert "/?[31m/?m/\u00fc " in rows
    shown = tamis.command("spool", "dead", "show", 1, check=True).stdout
    assert re.search(r"^route      /\?\[31m/\?m/\u00fc$", shown, re.M)


def test_later_letters_come_behind_what_stays(tamis):
    kill_letters(tamis, ["/a", "/b"])
    tamis.command("spool", "dead", "requeue", 1, check=True)
    with Upstream(websites=[OTHER]) as up:
        tamis.set(UMAMI_API_URL=up.url)
        tamis.command("forward", "--once=30", check=True)
    assert dead(tamis) == ["/b", "/a"]


def test_a_full_spool_keeps_the_letters(tamis):
    kill_letters(tamis, ["/a", "/b"])
    views(tamis, [f"/{i}{'/long' * 90}" for i in range(6000)])
    assert sum(len(data) for _, data in files(tamis.state / "spool")) > 4194304
    refused = tamis.command("spool", "dead", "requeue", "--all", "--spool.max_bytes=4194304",
                            "--spool.segment_bytes=1048576")
    assert refused.returncode == 75 and "the spool is full" in refused.stderr
    assert dead(tamis) == ["/a", "/b"]


def test_killed_at_any_moment_loses_none(tamis):
    urls = [f"/p{i}x" for i in range(150)]
    kill_letters(tamis, urls)
    left = dead(tamis)
    for goal in (1, 40, 90):
        have = len(waiting(tamis))
        process = subprocess.Popen([BUILD / "tamis", "spool", "dead", "requeue", "--all"],
                                   env=tamis.environment, stdout=subprocess.DEVNULL)
        wait_for(lambda: process.poll() is not None or len(waiting(tamis)) >= have + goal,
                 "letters on the spool")
        process.kill()
        process.wait()
        assert set(waiting(tamis)) | set(dead(tamis)) == set(left)
    tamis.command("spool", "dead", "requeue", "--all", check=True)
    assert dead(tamis) == [] and set(waiting(tamis)) == set(left)


def test_two_at_once_are_refused(tamis):
    kill_letters(tamis, ["/a"])
    locked = subprocess.Popen(["flock", str(tamis.state / "dead"), "cat"], stdin=subprocess.PIPE)
    try:
        wait_for(lambda: subprocess.run(["flock", "-n", str(tamis.state / "dead"), "true"])
                 .returncode == 1, "the lock")
        process = tamis.command("spool", "dead", "requeue", "--all")
    finally:
        locked.communicate()
    assert process.returncode == 75 and dead(tamis) == ["/a"]
