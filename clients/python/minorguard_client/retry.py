"""Whether and when to try again: pure, so that every client can share its rules and its tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

AGAIN = frozenset({408, 425, 429, 502, 503, 504})
"""Statuses that say "not now"; any other answer is final."""


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """At most `attempts` in all; waits double from `base_seconds`, none is longer than `most_seconds`.

    Trying again is safe: reads change nothing, beats carry their `seq`, and the rest an idempotency key. The one call
    for which it is not is never tried again.
    """

    attempts: int = 3
    base_seconds: float = 0.2
    most_seconds: float = 5.0

    def delay(
        self, attempt: int, status: int | None, retry_after: float | None = None, *, jitter: float = 1.0
    ) -> float | None:
        """How long to wait after the `attempt`-th try (from 1), or None: stop.

        `status` is None when no answer came. `jitter`, in [0, 1], shortens the wait to between half and all of it; what
        `Retry-After` asked for is never shortened, and when it asks for more than `most_seconds`, waiting is no use.

        >>> RetryPlan().delay(1, 503), RetryPlan().delay(2, 503), RetryPlan().delay(3, 503)
        (0.2, 0.4, None)
        """
        if attempt >= self.attempts or (status is not None and status not in AGAIN):
            return None
        if retry_after is not None and retry_after > self.most_seconds:
            return None
        backoff = min(self.most_seconds, self.base_seconds * 2.0 ** (attempt - 1))
        return max(retry_after or 0.0, backoff * (0.5 + jitter / 2))


ONCE = RetryPlan(attempts=1)
"""For calls that must not be repeated."""


def retry_after_seconds(value: str | None, date: str | None = None) -> float | None:
    """What a `Retry-After` header asks for; a date in it is read against the answer's own `Date`, not our clock.

    >>> retry_after_seconds("3")
    3.0
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    until, now = _http_date(value), _http_date(date)
    return None if until is None or now is None else max(0.0, (until - now).total_seconds())


def _http_date(value: str | None) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
