"""`python -m tests.benchmarks.upheaval`: gunicorn and granian under load with slow clients, two reloads and a kill -9.

What is counted is calls that failed: a refused or broken connection, or any answer but 200. A client that meets a
closed keep-alive connection before it has sent anything connects anew, as every HTTP client does.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, RemoteDisconnected
from pathlib import Path

from tests.benchmarks.http import APP, redis
from tests.benchmarks.servers import Ours, served

SECONDS = float(os.environ.get("UPHEAVAL_SECONDS", "12"))
CALLERS = 6
PHASES = (("quiet", 0), ("reload twice", 0), ("kill -9 a worker twice", 0), ("slow clients", 12))
"""What happens, and beside how many clients that send a byte a second."""
BODY = b'{"subject_id":"kid-0","question":{"type":"feature","feature":"comment"}}'


@dataclass
class Seen:
    """What the callers met."""

    answered: int = 0
    failures: list[str] = field(default_factory=list)
    longest: float = 0.0


def call_on(ours: Ours, port: int, until: float, seen: Seen) -> None:
    """Ask again and again on kept connections."""
    headers = {"Authorization": f"Bearer {ours.key}", "Content-Type": "application/json"}
    link, fresh = HTTPConnection("127.0.0.1", port, timeout=10), True
    while time.monotonic() < until:
        begin = time.monotonic()
        try:
            link.request("POST", "/v1/checks", BODY, headers)
            answer = link.getresponse()
            answer.read()
        except (OSError, HTTPException) as error:
            link.close()
            idle = isinstance(error, RemoteDisconnected | BrokenPipeError | ConnectionResetError) and not fresh
            if not idle:
                seen.failures.append(type(error).__name__ + (" (new)" if fresh else " (kept)"))
                time.sleep(0.02)
            fresh = True
            continue
        fresh = False
        seen.answered += 1
        seen.longest = max(seen.longest, time.monotonic() - begin)
        if answer.status != 200:
            seen.failures.append(str(answer.status))
    link.close()


def drip(port: int, until: float) -> None:
    """A client that sends its request a byte a second, and never ends."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        for byte in b"POST /v1/checks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n" + b" " * 60000:
            link.send(bytes([byte]))
            time.sleep(1)
            if time.monotonic() > until:
                return


def children(pid: int) -> list[int]:
    """The processes that a server has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(folder.name))
    return found


def upheaval(server: str, ours: Ours) -> None:
    """Load for a while; in it two reloads, a killed worker, and another one right after."""
    with served(server, APP, workers=2, **ours.env(LOG_LEVEL="error")) as one:
        ours.open(one.port, 1)
        for name, slow in PHASES:
            seen, until = Seen(), time.monotonic() + SECONDS
            threads = [threading.Thread(target=call_on, args=(ours, one.port, until, seen)) for _ in range(CALLERS)]
            threads += [threading.Thread(target=drip, args=(one.port, until)) for _ in range(slow)]
            for thread in threads:
                thread.start()
            for part in (0.3, 0.3):
                time.sleep(SECONDS * part)
                if name.startswith("reload"):
                    os.kill(one.pid, signal.SIGHUP)
                elif name.startswith("kill"):
                    for worker in children(one.pid)[:1]:
                        os.kill(worker, signal.SIGKILL)
            for thread in threads:
                thread.join()
            kinds = {kind: seen.failures.count(kind) for kind in sorted(set(seen.failures))}
            rate, longest = f"{seen.answered / SECONDS:>7.0f} /s", f"longest {seen.longest * 1000:>6.0f} ms"
            print(f"{server:<9} {name:<24} {rate}  {longest}  failed {len(seen.failures)} {kinds or ''}", flush=True)


def main() -> None:
    """Both servers, or those that are named."""
    for server in sys.argv[1:] or ("gunicorn", "granian"):
        with tempfile.TemporaryDirectory() as folder, redis(Path(folder)) as url:
            upheaval(server, Ours(Path(folder) / "ours", url))


if __name__ == "__main__":
    main()
