"""What keeps a service from listening where its settings say, in words with a way out."""

from __future__ import annotations

import errno
import socket
from pathlib import Path


def why_not(bind: str) -> str | None:
    """Why nothing can listen there now, and what to do; None: something can."""
    if bind.startswith("unix:"):
        folder = Path(bind.removeprefix("unix:")).parent
        return None if folder.is_dir() else f"there is no folder `{folder}`; make it, or name another socket"
    host, _, port = bind.rpartition(":")
    host = host.strip("[]")
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
            probe.listen(1)
    except OSError as error:
        return _words(bind, int(port), error)
    return None


def _words(bind: str, port: int, error: OSError) -> str:
    other = f"{bind.rpartition(':')[0]}:{port + 1 if port < 65_535 else 8_000}"
    elsewhere = f"serve elsewhere with `--bind {other}` or the variable `MINORGUARD_BIND={other}`"
    if error.errno == errno.EADDRINUSE:
        return f"another program listens on `{bind}`, perhaps a second MinorGuard; stop it, or {elsewhere}"
    if error.errno == errno.EACCES:
        return f"`{bind}` needs more rights than this user has; choose a port from 1024 on"
    return f"`{bind}` is not an address to listen on here ({error.strerror}); {elsewhere}"
