"""Joining two memories of one subject that went apart, as when regions lost sight of each other.

Usage is a set of time, so what both saw is counted once and what either saw is counted: a session's record with the
higher `seq` wins, ledgers unite track by track, and what is counted one by one unites by its ids. The join is
associative, commutative and idempotent: regions may exchange what they know in any order, as often as they like.

It is exact while neither side has folded a day that the other has not: totals by day can't be united. Settings are
written in one region, so that both sides have the same profile.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from minorguard.engine.metering import union
from minorguard.errors import Conflict
from minorguard.model.state import DeviceRecord, Grant, Purchase, Sent, SessionRecord, SubjectState, Use

Row = TypeVar("Row")


def merge(a: SubjectState, b: SubjectState) -> SubjectState:
    """What both memories know.

    Raises `Conflict` for memories of different profiles, and where days were folded on one side alone.
    """
    if a.profile != b.profile:
        raise Conflict("profile", "the two sides have different settings; write a subject's settings in one region")
    if a.days != b.days:
        raise Conflict("days", "days were folded while the sides were apart; merge within two days")
    tracks = sorted({track for track, _ in (*a.ledger, *b.ledger)})
    left, right = dict(a.ledger), dict(b.ledger)
    return SubjectState(
        a.profile,
        _joined(a.sessions, b.sessions, lambda one: one.id, _of_session),
        tuple((track, union((left.get(track, ()), right.get(track, ())))) for track in tracks),
        a.days,
        _joined(a.devices, b.devices, lambda one: one.id, _of_device),
        _joined(a.uses, b.uses, lambda one: one.id or (one.at, one.feature), _of_use, by=_when),
        _joined(a.grants, b.grants, lambda one: one.id, _of_grant, by=lambda one: (one.day, one.id)),
        _joined(a.purchases, b.purchases, lambda one: one.id or _summed(one), _of_purchase, by=_when),
        _joined(a.notifications, b.notifications, lambda one: one.id or one.at, _of_sent, by=_when),
        _joined(a.items, b.items, lambda one: one.id or one.at, _of_sent, by=_when),
    )


def _joined(
    a: Iterable[Row],
    b: Iterable[Row],
    key: Callable[[Row], Hashable],
    rank: Callable[[Row], Any],
    *,
    by: Callable[[Row], Any] | None = None,
) -> tuple[Row, ...]:
    """By key, the row of the highest rank; `rank` tells any two rows apart, so that the order of joins is no matter."""
    found: dict[Hashable, Row] = {}
    for row in (*a, *b):
        known = found.get(key(row))
        if known is None or rank(row) > rank(known):
            found[key(row)] = row
    return tuple(sorted(found.values(), key=by or _id))


def _id(row: Any) -> str:  # noqa: ANN401 - a session or a device
    return str(row.id)


def _when(row: Use | Purchase | Sent) -> tuple[Any, ...]:
    return (row.at, row.id, getattr(row, "feature", ""), getattr(row, "currency", ""), getattr(row, "activity", ""))


def _summed(row: Purchase) -> tuple[int, str, str]:
    return (row.at, row.currency, row.activity)


def _of_session(row: SessionRecord) -> tuple[Any, ...]:
    grace = -1 if row.grace_until is None else row.grace_until
    return (row.closed, row.seq, row.end, row.start, grace, row.device, row.activity)


def _of_device(row: DeviceRecord) -> tuple[Any, ...]:
    """Of what was told at the same instant, what leaves less."""
    left = 1 if row.left is None else -row.left
    return (row.last_contact, left, -1 if row.reminded_at is None else row.reminded_at)


def _of_use(row: Use) -> tuple[Any, ...]:
    return (row.amount, -row.at, row.feature)


def _of_grant(row: Grant) -> tuple[Any, ...]:
    """Of one id given twice, the one that gives less."""
    return (-row.seconds, -row.given_at, row.day.toordinal(), row.activity or "")


def _of_purchase(row: Purchase) -> tuple[Any, ...]:
    return (row.amount, -row.at, row.currency, row.activity)


def _of_sent(row: Sent) -> tuple[Any, ...]:
    return (row.amount, -row.at)
