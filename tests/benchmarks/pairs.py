"""Timing two things in turns, so that a machine that slows down slows both."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import thread_time_ns

ROUNDS = 41


@dataclass(frozen=True)
class Pair:
    """Ours beside a floor or peer: medians in microseconds, and the median of the ratios round by round."""

    ours: float
    floor: float
    ratio: float
    low: float
    high: float


def timed(call: Callable[[], object], number: int, clock: Callable[[], int]) -> float:
    """Microseconds a call, over `number` calls."""
    begin = clock()
    for _ in range(number):
        call()
    return (clock() - begin) / number / 1000


def pair(
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    ours_number: int,
    floor_number: int,
    rounds: int = ROUNDS,
    clock: Callable[[], int] = thread_time_ns,
) -> Pair:
    """Measure in turns, after a warm-up: by this thread's own time, unless another clock is given for what waits."""
    timed(ours, ours_number, clock)
    timed(floor, floor_number, clock)
    times = [(timed(ours, ours_number, clock), timed(floor, floor_number, clock)) for _ in range(rounds)]
    ratios = sorted(mine / other for mine, other in times)
    return Pair(
        statistics.median(mine for mine, _ in times),
        statistics.median(other for _, other in times),
        statistics.median(ratios),
        ratios[len(ratios) // 10],
        ratios[-len(ratios) // 10],
    )


def show(name: str, floor: str, measured: Pair) -> None:
    """One row of the table."""
    spread = f"{measured.low:.2f}-{measured.high:.2f}"
    ours, other = f"{measured.ours:>9.2f} µs", f"{measured.floor:>8.2f} µs"
    print(f"{name:<44} {ours}   {floor:<34} {other}   {measured.ratio:>8.2f} ({spread})")
