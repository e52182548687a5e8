"""Stretches of the local day, and the periods in which uses are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from minorguard.model.calendar import WEEKDAYS, DayKind
from minorguard.model.ids import Seconds


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the local day ``[opens, closes)`` in wall seconds; it wraps midnight when `closes <= opens`.

    A span that wraps is owned by the day on which it opens: `days` speaks of that day alone.
    """

    opens: Seconds
    closes: Seconds
    days: frozenset[str] | None = None
    """Weekdays and day kinds on which it opens; None is every day."""

    def opens_on(self, day: date, kind: DayKind) -> bool:
        """Whether it opens on a date of that kind."""
        return self.days is None or kind in self.days or WEEKDAYS[day.weekday()] in self.days


class FeaturePeriod(StrEnum):
    """What uses of a limited feature are counted in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    SITTING = "sitting"
