"""The comparison against every history on a grid, and each of its counterexamples against the engine."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minorguard.engine import decide
from minorguard.engine.metering import union
from minorguard.model.age import AgeBand
from minorguard.model.calendar import DAY, WEEKENDS_ONLY, DayScheme
from minorguard.model.decisions import Effect
from minorguard.model.questions import TimeQuestion
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
from minorguard.model.state import Profile, SubjectState
from minorguard.policy.lattice import meet
from minorguard.proof.comparison import prove
from tests.proof.stepping import STEP, STEPS, weaker_at

CASES = int(os.environ.get("MINORGUARD_CASES", "0")) or 60
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
    found = tuple(draw(rules(f"{name}{index}")) for index in range(count))
    return CompiledPolicy(name, 1, "", DayScheme("UTC"), WEEKENDS_ONLY, (BandPolicy(AgeBand(0, 18), found),))


@few
@given(policies("a"), policies("b"))
def test_no_history_on_the_grid_is_missed__and_every_counterexample_replays(
    a: CompiledPolicy, b: CompiledPolicy
) -> None:
    """Where stepping through all histories finds the first policy laxer, so does the proof; what it finds is so."""
    proof = prove(a, b, on=ON)
    for one in proof.weaknesses:
        replayed = one.replay(a, b)
        assert replayed is not None
        assert [decision.effect for decision in replayed] == [Effect.ALLOW, Effect.DENY]
        assert one.rule in [reason.origin for reason in replayed[1].reasons]
    if proof.holds:
        scoped = any(rule.only or rule.exempt for policy in (a, b) for rule in policy.bands[0].time)
        activities = ("general", GAME) if scoped else ("general",)
        for day in (TUESDAY, SATURDAY):
            assert weaker_at(a, b, day, activities, (0, STEP)) is None


@few
@given(policies("a"), policies("b"), policies("c"))
def test_the_meet_is_a_meet(a: CompiledPolicy, b: CompiledPolicy, c: CompiledPolicy) -> None:
    """Associative, commutative, idempotent; and proved to be at least as strict as either."""
    assert meet(meet(a, b), c).bands == meet(a, meet(b, c)).bands
    assert meet(a, b).bands == meet(b, a).bands
    assert meet(meet(a, a), a).bands == meet(a, a).bands
    both = meet(a, b)
    assert prove(both, a, on=ON).holds
    assert prove(both, b, on=ON).holds


@few
@given(policies("a"), policies("b"), st.data())
def test_decisions_are_monotone(a: CompiledPolicy, b: CompiledPolicy, data: st.DataObject) -> None:
    """Whatever either policy denies, their meet denies: the same subject, the same history, at any instant."""
    both = meet(a, b)
    midnight = int(datetime.combine(TUESDAY, time(), UTC).timestamp())
    at = midnight + data.draw(st.integers(0, DAY - 1))
    spans = data.draw(st.lists(st.tuples(st.integers(-DAY, DAY), st.integers(1, 4 * STEP)), max_size=4))
    names = st.sampled_from(["general", GAME])
    tracks = {
        name: union(((midnight + low, midnight + low + more),) for low, more in spans) for name in {data.draw(names)}
    }
    ledger = tuple((("phone", name), intervals) for name, intervals in sorted(tracks.items()))
    state = SubjectState(Profile("kid", "a", band=AgeBand(0, 18)), ledger=ledger)
    question = TimeQuestion(data.draw(names), "phone")
    effects = [decide(policy, state, question, at).effect for policy in (a, b, both)]
    assert (Effect.DENY in effects[:2]) == (effects[2] is Effect.DENY)
