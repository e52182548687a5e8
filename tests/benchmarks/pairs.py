"""Timing two things in turns, so that a machine that slows down slows both."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns

ROUNDS = 41


@dataclass(frozen=True)
class Pair:
    """Ours beside a floor or peer: medians in microseconds, and the median of the ratios round by round."""

    ours: float
    floor: float
    ratio: float
    low: float
    high: float


def timed(call: Callable[[], object], number: int) -> float:
    """Microseconds a call, over `number` calls."""
    begin = perf_counter_ns()
    for _ in range(number):
        call()
    return (perf_counter_ns() - begin) / number / 1000


def pair(
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    ours_number: int,
    floor_number: int,
    rounds: int = ROUNDS,
) -> Pair:
    """Measure in turns, after a warm-up."""
    timed(ours, ours_number)
    timed(floor, floor_number)
    times = [(timed(ours, ours_number), timed(floor, floor_number)) for _ in range(rounds)]
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
