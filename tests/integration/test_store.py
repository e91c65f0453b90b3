"""The store's own tests, and those of reading counts, once more on PostgreSQL."""

import os
import subprocess

import pytest

from postgres import server  # noqa: F401

BUILD = os.environ.get("top_builddir", "build")


@pytest.mark.parametrize("program", ["test_store", "test_counts"])
def test_the_same_on_postgresql(server, program):
    result = subprocess.run(
        [os.path.join(BUILD, "tests/unit", program)],
        env={**os.environ, "TEST_DATABASE_URL": server.database(program)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    rows = server.psql("SELECT count(*) FROM counts", program)
    assert int(rows) > 100
