"""sanitize when calls fail, each in turn: an error, never an uncleaned byte, files as they were."""
import gzip
import os
import subprocess

import pytest

from conftest import BUILD
from sanitize_tool import make_key, records

PROGRAM = BUILD / ".libs" / "sanitize"
FAILING = BUILD / ".libs" / "failing.so"
# ASan brings its own malloc, which cannot be made to fail from outside.
MALLOC = [] if b"__asan_init" in PROGRAM.read_bytes() else ["malloc"]
MOST = 3000
DATA, OUT = records(300)


def torture(folder, plan, *arguments, stdin=DATA):
    """Run with the plan; the finished process, and whether the failure happened."""
    told = folder / "told"
    told.unlink(missing_ok=True)
    environment = {**os.environ, "FAILING": plan, "FAILING_TOLD": str(told),
                   "LD_LIBRARY_PATH": str(BUILD / ".libs"), "LD_PRELOAD": str(FAILING),
                   "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
    done = subprocess.run([str(PROGRAM), *map(str, arguments)], input=stdin, env=environment,
                          capture_output=True, timeout=60)
    assert done.returncode in (0, 2), (plan, done.returncode, done.stderr)
    return done, told.exists()


def each(folder, name, *arguments, before=lambda: None, **options):
    """All runs from the first failing call to the one after the last."""
    for number in range(1, MOST):
        before()
        done, happened = torture(folder, f"{name}:{number}", *arguments, **options)
        yield done, happened
        if not happened:
            assert number > 1 and done.returncode == 0, done.stderr
            return
    pytest.fail(f"still failing at {name}:{MOST}")


@pytest.mark.parametrize("arguments, stdin", [
    ([], DATA), (["-j2"], DATA), (["--email=pseudonym"], DATA[:2000]), (["--diff"], DATA[:2000]),
    (["-f", "json", "--field", "n=redact"], b'{"n":1,"email":"user7@example.com","pin":"t7x"}\n'),
    (["-f", "csv"], b"email,password\nuser7@example.com,t7x\n"),
    (["-f", "logfmt", "--field", "user=drop"], b"user=t7x mail=user7@example.com\n"),
])
def test_memory_fails_at_every_allocation(tmp_path, arguments, stdin):
    if "--email=pseudonym" in arguments:
        arguments = [*arguments, f"--pseudonym-key-file={make_key(tmp_path)}"]
    for name in MALLOC:
        for done, _ in each(tmp_path, name, *arguments, stdin=stdin):
            for piece in (b"user7@", b"t7x", b"198.51.100.7"):
                assert piece not in done.stdout and piece not in done.stderr


@pytest.mark.parametrize("name", [*MALLOC, "read", "write", "fsync", "renameat", "fchmod", "linkat"])
@pytest.mark.parametrize("pack, unpack", [(bytes, bytes), (gzip.compress, gzip.decompress)])
def test_in_place_with_every_call_failing_in_turn(tmp_path, name, pack, unpack):
    path, backup = tmp_path / "log", tmp_path / "log.orig"

    def fresh():
        path.write_bytes(pack(DATA))
        backup.unlink(missing_ok=True)

    for done, _ in each(tmp_path, name, "-i.orig", path, before=fresh):
        content = unpack(path.read_bytes())
        if done.returncode == 0:
            assert b"@example.com" not in content and content.count(b"\n") == 300
        elif b"written, but" not in done.stderr:
            assert content == DATA and b"sanitize: " in done.stderr
        assert not backup.exists() or unpack(backup.read_bytes()) == DATA
        assert {p.name for p in tmp_path.iterdir()} <= {"log", "log.orig", "told"}


@pytest.mark.parametrize("name", [*MALLOC, "write", "fsync", "renameat", "fchmod"])
def test_output_file_with_every_call_failing_in_turn(tmp_path, name):
    out = tmp_path / "out"
    for done, _ in each(tmp_path, name, "-o", out, before=lambda: out.unlink(missing_ok=True)):
        if done.returncode == 0 or b"written, but" in done.stderr:
            assert b"@example.com" not in out.read_bytes()
        else:
            assert not out.exists(), done.stderr
        assert {p.name for p in tmp_path.iterdir()} <= {"out", "told"}


def test_short_writes_are_made_whole(tmp_path):
    out = tmp_path / "out"
    done, _ = torture(tmp_path, "write:1000000", "-o", out)
    assert done.returncode == 0 and out.read_bytes() == OUT
