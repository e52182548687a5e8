"""Content: the comparison against every question of a grid, and each of its counterexamples against the engine."""

from __future__ import annotations

import os
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minorguard.model.questions import ContentQuestion, ItemQuestion, TextQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.sections import strictness
from minorguard.policy import compile_policy, with_guardian
from minorguard.policy.lattice import meet
from minorguard.proof.comparison import prove
from minorguard.proof.content import action_of
from minorguard.proof.counterexample import Counterexample
from tests.proof.shown import GRID, actions, near, policies

CASES = int(os.environ.get("MINORGUARD_CASES", "0")) or 100
PIECES = 24
"""Each case puts one of so many parts of the grid to the engine."""
ON = date(2026, 11, 24)
NOON = 1_795_521_600
few = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="MINORGUARD_CASES" not in os.environ,
)
pieces = st.integers(0, PIECES - 1).map(lambda piece: GRID[piece::PIECES])
pairs = st.one_of(
    st.tuples(policies("a"), policies("b")),
    policies("b").flatmap(lambda other: st.tuples(near("a", other), st.just(other))),
)


def replays(found: Counterexample, a: CompiledPolicy, b: CompiledPolicy) -> bool:
    """Whether the engine is less strict under the first, and the rule is among the reasons of the second."""
    replayed = found.replay(a, b)
    assert replayed is not None
    assert found.asked is not None
    question = found.asked.question
    assert isinstance(question, ItemQuestion | TextQuestion)
    mine, other = (action_of(decision, question) for decision in replayed)
    assert found.what == {"action": [mine.value, other.value]}
    named = found.rule in [reason.origin for reason in replayed[1].reasons] or found.rule.document == b.id
    return named and strictness(mine) > strictness(other)


@few
@given(pairs, pieces)
def test_content_is_decided_as_by_every_question(
    pair: tuple[CompiledPolicy, CompiledPolicy], questions: tuple[ContentQuestion, ...]
) -> None:
    """Where some question of the grid is answered less strictly so does the proof find one; what it finds replays."""
    a, b = pair
    proof = prove(a, b, on=ON)
    assert not proof.undecided
    assert all(replays(one, a, b) for one in proof.weaknesses)
    mine, theirs = (actions(policy, questions, NOON) for policy in pair)
    laxer = [one for one, here, there in zip(questions, mine, theirs, strict=True) if here > there]
    assert not (proof.holds and laxer), laxer[0]
    assert prove(b, b, on=ON).holds


@few
@given(pairs, pieces)
def test_the_meet_shows_what_both_show(
    pair: tuple[CompiledPolicy, CompiledPolicy], questions: tuple[ContentQuestion, ...]
) -> None:
    """Of every question the meet is as strict as the stricter of the two; and it is proved against either."""
    both = meet(*pair)
    mine, theirs, met = (actions(policy, questions, NOON) for policy in (*pair, both))
    assert list(map(min, mine, theirs)) == met
    assert all(prove(both, one, on=ON).holds for one in pair)


@few
@given(policies("a"), policies("b"), policies("c"))
def test_the_meet_of_content_is_a_meet(a: CompiledPolicy, b: CompiledPolicy, c: CompiledPolicy) -> None:
    """Associative, commutative, idempotent, in rules and surfaces."""
    ways = (
        (meet(meet(a, b), c), meet(a, meet(b, c))),
        (meet(a, b), meet(b, a)),
        (meet(meet(a, a), a), meet(a, a)),
    )
    for one, other in ways:
        assert (one.bands, one.surfaces) == (other.bands, other.surfaces)


def of(content: str, surfaces: str = "[feed]") -> CompiledPolicy:
    return compile_policy(
        f"policy: app\ntimezone: UTC\nsurfaces: {surfaces}\n"
        f'bands: {{"0-18": {{features: {{default: allow}}, content: {{{content}}}}}}}\n'
    )


@pytest.mark.parametrize(
    ("strict", "lax", "said", "what"),
    [
        ("max_rating: 12+", "max_rating: 16+", "rated 13+", ["show", "hide"]),
        ("unrated: show", "max_rating: 18+, unrated: show", "rated 18+", ["show", "hide"]),
        ("max_rating: 12+", "max_rating: 12+, unrated: blur", "an item", ["blur", "hide"]),
        ("block: [gore]", "block: [gore.real], labels: {gore: show}", "labelled gore", ["show", "hide"]),
        ("labels: {gore: blur}", "labels: {gore: warn_before}", "labelled gore", ["warn_before", "blur"]),
        ("labels: {gore: show}", "labels: {gore: show, default: review}", "labelled other", ["review", "hide"]),
        ("pools: [youth]", "pools: [youth, all]", "of pools all", ["show", "hide"]),
        ("unanswered: hide", "unanswered: review", "not answered", ["review", "hide"]),
        ("text: {fraud: block}", "text: {fraud: mask}", "of category fraud", ["mask", "block"]),
        ("text: {fraud: mask}", "text: {default: allow, fraud: mask}", "of category other", ["allow", "block"]),
        (
            "surfaces: [home], labels: {a: show}",
            "surfaces: [feed, home], labels: {a: show}",
            "on feed",
            ["show", "hide"],
        ),
    ],
)
def test_each_part_of_a_content_rule_is_decided(strict: str, lax: str, said: str, what: list[str]) -> None:
    """The case names the part, in both languages, and what becomes of it under either; the other way it is proved."""
    a, b = of(lax, "[feed, home]"), of(strict, "[feed, home]")
    (found,) = prove(a, b, on=ON).weaknesses
    assert replays(found, a, b)
    assert (said in found.text()["en"], found.what["action"]) == (True, what)
    assert found.text()["zh"]
    assert prove(b, a, on=ON).holds


def test_a_case_about_content_is_told_as_data() -> None:
    """The question stands in the wire form, with no more than it takes."""
    item, text = (
        prove(of(lax), of(strict), on=ON).weaknesses[0].to_dict()["question"]
        for lax, strict in (("max_rating: 16+", "max_rating: 12+"), ("text: {ad: mask}", "text: {ad: block}"))
    )
    empty = {"labels": [], "pools": [], "unanswered": []}
    assert item == {"kind": "item", "surface": "feed", "ratings": ["13+"], **empty}
    (found,) = text.pop("categories")
    assert text == {"kind": "text", "surface": "feed", "unanswered": []}
    assert found == {"category": "ad", "list_says": "allow", "otherwise": "review", "sure": True}


def test_only_what_the_first_shows_is_looked_at() -> None:
    """On a surface that it does not declare or gate nothing is shown; a policy without content shows nothing at all."""
    second = of("block: [gore]", "[feed, search]")
    gated = "surfaces: [feed], block: [gore]"
    assert prove(of("block: [gore]"), second, on=ON).holds
    assert prove(of(gated, "[feed, search]"), second, on=ON).holds
    (gap,) = prove(second, of(gated, "[feed, search]"), on=ON).weaknesses
    assert gap.asked is not None
    assert gap.asked.question == ItemQuestion("search")
    silent = compile_policy('policy: b\ntimezone: UTC\nbands: {"0-18": {features: {default: allow}}}\n')
    assert prove(silent, second, on=ON).holds
    (undeclared,) = prove(second, silent, on=ON).weaknesses
    assert undeclared.rule.rule == "/surfaces"


def test_items_of_several_pools_are_looked_at() -> None:
    """A product and a law want a pool each: only an item of both is shown, and it is not of the second's pool."""
    first, second = of("pools: [youth]"), of("pools: [news]")
    guarded = with_guardian(first, {"content": {"pools": ["school"]}})
    (found,) = prove(guarded, second, on=ON).weaknesses
    assert found.asked is not None
    assert found.asked.question == ItemQuestion("feed", pools=("school", "youth"))
    assert replays(found, guarded, second)


def test_a_band_that_ends_a_birthday_earlier_is_refuted_on_that_day() -> None:
    """Only the second holds birthdays: through the day itself it still hides, at eighteen as at twelve."""
    bands = (
        "policy: app\ntimezone: UTC\nsurfaces: [feed]\nhold_birthday: {}\nbands:\n"
        '  "0-12": {{content: {{max_rating: 8+}}}}\n  "12-18": {{content: {{max_rating: 12+}}}}\n'
    )
    lax, strict = (compile_policy(bands.format(holds)) for holds in ("false", "true"))
    found = prove(lax, strict, on=ON).weaknesses
    about = [one for one in found if one.asked is not None and isinstance(one.asked.question, ItemQuestion)]
    assert {(one.age.age, one.age.on_birthday) for one in about} == {(12, True), (18, True)}
    assert all(replays(one, lax, strict) for one in about)
    assert prove(strict, lax, on=ON).holds


def test_a_policy_that_only_observes_shows_everything() -> None:
    """Whatever its rules are; the case replays."""
    strict = of("max_rating: 12+")
    content = 'bands: {"0-18": {features: {default: allow}, content: {max_rating: 12+}}}'
    head = "policy: app\ntimezone: UTC\nsurfaces: [feed]\nenforcement: observe\n"
    observing = compile_policy(f"{head}{content}\n")
    about = [one for one in prove(observing, strict, on=ON).weaknesses if one.asked is not None]
    assert about
    assert all(replays(one, observing, strict) for one in about)
    assert prove(strict, observing, on=ON).holds
