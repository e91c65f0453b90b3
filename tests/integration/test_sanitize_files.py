"""sanitize and files: outputs, in place, directories, compression, failing targets."""
import errno
import gzip
import os
import pathlib
import resource
import stat
import struct
import subprocess

import pytest

from conftest import need, wait_for
from sanitize_tool import CLEAN, DIRTY, SANITIZE, records, run


def left_over(folder):
    """Temporary files that should be gone."""
    return [p.name for p in pathlib.Path(folder).rglob(".*")]


def zstd(data):
    return subprocess.run([need("zstd"), "-qc"], input=data, capture_output=True, check=True).stdout


def unzstd(data):
    return subprocess.run([need("zstd"), "-qdc"], input=data, capture_output=True, check=True).stdout


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "app.log"
    path.write_bytes(DIRTY)
    return path


def test_files_and_stdin_come_out_in_order(log, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"x\n")
    assert run(log, "-", other, stdin=b"y\n").stdout == CLEAN + b"y\nx\n"


def test_glob_that_the_shell_left_alone(log, tmp_path):
    (tmp_path / "b.log").write_bytes(b"b\n")
    assert run(tmp_path / "*.log").stdout == CLEAN + b"b\n"
    done = run(tmp_path / "*.nothing")
    assert done.returncode == 2 and b"*.nothing: cannot open" in done.stderr


def test_missing_file_is_told_and_the_others_are_read(log, tmp_path):
    done = run(tmp_path / "missing", log)
    assert done.returncode == 2 and done.stdout == CLEAN
    assert b"missing: cannot open: No such file" in done.stderr


def test_output_appears_whole_and_keeps_mode(log, tmp_path):
    out = tmp_path / "out"
    assert run(log, "-o", out).returncode == 0
    assert out.read_bytes() == CLEAN
    out.chmod(0o604)
    assert run("-o", out, stdin=b"new\n").returncode == 0
    assert out.read_bytes() == b"new\n" and stat.S_IMODE(out.stat().st_mode) == 0o604
    assert left_over(tmp_path) == []


def test_output_over_its_own_input(log):
    assert run(log, "-o", log).returncode == 0
    assert log.read_bytes() == CLEAN


def test_input_that_is_the_output_too_is_refused(log):
    with open(log, "ab") as out:
        done = subprocess.run([SANITIZE, str(log)], stdout=out, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 2 and b"is the output too" in done.stderr
    assert log.read_bytes() == DIRTY


def test_output_is_left_alone_when_an_input_fails(log, tmp_path):
    out = tmp_path / "out"
    out.write_bytes(b"before")
    done = run(log, tmp_path / "missing", "-o", out)
    assert done.returncode == 2 and out.read_bytes() == b"before"
    assert b"the file is as it was" in done.stderr and left_over(tmp_path) == []


def test_output_to_a_directory_or_device(log, tmp_path):
    assert b"is a directory" in run(log, "-o", tmp_path).stderr
    assert run(log, "-o", "/dev/null").returncode == 0
    done = run(log, "-o", "/dev/full")
    assert done.returncode == 2 and b"/dev/full" in done.stderr


@pytest.mark.parametrize("pack, unpack, suffix", [(gzip.compress, gzip.decompress, ".gz"),
                                                 (zstd, unzstd, ".zst")])
def test_compressed_in_and_out(tmp_path, pack, unpack, suffix):
    data, out = records(20000)
    packed = tmp_path / "in"
    # Two members, one after the other, are one input.
    packed.write_bytes(pack(data) + pack(data))
    assert run(packed).stdout == out + out
    assert run("-j3", stdin=packed.read_bytes()).stdout == out + out
    target = tmp_path / ("out" + suffix)
    assert run(packed, "-o", target).returncode == 0
    assert unpack(target.read_bytes()) == out + out
    assert run(packed, "-o", target, "--compress=none").returncode == 0
    assert target.read_bytes() == out + out
    assert unpack(run("-z", "gzip" if suffix == ".gz" else "zstd", packed).stdout) == out + out
    assert run("-i", packed).returncode == 0
    assert unpack(packed.read_bytes()) == out + out


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
def test_damaged_compressed_input_names_the_byte(tmp_path, pack):
    data, _ = records(20000)
    whole = pack(data)
    path = tmp_path / "broken"
    for broken in (whole[:len(whole) // 2], whole[:1000] + bytes(200) + whole[1200:]):
        path.write_bytes(broken)
        done = run("-i", path)
        assert done.returncode == 2 and path.read_bytes() == broken
        assert b"broken: byte " in done.stderr and b"as it was" in done.stderr
        assert left_over(tmp_path) == []


def test_in_place_keeps_mode_and_the_original(log):
    log.chmod(0o640)
    assert run("-i.orig", log).returncode == 0
    backup = log.with_name("app.log.orig")
    assert log.read_bytes() == CLEAN and backup.read_bytes() == DIRTY
    assert stat.S_IMODE(log.stat().st_mode) == 0o640 == stat.S_IMODE(backup.stat().st_mode)
    assert left_over(log.parent) == []


def test_in_place_long_option_with_suffix_and_relative_name(log):
    assert run("--in-place=.bak", log.name, cwd=log.parent).returncode == 0
    assert log.read_bytes() == CLEAN and log.with_name("app.log.bak").read_bytes() == DIRTY


def test_in_place_leaves_a_clean_file_untouched(log):
    run("-i", log)
    before = log.stat()
    assert run("-i.bak", log).returncode == 0
    after = log.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert not log.with_name("app.log.bak").exists()


def test_in_place_keeps_the_owner(log):
    if os.geteuid() != 0:
        pytest.skip("needs root to give files away")
    os.chown(log, 12345, 23456)
    log.chmod(0o4640)
    assert run("-i", log).returncode == 0
    st = log.stat()
    assert (st.st_uid, st.st_gid, stat.S_IMODE(st.st_mode)) == (12345, 23456, 0o4640)


def test_in_place_keeps_attributes_and_access_list(log):
    # user::rw-, user:12345:r--, group::---, mask::r--, other::---
    entries = [(1, 6, 2**32 - 1), (2, 4, 12345), (4, 0, 2**32 - 1), (16, 4, 2**32 - 1),
               (32, 0, 2**32 - 1)]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries)
    kept = {}
    for name, value in (("user.note", b"x"), ("system.posix_acl_access", acl)):
        try:
            os.setxattr(log, name, value)
            kept[name] = value
        except OSError as error:
            # Not every file system has them; then there is nothing to keep.
            assert error.errno == errno.ENOTSUP
    assert run("-i", log).returncode == 0 and log.read_bytes() == CLEAN
    assert {name: os.getxattr(log, name) for name in kept} == kept


def test_in_place_refuses_links_and_other_names(log, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(log)
    done = run("-i", link)
    assert done.returncode == 2 and b"symbolic link" in done.stderr and link.is_symlink()
    os.link(log, tmp_path / "second")
    done = run("-i", log)
    assert done.returncode == 2 and b"2 names" in done.stderr
    assert log.read_bytes() == DIRTY


def test_in_place_refuses_what_is_no_file(tmp_path):
    done = run("-i", "/dev/null")
    assert done.returncode == 2 and b"not a regular file" in done.stderr
    assert b"is a directory" in run("-i", tmp_path).stderr


def test_directories(log, tmp_path):
    sub = tmp_path / "sub"
    sub.mkdir()
    (sub / "b.log").write_bytes(b"b c@d.example\n")
    (tmp_path / "outside").mkdir()
    outside = tmp_path / "outside" / "o.log"
    outside.write_bytes(DIRTY)
    (sub / "link").symlink_to(outside)
    (sub / "dir").symlink_to(outside.parent)
    os.mkfifo(sub / "pipe")
    assert b"use -r" in run(sub).stderr
    assert run("-r", sub).stdout == b"b [REDACTED_EMAIL]\n"
    assert run("-r", "-i", sub).returncode == 0
    assert (sub / "b.log").read_bytes() == b"b [REDACTED_EMAIL]\n"
    assert outside.read_bytes() == DIRTY and (sub / "link").is_symlink()
    assert run("-r", tmp_path / "sub", log, outside.parent).stdout == (
        b"b [REDACTED_EMAIL]\n" + CLEAN + CLEAN)


def test_backups_are_no_inputs(log):
    log.with_name("other").write_bytes(b"x\n")
    for _ in range(2):
        assert run("-r", "-i.orig", log.parent).returncode == 0
        assert sorted(p.name for p in log.parent.iterdir()) == ["app.log", "app.log.orig", "other"]
        assert log.with_name("app.log.orig").read_bytes() == DIRTY and log.read_bytes() == CLEAN


def test_in_place_on_a_full_disk_leaves_the_file(tmp_path):
    """A limit on file sizes stands for a full disk: write() fails the same way."""
    data, _ = records(20000)
    path = tmp_path / "big.log"
    path.write_bytes(data)

    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    for arguments in (["-i", path], [path, "-o", tmp_path / "out"]):
        # Python ignores SIGXFSZ; its children shall not inherit that.
        done = run(*arguments, preexec_fn=small_files, restore_signals=True)
        assert done.returncode == 2 and b"cannot write the output" in done.stderr
        assert b"as it was" in done.stderr
        assert path.read_bytes() == data and not (tmp_path / "out").exists()
        assert left_over(tmp_path) == []


def test_gzip_may_be_padded_with_zero_bytes(tmp_path):
    path = tmp_path / "tape.gz"
    for padding in (b"\0", b"\0" * 100000):
        path.write_bytes(gzip.compress(DIRTY) + padding)
        assert run(path).stdout == CLEAN and run("-z", "none", path).returncode == 0
        path.write_bytes(gzip.compress(DIRTY) + padding + gzip.compress(DIRTY) + padding)
        assert run(path).stdout == CLEAN + CLEAN
    path.write_bytes(gzip.compress(DIRTY) + b"\0\0x")
    assert run(path).returncode == 2


def test_an_output_that_is_a_link_is_what_the_link_names(log, tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old\n")
    link.symlink_to(real)
    assert run(log, "-o", link).returncode == 0
    assert link.is_symlink() and real.read_bytes() == CLEAN
    # One that leads nowhere becomes the file.
    real.unlink()
    assert run(log, "-o", link).returncode == 0
    assert not link.is_symlink() and link.read_bytes() == CLEAN and not real.exists()


def test_in_place_where_no_temporary_file_can_be_made():
    done = run("-i", "/proc/version")
    assert done.returncode == 2 and b"temporary file" in done.stderr


def test_in_place_refuses_a_file_that_grows_meanwhile(tmp_path):
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    data, _ = records(200000)
    path = tmp_path / "live.log"
    path.write_bytes(data)
    process = subprocess.Popen([SANITIZE, "-i", str(path)], stderr=subprocess.PIPE)
    wait_for(lambda: left_over(tmp_path) or process.poll() is not None, "the temporary file")
    with open(path, "ab") as live:
        live.write(DIRTY)
    _, errors = process.communicate(timeout=120)
    # Either it was through before we appended, or it noticed; lines are never lost.
    assert path.read_bytes().endswith(DIRTY)
    assert process.returncode == 0 or b"changed while it was read" in errors


def test_interrupted_in_place_leaves_no_trace(tmp_path):
    data, _ = records(200000)
    path = tmp_path / "big.log"
    path.write_bytes(data)
    process = subprocess.Popen([SANITIZE, "-i", str(path)], stderr=subprocess.PIPE)
    wait_for(lambda: left_over(tmp_path) or process.poll() is not None, "the temporary file")
    process.terminate()
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0 or (b"signal" in errors and path.read_bytes() == data)
    assert left_over(tmp_path) == []


def test_a_pipe_in_place_is_refused_without_waiting_for_its_writer(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = run("-i", pipe)
    assert done.returncode == 2 and b"not a regular file" in done.stderr
