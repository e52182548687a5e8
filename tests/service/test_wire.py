"""What is answered is the decision's own wire form, whether its reasons were written before or not."""

from __future__ import annotations

import json
from dataclasses import replace

from minorguard.engine import Carried, decide
from minorguard.model.decisions import Reason
from minorguard.model.questions import FeatureQuestion, TimeQuestion
from minorguard_service.problems import to_json
from minorguard_service.wire import outcome, wire
from tests.build import Life, child
from tests.build import policy as written


def test_a_decision_is_answered_as_it_is_told() -> None:
    """Allowed, denied and asked for: the bytes hold what `to_dict` says, at the first answer and at the next."""
    limits = written('quota: {daily: 40m}\ncurfew: ["22:00-06:00"]', features="{default: deny, ask: [chat]}")
    life = Life(limits)
    for when in ("2026-11-24 16:00", "2026-11-24 23:00"):
        for question in (TimeQuestion(), FeatureQuestion("chat"), FeatureQuestion("gift.send")):
            decision = decide(limits, child(), question, life.at(when))
            for _ in range(2):
                assert json.loads(to_json(wire(decision))) == decision.to_dict()


def test_equal_reasons_of_another_decision_are_its_own() -> None:
    """Reasons are known by identity: others, though of the same code, are written anew."""
    limits = written("quota: {daily: 40m}")
    decision = decide(limits, child(), TimeQuestion(), Life(limits).at("2026-11-24 16:00"))
    other = replace(decision, reasons=(Reason("time.allowed", None, {"until": "later"}),))
    assert json.loads(to_json(wire(decision))) == decision.to_dict()
    assert json.loads(to_json(wire(other))) == other.to_dict()


def test_a_denial_by_the_clock_is_told_anew_each_second() -> None:
    """What lifts it moves from second to second, the rest is written once; another reason is its own."""
    limits = written('quota: {daily: 40m}\ncurfew: ["22:00-06:00"]')
    life = Life(limits)
    for second in range(4):
        decision = decide(limits, child(), TimeQuestion(), life.at("2026-11-24 23:00") + second)
        assert decision.reason.lift == {"change": "allow_at", "at": f"2026-11-24T23:00:0{second}+08:00"}
        assert to_json(wire(decision)) == to_json(decision.to_dict())
        asks = replace(decision.reason, lift={"change": "allow_at", "at": "later"}, code="time.allowed")
        other = replace(decision, reasons=(asks, replace(decision.reason, lift={"change": "approve"})))
        assert to_json(wire(other)) == to_json(other.to_dict())


def test_what_is_no_utf8_comes_out_as_an_escape_around_written_reasons() -> None:
    """A lone surrogate elsewhere in the answer does not keep the reasons from being told."""
    limits = written("quota: {daily: 40m}")
    decision = decide(limits, child(), TimeQuestion(), Life(limits).at("2026-11-24 16:00"))
    answer = to_json({"echo": "\ud800", "decision": wire(decision)})
    assert json.loads(answer) == {"echo": "\ud800", "decision": decision.to_dict()}


def test_what_is_carried_on_is_written_as_a_whole_decision_is() -> None:
    """Byte for byte, at any second, with advice, signs of per cent and uses that do not shrink; and other decisions."""
    limits = written("quota: {daily: 40m}", top="calendar: CN", features="{default: deny, limit: {comment: 9/day}}")
    for question in (TimeQuestion(), FeatureQuestion("comment")):
        drawn = decide(limits, child(), question, Life(limits).at("2026-12-31 16:00"))
        drawn = replace(drawn, reasons=(Reason(drawn.reason.code, None, {**drawn.reason.data, "share": "100 %d %"}),))
        for twin in (drawn, replace(drawn), replace(drawn, observed_effect=drawn.effect)):
            for passed in (0, 1, 59, 1200):
                answer = Carried(twin, twin.decided + passed)
                assert outcome(answer) == to_json({"decision": wire(answer.whole())})
                assert json.loads(outcome(answer)) == {"decision": answer.whole().to_dict()}
            assert outcome(twin) == to_json({"decision": wire(twin)})
