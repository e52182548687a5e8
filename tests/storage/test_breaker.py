"""The circuit breaker, by a clock that stands still."""

from minorguard.storage.breaker import FAILURES, OPEN_SECONDS, Breaker


class Clock:
    """Monotonic time that moves when told."""

    now = 100.0

    def __call__(self):
        return self.now


def opened():
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        assert breaker.allows()
        breaker.failed()
    return breaker, clock


def test_failures_in_a_row__open_it():
    """After three nobody may pass, until the time is over."""
    breaker, clock = opened()
    assert not breaker.allows()
    clock.now += OPEN_SECONDS - 0.01
    assert not breaker.allows()


def test_half_open__lets_one_through():
    """Then one may try, and the others wait for how that goes; one that never comes back holds nobody up for ever."""
    breaker, clock = opened()
    clock.now += OPEN_SECONDS
    assert (breaker.allows(), breaker.allows()) == (True, False)
    clock.now += OPEN_SECONDS
    assert breaker.allows()


def test_half_open__one_that_works_closes_it__one_that_fails_opens_it_again():
    """One success is enough, and so is one failure."""
    breaker, clock = opened()
    clock.now += OPEN_SECONDS
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    clock.now += OPEN_SECONDS
    assert breaker.allows()
    breaker.worked()
    assert all(breaker.allows() for _ in range(5))


def test_failures_with_successes_between__never_open_it():
    """Only what fails in a row counts."""
    breaker = Breaker(Clock())
    for _ in range(10):
        breaker.failed()
        breaker.failed()
        breaker.worked()
    assert breaker.allows()
