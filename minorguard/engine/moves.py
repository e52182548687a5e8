"""What of a reason moves with the clock, while nothing turns."""

from __future__ import annotations

from collections.abc import Callable

from minorguard.model.decisions import Decision, Reason, iso
from minorguard.model.ids import Instant, Seconds

Move = Callable[[Reason, Decision, Instant], Reason]
"""A reason of a decision as it is at a later instant."""


def lifted_now(reason: Reason, was: Decision, now: Instant) -> Reason:
    """A denial by the clock is lifted by allowing the very instant that is asked about."""
    return Reason(reason.code, reason.origin, reason.data, {"change": "allow_at", "at": iso(now, was.zone)})


def stops_later(reason: Reason, was: Decision, now: Instant) -> Reason:
    """The next stop slides with the clock."""
    assert was.until is not None
    until = iso(was.until + now - was.decided, was.zone)
    return Reason(reason.code, reason.origin, {**reason.data, "until": until}, reason.lift)


def more_used(reason: Reason, was: Decision, now: Instant) -> Reason:
    """Use goes on, though denied."""
    return _by(reason, "used_seconds", now - was.decided)


def less_left(reason: Reason, was: Decision, now: Instant) -> Reason:
    """What is left is too little, and shrinks."""
    return _by(reason, "left_seconds", was.decided - now)


def _by(reason: Reason, key: str, seconds: Seconds) -> Reason:
    data, lift = reason.data, reason.lift
    assert lift is not None
    data, lift = {**data, key: data[key] + seconds}, {**lift, "to_seconds": lift["to_seconds"] + seconds}
    return Reason(reason.code, reason.origin, data, lift)
