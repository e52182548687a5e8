"""A decision: an effect, why, what must follow, what is left, and how long it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from minorguard.model.calendar import zone
from minorguard.model.ids import Instant, Seconds
from minorguard.model.quickly import quickly
from minorguard.model.rules import Enforcement, Origin
from minorguard.model.texts import reason_text


class Effect(StrEnum):
    """Strictest first: deny < limited < allow."""

    DENY = "deny"
    LIMITED = "limited"
    ALLOW = "allow"


@lru_cache(maxsize=8192)
def iso(instant: Instant, zone_name: str) -> str:
    """An instant as RFC 3339 text in a zone's offset, such as ``2026-11-28T06:00:00+08:00``."""
    return datetime.fromtimestamp(instant, zone(zone_name)).isoformat()


@quickly
@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code with data; never a string to parse."""

    code: str
    origin: Origin | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    lift: Mapping[str, Any] | None = None
    """The smallest change that would lift a denial, as data."""

    @property
    def changeable_by(self) -> tuple[str, ...]:
        """Who may lift it: whoever may change the rule, and for what needs an approval the guardian."""
        may = self.origin.changeable_by if self.origin else ()
        asks = self.lift is not None and self.lift.get("change") == "approve"
        return (*may, "guardian") if asks and "guardian" not in may else may

    def to_dict(self) -> dict[str, Any]:
        """The wire form, with the text in Chinese and English."""
        origin = self.origin
        source = origin.source if origin else None
        return {
            "code": self.code,
            "rule": origin.rule if origin else None,
            "document": origin.document if origin else None,
            "layer": origin.layer.value if origin else None,
            "strength": origin.strength.value if origin else None,
            "source": None if source is None else {"title": source.title, "article": source.article, "url": source.url},
            "changeable_by": list(self.changeable_by),
            "data": dict(self.data),
            "lift": None if self.lift is None else dict(self.lift),
            "text": reason_text(self.code, self.data),
        }


def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    return [reason.to_dict() for reason in reasons]


@dataclass(frozen=True, slots=True)
class Note:
    """An obligation (the caller must) or an advice (the caller may)."""

    code: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {"code": self.code, "data": dict(self.data), "text": reason_text(self.code, self.data)}


@quickly
@dataclass(frozen=True, slots=True)
class Lease:
    """Use is paid for until `until`; the next beat is due `beat_after` seconds from the decision."""

    session: str
    seq: int
    until: Instant
    beat_after: Seconds


@quickly
@dataclass(frozen=True, slots=True)
class PolicyRef:
    """Which policy decided."""

    id: str
    revision: int
    digest: str


@quickly
@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, everywhere the same. The decisive reason comes first; there is always one."""

    effect: Effect
    reasons: tuple[Reason, ...]
    policy: PolicyRef
    zone: str
    decided: Instant
    until: Instant | None = None
    """Allowed: the exact instant until which it holds if use goes on. None: no end within the look-ahead."""
    again: Instant | None = None
    """Denied: the exact earliest instant at which it would be allowed. None: not within the look-ahead."""
    remaining: Mapping[str, int] = field(default_factory=dict)
    """What is left: ``…_seconds`` of time, ``…_minor`` of money in minor units, or a number of times."""
    obligations: tuple[Note, ...] = ()
    advice: tuple[Note, ...] = ()
    lease: Lease | None = None
    enforcement: Enforcement = Enforcement.ENFORCE
    observed_effect: Effect | None = None
    """Under `observe`: what the effect would have been."""

    @property
    def allowed(self) -> bool:
        """Whether the caller may go on, if only to save and finish."""
        return self.effect is not Effect.DENY

    @property
    def reason(self) -> Reason:
        """The decisive reason."""
        return self.reasons[0]

    @property
    def decided_at(self) -> datetime:
        """When it was decided."""
        return self._local(self.decided)

    @property
    def valid_until(self) -> datetime | None:
        """`until`, in the policy's zone."""
        return None if self.until is None else self._local(self.until)

    @property
    def retry_at(self) -> datetime | None:
        """`again`, in the policy's zone."""
        return None if self.again is None else self._local(self.again)

    @property
    def lease_until(self) -> datetime | None:
        """End of the lease, in the policy's zone."""
        return None if self.lease is None else self._local(self.lease.until)

    def _local(self, instant: Instant) -> datetime:
        return datetime.fromtimestamp(instant, zone(self.zone))

    def to_dict(self, reasons: Callable[[tuple[Reason, ...]], Any] = _reasons) -> dict[str, Any]:
        """The wire form of the HTTP contract; `reasons` may write the reasons in another way."""
        body: dict[str, Any] = {
            "effect": self.effect._value_,  # `value` goes through a descriptor
            "reasons": reasons(self.reasons),
            "obligations": [note.to_dict() for note in self.obligations],
            "advice": [note.to_dict() for note in self.advice],
            "remaining": dict(self.remaining),
            "valid_until": None if self.until is None else iso(self.until, self.zone),
            "retry_at": None if self.again is None else iso(self.again, self.zone),
            "policy": {"id": self.policy.id, "revision": self.policy.revision, "digest": self.policy.digest},
            "enforcement": self.enforcement._value_,
            "decided_at": iso(self.decided, self.zone),
        }
        if self.observed_effect is not None:
            body["observed_effect"] = self.observed_effect.value
        return body


@dataclass(frozen=True, slots=True)
class ForecastWindow:
    """A stretch in which a sitting may be opened, if nothing is used before it."""

    start: Instant
    end: Instant
    allowance: Seconds
    """How long use begun at `start` may go on without a stop."""


@dataclass(frozen=True, slots=True)
class ForecastGap:
    """A stretch in which it may not, and every rule that denies somewhere in it, the earliest first."""

    start: Instant
    end: Instant
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Allowed windows and the gaps between them: together they tile ``[from, to)``."""

    zone: str
    start: Instant
    end: Instant
    windows: tuple[ForecastWindow, ...]
    gaps: tuple[ForecastGap, ...]

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "from": iso(self.start, self.zone),
            "to": iso(self.end, self.zone),
            "windows": [
                {"start": iso(w.start, self.zone), "end": iso(w.end, self.zone), "allowance_seconds": w.allowance}
                for w in self.windows
            ],
            "gaps": [
                {
                    "start": iso(g.start, self.zone),
                    "end": iso(g.end, self.zone),
                    "reasons": [reason.to_dict() for reason in g.reasons],
                }
                for g in self.gaps
            ],
        }
