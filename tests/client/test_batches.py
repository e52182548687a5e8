"""Batches: what stands in each place, and against the real service what single calls say."""

import httpx
import pytest

from minorguard_client import Beat, Check, Decision, Problem, Session, Unreachable, protocol
from minorguard_client.protocol import read
from tests.client.bodies import DECISION, DENIAL, PROBLEM, SESSION, Line, answer
from tests.client.test_protocol import told

DOWN = {**PROBLEM, "status": 503, "code": "policy-missing", "errors": []}


def test_each_place_has_a_value_or_what_went_wrong():
    """A decision, a denial, a refusal with its pointers, and what the service could not answer: none spoils another."""
    answers = [{"decision": DECISION}, {"decision": DENIAL}, {"problem": PROBLEM}, {"problem": DOWN}]
    line = Line(answer({"answers": answers}))
    allowed, denied, refused, unanswered = line.client().check_batch([Check.time(subject_id="kid")] * 4)
    assert (allowed.allowed, denied.allowed) == (True, False)
    assert (type(refused), refused.status, refused.errors) == (Problem, 422, tuple(PROBLEM["errors"]))
    assert (type(unanswered), unanswered.problem.code, unanswered.problem.request_id) == (
        Unreachable,
        "policy-missing",
        "r-1",
    )


@pytest.mark.parametrize("number", [0, 1001])
@pytest.mark.parametrize("batch", [protocol.check_batch, protocol.heartbeat_batch])
def test_a_batch_of_none_or_too_many_is_refused_before_it_is_sent(batch, number):
    """The service would refuse it as a whole; here it says what to do."""
    item = Check.time(subject_id="kid") if batch is protocol.check_batch else Beat("t", 1)
    with pytest.raises(ValueError, match=f"1 to 1000 items, not {number}"):
        batch([item] * number)


@pytest.mark.parametrize("answers", [[], [{"decision": DECISION}] * 3, [{"decision": DECISION}, {}], None, [1, 2]])
def test_answers_that_do_not_fit_are_none(answers):
    """No answer is taken for another item's: fail closed."""
    with pytest.raises(Unreachable):
        read(protocol.check_batch([Check.time(subject_id="kid")] * 2), told({"answers": answers}))


def test_a_batch_whose_reply_was_lost_is_sent_again_as_it_was():
    """Beats carry their numbers, so the same batch does the same, and needs no key."""
    line = Line(httpx.ReadTimeout("no reply"), answer({"answers": [SESSION]}))
    (session,) = line.client().heartbeat_batch([Beat("t", 4)])
    assert (type(session), line.keys()) == (Session, [None, None])
    assert line.bodies() == [{"heartbeats": [{"token": "t", "seq": 4}]}] * 2


def test_checks_are_answered_as_single_ones(client):
    """Against the real service: by subject and by token, allowed, denied and refused."""
    token = client.open_session("a", device="tablet").token
    assert token is not None
    time, comment, gift, nobody, broken = client.check_batch(
        [
            Check.time(subject_id="b"),
            Check.feature("comment", token=token),
            Check.feature("gift.send", subject_id="c"),
            Check.time(subject_id="nobody"),
            Check.feature("comment", token="broken"),
        ]
    )
    assert isinstance(time, Decision)
    assert (time.effect, time.reason) == (client.check_time("b").effect, client.check_time("b").reason)
    assert isinstance(comment, Decision)
    assert isinstance(gift, Decision)
    assert gift.reason == client.check_feature("c", "gift.send").reason
    assert [(one.status, one.code) for one in (nobody, broken)] == [(404, "not-found"), (401, "token-refused")]


def test_beats_extend_their_sessions_each_on_its_own(client):
    """Against the real service: fresh tokens for two sessions, and a problem for the one that is none."""
    opened = [client.open_session(name, device="tablet") for name in ("a", "b")]
    first, wrong, second = client.heartbeat_batch(
        [Beat(opened[0].token, 1), Beat("broken", 1), Beat(opened[1].token, 1)]
    )
    for before, after in zip(opened, (first, second), strict=True):
        assert (after.session_id, after.seq) == (before.session_id, 1)
        assert after.token not in {None, before.token}
    assert (type(wrong), wrong.code) == (Problem, "token-refused")
