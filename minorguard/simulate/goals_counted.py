"""What is to be seen of the rules of features, money and notifications, and which questions see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from minorguard.engine.features import judge_feature
from minorguard.engine.look import Look
from minorguard.engine.notifications import left_to_send, scarcest
from minorguard.engine.spending import Cap, rules
from minorguard.engine.time_rules import closed
from minorguard.model.currencies import CURRENCIES, in_words
from minorguard.model.ids import Instant
from minorguard.model.questions import FeatureQuestion, SpendQuestion
from minorguard.model.rules import (
    BandPolicy,
    FeatureLayer,
    FeatureRule,
    NotificationRule,
    Origin,
    SpendingRule,
    Verdict,
)
from minorguard.simulate.goals_time import edge_goals, edges_reached

_DENIES = "a question that it denies"
_SPEAKS = "a question about it"
_SPARES = "a question about another feature"
_LAST_USE = "a question about the last uses that are left"
_NOTIFICATION = "a notification"
_QUIET = "a notification in a quiet span"
_AWAKE = "a notification outside the quiet spans"
_LAST_ONE = "the last notification that it allows"
_A = {"purchase": "", "day": " a day", "month": " a month"}
_ONE_TOO_MANY = "a notification too many"


def rules_of(layer: FeatureLayer) -> tuple[FeatureRule, ...]:
    """All rules of a layer, its default last."""
    return (*layer.rules, layer.default) if layer.default is not None else layer.rules


def feature_goals(rule: FeatureRule) -> Iterator[str]:
    """The goals of a rule of a feature."""
    if rule.limit is not None:
        yield from (_LAST_USE, _DENIES)
    elif rule.verdict is Verdict.ALLOW:
        yield _SPEAKS
    else:
        yield _DENIES
        if rule.feature != "*":
            yield _SPARES


def features_reached(
    look: Look, band: BandPolicy, question: FeatureQuestion, now: Instant
) -> Iterator[tuple[Origin, str]]:
    """What a question of a feature shows of the rules of a band."""
    held = [layers for bound, layers in look.binding.features if bound.rule is band]
    for layer in (bound.rule for layers in held for bound in layers if bound.holds(now)):
        spoken = layer.rule_for(question.feature)
        for rule in rules_of(layer):
            if rule is spoken:
                yield from ((rule.origin, words) for words in _speaking(look, rule, question, now))
            elif rule.verdict is not Verdict.ALLOW:
                yield rule.origin, _SPARES


def _speaking(look: Look, rule: FeatureRule, question: FeatureQuestion, now: Instant) -> Iterator[str]:
    answer = judge_feature(look, question.feature, question.amount, now)
    if rule.limit is None:
        yield _SPEAKS if rule.verdict is Verdict.ALLOW else _DENIES
    elif any(reason.origin == rule.origin for reason in answer.denials):
        yield _DENIES
    elif answer.rule is rule and answer.left == question.amount:
        yield _LAST_USE


def _caps(rule: SpendingRule) -> Iterator[tuple[str, int]]:
    limits = (("purchase", rule.per_purchase), ("day", rule.per_day), ("month", rule.per_month))
    return ((period, limit) for period, limit in limits if limit is not None)


def _unit(rule: SpendingRule) -> int:
    return int(10 ** CURRENCIES.get(rule.currency, 0))


def _above(rule: SpendingRule, period: str, limit: int) -> str:
    most, much = in_words(_unit(rule), rule.currency)[1], in_words(limit, rule.currency)[1]
    return f"a purchase above {much}{_A[period]}, by {most} at most"


def _exactly(rule: SpendingRule, period: str, limit: int) -> str:
    return f"a purchase up to exactly {in_words(limit, rule.currency)[1]}{_A[period]}"


def spending_goals(rule: SpendingRule) -> Iterator[str]:
    """The goals of a rule of money."""
    for period, limit in _caps(rule):
        if limit:
            yield _exactly(rule, period, limit)
        yield _above(rule, period, limit)


def spending_reached(
    look: Look, band: BandPolicy, question: SpendQuestion, now: Instant
) -> Iterator[tuple[Origin, str]]:
    """What a purchase shows of the rules of a band."""
    for held in look.binding.spending:
        rule = held.rule
        asked = rule.currency == question.currency and rules(rule, look.activity)
        if rule not in band.spending or not held.holds(now) or not asked:
            continue
        for period, limit in _caps(rule):
            cap = Cap(held, period, limit)
            total = question.amount + (0 if period == "purchase" else cap.spent(look, now))
            if total == limit:
                yield rule.origin, _exactly(rule, period, limit)
            elif limit < total <= limit + _unit(rule):
                yield rule.origin, _above(rule, period, limit)


def notification_goals(rule: NotificationRule) -> Iterator[str]:
    """The goals of a rule of notifications."""
    if rule.quiet:
        yield from (_QUIET, _AWAKE)
        yield from edge_goals(rule.quiet, _NOTIFICATION)
    if rule.at_most is not None:
        if rule.at_most[0]:
            yield _LAST_ONE
        yield _ONE_TOO_MANY


def notifications_reached(look: Look, band: BandPolicy, now: Instant) -> Iterator[tuple[Origin, str]]:
    """What a notification shows of the rules of a band."""
    for held in look.binding.notifications:
        rule = held.rule
        if rule in band.notifications and held.holds(now):
            if rule.quiet:
                yield rule.origin, _QUIET if _is_quiet(look, rule, now) else _AWAKE
                yield from ((rule.origin, words) for words in edges_reached(look, rule.quiet, now, _NOTIFICATION))
            if rule is scarcest(look, now):
                left = left_to_send(look, now)["notifications"]
                yield from ((rule.origin, words) for words in {0: (_ONE_TOO_MANY,), 1: (_LAST_ONE,)}.get(left, ()))


def _is_quiet(look: Look, rule: NotificationRule, now: Instant) -> bool:
    days = look.policy.days
    today = days.local_date(now)
    found = (closed(days.zone, look.policy.calendar, rule.quiet, day) for day in (today - timedelta(days=1), today))
    return any(start <= now < end for stretches in found for start, end in stretches)
