"""docs/deploy.md: its configurations are what mounts.py starts; the commands are run here, below a directory."""
import os
import re
import subprocess

import pytest

from conftest import SOURCE, WEBSITE, need
from mounts import DEPLOY, WAYS, mounted, section  # noqa: F401

BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", DEPLOY, re.M | re.S)


def commands():
    return [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]


def run(command, **options):
    return subprocess.run(["bash", "-ec", command], check=True, capture_output=True, text=True, timeout=60, **options).stdout


def test_every_way_has_its_section_and_every_command_its_test():
    assert len(re.findall(r"^\| \[", DEPLOY, re.M)) == len(WAYS) - 1  # h2o, kept or not
    here = ("cd /usr/share/doc/tamis/examples/systemd", "sudo install -m 0644", "sudo systemd-sysusers", "sudo systemctl",
            "sudo a2enmod",  # mounts.py loads what it names
            "curl -sS", "sudo -u tamis tamis",
            "sudo apt-get install libapache2-mod-fcgid",  # as ./setup does
            "echo net.ipv4.tcp_migrate_req=1 |",  # test_servers, in a network of its own
            "sudo usermod -aG www-data")  # users of this machine are left alone
    for line in commands():
        assert line.startswith(here), line


def test_units_are_installed_as_it_says(tmp_path):
    """As on a system of its own: users, directories and units below a directory."""
    root = tmp_path / "root"
    lines = next(text for kind, text in section("Everywhere") if kind == "sh")
    for path in ("etc/systemd/system", "etc/sysusers.d", "etc/tmpfiles.d", "var", "run"):
        (root / path).mkdir(parents=True)
    lines = lines.replace("sudo ", "").replace("/usr/share/doc/tamis/examples", f"{SOURCE}/examples")
    lines = re.sub(r"(?<= )/etc/", f"{root}/etc/", lines)
    installed, _, rest = lines.partition("systemd-sysusers")
    run(installed)
    units = [word for word in re.findall(r"[\w-]+\.(?:socket|service|timer)\b", rest)]
    assert len(units) == 3 and all((root / "etc/systemd/system" / unit).exists() for unit in units)
    run(f"{need('systemctl')} --root={root} enable {' '.join(units)}")
    assert (root / "etc/systemd/system/sockets.target.wants/tamis.socket").is_symlink()
    if os.geteuid() != 0:
        pytest.skip("only root makes users")
    (root / "etc/group").write_text("www-data:x:33:\n")
    run(f"{need('systemd-sysusers')} --root={root}")
    users = (root / "etc/passwd").read_text()
    assert re.search("^tamis:", users, re.M) and re.search("^tamis-forward:", users, re.M)
    run(f"{need('systemd-tmpfiles')} --root={root} --create --prefix=/var/lib/tamis --prefix=/run/tamis")
    assert oct((root / "var/lib/tamis").stat().st_mode) == "0o43770"
    assert oct((root / "run/tamis").stat().st_mode) == "0o40710"


@pytest.mark.parametrize("title", ["Everywhere", "nginx, connections kept", "Apache, connections kept"])
def test_settings_are_good(tamis, title):
    path = tamis.directory / "tamis.yaml"
    path.write_text(next(text for kind, text in section(title) if kind == "yaml"))
    out = tamis.command("--config", path, "config", "check")
    assert out.returncode == 0, out.stderr


def test_checks_of_every_way(site):
    """The four commands, as an operator types them."""
    site.tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    checks = [line for kind, text in section("Everywhere") if kind == "sh" and "curl" in text for line in text.splitlines()]
    curls = [run(line.replace("http://127.0.0.1/", f"http://127.0.0.1:{site.port}/")) for line in checks if "curl" in line]
    assert curls[0].strip() == '{"alive":true}' and "sessionId" in curls[1]
    spool, doctor = [site.tamis.command(*line.split()[4:]) for line in checks if "tamis tamis" in line]
    assert "/u/[REDACTED_EMAIL]" in spool.stdout
    assert doctor.returncode in (0, 1, 2) and doctor.stdout


def test_every_example_mounts_every_path():
    paths = re.findall(r'^ROUTE\("([^"]+)"', (SOURCE / "cgi" / "routes.def").read_text(), re.M)
    assert "/api/send" in paths and "/metrics" in paths
    for name in ("nginx/tamis.conf", "nginx/tamis-kept.conf", "apache/tamis.conf", "apache/tamis-fcgid.conf",
                 "apache/tamis-cgi.conf", "caddy/Caddyfile", "lighttpd/tamis.conf", "lighttpd/tamis-cgi.conf"):
        text = (SOURCE / "examples" / name).read_text()
        patterns = [p.replace("(/(api", "/(api").replace("metrics))$", "metrics)$") for p in re.findall(r"\^\(?/\(api\S*?\$?\)+\$?(?=[\s\")>])", text)]
        assert patterns, name
        for path in paths:
            exact = f"= {path} " in text
            assert exact or all(re.search(p, path) for p in patterns), f"{name} lacks {path}"
