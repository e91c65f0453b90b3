"""sanitize as a filter: classes, actions, options, records of any size, errors."""
import json
import signal
import subprocess

import pytest

from conftest import shared
from sanitize_tool import CLEAN, DIRTY, SANITIZE, clean, make_key, records, run


def test_two_given_examples():
    assert clean("/user/john@example.com/reset?token=abc123\n") == (
        "/user/[REDACTED_EMAIL]/reset?token=[REDACTED]\n")
    assert clean("{'email': 'user@test.com', 'action': 'login'}\n") == (
        "{'email': '[REDACTED_EMAIL]', 'action': 'login'}\n")


@pytest.mark.parametrize("data", [b"", b"\n", b"x", b"x\n", b"\n\n\n", b"x\r\ny\r\n",
                                  b"\0\xff\xfe\n\0", b"\x1f", b"\x28\xb5", b"\x1f\x8b"[:1] + b"x\n"])
def test_other_bytes_stay(data):
    done = run(stdin=data)
    assert (done.returncode, done.stdout) == (0, data)


@pytest.mark.parametrize("mask", ['"q"\\x', "x,y", "a b", "x\ny", "it's", "a;b", "a|b", "a&b", "<b>", "\x7f"])
def test_a_mask_that_would_break_a_format_is_refused(mask, tmp_path):
    done = run(f"--email=mask:{mask}", stdin=b'{"e":"a@example.com"}\n')
    assert done.returncode == 2 and done.stdout == b"" and b"--email: email: a mask must not hold" in done.stderr
    rules = tmp_path / "rules.yaml"
    rules.write_text(json.dumps({"hex_min": 20, "classes": {"email": "mask:" + mask}}, indent=1))
    done = run(f"--rules={rules}")
    assert done.returncode == 2 and b"line 4: email: a mask must not hold" in done.stderr
    rules.write_text(json.dumps({"own": {"x": {"anchor": "AB", "pattern": "AB", "placeholder": mask}}}, indent=1))
    done = run(f"--rules={rules}")
    assert done.returncode == 2 and b"line 6: own.x.placeholder: must not hold" in done.stderr


@pytest.mark.parametrize("option, text, out", [
    ("--ip=redact", "at 10.1.2.3", "at [REDACTED_IP]"),
    ("--ip=keep", "at 10.1.2.3", "at 10.1.2.3"),
    ("--ip=truncate", "at 10.1.2.3", "at 10.1.2.0"),
    ("--ip=truncate/16,32", "at 10.1.2.3", "at 10.1.0.0"),
    ("--ip=drop", "at 10.1.2.3", ""),
    ("--card=last4", "card 4111111111111111", "card [REDACTED_CARD_1111]"),
    ("--email=mask:(mail)", "to a@b.example", "to (mail)"),
    ("--email=keep", "to a@b.example", "to a@b.example"),
    ("--email=drop", "to a@b.example", ""),
    ("--mac=redact", "00:1b:63:84:45:e6", "[REDACTED_MAC]"),
    ("--only=email", "a@b.example 10.1.2.3", "[REDACTED_EMAIL] 10.1.2.3"),
    ("--only=mac,ip", "a@b.example 10.1.2.3", "a@b.example 10.1.2.0"),
    ("--except=email", "a@b.example 10.1.2.3", "a@b.example 10.1.2.0"),
    ("--hex-min=16", "id 0123456789abcdef0", "id [REDACTED_HEX]"),
])
def test_actions(option, text, out):
    assert clean(text + "\n", option) == (out + "\n" if out else "")


def test_pseudonyms_are_equal_for_equal_values_only(tmp_path):
    key = make_key(tmp_path)
    out = clean("a@b.example c@d.example A@B.example\n", "--email=pseudonym",
                f"--pseudonym-key-file={key}")
    first, second, third = out.split()
    assert first.startswith("[EMAIL:") and len(first) == len("[EMAIL:") + 13 + 1
    assert first != second
    assert clean(out, "--email=pseudonym", f"--pseudonym-key-file={key}") == out
    other = make_key(tmp_path, b"0123456789abcdef0123456789ABCDEF\n")
    assert first not in clean("a@b.example\n", "--email=pseudonym", f"--pseudonym-key-file={other}")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_key_that_others_can_read_is_refused(tmp_path, mode):
    key = make_key(tmp_path)
    key.chmod(mode)
    done = run("--email=pseudonym", f"--pseudonym-key-file={key}", stdin=DIRTY)
    assert done.returncode == 2 and done.stdout == b""
    assert b"only its owner" in done.stderr


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 17, b"g" * 32])
def test_key_of_another_shape_is_refused(tmp_path, content):
    done = run("--email=pseudonym", f"--pseudonym-key-file={make_key(tmp_path, content)}")
    assert done.returncode == 2 and b"neither 16 bytes nor 32" in done.stderr


def test_pseudonyms_of_one_value_however_it_is_spelt(tmp_path):
    key = make_key(tmp_path, bytes(range(16)))
    for values in (["2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1%eth0"],
                   ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201"], ["+4930901820", "0049 30 901820", "+49 (30) 901820"]):
        out = clean("\n".join(values) + "\n", "--ip=pseudonym", "--phone=pseudonym", f"--pseudonym-key-file={key}").split()
        assert len(set(out)) == 1 and len(out) == len(values) and out[0].startswith(("[IP:", "[PHONE:")), out


def test_pseudonym_without_a_key_is_refused():
    done = run("--email=pseudonym", stdin=DIRTY)
    assert done.returncode == 2 and done.stdout == b"" and b"--pseudonym-key-file" in done.stderr


@pytest.mark.parametrize("arguments, word", [
    (["--no-such"], b"--no-such"), (["-Q"], b"-Q"), (["--format=xml"], b"logfmt"),
    (["--email=explode"], b"no such action"), (["--card=truncate"], b"last4"),
    (["--api-key=burn"], b"--api-key:"),
    (["--ip=truncate/33"], b"0..32"), (["--only=emails"], b"emails"),
    (["--only=email", "--except=ip"], b"exclude each other"), (["-j", "x"], b"--jobs"),
    (["-f", "url", "--field", "a=drop"], b"no fields"), (["--report=json"], b"--check"), (["-i"], b"needs a file"), (["--field=user"], b"NAME=ACTION"),
    (["--field=user=explode"], b"no such action"), (["--hex-min=1"], b"16 to 1024"),
    (["--log-format=%Z"], b"specifier"), (["--log-format=%h%e"], b"between"),
    (["--check", "--diff"], b"only one of"), (["--output"], b"argument is missing: --output=FILE"), (["-f"], b"missing: -f auto|text|"),
    (["--from-end"], b"--follow only"), (["--follow", "-"], b"standard input alone"), (["-i", "-o", "x", "y"], b"exclude each other"),
    (["--config", "x"], b"no option --config;"), (["--config=x"], b"no option --config;"),
    (["--quiet=1"], b"--quiet takes no argument"), (["--re"], b"--re: several options"),
    (["-f=json"], b"--format="), (["-i=.bak", "x"], b"--in-place="), (["-qj=2"], b"--jobs="),
    (["-i", "-"], b"standard input (-)"), (["-i.bak", "a", "-"], b"standard input (-)"),
    (["-ir", "."], b"-i -r"), (["-irq", "."], b"-i -rq"), (["-e", "x", "file"], b"take no files"),
    (["--only="], b"names no class"), (["--output="], b"name is empty"), (["-o", ""], b"name is empty"),
    (["--rules=/nonexistent"], b"--rules"), (["--allow=/nonexistent"], b"--allow"),
])
def test_wrong_use_is_exit_2_and_named(arguments, word):
    done = run(*arguments, stdin=DIRTY)
    assert done.returncode == 2 and done.stdout == b"" and word in done.stderr, done.stderr


@pytest.mark.parametrize("jobs", [1, 2, 5, 0])
def test_order_is_kept_by_any_number_of_jobs(jobs):
    data, out = records(60000)
    done = run("-j", jobs, stdin=data)
    assert done.returncode == 0 and done.stdout == out


@pytest.mark.parametrize("jobs", [1, 3])
def test_lines_longer_than_a_block(jobs):
    line = b"x" * 300000 + b" a@b.example " + b"y" * 2500000 + b" c@d.example\n"
    out = line.replace(b"a@b.example", b"[REDACTED_EMAIL]").replace(b"c@d.example",
                                                                    b"[REDACTED_EMAIL]")
    short, short_out = records(10)
    done = run("-j", jobs, "--only=email,secret,ip", stdin=short + line + short + line[:-1])
    assert done.returncode == 0, done.stderr
    # A run of more than 64 KiB of one word may be taken whole: look at the ends only.
    assert done.stdout.startswith(short_out) and b"@" not in done.stdout
    assert short_out in done.stdout[len(short_out):]
    assert len(out) > 2500000


def test_an_endless_line_takes_bounded_memory():
    process = subprocess.Popen([SANITIZE], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    piece = b"some words without any newline, " * 4096
    for _ in range(400):
        process.stdin.write(piece)
    process.stdin.flush()
    with open(f"/proc/{process.pid}/status") as status:
        peak = next(int(row.split()[1]) for row in status if row.startswith("VmHWM"))
    process.stdin.close()
    assert process.wait(60) == 0
    if b"asan" not in open(SANITIZE, "rb").read():
        assert peak < 16384, f"{peak} kB"


def test_a_line_of_a_pipe_is_not_held_back():
    process = subprocess.Popen([SANITIZE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for _ in range(3):
        process.stdin.write(b"to a@b.example\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"to [REDACTED_EMAIL]\n"
    process.stdin.close()
    assert process.wait(60) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_server_that_ends_its_loggers_loses_no_line(number):
    """Its old processes write on for a moment; the end of the pipe is the end."""
    process = subprocess.Popen([SANITIZE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for name in ("first", "second", "third"):
        process.stdin.write(f"{name} a@b.example\n".encode())
        process.stdin.flush()
        assert process.stdout.readline() == f"{name} [REDACTED_EMAIL]\n".encode()
        process.send_signal(number)
    process.stdin.write(b"last c@d.example")
    process.stdin.close()
    assert process.stdout.read() == b"last [REDACTED_EMAIL]"
    assert process.wait(60) == 0


def test_an_interrupt_ends_it_at_once():
    process = subprocess.Popen([SANITIZE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(b"first a@b.example\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"first [REDACTED_EMAIL]\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.read() == b"" and process.wait(4) == 2
    process.stdin.close()


def test_broken_pipe_is_told():
    process = subprocess.Popen([SANITIZE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    process.stdout.close()
    data, _ = records(1000)
    try:
        process.stdin.write(data * 20)
        process.stdin.close()
    except BrokenPipeError:
        pass
    assert process.wait(60) == 2
    assert b"Broken pipe" in process.stderr.read()


def test_full_device_is_told():
    with open("/dev/full", "wb") as full:
        done = subprocess.run([SANITIZE], input=DIRTY, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2 and b"No space left" in done.stderr


def test_cleaning_twice_changes_nothing():
    data, out = records(2000)
    assert run(stdin=out).stdout == out
    assert run("--check", stdin=out).returncode == 0


def test_labelled_cases_keep_their_lines():
    import gzip
    import json
    path = shared("data/sanitizer-cases.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        texts = [json.loads(row)["text"] for row in rows]
    texts = [t for t in texts if not set("\n\r\0") & set(t)]
    data = "".join(t + "\n" for t in texts).encode()
    done = run("--ip=redact", stdin=data)
    assert done.returncode == 0 and done.stdout.count(b"\n") == len(texts)
    assert run("--ip=redact", "-j2", stdin=data * 20).stdout == done.stdout * 20
    assert run("--ip=redact", stdin=done.stdout).stdout == done.stdout


def test_list_classes_and_version_and_help():
    classes = run("--list-classes", "--ip=drop").stdout.decode()
    assert "[REDACTED_EMAIL]" in classes and "api-key" in classes
    assert any(row.split()[:2] == ["ip", "drop"] for row in classes.splitlines())
    assert run("--version").stdout.startswith(b"sanitize ")
    text = run("--help").stdout.decode()
    for word in ("--format", "--email", "--pseudonym-key-file", "--in-place"):
        assert word in text


def test_explain_names_rule_class_and_place():
    out = run("--explain", "/user/john@example.com/reset?token=abc123").stdout.decode()
    assert "7-22 'john@example.com'" in out and "email" in out and "36-41" in out
    assert "result: /user/[REDACTED_EMAIL]/reset?token=[REDACTED]" in out
    assert "name: token\n" in out
    assert "name: api_key\n" in run("-e", '{"api_key": "k1x"}').stdout.decode()
    assert "nothing found" in run("-e", "hello").stdout.decode()


def test_stats_count_by_class():
    done = run("--stats", stdin=DIRTY)
    assert done.stdout == CLEAN
    assert b"email 1" in done.stderr and b"ip 1" in done.stderr


def takers():
    """(letter or None, name, argument that it accepts) of every option that takes one."""
    import re
    samples = {"FORMAT": "COMBINED", "NAME=ACTION": "user=keep", "N": "17", "TEXT": "=x",
               "CLASS,...": "email", "FILE": "{file}"}
    for letter, name, argument in re.findall(r"^  (?:-(\w),|   ) --([a-z0-9-]+)=(\S+)$",
                                             run("--help").stdout.decode(), re.M):
        yield letter, name, samples.get(argument, argument.split("|")[0])


def test_every_argument_may_follow_an_equals_sign_or_stand_apart(tmp_path):
    listed = list(takers())
    assert len(listed) > 25 and {"f", "o", "j", "z", "e"} <= {row[0] for row in listed}
    for letter, name, sample in listed:
        file = make_key(tmp_path, b"")
        if name == "pseudonym-key-file":
            file = make_key(tmp_path)
        value = sample.format(file=file)
        more = ["--check"] if name == "report" else []
        forms = [[f"--{name}={value}"], [f"--{name}", value]]
        forms += [[f"-{letter}", value]] if letter else []
        forms += [["-" + letter + value]] if letter and value[0] != "=" else []
        done = [run(*form, *more, stdin=b"plain\n") for form in forms]
        assert {d.returncode for d in done} == {0}, (name, done)
        assert len({d.stdout for d in done}) == 1, name
