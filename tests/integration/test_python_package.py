"""What pip makes of middleware/python, its types, and what its documents say."""
import doctest
import importlib
import os
import re
import shutil
import subprocess
import zipfile

import middleware
import pytest
import python_apps
from conftest import BUILD, SOURCE, free_port, listening, request, wait_for


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


def test_every_example_of_the_page(tamis):
    run(middleware.PYTHON, "-m", "doctest", SOURCE / "docs" / "python.md", cwd=tamis.directory,
        env=dict(middleware.environment(tamis.environment), UMAMI_WEBSITE_ID=""))


def test_doctests():
    python_apps.configure_django()
    for name in ("proxies", "event", "watch", "wsgi", "django", "sanitizer", "spool"):
        tried = doctest.testmod(importlib.import_module(f"tamis.{name}"))
        assert tried.attempted and not tried.failed


def test_settings_of_the_page_are_those_of_the_manual():
    page = (SOURCE / "docs" / "python.md").read_text()
    keys = set(re.findall(r'CONFIG\(\w+, \w+, "(app\.\w+)"', (SOURCE / "src" / "config.def").read_text()))
    assert keys and [key for key in sorted(keys) if f"`{key}`" not in page] == []


def test_the_flask_example_shows_its_own_counts(tamis):
    shutil.copytree(SOURCE / "examples" / "flask_app", tamis.directory / "flask_app")
    tamis.environment = middleware.environment(tamis.environment)
    port = free_port()
    server = tamis.start(middleware.PYTHON, tamis.directory / "flask_app" / "app.py", port)
    wait_for(lambda: listening(port) or server.poll() is not None, "the example")
    for path, status in [("/", 200), ("/orders/1", 200), ("/orders/2?mail=joe@example.com", 200), ("/signup", 302), ("/api/generate", 200),
                         ("/lost", 404), ("/counts", 200)]:
        assert request(port, "GET", path).status == status, tamis.logs()
    page = request(port, "GET", "/counts").body.decode()
    rows = [re.findall("<td>([^<]*)", row) for row in page.split("<tr>")[1:]]
    assert sorted(rows) == sorted([
        ["GET", "/", "200", "1"], ["GET", "/orders/{number}", "200", "2"], ["GET", "/signup", "302", "1"],
        ["GET", "/api/generate", "200", "1"], ["GET", "__unrouted__", "404", "1"]])
    assert '"email":"[REDACTED_EMAIL]"' in tamis.command("spool", "cat").stdout
    assert "GET /orders/2?mail=[REDACTED_EMAIL]" in tamis.logs() and "joe@" not in tamis.logs()
    assert f"Running on http://127.0.0.1:{port}" in tamis.logs()


# A compiler that takes objects of the build tree as they are.
CC = f"""#!/bin/sh
for word; do
	case $last in -o) object=$word ;; -MF) depends=$word ;; esac
	last=$word
done
if [ -n "$depends" ] && [ -f "{BUILD}/$object" ]; then
	: >"$depends"
	exec cp "{BUILD}/$object" "$object"
fi
exec cc "$@"
"""


def copied(folder):
    """The repository as it is cloned. What this build found out and compiled need not be done again."""
    for entry in SOURCE.iterdir():
        if entry.name in (".git", "autom4te.cache", "build", "var") or entry == BUILD:
            continue
        if entry.is_dir():
            shutil.copytree(entry, folder / entry.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(entry, folder)
    run("chmod", "-R", "u+w", folder)
    known = re.findall(r"^\w+_cv_(?!env_|prog_)\w+=.*$", (BUILD / "config.log").read_text(), flags=re.M)
    (folder / "config.site").write_text("\n".join(known))
    (folder / "cc").write_text(CC)
    (folder / "cc").chmod(0o755)
    return folder


@pytest.mark.parametrize("word", ["abc", "", "0", "70000", "5000x"])
def test_the_flask_example_wants_a_port(tamis, word):
    """Before anything is built, where it is no number."""
    example = SOURCE / "examples" / "flask_app"
    commands = [[middleware.PYTHON, example / "app.py", word]] if word else []
    commands += [[example / "run", word]] if not word.isdecimal() else []
    for command in commands:
        done = subprocess.run([str(part) for part in command], env=middleware.environment(tamis.environment),
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert done.stderr.endswith("flask_app: PORT has to be a number from 1 to 65535\n")


def test_the_flask_example_runs_by_one_command(tamis, tmp_path):
    """Its wheel is built from the whole repository, as pip does it on a machine without libtamis."""
    root, port = copied(tmp_path), free_port()
    tamis.set(TAMIS_LIBRARY_DIR=None, PYTHONPATH=None, TAMIS_SYSTEM="0", CONFIG_SITE=root / "config.site", CC=root / "cc",
              PIP_NO_INDEX="1", PIP_NO_BUILD_ISOLATION="0", PIP_DISABLE_PIP_VERSION_CHECK="1",
              PATH=f"{os.path.dirname(middleware.PYTHON)}:{os.environ['PATH']}")
    server = tamis.start(root / "examples" / "flask_app" / "run", port)
    wait_for(lambda: listening(port) or server.poll() is not None, "the example", 240)
    for path, status in [("/", 200), ("/orders/2?mail=joe@example.com", 200), ("/signup", 302)]:
        assert request(port, "GET", path).status == status, tamis.logs()
    wait_for(lambda: b"<tr><td>GET<td>/orders/{number}<td>200<td>1" in request(port, "GET", "/counts").body, "the count")
    package = next((root / "var" / "flask_app").glob("lib/python3*/site-packages/tamis"))
    assert sorted(path.name for path in (package / "_lib").iterdir()) == ["libsanitizer.so.1", "libtamis.so.1"]
    kept = tamis.command("spool", "cat").stdout
    assert '"email":"[REDACTED_EMAIL]"' in kept and "joe@" not in kept


SAMPLE = """
from typing import Dict, List, Tuple

import tamis
from tamis import UmamiAnalytics, get_analytics, track_event, track_page_view, track_route

analytics: UmamiAnalytics = get_analytics('my_app')
track_event('signup', {'plan': 'pro', 'amount': 9.99})
analytics.track_page_view('/dashboard')


@track_route('api.generate')
def generate(number: int) -> str:
    return tamis.sanitize_url(str(number))


@analytics.track_route('api.wait')
async def wait(seconds: float) -> bool:
    return tamis.is_pii_detected(generate(7))


data: Dict[str, Tuple[int, str]] = tamis.sanitize_data({'at': (1, 'a')})
found: List[tamis.Finding] = tamis.find_pii('x')
"""


def test_types_are_complete(tmp_path):
    """Those of the package, and of an application that uses it."""
    (tmp_path / "sample.py").write_text(SAMPLE)
    run(middleware.PYTHON, "-m", "mypy", "--cache-dir", tmp_path, "tamis", tmp_path / "sample.py", cwd=middleware.PACKAGE)
    (tmp_path / "sample.py").write_text(SAMPLE + "generate('7')\nwait('7')\n")
    wrong = subprocess.run([middleware.PYTHON, "-m", "mypy", "--cache-dir", str(tmp_path), "tamis",
                            str(tmp_path / "sample.py")], cwd=middleware.PACKAGE, capture_output=True, text=True, timeout=300)
    assert wrong.stdout.count("incompatible type") == 2
