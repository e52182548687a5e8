"""`python -m tests.benchmarks.sqlite_tail`: how long a write waits when several processes want the one file.

Each process writes without a pause, which is the worst that a queue can be asked.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from minorguard.storage.sqlite import SqliteStore

PROCESSES = (1, 2, 4, 8)
SECONDS = 4.0
BLOB = b"x" * 450


def write(path: str, number: int, barrier: object, waits: object) -> None:
    """Write one key again and again; give the seconds that each write took."""
    store = SqliteStore(path, timeout_seconds=30)
    version, took = store.save(f"k{number}", BLOB, 0), []
    barrier.wait()  # type: ignore[attr-defined]
    end = perf_counter() + SECONDS
    while (begin := perf_counter()) < end:
        version = store.save(f"k{number}", BLOB, version)
        took.append(perf_counter() - begin)
    waits.put(took)  # type: ignore[attr-defined]
    store.close()


def run(processes: int) -> list[list[float]]:
    """The waits of each process."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "state.db")
        SqliteStore(path).close()
        barrier, waits = context.Barrier(processes), context.Queue()
        running = [context.Process(target=write, args=(path, n, barrier, waits)) for n in range(processes)]
        for one in running:
            one.start()
        took = [waits.get() for _ in running]
        for one in running:
            one.join()
    return took


def main() -> None:
    """Print the table."""
    print(f"{'processes':>9} {'writes/s':>9} {'median':>9} {'p99':>9} {'longest':>9}   fewest and most writes of one")
    for processes in PROCESSES:
        took = run(processes)
        waits = sorted(second for one in took for second in one)
        counts = sorted(map(len, took))
        row = [f"{1000 * value:>6.2f} ms" for value in (median(waits), waits[len(waits) * 99 // 100], waits[-1])]
        print(f"{processes:>9} {len(waits) / SECONDS:>9.0f} {' '.join(row)}   {counts[0]} and {counts[-1]}")


if __name__ == "__main__":
    main()
