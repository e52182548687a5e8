"""Figures of a desk: what waits and for how long, what was decided, how often people and machines agreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import takewhile
from statistics import median
from typing import Any

from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant
from minorguard.review.cells import Body
from minorguard.review.desk import ReviewDesk


def statistics(desk: ReviewDesk, now: Instant, *, days: int = 7) -> dict[str, Any]:
    """What waits now, and what was decided in the last `days`. Ages and waits in seconds."""
    recent = takewhile(lambda row: row["at"] > now - days * DAY, (entry for _, entry in desk.done.newest()))
    rows = {row["case"]: row for row in recent}  # a row may be written twice
    return {"waiting": _waiting(desk, now), "decided": {"days": days, **_decided(rows.values())}}


def _waiting(desk: ReviewDesk, now: Instant) -> dict[str, Any]:
    waiting = list(desk.waiting())
    return {
        "count": len(waiting),
        "overdue": sum(now > case.due_at for case in waiting),
        "claimed": sum(case.held_by(now) is not None for case in waiting),
        "oldest_seconds": max((now - case.opened_at for case in waiting), default=0),
        "by_priority": dict(Counter(case.priority.value for case in waiting)),
        "by_category": dict(Counter(case.category for case in waiting)),
        "by_status": dict(Counter(case.status for case in waiting)),
    }


def _decided(rows: Iterable[Body]) -> dict[str, Any]:
    rows = list(rows)
    pairs = [row["agreed"] for row in rows if row["agreed"] is not None]
    proposed = [row["proposed"] == row["action"] for row in rows if row["proposed"] is not None]
    return {
        "count": len(rows),
        "late": sum(row["late"] for row in rows),
        "median_wait_seconds": int(median([row["waited"] for row in rows])) if rows else 0,
        "by_action": dict(Counter(row["action"] for row in rows)),
        "by_category": dict(Counter(row["category"] for row in rows)),
        "people_agreed": sum(pairs),
        "people_asked_twice": len(pairs),
        "machine_agreed": sum(proposed),
        "machine_proposed": len(proposed),
    }
