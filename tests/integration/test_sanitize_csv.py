"""sanitize and CSV as programs write it: marks, blanks and comments before names, quotes that are none."""
import os
import subprocess

import pytest

from sanitize_tool import SANITIZE, clean, run

BOM = "\ufeff"


@pytest.mark.parametrize("text", [
    BOM + '"password","name"\n"x1","Bob"\n',
    BOM + 'password,name\nx1,Bob\n',
    'name, "password"\nBob, "x1"\n',
    'Password ,x\nx1,z\n',
    'name , password \nBob , x1 \n',
    'name;\t" password "\r\nBob;\t"x1"\r\n',
    'sep=;\nname;password\nBob;x1\n',
    BOM + 'sep=:\r\nname:password\r\nBob:x1\r\n',
    '\nname,password\nBob,x1\n',
    ' \r\n,,\n\nname,password\nBob,x1\n',
    '# c\nname,password\nBob,x1\n',
    '# made by a, b\n#\n\nname,password\nBob,x1\n',
    '#name,password\nBob,x1\nEve,x1\n',
    '# c\n# name;password\nBob;x1\n',
    'na"me,password\n5" pipe,x1\n',
    '"multi\nline",password\n"a\nb",x1\n',
])
@pytest.mark.parametrize("ways", [[], ["--field", "password=redact"], ["--secret=mask:[REDACTED]"]])
def test_a_column_is_found_however_its_name_is_written(text, ways):
    out = clean(text, "-f", "csv", *ways)
    assert out == text.replace("x1", "[REDACTED]")
    assert clean(out, "-f", "csv", *ways) == out
    assert run("-c", "-f", "csv", *ways, stdin=text.encode()).returncode == 1
    assert run("-c", "-f", "csv", *ways, stdin=out.encode()).returncode == 0
    assert b"x1" not in run("--diff", "-f", "csv", *ways, stdin=text.encode()).stdout


def test_a_rule_finds_its_column_behind_blanks_and_marks():
    assert clean("name, user\nBob, x1", "-f", "csv", "--field", "user=redact") == "name, user\nBob, [REDACTED]"
    assert clean(BOM + '"user","name"\n"x1","Bob"\n', "-f", "csv", "--field", "user=drop") == (
        BOM + '"user","name"\n"","Bob"\n')


def test_a_header_comes_in_pieces(tmp_path):
    process = subprocess.Popen([SANITIZE, "-f", "csv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    for piece in (b"\xef\xbb\xbfsep", b"=;\n", b"\n# c\n", b'"na\n', b'me";pass', b"word\n", b"Bob;x1\n"):
        process.stdin.write(piece)
    process.stdin.close()
    assert process.stdout.read() == '\ufeffsep=;\n\n# c\n"na\nme";password\nBob;[REDACTED]\n'.encode()
    assert process.wait(60) == 0


@pytest.mark.parametrize("cell, out", [
    ('"{""password"":""x1"",""n"":1}"', '"{""password"":""[REDACTED]"",""n"":1}"'),
    ('"{\n ""password"": ""x1""\n}"', '"{\n ""password"": ""[REDACTED]""\n}"'),
    ('"[{""token"":""x1""}]"', '"[{""token"":""[REDACTED]""}]"'),
    ('"password: ""x1"""', '"password: ""[REDACTED]"""'),
    ('"say ""hi"" to a@b.example"', '"say ""hi"" to [REDACTED_EMAIL]"'),
    ('"say ""hi"", all"', '"say ""hi"", all"'),
    ('"""""', '"""""'),
])
def test_doubled_quotes_are_taken_for_what_they_stand_for(cell, out):
    text = f"id,data\n1,{cell}\n2, {cell} ,x\n"
    assert clean(text, "-f", "csv") == f"id,data\n1,{out}\n2, {out} ,x\n"
    assert clean(clean(text, "-f", "csv"), "-f", "csv") == clean(text, "-f", "csv")
    assert run("-c", "-f", "csv", stdin=text.encode()).returncode == int(cell != out)


def test_places_in_cells_with_doubled_quotes():
    text = 'id,data\n1,"say ""hi"" to a@b.example, ""password"":""x1"""\n'
    report = run("-c", "--report=text", "-f", "csv", stdin=text.encode()).stdout.decode()
    assert report.splitlines()[:2] == ["standard input:2:18: email (email)", "standard input:2:46: secret (name)"]
    diff = run("--diff", "-f", "csv", stdin=text.encode()).stdout.decode()
    assert '-1,"say ""hi"" to ***, ""password"":""***"""\n' in diff


STRAY = 'id,note,password\n2,"oops,pw2\n3,ok,pw3\n4,ok,pw4\n'


@pytest.mark.parametrize("text, out", [
    (STRAY, 'id,note,password\n2,"oops,[REDACTED]\n3,ok,[REDACTED]\n4,ok,[REDACTED]\n'),
    # Another cell's quote shows that the first never closed; cells of several lines stay such.
    ('id,note,password\n2,"oops,pw2\n3,"two\n, lines",pw3\n',
     'id,note,password\n2,"oops,[REDACTED]\n3,"two\n, lines",[REDACTED]\n'),
    ('id,note,password\n2,"oops,pw2,"fine"\n', 'id,note,password\n2,"oops,[REDACTED],"[REDACTED]"\n'),
    # Nobody knows how many cells that makes: counted from the right it is a secret too.
    ('id,note,password,x\n2,"a,b,pw2,y\n', 'id,note,password,x\n2,"a,[REDACTED],[REDACTED],y\n'),
    ('id,note,password\n2,"a,b,c,pw2\n3,ok,pw3,x\n',
     'id,note,password\n2,"a,[REDACTED],c,[REDACTED]\n3,ok,[REDACTED],x\n'),
    ('id,note,password\n2,5" pipe,pw2\n3,6" pipe,pw3\n',
     'id,note,password\n2,5" pipe,[REDACTED]\n3,6" pipe,[REDACTED]\n'),
    ('id,note,password\n2,"say "hi"",pw2\n', 'id,note,password\n2,"say "hi"",[REDACTED]\n'),
    # What is open is a secret to the end of its line, and no further.
    ('id,password,note\n2,"pw,2\n3,pw3,x\n', 'id,password,note\n2,[REDACTED]\n3,[REDACTED],x\n'),
    ('id,password\n2,"pw2', 'id,password\n2,[REDACTED]'),
])
def test_a_stray_quote_ends_with_its_line(text, out):
    assert clean(text, "-f", "csv") == out
    assert clean(out, "-f", "csv") == out
    assert clean(text, "-f", "csv", "--field", "password=drop") == out.replace("[REDACTED]", "")
    assert run("-c", "-f", "csv", stdin=text.encode()).returncode == 1
    diff = run("--diff", "-f", "csv", stdin=text.encode()).stdout
    assert b"pw" not in diff


def test_lines_behind_a_stray_quote_are_dropped_one_by_one():
    assert clean(STRAY + "9,a@b.example,x\n5,x,pw5\n", "-f", "csv", "--email=drop") == (
        'id,note,password\n2,"oops,[REDACTED]\n3,ok,[REDACTED]\n4,ok,[REDACTED]\n5,x,[REDACTED]\n')


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_stray_quote_is_given_up_before_the_end(jobs, tmp_path):
    rows = "".join(f'{i},"",pw{i}\n' for i in range(200000))
    text = 'id,note,password\n0,"oops,pw\n' + rows
    out = "id,note,password\n0,\"oops,[REDACTED]\n" + "".join(f'{i},"",[REDACTED]\n' for i in range(200000))
    assert clean(text, "-f", "csv", "-j", jobs) == out
    # The same however it comes.
    reader, writer = os.pipe()
    process = subprocess.Popen([SANITIZE, "-f", "csv", "-j", str(jobs)], stdin=reader,
                               stdout=(tmp_path / "out").open("wb"))
    os.close(reader)
    data = text.encode()
    with os.fdopen(writer, "wb", buffering=0) as pipe:
        for at in range(0, len(data), 7777):
            pipe.write(data[at:at + 7777])
    assert process.wait(60) == 0 and (tmp_path / "out").read_text() == out


def test_stray_quotes_take_no_more_than_linear_time():
    for line in ('1,""x,pw\n', '1,"",""x,"","y""\n', '1,"a,"b,"c\n'):
        done = run("-f", "csv", stdin=("id,note,password\n" + line * 300000).encode(), timeout=30)
        assert done.returncode == 0


@pytest.mark.parametrize("cell, out", [
    ('"two\nlines"', '"[REDACTED]\n"'),
    ('"a\n\nb\n"', '"[REDACTED]\n\n\n"'),
    ('"one, ""two"""', '"[REDACTED]"'),
])
def test_newlines_of_a_cell_that_is_taken_stay(cell, out):
    text = f"id,password,x\n1,{cell},y\n"
    for ways in ([], ["--field", "password=redact"]):
        cleaned = clean(text, "-f", "csv", *ways)
        assert cleaned == f"id,password,x\n1,{out},y\n"
        assert clean(cleaned, "-f", "csv", *ways) == cleaned
        assert run("-c", "-f", "csv", *ways, stdin=cleaned.encode()).returncode == 0
        assert run("-c", "-f", "csv", *ways, stdin=text.encode()).returncode == int(cell != out)
    dropped = clean(text, "-f", "csv", "--field", "password=drop")
    assert dropped == f"id,password,x\n1,{out.replace('[REDACTED]', '')},y\n"


def test_a_column_named_by_personal_data_tells_nothing():
    assert clean("192.0.2.1,foo\n192.0.2.9,baz\n", "-f", "csv") == "192.0.2.0,foo\n192.0.2.0,baz\n"
    assert clean("5f0c9b1e-8a53-4f0e-9a35-0d9a52c1e1aa,foo\nbar,baz\n", "-f", "csv") == (
        "[REDACTED_UUID],foo\nbar,baz\n")
    assert clean("a@b.example password,x\nnull,y\nx1,z\n", "-f", "csv") == (
        "[REDACTED_EMAIL] password,x\nnull,y\n[REDACTED],z\n")


def test_a_long_record_of_a_file_named_csv_is_withheld(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("id,password\n1,x1," + "y " * 600000 + "\n2,x1\n")
    assert run(path).stdout == b"id,password\n[REDACTED]\n2,[REDACTED]\n"
    path.write_text('id,password\n1,"x1,' + "y " * 600000 + '\n2,x1\n"3",x1\n')
    assert run(path).stdout == b'id,password\n[REDACTED]\n2,[REDACTED]\n"3",[REDACTED]\n'
