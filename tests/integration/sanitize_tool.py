"""What the tests of `sanitize` share: running it, a key, personal data to clean."""
import os
import subprocess

from conftest import BUILD

SANITIZE = str(BUILD / "sanitize")
DIRTY = b"a b@c.example\n10.1.2.3 x\n"
CLEAN = b"a [REDACTED_EMAIL]\n10.1.2.0 x\n"


def run(*arguments, stdin=b"", **options):
    """Run sanitize to its end; bytes in, bytes out."""
    options.setdefault("timeout", 60)
    return subprocess.run([SANITIZE, *map(str, arguments)], input=stdin, capture_output=True,
                          **options)


def clean(text, *arguments):
    """The cleaned text; anything but success fails the test."""
    done = run(*arguments, stdin=text.encode())
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def make_key(folder, content=bytes(range(16))):
    """A key file as --pseudonym-key-file wants it."""
    key = folder / "key"
    key.write_bytes(content)
    os.chmod(key, 0o600)
    return key


def record(number):
    """One log line of many, a different address in each; and what becomes of it."""
    line = f"{number} GET /u/user{number}@example.com?token=t{number}x from 198.51.100.{number % 250 + 1}\n"
    out = f"{number} GET /u/[REDACTED_EMAIL]?token=[REDACTED] from 198.51.100.0\n"
    return line.encode(), out.encode()


def records(count):
    """Input and expected output of `count` lines."""
    pairs = [record(i) for i in range(count)]
    return b"".join(p[0] for p in pairs), b"".join(p[1] for p in pairs)
