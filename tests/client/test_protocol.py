"""Calls and answers, without any input or output."""

import dataclasses
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from minorguard_client import Beat, Candidate, Check, Problem, Unreachable, protocol
from minorguard_client.protocol import Answer, read
from tests.client.bodies import DECISION, DENIAL, PROBLEM, SESSION

CHINA = timezone(timedelta(hours=8))


def told(body, status=200, **headers):
    return Answer(status, json.dumps(body).encode(), headers)


CALLS = {
    "put": (
        protocol.put_subject("kid-1", policy="p", birth_date=date(2013, 5, 1)),
        ("PUT", "/v1/subjects/kid-1", {"policy": "p", "birth_date": "2013-05-01", "mode": "on"}),
    ),
    "put off": (
        protocol.put_subject("kid-1", policy="p", age_band="12-16", mode_on=False, test_clock="c"),
        ("PUT", "/v1/subjects/kid-1", {"policy": "p", "age_band": "12-16", "mode": "off", "test_clock": "c"}),
    ),
    "put pinned": (
        protocol.put_subject("kid-1", policy="p", policy_revision=3),
        ("PUT", "/v1/subjects/kid-1", {"policy": "p", "mode": "on", "policy_revision": 3}),
    ),
    "get": (protocol.get_subject("a:b@c"), ("GET", "/v1/subjects/a%3Ab%40c", None)),
    "delete": (protocol.delete_subject("kid-1"), ("DELETE", "/v1/subjects/kid-1", None)),
    "open": (
        protocol.open_session("kid-1", device="tablet"),
        ("POST", "/v1/sessions", {"subject_id": "kid-1", "device": "tablet"}),
    ),
    "beat": (
        protocol.heartbeat("t", seq=3, activity="study"),
        ("POST", "/v1/heartbeats", {"token": "t", "seq": 3, "activity": "study"}),
    ),
    "beats": (
        protocol.heartbeat_batch([Beat("t", 3), Beat("u", 1, "study")]),
        (
            "POST",
            "/v1/heartbeats/batch",
            {"heartbeats": [{"token": "t", "seq": 3}, {"token": "u", "seq": 1, "activity": "study"}]},
        ),
    ),
    "checks": (
        protocol.check_batch([Check.time(subject_id="kid-1", activity="video"), Check.feature("comment", token="t")]),
        (
            "POST",
            "/v1/checks/batch",
            {
                "checks": [
                    {"subject_id": "kid-1", "question": {"type": "time", "activity": "video"}},
                    {"token": "t", "question": {"type": "feature", "feature": "comment", "amount": 1}},
                ]
            },
        ),
    ),
    "end": (protocol.end_session("kid-1~n"), ("POST", "/v1/sessions/kid-1~n/end", {})),
    "offline": (
        protocol.report_offline("kid-1", device="tablet", intervals=[(datetime(2026, 1, 1, tzinfo=UTC),) * 2]),
        (
            "POST",
            "/v1/subjects/kid-1/offline-use",
            {
                "device": "tablet",
                "intervals": [{"started_at": "2026-01-01T00:00:00+00:00", "ended_at": "2026-01-01T00:00:00+00:00"}],
            },
        ),
    ),
    "time": (
        protocol.check_time("kid-1", activity="video"),
        ("POST", "/v1/checks", {"subject_id": "kid-1", "question": {"type": "time", "activity": "video"}}),
    ),
    "feature": (
        protocol.check_feature("kid-1", "comment"),
        (
            "POST",
            "/v1/checks",
            {"subject_id": "kid-1", "question": {"type": "feature", "feature": "comment", "amount": 1}},
        ),
    ),
    "use": (
        protocol.use("kid-1", "comment", use_id="use-0001"),
        ("POST", "/v1/uses", {"subject_id": "kid-1", "feature": "comment", "amount": 1}),
    ),
    "list": (
        protocol.recommend("kid-1", surface="feed", slots=2, candidates=[Candidate("v1", 0.9, rating="8+")]),
        (
            "POST",
            "/v1/recommendations",
            {
                "subject_id": "kid-1",
                "surface": "feed",
                "slots": 2,
                "candidates": [
                    {
                        "id": "v1",
                        "score": 0.9,
                        "topics": [],
                        "labels": [],
                        "rating": "8+",
                        "duration_seconds": 0,
                        "promoted": False,
                        "personal": False,
                    }
                ],
                "previous": [],
                "personalised": True,
            },
        ),
    ),
    "usage": (protocol.usage("kid-1"), ("GET", "/v1/subjects/kid-1/usage", None)),
    "advance": (
        protocol.advance_test_clock("c", to_next_boundary=True),
        ("POST", "/v1/test-clocks/c/advance", {"to_next_boundary": True}),
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_what_the_contract_says(name):
    """Each call has its method, its path and a body that holds only what was given."""
    call, expected = CALLS[name]
    assert expected == (call.method, call.path, call.json)


def test_queries_hold_only_what_was_given():
    """Parameters that were not given are not sent."""
    found = [protocol.timeline("k").query, protocol.timeline("k", date(2026, 1, 2)).query, protocol.forecast("k").query]
    assert found == [{}, {"date": "2026-01-02"}, {"days": "14"}]


def test_what_takes_an_idempotency_key():
    """Calls that do something carry a key; reads, numbered beats, and calls that say what shall be, need none."""
    keyed = {name for name, (call, _) in CALLS.items() if call.keyed}
    assert {"open", "end", "offline", "use", "list", "advance"} == keyed


def test_only_moving_a_clock_by_some_way_is_not_repeatable():
    """Sending `seconds` twice would move twice; `to` says where, and is the same twice."""
    moved = [
        protocol.advance_test_clock("c", seconds=1),
        protocol.advance_test_clock("c", to_next_boundary=True),
        protocol.advance_test_clock("c", to=datetime(2026, 1, 1, tzinfo=UTC)),
    ]
    assert [call.repeatable for call in moved] == [False, False, True]


@pytest.mark.parametrize("id", ["", ".", ".."])
def test_an_id_that_would_change_the_path_is_refused(id):
    """No id leads to another path than its own."""
    with pytest.raises(ValueError, match="is not an id"):
        protocol.get_subject(id)


def test_an_instant_without_a_zone_is_refused():
    """Nobody has to guess what a naive datetime means."""
    with pytest.raises(ValueError, match="has no zone"):
        protocol.create_test_clock("c", datetime(2026, 1, 1))


def test_a_decision_is_read():
    """All that a decision says is there, with aware instants."""
    decision = read(protocol.check_time("k"), told({"decision": DENIAL}))
    expected = ("deny", False, datetime(2026, 11, 25, 6, tzinfo=CHINA), None)
    assert expected == (decision.effect, decision.allowed, decision.retry_at, decision.valid_until)


def test_a_reason_is_read_whole():
    """The rule, its layer and its source come with the code."""
    source = {"title": "t", "article": "a", "url": ""}
    reason = {"code": "c", "rule": "/r", "layer": "law", "source": source, "text": {"en": "e"}, "data": {"x": 1}}
    found = read(protocol.check_time("k"), told({"decision": {**DENIAL, "reasons": [reason]}})).reason
    assert (
        found.code,
        found.rule,
        found.layer,
        found.source.title,
        found.data,
        found.text["en"],
    ) == ("c", "/r", "law", "t", {"x": 1}, "e")


def test_unknown_fields_are_ignored():
    """A newer service may say more than this client knows."""
    session = read(protocol.open_session("k", device="d"), told({**SESSION, "new": 1}, 201))
    assert read(protocol.open_session("k", device="d"), told(SESSION, 201)) == session


def test_values_are_frozen():
    """An answer cannot be changed by accident."""
    decision = read(protocol.check_time("k"), told({"decision": DECISION}))
    with pytest.raises(dataclasses.FrozenInstanceError):
        decision.effect = "allow"


def test_an_unknown_effect_denies():
    """An effect that a newer service may have is no permission."""
    assert read(protocol.check_time("k"), told({"decision": {**DECISION, "effect": "ask"}})).allowed is False


@pytest.mark.parametrize("effect", ["allow", "limited"])
def test_limited_may_go_on(effect):
    """`limited` is for saving and finishing, and so may go on."""
    assert read(protocol.check_time("k"), told({"decision": {**DECISION, "effect": effect}})).allowed is True


def test_a_refusal_is_read():
    """A problem keeps its code, its places and the id of the request."""
    with pytest.raises(Problem) as caught:
        read(protocol.usage("k"), told(PROBLEM, 422))
    problem = caught.value
    expected = (422, "invalid-request", "the body is wrong", tuple(PROBLEM["errors"]), "r-1")
    assert expected == (problem.status, problem.code, problem.detail, problem.errors, problem.request_id)


def test_a_refusal_in_another_form_still_has_a_code():
    """What a proxy says in HTML is a refusal too."""
    with pytest.raises(Problem) as caught:
        read(protocol.usage("k"), Answer(413, b"<html>", {"x-request-id": "r-2"}))
    assert (caught.value.code, caught.value.request_id) == ("http.413", "r-2")


def test_a_service_that_fails_is_unreachable_and_says_why():
    """A 5xx is no answer; what the service said of itself comes with it."""
    body = {"status": 503, "code": "store-unavailable", "detail": "try again", "request_id": "r-3"}
    with pytest.raises(Unreachable) as caught:
        read(protocol.usage("k"), told(body, 503))
    assert caught.value.problem.code == "store-unavailable"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>welcome to the hotel</html>"),
        Answer(200, b"[]"),
        Answer(200, b"{}"),
        Answer(200, b'{"decision": null}'),
        Answer(200, b"\xff"),
        Answer(200, b"[" * 100_000),
        Answer(502, b"[" * 100_000),
        Answer(204),
        Answer(302, b"", {"location": "https://hotel"}),
        told({"decision": {**DECISION, "decided_at": "2026-11-24T16:00:00"}}),
        told({"decision": {**DECISION, "decided_at": "now"}}),
        told({"decision": {**DECISION, "reasons": 1}}),
        told({"decision": {**DECISION, "reasons": []}}),
    ],
)
def test_what_is_not_an_answer_is_unreachable(answer):
    """A page of a hotel's network, a redirect or half an answer allows nothing."""
    with pytest.raises(Unreachable):
        read(protocol.check_time("k"), answer)


def test_the_client_never_imports_the_core():
    """The client speaks HTTP: importing it brings nothing of `minorguard`."""
    code = "import sys, minorguard_client; print([m for m in sys.modules if m.split('.')[0] == 'minorguard'])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"
