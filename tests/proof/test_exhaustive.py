"""The comparison against every history on a grid, and each of its counterexamples against the engine."""

from __future__ import annotations

import os
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minorguard.model.age import AgeBand
from minorguard.model.calendar import WEEKENDS_ONLY, DayScheme
from minorguard.model.decisions import Effect
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    DayLimits,
    Layer,
    Origin,
    Period,
    QuotaRule,
    SittingRule,
    Span,
    TimeRule,
    WindowRule,
)
from minorguard.policy.lattice import meet
from minorguard.proof.comparison import weaknesses
from tests.proof.stepping import STEP, STEPS, weaker_at

CASES = int(os.environ.get("MINORGUARD_CASES", "0")) or 150
ON = date(2026, 11, 24)
TUESDAY, SATURDAY = date(2026, 11, 24), date(2026, 11, 28)
GAME = "game"

few = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="MINORGUARD_CASES" not in os.environ,
)

steps = st.integers(0, STEPS - 1).map(lambda step: step * STEP)
lengths = st.sampled_from([0, 1, 1, 2, 3, 4, 6]).map(lambda step: step * STEP)
day_words = st.sampled_from(
    [None, None, None, frozenset({"weekend"}), frozenset({"school_day"}), frozenset({"tue", "sat"})]
)
scopes = st.sampled_from([{}, {}, {}, {"only": frozenset({GAME})}, {"exempt": frozenset({GAME})}])


@st.composite
def spans(draw: st.DrawFn) -> Span:
    opens, closes = draw(steps), draw(steps)
    return Span(opens, closes if closes != opens else (opens + STEP) % (STEP * STEPS), draw(day_words))


def _origin(name: str) -> Origin:
    return Origin(f"/{name}", Layer.PRODUCT, "generated")


@st.composite
def rules(draw: st.DrawFn, name: str) -> TimeRule:
    common = {"origin": _origin(name), "slot": name, **draw(scopes)}
    kind = draw(st.sampled_from(["curfew", "windows", "quota", "quota", "sitting", "sitting"]))
    if kind == "quota":
        table = draw(st.one_of(lengths.map(DayLimits.flat), _tables()))
        return QuotaRule(**common, period=Period.DAY, limits=table, raise_at_most=draw(st.sampled_from([0, 0, STEP])))
    if kind == "sitting":
        gaps = st.sampled_from([1, 2, 3]).map(lambda step: step * STEP)
        break_after = draw(st.sampled_from([1, 2, 3])) * STEP
        return SittingRule(**common, break_after=break_after, break_for=draw(gaps), resets_after=draw(gaps))
    found = tuple(draw(st.lists(spans(), min_size=1, max_size=2)))
    return CurfewRule(**common, spans=found) if kind == "curfew" else WindowRule(**common, spans=found)


@st.composite
def _tables(draw: st.DrawFn) -> DayLimits:
    return DayLimits((("otherwise", draw(lengths)), (draw(st.sampled_from(["weekend", "sat", "tue"])), draw(lengths))))


@st.composite
def policies(draw: st.DrawFn, name: str) -> CompiledPolicy:
    count = draw(st.integers(0, 3))
    time = tuple(draw(rules(f"{name}{index}")) for index in range(count))
    return CompiledPolicy(name, 1, "", DayScheme("UTC"), WEEKENDS_ONLY, (BandPolicy(AgeBand(0, 18), time),))


@few
@given(policies("a"), policies("b"))
def test_no_history_on_the_grid_is_missed__and_every_counterexample_replays(
    a: CompiledPolicy, b: CompiledPolicy
) -> None:
    """Where stepping through all histories finds the first policy laxer, so does the comparison; what it finds is so."""
    found = weaknesses(a, b, on=ON)
    for one in found:
        assert one.asked is not None
        replayed = one.replay(a, b)
        assert replayed is not None
        assert [decision.effect for decision in replayed] == [Effect.ALLOW, Effect.DENY]
    if not found:
        scoped = any(rule.only or rule.exempt for policy in (a, b) for rule in policy.bands[0].time)
        activities = ("general", GAME) if scoped else ("general",)
        for day in (TUESDAY, SATURDAY):
            assert weaker_at(a, b, day, activities, (0, STEP)) is None


@few
@given(policies("a"), policies("b"))
def test_the_meet_is_at_least_as_strict_as_both(a: CompiledPolicy, b: CompiledPolicy) -> None:
    """``a ∧ b ≤ a`` and ``a ∧ b ≤ b``, and nothing laxer than the meet is below both."""
    both = meet(a, b)
    assert weaknesses(both, a, on=ON) == ()
    assert weaknesses(both, b, on=ON) == ()
