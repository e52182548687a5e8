"""The shell: what goes over the line when the line is bad."""

import httpx
import pytest

from minorguard_client import MinorGuardClient, Problem, RetryPlan, Unreachable
from tests.client.bodies import DECISION, PROBLEM, SESSION, Line, answer

LOST = httpx.ReadTimeout("no reply")
DOWN = httpx.ConnectError("refused")


def test_a_lost_reply_is_asked_for_again_under_the_same_key():
    """A reply that was lost, and the try after it, are one call: same key, same body."""
    line = Line(LOST, answer(SESSION, 201))
    line.client().open_session("kid-1", device="tablet")
    first, second = line.keys()
    assert (first == second, first is None, line.bodies()[0]) == (True, False, line.bodies()[1])


def test_two_calls_have_two_keys():
    """What the app asks twice is two calls."""
    line = Line(answer(SESSION, 201), answer(SESSION, 201))
    client = line.client()
    for _ in range(2):
        client.open_session("kid-1", device="tablet")
    assert len(set(line.keys())) == 2


def test_a_retried_beat_keeps_its_seq():
    """All tries of one beat are that beat."""
    line = Line(LOST, DOWN, answer({**SESSION, "seq": 4}))
    line.client().heartbeat("t", seq=4)
    assert [body["seq"] for body in line.bodies()] == [4, 4, 4]


def test_the_callers_own_id_of_a_use_is_the_key():
    """A use that another process sends again under the same id is the same use."""
    line = Line(answer({"decision": DECISION}))
    line.client().use("kid-1", "comment", use_id="comment-0815")
    assert line.keys() == ["comment-0815"]


def test_not_now_waits_as_long_as_it_asks():
    """A 503 with `Retry-After` is obeyed, and then the answer is taken."""
    line = Line(answer({}, 503, retry_after="2"), answer({"decision": DECISION}))
    assert line.client().check_time("kid-1").allowed is True
    assert line.slept == [2.0]


def test_a_line_that_is_down_is_unreachable_after_so_many_tries():
    """It gives up after the plan's number of tries, and says how many they were."""
    line = Line(DOWN, DOWN, DOWN)
    with pytest.raises(Unreachable) as caught:
        line.client().check_time("kid-1")
    assert (caught.value.attempts, line.slept) == (3, [0.2, 0.4])


def test_a_service_that_stays_down_is_unreachable_with_its_problem():
    """The last 503 is told as what it is."""
    body = {"code": "store-unavailable", "detail": "try again; until then deny"}
    line = Line(*(answer(body, 503) for _ in range(3)))
    with pytest.raises(Unreachable, match="store-unavailable") as caught:
        line.client().usage("kid-1")
    assert (caught.value.attempts, caught.value.problem.status) == (3, 503)


def test_asked_to_wait_for_long_it_stops_at_once():
    """Nobody is kept waiting for an hour; the caller fails closed now."""
    line = Line(answer({}, 503, retry_after="3600"))
    with pytest.raises(Unreachable):
        line.client().usage("kid-1")
    assert line.slept == []


def test_a_refusal_is_not_tried_again():
    """A call that was wrong is wrong again."""
    line = Line(answer(PROBLEM, 422))
    with pytest.raises(Problem):
        line.client().usage("kid-1")
    assert len(line.requests) == 1


def test_a_clock_is_never_moved_twice():
    """Moving by seconds is not tried again: the reply may have been lost after it moved."""
    line = Line(LOST)
    with pytest.raises(Unreachable):
        line.client().advance_test_clock("c", seconds=60)
    assert len(line.requests) == 1


def test_the_plan_may_be_changed():
    """With one attempt there is no second."""
    line = Line(DOWN)
    with pytest.raises(Unreachable):
        line.client(retries=RetryPlan(attempts=1)).usage("kid-1")
    assert line.slept == []


def test_the_key_goes_in_the_header_and_nowhere_else():
    """The API key is a bearer token, and not part of any address."""
    line = Line(answer({"decision": DECISION}))
    line.client().check_time("kid-1")
    (request,) = line.requests
    assert (request.headers["authorization"], "mg_test" in str(request.url)) == ("Bearer mg_test_x", False)


def test_an_error_says_nothing_of_the_key():
    """What lands in a log does not hold the secret."""
    line = Line(DOWN, DOWN, DOWN)
    with pytest.raises(Unreachable) as caught:
        line.client().check_time("kid-1")
    assert "mg_test_x" not in str(caught.value)


def test_deleting_has_no_answer():
    """204 is all there is to say."""
    line = Line(answer(status=204))
    assert line.client().delete_subject("kid-1") is None


def test_closing_is_by_with():
    """A client is closed at the end of its block."""
    with Line().client() as client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        client.usage("kid-1")


def test_a_body_that_cannot_be_unpacked_is_unreachable():
    """A reply that a broken proxy garbled is no answer, and is asked for again."""

    def garbled(request):
        raise httpx.DecodingError("bad gzip", request=request)

    transport = httpx.MockTransport(garbled)
    client = MinorGuardClient("http://guard", "k", transport=transport, sleep=lambda _: None)
    with pytest.raises(Unreachable):
        client.usage("kid-1")


def test_blanks_around_a_key_are_taken_off():
    """As of a key that was read from a file with the end of its line."""
    line = Line(answer({"decision": DECISION}))
    client = MinorGuardClient("http://guard", " mg_test_x\n", transport=httpx.MockTransport(line))
    client.check_time("kid-1")
    assert line.requests[0].headers["authorization"] == "Bearer mg_test_x"


@pytest.mark.parametrize("key", ["", "\n", "mg_test_secret\nx", "mg_test_sécret"])
def test_a_key_that_can_be_none_is_refused_without_its_text(key):
    """At once, and not as a service that cannot be reached; no log gets to see it."""
    with pytest.raises(ValueError, match="visible ASCII") as caught:
        MinorGuardClient("http://guard", key)
    assert "cret" not in str(caught.value)
