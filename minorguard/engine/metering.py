"""Sets of time: sorted, disjoint, half-open intervals of whole seconds."""

from __future__ import annotations

from collections.abc import Iterable

from minorguard.model.ids import Instant, Seconds
from minorguard.model.state import Intervals, Track

FOREVER: Instant = 1 << 40
"""Later than any instant that is asked about."""


def union(sets: Iterable[Intervals]) -> Intervals:
    """The union of sets of time.

    >>> union([((0, 10), (20, 30)), ((10, 15), (25, 40))])
    ((0, 15), (20, 40))
    """
    parts = [part for part in sets if part]
    if len(parts) < 2:
        return parts[0] if parts else ()
    merged: list[tuple[Instant, Instant]] = []
    for start, end in sorted(interval for part in parts for interval in part):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def add(intervals: Intervals, start: Instant, end: Instant) -> Intervals:
    """The set with ``[start, end)`` added; an empty interval adds nothing."""
    return union((intervals, ((start, end),))) if end > start else intervals


def clip(intervals: Intervals, start: Instant, end: Instant) -> Intervals:
    """The part of a set inside ``[start, end)``."""
    return tuple((max(s, start), min(e, end)) for s, e in intervals if e > start and s < end)


def measure(intervals: Intervals, start: Instant, end: Instant) -> Seconds:
    """How many seconds of ``[start, end)`` are in the set."""
    return sum(min(e, end) - max(s, start) for s, e in intervals if e > start and s < end)


def continuing(intervals: Intervals, now: Instant) -> Intervals:
    """What the set will be if use goes on from `now` without an end."""
    return add(clip(intervals, -FOREVER, now), now, FOREVER)


def reached_at(intervals: Intervals, start: Instant, end: Instant, amount: Seconds) -> Instant | None:
    """The first instant by which the set holds `amount` seconds since `start`; None if not before `end`."""
    if amount <= 0:
        return start
    left = amount
    for s, e in intervals:
        begins, ends = max(s, start), min(e, end)
        if ends - begins >= left:
            return begins + left
        left -= max(0, ends - begins)
    return None


def atoms(tracks: Iterable[tuple[Track, Intervals]]) -> dict[frozenset[Track], Seconds]:
    """Seconds by the exact set of tracks that ran together; any union of tracks can be had from it exactly."""
    edges: list[tuple[Instant, bool, Track]] = []
    for track, intervals in tracks:
        edges.extend(edge for s, e in intervals for edge in ((s, True, track), (e, False, track)))
    edges.sort(key=lambda edge: edge[0])
    running: set[Track] = set()
    totals: dict[frozenset[Track], Seconds] = {}
    previous = 0
    for at, starts, track in edges:
        if running and at > previous:
            key = frozenset(running)
            totals[key] = totals.get(key, 0) + at - previous
        (running.add if starts else running.discard)(track)
        previous = at
    return totals
