"""The hours, days and weeks in which uses and notifications are counted."""

from __future__ import annotations

from datetime import datetime, timedelta

from minorguard.model.calendar import DayScheme, wall_instants, zone
from minorguard.model.ids import Instant
from minorguard.model.rules import FeaturePeriod
from minorguard.model.state import Interval


def period_at(days: DayScheme, period: FeaturePeriod, at: Instant) -> Interval:
    """The hour of the wall clock, the policy day or the policy week that holds an instant; no other period."""
    if period is FeaturePeriod.HOUR:
        return wall_hour(days.zone, at)
    if period is FeaturePeriod.DAY:
        return days.day_at(at)[1:]
    return days.bounds(period.value, days.day_of(at))


def wall_hour(zone_name: str, at: Instant) -> Interval:
    """From the first instant at which the wall shows the start of an hour to the first of the next.

    Where clocks go back within an hour, what is shown again belongs to the later hour.
    """
    wall = datetime.fromtimestamp(at, zone(zone_name)).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    start, end = _shown(zone_name, wall), _shown(zone_name, wall + timedelta(hours=1))
    while end <= at:
        wall += timedelta(hours=1)
        start, end = end, _shown(zone_name, wall + timedelta(hours=1))
    return start, end


def _shown(zone_name: str, wall: datetime) -> Instant:
    return wall_instants(zone_name, wall.date(), wall.hour * 3600)[0]
