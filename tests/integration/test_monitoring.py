"""The alerts and the dashboard in examples/ ask for what tamis tells, and are well formed."""
import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import BROWSER, SOURCE, WEBSITE, files
from other_user import OtherUser
from upstream import Upstream

RULES = SOURCE / "examples" / "prometheus" / "tamis.rules.yml"
DASHBOARD = SOURCE / "examples" / "grafana" / "tamis.json"
OPERATIONS = SOURCE / "docs" / "operations.md"
WORDS = {"absent", "time", "and", "or", "deriv", "predict_linear", "increase", "rate", "ignoring",
         "reason", "group_left", "sum", "without", "by", "histogram_quantile", "offset", "topk",
         "le", "label_values"}


@pytest.fixture(name="told")
def fixture_told(tamis):
    """Every series of a tamis that has taken, refused and sent events: name -> labels."""
    with Upstream(websites=[WEBSITE]) as up:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=up.url)
        tamis.lighttpd()
        assert tamis.send().status == 200
        up.fault("status", code=503, times=1)
        tamis.command("forward", "--once=30", check=True)
    tamis.set(UMAMI_API_URL="http://127.0.0.1:9")
    assert tamis.send().status == 200
    tamis.command("forward", "--once=2")
    series = {}
    for key in tamis.metrics():
        name, _, labels = key.partition("{")
        series.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return series


def expressions():
    for alert, text in re.findall(r"^ +- alert: (\w+)\n(.*?)(?=^ +- alert|\Z)", RULES.read_text(),
                                  re.M | re.S):
        expr, = re.findall(r"^ +expr: (.*)$", text, re.M)
        yield alert, expr, text
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"], None


def check_expression(expr, told):
    for opening, closing in ("()", "{}", "[]"):
        assert expr.count(opening) == expr.count(closing), expr
    selectors = re.findall(r"([a-z_]\w*)\{([^}]*)\}", expr)
    for name, labels in selectors:
        for label in re.findall(r'(\w+) *(?:=~|!~|!=|=)"', labels):
            assert label in told[name] | {"instance"}, f"{label} of {name}"
    plain = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\$\w+', "", expr)
    grouped = re.findall(r"(?:by|without) \(([^)]*)\)", plain)
    labels = {label.strip() for group in grouped for label in group.split(",")}
    names = set(re.findall(r"\b[a-z_][a-z_]{2,}\b", plain)) - WORDS - labels
    assert names, expr
    assert names <= set(told), names - set(told)
    known = {label for name in names for label in told[name]} | {"le"}
    assert labels <= known, labels - known


def test_everything_that_is_asked_for_is_told(told):
    seen = 0
    for _, expr, _ in expressions():
        check_expression(expr, told)
        seen += 1
    assert seen > 30


def test_every_alert_says_what_to_do():
    alerts = [(alert, text) for alert, _, text in expressions() if text]
    assert len(alerts) == len(set(alert for alert, _ in alerts)) > 10
    for alert, text in alerts:
        assert re.search(r"labels: \{severity: (warning|critical)\}", text), alert
        assert re.search(r'^ {10}summary: ".+"$', text, re.M), alert
        assert re.search(r'^ {10}description: ".+"$', text, re.M), alert
        assert alert in OPERATIONS.read_text(), alert


def test_prometheus_takes_the_rules():
    """By Prometheus' own tool where it is installed; the shape by hand where it is not."""
    promtool = shutil.which("promtool")
    if promtool:
        subprocess.run([promtool, "check", "rules", RULES], check=True)
    assert "\t" not in RULES.read_text()
    for line in RULES.read_text().splitlines():
        assert re.fullmatch(r"#.*|groups:|  - name: tamis|    rules:|      - alert: \w+|"
                            r"        (expr|for|labels): .+|        annotations:|"
                            r'          (summary|description): "[^"]*"|', line), line


def test_the_dashboard_fits_its_grid():
    board = json.loads(DASHBOARD.read_text())
    taken = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert len({panel["title"] for panel in board["panels"]}) == len(board["panels"])


def test_commands_of_the_page_run(tamis):
    tamis.state.mkdir()
    tamis.command("status", check=True)
    # The others are run where there is systemd (check-packages) and a token (test_responder).
    blocks = re.findall(r"^```sh\n(tamis .*?)^```$", OPERATIONS.read_text(), re.M | re.S)
    assert len(blocks) == 3
    for block in blocks:
        process = tamis.command(*block.split()[1:])
        assert process.returncode in (0, 1) and process.stdout, block
    named = re.findall(r"`(tamis [a-z -]+)`", OPERATIONS.read_text())
    usage = tamis.command("--help", check=True).stdout
    for command in named:
        words = " ".join(word for word in command.split()[1:] if not word.startswith("-"))
        assert re.search(rf"^  {words} ", usage, re.M), command


def test_bytes_of_an_event_are_as_told(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    for i in range(50):
        assert tamis.send(url=f"/products/{i}?utm_source=newsletter", title="A product of ours",
                          referrer="https://www.example.org/", language="en-GB",
                          screen="1920x1080").status == 200
    size = sum(len(data) for _, data in files(tamis.state / "spool"))
    assert 400 < size / 50 < 800


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become two users")
def test_users_and_modes_of_the_page(tamis):
    """The responder as one user, the forwarder as another, as the tables say."""
    writer, forwarder, group = 33, 65534, 54321
    other = OtherUser(tamis)
    tamis.state.mkdir()
    os.chown(tamis.state, forwarder, group)
    tamis.state.chmod(0o3770)
    tamis.keys.chmod(0o700)
    os.chown(tamis.keys, writer, writer)
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    body = json.dumps({"type": "event", "payload": {"website": WEBSITE, "hostname": "x.example",
                                                    "url": "/a"}})
    done = other.run(writer, writer, group, "tamis.fcgi", text=body, REQUEST_METHOD="POST",
                     SCRIPT_NAME="/api/send", CONTENT_LENGTH=str(len(body)), HTTP_USER_AGENT=BROWSER)
    assert "Status: 200" in done.stdout, done.stderr + done.stdout
    with Upstream(websites=[WEBSITE]) as up:
        tamis.set(UMAMI_API_URL=up.url)
        done = other.run(forwarder, group, group, "tamis", "forward", "--once=20")
        assert done.returncode == 0, done.stderr
        assert len(up.events) == 1
        doctor = other.run(forwarder, group, group, "tamis", "doctor")
    assert "FAIL" not in doctor.stdout and doctor.returncode < 2, doctor.stdout
    shelf, = (tamis.state / "spool").glob("[0-9]*")
    assert (shelf.stat().st_mode & 0o7777, shelf.stat().st_gid) == (0o2770, group)
    assert other.run(forwarder, group, group, "ls", tamis.keys).returncode != 0
