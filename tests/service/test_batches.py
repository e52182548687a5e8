"""Batches: each item is answered as the single call would answer it, whatever the others are."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from minorguard import ManualClock, shell
from tests.guard.test_recent import Counting
from tests.service.test_logs_and_metrics import count
from tests.service.world import NOON, World

ONE_MORE = 1001


class Gateway:
    """Three subjects that play, over a store that counts its commands."""

    def __init__(self) -> None:
        self.store, self.clock = Counting(), ManualClock(NOON)
        self.world = World.make(store=self.store, clock=self.clock)
        self.tokens = {}
        for name in ("a", "b", "c"):
            self.world.put(name)
            self.tokens[name] = self.world.open(name).json["token"]
        service = self.world.service
        later = time.monotonic() + 1
        for holder in (service.api_keys, service.signing, service.published, service.revocations):
            holder._monotonic = lambda: later  # what is read now and then is not read again
        self.checks(feature(token=self.tokens["a"]))
        self.clock.advance(30)
        self.store.counted()

    def checks(self, *items: Any) -> list[dict[str, Any]]:
        """The answers to a batch of checks."""
        answer = self.world.call("POST", "/v1/checks/batch", {"checks": list(items)})
        assert answer.status_code == 200, answer.text
        return answer.json["answers"]

    def beats(self, *items: Any) -> list[dict[str, Any]]:
        """The answers to a batch of heartbeats."""
        answer = self.world.call("POST", "/v1/heartbeats/batch", {"heartbeats": list(items)})
        assert answer.status_code == 200, answer.text
        return answer.json["answers"]

    def beat(self, name: str, seq: int) -> dict[str, Any]:
        """An item."""
        return {"token": self.tokens[name], "seq": seq}


@pytest.fixture
def gateway() -> Gateway:
    """An edge gateway and its children."""
    return Gateway()


def feature(**about: str) -> dict[str, Any]:
    """A check of a limited feature."""
    return {**about, "question": {"type": "feature", "feature": "comment"}}


def feature_use(name: str) -> dict[str, Any]:
    """A use of it."""
    return {"subject_id": name, "feature": "comment"}


def test_checks_are_answered_as_single_ones(gateway: Gateway) -> None:
    """Decisions and problems stand where single calls would have given them, with pointers into the item."""
    items = [
        feature(subject_id="a"),
        feature(token=gateway.tokens["b"]),
        {"subject_id": "c", "question": {"type": "time"}},
        feature(subject_id="nobody"),
        feature(subject_id="a b"),
        {"subject_id": "a", "question": {"type": "dance"}},
        "no object",
        feature(),
        feature(token="no-token"),
    ]
    answers = gateway.checks(*items)
    for item, answer in zip(items, answers, strict=True):
        single = gateway.world.call("POST", "/v1/checks", item)
        if single.status_code == 200:
            assert single.json == answer
        else:
            said, expected = dict(answer["problem"]), dict(single.json)
            del said["request_id"], expected["request_id"]
            assert expected == said


def test_a_hundred_checks_are_one_command(gateway: Gateway) -> None:
    """All subjects are loaded at once."""
    gateway.checks(*(feature(subject_id=name) for name in ("a", "b", "c", "nobody") * 25))
    assert gateway.store.counted() == ["load_many"]


def test_what_is_known_is_not_read_again(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state is decoded once for as long as its version stands; another process's write is seen at once."""
    read: list[str] = []
    decode = shell.decode
    monkeypatch.setattr(shell, "decode", lambda key, blob: read.append(key) or decode(key, blob))
    items = [feature(token=gateway.tokens[name]) for name in ("a", "b", "c")]
    gateway.checks(*items)
    assert read == []
    other = World.make(store=gateway.store, clock=gateway.clock)
    other.key = gateway.world.key
    other.beat(gateway.tokens["b"], 1)
    other.call("POST", "/v1/uses", feature_use("b"))
    read.clear()
    left = [answer["decision"]["remaining"]["uses"] for answer in gateway.checks(*items)]
    assert (left, read) == ([2, 1, 2], ["subject/acme.test/b"])


def test_each_decision_of_a_batch_is_counted(gateway: Gateway) -> None:
    """By effect and reason, as single ones are, and problems are none."""
    allowed, denied = ({"effect": "allow", "reason": "feature.allowed"}, {"effect": "deny", "reason": "feature.denied"})
    before = [count("minorguard_decisions_total", **labels) for labels in (allowed, denied)]
    gift = {"subject_id": "b", "question": {"type": "feature", "feature": "gift"}}
    gateway.checks(feature(token=gateway.tokens["a"]), feature(subject_id="b"), gift, feature(subject_id="nobody"))
    after = [count("minorguard_decisions_total", **labels) for labels in (allowed, denied)]
    assert [before[0] + 2, before[1] + 1] == after


def test_a_batch_is_one_line_in_the_log(gateway: Gateway) -> None:
    """Who asked, and nothing of whom."""
    gateway.world.log.seek(0), gateway.world.log.truncate()
    gateway.checks(*(feature(token=gateway.tokens[name]) for name in ("a", "b", "c")))
    (line,) = map(json.loads, gateway.world.log.getvalue().splitlines())
    said = [line[name] for name in ("event", "route", "status", "tenant")]
    assert said == ["request", "/v1/checks/batch", 200, "acme"]


def test_warm_beats_are_one_command(gateway: Gateway) -> None:
    """All compare-and-sets go together; each answer has its own lease and a token that holds."""
    answers = gateway.beats(*(gateway.beat(name, 1) for name in ("a", "b", "c")))
    assert gateway.store.counted() == ["save_many"]
    assert [answer["seq"] for answer in answers] == [1, 1, 1]
    for answer in answers:
        assert gateway.world.service.verify(answer["token"]).seq == 1


def test_cold_beats_are_two_commands(gateway: Gateway) -> None:
    """What this process does not know is loaded at once, and then written at once."""
    gateway.world.service.guard._shell.recent.forget("subject/acme.test/a")
    gateway.world.service.guard._shell.recent.forget("subject/acme.test/b")
    gateway.beats(*(gateway.beat(name, 1) for name in ("a", "b", "c")))
    assert gateway.store.counted() == ["load_many", "save_many"]


def test_beats_leave_what_single_ones_leave(gateway: Gateway) -> None:
    """Repeated, reordered and refused beats of one batch count as they would one after the other."""
    session = gateway.world.open("a", device="phone").json
    items = [
        gateway.beat("a", 1),
        gateway.beat("a", 1),
        gateway.beat("b", 2),
        gateway.beat("b", 1),
        {"token": session["token"], "seq": 1},
        {"token": "no-token", "seq": 1},
        {"seq": 1},
        {"token": gateway.tokens["c"], "seq": 0},
        {"token": gateway.tokens["c"], "seq": 2_000_000_000},
        gateway.beat("c", 1),
    ]
    answers = gateway.beats(*items)
    assert [answer.get("seq") for answer in answers] == [1, 1, 2, 2, 1, None, None, None, None, 1]
    codes = [answer["problem"]["code"] if "problem" in answer else "" for answer in answers]
    assert codes == ["", "", "", "", "", "token-refused", "invalid-request", "invalid-request", "invalid-request", ""]
    assert [gateway.world.used(name) for name in ("a", "b", "c")] == [30, 30, 30]


def test_a_subject_that_changed_under_a_batch_loses_nothing(gateway: Gateway) -> None:
    """Another process's write makes one compare-and-set fail; that beat alone is told again."""
    other = World.make(store=gateway.store, clock=gateway.clock)
    other.key = gateway.world.key
    other.beat(gateway.tokens["b"], 1)
    gateway.clock.advance(30)
    gateway.store.counted()
    answers = gateway.beats(*(gateway.beat(name, 2) for name in ("a", "b", "c")))
    assert [answer["seq"] for answer in answers] == [2, 2, 2]
    assert gateway.store.counted() == ["save_many", "save"]
    assert [gateway.world.used(name) for name in ("a", "b", "c")] == [60, 60, 60]


def test_an_erased_subject_fails_alone(gateway: Gateway) -> None:
    """The beat of a subject that is gone is not found, and the others count."""
    other = World.make(store=gateway.store, clock=gateway.clock)
    other.service.scoped("acme.test", live=False).delete_subject("b")
    answers = gateway.beats(*(gateway.beat(name, 1) for name in ("a", "b", "c")))
    assert [answer.get("problem", {}).get("code", "") for answer in answers] == ["", "not-found", ""]


@pytest.mark.parametrize(("path", "name"), [("/v1/checks/batch", "checks"), ("/v1/heartbeats/batch", "heartbeats")])
@pytest.mark.parametrize("items", [[], [{}] * ONE_MORE, {}, None, "x"])
def test_a_batch_is_1_to_1000_items(gateway: Gateway, path: str, name: str, items: Any) -> None:
    """None, too many, and what is no list are refused as a whole."""
    answer = gateway.world.call("POST", path, {name: items})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == f"/{name}"


def test_a_session_token_is_no_credential_of_a_batch(gateway: Gateway) -> None:
    """A device speaks for itself alone."""
    body = {"heartbeats": [gateway.beat("a", 1)]}
    assert gateway.world.call("POST", "/v1/heartbeats/batch", body, key=gateway.tokens["a"]).status_code == 401
