"""What a state is written as: JSON with short names, rows as arrays, and what is empty left out. `codec` frames it.

A beat changes a session and a device. All else is the same object in the next state, and its text is remembered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import chain
from json.encoder import encode_basestring
from operator import sub
from typing import Any, Generic, TypeVar

from minorguard.model.state import (
    DeviceRecord,
    FoldedDay,
    Grant,
    Intervals,
    Profile,
    Purchase,
    Sent,
    SessionRecord,
    SubjectState,
    Track,
    Use,
)
from minorguard.storage.packing import pack_days

Part = TypeVar("Part", str, bytes)
Value = TypeVar("Value")

REMEMBERED = 16_384
"""Parts of states."""

dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False, allow_nan=False).encode


class _Known(Generic[Part]):
    """What something was written as, by identity."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, Part]] = {}

    def get(self, value: object) -> Part | None:
        """What is remembered of this very object."""
        known = self._known.get(id(value))
        return known[1] if known is not None and known[0] is value else None

    def put(self, value: object, text: Part) -> Part:
        """Remember."""
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[id(value)] = (value, text)  # INVARIANT: holding it keeps its id from being used again
        return text


_DAYS: _Known[bytes] = _Known()
_PARTS: _Known[str] = _Known()


def written(state: SubjectState, version: int) -> str:
    """The JSON of a state, without its folded days."""
    parts = [f'{{"state":{version},"who":{_part(state.profile, _profile)}']
    if state.sessions:
        parts.append(f',"ses":[{",".join(map(_session, state.sessions))}]')
    if state.ledger:
        parts.append(f',"led":{_part(state.ledger, _ledger)}')
    if state.devices:
        parts.append(f',"dev":[{",".join(map(_device, state.devices))}]')
    if state.uses:
        parts.append(f',"use":{_part(state.uses, _uses)}')
    if state.grants:
        parts.append(f',"gra":{_part(state.grants, _grants)}')
    if state.purchases:
        parts.append(f',"buy":{_part(state.purchases, _purchases)}')
    if state.notifications:
        parts.append(f',"ntf":{_part(state.notifications, _sent)}')
    if state.items:
        parts.append(f',"itm":{_part(state.items, _sent)}')
    return "".join(parts) + "}"


def packed_days(days: tuple[FoldedDay, ...]) -> bytes:
    """The folded days, which change once a day; `codec.decode` hands out the same tuple for the same bytes."""
    packed = _DAYS.get(days)
    return _DAYS.put(days, pack_days(days)) if packed is None else packed


def remember_days(days: tuple[FoldedDay, ...], packed: bytes) -> None:
    """These days were read from these bytes."""
    _DAYS.put(days, packed)


def _part(value: Value, pack: Callable[[Value], list[Any]]) -> str:
    text = _PARTS.get(value)
    return _PARTS.put(value, dump(pack(value))) if text is None else text


def _profile(who: Profile) -> list[Any]:
    born = who.born.isoformat() if who.born else None
    band = [who.band.from_age, who.band.below_age] if who.band else None
    return [who.subject, who.policy, born, band, int(who.mode_on), who.guardian, who.test_clock, who.revision]


def _session(one: SessionRecord) -> str:
    """Start, then the lease's length and the grace's distance from the start, in seconds."""
    names = f"{encode_basestring(one.id)},{encode_basestring(one.device)},{encode_basestring(one.activity)}"
    grace = "null" if one.grace_until is None else one.grace_until - one.start
    return f"[{names},{one.start},{one.end - one.start},{one.seq},{int(one.closed)},{grace}]"


def _device(one: DeviceRecord) -> str:
    left = "null" if one.left is None else one.left
    reminded = "null" if one.reminded_at is None else one.reminded_at
    return f"[{encode_basestring(one.id)},{one.last_contact},{left},{reminded}]"


def _ledger(ledger: tuple[tuple[Track, Intervals], ...]) -> list[Any]:
    return [[device, activity, _steps(held)] for (device, activity), held in ledger]


def _steps(intervals: Intervals) -> list[int]:
    """The first start, then length, gap, length, gap, … in seconds."""
    edges = list(chain.from_iterable(intervals))
    return edges[:1] + list(map(sub, edges[1:], edges))


def _uses(uses: tuple[Use, ...]) -> list[Any]:
    return [[use.id, use.feature, use.at, use.amount] for use in uses]


def _grants(grants: tuple[Grant, ...]) -> list[Any]:
    return [[grant.id, grant.day.isoformat(), grant.seconds, grant.activity, grant.given_at] for grant in grants]


def _purchases(purchases: tuple[Purchase, ...]) -> list[Any]:
    return [[one.id, one.at, one.amount, one.currency, one.activity] for one in purchases]


def _sent(sent: tuple[Sent, ...]) -> list[Any]:
    return [[one.id, one.at, one.amount] for one in sent]
