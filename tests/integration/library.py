"""A shared library in other programs: built against, loaded, installed. For test_lib*.py."""
import os
import re
import shlex
import subprocess

from conftest import BUILD, SOURCE, need


def makefile(name):
    """A variable of the build."""
    text = (BUILD / "Makefile").read_text()
    return re.search(rf"^{name} = (.*)$", text, re.M).group(1)


CC = shlex.split(makefile("CC"))
INSTRUMENT = shlex.split(makefile("INSTRUMENT_CFLAGS"))  # what the libraries were built with
LIBRARIES = BUILD / ".libs"


def quietly(*command, **options):
    """Run to success, and return what was printed."""
    done = subprocess.run([str(c) for c in command], capture_output=True, timeout=120, **options)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
    return done.stdout


def environment(folder, base=os.environ):
    """For programs that load a library from `folder`: foreign ones bring no ASan with them."""
    env = dict(base, LD_LIBRARY_PATH=str(folder))
    if INSTRUMENT:
        env["LD_PRELOAD"] = quietly(*CC, "-print-file-name=libasan.so").decode().strip()
        env["ASAN_OPTIONS"] = "detect_leaks=0"
    return env


def build(source, program, *flags):
    quietly(*CC, "-std=c17", "-Wall", "-Wextra", "-Werror", *INSTRUMENT, source, "-o", program, *flags)


def install(root):
    """Libraries, headers and .pc files below `root`, by `make install`."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    quietly("make", "-C", BUILD, "install-libLTLIBRARIES", "install-includeHEADERS", "install-pkgconfigDATA",
            f"DESTDIR={root}", env=env)
    return root


def pkg_config(root, package, *arguments):
    folder = next(root.rglob(f"{package}.pc")).parent
    env = dict(os.environ, PKG_CONFIG_PATH=str(folder), PKG_CONFIG_SYSROOT_DIR=str(root))
    return quietly("pkg-config", *arguments, package, env=env).decode().split()


def check_header(header, standard, folder):
    """It compiles by itself."""
    source = folder / "header.c"
    source.write_text(f"#include <{header.name}>\nextern int nothing;\n")
    quietly(*CC, f"-std={standard}", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
            f"-I{header.parent}", source)


def check_exports(library, header, prefix, version, types):
    """What is exported is what the header declares."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
    declared = set(re.findall(rf"\b({prefix}\w+)\(", text)) - types
    table = quietly(need("nm"), "-D", "--defined-only", library).decode()
    exported = {line.split()[2] for line in table.splitlines() if line.split()[1] != "A"}
    assert exported == {f"{name}@@{version}" for name in declared}


def check_abi(name, folder):
    """Fails on any change of it: one made on purpose asks for a new baseline. Not with ASan: it has other symbols."""
    need("abidw")
    now = folder / "now.abi"
    now.write_bytes(quietly(SOURCE / "tests/abi/baseline.sh", name, cwd=BUILD))
    done = subprocess.run([need("abidiff"), SOURCE / f"tests/abi/{name}.abi", now], capture_output=True, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr).decode() + "\nif this was meant: see tests/abi/baseline.sh"
