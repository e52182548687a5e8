"""A session's handle: token, count of beats, and how long the lease still is."""

import httpx
import pytest

from minorguard_client import MinorGuardClient, Unreachable
from tests.client.bodies import DECISION, DENIAL, SESSION, Line, answer

DOWN = httpx.ConnectError("refused")
DENIED = {"session_id": None, "token": None, "lease_until": None, "beat_after_seconds": None, "seq": None}


def beaten(seq, token):
    return answer({**SESSION, "seq": seq, "token": token})


def started(*steps):
    line = Line(answer(SESSION, 201), *steps)
    return line, line.client().start("kid-1", device="tablet")


def test_each_beat_is_one_more_and_carries_the_newest_token():
    """Beats count from 1, each with the token that the answer before it gave."""
    line, handle = started(beaten(1, "token-1"), beaten(2, "token-2"))
    handle.beat()
    handle.beat()
    assert [(body["seq"], body["token"]) for body in line.bodies()[1:]] == [(1, "token-0"), (2, "token-1")]


def test_an_answer_without_a_token_leaves_the_one_there_is():
    """An answer to an old beat has no token; the last one is still good for the next beat."""
    line, handle = started(beaten(1, None), beaten(2, "token-2"))
    handle.beat()
    handle.beat()
    assert line.bodies()[-1]["token"] == "token-0"


def test_a_beat_after_an_unanswered_one_is_a_new_one():
    """The lost beat may have arrived, so the next one counts on and extends the lease either way."""
    line, handle = started(DOWN, DOWN, DOWN, beaten(2, "token-2"))
    with pytest.raises(Unreachable):
        handle.beat()
    handle.beat()
    assert [body["seq"] for body in line.bodies()[1:]] == [1, 1, 1, 2]


def test_the_lease_runs_down_from_when_the_call_was_sent():
    """Of a minute's lease 45 seconds are left after 15, by this machine's own clock, and never less than none."""
    line, handle = started()
    found = []
    for line.clock in (0.0, 15.0, 60.0, 90.0):
        found.append(handle.lease_left_seconds)
    assert found == [60.0, 45.0, 0.0, 0.0]


def test_a_slow_answer_does_not_lengthen_the_lease():
    """The time that an answer was on its way is taken off."""
    line = Line()

    def slow(request):
        line.clock += 10.0
        return answer(SESSION, 201)

    transport = httpx.MockTransport(slow)
    client = MinorGuardClient("http://guard", "k", transport=transport, monotonic=lambda: line.clock)
    handle = client.start("kid-1", device="tablet")
    assert handle.lease_left_seconds == 50.0


def test_an_unanswered_beat_leaves_the_lease_as_it_was():
    """Fail closed: without an answer the lease at hand is all there is."""
    line, handle = started(DOWN, DOWN, DOWN)
    line.clock = 30.0
    with pytest.raises(Unreachable):
        handle.beat()
    assert handle.lease_left_seconds == 30.0


def test_a_denied_opening_has_no_lease():
    """No token, no lease, and beating or ending it asks nobody."""
    line = Line(answer({**DENIED, "decision": DENIAL}))
    handle = line.client().start("kid-1", device="tablet")
    found = (handle.session_id, handle.lease_left_seconds, handle.beat().effect, handle.end().effect)
    assert (found, len(line.requests)) == ((None, 0.0, "deny", "deny"), 1)


def test_a_denied_beat_ends_the_lease_and_the_session_can_still_be_ended():
    """After a denial use stops now; the id stays, for the clean stop."""
    line, handle = started(answer({**DENIED, "decision": DENIAL}), answer({"decision": DENIAL}))
    handle.beat()
    left = handle.lease_left_seconds
    handle.end()
    assert (left, line.requests[-1].url.path) == (0.0, "/v1/sessions/kid-1~nonce/end")


def test_after_the_end_there_is_no_lease():
    """A session that was ended does not go on, and whoever beats it all the same is denied."""
    _, handle = started(answer({"decision": DECISION}), answer({**DENIED, "decision": DENIAL}))
    handle.end()
    left = handle.lease_left_seconds
    assert (left, handle.beat().allowed, handle.lease_left_seconds) == (0.0, False, 0.0)
