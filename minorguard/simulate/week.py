"""What a preview holds: days cut into segments, what each limit leaves, the rules behind them, features, the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from minorguard.model.calendar import WEEKDAYS, DayKind
from minorguard.model.decisions import PolicyRef, Reason, iso
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import Enforcement, Origin
from minorguard.model.state import Grant, Profile
from minorguard.simulate.rule_lines import FeatureLine, RuleLine, SectionLine, Texts, rule_ref


class Kind(StrEnum):
    """What a segment of a day is; of several rules that deny at once, the one that a decision names first."""

    OPEN = "open"
    GRANT = "grant"
    """Open only because of a grant."""
    FREE = "free"
    """No rule applies: an adult, or the mode is off."""
    CURFEW = "curfew"
    WINDOW = "window"
    """Outside every window."""
    QUOTA = "quota"
    BREAK = "break"
    SHORT = "short"
    """Too little is left for a sitting to be opened; one that goes on may go on."""

    @property
    def is_open(self) -> bool:
        """Whether a sitting may be opened there."""
        return self in {Kind.OPEN, Kind.GRANT, Kind.FREE}


KIND_OF_CODE = {
    "curfew.closed": Kind.CURFEW,
    "window.closed": Kind.WINDOW,
    "quota.exhausted": Kind.QUOTA,
    "sitting.break": Kind.BREAK,
    "sitting.too_short": Kind.SHORT,
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch ``[start, end)`` of one policy day in which the same rules deny throughout."""

    start: Instant
    end: Instant
    kind: Kind
    reasons: tuple[Reason, ...] = ()
    """Closed: every rule that denies, as it does at `start`. Granted: every rule that would, somewhere in it."""
    allowance: Seconds | None = None
    """Open: how long use begun at `start` may go on without a stop. None: closed, or no stop within 400 days."""

    def to_dict(self, zone: str) -> dict[str, Any]:
        """The form for programs."""
        return {
            "start": iso(self.start, zone),
            "end": iso(self.end, zone),
            "status": "open" if self.kind.is_open else "closed",
            "kind": self.kind.value,
            "allowance_seconds": self.allowance,
            "reasons": [reason.to_dict() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Clocked:
    """A curfew, a window or quiet hours as they fall on a day, and the rule that says so."""

    start: Instant
    end: Instant
    origin: Origin

    def to_dict(self, zone: str) -> dict[str, Any]:
        """The form for programs."""
        return {"start": iso(self.start, zone), "end": iso(self.end, zone), **rule_ref(self.origin)}


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """What one quota gives on a day, and what is left of it at the day's end."""

    origin: Origin
    period: str
    start: Instant
    end: Instant
    limit: Seconds | None
    """With what grants add; None: no limit on this day."""
    granted: Seconds
    """How far grants raise it."""
    used: Seconds
    """In its day, week or month, up to the end of this policy day."""
    activities: tuple[str, ...] | None = None
    """The activities that it counts; None: all that are not exempt."""

    @property
    def left(self) -> Seconds | None:
        """What is left; None where there is no limit."""
        return None if self.limit is None else max(0, self.limit - self.used)

    def to_dict(self, zone: str) -> dict[str, Any]:
        """The form for programs."""
        return {
            **rule_ref(self.origin),
            "period": self.period,
            "start": iso(self.start, zone),
            "end": iso(self.end, zone),
            "limit_seconds": self.limit,
            "granted_seconds": self.granted,
            "used_seconds": self.used,
            "remaining_seconds": self.left,
            "activities": None if self.activities is None else list(self.activities),
        }


@dataclass(frozen=True, slots=True)
class UsedPiece:
    """Use on record."""

    start: Instant
    end: Instant
    device: str
    activity: str

    def to_dict(self, zone: str) -> dict[str, Any]:
        """The form for programs."""
        span = {"start": iso(self.start, zone), "end": iso(self.end, zone)}
        return {**span, "device": self.device, "activity": self.activity}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of a day that needs saying: a birthday, a rule that begins, clocks that change, an unknown year."""

    at: Instant
    code: str
    data: Mapping[str, Any]
    text: Texts

    def to_dict(self, zone: str) -> dict[str, Any]:
        """The form for programs."""
        return {"at": iso(self.at, zone), "code": self.code, "data": dict(self.data), "text": dict(self.text)}


@dataclass(frozen=True, slots=True)
class DayPreview:
    """One policy day."""

    date: date
    kinds: tuple[DayKind, ...]
    """More than one where the calendar does not know the year: the stricter reading of each rule holds."""
    start: Instant
    end: Instant
    bands: tuple[str, ...]
    segments: tuple[Segment, ...]
    """What is allowed after the use on record; they tile the day."""
    clock: tuple[Segment, ...]
    """What curfews and windows alone permit; they tile the day, too."""
    curfews: tuple[Clocked, ...] = ()
    windows: tuple[Clocked, ...] = ()
    quiet: tuple[Clocked, ...] = ()
    quotas: tuple[QuotaLine, ...] = ()
    used: tuple[UsedPiece, ...] = ()
    used_seconds: Seconds = 0
    """Any activity, devices united."""
    grants: tuple[Grant, ...] = ()
    rules: tuple[int, ...] = ()
    """Numbers of the time rules that hold on this day."""
    marks: tuple[Mark, ...] = ()

    @property
    def weekday(self) -> str:
        """`mon` to `sun`."""
        return WEEKDAYS[self.date.weekday()]

    @property
    def daily(self) -> QuotaLine | None:
        """The daily quota with the least limit."""
        limited = [line for line in self.quotas if line.period == "day" and line.limit is not None]
        return min(limited, key=lambda line: line.limit or 0, default=None)

    @property
    def left(self) -> Seconds | None:
        """The least that any quota leaves at the day's end; None: no quota limits it."""
        return min((line.left for line in self.quotas if line.left is not None), default=None)

    def to_dict(self, zone: str) -> dict[str, Any]:
        """The form for programs."""
        daily = self.daily
        return {
            "date": self.date.isoformat(),
            "weekday": self.weekday,
            "kinds": [kind.value for kind in self.kinds],
            "start": iso(self.start, zone),
            "end": iso(self.end, zone),
            "bands": list(self.bands),
            "limit_seconds": None if daily is None else daily.limit,
            "granted_seconds": 0 if daily is None else daily.granted,
            "used_seconds": self.used_seconds,
            "remaining_seconds": self.left,
            "segments": [one.to_dict(zone) for one in self.segments],
            "clock": [one.to_dict(zone) for one in self.clock],
            "curfews": [one.to_dict(zone) for one in self.curfews],
            "windows": [one.to_dict(zone) for one in self.windows],
            "quiet": [one.to_dict(zone) for one in self.quiet],
            "quotas": [one.to_dict(zone) for one in self.quotas],
            "used": [one.to_dict(zone) for one in self.used],
            "grants": [
                {"id": one.id, "day": one.day.isoformat(), "seconds": one.seconds, "activity": one.activity}
                for one in self.grants
            ],
            "rules": list(self.rules),
            "marks": [one.to_dict(zone) for one in self.marks],
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """What is allowed when, on consecutive policy days, for a subject with the use that is on record."""

    policy: PolicyRef
    enforcement: Enforcement
    """Under `observe` the preview shows what would hold; everything passes."""
    zone: str
    day_starts_at: Seconds
    start: Instant
    end: Instant
    profile: Profile
    age: int | None
    """In whole years, on the first day."""
    activity: str
    device: str | None
    now: Instant | None
    days: tuple[DayPreview, ...]
    rules: tuple[RuleLine, ...]
    features: tuple[FeatureLine, ...]
    sections: tuple[SectionLine, ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of all days, in order."""
        return tuple(mark for day in self.days for mark in day.marks)

    def to_dict(self) -> dict[str, Any]:
        """The form for programs: JSON types only."""
        profile = self.profile
        return {
            "policy": {"id": self.policy.id, "revision": self.policy.revision, "digest": self.policy.digest},
            "enforcement": self.enforcement.value,
            "zone": self.zone,
            "day_starts_at": self.day_starts_at,
            "from": iso(self.start, self.zone),
            "to": iso(self.end, self.zone),
            "now": None if self.now is None else iso(self.now, self.zone),
            "subject": {
                "age": self.age,
                "birth_date": None if profile.born is None else profile.born.isoformat(),
                "age_band": None if profile.band is None else str(profile.band),
                "mode_on": profile.mode_on,
            },
            "activity": self.activity,
            "device": self.device,
            "days": [day.to_dict(self.zone) for day in self.days],
            "rules": [line.to_dict() for line in self.rules],
            "features": [line.to_dict(self.zone) for line in self.features],
            "sections": [line.to_dict(self.zone) for line in self.sections],
        }
