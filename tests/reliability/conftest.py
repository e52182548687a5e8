"""Stores for the tests of reliability: a file, or a server of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.servers import Server, programs, running


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Server]:
    """A server with a log, for one test alone: it may be killed and stopped."""
    program = next(iter(programs().values()))
    with running(Server(program, tmp_path / "redis")) as (server,):
        yield server
