"""A session with its token, its count of beats and its lease."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from minorguard_client.values import Decision, Session

if TYPE_CHECKING:
    from minorguard_client.client import MinorGuardClient


class SessionHandle:
    """Beats and ends one session. For one thread: beats are sent one after the other.

    Each `beat` takes the next `seq`, and its retries keep it. A beat that raised `Unreachable` may have arrived or may
    not; the next beat is a new one either way, so that it extends the lease, and no time is ever counted twice.
    """

    def __init__(
        self,
        client: MinorGuardClient,
        session: Session,
        *,
        asked: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._monotonic = monotonic
        self._session = session
        self._asked = asked
        self._seq = session.seq

    @property
    def session(self) -> Session:
        """The last answer."""
        return self._session

    @property
    def session_id(self) -> str | None:
        """The id of the session; None: it was not opened."""
        return self._session.session_id

    @property
    def decision(self) -> Decision:
        """The last decision; deny means that use must stop now."""
        return self._session.decision

    @property
    def seq(self) -> int:
        """The number of the last beat that was sent; 0 before the first."""
        return self._seq

    @property
    def beat_after_seconds(self) -> int | None:
        """When to beat next, counted from the last answer; None: there is no lease."""
        return self._session.beat_after_seconds

    @property
    def lease_left_seconds(self) -> float:
        """How long use may still go on if no answer comes any more; 0: stop now.

        Measured on this machine's monotonic clock from when the last answered call was sent, so that neither a wrong
        wall clock nor a slow answer makes it longer than the server's lease.
        """
        if not self.decision.allowed or self._session.lease_until is None:
            return 0.0
        lease = (self._session.lease_until - self.decision.decided_at).total_seconds()
        return max(0.0, lease - (self._monotonic() - self._asked))

    def beat(self, activity: str | None = None) -> Decision:
        """Say that use goes on; the answer of a session that was ended is a denial.

        Raises `Unreachable`: go on until `lease_left_seconds` is 0, and beat again meanwhile.
        """
        if self._session.token is None:
            return self.decision
        self._seq += 1
        asked = self._monotonic()
        answered = self._client.heartbeat(self._session.token, seq=self._seq, activity=activity)
        token = answered.token or self._session.token
        self._session, self._asked = replace(answered, session_id=self.session_id, token=token), asked
        return self.decision

    def end(self) -> Decision:
        """Stop cleanly; the decision says whether another sitting may be opened. Ending twice is no error."""
        if self.session_id is None:
            return self.decision
        decision = self._client.end_session(self.session_id)
        self._session = replace(self._session, lease_until=None, beat_after_seconds=None)
        return decision
