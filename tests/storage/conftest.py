"""Children: other processes that use the store under test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.register_assert_rewrite("minorguard.storage.contract")

ROOT = Path(__file__).parents[2]


@pytest.fixture
def child(tmp_path):
    """Start a Python process on a piece of code; `STORE` in it is the file that the test uses."""
    running = []

    def start(code, *arguments):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "STORE": str(tmp_path / "state.db")}
        prelude = "import os, sys\nfrom minorguard.storage.sqlite import SqliteStore\nSTORE = os.environ['STORE']\n"
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", prelude + code, *map(str, arguments)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()
