"""The tamis command: its table of subcommands, what they print, and its manual."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

from conftest import BROWSER, BUILD, SOURCE, WEBSITE, wait_for
from upstream import Upstream

COMMANDS = re.findall(r'^COMMAND\("([^"]+)"', (SOURCE / "src/command.def").read_text(), re.M)
MANUAL = SOURCE / "src/tamis.1"
YAML_MANUAL = BUILD / "src/tamis.yaml.5"


@pytest.fixture
def site(tamis):
    """A state directory with a website, an upstream that nobody reaches, and three events."""
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL="http://127.0.0.1:9")
    log = tamis.directory / "access.log"
    log.write_text("".join(
        f'192.0.2.{i} - - [17/May/2015:10:00:0{i} +0000] "GET /user/u{i}@example.com HTTP/1.1" '
        f'200 5 "-" "{BROWSER}"\n' for i in range(3)))
    tamis.command("import", "--hostname=www.example.com", log, check=True)
    return tamis


def test_usage_names_every_command(tamis):
    process = tamis.command("--help", check=True)
    assert all(re.search(rf"^  {name} +\S", process.stdout, re.M) for name in COMMANDS)
    assert process.stderr == ""
    for name in COMMANDS:
        process = tamis.command(*name.split(), "--help", check=True)
        assert process.stdout.startswith(f"usage: tamis {name}")


def test_version(tamis):
    assert re.fullmatch(r"tamis \d+\.\d+\.\d+\n", tamis.command("--version", check=True).stdout)


@pytest.mark.parametrize("words, message", [
    ((), "a command is missing"), (("nothing",), "no such command: nothing"),
    (("config",), "config needs one of: check, show"),
    (("spool",), "spool needs one of: cat, dead ls"), (("config", "check", "x"), "takes no arguments"),
    (("status", "--wrong"), "unknown option --wrong"), (("forward", "--once=x"), "--once wants"),
    (("status", "--umami.api_key=x"), "secret on the command line"),
    (("--nonsense=1", "status"), "unknown option: --nonsense ("), (("--json", "status"), "unknown option: --json ("),
    (("status", "--state.dri=/x"), "did you mean --state.dir?"), (("--config",), "wants a file"),
])
def test_wrong_use_is_exit_64(tamis, words, message):
    process = tamis.command(*words)
    assert process.returncode == 64
    assert message in process.stderr and process.stdout == ""


def test_key_expire_leaves_today_alone(tamis, site):
    today = int(time.time()) // 86400
    old, new = tamis.keys / f"key-{today - 1}", tamis.keys / f"key-{today}"
    for key in old, new:
        key.write_bytes(b"k" * 32)
        key.chmod(0o600)
    process = tamis.command("key", "expire", check=True)
    assert process.stdout + process.stderr == ""
    assert not old.exists() and new.exists()
    tamis.keys.chmod(0o777)
    assert "others may write" in tamis.command("key", "expire").stderr


def test_config_check_and_show(tamis):
    file = tamis.directory / "tamis.yaml"
    file.write_text("umami:\n  async: {batch_size: 20}\n")
    assert "good" in tamis.command("config", "check", check=True).stdout
    shown = tamis.command("config", "show", f"--config={file}", "--spool.sync=always",
                          check=True).stdout
    assert f"umami.async.batch_size: 20  # {file}:2\n" in shown
    assert "spool.sync: always  # --spool.sync\n" in shown
    assert f'state.dir: "{tamis.state}"  # TAMIS_STATE_DIR\n' in shown
    file.write_text("umami:\n  sanitization: {sanitize_emails: false}\n")
    tamis.set(TAMIS_CONFIG=file)
    assert "E-mail addresses are not redacted." in tamis.command("config", "check").stdout
    file.write_text("umami:\n  sanitization: {enabled: false}\n")
    process = tamis.command("config", "check")
    assert process.returncode == 78
    assert f"{file}:2: umami.sanitization.enabled: false needs" in process.stderr
    file.write_text("umami: {api_key: sesame}\n")
    file.chmod(0o644)
    process = tamis.command("config", "check")
    assert process.returncode == 77
    assert f"{file}:1: umami.api_key: " in process.stderr and "sesame" not in process.stderr


@pytest.mark.parametrize("settings, message", [
    ({"UMAMI_API_KEY": "sesame", "UMAMI_API_URL": "http://umami.example"},
     "umami.api_key would travel in the clear"),
    ({"UMAMI_API_URL": "https://api.umami.is"}, "umami.api_url: api.umami.is takes no events"),
    ({"TAMIS_METRICS_TOKEN_FILE": "/etc/token"},
     "environment variable TAMIS_METRICS_TOKEN_FILE: metrics.token_file is no key any more: run `tamis token make"),
    ({"TAMIS_TOKENS_FILE": "/etc/passwd"}, "/etc/passwd: "),
    ({"TAMIS_IDENTITY_KEY_DIR": "/nonexistent/keys"},
     "identity.key_dir: /nonexistent/keys does not exist"),
    ({"TAMIS_STATE_DIR": "/etc/passwd"}, "state.dir: /etc/passwd is no directory"),
    ({"TAMIS_FORWARD_CA_FILE": "/nonexistent/ca.pem"},
     "forward.ca_file: /nonexistent/ca.pem: No such file"),
    ({"TAMIS_HTTP_TRUSTED_PROXIES": "127.0.0.1/33"},
     "environment variable TAMIS_HTTP_TRUSTED_PROXIES: http.trusted_proxies: must be addresses"),
    ({"TAMIS_HTTP_TRUSTED_PROXIES": "localhost"},
     "environment variable TAMIS_HTTP_TRUSTED_PROXIES: http.trusted_proxies: must be addresses"),
    ({"TAMIS_EXCLUDE_NETWORKS": "2001:db8::/129"},
     "environment variable TAMIS_EXCLUDE_NETWORKS: exclude.networks: must be addresses"),
    ({"TAMIS_EXCLUDE_REFERRER_FILE": "/nonexistent/x"}, "exclude.referrer_file: /nonexistent/x: "),
    ({"TAMIS_COUNTS_REGISTRY": "/nonexistent/registry"}, "/nonexistent/registry: "),
])
def test_config_check_refuses_what_a_program_would(tamis, settings, message):
    tamis.set(**settings)
    process = tamis.command("config", "check")
    assert process.returncode == 78
    assert f"tamis: {message}" in process.stderr and "good" not in process.stdout
    line = next(x for x in tamis.command("doctor").stdout.splitlines() if " configuration " in x)
    assert line.startswith("FAIL") and message in line


def test_config_check_tells_all_that_is_wrong(tamis):
    tamis.set(TAMIS_STATE_DIR="/etc/passwd", TAMIS_FORWARD_CA_FILE="/nonexistent/ca.pem",
              TAMIS_SPOOL_SYNC="process")
    process = tamis.command("config", "check")
    assert process.returncode == 78
    assert "state.dir" in process.stderr and "forward.ca_file" in process.stderr
    assert "A power cut may lose" in process.stdout


def test_forward_refuses_a_missing_ca_file(site):
    process = site.command("forward", "--once=5", "--forward.ca_file=/nonexistent/ca.pem")
    assert process.returncode == 78
    assert "forward.ca_file: /nonexistent/ca.pem: No such file" in process.stderr


def test_anchors_are_refused(tamis):
    file = tamis.directory / "tamis.yaml"
    for text in ("umami: &a {debug: true}\n", "umami:\n  debug: &a true\n",
                 "counters:\n  routes: &a [/x]\n", "counters:\n  routes: [&a /x]\n"):
        file.write_text(text)
        process = tamis.command("config", "check", f"--config={file}")
        assert process.returncode == 78 and "anchors are not understood" in process.stderr


def test_who_only_looks_makes_no_directory(tamis):
    tamis.set(TAMIS_STATE_DIR=tamis.directory / "mistyped")
    for words in (["status"], ["status", "--json"], ["top", "--once"], ["metrics"]):
        process = tamis.command(*words)
        assert process.returncode == 66, words
        assert "mistyped: No such file or directory" in process.stderr and not process.stdout
    assert not (tamis.directory / "mistyped").exists()


def test_status_before_anything_came(tamis):
    tamis.state.mkdir()
    process = tamis.command("status", check=True)
    assert "local only" in process.stdout and "none is needed" in process.stdout
    assert "WARNING" not in process.stdout
    status = json.loads(tamis.command("status", "--json", check=True).stdout)
    assert status["mode"] == "local only"
    assert status["spool"]["events"] == status["events"]["accepted"] == 0


def test_status_warns_when_nobody_forwards(site):
    screen = site.command("status", check=True).stdout
    assert "WARNING: nobody forwards" in screen and "http://127.0.0.1:9" in screen
    assert re.search(r"^spool +3 events, [\d.]+ (bytes|KiB) of 1.0 GiB$", screen, re.M)
    assert re.search(r"^refused +0$", screen, re.M)
    status = json.loads(site.command("status", "--json", check=True).stdout)
    assert status["forwarder"] == {"wanted": True, "alive": False, "forwards": False,
                                   "seen_seconds_ago": None, "upstream_failing_since": None}
    assert status["events"]["accepted"] == status["spool"]["events"] == 3
    assert status["spool"]["bytes"] > 0 and status["spool"]["oldest"] > 0


def test_status_tells_why_events_were_refused(site):
    log = site.directory / "more.log"
    log.write_text((site.directory / "access.log").read_text())
    site.command("import", "--hostname=x", "--website=6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10", log)
    assert re.search(r"^refused +1  \(1 website\)$", site.command("status").stdout, re.M)


def test_status_while_somebody_forwards(site):
    with Upstream(websites=[WEBSITE]) as up:
        site.set(UMAMI_API_URL=up.url)
        forwarder = site.forward()

        def status():
            return json.loads(site.command("status", "--json", check=True).stdout)

        wait_for(lambda: status()["events"]["forwarded"] == 3, "three events to be forwarded")
        wait_for(lambda: status()["forwarder"]["forwards"], "the forwarder to be seen")
        assert "WARNING" not in site.command("status", check=True).stdout
        assert forwarder.poll() is None


def test_status_while_the_upstream_takes_nothing(site):
    def status():
        return json.loads(site.command("status", "--json", check=True).stdout)

    with Upstream(websites=[WEBSITE]) as up:
        site.set(UMAMI_API_URL=up.url)
        site.command("forward", "--once=30", check=True)
    site.set(UMAMI_API_URL="http://127.0.0.1:9")
    log = site.directory / "more.log"
    log.write_text((site.directory / "access.log").read_text().replace("2015", "2016"))
    site.command("import", "--hostname=www.example.com", log, check=True)
    forwarder = site.forward()
    wait_for(lambda: status()["forwarder"]["upstream_failing_since"], "the outage to be noticed")
    now = status()
    assert now["forwarder"]["alive"] and now["events"]["forwarded"] == 3
    assert now["spool"]["events"] == 3, "three are sent, three wait"
    assert "has taken no events" in site.command("status", check=True).stdout
    assert "events from before wait on the spool" in site.logs()
    assert "server; 3 events wait" in site.logs(), "no code without an answer"
    forwarder.terminate()
    assert forwarder.wait(10) == 0


def test_forward_once_needs_a_website(tamis):
    process = tamis.command("forward", "--once=3")
    assert process.returncode == 78
    assert "no website id is set" in process.stderr and "not all" not in process.stderr


def test_forward_once_and_sigterm(site):
    with Upstream(websites=[WEBSITE]) as up:
        site.set(UMAMI_API_URL=up.url)
        site.command("forward", "--once=30", check=True)
        assert len(up.events) == 3
        forwarder = site.forward()
        wait_for(lambda: "started" in site.logs(), "the forwarder")
        assert site.command("forward", "--once").returncode == 75
        forwarder.terminate()
        assert forwarder.wait(10) == 0


def test_forward_once_tells_what_it_could_not_do(site):
    process = site.command("forward", "--once=1")
    assert process.returncode == 69
    assert "not all was taken" in process.stderr


def test_metrics(site):
    metrics = site.metrics()
    assert metrics["tamis_events_accepted_total"] == 3
    assert metrics["tamis_events_received_total"] == 3
    assert metrics["tamis_spool_events"] == 3
    assert metrics["tamis_spool_bytes"] > 0


def test_spool_commands(site):
    cat = site.command("spool", "cat", check=True).stdout.splitlines()
    assert [json.loads(event)["payload"]["url"] for event in cat] == ["/user/[REDACTED_EMAIL]"] * 3
    rows = site.command("spool", "ls", check=True).stdout.splitlines()
    size, events, damaged, oldest, newest, segment = rows[1].split()
    assert (events, damaged) == ("3", "0")
    assert int(size) > 0 and oldest <= newest and pathlib.Path(segment).exists()
    verify = site.command("spool", "verify", check=True)
    assert verify.stdout == "3 events are intact, 0 places are damaged\n"
    assert site.command("spool", "cat", "--dead", check=True).stdout == ""


def test_dead_letters_have_their_reason(site):
    with Upstream(websites=["6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10"]) as up:
        site.set(UMAMI_API_URL=up.url)
        site.command("forward", "--once=30", check=True)
    letters = site.command("spool", "cat", "--dead", check=True).stdout.splitlines()
    assert len(letters) == 3
    letter = json.loads(letters[0])
    assert letter["status"] == 400 and letter["reason"]
    assert abs(letter["dead"] - time.time()) < 3600
    assert letter["event"]["payload"]["url"] == "/user/[REDACTED_EMAIL]"
    assert json.loads(site.command("status", "--json").stdout)["dead_letters"] == 3
    assert site.command("spool", "verify", check=True).stdout.startswith("3 events are intact")


def test_a_damaged_spool_is_told(site):
    segment = site.command("spool", "ls", check=True).stdout.splitlines()[1].split()[-1]
    data = bytearray(pathlib.Path(segment).read_bytes())
    data[data.index(b"/user/")] ^= 1
    pathlib.Path(segment).write_bytes(data)
    verify = site.command("spool", "verify")
    assert verify.returncode == 65
    assert verify.stdout == "2 events are intact, 1 places are damaged\n"
    assert segment in verify.stderr
    assert len(site.command("spool", "cat", check=True).stdout.splitlines()) == 2
    assert site.command("spool", "ls", check=True).stdout.splitlines()[1].split()[1:3] == ["2", "1"]


def test_manual_names_commands_and_extensions():
    text = MANUAL.read_text()
    for name in COMMANDS:
        assert re.search(rf"^\.It Ic {name}( |$)", text, re.M), name
    assets = re.findall(r'^ASSET\("(\w+)"\)', (SOURCE / "src/import/import_asset.def").read_text(), re.M)
    listed = re.search(r"The extensions are:\n\.Bd [^\n]*\n(.*?)\n\.Ed", text, re.S).group(1)
    assert listed.split() == assets == sorted(assets)


def test_manual_of_the_configuration_names_every_key(tamis):
    text = YAML_MANUAL.read_text()
    keys = [row.split(":")[0] for row in tamis.command("config", "show").stdout.splitlines()]
    assert keys == re.findall(r"^\.It Ic (\S+)$", text, re.M)
    assert len(re.findall(r"^\.Ev (UMAMI|TAMIS|DATABASE|APP)_\w+ \.$", text, re.M)) >= len(keys)


@pytest.mark.parametrize("page", [MANUAL, YAML_MANUAL], ids=lambda page: page.name)
def test_manuals_are_good_mdoc(page):
    if not shutil.which("mandoc"):
        pytest.skip("mandoc is not installed")
    lint = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True)
    assert lint.stdout == ""


def examples(page):
    """Commands of a manual's EXAMPLES: .Dl lines and .Bd blocks."""
    text = page.read_text().split(".Sh EXAMPLES")[1].split("\n.Sh")[0]
    text = text.replace(r"\(dq", '"')
    return (re.findall(r"^\.Dl (.*)$", text, re.M)
            + re.findall(r"^\.Bd [^\n]*\n(.*?)\n\.Ed", text, re.M | re.S))


@pytest.mark.parametrize("example", examples(MANUAL))
def test_examples_of_the_manual_run(site, example):
    """As they stand, but for where the logs lie and the other machine."""
    log = f'192.0.2.9 - - [18/May/2015:10:00:00 +0000] "GET /n HTTP/1.1" 200 5 "-" "{BROWSER}"\n'
    (site.directory / "access.log").write_text(log)
    command = re.sub(r"/var/log/\w+/", f"{site.directory}/", example).replace("ssh web ", "")
    environment = {**site.environment, "PATH": f"{BUILD}:{os.environ['PATH']}"}
    process = subprocess.run(["bash", "-o", "pipefail", "-c", command], env=environment,
                             capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    if "import" in command:
        assert "1 views taken" in process.stdout
    if "uniq" in command:
        assert '3 "hostname":"www.example.com"' in process.stdout


def test_example_of_the_configuration_is_good(tamis):
    file = tamis.directory / "tamis.yaml"
    text = YAML_MANUAL.read_text().split(".Sh EXAMPLES")[1]
    file.write_text(re.search(r"\.Bd [^\n]*\n(.*?)\n\.Ed", text, re.S).group(1))
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    shown = tamis.command("config", "show", f"--config={file}", check=True).stdout
    assert 'counters.routes: ["/orders/{id}", "/products/{id}"]' in shown
