"""The plan by which every client tries again."""

import pytest

from minorguard_client.retry import AGAIN, ONCE, RetryPlan, retry_after_seconds

PLAN = RetryPlan(attempts=4, base_seconds=1.0, most_seconds=3.0)


def test_waits_double_up_to_the_most():
    """Waits double from the base, none is longer than the most, and the last try is the last."""
    assert [PLAN.delay(attempt, 503) for attempt in (1, 2, 3, 4)] == [1.0, 2.0, 3.0, None]


@pytest.mark.parametrize("status", [None, *sorted(AGAIN)])
def test_not_now_is_tried_again(status):
    """No answer, and each status that says "not now", is tried again."""
    assert PLAN.delay(1, status) == 1.0


@pytest.mark.parametrize("status", [200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 500, 501])
def test_a_final_answer_is_not_tried_again(status):
    """Any other answer ends the tries."""
    assert PLAN.delay(1, status) is None


def test_jitter_shortens_to_half_at_most():
    """Jitter spreads waits between half and all of them."""
    assert [PLAN.delay(1, 503, jitter=jitter) for jitter in (0.0, 0.5, 1.0)] == [0.5, 0.75, 1.0]


def test_retry_after_is_never_shortened():
    """The service's own wish is a floor, whatever the jitter."""
    assert [PLAN.delay(1, 429, asked, jitter=jitter) for asked, jitter in ((2.0, 0.0), (0.0, 1.0))] == [2.0, 1.0]


def test_a_wish_longer_than_the_most_stops():
    """Asked to wait longer than the plan allows, it stops at once and does not come early."""
    assert PLAN.delay(1, 503, 3.5) is None


def test_once_is_once():
    """The plan of calls that must not be repeated never repeats."""
    assert [ONCE.delay(1, None), ONCE.delay(1, 503, 0.0)] == [None, None]


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        (None, None, None),
        ("7", None, 7.0),
        ("Tue, 24 Nov 2026 04:00:07 GMT", "Tue, 24 Nov 2026 04:00:00 GMT", 7.0),
        ("Tue, 24 Nov 2026 03:59:00 GMT", "Tue, 24 Nov 2026 04:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 04:00:07 GMT", None, None),
        ("soon", "Tue, 24 Nov 2026 04:00:00 GMT", None),
        ("-1", None, None),
    ],
)
def test_retry_after_is_read(value, date, seconds):
    """Seconds are read as they are, dates against the answer's own clock, and nonsense is nothing."""
    assert seconds == retry_after_seconds(value, date)
