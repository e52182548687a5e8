"""Children: other processes that use the store under test."""

import contextlib
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


@pytest.fixture(params=servers.programs().values(), ids=servers.programs())
def program(request):
    """Each kind of Redis server that this machine has."""
    return request.param


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """Servers that many tests use, each with a prefix of its own: started when first used, ended with the session."""
    with contextlib.ExitStack() as stack:
        started = {}

        def start(program, make, name):
            if (program, name) not in started:
                started[program, name] = stack.enter_context(make(program, tmp_path_factory.mktemp(name)))
            return started[program, name]

        yield start


@pytest.fixture
def one_server(program, shared):
    """A server with a log."""
    return shared(program, servers.one, "one")


@pytest.fixture
def guarded_server(program, shared):
    """One with TLS and an ACL user; prefixes begin with `kids`."""
    return shared(program, servers.guarded, "guarded")


@pytest.fixture
def behind_sentinel(program, shared):
    """A primary, a replica and a sentinel."""
    return shared(program, servers.sentinels, "sentinel")


@pytest.fixture
def on_a_cluster(program, shared):
    """Three primaries and three replicas."""
    return shared(program, servers.cluster, "cluster")


@pytest.fixture
def prefix(request):
    """Of one test."""
    return f"kids{zlib.crc32(request.node.nodeid.encode()):x}"
