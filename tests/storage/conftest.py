"""Children: other processes that use the store under test."""

import os
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.storage import servers

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


@pytest.fixture(scope="session", params=servers.programs().values(), ids=servers.programs())
def program(request):
    """Each kind of Redis server that this machine has."""
    return request.param


@pytest.fixture(scope="session")
def one_server(program, tmp_path_factory):
    """A server with a log, shared by all tests; each uses a prefix of its own."""
    with servers.running(servers.Server(program, tmp_path_factory.mktemp("one"))) as (server,):
        yield server


@pytest.fixture(scope="session")
def guarded_server(program, tmp_path_factory):
    """One with TLS and an ACL user, shared likewise; prefixes begin with `kids`."""
    with servers.guarded(program, tmp_path_factory.mktemp("guarded")) as server:
        yield server


@pytest.fixture(scope="session")
def behind_sentinel(program, tmp_path_factory):
    """A primary, a replica and a sentinel, shared likewise."""
    with servers.sentinels(program, tmp_path_factory.mktemp("sentinel")) as found:
        yield found


@pytest.fixture(scope="session")
def on_a_cluster(program, tmp_path_factory):
    """Three primaries and three replicas, shared likewise."""
    with servers.cluster(program, tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture
def prefix(request):
    """Of one test."""
    return f"kids{zlib.crc32(request.node.nodeid.encode()):x}"
