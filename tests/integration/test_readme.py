"""Every example of the README is run; an example that no test knows is a failure."""
import re
import subprocess

from conftest import BROWSER, BUILD, SOURCE

README = (SOURCE / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.M | re.S)


def block(start, kind="sh"):
    """The README's one block of that kind that begins so."""
    found, = [text for k, text in BLOCKS if k == kind and text.startswith(start)]
    return found


# What runs each shell example: here, or the test that is named.
SHELL = {
    "./setup run": "test_setup.py",
    "UMAMI_WEBSITE_ID=": "test_setup.py",
    "./setup check": "what runs this",
    "dpkg-buildpackage": "make check-packages",
    "sudo systemctl restart tamis": "make check-packages",
    "sudo a2enconf": "make check-packages",
    "autoreconf -i": "test_setup.py (install and distcheck)",
    "sudo groupadd": "test_setup.py (mounting)",
    "sudo -u tamis": "test_setup.py (mounting)",
    "tamis import": "test_import_example",
    "printf": "test_sanitize_example",
}


def test_every_shell_example_is_known():
    examples = [text for kind, text in BLOCKS if kind == "sh"]
    assert len(examples) == len(SHELL)
    for text in examples:
        assert any(text.startswith(start) for start in SHELL), text


def test_sanitize_example():
    command = block("printf").replace("| sanitize", f"| {BUILD}/sanitize")
    out = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True).stdout
    assert out == block("192.0.2.0", "")


def test_configuration_example(tamis):
    path = tamis.directory / "tamis.yaml"
    path.write_text(block("umami:", "yaml"))
    out = tamis.command("--config", path, "config", "check")
    assert out.returncode == 0, out.stderr


def test_import_example(tamis):
    log = tamis.directory / "access.log"
    log.write_text('192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /pricing HTTP/1.1" 200 512 "-" '
                   f'"{BROWSER}"\n')
    words = block("tamis import").split()
    assert words[-1] == "/var/log/lighttpd/access.log"
    for _ in range(2):
        out = tamis.command(*words[1:-1], log)
        assert out.returncode == 0, out.stderr
        assert tamis.metrics()["tamis_events_accepted_total"] == 1


def test_links_and_named_tests_exist():
    known = {p.stem for p in (SOURCE / "tests").rglob("test_*")}
    for page in [SOURCE / "README.md", SOURCE / "CHANGELOG.md", *(SOURCE / "docs").glob("*.md")]:
        text = page.read_text()
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (page.parent / link).exists(), f"{page.name} links {link}"
        for test in re.findall(r"\btest_[a-z0-9_]+\b", text):
            assert test in known, f"{page.name} names {test}"
