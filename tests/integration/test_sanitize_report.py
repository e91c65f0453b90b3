"""sanitize --check, --report, --diff, --stats: what is told, and that values never are."""
import json
import os
import pathlib
import subprocess

import pytest

from conftest import BUILD
from sanitize_tool import DIRTY, SANITIZE, clean, make_key, record, records, run

SECRETS = [b"b@c.example", b"10.1.2.3"]


@pytest.mark.parametrize("data, status", [(DIRTY, 1), (b"nothing here\n", 0), (b"", 0)])
def test_exit_status_of_check(data, status):
    done = run("--check", stdin=data)
    assert (done.returncode, done.stdout) == (status, b"")


def test_trouble_beats_found(tmp_path):
    dirty = tmp_path / "dirty"
    dirty.write_bytes(DIRTY)
    done = run("--check", "--report=text", dirty, tmp_path / "missing")
    assert done.returncode == 2 and b"dirty:1:3: email" in done.stdout


def test_text_report_names_places_not_values(tmp_path):
    dirty = tmp_path / "dirty"
    dirty.write_bytes(b"clean\n" + DIRTY)
    done = run("--check", "--report=text", dirty)
    name = str(dirty).encode()
    assert done.stdout == (name + b":2:3: email (email)\n" + name +
                           b":3:1: ip (ip4)\n2 found: email 1, ip 1\n")
    assert not any(secret in done.stdout + done.stderr for secret in SECRETS)


def test_json_report_is_json(tmp_path):
    folder = tmp_path / 'odd "name"\\'
    folder.mkdir()
    (folder / "a").write_bytes(DIRTY)
    (folder / "b").write_bytes(b"clean\n")
    done = run("--check", "--report=json", "-r", folder)
    report = json.loads(done.stdout)
    assert report["counts"] == {"email": 1, "ip": 1}
    assert (report["total"], report["files"], report["bytes"]) == (2, 2, len(DIRTY) + 6)
    assert report["findings"][0] == {"file": str(folder / "a"), "line": 1, "column": 3,
                                     "class": "email", "rule": "email"}
    assert json.loads(run("--check", "--report=json").stdout)["findings"] == []
    odd = os.fsencode(tmp_path) + b"/\xff\xc3\xa9\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82\x7f\n"
    with open(odd, "wb") as file:
        file.write(DIRTY)
    done = subprocess.run([SANITIZE, "--check", "--report=json", odd], capture_output=True)
    assert json.loads(done.stdout.decode("utf-8", "strict"))["findings"][0]["file"] == (
        str(tmp_path) + "/\ufffd\u00e9" + 3 * "\ufffd" + 4 * "\ufffd" + 2 * "\ufffd" + "\x7f\n")


def test_names_of_files_give_no_orders_to_terminals(tmp_path):
    odd = tmp_path / "a\n\x1b[31mé\x7f\u0085"
    odd.write_bytes(DIRTY)
    said = f"{tmp_path}/a\\012\\033[31mé\\177\u0085".encode().replace(b"\xc2\x85", b"\xc2\\205")
    done = run("--check", "--report=text", odd)
    assert done.stdout.splitlines()[0] == said + b":1:3: email (email)" and done.stdout.count(b"\n") == 3
    assert run("--diff", odd).stdout.startswith(b"--- " + said + b"\n+++ " + said + b", sanitized\n@@")
    odd.unlink()
    assert run(odd).stderr.startswith(b"sanitize: " + said + b": ")


@pytest.mark.parametrize("jobs", [1, 4])
def test_places_are_right_over_many_blocks(jobs):
    count = 40000
    data, _ = records(count)
    done = run("--check", "--report=json", "--only=email", "-j", jobs, stdin=data)
    findings = json.loads(done.stdout)["findings"]
    assert [f["line"] for f in findings] == list(range(1, count + 1))
    for number in (0, 7, count - 1):
        line, _ = record(number)
        assert findings[number]["column"] == line.index(b"user") + 1


def test_check_agrees_with_cleaning():
    data, out = records(1000)
    assert run("--check", stdin=out).returncode == 0
    assert run("--check", stdin=data).returncode == 1


@pytest.mark.parametrize("arguments, data, place", [
    (["-f", "json", "--field", "name=redact"], '{"a":1,\n "name":"bob"}\n', "2:9: field (name)"),
    (["-f", "logfmt", "--field", "user=drop"], "x=1 user=bob\n", "1:4: field (user)"),
    (["-f", "csv"], "id,password\n1,abc\n", "2:3: secret"),
    (["-f", "csv", "--field", "id=redact"], "id,x\n1,abc\n", "2:1: field (id)"),
    (["-f", "combined", "--field", "host=redact"], "not a log line\n", "1:1: field (line)"),
])
def test_fields_are_found_where_they_would_be_taken(arguments, data, place):
    done = run("--check", "--report=text", *arguments, stdin=data.encode())
    assert done.returncode == 1 and f"standard input:{place}" in done.stdout.decode()
    again = clean(data, *arguments)
    assert run("--check", *arguments, stdin=again.encode()).returncode == 0


def test_truncated_addresses_are_not_found_again():
    data = b"10.1.2.0 2001:db8:1:: ::ffff:10.1.2.0 10.1.20.130\n"
    for option, column in (("--ip=truncate", 39), ("--ip=truncate/31", None)):
        found = json.loads(run("--check", "--report=json", option, stdin=data).stdout)["findings"]
        assert [f["column"] for f in found] == ([column] if column else [])
    assert run("--check", "--ip=redact", stdin=data).returncode == 1


def test_kept_fields_are_not_found():
    text = b'{"mail":"a@b.example","x":"c@d.example"}\n'
    done = run("--check", "--report=json", "--field", "mail=keep", stdin=text)
    assert [f["column"] for f in json.loads(done.stdout)["findings"]] == [28]


def test_long_record_is_reported_at_its_beginning():
    line = b"words and words " * 100000 + b"a@b.example\n"
    done = run("--check", "--report=text", stdin=b"x\n" + line + b"c@d.example\n")
    assert done.returncode == 1
    assert done.stdout.startswith(b"standard input:2:1: email (email)\n"
                                  b"standard input:3:1: email (email)\n")


def test_long_record_is_counted_in_full():
    mails = ",".join(f'{{"mail":"user{i}@mail.example","id":{i}}}' for i in range(40000))
    data = f"[{mails}]\n".encode()
    assert len(data) > 1500000
    report = json.loads(run("--check", "--report=json", stdin=b"{}\n" + data).stdout)
    assert report["counts"] == {"email": 40000} and report["total"] == 40000
    assert report["bytes"] == len(data) + 3
    assert report["findings"] == [{"file": "standard input", "line": 2, "column": 1, "class": "email",
                                   "rule": "email", "count": 40000}]
    text = run("--check", "--report=text", stdin=data).stdout.decode()
    assert text == "standard input:1:1: email (email), 40000 times\n40000 found: email 40000\n"
    for arguments in (["--stats"], ["--stats", "--check"], ["--stats", "--diff"]):
        said = run(*arguments, stdin=data).stderr.decode()
        assert f" {len(data) / 1e6:.1f} MB in" in said, said


@pytest.mark.parametrize("form", ["logfmt", "auto", "csv"])
def test_a_record_that_would_be_withheld_is_found(form):
    data = b"name\nx@example.com " + b"y " * 600000
    arguments = ["-f", form, "--field", "user=redact"]
    assert run(*arguments, stdin=data).stdout == b"name\n[REDACTED]\n"
    done = run("--check", "--report=text", *arguments, stdin=data)
    assert done.returncode == 1
    assert done.stdout == b"standard input:2:1: field (record)\n1 found: fields 1\n"
    assert run("--check", *arguments, stdin=b"name\n[REDACTED]\n").returncode == 0


def test_a_private_key_is_one_however_many_lines_it_has():
    kind = "PRIV" + "ATE KEY-----"
    body = "".join(f"{i:08d}" + "A/b+" * 14 + "\r\n" for i in range(9))
    block = f"-----BEGIN RSA {kind}\r\n{body}-----END RSA {kind}\r\n"
    text = ("x\n" + 2 * block + "y\n" + block).encode()
    report = run("--check", "--report=text", "--stats", stdin=text)
    assert [line.split(b":")[1] for line in report.stdout.splitlines()[:3]] == [b"3", b"14", b"26"]
    assert report.stdout.endswith(b"3 found: api_key 3\n")
    assert b" 3 taken: api_key 3\n" in report.stderr
    assert b" 3 taken: api_key 3\n" in run("--stats", stdin=text).stderr
    assert b"A/b+" not in run("--diff", stdin=text).stdout
    # Keys that stand each in their own line are not one.
    assert run("-c", "--report=text", stdin=b"AKIA" + b"Z3UXTRNDEXAMPLQ2\nAKIA" + b"Z3UXTRNDEXAMPLQ3\n").stdout.endswith(
        b"2 found: api_key 2\n")


def test_full_device_under_a_report():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([SANITIZE, "--check", "--report=text"], input=DIRTY, stdout=full,
                              stderr=subprocess.PIPE)
    assert done.returncode == 2 and b"report" in done.stderr


def test_diff_masks_values(tmp_path):
    path = tmp_path / "app.log"
    path.write_bytes(b"clean\n" + DIRTY + b"clean\n")
    before = path.stat().st_mtime_ns
    done = run("--diff", path)
    assert done.returncode == 0 and path.stat().st_mtime_ns == before
    assert done.stdout.decode() == (
        f"--- {path}\n+++ {path}, sanitized\n@@ line 2 @@\n-a ***\n+a [REDACTED_EMAIL]\n"
        "@@ line 3 @@\n-*** x\n+10.1.2.0 x\n")
    assert not any(secret in done.stdout for secret in SECRETS)
    assert run("--diff", stdin=b"clean\n").stdout == b""


def test_diff_of_a_dropped_line_and_of_fields():
    assert b"+" not in run("--diff", "--email=drop", "--ip=keep", stdin=DIRTY).stdout.split(b"@@")[-1]
    out = run("--diff", "-f", "logfmt", "--field", "user=redact", stdin=b"user=bob x=1\n").stdout
    assert b"-user=*** x=1\n+user=[REDACTED] x=1\n" in out


def test_errors_and_reports_never_hold_input(tmp_path):
    canary = "canary-7c1f"
    data = (f"mail {canary}@b.example password={canary} user={canary}\n" * 50).encode()
    key = make_key(tmp_path)
    bad = tmp_path / "bad.gz"
    bad.write_bytes(b"\x1f\x8b" + data)
    for arguments in (["--check", "--report=text"], ["--check", "--report=json"], ["--stats"],
                      ["--check", "--field", "user=redact"], [bad], ["-i", bad], ["--diff"],
                      ["--email=pseudonym", f"--pseudonym-key-file={key}"]):
        done = run(*arguments, stdin=data)
        said = done.stderr + (done.stdout if "--check" in arguments else b"")
        assert canary.encode() not in said, arguments


def complete(words):
    """What bash would offer for the last of the words."""
    script = pathlib.Path(BUILD) / "sanitizer/command/bash/sanitize"
    code = (f'source "{script}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sanitize; '
            'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", code, "bash", *words], capture_output=True, text=True,
                          check=True)
    return done.stdout.split()


def test_bash_completion_comes_from_the_table():
    assert complete(["sanitize", "--form"]) == ["--format="]
    assert complete(["sanitize", "--format", "=", "j"]) == ["json"]
    assert complete(["sanitize", "--format", "="]) == ["auto", "text", "json", "logfmt", "combined",
                                                      "url", "csv"]
    assert complete(["sanitize", "-f", "c"]) == ["combined", "csv"]
    assert "last4" in complete(["sanitize", "--card", "=", ""])
    offered = complete(["sanitize", "--"])
    for option in offered:
        name = option.rstrip("=")
        done = run(name, "--help") if name == option else run(f"{name}=\1", "--help")
        assert b"no option" not in done.stderr, option


def test_zsh_completion_and_help_know_the_same_options():
    zsh = (pathlib.Path(BUILD) / "sanitizer/command/zsh/_sanitize").read_text()
    assert zsh.startswith("#compdef sanitize\n")
    # A colon ends a list of choices unless it is escaped.
    assert "mask\\:" in zsh and "mask: " not in zsh
    text = run("--help").stdout.decode()
    for option in complete(["sanitize", "--"]):
        assert option.rstrip("=") in zsh and option.rstrip("=") in text


def test_a_field_that_no_line_had_is_told(tmp_path):
    options = ["--field", "nosuch=drop", "--field", "User=redact", "--field", "late=keep"]
    note = b"sanitize: --field nosuch: no line had this field\n"
    data = b"user=bob x=1\n" * 100000 + b"late=1\n"
    for form in ([], ["-j3"], ["-f", "logfmt"], ["--check"], ["--diff"], ["--uuid=drop"]):
        done = run(*options, *form, stdin=data)
        assert done.stderr == note and done.returncode == (1 if "--check" in form else 0), form
    assert run(*options, "--quiet", stdin=data).stderr == b""
    assert run(*options, stdin=b"").stderr == b""
    rows = b'{"late":{"user":1}}\n'
    assert run(*options, "-f", "json", stdin=rows).stderr == note
    assert run("--field", "user=drop", "--field", "late.user=keep", "-fjson", stdin=rows).stderr == b""
    assert run(*options, "-f", "csv", stdin=b"USER,late\n").stderr == note
    path = tmp_path / "a.log"
    path.write_bytes(data)
    assert run(*options, "-i", path).stderr == note
    # A rule file is written for many inputs.
    rules = tmp_path / "rules.yaml"
    rules.write_text("fields: {other: drop}\n")
    assert run(f"--rules={rules}", stdin=data).stderr == b""


def test_stats_count_what_was_no_json():
    data = b'{"a":1}\nbroken x\n\n{"b": nope}\n[1,\n2]\n' * 1000
    for form in ([], ["-j2"], ["--field", "a=keep"]):
        done = run("-f", "json", "--stats", *form, stdin=data)
        assert done.returncode == 0 and done.stdout == data
        assert b"sanitize: 2000 records were no JSON, read as text\n" in done.stderr
    done = run("-f", "json", "--stats", "--check", stdin=b'{"a":1}\nbroken x\n')
    assert b"1 record was no JSON, read as text\n" in done.stderr
    assert b"JSON" not in run("-f", "json", "--stats", stdin=b'{"a":1}\n\n7\n').stderr
    assert run("-f", "json", stdin=data).stderr == b""
