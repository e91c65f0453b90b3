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


@pytest.mark.parametrize("between", [
    "", "GET /x took 3 ms", "done", "\x00", "[req-AbCd1234EfGh5678IjKl9012] x", "/home/Ada/src/project7/keys.py",
    "\n".join(f"GET /{i} took 3 ms" for i in range(30))])
@pytest.mark.parametrize("stamp", ["", f"{STAMP} INFO app: ", "{"])
def test_other_lines_may_come_between_those_of_a_key(stamp, between):
    def logs(*lines):
        return [logged(line, a={"b.c": "d_e", "f_g": "(h)"}) if stamp == "{" else stamp + line for line in lines]

    other, body = logs(*between.split("\n")), logs(*BODY[:2])
    text = "\n".join([*logs(BEGIN), *other, body[0], *other, body[1], *logs(END), "next"]) + "\n"
    out = clean(text)
    assert BODY[0] not in out and BODY[1] not in out
    assert out.count("\n") == text.count("\n") and out.endswith(logs(END)[0] + "\nnext\n")
    if "took" in between:
        assert [line for line in out.splitlines() if line in other] == other * 2
    assert clean(out) == out


@pytest.mark.parametrize("line, out", [
    ("[req-AbCd1234EfGh5678IjKl9012] {}", "[req-AbCd1234EfGh5678IjKl9012] [REDACTED_API_KEY]"),
    ("/home/Ada/src/project7/keys.py INFO {}", "/home/Ada/src/project7/keys.py INFO [REDACTED_API_KEY]"),
    ("a@b.example {}", "[REDACTED_EMAIL] [REDACTED_API_KEY]")])
def test_the_longest_run_of_a_line_is_the_keys(line, out):
    assert clean(f"{BEGIN}\n{line.format(BODY[0])}\n") == f"{BEGIN}\n{out}\n"


def test_json_may_escape_a_keys_signs():
    line = BODY[0].replace("+", "\\u002B").replace("/", "\\/")
    assert clean(f'{BEGIN}\n{{"log":"{line}\\n"}}\n') == f'{BEGIN}\n{{"log":"[REDACTED_API_KEY]\\n"}}\n'


@pytest.mark.parametrize("tail, out", [
    ("9 {}\n10 lastTailQ==", "9 [REDACTED_API_KEY]\n10 "), ("t1 {}\nt2 BSAiDg8Su4Q= |", "t1 [REDACTED_API_KEY]\nt2  |"),
    ("5,{},ada\n6,BSAiDg8Su4Q=,ada", "5,[REDACTED_API_KEY],ada\n6,,ada"), ("{} x\nabcdEF", "[REDACTED_API_KEY] x\n"),
    ("t1 {}\nt2 word more", "t1 [REDACTED_API_KEY]\nt2 word more")])
def test_a_keys_last_line_is_shorter(tail, out):
    assert clean(f"{BEGIN}\n{tail.format(BODY[0])}\n") == f"{BEGIN}\n{out}\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_key_among_lines_with_fields(end):
    lines = [f"{STAMP} {line}" for line in (BEGIN, *BODY[:2], "abcdQ==")] + ["user=ada x=1", "user=bob"]
    out = clean(end.join(lines) + end, "-f", "logfmt", "--field", "user=drop")
    assert all(line not in out for line in (*BODY, "abcdQ")) and "ada" not in out and "bob" not in out and "x=1" in out
    behind = f"-----BEGIN CERTIFICATE-----MIIC-----END CERTIFICATE-----{BEGIN}"
    assert BODY[0] not in clean(f"{behind}\n{BODY[0]}\nuser=ada\n", "-f", "logfmt", "--field", "user=drop")


def test_a_key_behind_the_end_of_another():
    text = f"{BEGIN}\n{BODY[0]}\nabcd== {END} {BEGIN}\n{BODY[1]}\n{END}\n"
    assert clean(text) == f"{BEGIN}\n[REDACTED_API_KEY]\n {END} {BEGIN}\n[REDACTED_API_KEY]\n{END}\n"


def test_a_key_of_many_lines():
    lines = [f"{i:04d}" + "Ab3+" * 15 for i in range(9000)]
    assert clean("\n".join([BEGIN, *lines, END]) + "\n").splitlines() == [BEGIN, "[REDACTED_API_KEY]", *[""] * 8999, END]
