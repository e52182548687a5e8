"""Figures of a desk: what waits and for how long, what was decided, how often people and machines agreed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from statistics import median
from typing import Any

from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant
from minorguard.review.cells import Body
from minorguard.review.desk import MOST_LOOKED_AT, ReviewDesk
from minorguard.review.paged_log import PAGE


def statistics(desk: ReviewDesk, now: Instant, *, days: int = 7) -> dict[str, Any]:
    """What waits now, and what was decided in the last `days`. Ages and waits in seconds."""
    rows = {row["case"]: row for row in _recent(desk, now - days * DAY)}  # a row may be written twice
    return {"waiting": _waiting(desk, now), "decided": {"days": days, **_decided(rows.values())}}


def _recent(desk: ReviewDesk, since: Instant) -> Iterator[Body]:
    """Rows since an instant; one that was cut short and written later stands among newer ones."""
    older = 0
    for _, row in desk.done.newest():
        if row["at"] > since:
            yield row
        older = 0 if row["at"] > since else older + 1
        if older == PAGE:
            return


def _waiting(desk: ReviewDesk, now: Instant) -> dict[str, Any]:
    """From the queue itself; who works on what, of the cases that are due first."""
    queue = list(desk.queue())
    first = list(islice(desk.waiting(), MOST_LOOKED_AT))
    return {
        "count": len(queue),
        "overdue": sum(now > entry["due"] for _, entry in queue),
        "claimed": sum(case.held_by(now) is not None for case in first),
        "oldest_seconds": max((now - entry["at"] for _, entry in queue), default=0),
        "by_priority": dict(Counter(priority.value for priority, _ in queue)),
        "by_category": dict(Counter(entry["category"] for _, entry in queue)),
        "by_status": dict(Counter(case.status for case in first)),
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
