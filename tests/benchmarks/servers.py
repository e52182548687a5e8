"""Servers and the load generator as processes of their own, pinned to a core each, on free loopback ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from minorguard.model.calendar import DAY
from minorguard.model.state import FoldedDay
from minorguard.storage import open_store
from minorguard.storage.codec import decode, encode
from minorguard_service.keys import create_api_key
from tests.reliability.serving import ROOT, free_port

CORES = sorted(os.sched_getaffinity(0))
POLICY = """\
policy: test
timezone: {zone}
calendar: CN
extends: [cn-minor-mode-2024]
bands:
  "0-18":
    time:
      quota: {{daily: {{weekend: 400m, holiday: 400m, otherwise: 400m}}, per_activity: {{game: {{daily: 300m}}}}}}
      curfew: ["02:00-06:00"]
      sitting: {{remind_after: 200m, break_after: 300m, break_for: 10m, at_least: 2m}}
      warn_before: [10m, 5m, 1m]
      grace: 60s
    features: {{default: deny, allow: [search], limit: {{comment: 20/day}}}}
"""
SERVERS = {
    "gunicorn": "-m gunicorn -k gthread --threads 8 --keep-alive 120 --log-level error"
    " -w {workers} -b 127.0.0.1:{port} {app}()",
    "granian": "-m granian --interface wsgi --log-level error --no-ws --workers {workers} --blocking-threads 1"
    " --respawn-failed-workers --host 127.0.0.1 --port {port} --factory {app}",
}


def noon_zone() -> str:
    """A zone in which it is about noon, so that no curfew is near."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@dataclass(frozen=True)
class Served:
    """A running server: its port, and the first of its processes, which leads their group."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Microseconds that all its threads have run: what others do on the same cores does not disturb it much."""
        total = 0
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError):
                if int((folder / "stat").read_text().rpartition(")")[2].split()[2]) == self.pid:
                    total += sum(int(one.read_text().split()[0]) for one in folder.glob("task/*/schedstat"))
        return total / 1000


@contextmanager
def served(server: str, app: str, *, workers: int = 1, core: int | None = None, **env: str) -> Iterator[Served]:
    """An app under a server; all its processes are killed at the end."""
    port = free_port()
    command = [sys.executable, *SERVERS[server].format(workers=workers, port=port, app=app).split()]
    path = os.pathsep.join((str(ROOT), str(ROOT / "service")))
    pinned = {CORES[core % len(CORES)]} if core is not None else set(CORES)
    with tempfile.TemporaryFile("w+") as log:  # what it writes a line a call into
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": path, **env},
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, pinned),
        )
        try:
            _until_it_answers(process, port)
            yield Served(port, process.pid)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if process.wait() not in {0, -signal.SIGKILL}:
                log.seek(0)
                print(log.read()[-2000:], file=sys.stderr)


def _until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode}")
        with suppress(OSError):
            link = HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/livez")
            link.getresponse().read()
            link.close()
            return
        time.sleep(0.05)
    raise SystemExit("the server does not answer")


@dataclass
class Ours:
    """A folder with a policy and settings, a store and a key."""

    folder: Path
    store: str

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "policy.yaml").write_text(POLICY.format(zone=noon_zone()))
        store = open_store(self.store)
        self.key, _ = create_api_key(store, tenant="acme", roles=["app"], live=False, name="bench", now=0)
        store.close()

    def env(self, **more: str) -> dict[str, str]:
        """The settings of the service."""
        known = {"STORE": self.store, "POLICIES": str(self.folder / "policy.yaml"), "LOG_LEVEL": "info"}
        return {f"MINORGUARD_{name}": value for name, value in (known | more).items()}

    def call(self, port: int, method: str, path: str, body: Any = None) -> Any:
        """One call; the parsed answer."""
        link = HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        link.request(method, path, None if body is None else json.dumps(body), headers)
        answer = link.getresponse()
        text = answer.read()
        link.close()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text!r}")
        return json.loads(text)

    def open(self, port: int, number: int, start: int = 0) -> list[dict[str, Any]]:
        """Register so many subjects, each with an open session."""
        opened = []
        for place in range(start, start + number):
            self.call(port, "PUT", f"/v1/subjects/kid-{place}", {"policy": "test", "age_band": "12-16"})
            body = {"subject_id": f"kid-{place}", "device": "tablet"}
            opened.append(self.call(port, "POST", "/v1/sessions", body))
        return opened

    def age(self, numbers: Iterable[int]) -> None:
        """Give subjects a past: five weeks of folded days, and four sittings on each of the last two days."""
        store = open_store(self.store)
        for key in (f"subject/acme.test/kid-{number}" for number in numbers):
            stored = store.load(key)
            assert stored is not None
            state = decode(key, stored.blob)
            today = state.sessions[0].start // DAY * DAY
            atoms = tuple((frozenset({("tablet", activity)}), 1200) for activity in ("game", "study", "video"))
            folded = tuple(FoldedDay(today - back * DAY, today - (back - 1) * DAY, atoms) for back in range(34, 2, -1))
            sat = tuple(
                (at, at + 600) for back in (2, 1) for at in range(today - back * DAY, today - (back - 1) * DAY, 21_600)
            )
            aged = replace(state, days=folded, ledger=((("tablet", "video"), sat),))
            store.save(key, encode(aged), stored.version)
        store.close()

    def head(self, path: str) -> str:
        """A request's line and headers, up to the length."""
        return (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.key}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )


BEAT = '{"token":"{token}","seq":{seq}}'


class Load:
    """The load generator, as a process on the last core."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.wire"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {CORES[-1]}),
        )

    def connect(self, port: int, lines: list[dict[str, Any]]) -> None:
        """Open the connections."""
        self._ask(port=port, lines=lines)

    def beats(self, port: int, ours: Ours, opened: list[dict[str, Any]]) -> None:
        """A connection for each session."""
        head = ours.head("/v1/heartbeats")
        self.connect(port, [{"head": head, "token": one["token"], "body": BEAT, "seq": one["seq"]} for one in opened])

    def closed(self, seconds: float) -> dict[str, float]:
        """As fast as it answers."""
        return self._ask(seconds=seconds)

    def offered(self, seconds: float, rate: float) -> dict[str, float]:
        """So many a second."""
        return self._ask(seconds=seconds, rate=rate)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, **plan: Any) -> dict[str, float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(plan) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("the load generator ended")
        return json.loads(answer)


@contextmanager
def loads(number: int) -> Iterator[list[Load]]:
    """Load generators that end with the block."""
    found = [Load() for _ in range(number)]
    try:
        yield found
    finally:
        for load in found:
            load.close()
