"""A load generator of our own: one process, keep-alive connections, closed or open loop, bounded in time.

Run by `tests.benchmarks.servers` on a core of its own: ``python -m tests.benchmarks.wire`` with a plan on stdin.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
from dataclasses import dataclass, field
from time import perf_counter

TOKEN = b'"token":"'


@dataclass
class Line:
    """One connection, and the session that beats on it."""

    head: bytes
    """The request's line and headers, up to the length."""
    token: bytes
    body: str
    """A format with `{token}` and `{seq}`; without them the same each time."""
    seq: int = 0
    due: float = 0.0
    got: bytes = b""
    busy: bool = False
    link: socket.socket = field(default_factory=socket.socket)

    def connect(self, port: int) -> None:
        """Open the connection."""
        self.link = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        """The next request."""
        self.seq += 1
        body = self.body.replace("{token}", self.token.decode()).replace("{seq}", str(self.seq)).encode()
        self.link.sendall(b"%b%d\r\n\r\n%b" % (self.head, len(body), body))
        self.busy = True

    def received(self) -> bool:
        """Whether the whole answer is there; its token is the next one. Raises `ConnectionError`."""
        more = self.link.recv(65_536)
        if not more:
            raise ConnectionError("closed")
        self.got += more
        head, found, body = self.got.partition(b"\r\n\r\n")
        if not found:
            return False
        lower = head.lower()
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(self.got.decode("utf-8", "replace")[:400])
        at = body.find(TOKEN)
        if at >= 0:
            self.token = body[at + len(TOKEN) : body.index(b'"', at + len(TOKEN))]
        self.got, self.busy = b"", False
        return True


def closed(lines: list[Line], seconds: float) -> dict[str, float]:
    """As fast as it answers: one request in flight on each connection."""
    times = _run(lines, seconds, None)
    return {"number": len(times), "per_second": len(times) / seconds, **_tail(times)}


def offered(lines: list[Line], seconds: float, rate: float) -> dict[str, float]:
    """So many a second whatever it answers; latency is counted from when each was due."""
    step = 1 / rate
    for number, line in enumerate(lines):
        line.due = number * step
    times = _run(lines, seconds, len(lines) * step)
    return {"number": len(times), "per_second": len(times) / seconds, **_tail(times)}


def _run(lines: list[Line], seconds: float, every: float | None) -> list[float]:
    times: list[float] = []
    with selectors.EpollSelector() as ready:
        for line in lines:
            ready.register(line.link, selectors.EVENT_READ, line)
        begin = perf_counter()
        end = begin + seconds
        for line in lines:
            line.due += begin
            if every is None:
                line.due = begin
                line.send()
        while (now := perf_counter()) < end:
            if every is not None:
                for line in lines:
                    if not line.busy and line.due <= now:
                        line.send()
            for key, _ in ready.select(0.0005 if every is not None else 1):
                line = key.data
                if line.received():
                    done = perf_counter()
                    times.append(done - line.due)
                    line.due = done if every is None else line.due + every
                    if every is None and done < end:
                        line.send()
        for line in lines:
            while line.busy:
                line.received()
    return times


def _tail(times: list[float]) -> dict[str, float]:
    ordered = sorted(times) or [0.0]
    return {f"p{part}": ordered[min(len(ordered) - 1, len(ordered) * part // 100)] * 1e6 for part in (50, 99)}


def main() -> None:
    """Read a plan a line, run it, and answer with a line."""
    lines: list[Line] = []
    for text in sys.stdin:
        plan = json.loads(text)
        if "lines" in plan:
            lines = [
                Line(one["head"].encode(), one["token"].encode(), one["body"], one["seq"]) for one in plan["lines"]
            ]
            for line in lines:
                line.connect(plan["port"])
            print(json.dumps({}), flush=True)
        elif "rate" in plan:
            print(json.dumps(offered(lines, plan["seconds"], plan["rate"])), flush=True)
        else:
            print(json.dumps(closed(lines, plan["seconds"])), flush=True)


if __name__ == "__main__":
    main()
