"""The systemd units of examples/systemd, as far as they can be proved without systemd as process 1.

`make check-packages` runs them for real.
"""
import ctypes
import pathlib
import re
import shlex
import socket
import subprocess

import pytest

from conftest import BUILD, SOURCE, free_port, listening, need, wait_for

UNITS = SOURCE / "examples/systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
NETWORKED = ("tamis-forward.service", "tamis-count.service", "tamis-rollup.service",
             "tamis-snapshot.service")  # a database may be elsewhere
REFUSE_EXEC = (65, 1, 0, 0, 0)  # prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN): MemoryDenyWriteExecute=


def setting(unit, name):
    """All values of a setting, in order."""
    return re.findall(rf"^{name}=(.*)$", (UNITS / unit).read_text(), re.M)


def programs_of(root):
    """A file for each program that the units start."""
    for path in set(re.findall(r"=\+?(/\S+)", "\n".join(p.read_text() for p in UNITS.glob("*.service")))):
        if "/bin/" in path or "/libexec/" in path:
            program = root / path[1:]
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text("")
            program.chmod(0o755)


def test_systemd_understands_them(tmp_path):
    analyze = need("systemd-analyze")
    units = tmp_path / "etc/systemd/system"
    units.mkdir(parents=True)
    names = [path.name for path in UNITS.iterdir() if path.suffix in (".service", ".socket", ".timer")]
    for name in names:
        (units / name).write_text((UNITS / name).read_text())
    programs_of(tmp_path)
    done = subprocess.run([analyze, "verify", f"--root={tmp_path}", "--man=no", "--recursive-errors=no", *names],
                          capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", SERVICES)
def test_exposure(unit):
    done = subprocess.run([need("systemd-analyze"), "security", "--offline=true", "--no-pager", UNITS / unit],
                          capture_output=True, text=True, check=True)
    assert float(re.search(r"exposure level for \S+: ([\d.]+)", done.stdout).group(1)) <= 2.0
    for fence in ("NoNewPrivileges", "CapabilityBoundingSet=~CAP_SYS_ADMIN", "ProtectSystem", "SystemCallFilter=~@privileged",
                  "MemoryDenyWriteExecute", "RestrictAddressFamilies=~AF_PACKET"):
        assert re.search(rf"^✓ {re.escape(fence)}", done.stdout, re.M), fence
    if unit not in NETWORKED:
        assert re.search(r"^✓ PrivateNetwork", done.stdout, re.M)
        assert re.search(r"^✓ RestrictAddressFamilies=~AF_\(INET\|INET6\)", done.stdout, re.M)


def test_who_may_see_what(tmp_path):
    (tmp_path / "etc").mkdir()
    subprocess.run([need("systemd-sysusers"), f"--root={tmp_path}", UNITS / "tamis.sysusers"], capture_output=True, check=True)
    users = {line.split(":")[0]: line.split(":")[2:4] for line in (tmp_path / "etc/passwd").read_text().splitlines()}
    assert users["tamis"][0] != users["tamis-forward"][0] and users["tamis"][1] == users["tamis-forward"][1]
    assert setting("tamis.service", "User") == ["tamis"] and setting("tamis-key.service", "User") == ["tamis"]
    assert setting("tamis-forward.service", "User") == ["tamis-forward"]
    assert setting("tamis-forward.service", "InaccessiblePaths") == ["-/run/tamis"]
    assert re.search(r"^d /run/tamis +0710 tamis www-data$", (UNITS / "tamis.tmpfiles").read_text(), re.M)


def test_the_key_goes_at_midnight():
    when, = setting("tamis-key.timer", "OnCalendar")
    done = subprocess.run([need("systemd-analyze"), "calendar", "--base-time=2026-11-20 12:00:00 UTC", when],
                          capture_output=True, text=True, check=True, env={"TZ": "Asia/Kolkata"})
    assert "2026-11-21 00:00:15 UTC" in done.stdout


@pytest.mark.parametrize("fenced", [False, True], ids=["jit", "MemoryDenyWriteExecute"])
def test_the_socket_is_inherited(tamis, fenced):
    """As tamis.service starts it, behind lighttpd as the Debian package configures it."""
    command = shlex.split(setting("tamis.service", "ExecStart")[0])
    path = tamis.directory / "tamis.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(64)
        tamis.processes.append(subprocess.Popen(
            [BUILD / "tamis.fcgi", *command[1:]], stdin=listener, env=tamis.environment,
            stdout=subprocess.DEVNULL, stderr=open(tamis.directory / "tamis.fcgi.log", "wb"),
            preexec_fn=(lambda: ctypes.CDLL(None).prctl(*REFUSE_EXEC)) if fenced else None))
    subprocess.run(["sh", SOURCE / "debian/confs.sh", tamis.directory], cwd=SOURCE, check=True)
    packaged = tamis.directory / "etc/lighttpd/conf-available/50-tamis.conf"
    assert "/run/tamis/tamis.sock" in packaged.read_text()
    packaged.write_text(packaged.read_text().replace("/run/tamis/tamis.sock", str(path)))
    tamis.port = free_port()
    configuration = tamis.directory / "lighttpd.conf"
    configuration.write_text(f'server.document-root = "{tamis.directory}"\nserver.port = {tamis.port}\n'
                             f'server.bind = "127.0.0.1"\nserver.upload-dirs = ( "/var/cache/lighttpd/uploads" )\n'
                             f'include "{packaged}"\n')
    tamis.start(need("lighttpd"), "-D", "-f", configuration)
    wait_for(lambda: listening(tamis.port), "lighttpd")
    assert tamis.send(url="/user/john@example.com?token=abc123").status == 200
    assert "/user/[REDACTED_EMAIL]?token=[REDACTED]" in tamis.command("spool", "cat", check=True).stdout


def test_versions_agree():
    version = re.search(r"AC_INIT\(\[tamis\], \[([\d.]+)\]", (SOURCE / "configure.ac").read_text()).group(1)
    assert pathlib.Path(SOURCE / "debian/changelog").read_text().startswith(f"tamis ({version}")
