"""make check-packages: builds the Debian packages and lives a life with them.

usage: check.py SOURCE FOLDER  (an unpacked distribution; where everything is made)

They are built, looked at by lintian, installed in a fresh Debian that systemd runs, come up
with lighttpd and with Apache after one line each, take an event, bring it to an upstream, are
updated, removed and purged. What stays is compared with what was.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from container import Container

WEBSITE = "9b379b11-cd77-4afa-995e-06e009cab81c"
BROWSER = ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/126.0.0.0 Safari/537.36")
PACKAGES = ["tamis", "sanitize", "libsanitizer-dev", "libtamis-dev", "python3-tamis"]
# After the installation; the first request starts the responder.
UNITS = {"tamis.socket": "active", "tamis.service": "inactive", "tamis-forward.service": "active",
         "tamis-key.timer": "active"}
KEY = "a key of this check"
# What every installation of any package changes.
OUTSIDE = ["/proc", "/sys", "/dev", "/tmp", "/srv/packages", "/var/cache", "/var/log", "/var/lib/apt", "/var/lib/dpkg",
           "/run/systemd", "/run/log", "/run/credentials", "/run/apache2", "/var/tmp", "/etc/ld.so.cache", "/etc/*-", "/root"]
# Where Apache's own commands keep their notes.
APACHE = {"/var/lib/apache2/conf/disabled_by_maint", "/var/lib/apache2/conf/enabled_by_admin"}
# What a removal leaves: data, what an operator may have changed, and Debian's notes on both.
STAYS = ("/etc/tamis", "/var/lib/tamis", "/etc/lighttpd/conf-available/50-tamis.conf",
         "/etc/apache2/conf-available/tamis.conf", "/var/lib/systemd/deb-systemd", "/etc/systemd/system/",
         "/var/lib/apache2/conf/disabled_by_maint/tamis")
BEGAN = time.monotonic()


def examples(source):
    """The README's part "From packages", a command a line, as root runs it."""
    part = (source / "README.md").read_text().partition("## From packages\n")[2].partition("\n## ")[0]
    lines = "\n".join(re.findall(r"^```sh\n(.*?)^```$", part, re.M | re.S)).splitlines()
    return [line.replace("sudo ", "") for line in lines if line]


def say(text):
    print(f"[{time.monotonic() - BEGAN:4.0f} s] {text}", flush=True)


def expect(condition, text):
    if not condition:
        raise RuntimeError(f"not so: {text}")
    say(f"  ok: {text}")


def wait_for(condition, text, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    expect(condition(), text)


def build(source, folder, log):
    """The packages, in folder/built."""
    built = folder / "built"
    shutil.rmtree(built, ignore_errors=True)
    shutil.copytree(source, built / "tamis", symlinks=True)
    options = f"{os.environ.get('DEB_BUILD_OPTIONS', '')} parallel={os.cpu_count()}"
    environment = dict(os.environ, DEB_BUILD_OPTIONS=options.strip())
    for name in [n for n in environment if n.startswith(("MAKE", "MFLAGS", "TAMIS_", "UMAMI_"))]:
        del environment[name]
    subprocess.run(["dpkg-buildpackage", "-us", "-uc", "-b"], cwd=built / "tamis", env=environment, stdout=log,
                   stderr=subprocess.STDOUT, check=True)
    index = subprocess.run(["dpkg-scanpackages", "-m", "."], cwd=built, check=True, capture_output=True, text=True).stdout
    (built / "Packages").write_text(index)
    done = subprocess.run(["lintian", "--allow-root", "--fail-on=error", *built.glob("*.changes")], capture_output=True, text=True)
    print(done.stdout, done.stderr, file=log)
    told = [line for line in done.stdout.splitlines() if line[:2] in ("E:", "W:")]
    for line in told:
        say(f"  lintian: {line}")
    expect(done.returncode == 0, f"lintian finds no error, {len(told)} warnings")
    return built


def prepare(box, built, cache):
    """All that is there before tamis comes, so that what it brings can be told."""
    box.make(cache)
    (box.root / "srv/packages/tamis").mkdir(parents=True)
    (box.root / "etc/apt/apt.conf.d/check").write_text('APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n')
    for package in [*built.glob("*.deb"), built / "Packages"]:
        shutil.copy(package, box.root / "srv/packages")
    (box.root / "etc/apt/sources.list.d/tamis.list").write_text("deb [trusted=yes] file:/srv/packages ./\n")
    box.chroot("apt-get", "-q", "update")
    box.chroot("apt-get", "install", "lighttpd", "apache2", "curl", "python3")
    box.chroot("systemctl", "disable", "lighttpd", "apache2")
    box.chroot("apt-get", "install", "--download-only", *PACKAGES)


def post(box, path):
    """An event with an address and a token in its URL; the answer's code."""
    event = {"type": "event", "payload": {"website": WEBSITE, "hostname": "shop.example.com",
                                          "url": f"/{path}/john@example.com?token=abc123"}}
    done = box.run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-A", BROWSER, "-H", "Content-Type: application/json",
                   "-d", json.dumps(event), "http://127.0.0.1/api/send", check=False)
    return done.stdout[-3:]


def spool(box):
    return box.run("runuser", "-u", "tamis", "--", "tamis", "spool", "cat").stdout


def active(box, unit):
    return box.run("systemctl", "is-active", unit, check=False).stdout.strip()


def come_up(box, install):
    say(install)
    box.run("sh", "-c", f"cd /srv/packages/tamis && {install}")
    box.run("apt-get", "install", *PACKAGES)
    for unit, state in UNITS.items():
        wait_for(lambda: active(box, unit) == state, f"{unit} is {state}")
    wait_for(lambda: "no website is set" in box.run("journalctl", "-u", "tamis-forward").stdout,
             "the forwarder says that it has no website")


def serve(box, server, enable, disable):
    say(enable)
    box.run("sh", "-c", enable)
    wait_for(lambda: post(box, server) == "200", f"{server} hands events to tamis")
    expect(f"/{server}/[REDACTED_EMAIL]?token=[REDACTED]" in spool(box), "the clean event is on the spool")
    box.run("systemctl", "reload", "tamis")
    expect(post(box, server) == "200", "and after a reload of tamis.service")
    if disable:
        box.run("sh", "-c", disable)
        box.run("systemctl", "stop", server)


def keep_apart(box):
    say("who may see what")
    listing = box.run("sh", "-c", "stat -c '%a %U %G %n' /var/lib/tamis /run/tamis /run/tamis/*").stdout
    for line in ("3770 tamis tamis /var/lib/tamis", "710 tamis www-data /run/tamis", "660 root www-data /run/tamis/tamis.sock"):
        expect(line in listing, line)
    expect("600 tamis tamis /run/tamis/key-" in listing, "the day's key is its owner's alone")
    for user in ("tamis-forward", "www-data"):
        done = box.run("runuser", "-u", user, "--", "sh", "-c", "cat /run/tamis/key-*", check=False)
        expect(done.returncode != 0, f"{user} cannot read it")
    pid = box.run("systemctl", "show", "-P", "MainPID", "tamis.service").stdout.strip()
    status = (pathlib.Path("/proc") / box.init / "root/proc" / pid / "status").read_text()
    for line in ("Seccomp:\t2", "NoNewPrivs:\t1", "CapBnd:\t0000000000000000"):
        expect(line in status, f"the responder runs with {line!r}")
    net = os.readlink(f"/proc/{box.init}/root/proc/{pid}/ns/net")
    expect(net != os.readlink(f"/proc/{box.init}/ns/net"), "the responder has no network")
    box.run("touch", "-d", "yesterday", "/run/tamis/key-1")
    box.run("systemctl", "start", "tamis-key.service")
    expect("key-1\n" not in box.run("ls", "/run/tamis").stdout, "tamis-key.service removes an old key")
    expect(post(box, "key") == "200", "and events are taken on")


def bring(box, restart, source, folder, log):
    """The website's id, and an upstream on the container's own loopback."""
    say("the line in /etc/tamis/tamis.yaml, and the forwarder")
    record = folder / "upstream.jsonl"
    record.unlink(missing_ok=True)
    upstream = subprocess.Popen(
        box.on_its_network(sys.executable, source / "tests/integration/upstream.py", "--port", 3000, "--record", record,
                           "--website", WEBSITE),
        stdout=log, stderr=log, stdin=subprocess.PIPE)
    try:
        box.run("sed", "-i", f"s|website_id: \"\"|website_id: {WEBSITE}|; s|#api_url: .*|api_url: http://127.0.0.1:3000|",
                "/etc/tamis/tamis.yaml")
        box.run("sed", "-i", f"s|#UMAMI_API_KEY=|UMAMI_API_KEY={KEY}|", "/etc/tamis/forward.env")
        box.run("tamis", "config", "check")
        box.run("sh", "-c", restart)
        expect(post(box, "forwarded") == "200", "events are taken with the website's id")
        wait_for(lambda: record.exists() and "/forwarded/[REDACTED_EMAIL]" in record.read_text(), "the upstream has the clean event")
        expect(active(box, "tamis-forward") == "active", "the forwarder runs on")
        box.run("systemctl", "reload", "tamis-forward")
        expect(active(box, "tamis-forward") == "active", "and after a reload")
    finally:
        upstream.terminate()
        upstream.wait()
    log_text = box.run("journalctl", "--no-pager", "-u", "tamis*").stdout
    expect("SECCOMP" not in log_text and "Operation not permitted" not in log_text, "nothing ran into its fences")


def call_from_python(box):
    say("python3-tamis")
    call = ("import tamis; tamis.get_analytics('shop').track_event('signup', {'mail': 'joe@example.com'}); "
            "print(tamis.sanitize_url('/user/john@example.com'), tamis.get_analytics('shop').lost())")
    said = box.run("env", "TAMIS_STATE_DIR=/tmp/python", "python3", "-c", call).stdout
    expect("/user/[REDACTED_EMAIL] {}" in said, "it finds the system's libraries")
    kept = box.run("env", "TAMIS_STATE_DIR=/tmp/python", "tamis", "spool", "cat").stdout
    expect('"mail":"[REDACTED_EMAIL]"' in kept and "joe@" not in kept, "its event is on the spool, strained")


def update(box):
    say("an update")
    before = box.run("systemctl", "show", "-P", "MainPID", "tamis.service").stdout
    box.run("apt-get", "install", "--reinstall", *PACKAGES)
    after = box.run("systemctl", "show", "-P", "MainPID", "tamis.service").stdout
    expect(before != after and active(box, "tamis.service") == "active", "tamis.service was started again")
    expect(post(box, "updated") == "200", "events are taken")


def part(box, before):
    say("apt-get remove")
    box.run("apt-get", "remove", *PACKAGES, "libsanitizer1", "libtamis1")
    box.run("apt-get", "autoremove")
    left = box.files(*OUTSIDE) - before - APACHE
    strange = sorted(p for p in left if not p.startswith(STAYS))
    expect(not strange, f"configuration and data are left, nothing else {strange or ''}")
    expect(any(p.startswith("/var/lib/tamis/spool/") for p in left), "the spool is left")
    expect("tamis" not in box.run("ps", "-eo", "args").stdout.replace("tamis-check", ""), "no process is left")
    for server in ("lighttpd", "apache2"):
        box.run("systemctl", "restart", server)
        expect(active(box, server) == "active", f"{server} starts without tamis")
        box.run("systemctl", "stop", server)
    say("apt-get purge")
    box.run("apt-get", "purge", *PACKAGES, "libsanitizer1", "libtamis1")
    box.run("apt-get", "autoremove", "--purge")
    left = box.files(*OUTSIDE) - before - APACHE
    expect(not left, f"no file is left {sorted(left) or ''}")
    done = box.run("grep", "-rl", "tamis", "/etc", "--exclude-dir=sources.list.d", "--exclude=hostname", "--exclude=*-", check=False)
    expect(not done.stdout.strip(), f"no word of it in /etc {done.stdout.split() or ''}")
    expect(not before - box.files(*OUTSIDE), "nothing else went")


def main():
    source, folder = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
    if os.geteuid() != 0:
        sys.exit("check-packages: become root: it makes a Debian of its own")
    for program in ("dpkg-buildpackage", "dpkg-scanpackages", "lintian", "debootstrap", "unshare", "nsenter", "ip"):
        if not shutil.which(program):
            sys.exit(f"check-packages: {program} is missing: apt-get install debhelper dh-python dpkg-dev lintian debootstrap iproute2")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "log", "w") as log, contextlib.ExitStack() as stack:
        say(f"building; all that is said goes to {folder}/log")
        built = build(source, folder, log)
        say("a fresh Debian")
        box = Container(folder, log)
        stack.callback(box.end)
        stack.callback(box.tell)
        prepare(box, built, folder / "cache")
        box.boot()
        before = box.files(*OUTSIDE)
        install, restart, lighttpd, apache = examples(source)
        come_up(box, install.partition(" && ")[2])
        serve(box, "lighttpd", lighttpd, "lighty-disable-mod tamis")
        serve(box, "apache2", apache, "")
        keep_apart(box)
        bring(box, restart, source, folder, log)
        call_from_python(box)
        update(box)
        part(box, before)
    say("all is well")


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"check-packages: {error}")
