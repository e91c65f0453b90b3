"""Every example of sanitize(1) is run; its options and those of --help are the same."""
import pathlib
import re
import subprocess

import pytest

from conftest import BUILD, need
from sanitize_tool import run

MANUAL = pathlib.Path(BUILD) / "sanitizer/command/sanitize.1"
LOG = ('192.0.2.17 - - "GET /user/john@example.com/reset?token=abc123 HTTP/1.1" 200\n'
       '192.0.2.17 - - "GET /img/logo@2x.png HTTP/1.1" 200\n')


def unroff(text):
    """What a reader copies: the few escapes that the manual uses, undone."""
    return text.replace("\\-", "-").replace("\\e", "\\").replace("\\&", "")


def examples():
    """(command, expected output) of each "$ " line in the section EXAMPLES."""
    section = MANUAL.read_text().split(".Sh EXAMPLES\n")[1].split("\n.Sh ")[0]
    found = []
    for block in re.findall(r"\.Bd -literal\n(.*?)\.Ed", section, re.S):
        for part in re.split(r"^\$ ", unroff(block), flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "access.log").write_text(LOG)
    (tmp_path / "users.csv").write_text("name,password,phone\nBob,hunter2,2025550123\n")
    (tmp_path / "urls.txt").write_text("https://shop.example.com/u/bob@example.com?session=x1\n")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "app.log").write_text(LOG)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sanitize").symlink_to(BUILD / "sanitize")
    return tmp_path


def test_examples_say_what_comes_out(folder):
    listed = examples()
    assert len(listed) > 20
    for command, output in listed:
        done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True,
                              env={"PATH": f"{folder}/bin:/usr/bin:/bin"}, timeout=60)
        assert done.stdout == output, command
        assert done.returncode in (0, 1) and "sanitize: -" not in done.stderr, done.stderr
    assert (folder / "logs" / "app.log.orig").read_text() == LOG
    assert "john" not in (folder / "logs" / "app.log").read_text()
    assert (folder / "clean.log.zst").stat().st_size > 0


def test_manual_is_well_formed():
    done = subprocess.run([need("mandoc"), "-Tlint", "-Werror", str(MANUAL)], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout
    page = subprocess.run(["mandoc", "-Tutf8", str(MANUAL)], capture_output=True, text=True).stdout
    page = re.sub(".\b", "", page)
    for option in re.findall(r"--[a-z][a-z-]+", run("--help").stdout.decode()):
        assert option in page, option


def test_rule_file_of_the_manual(folder):
    text = MANUAL.read_text().split(".Sh RULE FILE\n")[1]
    block = unroff(re.search(r"\.Bd -literal -offset indent\n(.*?)\.Ed", text, re.S)[1])
    key = folder / "key"
    key.write_bytes(b"0123456789abcdef")
    key.chmod(0o600)
    (folder / "rules.yaml").write_text(block.replace("/etc/tamis/pseudonym.key", str(key)))
    done = run(f"--rules={folder}/rules.yaml", stdin=b"CUST-123456 badge=x1 info@example.com\n")
    assert done.stdout == b"[CUSTOMER] badge=[REDACTED] info@example.com\n", done.stderr
