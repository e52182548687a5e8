"""A compiled policy: frozen, checked, ready to decide. All rules hold at once; the strictest wins by itself.

Rules of every layer (law, product, guardian) stand side by side in one tuple per band. A rule can only take away, so
their conjunction is the meet of the layers, and each denial names the very rule, layer and source that made it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from minorguard.model.age import AgeBand
from minorguard.model.calendar import WEEKDAYS, Calendar, DayKind, DayScheme
from minorguard.model.ids import Seconds
from minorguard.model.origins import Layer, Origin, Source, Strength
from minorguard.model.sections import ContentRule, NotificationRule, RecommendationRule, SpendingRule
from minorguard.model.spans import FeaturePeriod, Span


class Period(StrEnum):
    """What a quota is counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Devices(StrEnum):
    """Whose time a quota counts: the union of all devices, or each device by itself."""

    UNION = "union"
    EACH = "each"


class Enforcement(StrEnum):
    """`observe` decides and records, and lets pass."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


class Verdict(StrEnum):
    """What a policy says of a feature. Strictest first: deny < ask < allow; a number of uses lies below allow."""

    ALLOW = "allow"
    ASK = "ask"
    """Denied until a guardian approves it."""
    DENY = "deny"


SPECIAL_KINDS = (DayKind.HOLIDAY, DayKind.MAKEUP_WORKDAY)


@dataclass(frozen=True, slots=True)
class DayLimits:
    """Seconds by day. A holiday or make-up workday speaks first, then the weekday, then the ordinary kind.

    Keys are day kinds, weekdays (`mon` …) and `otherwise`; a day that none names has no limit (None).
    """

    seconds: tuple[tuple[str, Seconds], ...]

    @classmethod
    def flat(cls, seconds: Seconds) -> DayLimits:
        """The same limit every day."""
        return cls((("otherwise", seconds),))

    def on(self, day: date, kinds: tuple[DayKind, ...]) -> Seconds | None:
        """The limit of a date that is one of `kinds`: the strictest of them."""
        limits = [limit for kind in kinds if (limit := self._of(day, kind)) is not None]
        return min(limits, default=None)

    def _of(self, day: date, kind: DayKind) -> Seconds | None:
        table = dict(self.seconds)
        weekday = WEEKDAYS[day.weekday()]
        order = (kind, weekday) if kind in SPECIAL_KINDS else (weekday, kind)
        return next((table[key] for key in (*order, "otherwise") if key in table), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TimeRule:
    origin: Origin
    slot: str
    """What it rules, such as `quota.day` or `curfew`: a guardian's value replaces defaults of the same slot."""
    only: frozenset[str] | None = None
    """The activities it rules; None is all."""
    exempt: frozenset[str] = frozenset()
    """Activities that it neither stops nor counts."""

    def binds(self, activity: str) -> bool:
        """Whether the rule speaks of this activity at all."""
        return activity not in self.exempt and (self.only is None or activity in self.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRule(_TimeRule):
    """At most so much use in each period. A week's or month's limit is `limits.otherwise`."""

    period: Period
    limits: DayLimits
    devices: Devices = Devices.UNION
    raise_at_most: Seconds = 0
    """How far grants together may raise it on one day; 0: not at all. Days only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurfewRule(_TimeRule):
    """No use inside these spans."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRule(_TimeRule):
    """Use only inside these spans."""

    spans: tuple[Span, ...]


LONGEST_GAP: Seconds = 6 * 3600
"""The longest gap that a rule may ask for to end a sitting: nights are longer, and days are folded between sittings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingRule(_TimeRule):
    """Unbroken use: after `break_after` of it, a break of `break_for`; a gap of `resets_after` ends a sitting."""

    resets_after: Seconds
    break_after: Seconds | None = None
    break_for: Seconds = 0
    remind_after: Seconds | None = None
    at_least: Seconds = 0
    """A sitting is opened only where every rule leaves this much."""


TimeRule = QuotaRule | CurfewRule | WindowRule | SittingRule


@dataclass(frozen=True, slots=True)
class FeatureRule:
    """What one layer says of one feature (`*` is its default): denied, allowed, or so many uses a period."""

    origin: Origin
    feature: str
    verdict: Verdict
    limit: int | None = None
    period: FeaturePeriod = FeaturePeriod.DAY


@dataclass(frozen=True, slots=True)
class FeatureLayer:
    """One document's word on features: exact names first, then dotted prefixes, then its default."""

    default: FeatureRule | None
    """What it says of a feature it does not name; None: nothing (a preset that speaks of some features only)."""
    rules: tuple[FeatureRule, ...] = ()

    def rule_for(self, feature: str) -> FeatureRule | None:
        """The rule for a feature; `gift` also rules `gift.send`, unless that has a rule of its own."""
        table = {rule.feature: rule for rule in self.rules}
        name = feature
        while name:
            if name in table:
                return table[name]
            name = name.rpartition(".")[0]
        return self.default


@dataclass(frozen=True, slots=True)
class BandPolicy:
    """Everything that holds for one age band, all layers together."""

    band: AgeBand
    time: tuple[TimeRule, ...] = ()
    features: tuple[FeatureLayer, ...] = ()
    warn_before: tuple[Seconds, ...] = ()
    """Largest first."""
    grace: Seconds = 0
    spending: tuple[SpendingRule, ...] = ()
    content: tuple[ContentRule, ...] = ()
    recommendations: tuple[RecommendationRule, ...] = ()
    notifications: tuple[NotificationRule, ...] = ()


class ExitMode(StrEnum):
    """How the minor mode may be left."""

    VERIFIED = "verified"
    """By a guardian whose identity was checked."""
    NEVER = "never"
    """Not before the mode's own age ends it."""


SECTIONS = ("time", "features", "spending", "content", "recommendations", "notifications")
"""The sections of a band."""


@dataclass(frozen=True, slots=True)
class GuardianRights:
    """What a guardian may do to this policy: tighten, extend a day, exempt, leave the mode."""

    may_tighten: frozenset[str] = frozenset(SECTIONS)
    """Sections in which a guardian may set stricter rules. Defaults of presets may be changed all the same."""
    exit_mode: ExitMode = ExitMode.VERIFIED

    per_grant_seconds: Seconds = 0
    """The most that one grant may give; 0: no grants."""
    per_day_seconds: Seconds = 0
    """The most that the grants of one day may add together."""
    may_exempt: frozenset[str] = frozenset()
    """Activities that the product lets a guardian exempt."""
    exempt: tuple[tuple[str, frozenset[str]], ...] = ()
    """The product's own exemptions by kind of rule (`quota`, `curfew`, `windows`, `sitting`)."""
    exemptable: tuple[tuple[str, str, frozenset[str]], ...] = ()
    """What presets let be exempted: (document, rule, activities); `guardian` stands for any that a guardian names."""


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """A policy ready to decide. `digest` names its whole meaning, presets and guardian's settings included."""

    id: str
    revision: int
    digest: str
    days: DayScheme
    calendar: Calendar
    bands: tuple[BandPolicy, ...]
    """Disjoint, youngest first."""
    slice: Seconds = 60
    """How far ahead a lease is paid."""
    default_activity: str = "general"
    hold_birthday: bool = True
    """Through a birthday itself both bands hold, so that the stricter wins."""
    enforcement: Enforcement = Enforcement.ENFORCE
    require_lease: bool = False
    """Whether a feature may be used only under a live lease."""
    known_activities: frozenset[str] = field(default_factory=frozenset)
    """Activities that the policy names; any other one is counted by every rule that names none, exempt from nothing."""
    guardian: GuardianRights = GuardianRights()
    """What a guardian may change."""
    surfaces: tuple[str, ...] = ()
    """Where the app shows content, as the document declares them, sorted."""


__all__ = [
    "LONGEST_GAP",
    "SECTIONS",
    "SPECIAL_KINDS",
    "BandPolicy",
    "CompiledPolicy",
    "ContentRule",
    "CurfewRule",
    "DayLimits",
    "Devices",
    "Enforcement",
    "ExitMode",
    "FeatureLayer",
    "FeaturePeriod",
    "FeatureRule",
    "GuardianRights",
    "Layer",
    "NotificationRule",
    "Origin",
    "Period",
    "QuotaRule",
    "RecommendationRule",
    "SittingRule",
    "Source",
    "Span",
    "SpendingRule",
    "Strength",
    "TimeRule",
    "Verdict",
    "WindowRule",
]
