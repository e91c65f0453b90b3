"""A PostgreSQL of the test's own: made below a directory, reached by a socket in it."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile

import pytest


def programs():
    """Where initdb and pg_ctl lie (Debian keeps them off the PATH); None: not installed."""
    for folder in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True):
        if os.path.exists(os.path.join(folder, "initdb")):
            return folder
    found = shutil.which("initdb")
    return os.path.dirname(found) if found else None


class Postgres:
    """Runs until stop(). It refuses to run as root, so then it runs as "postgres"."""

    def __init__(self, directory):
        self.directory = str(directory)
        self.data = os.path.join(self.directory, "data")
        self.user = None
        if os.geteuid() == 0:
            self.user = pwd.getpwnam("postgres").pw_name
            os.makedirs(self.directory, exist_ok=True)
            shutil.chown(self.directory, self.user)
        self._run("initdb", "-D", self.data, "-A", "trust", "-U", "tamis", "--no-sync", "-E", "UTF8")
        self._run(
            "pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.directory, "log"),
            "-o", f"-c listen_addresses='' -c unix_socket_directories='{self.directory}' -c fsync=off",
            "start",
        )  # fmt: skip

    def _run(self, program, *arguments):
        subprocess.run(
            [os.path.join(programs(), program), *arguments],
            check=True, user=self.user, cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def url(self, database="postgres", user="tamis"):
        return f"postgresql://{user}@/{database}?host={self.directory}"

    def database(self, name):
        """A new and empty database's URL."""
        self.psql(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def psql(self, sql, database="postgres", user="tamis"):
        return subprocess.run(
            [os.path.join(programs(), "psql"), "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             "-d", self.url(database, user), "-c", sql],
            check=True, capture_output=True, text=True,
        ).stdout.strip()  # fmt: skip

    def pid(self):
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as file:
            return int(file.readline())

    def stop(self):
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")


@pytest.fixture(scope="module")
def server():
    """One for a module's tests."""
    if not programs():
        pytest.skip("needs PostgreSQL's server")
    with tempfile.TemporaryDirectory(prefix="tamis-pg-") as directory:
        os.chmod(directory, 0o755)
        running = Postgres(os.path.join(directory, "pg"))
        try:
            yield running
        finally:
            running.stop()
