"""sanitize and the shapes of lines: JSON, logfmt, log formats, URLs, CSV, rules for fields."""
import csv
import io
import json

import pytest

from conftest import shared
from sanitize_tool import clean, make_key, run

COMBINED = ('192.0.2.7 - bob [10/Oct/2026:13:55:36 +0000] "GET /a?token=abc HTTP/1.1" 200 2326 '
            '"https://ref.example/u/a@b.example" "Mozilla/5.0 \\"x\\""\n')


@pytest.mark.parametrize("line, out", [
    ("/oauth/cb?code=4%2F0AX4XfWh&state=xyz", "/oauth/cb?code=[REDACTED]&state=xyz"),
    ("https://x.example/?email=a%40b.example", "https://x.example/?email=[REDACTED_EMAIL]"),
    ('{"a":{"apiKey":"k1"},"pin":1234}', '{"a":{"apiKey":"[REDACTED]"},"pin":"[REDACTED]"}'),
    ('["a@b.example",1]', '["[REDACTED_EMAIL]",1]'),
    ("[error] a@b.example", "[error] [REDACTED_EMAIL]"),
    ("plain a@b.example", "plain [REDACTED_EMAIL]"),
])
def test_auto_decides_line_by_line(line, out):
    assert clean(f"first\n{line}\nlast") == f"first\n{out}\nlast"
    assert clean(line) == out
    assert clean(line + "\r\n") == out + "\r\n"


def key_block(number):
    """A private key of many lines, and what stands for it. No real one."""
    kind = "PRIV" + "ATE KEY"
    body = [f"{number:08d}" + "A/b+" * 14 for _ in range(20)] + ["/" + "x" * 63, "abcd=="]
    lines = ["-----BEGIN RSA " + kind + "-----", *body, "-----END RSA " + kind + "-----"]
    return "\n".join(lines) + "\n", body


@pytest.mark.parametrize("options", [[], ["-j4"], ["-f", "text", "-j3"], ["--uuid=drop"],
                                     ["-f", "logfmt", "--field", "user=drop"]])
def test_private_keys_are_not_cut_between_blocks(options):
    filler = "".join(f"line {i} of nothing in particular\n" for i in range(40))
    text = "".join(filler + key_block(i)[0] for i in range(1500))
    assert len(text) > 8 * 262144
    out = clean(text, *options)
    assert out.count("line 7 of nothing") == 1500 and out.endswith("KEY-----\n") or "user" in str(options)
    for piece in ("A/b+", "/xxx", "abcd==", "00000007"):
        assert piece not in out
    assert out.count("\n") == text.count("\n")
    # As if each stood alone.
    if len(options) < 3:
        one = clean(filler + key_block(0)[0], *options)
        assert out == one * 1500


def test_tricky_pairs_need_no_mode():
    import base64
    import gzip
    with gzip.open(shared("data/sanitizer-tricky.jsonl.gz"), "rt", encoding="utf-8") as rows:
        cases = [json.loads(row) for row in rows]
    for case in cases:
        raw = [base64.b64decode(case[k + "_b64"]) if k + "_b64" in case else case[k].encode()
               for k in ("in", "out")]
        if b"\n" in raw[0]:
            continue
        assert run("--ip=redact", stdin=raw[0]).stdout == raw[1], case["why"]


def test_url_lines():
    text = "/u/a@b.example?x=1\n\nhttps://u:p@x.example/\nftp://x.example/%F0\n"
    assert clean(text, "-f", "url") == (
        "/u/[REDACTED_EMAIL]?x=1\n\nhttps://[REDACTED]@x.example/\nftp://x.example/%F0\n")
    assert clean("/u/a@b.example\n/x\n", "-f", "url", "--email=drop") == "/x\n"


def test_json_documents_over_many_lines():
    document = {"user": {"email": "a@b.example", "secrets": {"one": "x", "two": [1, "y"]}}, "n": 1}
    text = json.dumps(document, indent=2) + "\n" + json.dumps(document) + "\n\n[]\n"
    out = clean(text, "-f", "json")
    decoder = json.JSONDecoder()
    first, end = decoder.raw_decode(out)
    assert first["user"] == {"email": "[REDACTED_EMAIL]",
                             "secrets": {"one": "[REDACTED]", "two": ["[REDACTED]", "[REDACTED]"]}}
    assert decoder.raw_decode(out[end:].lstrip())[0] == first
    assert out.endswith("\n\n[]\n")


def test_json_document_longer_than_memory_for_records():
    row = {"email": "a@b.example", "text": "x" * 1000}
    text = json.dumps([row] * 3000, indent=1)
    assert len(text) > 3000000
    out = json.loads(clean(text, "-f", "json"))
    assert out == [{"email": "[REDACTED_EMAIL]", "text": "x" * 1000}] * 3000
    out = json.loads(clean(text, "-f", "json", "--field", "text=redact"))
    assert out == [{"email": "[REDACTED_EMAIL]", "text": "[REDACTED]"}] * 3000


@pytest.mark.parametrize("rule, out", [
    ("user=drop", {"n": 1, "ok": [{"name": "x", "mail": None}], "z": None}),
    ("name=redact", {"user": {"name": "[REDACTED]", "mail": "[REDACTED_EMAIL]"}, "n": 1,
                     "ok": [{"name": "[REDACTED]", "mail": None}], "z": None}),
    ("user.name=redact", {"user": {"name": "[REDACTED]", "mail": "[REDACTED_EMAIL]"}, "n": 1,
                          "ok": [{"name": "x", "mail": None}], "z": None}),
    ("mail=keep", {"user": {"name": "Bob", "mail": "a@b.example"}, "n": 1,
                   "ok": [{"name": "x", "mail": None}], "z": None}),
    ("z=drop", {"user": {"name": "Bob", "mail": "[REDACTED_EMAIL]"}, "n": 1,
                "ok": [{"name": "x", "mail": None}]}),
    ("mail=redact", {"user": {"name": "Bob", "mail": "[REDACTED]"}, "n": 1,
                     "ok": [{"name": "x", "mail": None}], "z": None}),
    ("ok.name=drop", {"user": {"name": "Bob", "mail": "[REDACTED_EMAIL]"}, "n": 1,
                      "ok": [{"mail": None}], "z": None}),
    ("N=redact", {"user": {"name": "Bob", "mail": "[REDACTED_EMAIL]"}, "n": "[REDACTED]",
                  "ok": [{"name": "x", "mail": None}], "z": None}),
])
@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"separators": (",", ":")}])
def test_rules_for_json_fields(rule, out, layout):
    document = {"user": {"name": "Bob", "mail": "a@b.example"}, "n": 1,
                "ok": [{"name": "x", "mail": None}], "z": None}
    text = json.dumps(document, **layout)
    assert json.loads(clean(text, "-f", "json", "--field", rule)) == out
    if "\n" not in text:
        assert json.loads(clean(text, "--field", rule)) == out


def test_json_that_is_broken_is_withheld_where_fields_must_go():
    deep = "{\"a\":" * 200 + "1" + "}" * 200
    done = run("-f", "json", "--field", "user=drop", stdin=(deep + "\n{\"user\":1}\n").encode())
    assert done.stdout == b'"[REDACTED]"\n{}\n' and b"1 record" in done.stderr
    for text in ('{"user":"bob', '{"user":', '{"user', "{", "}", '{"user" "bob"}', "\0{\0", '{"a":\0}',
                 "{'user':'bob'}", '{"x":[}{"user":"bob"}'):
        done = run("-f", "json", "--field", "user=redact", stdin=text.encode())
        assert done.returncode == 0 and b"bob" not in done.stdout, text


@pytest.mark.parametrize("rule, out", [
    ("user=drop", 'level=info msg="hi \\"bob\\"" ip=192.0.2.0\n'),
    ("user=redact", 'level=info user=[REDACTED] msg="hi \\"bob\\"" ip=192.0.2.0\n'),
    ("msg=redact", 'level=info user=bob msg="[REDACTED]" ip=192.0.2.0\n'),
    ("ip=keep", 'level=info user=bob msg="hi \\"bob\\"" ip=192.0.2.7\n'),
    ("level=drop", 'user=bob msg="hi \\"bob\\"" ip=192.0.2.0\n'),
    ("absent=drop", 'level=info user=bob msg="hi \\"bob\\"" ip=192.0.2.0\n'),
])
@pytest.mark.parametrize("form", [["-f", "logfmt"], []])
def test_rules_for_logfmt_fields(rule, out, form):
    line = 'level=info user=bob msg="hi \\"bob\\"" ip=192.0.2.7\n'
    assert clean(line, *form, "--field", rule) == out


@pytest.mark.parametrize("rule, text, out", [
    ("größe=redact", json.dumps({"größe": "z", "x": 1}), '{"gr\\u00f6\\u00dfe": "[REDACTED]", "x": 1}'),
    ("name=redact", '{"n\\u0061ME":"z"}', '{"n\\u0061ME":"[REDACTED]"}'),
    ("a.b=drop", '{"\\u0061":{"\\u0062":1}}', '{"\\u0061":{}}'),
    ("\U0001f600=redact", '{"\\ud83d\\ude00":1,"\\ud83d":2}', '{"\\ud83d\\ude00":"[REDACTED]","\\ud83d":2}'),
    ('a"b/c=redact', '{"a\\"b\\/c":1,"a\\"b":2}', '{"a\\"b\\/c":"[REDACTED]","a\\"b":2}'),
    ("name=redact", '{"n\\u006":"z","nam\\u":1,"name\\":2}', '{"n\\u006":"z","nam\\u":1,"name\\":2}'),
])
def test_names_of_json_fields_may_be_escaped(rule, text, out):
    for form in (["-f", "json"], []):
        assert clean(text + "\n", *form, "--field", rule) == out + "\n"


def test_blanks_and_marks_before_the_first_name():
    for text, form in (('  {"user":"bob"}\n', []), ('\t[{"user":"bob"}]\n', []), ('\ufeff{"user":"bob"}\n', []),
                       ('\ufeff{"user":"bob"}\n', ["-f", "json"]), ("\ufeffuser=bob x=1\n", ["-f", "logfmt"]),
                       ("\ufeffuser=bob x=1\n", [])):
        assert clean(text, *form, "--field", "user=redact") == text.replace("bob", "[REDACTED]")
    assert b"no JSON" not in run("-f", "json", "--stats", stdin='\ufeff{"a":1}\n'.encode()).stderr


def test_a_name_with_a_nul_is_another_name():
    for form in ([], ["-f", "logfmt"]):
        done = run(*form, "--field", "user=redact", stdin=b"user\0\0=bob user=al\n")
        assert done.stdout == b"user\0\0=bob user=[REDACTED]\n"


def test_open_quote_hides_the_rest_of_the_line():
    assert clean('a=1 msg="bob is\nx=2\n', "-f", "logfmt", "--field", "msg=redact") == (
        'a=1 msg="[REDACTED]\nx=2\n')


@pytest.mark.parametrize("rules, out", [
    (["user=redact"], COMBINED.replace("192.0.2.7", "192.0.2.0").replace("bob", "[REDACTED]")),
    (["host=drop"], COMBINED.replace("192.0.2.7", "-")),
    (["host=keep"], COMBINED),
    (["agent=redact", "referer=drop"],
     COMBINED.replace("192.0.2.7", "192.0.2.0").replace('Mozilla/5.0 \\"x\\"', "[REDACTED]")
     .replace("https://ref.example/u/a@b.example", "-")),
])
@pytest.mark.parametrize(
    "form", [["-f", "combined"], [], ["--log-format=COMBINED"], ["--log-format=combined"]])
def test_rules_for_combined_fields(rules, out, form):
    out = out.replace("token=abc", "token=[REDACTED]").replace("a@b.example", "[REDACTED_EMAIL]")
    fields = [f"--field={rule}" for rule in rules]
    assert clean(COMBINED, *form, *fields) == out


@pytest.mark.parametrize("rules, request_line, out", [
    (["query=drop"], "GET /a?x=1&y=2 HTTP/1.1", "GET /a HTTP/1.1"),
    (["query=redact"], "GET /a?x=1&y=2 HTTP/2", "GET /a?[REDACTED] HTTP/2"),
    (["query=redact"], "GET /a?", "GET /a?"),
    (["url=redact"], "GET /a?x=1 HTTP/1.1", "GET [REDACTED] HTTP/1.1"),
    (["url=redact", "query=drop"], "GET /a?x=1 HTTP/1.1", "GET [REDACTED] HTTP/1.1"),
    (["url=keep", "query=drop"], "GET /a@b.example?x=1 HTTP/1.1", "GET /a@b.example HTTP/1.1"),
    (["url=drop", "method=redact", "protocol=drop"], "GET /a?x=1 HTTP/1.1", "[REDACTED] - -"),
    (["request=redact", "query=keep"], "GET /a?x=1 HTTP/1.1", "[REDACTED]"),
    # What is no request is taken for a URL.
    (["url=redact"], "\\\\x16\\\\x03 x", "[REDACTED]"),
    (["url=redact"], "HTTP/1.1", "[REDACTED]"),
    (["query=drop", "method=drop"], "-", "-"),
    (["query=drop", "method=drop", "protocol=drop"], "", ""),
])
def test_rules_for_the_parts_of_a_request(rules, request_line, out):
    fields = [f"--field={rule}" for rule in rules]
    line = '192.0.2.0 - - [10/Oct/2026:13:55:36 +0000] "%s" 200 5 "-" "M"\n'
    for form in ([], ["-f", "combined"]):
        assert clean(line % request_line, *form, *fields) == line % out
        assert clean(line % out, *form, *fields) == line % out
    found = run("-c", *fields, stdin=(line % request_line).encode()).returncode
    assert found == int(request_line != out)


def test_the_query_in_a_url_is_a_field_where_it_has_no_place_of_its_own():
    assert clean("GET|/a?x=1\n", "--log-format=%m|%U", "--field", "query=drop") == "GET|/a\n"
    assert clean("/a|x=1\n", "--log-format=%U|%q", "--field", "query=drop") == "/a|-\n"


def test_log_format_in_goaccess_notation():
    line = "x.example:443 | 192.0.2.7 | 2026-10-10 | GET | /a | 200 | bob smith\n"
    notation = "--log-format=%v:%^ | %h | %d | %m | %U | %s | %e"
    assert clean(line, notation, "--field", "user=redact", "--field", "vhost=redact") == (
        "[REDACTED]:443 | 192.0.2.0 | 2026-10-10 | GET | /a | 200 | [REDACTED]\n")
    # What is not of that shape may hold the field anywhere.
    assert clean("bob was here\n", notation, "--field", "user=redact") == "[REDACTED]\n"
    assert clean("bob was here\n", notation, "--field", "user=keep") == "bob was here\n"
    # But for the directives with which W3C files begin.
    assert clean("#Fields: date time\n", "--log-format=W3C", "--field", "user=redact") == (
        "#Fields: date time\n")


def test_hash_is_stable_per_field_and_key(tmp_path):
    key = make_key(tmp_path)
    options = ["-f", "logfmt", "--field", "user=hash", "--field", "Owner=hash",
               f"--pseudonym-key-file={key}"]
    out = clean("user=bob owner=bob\nuser=bob owner=al\n", *options)
    rows = [dict(p.split("=", 1) for p in row.split()) for row in out.splitlines()]
    assert rows[0]["user"] == rows[1]["user"] and rows[0]["owner"] != rows[1]["owner"]
    assert rows[0]["user"].removeprefix("[USER:") != rows[0]["owner"].removeprefix("[OWNER:")
    assert clean(out, *options) == out
    assert "bob" not in out
    assert run("--field", "user=hash").returncode == 2


def test_csv_columns_tell_what_their_cells_are():
    rows = [["name", "password", "Phone", "note"],
            ["bob", 'hun,ter"2"', "5551234567", "mail a@b.example"],
            ["al", "two\nlines", "", 'say "hi"'],
            ["eve", "", "none", "x"]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    out = list(csv.reader(io.StringIO(clean(text.getvalue(), "-f", "csv"))))
    assert out == [rows[0], ["bob", "[REDACTED]", "[REDACTED_PHONE]", "mail [REDACTED_EMAIL]"],
                   ["al", "[REDACTED]\n", "", 'say "hi"'], rows[3]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_delimiters_and_untouched_bytes(delimiter, end):
    rows = [["id", "token", "city"], ["1", "abcd", '"K,ö;l\tn|"'], ["2", "", "x"], ["3", '"q"', ""]]
    text = end.join(delimiter.join(row) for row in rows)
    want = text.replace("abcd", "[REDACTED]").replace('"q"', '"[REDACTED]"')
    assert clean(text, "-f", "csv") == want
    assert clean(want, "-f", "csv") == want


def test_rules_for_csv_columns():
    text = "id,user,ip\n1,bob,192.0.2.7\n2,\"al\"\"x\",192.0.2.8\n"
    assert clean(text, "-f", "csv", "--field", "user=redact", "--field", "ip=keep") == (
        'id,user,ip\n1,[REDACTED],192.0.2.7\n2,"[REDACTED]",192.0.2.8\n')
    assert clean(text, "-f", "csv", "--field", "user=drop") == (
        'id,user,ip\n1,,192.0.2.0\n2,"",192.0.2.0\n')
    assert clean(text, "-f", "csv", "--ip=drop") == "id,user,ip\n"


@pytest.mark.parametrize("jobs", [1, 4])
def test_csv_over_many_blocks_has_one_header(jobs):
    rows = "".join(f"{i},p{i},\"two\nlines {i}\"\n" for i in range(100000))
    out = clean("id,password,text\n" + rows, "-f", "csv", "-j", jobs)
    lines = out.split("\n")
    assert lines[0] == "id,password,text" and lines.count("id,password,text") == 1
    assert lines[1] == '0,[REDACTED],"two' and lines[199999] == '99999,[REDACTED],"two'


def test_record_too_long_to_be_cut_is_withheld():
    line = "user=bob " + "x " * (1 << 20) + "\nuser=al\n"
    done = run("-f", "logfmt", "--field", "user=redact", stdin=line.encode())
    assert done.stdout == b"[REDACTED]\nuser=[REDACTED]\n" and b"withheld" in done.stderr


def test_rule_file(tmp_path):
    rules = tmp_path / "rules.yaml"
    key = make_key(tmp_path)
    rules.write_text(f"""
classes:
  email: pseudonym
  ip: truncate/8,32
  card: last4
hex_min: 16
secret_names: [badge, door_code]
innocent_names:
  - session
allow: [info@example.com, 10.0.0.0/8]
own:
  customer: {{anchor: CUST-, pattern: 'CUST-[0-9]{{4,8}}', placeholder: '[CUSTOMER]'}}
fields:
  user: hash
pseudonym_key_file: {key}
""")
    out = clean("badge=77 session=open a@b.example info@example.com 10.1.2.3 192.0.2.7 CUST-12345 "
                "user=bob 0123456789abcdef0\n", f"--rules={rules}")
    words = out.split()
    assert words[0] == "badge=[REDACTED]" and words[1] == "session=open"
    assert words[2].startswith("[EMAIL:") and words[3] == "info@example.com"
    assert words[4:7] == ["10.1.2.3", "192.0.0.0", "[CUSTOMER]"]
    assert words[7].startswith("user=[USER:") and words[8] == "[REDACTED_HEX]"
    assert clean("a@b.example\n", f"--rules={rules}", "--email=redact") == "[REDACTED_EMAIL]\n"
    assert "customer" in clean("", f"--rules={rules}", "--list-classes")


@pytest.mark.parametrize("text, words", [
    ("nonsense: 1", ["line 1", "'nonsense'"]),
    ("classes:\n  emial: redact", ["line 2", "'emial'"]),
    ("classes:\n  email: explode", ["line 2", "email", "redact, keep"]),
    ("hex_min: [1]", ["line 1", "hex_min", "16"]),
    ("classes: [a]", ["line 1", "'classes'"]),
    ("own:\n  x: {pattern: 'abc'}", ["line 2", "own.x", "anchor"]),
    ("own:\n  y: {anchor: ab, pattern: ab}\n  x:\n    anchor: ab\n    pattern: 'ab(('\n", ["line 3", "x"]),
    ("own:\n  x:\n    anchor: ab\n    pattern: 'ab*'", ["line 2", "x: repeats"]),
    ("own:\n  X: {anchor: ab, pattern: ab}", ["line 2", "name"]),
    ("hex_min: 20\nhex_min: 30", ["line 2", "'hex_min' is there twice"]),
    ("classes:\n  email: keep\nhex_min: 20\nclasses:\n  ip: keep", ["line 4", "'classes' is there twice"]),
    ("own:\n  x: {anchor: ab, pattern: ab, anchor: cd}", ["line 2", "'own.x.anchor' is there twice"]),
    ("hex_min: 20\nallow:\n  - 10.0.0.0/8\n  - 192.0.2.0/33", ["line 4", "allow", "32"]),
    ("allow: ['2001:db8::/129']", ["line 1", "128"]),
    ("own:\n  x: {anker: ab}", ["line 2", "anchor"]),
    ("fields: {user: burn}", ["fields.user", "drop, hash"]),
    ("a: &x 1\nb: *x", ["line 1"]),
    ("- a", ["line 1"]),
    ("just text", ["line 1", "mapping"]),
    ("a: [b", ["line"]),
    ("allow: [[a]]", ["line 1", "nested"]),
])
def test_wrong_rule_file_names_line_and_key(tmp_path, text, words):
    rules = tmp_path / "rules.yaml"
    rules.write_text(text)
    done = run(f"--rules={rules}", stdin=b"a@b.example\n")
    assert done.returncode == 2 and done.stdout == b""
    for word in ["rules.yaml", *words]:
        assert word in done.stderr.decode(), done.stderr.decode()


def test_wrong_networks_in_an_allow_file(tmp_path):
    allowed = tmp_path / "allowed"
    for wrong in ("192.0.2.0/33", "::/129", "10.0.0.0/99999999999999999999", "10.0.0.0/",
                  "10.0.0.0/x", "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0.0/-1"):
        allowed.write_text(f"# ours\n{wrong}\n")
        done = run(f"--allow={allowed}", stdin=b"x\n")
        assert done.returncode == 2 and b"line 2: allow: a network's prefix" in done.stderr
    allowed.write_text("10.0.0.0/0\n192.0.2.7/32\n::/0\na/33\n1.2/33\n")
    assert run(f"--allow={allowed}", stdin=b"x\n").returncode == 0


def test_allow_file(tmp_path):
    allowed = tmp_path / "allowed"
    allowed.write_text("# ours\n\n192.0.2.0/24\r\n2001:db8::/32\ninfo@example.com  \n")
    assert clean("info@example.com x@example.com 192.0.2.7 203.0.113.9 2001:db8::7\n",
                 f"--allow={allowed}") == (
        "info@example.com [REDACTED_EMAIL] 192.0.2.7 203.0.113.0 2001:db8::7\n")


@pytest.mark.parametrize("name, packed", [("u.csv", False), ("U.CSV", False), ("u.tsv", False),
                                          ("u.csv.gz", True)])
def test_the_name_of_a_csv_file_tells_of_its_header(tmp_path, name, packed):
    import gzip
    delimiter = "\t" if "tsv" in name else ","
    text = delimiter.join(["name", "password"]) + "\n" + delimiter.join(["bob", "abc"]) + "\n"
    out = text.replace("abc", "[REDACTED]")
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    done = run(path)
    assert (done.returncode, done.stdout.decode()) == (0, out)
    assert run("--field", "password=drop", path).stdout.decode() == text.replace("abc", "")
    assert b"2:5: secret" in run("--check", "--report=text", path).stdout
    assert run("--format=text", path).stdout.decode() == text
    # Each input is told apart: the lines of the others stay lines.
    log = tmp_path / "a.log"
    log.write_text(text)
    assert run(log, path, log, "-j2").stdout.decode() == text + out + text
    assert run("-i", path).returncode == 0
    back = path.read_bytes()
    assert (gzip.decompress(back) if packed else back).decode() == out


def test_a_csv_name_over_something_else_changes_nothing(tmp_path):
    path = tmp_path / "x.csv"
    for text in ("", "mail a@b.example\n", "x" * 300 + " a@b.example\ny c@d.example\n" * 9,
                 "5\" pipe\n" + "word a@b.example\n" * 100000, ",".join("x" * 12000) + "\nz\n"):
        path.write_text(text)
        done = run(path)
        assert done.returncode == 0, done.stderr
        assert done.stdout == run(stdin=text.encode()).stdout


@pytest.mark.parametrize("jobs", [1, 3])
def test_auto_knows_a_pretty_printed_document(tmp_path, jobs):
    document = {"user": {"email": "a@b.example", "secrets": {"one": "x", "two": [1, "y"]}}, "n": 1}
    for value in (document, [document] * 5000):
        text = json.dumps(value, indent=2) + "\n" + json.dumps(document, indent=1) + "\n"
        want = clean(text, "-f", "json")
        assert '"y"' not in want and clean(text, f"-j{jobs}") == want
        assert clean(text, "--field", "user=drop") == clean(text, "-f", "json", "--field", "user=drop")
        assert clean("\ufeff" + text) == "\ufeff" + want
    # A line that is something of its own is one.
    for text in ('[error] {\n"password": [\n"x1"]\n', '{"a":\n"b"}\n', "x\n" + text):
        assert clean(text) == clean(text, "-f", "text")


def test_auto_waits_for_the_first_line():
    import subprocess
    from sanitize_tool import SANITIZE
    process = subprocess.Popen([SANITIZE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    for piece in (b" ", b"{", b"\n", b'"password":\n["x1"]', b"\n}\n"):
        process.stdin.write(piece)
    assert process.stdout.readline() == b" {\n"
    assert process.stdout.readline() == b'"password":\n'
    assert process.stdout.readline() == b'["[REDACTED]"]\n'
    process.stdin.close()
    assert process.stdout.read() == b"}\n" and process.wait(60) == 0
