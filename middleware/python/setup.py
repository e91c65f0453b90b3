"""Build the wheel of tamis with the C libraries that it calls.

Where they come from, the first that applies:

1. TAMIS_BUILD_DIR names a build directory of the repository, configured already: its libraries are taken.
2. The system has libtamis and libsanitizer (pkg-config): the wheel carries none and uses those. TAMIS_SYSTEM=0: not so.
3. The repository around this directory is configured and built, which needs a compiler and the packages that
   ./setup names.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py
from wheel.bdist_wheel import bdist_wheel

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBRARIES = ("libsanitizer.so.1", "libtamis.so.1")


def run(*command, cwd):
    # GNU make above us would hand its job server down.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    print("+", *command)
    subprocess.run([str(part) for part in command], cwd=cwd, env=env, check=True)


def system_has_them():
    if os.environ.get("TAMIS_SYSTEM") == "0" or not shutil.which("pkg-config"):
        return False
    return subprocess.run(["pkg-config", "--exists", "libtamis", "libsanitizer"], check=False).returncode == 0


def configured(directory):
    """A build directory for the libraries alone."""
    if not (ROOT / "configure.ac").exists():
        raise SystemExit("tamis: the system has no libtamis, and this directory is not in the repository of tamis: "
                         "install libtamis, or run pip on middleware/python of a clone")
    if not (ROOT / "configure").exists():
        run("autoreconf", "-i", cwd=ROOT)
    run(ROOT / "configure", "--quiet", "--prefix=/usr", cwd=directory)
    return directory


def install_libraries(build, target):
    """`make install` relinks: what it installs knows no path of the build directory."""
    run("make", "-s", f"-j{os.cpu_count()}", "libsanitizer.la", "libtamis.la", cwd=build)
    with tempfile.TemporaryDirectory() as stage:
        run("make", "-s", "install-libLTLIBRARIES", f"DESTDIR={stage}", cwd=build)
        target.mkdir(parents=True, exist_ok=True)
        for name in LIBRARIES:
            shutil.copyfile(next(pathlib.Path(stage).rglob(name)), target / name)


class BuildWithLibraries(build_py):
    def run(self):
        super().run()
        target = pathlib.Path(self.build_lib, "tamis", "_lib")
        if os.environ.get("TAMIS_BUILD_DIR"):
            install_libraries(pathlib.Path(os.environ["TAMIS_BUILD_DIR"]), target)
        elif not system_has_them():
            with tempfile.TemporaryDirectory() as directory:
                install_libraries(configured(pathlib.Path(directory)), target)


class PlatformWheel(bdist_wheel):
    """For any Python 3, and this machine's kind of Linux."""

    def get_tag(self):
        return ("py3", "none", super().get_tag()[2])


class PlatformDistribution(Distribution):
    def has_ext_modules(self):
        return True


setup(distclass=PlatformDistribution, cmdclass={"build_py": BuildWithLibraries, "bdist_wheel": PlatformWheel})
