"""`python -m tests.benchmarks.http [row …]`: the service over HTTP beside its floors, in turns, on pinned cores.

`MINORGUARD_ROUNDS` (5) says how often each is measured; a row takes some 15 s and 4 s a round.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.servers import Load, Ours, Served, loads, served
from tests.storage.servers import Server, programs, running

ROUNDS = int(os.environ.get("MINORGUARD_ROUNDS", "5"))
SECONDS = 1.0
CONNECTIONS = 8
APP, FLOOR, LIMITED, SYNCED = (
    "minorguard_service.wsgi:create",
    "tests.benchmarks.floors:bare",
    "tests.benchmarks.floors:limited",
    "tests.benchmarks.floors:synced",
)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis with its log, synced each second, as `docs/storage.md` asks for."""
    server = Server(next(iter(programs().values())), folder / "redis")
    with running(server):
        yield server.url


Found = dict[str, list[dict[str, float]]]
"""What each measured, round by round."""


class Bench:
    """Servers side by side, measured in turns."""

    def __init__(self, folder: Path, server: str, workers: int = 1) -> None:
        self.folder, self.server, self.workers = folder, server, workers
        self.stack = ExitStack()
        self.loads: dict[str, Load] = {}
        self.served: dict[str, Served] = {}

    def ours(
        self,
        name: str,
        store: str,
        *,
        connections: int = CONNECTIONS,
        first: int = 0,
        aged: bool = False,
        **settings: str,
    ) -> Ours:
        """Add the service over a store, with open sessions that beat; `aged`: of subjects with a past."""
        ours = Ours(self.folder / name, store)
        port = self._serve(name, APP, **ours.env(**settings))
        opened = ours.open(port, connections, first)
        if aged:
            ours.age(range(first, first + connections))
        self._load(name).beats(port, ours, opened)
        self.answer, self.lines = (
            ours.call(port, "POST", "/v1/heartbeats", {"token": opened[0]["token"], "seq": 1}),
            opened,
        )
        self.example = ours
        return ours

    def beside(self, name: str, app: str, **env: str) -> None:
        """Add a floor or peer that answers with the bytes of ours."""
        text = json.dumps(self.answer, ensure_ascii=False, separators=(",", ":"))
        port = self._serve(name, app, FLOOR_ANSWER=text, **env)
        self._load(name).beats(port, self.example, self.lines)

    def rounds(self, measure: Callable[[Load], dict[str, float]]) -> Found:
        """So many rounds, each in turns, after a warm-up."""
        for load in self.loads.values():
            measure(load)
        found: Found = {name: [] for name in self.loads}
        for turn in range(ROUNDS):
            names = list(self.loads) if turn % 2 else list(reversed(self.loads))
            for name in names:
                before = self.served[name].cpu()
                answer = measure(self.loads[name])
                cpu = (self.served[name].cpu() - before) / max(1, answer["number"])
                found[name].append(answer | {"cpu": cpu})
        return found

    def _serve(self, name: str, app: str, **env: str) -> int:
        core = 0 if self.workers == 1 else None
        self.served[name] = self.stack.enter_context(served(self.server, app, workers=self.workers, core=core, **env))
        return self.served[name].port

    def _load(self, name: str) -> Load:
        (self.loads[name],) = self.stack.enter_context(loads(1))
        return self.loads[name]


@contextmanager
def bench(server: str, workers: int = 1) -> Iterator[Bench]:
    """A bench in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Bench(Path(folder), server, workers)
        with made.stack:
            yield made


UNITS = {"per_second": "/s", "cpu": "µs CPU", "p99": "µs p99"}


def show(title: str, found: Found, ours: str, beside: str, *keys: str, times: float = 1.0) -> None:
    """A row for each figure: medians, and the median of the ratios round by round."""
    for key in keys or ("per_second", "cpu"):
        row(title, [one[key] * times for one in found[ours]], [one[key] for one in found[beside]], beside, UNITS[key])


def row(title: str, mine_all: list[float], others: list[float], beside: str, unit: str) -> None:
    """One row."""
    ratios = sorted(mine / other for mine, other in zip(mine_all, others, strict=True))
    median, mine, other = statistics.median(ratios), statistics.median(mine_all), statistics.median(others)
    spread = f"{ratios[0]:.2f}-{ratios[-1]:.2f}"
    print(
        f"{title:<34} {mine:>7.0f} {unit:<7} {beside:<22} {other:>7.0f} {unit:<7} {median:>6.2f} ({spread})", flush=True
    )


def closed(load: Load) -> dict[str, float]:
    """As fast as it answers."""
    return load.closed(SECONDS)


def on_redis() -> None:
    """A warm heartbeat over HTTP on Redis, one worker, beside the Flask floor and flask-limiter."""
    for server in ("gunicorn", "granian"):
        with bench(server) as row:
            url = row.stack.enter_context(redis(row.folder))
            row.ours("front", url)
            row.ours("flask", url, FRONT="false")
            row.beside("Flask floor", FLOOR)
            row.beside("flask-limiter, Redis", LIMITED, FLOOR_REDIS=url)
            found = row.rounds(closed)
            show(f"beat, Redis, {server}, front", found, "front", "Flask floor")
            show(f"beat, Redis, {server}, all Flask", found, "flask", "Flask floor")
            show(f"beat, Redis, {server}, front", found, "front", "flask-limiter, Redis")
            show(f"beat, Redis, {server}, all Flask", found, "flask", "flask-limiter, Redis")


def on_sqlite() -> None:
    """The same on SQLite at synchronous FULL."""
    with bench("gunicorn") as row:
        row.ours("sqlite", f"sqlite:///{row.folder}/guard.db")
        row.beside("Flask floor", FLOOR)
        row.beside("Flask and a sync", SYNCED, FLOOR_LOG=str(row.folder / "floor.log"))
        found = row.rounds(closed)
        for beside in ("Flask floor", "Flask and a sync"):
            show("beat, SQLite FULL, gunicorn", found, "sqlite", beside, "per_second", "cpu", "p99")


def tail() -> None:
    """The 99th percentile at 1,000 beats a second offered."""
    for server in ("gunicorn", "granian"):
        with bench(server) as row:
            url = row.stack.enter_context(redis(row.folder))
            row.ours("ours", url, connections=32)
            row.beside("Flask floor", FLOOR)
            found = row.rounds(lambda load: load.offered(SECONDS * 2, 1000))
            show(f"1,000 beats/s offered, {server}", found, "ours", "Flask floor", "p99")


def workers() -> None:
    """From one worker to two, beside the floor's own step."""
    seen: dict[tuple[str, int], Found] = {}
    for number in (1, 2):
        with bench("gunicorn", number) as row:
            url = row.stack.enter_context(redis(row.folder))
            row.ours("ours", url)
            row.beside("Flask floor", FLOOR)
            found = row.rounds(closed)
            show(f"beat, Redis, {number} worker(s)", found, "ours", "Flask floor")
            seen.update({(name, number): {name: rounds} for name, rounds in found.items()})
    for key in ("per_second", "cpu"):
        ours, floor = (step([seen[name, number][name] for number in (1, 2)], key) for name in ("ours", "Flask floor"))
        print(f"one worker to two, {UNITS[key]}: ours x {ours:.2f}, floor x {floor:.2f}, ratio {ours / floor:.2f}")


def step(rounds: list[list[dict[str, float]]], key: str) -> float:
    """From the median with one worker to that with two."""
    one, two = (statistics.median(each[key] for each in found) for found in rounds)
    return two / one


def days() -> None:
    """Subjects with a month of folded days and two days of sittings, as on day 365, beside others on their first."""
    with bench("gunicorn") as row:
        url = row.stack.enter_context(redis(row.folder))
        row.ours("day 1", url)
        row.ours("day 365", url, first=CONNECTIONS, aged=True)
        show("beat on day 365", row.rounds(closed), "day 365", "day 1")


def batches() -> None:
    """A hundred checks in a batch beside single ones, and beats likewise, on Redis, one worker."""
    with bench("gunicorn") as row:
        url = row.stack.enter_context(redis(row.folder))
        ours = Ours(row.folder / "batch", url)
        port = row._serve("single check", APP, **ours.env())
        row.served["batch of 100 checks"] = row.served["single check"]
        opened = ours.open(port, 100)
        checks = [{"token": one["token"], "question": {"type": "feature", "feature": "comment"}} for one in opened]
        for name, path, body in (
            ("single check", "/v1/checks", checks[0]),
            ("batch of 100 checks", "/v1/checks/batch", {"checks": checks}),
        ):
            line = {"head": ours.head(path), "token": "", "body": json.dumps(body), "seq": 0}
            row._load(name).connect(port, [line] * 2)
        found = row.rounds(closed)
        show("checks in batches of 100", found, "batch of 100 checks", "single check", "per_second", times=100)
        show("a check in a batch of 100", found, "batch of 100 checks", "single check", "cpu", times=0.01)


ROWS = {
    "redis": on_redis,
    "sqlite": on_sqlite,
    "tail": tail,
    "workers": workers,
    "days": days,
    "batches": batches,
}


def main() -> None:
    """Print the rows that are named, or all."""
    for name in sys.argv[1:] or ROWS:
        ROWS[name]()


if __name__ == "__main__":
    main()
