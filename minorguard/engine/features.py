"""Features: every layer must agree, every limit must have room, and time must be allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from minorguard.engine.look import Look
from minorguard.engine.metering import measure
from minorguard.engine.periods import period_at
from minorguard.engine.sittings import DEFAULT_GAP, Sitting
from minorguard.model.decisions import Reason
from minorguard.model.ids import Instant
from minorguard.model.rules import FeaturePeriod, FeatureRule, Layer, Origin, SittingRule, Verdict

_ANY_SITTING = SittingRule(
    origin=Origin("/sitting", layer=Layer.PRODUCT, document="default"), slot="sitting", resets_after=DEFAULT_GAP
)


_DAYS = (FeaturePeriod.DAY, FeaturePeriod.WEEK)


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
    if now >= look.binding.adult_from:
        return FeatureAnswer(())
    spoken = look.binding.speaking(feature, now)
    if spoken is None:
        return FeatureAnswer((Reason("feature.unknown", None, {"feature": feature}, _allow(feature)),))
    firm = _saying(spoken, Verdict.DENY, "feature.denied", feature, _allow(feature))
    firm = firm or _saying(spoken, Verdict.ASK, "feature.ask", feature, {"change": "approve", "feature": feature})
    return FeatureAnswer(firm) if firm else _judge_limits(look, feature, amount, now, spoken)


def turns_by_day(look: Look, feature: str, now: Instant) -> bool:
    """Whether what is counted of a feature turns at the ends of policy days alone, and not of hours or sittings."""
    spoken = look.binding.speaking(feature, now) or ()
    return all(rule.limit is None or rule.period in _DAYS for rule in spoken)


def _saying(
    rules: tuple[FeatureRule, ...], verdict: Verdict, code: str, feature: str, lift: dict[str, str]
) -> tuple[Reason, ...]:
    return tuple(Reason(code, rule.origin, {"feature": feature}, lift) for rule in rules if rule.verdict is verdict)


def _judge_limits(
    look: Look, feature: str, amount: int, now: Instant, spoken: tuple[FeatureRule, ...]
) -> FeatureAnswer:
    denials: list[Reason] = []
    ends: list[Instant | None] = []
    left: int | None = None
    tightest = spoken[0]
    for rule in spoken:
        if rule.limit is None:
            continue
        start, end = _period(look, rule.period, now)
        used = uses(look, rule.feature, start, None if rule.period is FeaturePeriod.SITTING else end)
        room = max(0, rule.limit - used)
        if left is None or room < left:
            left, tightest = room, rule
        if amount > room:
            denials.append(_exhausted(rule, feature, used, amount))
            ends.append(end if amount <= rule.limit else None)
    known = [end for end in ends if end is not None]
    return FeatureAnswer(tuple(denials), left, tightest, max(known) if known and len(known) == len(ends) else None)


def _exhausted(rule: FeatureRule, feature: str, used: int, amount: int) -> Reason:
    data = {"feature": feature, "period": rule.period.value, "limit": rule.limit, "used": used, "amount": amount}
    return Reason("feature.exhausted", rule.origin, data, {"change": "raise", "to": used + amount})


def _allow(feature: str) -> dict[str, str]:
    return {"change": "allow", "feature": feature}


def uses(look: Look, feature: str, start: Instant, end: Instant | None) -> int:
    """How often a feature (or one below it) was used in ``[start, end)``.

    Uses later than now count too: another process's clock may be ahead.
    """
    below = feature + "."
    return sum(
        use.amount
        for use in look.state.uses
        if start <= use.at
        and (end is None or use.at < end)
        and (feature == "*" or use.feature == feature or use.feature.startswith(below))
    )


def _period(look: Look, period: FeaturePeriod, now: Instant) -> tuple[Instant, Instant | None]:
    return sitting_span(look, now) if period is FeaturePeriod.SITTING else period_at(look.policy.days, period, now)


def sitting_span(look: Look, now: Instant) -> tuple[Instant, Instant | None]:
    """The sitting that holds `now`, the longest that any rule sees; between sittings, the time since the last one.

    What another layer calls a sitting never shortens the product's, or ours where the product says nothing.
    """
    rules = _sitting_rules(look, now)
    sittings = [_sitting(look, rule, now) for rule in rules]
    began = [sitting.began for sitting in sittings if sitting.began is not None]
    if began:
        return min(began), max(sitting.over for sitting in sittings)
    folded = look.state.days[-1].end if look.state.days else 0
    return max((end for rule in rules for _, end in look.counted(rule) if end <= now), default=folded), None


def _sitting(look: Look, rule: SittingRule, now: Instant) -> Sitting:
    """With the use that begins at this very instant."""
    return look.sitting(rule, now + measure(look.counted(rule), now, now + 1))


def _sitting_rules(look: Look, now: Instant) -> list[SittingRule]:
    rules = [b.rule for b in look.rules if isinstance(b.rule, SittingRule) and b.holds(now)]
    if not any(rule.origin.layer is Layer.PRODUCT for rule in rules):
        rules.append(_ANY_SITTING)
    return rules


def sitting_changes(look: Look, after: Instant) -> Iterator[Instant]:
    """When rules that say what a sitting is begin or end to hold."""
    bounds = (bound for bound in look.rules if isinstance(bound.rule, SittingRule))
    return (edge for bound in bounds for edge in (bound.start, bound.end) if edge > after)


def counted_until(look: Look, feature: str, now: Instant) -> Iterator[Instant]:
    """When the hours and sittings are over in which a feature is counted, use going on or resting as it does."""
    periods = {rule.period for rule in look.binding.speaking(feature, now) or () if rule.limit is not None}
    if FeaturePeriod.HOUR in periods:
        yield period_at(look.policy.days, FeaturePeriod.HOUR, now)[1]
    if FeaturePeriod.SITTING in periods:
        overs = (look.sitting_over(rule, now) for rule in _sitting_rules(look, now))
        yield from (over for over in overs if over is not None)
