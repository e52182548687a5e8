"""`python -m tests.benchmarks.sqlite_tail`: how long a write waits when many processes and threads want one file.

Each thread writes a key of its own without a pause, which is the worst that a queue can be asked.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from minorguard.storage.sqlite import SqliteStore

SHAPES = ((1, 1), (1, 8), (2, 1), (2, 8), (4, 1), (4, 8), (8, 1), (8, 4))
"""Processes, and threads of each."""
SECONDS = 3.0
BLOB = b"x" * 450


def write(path: str, number: int, threads: int, barrier: object, found: object) -> None:
    """Write from each thread again and again; give the seconds that each write took, and the CPU of all."""
    store = SqliteStore(path, timeout_seconds=30)
    versions = {f"k{number}/{thread}": store.save(f"k{number}/{thread}", BLOB, 0) for thread in range(threads)}
    barrier.wait()  # type: ignore[attr-defined]
    before, end = process_time(), perf_counter() + SECONDS

    def work(key: str) -> list[float]:
        version, took = versions[key], []
        while (begin := perf_counter()) < end:
            version = store.save(key, BLOB, version)
            took.append(perf_counter() - begin)
        return took

    with ThreadPoolExecutor(threads) as pool:
        took = list(pool.map(work, versions))
    found.put((took, process_time() - before))  # type: ignore[attr-defined]
    store.close()


def run(processes: int, threads: int) -> tuple[list[list[float]], float]:
    """The waits of each thread, and the seconds of CPU of all."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "state.db")
        SqliteStore(path).close()
        barrier, found = context.Barrier(processes), context.Queue()
        running = [context.Process(target=write, args=(path, n, threads, barrier, found)) for n in range(processes)]
        for one in running:
            one.start()
        answers = [found.get() for _ in running]
        for one in running:
            one.join()
    return [took for each, _ in answers for took in each], sum(cpu for _, cpu in answers)


def main() -> None:
    """Print the table."""
    print(
        f"{'processes':>9} {'threads':>7} {'writes/s':>9} {'CPU each':>9} {'median':>9} {'p99':>9} {'longest':>9}"
        "   fewest and most writes of one"
    )
    for processes, threads in SHAPES:
        took, cpu = run(processes, threads)
        waits = sorted(second for one in took for second in one)
        counts = sorted(map(len, took))
        row = [f"{1000 * value:>6.2f} ms" for value in (median(waits), waits[len(waits) * 99 // 100], waits[-1])]
        rate, each = len(waits) / SECONDS, 1_000_000 * cpu / len(waits)
        print(
            f"{processes:>9} {threads:>7} {rate:>9.0f} {each:>6.0f} µs {' '.join(row)}   {counts[0]} and {counts[-1]}",
            flush=True,
        )


if __name__ == "__main__":
    main()
