"""A Debian of its own: a root made by debootstrap, booted with systemd in namespaces.

No network leads out of it once it runs, its loopback and its process numbers are its own,
and it ends with this process. Root is needed, no container software.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import time

BOOT = r"""
set -e
cgroups=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)
own=$cgroups$(sed -n 's/^0:://p' /proc/self/cgroup)/$NAME
mkdir -p "$own"
echo $$ >"$own/cgroup.procs"
exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child sh -c '
	set -e
	mount --make-rprivate /
	mount --bind "$ROOT" "$ROOT"
	cd "$ROOT"
	mount -t proc proc proc
	mount --bind proc/sys proc/sys
	mount -o remount,bind,ro proc/sys # the settings of this kernel stay as they are
	mount -t sysfs sysfs sys
	for place in run tmp dev sys/fs/cgroup; do mount -t tmpfs tmpfs $place; done
	mount -t cgroup2 cgroup2 sys/fs/cgroup
	for device in null zero full random urandom tty; do
		touch dev/$device && mount --bind /dev/$device dev/$device
	done
	mkdir dev/shm dev/pts
	mount -t tmpfs tmpfs dev/shm
	mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
	ln -s pts/ptmx dev/ptmx
	ip link set lo up
	hostname tamis-check
	export container=tamis-check
	pivot_root . .
	umount -l .
	exec chroot . /lib/systemd/systemd --log-target=journal
'
"""


def mirror():
    """Where this machine's apt has Debian's packages from, and the release: (address, codename)."""
    release = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    code = release["VERSION_CODENAME"].strip('"')
    lines = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages",
         "Origin: Debian", f"Codename: {code}", "Component: main"],
        check=True, capture_output=True, text=True).stdout.split()
    return lines[0], code


class Container:
    def __init__(self, folder, log):
        self.root = pathlib.Path(folder) / "root"
        self.log = log
        self.name = f"tamis-check-{os.getpid()}"
        self.process = self.init = None

    def _call(self, command, check=True, **options):
        print("$ " + " ".join(map(str, command)), file=self.log, flush=True)
        done = subprocess.run(list(map(str, command)), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, **options)
        print(done.stdout, file=self.log, flush=True)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout[-3000:]}")
        return done

    def make(self, cache):
        """debootstrap, from apt's own mirror; what was downloaded stays in cache."""
        address, code = mirror()
        cache.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.root, ignore_errors=True)
        self._call(["debootstrap", "--variant=minbase", f"--cache-dir={cache}", "--include=systemd",
                    code, self.root, address])

    def chroot(self, *command):
        """Before it runs: with the network of this machine."""
        return self._call(["chroot", self.root, "env", "DEBIAN_FRONTEND=noninteractive", *command]).stdout

    def boot(self):
        self.process = subprocess.Popen(["sh", "-c", BOOT], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        env=dict(os.environ, ROOT=str(self.root.resolve()), NAME=self.name))
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError("the container does not start: see the log")
            self.init = next(iter(children.read_text().split()), None)
            state = self.run("systemctl", "is-system-running", check=False).stdout.strip() if self.init else ""
            if state in ("running", "degraded"):
                return
            time.sleep(0.2)
        raise RuntimeError("systemd does not come up in the container")

    def run(self, *command, **options):
        """In it, as root."""
        return self._call(["nsenter", "-t", self.init, "-a", "-r", "-w", "env", "-i", "DEBIAN_FRONTEND=noninteractive",
                           "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *command], **options)

    def on_its_network(self, *command):
        """A program of this machine that talks to those in the container."""
        return ["nsenter", "-t", self.init, "-n", *map(str, command)]

    def files(self, *outside):
        """Every path in it but those below outside."""
        prune = []
        for path in outside:
            prune += ["-path", path, "-prune", "-o"]
        return set(self.run("find", "/", "/run", "-xdev", *prune, "-print").stdout.split("\n"))

    def tell(self):
        """What systemd said, into the log."""
        if self.process and self.process.poll() is None:
            self.run("journalctl", "--no-pager", "--boot", check=False)

    def end(self):
        if self.process and self.process.poll() is None:
            if self.init:
                os.kill(int(self.init), signal.SIGKILL)
            self.process.wait(20)
        for group in pathlib.Path("/sys/fs/cgroup").rglob(self.name):
            subprocess.run(["find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"], stderr=subprocess.DEVNULL)
