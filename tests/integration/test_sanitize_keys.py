"""Private keys over many lines of a log: nothing of a key stays, and a mere header takes nothing with it."""
import json

import pytest

from test_sanitize_formats import clean

KIND = "PRIV" + "ATE KEY"
BEGIN, END = f"-----BEGIN RSA {KIND}-----", f"-----END RSA {KIND}-----"
BODY = ["MIIEowIBAAKCAQEA1c7+9z5Pad7OejecsQ0buozY+kw7mVbBFJqWZKvLk1Ng0aGc", "A/b+" * 15 + "c1d2", "abcd=="]
STAMP = "2026-11-02T10:11:12.123456Z"


def logged(line, **more):
    """As container runtimes keep a line."""
    return json.dumps({"log": line + "\n", "stream": "stdout", "time": STAMP, **more}, separators=(",", ":"))


LOGS = {"text": [f"{STAMP} INFO request {i} done status=200 path=/health" for i in range(1000)],
        "logfmt": [f'ts={STAMP} level=info msg="request {i} done" path=/health/{i}' for i in range(1000)],
        "json": [logged(f"request {i} done") for i in range(1000)]}
HEADERS = {"text": f"{STAMP} INFO found {BEGIN}", "logfmt": f'ts={STAMP} msg="found {BEGIN}"', "json": logged(BEGIN)}


@pytest.mark.parametrize("options", [[], ["-f", "text"], ["-j3"], ["--api-key=drop"], ["--field", "user=drop"]])
@pytest.mark.parametrize("kind", LOGS)
def test_a_header_that_no_key_follows_takes_no_line(kind, options):
    text = "\n".join([HEADERS[kind], *LOGS[kind]]) + "\n"
    assert clean(text, *options) == text


def test_a_header_in_a_document_leaves_what_is_beside_it():
    for text in (f'{{"msg":"{BEGIN}","b":1}}', f'{{"msg":"{BEGIN}"}}', f'["{BEGIN}","{END}"]'):
        assert clean(text + "\n", "-f", "json") == text + "\n" == clean(text + "\n")


def test_a_key_in_the_log_of_a_container():
    lines = [logged(line, host="198.51.100.7") for line in (BEGIN, "Proc-Type: 4,ENCRYPTED", "", *BODY, END, "next")]
    out = clean("\n".join(lines) + "\n")
    cleaned = [json.loads(line) for line in out.splitlines()]
    assert [line["log"] for line in cleaned] == [
        BEGIN + "\n", "Proc-Type: 4,ENCRYPTED\n", "\n", "[REDACTED_API_KEY]\n", "\n", "\n", END + "\n", "next\n"]
    assert {line["host"] for line in cleaned} == {"198.51.100.0"}
    assert clean(out) == out


@pytest.mark.parametrize("around", [(f"{STAMP} INFO app: ", ""), ("", ""), ('    "', '\\n" +'), ("  - ", ""), ("'", "',")])
def test_a_key_whose_end_is_missing(around):
    """What follows is a log again, be its lines ever so short."""
    before, behind = around
    behind_it = [before + "user a@b.example logged in" + behind, "done", "x=1"]
    text = "\n".join([BEGIN] + [before + line + behind for line in BODY] + behind_it) + "\n"
    out = clean(text)
    for line in BODY:
        assert line not in out
    assert out.splitlines()[-3:] == [before + "user [REDACTED_EMAIL] logged in" + behind, *behind_it[1:]]
    assert out.count("[REDACTED_API_KEY]") == 1 and clean(out) == out


def test_what_stands_beside_the_end_is_cleaned():
    text = f"{BEGIN}\n{BODY[0]}\nabcd== {END} from 198.51.100.7, a@b.example\n"
    assert clean(text) == f"{BEGIN}\n[REDACTED_API_KEY]\n {END} from 198.51.100.0, [REDACTED_EMAIL]\n"


@pytest.mark.parametrize("option", ["--only=email", "--except=api-key", "--api-key=keep"])
def test_keys_that_are_kept(option):
    text = "\n".join([BEGIN, *BODY, END, "plain"]) + "\n"
    assert clean(text, option) == text


def test_lines_like_a_keys_are_one_only_so_long():
    lines = [f"{i:04d}" + "Ab3+" * 10 for i in range(600)]
    out = clean("\n".join([BEGIN, *lines]) + "\n").splitlines()
    assert out[1] == "[REDACTED_API_KEY]" and out[500] == "" and out[-1] == lines[-1]
