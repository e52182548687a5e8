"""Spending, features and notifications: the comparison against every history of a small grid, and replayed."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minorguard.model.age import AgeBand
from minorguard.model.calendar import WEEKENDS_ONLY, DayScheme
from minorguard.model.decisions import Effect
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    FeatureLayer,
    FeaturePeriod,
    FeatureRule,
    Layer,
    NotificationRule,
    Origin,
    Span,
    SpendingRule,
    Verdict,
)
from minorguard.proof.comparison import prove
from tests.proof.counted import STEPS, features_differ, notifications_differ, spending_differs

CASES = int(os.environ.get("MINORGUARD_CASES", "0")) or 60
ON = date(2026, 11, 24)
few = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="MINORGUARD_CASES" not in os.environ,
)
caps = st.one_of(st.none(), st.integers(0, 3))


def origin(name: str) -> Origin:
    return Origin(f"/{name}", Layer.PRODUCT, "generated")


def policy(name: str, band: BandPolicy) -> CompiledPolicy:
    return CompiledPolicy(name, 1, "", DayScheme("UTC"), WEEKENDS_ONLY, (band,))


def policies(name: str, rules: Callable[[str], st.SearchStrategy[BandPolicy]]) -> st.SearchStrategy[CompiledPolicy]:
    return rules(name).map(lambda band: policy(name, band))


@st.composite
def spending(draw: st.DrawFn, name: str) -> BandPolicy:
    rules = tuple(
        SpendingRule(
            origin=origin(f"{name}{index}"),
            currency=draw(st.sampled_from(["CNY", "CNY", "CNY", "USD"])),
            only=draw(st.sampled_from([None, None, frozenset({"game"})])),
            per_purchase=draw(caps),
            per_day=draw(caps),
            per_month=draw(caps),
        )
        for index in range(draw(st.integers(0, 2)))
    )
    return BandPolicy(AgeBand(0, 18), spending=rules)


@st.composite
def features(draw: st.DrawFn, name: str) -> BandPolicy:
    layers = []
    for index in range(draw(st.integers(0, 2))):
        rules = []
        for feature in draw(st.lists(st.sampled_from(["a", "a.b", "c"]), unique=True, max_size=3)):
            verdict = draw(st.sampled_from([Verdict.ALLOW, Verdict.ALLOW, Verdict.ALLOW, Verdict.ASK, Verdict.DENY]))
            limit = draw(st.one_of(st.none(), st.integers(0, 2))) if verdict is Verdict.ALLOW else None
            period = draw(st.sampled_from([FeaturePeriod.DAY, FeaturePeriod.WEEK]))
            rules.append(FeatureRule(origin(f"{name}{index}{feature}"), feature, verdict, limit, period))
        word = draw(st.sampled_from([None, Verdict.ALLOW, Verdict.DENY]))
        default = None if word is None else FeatureRule(origin(f"{name}{index}"), "*", word)
        layers.append(FeatureLayer(default, tuple(rules)))
    return BandPolicy(AgeBand(0, 18), features=tuple(layers))


@st.composite
def notifications(draw: st.DrawFn, name: str) -> BandPolicy:
    step = st.integers(0, STEPS - 1)
    rules = []
    for index in range(draw(st.integers(0, 2))):
        spans = [
            (opens, closes) for opens, closes in draw(st.lists(st.tuples(step, step), max_size=2)) if opens != closes
        ]
        quiet = tuple(Span(opens * 14_400, closes * 14_400) for opens, closes in spans)
        periods = st.sampled_from([FeaturePeriod.HOUR, FeaturePeriod.DAY, FeaturePeriod.WEEK])
        at_most = draw(st.one_of(st.none(), st.tuples(st.integers(0, 2), periods)))
        rules.append(NotificationRule(origin=origin(f"{name}{index}"), quiet=quiet, at_most=at_most))
    return BandPolicy(AgeBand(0, 18), notifications=tuple(rules))


def agrees(a: CompiledPolicy, b: CompiledPolicy, differs: Callable[[CompiledPolicy, CompiledPolicy], bool]) -> None:
    proof = prove(a, b, on=ON)
    for one in proof.weaknesses:
        replayed = one.replay(a, b)
        assert replayed is not None
        assert [decision.effect for decision in replayed] == [Effect.ALLOW, Effect.DENY]
    assert not proof.undecided
    assert differs(a, b) is not proof.holds


@few
@given(policies("a", spending), policies("b", spending))
def test_spending_is_decided_as_by_every_history(a: CompiledPolicy, b: CompiledPolicy) -> None:
    """Laxer exactly where some purchase after some others is let by the first alone; nothing stays undecided."""
    agrees(a, b, spending_differs)


@few
@given(policies("a", features), policies("b", features))
def test_features_are_decided_as_by_every_history(a: CompiledPolicy, b: CompiledPolicy) -> None:
    """The same for features: verdicts, dotted names, defaults, silence, and limits of a day and a week."""
    agrees(a, b, features_differ)


@few
@given(policies("a", notifications), policies("b", notifications))
def test_notifications_are_decided_as_by_every_history(a: CompiledPolicy, b: CompiledPolicy) -> None:
    """The same for notifications: quiet spans, and numbers an hour, a day, a week."""
    agrees(a, b, notifications_differ)
