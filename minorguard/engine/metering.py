"""Sets of time: sorted, disjoint, half-open intervals of whole seconds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from minorguard.model.ids import Instant, Seconds
from minorguard.model.state import Interval, Intervals, Track

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
    merged: list[Interval] = []
    last: Instant = -FOREVER
    for start, end in sorted(chain.from_iterable(parts)):
        if start > last:
            merged.append((start, end))
            last = end
        elif end > last:
            merged[-1] = (merged[-1][0], end)
            last = end
    return tuple(merged)


def add(intervals: Intervals, start: Instant, end: Instant) -> Intervals:
    """The set with ``[start, end)`` added; an empty interval adds nothing."""
    if end <= start:
        return intervals
    if not intervals or intervals[-1][1] < start:
        return (*intervals, (start, end))
    return union((intervals, ((start, end),)))


def since(intervals: Intervals, start: Instant) -> int:
    """The index of the first interval that ends after `start`; what is asked about is mostly at the end."""
    index = len(intervals)
    while index and intervals[index - 1][1] > start:
        index -= 1
    return index


def clip(intervals: Intervals, start: Instant, end: Instant) -> Intervals:
    """The part of a set inside ``[start, end)``."""
    return tuple((max(s, start), min(e, end)) for s, e in intervals if e > start and s < end)


def measure(intervals: Intervals, start: Instant, end: Instant) -> Seconds:
    """How many seconds of ``[start, end)`` are in the set."""
    total = 0
    for s, e in intervals[since(intervals, start) :]:
        if s >= end:
            break
        total += (min(end, e)) - (max(start, s))
    return total


def goes_on(intervals: Intervals, at: Instant) -> bool:
    """Whether the set has something after an instant: use on record goes on while a lease runs."""
    return bool(intervals) and intervals[-1][1] > at


def continuing(intervals: Intervals, now: Instant) -> Intervals:
    """What the set will be if use goes on from `now` without an end."""
    index = since(intervals, now - 1)
    if index < len(intervals) and intervals[index][0] < now:
        return (*intervals[:index], (intervals[index][0], FOREVER))
    return (*intervals[:index], (now, FOREVER))


def reached_at(intervals: Intervals, start: Instant, end: Instant, amount: Seconds) -> Instant | None:
    """The first instant by which the set holds `amount` seconds since `start`; None if not before `end`."""
    if amount <= 0:
        return start
    left = amount
    for s, e in intervals[since(intervals, start) :]:
        begins = max(start, s)
        length = (min(end, e)) - begins
        if length >= left:
            return begins + left
        if length < 0:
            break
        left -= length
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
