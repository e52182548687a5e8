"""Features: every layer must agree, every limit must have room, and time must be allowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from minorguard.engine.look import Look
from minorguard.engine.time_rules import DEFAULT_GAP, sitting_at
from minorguard.model.calendar import wall_instants, zone
from minorguard.model.decisions import Reason
from minorguard.model.ids import Instant
from minorguard.model.rules import FeaturePeriod, FeatureRule, Layer, Origin, SittingRule, Verdict

_ANY_SITTING = SittingRule(
    origin=Origin("/sitting", layer=Layer.PRODUCT, document="default"), slot="sitting", resets_after=DEFAULT_GAP
)


@dataclass(frozen=True, slots=True)
class FeatureAnswer:
    """What the layers say of a feature at an instant."""

    denials: tuple[Reason, ...]
    left: int | None = None
    """Uses left under the tightest limit; None: no limit."""
    rule: FeatureRule | None = None
    """The rule that allows it, the limiting one first."""
    changes_at: Instant | None = None
    """If denied: before then it stays so (None: until the rules themselves change)."""


def judge_feature(look: Look, feature: str, amount: int, now: Instant) -> FeatureAnswer:
    """Whether a feature may be used `amount` times at `now`, time aside."""
    spoken = [
        rule
        for bound in look.binding.features
        if bound.holds(now) and (rule := bound.rule.rule_for(feature)) is not None
    ]
    if not spoken:
        return FeatureAnswer((Reason("feature.unknown", None, {"feature": feature}, _allow(feature)),))
    denied = tuple(
        Reason("feature.denied", rule.origin, {"feature": feature}, _allow(feature))
        for rule in spoken
        if rule.verdict is Verdict.DENY
    )
    if denied:
        return FeatureAnswer(denied)
    return _judge_limits(look, feature, amount, now, spoken)


def _judge_limits(look: Look, feature: str, amount: int, now: Instant, spoken: list[FeatureRule]) -> FeatureAnswer:
    denials: list[Reason] = []
    ends: list[Instant | None] = []
    left: int | None = None
    tightest = spoken[0]
    for rule in spoken:
        if rule.limit is None:
            continue
        start, end = _period(look, rule.period, now)
        used = uses(look, rule.feature, start, now)
        room = max(0, rule.limit - used)
        if left is None or room < left:
            left, tightest = room, rule
        if amount > room:
            denials.append(_exhausted(rule, feature, used, amount))
            ends.append(end)
    known = [end for end in ends if end is not None]
    return FeatureAnswer(tuple(denials), left, tightest, max(known) if known and len(known) == len(ends) else None)


def _exhausted(rule: FeatureRule, feature: str, used: int, amount: int) -> Reason:
    data = {"feature": feature, "period": rule.period.value, "limit": rule.limit, "used": used, "amount": amount}
    return Reason("feature.exhausted", rule.origin, data, {"change": "raise", "to": used + amount})


def _allow(feature: str) -> dict[str, str]:
    return {"change": "allow", "feature": feature}


def uses(look: Look, feature: str, start: Instant, now: Instant) -> int:
    """How often a feature (or one below it) was used in ``[start, now]``."""
    below = feature + "."
    return sum(
        use.amount
        for use in look.state.uses
        if start <= use.at <= now and (feature == "*" or use.feature == feature or use.feature.startswith(below))
    )


def _period(look: Look, period: FeaturePeriod, now: Instant) -> tuple[Instant, Instant | None]:
    days = look.policy.days
    match period:
        case FeaturePeriod.HOUR:
            return _wall_hour(days.zone, now)
        case FeaturePeriod.DAY | FeaturePeriod.WEEK:
            return days.bounds(period.value, days.day_of(now))
        case FeaturePeriod.SITTING:
            return _sitting(look, now)


def _wall_hour(zone_name: str, now: Instant) -> tuple[Instant, Instant]:
    wall = datetime.fromtimestamp(now, zone(zone_name)).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    after = wall + timedelta(hours=1)
    return wall_instants(zone_name, wall.date(), wall.hour * 3600)[0], wall_instants(
        zone_name, after.date(), after.hour * 3600
    )[0]


def _sitting(look: Look, now: Instant) -> tuple[Instant, Instant | None]:
    """The sitting that holds `now`; between sittings, the time since the last one, which ends when one is opened."""
    rule = next((b.rule for b in look.rules if isinstance(b.rule, SittingRule) and b.holds(now)), _ANY_SITTING)
    used = look.counted(rule)
    sitting = sitting_at(rule, used, now)
    if sitting.began is not None:
        return sitting.began, sitting.over
    return max((end for _, end in used if end <= now), default=0), None
