"""Quick readers say what marshmallow says, of any body."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from minorguard_service.inputs import Input, Yes
from minorguard_service.quick import Quick, quick
from minorguard_service.routes import OPERATIONS
from minorguard_service.schemas import MOST_ITEMS
from minorguard_service.tokens import LONGEST

HOT = {operation.id: (operation.body, operation.quick) for operation in OPERATIONS if operation.quick is not None}

TEXTS = st.sampled_from(["kid-1", "tablet", "time", "feature", "", "a" * 65, "é", "a b", "\ud800", "t" * (LONGEST + 1)])
NUMBERS = st.sampled_from([0, 1, -1, 1000, 1001, 2**53 - 1, 2**53, 10**30])
ODD = st.sampled_from([None, True, False, 1.0, 1.5, [], {}, "1"])
VALUES = st.one_of(TEXTS, NUMBERS, ODD)
LISTS = st.one_of(VALUES, st.lists(VALUES, max_size=3), st.just(["a"] * 20), st.just(["a"] * 101))
QUESTION_KEYS = st.sampled_from(["type", "activity", "device", "session_id", "feature", "amount", "more"])
QUESTIONS = st.one_of(
    VALUES,
    st.fixed_dictionaries({"type": st.just("time")}, optional={"activity": VALUES, "device": VALUES}),
    st.fixed_dictionaries(
        {"type": st.just("feature"), "feature": VALUES}, optional={"amount": VALUES, "session_id": VALUES}
    ),
    st.fixed_dictionaries(
        {"type": st.just("item"), "surface": VALUES},
        optional={"labels": LISTS, "ratings": LISTS, "pools": LISTS, "item_id": VALUES},
    ),
    st.dictionaries(QUESTION_KEYS, VALUES, max_size=4),
)
KEYS = st.sampled_from(["token", "seq", "activity", "subject_id", "question", "checks", "heartbeats", "more"])
ITEMS = st.one_of(LISTS, st.sampled_from([[{}], [{}] * MOST_ITEMS, [{}] * (MOST_ITEMS + 1)]))
BODIES = st.one_of(
    VALUES,
    st.fixed_dictionaries({"seq": VALUES}, optional={"token": VALUES, "activity": VALUES}),
    st.fixed_dictionaries({"question": QUESTIONS}, optional={"token": VALUES, "subject_id": VALUES}),
    st.fixed_dictionaries({"checks": ITEMS}),
    st.fixed_dictionaries({"heartbeats": ITEMS}),
    st.dictionaries(KEYS, st.one_of(VALUES, QUESTIONS), max_size=4),
)


def loaded(schema: Schema, body: Any) -> dict[str, Any] | None:
    """What the schema gives; None if it refuses."""
    try:
        return schema.load(body)
    except ValidationError:
        return None


@pytest.mark.parametrize("call", sorted(HOT))
@settings(max_examples=300, deadline=None)
@given(body=BODIES)
def test_a_quick_reader_says_what_the_schema_says(call: str, body: Any) -> None:
    """What the schema takes is read just so, and what it refuses is left to it."""
    schema, read = HOT[call]
    assert schema is not None
    assert read is not None
    assert loaded(schema, body) == read(body)


def test_the_hot_calls_have_quick_readers() -> None:
    """Those that are answered in front of Flask."""
    assert {"beat", "beat_batch", "check", "check_batch"} <= set(HOT)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("beat", {"token": "t", "seq": 1, "activity": "video"}),
        ("check", {"subject_id": "kid", "question": {"type": "time", "device": "tablet"}}),
        ("check", {"token": "t", "question": {"type": "feature", "feature": "comment"}}),
        ("check_batch", {"checks": [{"subject_id": "kid"}, 1]}),
        ("beat_batch", {"heartbeats": [{"token": "t", "seq": 1}]}),
        ("check", {"subject_id": "kid", "question": {"type": "item", "surface": "feed", "labels": ["gore"]}}),
    ],
)
def test_usual_bodies_are_read_at_once(call: str, body: dict[str, Any]) -> None:
    """What callers send is not left to the schema."""
    schema, read = HOT[call]
    assert schema is not None
    assert read is not None
    assert read(body) == schema.load(body)
    assert read(body) is not None


def test_what_is_remembered_of_words_is_what_the_schema_takes() -> None:
    """A word that was right once is read at once, and one that is wrong is asked about each time."""
    _schema, read = HOT["beat"]
    assert read is not None
    for _ in range(2):
        assert read({"seq": 1, "activity": "video"}) == {"seq": 1, "activity": "video"}
        assert read({"seq": 1, "activity": "no word"}) is None


def test_a_field_that_no_quick_reader_knows_is_refused_when_it_is_made() -> None:
    """A schema that grows cannot be read wrongly in silence."""

    class Odd(Input):
        sure = Yes()

    with pytest.raises(TypeError, match="Yes"):
        _unused: Quick = quick(Odd())
