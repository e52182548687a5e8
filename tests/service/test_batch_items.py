"""Each item of a batch of checks is answered as the single call answers it: over mixed good and bad ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard import ManualClock
from minorguard_service import check_items
from tests.service.world import NOON, World

FEATURE = {"type": "feature", "feature": "comment"}
QUESTIONS: tuple[Any, ...] = (
    FEATURE,
    {"feature": "comment", "type": "feature"},
    {"type": "feature", "feature": "comment", "amount": 2},
    {"type": "feature", "feature": "comment", "amount": 3},
    {"type": "feature", "feature": "gift"},
    {"type": "feature", "feature": "comment", "amount": True},
    {"type": "feature", "feature": "comment", "amount": 1.0},
    {"type": "feature", "feature": "comment", "amount": 10**30},
    {"type": "feature", "feature": "comment", "session_id": "a~unknown-one"},
    {"type": "feature", "feature": "no words"},
    {"type": "feature"},
    {"type": "time"},
    {"type": "time", "activity": "video"},
    {"type": "time", "activity": "video", "device": "phone"},
    {"type": "time", "session_id": "a~unknown-one"},
    {"type": "time", "more": 1},
    {"type": "item", "surface": "feed", "labels": ["gore"], "item_id": "i-1"},
    {"type": "item", "surface": "feed", "labels": "gore"},
    {"type": "dance"},
    {"type": ["feature"]},
    [],
    None,
    "\ud800",
)


@dataclass
class Callers:
    """Subjects of all kinds and tokens of all kinds, of one tenant and another."""

    front: bool
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))

    def __post_init__(self) -> None:
        self.world = world = World.make(clock=self.clock, front=self.front)
        world.call("POST", "/v1/test-clocks", {"id": "later", "now": "2026-11-24T21:59:00+08:00"})
        for name in ("a", "b", "rests", "plays", "ended", "revoked", "late", "gone"):
            world.put(name)
        world.put("virtual", test_clock="later")
        other = world.new_key(tenant="other")
        world.call("PUT", "/v1/subjects/b", {"policy": "short-video", "age_band": "12-16"}, key=other)
        self.tokens: dict[str, Any] = {"late": world.open("late").json["token"]}
        self.clock.advance(600)
        self.tokens["elsewhere"] = world.open("b", key=other).json["token"]
        for name in ("a", "b", "ended", "revoked", "virtual", "gone"):
            self.tokens[name] = world.open(name).json["token"]
        world.open("plays")
        ended = world.open("ended", device="phone").json
        self.tokens["ended"] = ended["token"]
        world.call("POST", f"/v1/sessions/{ended['session_id']}/end", key=ended["token"])
        world.call("DELETE", "/v1/subjects/gone")
        world.call("POST", "/v1/subjects/revoked/revocations")
        self.clock.advance(10)
        for name in ("a", "b"):
            self.tokens[name] = world.beat(self.tokens[name], 1).json["token"]
        wrong = {"broken": "no-token", "cut": self.tokens["a"][:-1], "empty": "", "long": "t" * 7000, "number": 1}
        self.tokens |= wrong

    def who(self) -> list[dict[str, Any]]:
        """All that an item may say of whom it is."""
        names = ("a", "b", "rests", "plays", "virtual", "gone", "nobody", "no name", "", None, 7)
        both = {"subject_id": "a", "token": self.tokens["a"]}
        tokens = [{"token": token} for token in self.tokens.values()]
        return [*tokens, *({"subject_id": name} for name in names), both, {}]

    def items(self) -> list[Any]:
        """Every question of everybody, and what is no question."""
        asked = [{**who, "question": question} for who in self.who() for question in QUESTIONS]
        more = [{**asked[0], "more": 1}, {"token": self.tokens["a"]}, {"question": FEATURE}]
        return [*asked, *more, None, 1, "x", [], {}]

    def single(self, item: Any) -> tuple[int, Any]:
        """What the single call says."""
        answer = self.world.call("POST", "/v1/checks", item if item is not None else [])
        body = answer.json
        return answer.status_code, body if answer.status_code == 200 else {**body, "request_id": ""}


@lru_cache
def callers(front: bool) -> Callers:
    """Made once: checks change nothing."""
    return Callers(front)


def compare(known: Callers, items: list[Any]) -> None:
    """One batch, and each of its items by itself."""
    answer = known.world.call("POST", "/v1/checks/batch", {"checks": items})
    assert answer.status_code == 200, answer.text
    for item, said in zip(items, answer.json["answers"], strict=True):
        status, single = known.single(item)
        if status == 200:
            assert single == said, item
        else:
            assert single == {**said["problem"], "request_id": ""}, item
            assert (said["problem"]["status"], set(said)) == (status, {"problem"})
            assert said["problem"]["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("way", [True, False], ids=["front", "flask"])
def test_every_item_is_answered_as_the_single_call_answers_it(way: bool) -> None:
    """Decisions and problems alike, at the first time and once the questions are known."""
    known = callers(way)
    items = known.items()
    known.clock.set(NOON + 610)
    check_items._KNOWN.clear()
    for start in range(0, len(items), 300):
        compare(known, items[start : start + 300])
    compare(known, items[::7])
    assert FEATURE in map(json.loads, check_items._KNOWN)


@pytest.mark.parametrize("way", [True, False], ids=["front", "flask"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_item_is_answered_alike_whatever_stands_beside_it(way: bool, data: st.DataObject) -> None:
    """In any order, many times over, at any second of a lease and past it."""
    known = callers(way)
    drawn = data.draw(st.lists(st.sampled_from(known.items()), min_size=1, max_size=12))
    known.clock.set(NOON + 610 + data.draw(st.integers(0, 80)))
    compare(known, drawn)
