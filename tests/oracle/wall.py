"""Wall clocks by brute force: offsets are only ever looked up at an instant, never asked for a local time.

Everything here is whole seconds. A *local second* is the number that the wall shows, counted from 0001-01-01T00:00 as
if that clock had never been changed: ``86,400 × ordinal of the date + second of the day``.
"""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 86_400
EPOCH = date(1970, 1, 1).toordinal() * DAY
"""The local second of 1970-01-01T00:00 in UTC."""


def offset(zone: str, instant: int) -> int:
    """Seconds that the wall is ahead of UTC at an instant."""
    found = datetime.fromtimestamp(instant, ZoneInfo(zone)).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def changes(zone: str, low: int, high: int, step: int = 3_600) -> list[tuple[int, int, int]]:
    """Each ``(instant, offset before, offset after)`` in ``(low, high]``, found by sampling and bisection."""
    found = []
    was = offset(zone, low)
    for sample in range(low, high, step):
        end = min(sample + step, high)
        will = offset(zone, end)
        if will != was:
            before, after = sample, end
            while after - before > 1:
                middle = (before + after) // 2
                before, after = (middle, after) if offset(zone, middle) == was else (before, middle)
            found.append((after, was, will))
        was = will
    return found


@lru_cache(maxsize=100_000)
def stretches(zone: str, day: int) -> tuple[tuple[int, int, int], ...]:
    """``(from, to, offset)`` tiling the instants of a date (by ordinal) and about two days on both sides of it."""
    low, high = (day - 2) * DAY - EPOCH, (day + 3) * DAY - EPOCH
    edges = changes(zone, low, high)
    starts = [low, *(at for at, _, _ in edges)]
    ends = [*(at for at, _, _ in edges), high]
    return tuple((start, end, offset(zone, start)) for start, end in zip(starts, ends, strict=True))


@lru_cache(maxsize=200_000)
def showing(zone: str, local: int) -> tuple[int, ...]:
    """Every instant at which the wall shows a local second; if clocks skip it, the instant of the change."""
    tiles = stretches(zone, local // DAY)
    seen = tuple(local - ahead - EPOCH for low, high, ahead in tiles if low <= local - ahead - EPOCH < high)
    if seen:
        return tuple(sorted(seen))
    for (_, change, before), (_, _, after) in itertools.pairwise(tiles):
        if change + before <= local - EPOCH < change + after:
            return (change,)
    raise AssertionError(f"{zone} never comes to local second {local}")


def first(zone: str, day: int, second: int = 0) -> int:
    """The first instant at which the wall shows `second` (86,400 is the next midnight) of a date (by ordinal)."""
    return showing(zone, day * DAY + second)[0]


def last(zone: str, day: int, second: int = 0) -> int:
    """The last such instant."""
    return showing(zone, day * DAY + second)[-1]


def local_second(zone: str, instant: int) -> int:
    """What the wall shows at an instant."""
    return instant + offset(zone, instant) + EPOCH


def at(text: str) -> int:
    """The instant of an RFC 3339 text with an offset."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None
    return int(moment.astimezone(UTC).timestamp())
