"""What the service answers, as frozen values. Unknown fields are ignored: a newer service may say more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

Body = Mapping[str, Any]
"""A JSON object. The readers raise `KeyError`, `TypeError` or `ValueError` for one that is not what was promised."""

_GO_ON = frozenset({"allow", "limited"})


def instant(text: str) -> datetime:
    """RFC 3339 text as an aware datetime."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at


def maybe_instant(text: str | None) -> datetime | None:
    """The same, of text that may be missing."""
    return None if text is None else instant(text)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a legal number comes from."""

    title: str
    article: str
    url: str

    @classmethod
    def of(cls, body: Body) -> Source:
        """Read the wire form."""
        return cls(body["title"], body.get("article") or "", body.get("url") or "")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a stable code with data, the rule behind it, and text for people by language (`zh`, `en`)."""

    code: str
    text: Mapping[str, str]
    data: Mapping[str, Any]
    rule: str | None = None
    document: str | None = None
    layer: str | None = None
    strength: str | None = None
    source: Source | None = None
    changeable_by: tuple[str, ...] = ()
    lift: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, body: Body) -> Reason:
        """Read the wire form."""
        source = body.get("source")
        return cls(
            code=body["code"],
            text=dict(body.get("text") or {}),
            data=dict(body.get("data") or {}),
            rule=body.get("rule"),
            document=body.get("document"),
            layer=body.get("layer"),
            strength=body.get("strength"),
            source=None if source is None else Source.of(source),
            changeable_by=tuple(body.get("changeable_by") or ()),
            lift=body.get("lift"),
        )


@dataclass(frozen=True, slots=True)
class Note:
    """An obligation (the app must) or an advice (the app may), such as a warning that time is ending."""

    code: str
    text: Mapping[str, str]
    data: Mapping[str, Any]

    @classmethod
    def of(cls, body: Body) -> Note:
        """Read the wire form."""
        return cls(body["code"], dict(body.get("text") or {}), dict(body.get("data") or {}))


@dataclass(frozen=True, slots=True)
class PolicyRef:
    """Which policy decided."""

    id: str
    revision: int
    digest: str

    @classmethod
    def of(cls, body: Body) -> PolicyRef:
        """Read the wire form."""
        return cls(body["id"], body["revision"], body["digest"])


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to every question, with its reasons, the decisive one first."""

    effect: str
    reasons: tuple[Reason, ...]
    decided_at: datetime
    valid_until: datetime | None
    """Allowed: until when it holds if use goes on. None: no end in sight."""
    retry_at: datetime | None
    """Denied: the earliest instant at which it would be allowed. None: not in sight."""
    remaining: Mapping[str, int]
    obligations: tuple[Note, ...]
    advice: tuple[Note, ...]
    policy: PolicyRef
    enforcement: str
    observed_effect: str | None = None

    @classmethod
    def of(cls, body: Body) -> Decision:
        """Read the wire form; there is always a reason."""
        reasons = tuple(map(Reason.of, body["reasons"]))
        if not reasons:
            raise ValueError("reasons")
        return cls(
            effect=body["effect"],
            reasons=reasons,
            decided_at=instant(body["decided_at"]),
            valid_until=maybe_instant(body.get("valid_until")),
            retry_at=maybe_instant(body.get("retry_at")),
            remaining=dict(body.get("remaining") or {}),
            obligations=tuple(map(Note.of, body.get("obligations") or ())),
            advice=tuple(map(Note.of, body.get("advice") or ())),
            policy=PolicyRef.of(body["policy"]),
            enforcement=body.get("enforcement", "enforce"),
            observed_effect=body.get("observed_effect"),
        )

    @property
    def allowed(self) -> bool:
        """Whether to go on, if only to save and finish (`limited`). An effect that this client does not know denies."""
        return self.effect in _GO_ON

    @property
    def reason(self) -> Reason:
        """The decisive reason."""
        return self.reasons[0]


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it was answered. An answer that denies has no id, token or lease."""

    session_id: str | None
    token: str | None
    lease_until: datetime | None
    beat_after_seconds: int | None
    seq: int
    decision: Decision

    @classmethod
    def of(cls, body: Body) -> Session:
        """Read the wire form."""
        return cls(
            session_id=body.get("session_id"),
            token=body.get("token"),
            lease_until=maybe_instant(body.get("lease_until")),
            beat_after_seconds=body.get("beat_after_seconds"),
            seq=body.get("seq") or 0,
            decision=Decision.of(body["decision"]),
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a subject is, as far as decisions need it."""

    subject_id: str
    policy: str
    birth_date: date | None
    age_band: str | None
    mode_on: bool
    test_clock: str | None
    policy_revision: int | None = None
    """The revision of its policy that it is held to; None: what is published."""

    @classmethod
    def of(cls, body: Body) -> Subject:
        """Read the wire form."""
        born = body.get("birth_date")
        return cls(
            subject_id=body["id"],
            policy=body["policy"],
            birth_date=None if born is None else date.fromisoformat(born),
            age_band=body.get("age_band"),
            mode_on=body["mode"] != "off",
            test_clock=body.get("test_clock"),
            policy_revision=body.get("policy_revision"),
        )


@dataclass(frozen=True, slots=True)
class Quota:
    """What one quota allows, and what was used of it."""

    rule: str
    document: str
    layer: str
    period: str
    activities: tuple[str, ...] | None
    limit_seconds: int | None
    used_seconds: int
    remaining_seconds: int | None

    @classmethod
    def of(cls, body: Body) -> Quota:
        """Read the wire form."""
        activities = body.get("activities")
        return cls(
            rule=body["rule"],
            document=body["document"],
            layer=body["layer"],
            period=body["period"],
            activities=None if activities is None else tuple(activities),
            limit_seconds=body["limit_seconds"],
            used_seconds=body["used_seconds"],
            remaining_seconds=body["remaining_seconds"],
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used on the present policy day."""

    day: date
    used_seconds: int
    by_activity: Mapping[str, int]
    quotas: tuple[Quota, ...]

    @classmethod
    def of(cls, body: Body) -> Usage:
        """Read the wire form."""
        return cls(
            date.fromisoformat(body["day"]["date"]),
            body["used_seconds"],
            dict(body["by_activity"]),
            tuple(map(Quota.of, body["quotas"])),
        )


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of use ``[start, end)`` on one device."""

    start: datetime
    end: datetime
    device: str
    activity: str

    @classmethod
    def of(cls, body: Body) -> Interval:
        """Read the wire form."""
        return cls(instant(body["start"]), instant(body["end"]), body["device"], body["activity"])


@dataclass(frozen=True, slots=True)
class Timeline:
    """A policy day as intervals; of days long past only `used_seconds` is known (`exact` is false)."""

    day: date
    start: datetime
    end: datetime
    intervals: tuple[Interval, ...]
    used_seconds: int
    exact: bool

    @classmethod
    def of(cls, body: Body) -> Timeline:
        """Read the wire form."""
        day = body["day"]
        return cls(
            date.fromisoformat(day["date"]),
            instant(day["start"]),
            instant(day["end"]),
            tuple(map(Interval.of, body["intervals"])),
            body["used_seconds"],
            body["exact"],
        )


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch in which a sitting may be opened, and how long use begun at its start may go on."""

    start: datetime
    end: datetime
    allowance_seconds: int

    @classmethod
    def of(cls, body: Body) -> Window:
        """Read the wire form."""
        return cls(instant(body["start"]), instant(body["end"]), body["allowance_seconds"])


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which it may not, and why."""

    start: datetime
    end: datetime
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, body: Body) -> Gap:
        """Read the wire form."""
        return cls(instant(body["start"]), instant(body["end"]), tuple(map(Reason.of, body["reasons"])))


@dataclass(frozen=True, slots=True)
class Forecast:
    """Windows and gaps that tile ``[start, end)``, if nothing is used meanwhile."""

    start: datetime
    end: datetime
    windows: tuple[Window, ...]
    gaps: tuple[Gap, ...]

    @classmethod
    def of(cls, body: Body) -> Forecast:
        """Read the wire form."""
        return cls(
            instant(body["from"]),
            instant(body["to"]),
            tuple(map(Window.of, body["windows"])),
            tuple(map(Gap.of, body["gaps"])),
        )


@dataclass(frozen=True, slots=True)
class TestClock:
    """Virtual time, for subjects attached to it; only with test keys."""

    __test__ = False  # not a pytest class

    id: str
    now: datetime
    subjects: tuple[str, ...]

    @classmethod
    def of(cls, body: Body) -> TestClock:
        """Read the wire form."""
        return cls(body["id"], instant(body["now"]), strings(body.get("subjects") or ()))


def strings(values: Iterable[Any]) -> tuple[str, ...]:
    """A list of texts as a tuple of them."""
    return tuple(str(value) for value in values)
