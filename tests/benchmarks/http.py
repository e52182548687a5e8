"""`python -m tests.benchmarks.http [row …]`: the service over HTTP beside its floors, in turns, on pinned cores."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.servers import Load, Ours, loads, served
from tests.storage.servers import Server, programs, running

ROUNDS = 5
SECONDS = 1.0
CONNECTIONS = 8
APP, FLOOR, LIMITED = (
    "minorguard_service.wsgi:create",
    "tests.benchmarks.floors:bare",
    "tests.benchmarks.floors:limited",
)


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis with its log, synced each second, as `docs/storage.md` asks for."""
    server = Server(next(iter(programs().values())), folder / "redis")
    with running(server):
        yield server.url


class Bench:
    """Servers side by side, measured in turns."""

    def __init__(self, folder: Path, server: str, workers: int = 1) -> None:
        self.folder, self.server, self.workers = folder, server, workers
        self.stack = ExitStack()
        self.loads: dict[str, Load] = {}

    def ours(self, name: str, store: str, *, connections: int = CONNECTIONS, **settings: str) -> Ours:
        """Add the service over a store, with open sessions that beat."""
        ours = Ours(self.folder / name, store)
        port = self.stack.enter_context(
            served(self.server, APP, workers=self.workers, core=self._core, **ours.env(**settings))
        )
        opened = ours.open(port, connections)
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
        port = self.stack.enter_context(
            served(self.server, app, workers=self.workers, core=self._core, FLOOR_ANSWER=text, **env)
        )
        self._load(name).beats(port, self.example, self.lines)

    def rounds(self, measure: Callable[[Load], dict[str, float]], key: str = "per_second") -> dict[str, list[float]]:
        """So many rounds, each in turns, after a warm-up."""
        for load in self.loads.values():
            measure(load)
        found: dict[str, list[float]] = {name: [] for name in self.loads}
        for turn in range(ROUNDS):
            names = list(self.loads) if turn % 2 else list(reversed(self.loads))
            for name in names:
                found[name].append(measure(self.loads[name])[key])
        return found

    @property
    def _core(self) -> int | None:
        return 0 if self.workers == 1 else None

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


def show(title: str, found: dict[str, list[float]], ours: str, beside: str, unit: str = "/s") -> float:
    """One row: medians, and the median of the ratios round by round."""
    ratios = sorted(mine / other for mine, other in zip(found[ours], found[beside], strict=True))
    median = statistics.median(ratios)
    mine, other = statistics.median(found[ours]), statistics.median(found[beside])
    spread = f"{ratios[0]:.2f}-{ratios[-1]:.2f}"
    print(
        f"{title:<46} {mine:>8.0f} {unit:<3} {beside:<30} {other:>8.0f} {unit:<3} {median:>6.2f} ({spread})", flush=True
    )
    return median


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
        show("beat, SQLite FULL, gunicorn", row.rounds(closed), "sqlite", "Flask floor")


def tail() -> None:
    """The 99th percentile at 1,000 beats a second offered."""
    for server in ("gunicorn", "granian"):
        with bench(server) as row:
            url = row.stack.enter_context(redis(row.folder))
            row.ours("ours", url, connections=32)
            row.beside("Flask floor", FLOOR)
            found = row.rounds(lambda load: load.offered(SECONDS * 2, 1000), "p99")
            show(f"p99 at 1,000 beats/s, {server}", found, "ours", "Flask floor", "µs")


def workers() -> None:
    """From one worker to two, beside the floor's own step."""
    rates: dict[tuple[str, int], float] = {}
    for number in (1, 2):
        with bench("gunicorn", number) as row:
            url = row.stack.enter_context(redis(row.folder))
            row.ours("ours", url)
            row.beside("Flask floor", FLOOR)
            found = row.rounds(closed)
            show(f"beat, Redis, {number} worker(s)", found, "ours", "Flask floor")
            rates |= {(name, number): statistics.median(seen) for name, seen in found.items()}
    ours, floor = (rates[name, 2] / rates[name, 1] for name in ("ours", "Flask floor"))
    print(f"one worker to two: ours x {ours:.2f}, floor x {floor:.2f}, ratio {ours / floor:.2f}")


def batches() -> None:
    """A hundred checks in a batch beside single ones, and beats likewise, on Redis, one worker."""
    with bench("gunicorn") as row:
        url = row.stack.enter_context(redis(row.folder))
        ours = Ours(row.folder / "batch", url)
        port = row.stack.enter_context(served(row.server, APP, core=0, **ours.env()))
        opened = ours.open(port, 100)
        checks = [{"token": one["token"], "question": {"type": "feature", "feature": "comment"}} for one in opened]
        for name, path, body in (
            ("single check", "/v1/checks", checks[0]),
            ("batch of 100 checks", "/v1/checks/batch", {"checks": checks}),
        ):
            line = {"head": ours.head(path), "token": "", "body": json.dumps(body), "seq": 0}
            row._load(name).connect(port, [line] * 2)
        found = row.rounds(closed)
        found["batch of 100 checks"] = [rate * 100 for rate in found["batch of 100 checks"]]
        show("checks/s in batches of 100", found, "batch of 100 checks", "single check")


ROWS = {"redis": on_redis, "sqlite": on_sqlite, "tail": tail, "workers": workers, "batches": batches}


def main() -> None:
    """Print the rows that are named, or all."""
    for name in sys.argv[1:] or ROWS:
        ROWS[name]()


if __name__ == "__main__":
    main()
