"""sanitize --follow: growth, rotation, truncation, pipes, several files, the end."""
import os
import signal
import subprocess

import pytest

from conftest import end, wait_for
from sanitize_tool import SANITIZE, run


class Follower:
    """A running `sanitize --follow … -o out`."""

    def __init__(self, folder, *arguments):
        self.out = folder / "out"
        self.process = subprocess.Popen(
            [SANITIZE, "--follow", *map(str, arguments), "-o", str(self.out)],
            stderr=open(folder / "errors", "wb"), stdin=subprocess.DEVNULL)
        self.errors = folder / "errors"

    def text(self):
        return self.out.read_bytes() if self.out.exists() else b""

    def wait(self, text):
        wait_for(lambda: self.text() == text or self.process.poll() is not None, f"{text!r}")
        assert self.text() == text, self.errors.read_bytes()


@pytest.fixture
def follow(tmp_path):
    started = []

    def start(*arguments):
        started.append(Follower(tmp_path, *arguments))
        return started[-1]

    yield start
    for follower in started:
        end(follower.process)


def append(path, data):
    with open(path, "ab") as file:
        file.write(data)


def test_lines_leave_as_they_come_and_halves_do_not(follow, tmp_path):
    log = tmp_path / "log"
    append(log, b"one a@b.example\n")
    it = follow(log)
    it.wait(b"one [REDACTED_EMAIL]\n")
    append(log, b"two ")
    append(log, b"c@d.exam")
    append(log, b"ple\nthree\nfo")
    it.wait(b"one [REDACTED_EMAIL]\ntwo [REDACTED_EMAIL]\nthree\n")
    append(log, b"ur\n")
    it.wait(b"one [REDACTED_EMAIL]\ntwo [REDACTED_EMAIL]\nthree\nfour\n")
    append(log, b"last e@f.example")
    assert end(it.process) == 0
    assert it.text().endswith(b"four\nlast [REDACTED_EMAIL]\n")


def test_rotation_loses_nothing(follow, tmp_path):
    log = tmp_path / "log"
    append(log, b"1\n")
    it = follow(log)
    it.wait(b"1\n")
    want = b"1\n"
    for number in range(2, 30):
        with open(log, "ab") as old:
            os.rename(log, tmp_path / f"log.{number}")
            old.write(b"old %d\n" % number)
        append(log, b"new %d\n" % number)
        want += b"old %d\nnew %d\n" % (number, number)
        it.wait(want)


def test_truncation_starts_over(follow, tmp_path):
    log = tmp_path / "log"
    append(log, b"a long first line\nand half")
    it = follow(log)
    it.wait(b"a long first line\n")
    os.truncate(log, 0)
    append(log, b"new\n")
    it.wait(b"a long first line\nand half\nnew\n")


def test_a_file_may_come_later_and_go(follow, tmp_path):
    log = tmp_path / "log"
    it = follow(log)
    wait_for(lambda: b"is not there" in it.errors.read_bytes(), "the note")
    append(log, b"1\n")
    it.wait(b"1\n")
    os.unlink(log)
    wait_for(lambda: it.errors.read_bytes().count(b"is not there") == 2, "the second note")
    append(log, b"2\n")
    it.wait(b"1\n2\n")


def test_from_the_end_only_new_lines_come(follow, tmp_path):
    whole, open_line, late = tmp_path / "whole", tmp_path / "open", tmp_path / "late"
    append(whole, b"old\n")
    append(open_line, b"old\nhalf of a")
    it = follow("--from-end", whole, open_line, late)
    wait_for(lambda: b"late: is not there" in it.errors.read_bytes(), "the first look")
    append(open_line, b" line\nnew 1\n")
    it.wait(b"new 1\n")
    append(whole, b"new 2\n")
    it.wait(b"new 1\nnew 2\n")
    append(late, b"new 3\n")
    it.wait(b"new 1\nnew 2\nnew 3\n")


def test_several_files(follow, tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    append(a, b"a1\n")
    append(b, b"b1\n")
    it = follow(a, b)
    it.wait(b"a1\nb1\n")
    append(b, b"b2\n")
    it.wait(b"a1\nb1\nb2\n")
    append(a, b"a2\n")
    it.wait(b"a1\nb1\nb2\na2\n")


def test_named_pipe_whose_writers_come_and_go(follow, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    it = follow(pipe)
    want = b""
    for number in range(3):
        append(pipe, b"%d a@b.example\n" % number)
        want += b"%d [REDACTED_EMAIL]\n" % number
        it.wait(want)


def test_standard_input_to_a_file_that_is_appended_to(tmp_path):
    out = tmp_path / "out"
    for number in range(2):
        assert run("--follow", "-o", out, stdin=b"%d a@b.example\n" % number).returncode == 0
    assert out.read_bytes() == b"0 [REDACTED_EMAIL]\n1 [REDACTED_EMAIL]\n"


def test_an_output_that_is_rotated_is_opened_again(follow, tmp_path):
    log = tmp_path / "log"
    append(log, b"1\n")
    it = follow(log)
    it.wait(b"1\n")
    for number in range(2, 6):
        os.rename(it.out, tmp_path / f"out.{number}")
        append(log, b"%d\n" % number)
        it.wait(b"%d\n" % number)
        assert (tmp_path / f"out.{number}").read_bytes() == b"%d\n" % (number - 1)


def test_a_loggers_output_that_is_rotated_is_opened_again(tmp_path):
    out = tmp_path / "out"
    process = subprocess.Popen([SANITIZE, "--follow", "-o", str(out)], stdin=subprocess.PIPE)
    for number in range(3):
        process.stdin.write(b"%d a@b.example\n" % number)
        process.stdin.flush()
        wait_for(lambda: out.exists() and out.read_bytes() == b"%d [REDACTED_EMAIL]\n" % number,
                 "the line")
        os.rename(out, tmp_path / f"out.{number}")
    process.stdin.close()
    assert process.wait(20) == 0 and not out.exists()


def test_records_over_several_lines_and_too_long_ones(follow, tmp_path):
    log = tmp_path / "log"
    it = follow("-f", "json", log)
    append(log, b'{"email":\n')
    append(log, b'"a@b.example"}\n')
    it.wait(b'{"email":\n"[REDACTED_EMAIL]"}\n')
    os.unlink(it.out)
    end(it.process)
    log.write_bytes(b"")
    it = follow(log)
    append(log, b"x " * (1 << 20))
    it.wait(b"[REDACTED]\n")
    append(log, b"rest of it\nnext\n")
    it.wait(b"[REDACTED]\nnext\n")


def test_an_output_that_fails_ends_it(tmp_path):
    log = tmp_path / "log"
    append(log, b"x\n")
    process = subprocess.Popen([SANITIZE, "--follow", str(log), "-o", "/dev/full"],
                               stderr=subprocess.PIPE)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 2 and b"No space left" in errors


def test_what_never_ends_is_not_compressed(tmp_path):
    done = run("--follow", "-o", tmp_path / "out.gz", stdin=b"x\n")
    assert done.returncode == 2 and b"not compressed" in done.stderr


def test_interrupt_ends_it_cleanly(follow, tmp_path):
    log = tmp_path / "log"
    append(log, b"x\n")
    it = follow(log)
    it.wait(b"x\n")
    it.process.send_signal(signal.SIGINT)
    assert it.process.wait(20) == 0


def test_what_auto_comes_to_is_told_for_each_file(follow, tmp_path):
    table, log = tmp_path / "u.csv", tmp_path / "log"
    append(table, b"name,pass")
    it = follow(table, "--field", "word=keep", log)
    append(table, b"word\nbob,x1\n")
    it.wait(b"name,password\nbob,[REDACTED]\n")
    append(log, b'{\n"token": [\n"y1"\n')
    append(log, b"]}\n")
    it.wait(b'name,password\nbob,[REDACTED]\n{\n"token": [\n"[REDACTED]"\n]}\n')
    os.rename(log, tmp_path / "log.1")
    append(log, b"a,b\n")
    it.wait(b'name,password\nbob,[REDACTED]\n{\n"token": [\n"[REDACTED]"\n]}\na,b\n')
    assert end(it.process) == 0
    assert it.errors.read_bytes().endswith(b"--field word: no line had this field\n")


def test_a_table_and_its_stray_quotes_are_followed(follow, tmp_path):
    table = tmp_path / "u.csv"
    append(table, b"\xef\xbb\xbfsep=;\n# c")
    it = follow(table)
    append(table, b'\n"na\nme";pass')
    append(table, b"word\nbob;x1\n")
    out = b'\xef\xbb\xbfsep=;\n# c\n"na\nme";password\nbob;[REDACTED]\n'
    it.wait(out)
    append(table, b'eve;"x1\nal;x1\nzed;"x1"\n')
    out += b'eve;[REDACTED]\nal;[REDACTED]\nzed;"[REDACTED]"\n'
    it.wait(out)
    # Another table in its place; what is open at the end is given up.
    os.rename(table, tmp_path / "u.old")
    append(table, b'password,name\nx1,"Bob\nx1,c')
    it.wait(out + b"password,name\n")
    assert end(it.process) == 0
    assert it.text() == out + b'password,name\n[REDACTED],"Bob\n[REDACTED],c\n'


def test_a_compressed_file_is_not_followed(follow, tmp_path):
    import gzip
    log = tmp_path / "log.gz"
    log.write_bytes(gzip.compress(b"to a@b.example\n" * 100))
    it = follow(log)
    # A newline of its own makes the magic part of a line.
    append(log, b"\n")
    assert it.process.wait(60) == 2
    assert b"log.gz: is compressed" in it.errors.read_bytes() and it.text() == b""
