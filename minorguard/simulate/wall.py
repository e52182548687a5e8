"""Where instants stand on the wall-clock axis of a policy day, 07:00 at one place on all rows.

Where clocks go forward, a piece of the axis stays empty; where they go back, one is there twice: in two lanes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import pairwise

from minorguard.model.calendar import DAY, zone
from minorguard.model.ids import Instant, Seconds

_STEP: Seconds = 3600


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one policy day on its axis, which runs from 0 to 86,400 wall seconds after `day_starts_at`."""

    low: Seconds
    high: Seconds
    lane: int = 0
    """0: the wall shows these times once. Of times that it shows twice, 1 is the first pass and 2 the second."""


@lru_cache(maxsize=4096)
def clock_changes(zone_name: str, start: Instant, end: Instant) -> tuple[tuple[Instant, Seconds, Seconds], ...]:
    """Each ``(instant, offset before, offset after)`` in ``(start, end)``."""
    found = []
    samples = [*range(start, end - 1, _STEP), end - 1]
    for low, high in pairwise(samples):
        before, after = offset(zone_name, low), offset(zone_name, high)
        if before != after:
            found.append((_change(zone_name, low, high), before, after))
    return tuple(found)


def offset(zone_name: str, instant: Instant) -> Seconds:
    """How far the wall is ahead of UTC."""
    found = datetime.fromtimestamp(instant, zone(zone_name)).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def _change(zone_name: str, low: Instant, high: Instant) -> Instant:
    was = offset(zone_name, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset(zone_name, middle) == was else (low, middle)
    return high


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis of one policy day ``[start, end)`` that begins at `starts_at` of `day`."""

    zone: str
    day: date
    starts_at: Seconds
    start: Instant
    end: Instant

    def pieces(self, start: Instant, end: Instant) -> Iterator[Piece]:
        """Where ``[start, end)`` of the day lies, in order."""
        start, end = max(start, self.start), min(end, self.end)
        changes = clock_changes(self.zone, self.start, self.end)
        edges = [self.start, *(at for at, _, _ in changes), self.end]
        for low, high in pairwise(edges):
            if low < end and high > start:
                yield from self._laned(max(low, start), min(high, end))

    def at(self, instant: Instant) -> Seconds:
        """Where one instant of the day stands, held to the axis."""
        return min(DAY, max(0, self._wall(instant)))

    def twice(self) -> tuple[tuple[Seconds, Seconds], ...]:
        """The stretches of the axis that the wall shows twice."""
        changes = clock_changes(self.zone, self.start, self.end)
        return tuple(
            (at + after - self._zero, at + before - self._zero) for at, before, after in changes if after < before
        )

    def skipped(self) -> tuple[tuple[Seconds, Seconds], ...]:
        """The stretches of the axis that the wall never shows on this day."""
        shown = sorted((piece.low, piece.high) for piece in self.pieces(self.start, self.end))
        found, upto = [], 0
        for low, high in (*shown, (DAY, DAY)):
            if low > upto:
                found.append((upto, low))
            upto = max(upto, high)
        return tuple(found)

    @property
    def _zero(self) -> int:
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        return int(midnight.timestamp()) + self.starts_at

    def _wall(self, instant: Instant) -> Seconds:
        return instant + offset(self.zone, instant) - self._zero

    def _laned(self, start: Instant, end: Instant) -> Iterator[Piece]:
        """A stretch without a change of clocks, parted where the wall shows its times twice."""
        low, high = self._wall(start), self._wall(start) + end - start
        edges = sorted({low, high, *(edge for twice in self.twice() for edge in twice if low < edge < high)})
        for left, right in pairwise(edges):
            lane = self._lane(left, start)
            left, right = max(0, left), min(DAY, right)
            if left < right:
                yield Piece(left, right, lane)

    def _lane(self, wall: Seconds, start: Instant) -> int:
        for at, before, after in clock_changes(self.zone, self.start, self.end):
            if after < before and at + after - self._zero <= wall < at + before - self._zero:
                return 1 if start < at else 2
        return 0
