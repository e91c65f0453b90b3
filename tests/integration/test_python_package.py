"""What pip makes of middleware/python, its types, and what its documents say."""
import pathlib
import shutil
import subprocess
import sys
import zipfile

import middleware
import pytest
from conftest import BUILD


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built without network, with the libraries of the build tree."""
    directory = tmp_path_factory.mktemp("wheel")
    shutil.copytree(middleware.PACKAGE, directory / "python", ignore=shutil.ignore_patterns("__pycache__", "build"))
    run(middleware.PYTHON, "-m", "pip", "wheel", "--no-build-isolation", "--no-index", "--no-deps", "-w", directory,
        directory / "python", env=dict(middleware.environment(), TAMIS_BUILD_DIR=str(BUILD), PYTHONPATH=""))
    return next(directory.glob("*.whl"))


def test_the_wheel_carries_the_libraries_and_needs_nothing(wheel):
    assert wheel.name.startswith("tamis-0.1.0-py3-none-linux_")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"tamis/_lib/libsanitizer.so.1", "tamis/_lib/libtamis.so.1", "tamis/py.typed"} <= set(names)
    assert sorted(n for n in names if n.endswith(".py")) == sorted(
        f"tamis/{path.name}" for path in (middleware.PACKAGE / "tamis").glob("*.py"))
    metadata = zipfile.ZipFile(wheel).read("tamis-0.1.0.dist-info/METADATA").decode()
    assert "Requires-Dist" not in metadata


def test_it_works_in_a_venv_by_itself(wheel, tamis):
    venv = tamis.directory / "venv"
    run(middleware.PYTHON, "-m", "venv", "--without-pip", venv)
    zipfile.ZipFile(wheel).extractall(next((venv / "lib").glob("python3*")) / "site-packages")
    tamis.set(TAMIS_LIBRARY_DIR=None, PYTHONPATH=None)
    out = run(venv / "bin" / "python", "-c", """
import tamis
from tamis import _library
tamis.get_analytics('my_app').track_event('signup', {'mail': 'joe@example.com'})
print(tamis.sanitize_url('/user/john@example.com/reset?token=abc123'), _library.sanitizer().path)
""", env=tamis.environment, cwd=tamis.directory)
    assert out.startswith("/user/[REDACTED_EMAIL]/reset?token=[REDACTED] ") and str(venv) in out
    assert '"mail":"[REDACTED_EMAIL]"' in tamis.command("spool", "cat").stdout


def test_types_are_complete(tmp_path):
    run(middleware.PYTHON, "-m", "mypy", "--cache-dir", tmp_path, "tamis", cwd=middleware.PACKAGE)
