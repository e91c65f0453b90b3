"""libsanitizer for other programs: the examples, the manual's examples, pkg-config, symbols, ABI."""
import os
import re
import shlex
import subprocess
import sys

import pytest

from conftest import BUILD, SOURCE, need

LIBRARY = BUILD / ".libs" / "libsanitizer.so.1"
DIRTY = b"mail joe@example.com\ntoken=q1, then\n\xff\x00 4111 1111 1111 1111\n"
CLEAN = b"mail [REDACTED_EMAIL]\ntoken=[REDACTED], then\n\xff\x00 [REDACTED_CARD]\n"
MANUAL = (SOURCE / "docs" / "libsanitizer.md").read_text()


def makefile(name):
    """A variable of the build."""
    text = (BUILD / "Makefile").read_text()
    return re.search(rf"^{name} = (.*)$", text, re.M).group(1)


CC = shlex.split(makefile("CC"))
INSTRUMENT = shlex.split(makefile("INSTRUMENT_CFLAGS"))  # what the library was built with


def quietly(*command, **options):
    """Run to success, and return what was printed."""
    done = subprocess.run([str(c) for c in command], capture_output=True, timeout=120, **options)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
    return done.stdout


def environment(folder):
    """For programs that load the library from `folder`: foreign ones bring no ASan with them."""
    env = dict(os.environ, LD_LIBRARY_PATH=str(folder))
    if INSTRUMENT:
        env["LD_PRELOAD"] = quietly(*CC, "-print-file-name=libasan.so").decode().strip()
        env["ASAN_OPTIONS"] = "detect_leaks=0"
    return env


def build(source, program, *flags):
    quietly(*CC, "-std=c17", "-Wall", "-Wextra", "-Werror", *INSTRUMENT, source, "-o", program, *flags)


def build_here(source, program):
    """Against the build tree."""
    build(source, program, f"-I{SOURCE}/sanitizer", LIBRARY)


def run_c(program, folder, **options):
    env = dict(os.environ, LD_LIBRARY_PATH=str(folder))
    return quietly(program, env=env, **options)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The library, its header and its .pc file under a directory of their own, by `make install`."""
    root = tmp_path_factory.mktemp("root")
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE") and k != "MFLAGS"}
    quietly("make", "-C", BUILD, "install-libLTLIBRARIES", "install-includeHEADERS", "install-pkgconfigDATA",
            f"DESTDIR={root}", env=env)
    return root


def pkg_config(root, *arguments):
    package = next(root.rglob("libsanitizer.pc")).parent
    env = dict(os.environ, PKG_CONFIG_PATH=str(package), PKG_CONFIG_SYSROOT_DIR=str(root))
    return quietly("pkg-config", *arguments, "libsanitizer", env=env).decode().split()


def test_c_example_in_the_build_tree(tmp_path):
    build_here(SOURCE / "examples/c/clean.c", tmp_path / "clean")
    assert run_c(tmp_path / "clean", LIBRARY.parent, input=DIRTY) == CLEAN


def test_c_example_against_what_is_installed(tmp_path, installed):
    flags = pkg_config(installed, "--cflags", "--libs")
    build(SOURCE / "examples/c/clean.c", tmp_path / "clean", *flags)
    assert run_c(tmp_path / "clean", next(installed.rglob("libsanitizer.so.1")).parent, input=DIRTY) == CLEAN


def test_python_example_in_the_build_tree():
    out = quietly(sys.executable, SOURCE / "examples/python/clean.py", input=DIRTY, env=environment(LIBRARY.parent))
    assert out == CLEAN


def test_python_example_with_what_is_installed(installed):
    folder = next(installed.rglob("libsanitizer.so.1")).parent
    out = quietly(sys.executable, SOURCE / "examples/python/clean.py", input=DIRTY, env=environment(folder))
    assert out == CLEAN


EXAMPLES = re.findall(r"```(c|python)\n(.*?)```\s+```text\n(.*?)```", MANUAL, re.S)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_manual_example(number, tmp_path):
    language, source, expected = EXAMPLES[number]
    path = tmp_path / ("example." + {"c": "c", "python": "py"}[language])
    path.write_text(source)
    if language == "c":
        build_here(path, tmp_path / "example")
        out = run_c(tmp_path / "example", LIBRARY.parent)
    else:
        out = quietly(sys.executable, path, env=environment(LIBRARY.parent))
    assert out.decode() == expected


def test_every_example_of_the_manual_has_an_output():
    assert len(EXAMPLES) == len(re.findall(r"```(?:c|python)\n", MANUAL)) >= 4


def test_pkg_config(installed):
    version = re.search(r'SAN_VERSION "(.*)"', (SOURCE / "sanitizer/sanitizer.h").read_text()).group(1)
    assert pkg_config(installed, "--modversion") == [version]
    assert pkg_config(installed, "--validate") == []
    shared = [flag for flag in pkg_config(installed, "--libs") if flag.startswith("-l")]
    assert shared == ["-lsanitizer"]
    static = pkg_config(installed, "--libs", "--static")
    assert "-lpcre2-8" in static and "-lsodium" in static


@pytest.mark.parametrize("standard", ["c99", "c11", "c17"])
def test_header_by_itself(standard, tmp_path):
    source = tmp_path / "header.c"
    source.write_text("#include <sanitizer.h>\nextern int nothing;\n")
    quietly(*CC, f"-std={standard}", "-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
            f"-I{SOURCE}/sanitizer", source)


def test_exported_is_what_the_header_declares():
    header = re.sub(r"/\*.*?\*/", "", (SOURCE / "sanitizer/sanitizer.h").read_text(), flags=re.S)
    declared = set(re.findall(r"\b(san_\w+)\(", header)) - {"san_write_fn"}
    table = quietly(need("nm"), "-D", "--defined-only", LIBRARY).decode()
    exported = {line.split()[2] for line in table.splitlines() if line.split()[1] != "A"}
    assert exported == {name + "@@SANITIZER_1" for name in declared}


if not INSTRUMENT:  # ASan's library has other symbols and types
    def test_abi_is_the_baseline(tmp_path):
        """Fails on any change of it: one made on purpose asks for a new baseline."""
        need("abidw")
        now = tmp_path / "now.abi"
        now.write_bytes(quietly(SOURCE / "tests/abi/baseline.sh", cwd=BUILD))
        done = subprocess.run([need("abidiff"), SOURCE / "tests/abi/libsanitizer.abi", now], capture_output=True, timeout=120)
        assert done.returncode == 0, (done.stdout + done.stderr).decode() + "\nif this was meant: see tests/abi/baseline.sh"
