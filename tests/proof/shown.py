"""Policies of random content rules, and every question of a small grid of items and texts put to the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import combinations, product

from hypothesis import strategies as st

from minorguard.engine import decide
from minorguard.model.age import AgeBand
from minorguard.model.calendar import WEEKENDS_ONLY, DayScheme
from minorguard.model.ids import Instant
from minorguard.model.questions import ContentQuestion, ItemQuestion, TextFound, TextQuestion
from minorguard.model.rules import BandPolicy, CompiledPolicy, ContentRule, Layer, Origin
from minorguard.model.sections import ItemAction, TextAction, strictness
from minorguard.model.state import Profile, SubjectState
from minorguard.proof.content import action_of

ALL_AGES = AgeBand(0, 18)
LABELS = ("gore", "gore.real", "gore.real.close", "ads")
"""The third and the last are never named."""
CHILD = SubjectState(Profile("kid", "a", band=ALL_AGES))


def _subsets(names: tuple[str, ...], most: int) -> Iterator[tuple[str, ...]]:
    for size in range(most + 1):
        yield from combinations(names, size)


def _grid() -> Iterator[ContentQuestion]:
    surfaces = ("feed", "feed.top", "elsewhere")
    ratings = [(), ("0+",), ("13+",), ("18+",), ("19+",), ("usk:6",), ("13+", "usk:6"), ("0+", "18+")]
    waits: tuple[tuple[str, ...], ...] = ((), ("eye",))
    kinds = product(surfaces, _subsets(LABELS, 2), ratings, _subsets(("x", "y", "z"), 3), waits)
    for surface, labels, rated, pools, waiting in kinds:
        yield ItemQuestion(surface, labels, rated, pools, unanswered=waiting)
    says = [(None, one, sure) for one, sure in product(TextAction, (True, False))]
    says += [(one, TextAction.REVIEW, sure) for one, sure in product(TextAction, (True, False))]
    terms = [TextFound(category, *word) for category in ("fraud", "fraud.loan", "spam") for word in says]
    found = [(), *((one,) for one in terms), *combinations(terms[::3], 2)]
    yield from (TextQuestion(on, some, waiting) for on, some, waiting in product(surfaces, found, waits))


GRID = tuple(_grid())


def actions(policy: CompiledPolicy, questions: tuple[ContentQuestion, ...], at: Instant) -> list[int]:
    """How strict the engine is about each question; 0 is the strictest."""
    return [strictness(action_of(decide(policy, CHILD, question, at), question)) for question in questions]


def policy(name: str, surfaces: tuple[str, ...], rules: tuple[ContentRule, ...]) -> CompiledPolicy:
    """One band of content rules, for all ages."""
    band = BandPolicy(ALL_AGES, content=rules)
    return CompiledPolicy(name, 1, "", DayScheme("UTC"), WEEKENDS_ONLY, (band,), surfaces=surfaces)


@st.composite
def rules(draw: st.DrawFn, name: str, *, product_own: bool) -> ContentRule:
    """Any rule of a product, a law or a guardian."""
    layer = Layer.PRODUCT if product_own else draw(st.sampled_from(Layer))
    names = st.sampled_from(LABELS[:2])
    table = st.dictionaries(st.sampled_from([*LABELS[:2], "default"]), st.sampled_from(ItemAction), max_size=2)
    texts = st.dictionaries(
        st.sampled_from(["fraud", "fraud.loan", "default"]), st.sampled_from(TextAction), max_size=2
    )
    return ContentRule(
        origin=Origin(f"/{name}", layer, "generated"),
        surfaces=draw(st.sampled_from([None, None, frozenset({"feed"}), frozenset({"feed.top"})])),
        max_rating=draw(st.sampled_from([None, "0+", "12+", "17+", "18+"])),
        block=frozenset(draw(st.sets(names, max_size=1))),
        pools=draw(st.sampled_from([None, None, frozenset("x"), frozenset("y"), frozenset("xy")])),
        text=tuple(sorted(draw(texts).items())),
        labels=tuple(sorted(draw(table).items())),
        unrated=draw(st.sampled_from([None, *ItemAction])),
        unanswered=draw(st.sampled_from([None, ItemAction.HIDE, ItemAction.REVIEW])),
        closes=product_own,
    )


@st.composite
def near(draw: st.DrawFn, name: str, other: CompiledPolicy) -> CompiledPolicy:
    """Another policy, but for one field of one rule, or for the surfaces."""
    found = list(other.bands[0].content)
    surfaces = draw(st.sampled_from([other.surfaces, other.surfaces, other.surfaces, ("feed", "feed.top")]))
    if found:
        index = draw(st.integers(0, len(found) - 1))
        field = draw(st.sampled_from([one.name for one in fields(ContentRule) if one.name != "origin"]))
        another = draw(rules("x", product_own=found[index].closes))
        found[index] = replace(found[index], **{field: getattr(another, field)})
    return policy(name, surfaces, tuple(found))


@st.composite
def policies(draw: st.DrawFn, name: str) -> CompiledPolicy:
    """A product's rule, mostly, and up to two more."""
    own = [draw(rules(f"{name}0", product_own=True))] if draw(st.integers(0, 7)) else []
    more = [draw(rules(f"{name}{index}", product_own=False)) for index in range(1, draw(st.integers(1, 3)))]
    surfaces = draw(st.sampled_from([("feed",), ("feed",), ("feed.top",), ("feed", "home"), ()]))
    return policy(name, surfaces, (*own, *more))
