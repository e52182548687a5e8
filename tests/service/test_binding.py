"""Where nothing can listen: said in words, with what to do."""

import socket
from pathlib import Path

import pytest

from minorguard_service.binding import why_not
from tests.service.test_server import _PATIENCE_SECONDS, Deployment


def test_a_port_that_is_taken_is_named_with_what_to_do(tmp_path: Path) -> None:
    """After five seconds, in which a predecessor may stop, the last line says where else to serve."""
    deployment = Deployment(tmp_path)
    port = deployment.client.base_url.port or 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert deployment.start().wait(_PATIENCE_SECONDS) == 2
    deployment.client.close()
    assert f"--bind 127.0.0.1:{port + 1}" in deployment.said().splitlines()[-1]


@pytest.mark.parametrize(
    ("bind", "words"),
    [
        ("127.0.0.1:0", None),
        ("unix:/run/minorguard.sock", None),
        ("unix:/run/no-such-folder/minorguard.sock", "there is no folder `/run/no-such-folder`"),
        ("192.0.2.1:8000", "`192.0.2.1:8000` is not an address to listen on here"),
        ("192.0.2.1:65535", "with `--bind 192.0.2.1:8000`"),
    ],
)
def test_only_what_keeps_it_from_listening_is_said(bind: str, words: str | None) -> None:
    """An address of another machine is told; any free port and a socket file are not."""
    problem = why_not(bind)
    assert problem is None if words is None else words in str(problem)
