"""The thin shell over the protocol: sends calls with httpx, and tries again when that can help."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import TypeVar

import httpx

from minorguard_client import protocol
from minorguard_client.batches import Beat, Check
from minorguard_client.errors import ClientError, Unreachable
from minorguard_client.lists import Candidate, Recommended
from minorguard_client.protocol import Answer, Call, OfflineUse
from minorguard_client.retry import ONCE, RetryPlan
from minorguard_client.session import SessionHandle
from minorguard_client.values import Decision, Forecast, Session, Subject, TestClock, Timeline, Usage

T = TypeVar("T")

USER_AGENT = "minorguard-client-python"


class MinorGuardClient:
    """Talks to one MinorGuard service with one API key. Safe to share between threads; keeps connections open.

    Every method may raise `Problem` (the call was wrong) and `Unreachable` (no usable answer came: fail closed, see
    there). A denial is a `Decision`, never an exception. `timeout` is in seconds and holds for each wait of a try: for
    the connection, and for whatever is sent or received next. `transport`, `sleep`, `jitter` and `monotonic` are for
    tests. Raises `ValueError` for a key that can be none; blanks around it, such as the end of a file's line, are
    taken off.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = 3.0,
        retries: RetryPlan | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api_key = protocol.checked_key(api_key)
        self._plan = retries or RetryPlan()
        self._sleep = sleep
        self._jitter = jitter
        self._monotonic = monotonic
        self._http = httpx.Client(base_url=base_url, timeout=timeout, transport=transport)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> MinorGuardClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    # Subjects

    def put_subject(
        self,
        subject_id: str,
        *,
        policy: str,
        birth_date: date | None = None,
        age_band: str | None = None,
        mode_on: bool = True,
        test_clock: str | None = None,
        policy_revision: int | None = None,
    ) -> Subject:
        """Register a subject, or change it; its usage stays. Without birth date and band the strictest rules hold.

        A subject that is held to a revision of its policy is let go, unless `policy_revision` repeats it.
        """
        return self._send(
            protocol.put_subject(
                subject_id,
                policy=policy,
                birth_date=birth_date,
                age_band=age_band,
                mode_on=mode_on,
                test_clock=test_clock,
                policy_revision=policy_revision,
            )
        )

    def get_subject(self, subject_id: str) -> Subject:
        """Who a subject is."""
        return self._send(protocol.get_subject(subject_id))

    def delete_subject(self, subject_id: str) -> None:
        """Erase all that is remembered of a subject."""
        self._send(protocol.delete_subject(subject_id))

    # Sessions

    def start(self, subject_id: str, *, device: str, activity: str | None = None) -> SessionHandle:
        """Open a sitting and keep its token and its count of beats. Look at `handle.decision` before going on."""
        asked = self._monotonic()
        session = self.open_session(subject_id, device=device, activity=activity)
        return SessionHandle(self, session, asked=asked, monotonic=self._monotonic)

    def open_session(self, subject_id: str, *, device: str, activity: str | None = None) -> Session:
        """Ask to open a sitting; `start` does the same and keeps count."""
        return self._send(protocol.open_session(subject_id, device=device, activity=activity))

    def heartbeat(self, token: str, *, seq: int, activity: str | None = None) -> Session:
        """Say that a session goes on. `seq` is 1 for the first beat; a beat sent again keeps its `seq`."""
        return self._send(protocol.heartbeat(token, seq=seq, activity=activity))

    def heartbeat_batch(self, beats: Sequence[Beat]) -> list[Session | ClientError]:
        """Beats of 1 to 1,000 sessions in one call, for gateways; beats of one session take effect in their order.

        The answer to each stands in its place, or the `Problem` or `Unreachable` that a single one would have raised.
        Raises `ValueError` for another number; after `Unreachable` send the same beats again.
        """
        return self._send(protocol.heartbeat_batch(beats))

    def end_session(self, session_id: str) -> Decision:
        """Stop cleanly: the rest of the lease is given back."""
        return self._send(protocol.end_session(session_id))

    def report_offline(
        self, subject_id: str, *, device: str, intervals: list[OfflineUse], activity: str | None = None
    ) -> Decision:
        """Add use that happened without a connection, in server time; reporting it twice counts it once."""
        return self._send(protocol.report_offline(subject_id, device=device, intervals=intervals, activity=activity))

    # Questions

    def check_time(
        self, subject_id: str, *, activity: str | None = None, device: str | None = None, session_id: str | None = None
    ) -> Decision:
        """May a sitting be opened (or this session go on)? Changes nothing."""
        return self._send(protocol.check_time(subject_id, activity=activity, device=device, session_id=session_id))

    def check_feature(
        self, subject_id: str, feature: str, *, amount: int = 1, session_id: str | None = None
    ) -> Decision:
        """May this feature be used? Changes nothing."""
        return self._send(protocol.check_feature(subject_id, feature, amount=amount, session_id=session_id))

    def check_batch(self, checks: Sequence[Check]) -> list[Decision | ClientError]:
        """Ask 1 to 1,000 questions in one call; nothing changes.

        The decision on each stands in its place, or the `Problem` or `Unreachable` that a single one would have raised:
        both are no decision, so treat them as a denial. Raises `ValueError` for another number.
        """
        return self._send(protocol.check_batch(checks))

    def use(
        self,
        subject_id: str,
        feature: str,
        *,
        amount: int = 1,
        use_id: str | None = None,
        session_id: str | None = None,
    ) -> Decision:
        """Check a feature and count its use in one step; a denied use counts nothing.

        `use_id` (1 to 255 visible ASCII characters) is your own id of the use: the same one counts once, even when
        another process sends it again.
        """
        return self._send(protocol.use(subject_id, feature, amount=amount, use_id=use_id, session_id=session_id))

    def recommend(
        self,
        subject_id: str,
        *,
        surface: str,
        slots: int,
        candidates: Sequence[Candidate],
        previous: Sequence[Candidate] = (),
        personalised: bool = True,
        session_id: str | None = None,
        list_id: str | None = None,
    ) -> Recommended:
        """The best list of `candidates` that the mode permits, counted as shown; a denial has none.

        `previous` is what the same list has shown before, in order. `list_id` (1 to 255 visible ASCII characters) is
        your own id of the list: the same one counts once, even when another process sends it again.
        """
        return self._send(
            protocol.recommend(
                subject_id,
                surface=surface,
                slots=slots,
                candidates=candidates,
                previous=previous,
                personalised=personalised,
                session_id=session_id,
                list_id=list_id,
            )
        )

    def usage(self, subject_id: str) -> Usage:
        """What was used today, by activity and by quota."""
        return self._send(protocol.usage(subject_id))

    def timeline(self, subject_id: str, day: date | None = None) -> Timeline:
        """A policy day (by default today) as intervals of use."""
        return self._send(protocol.timeline(subject_id, day))

    def forecast(
        self, subject_id: str, *, days: int = 14, activity: str | None = None, device: str | None = None
    ) -> Forecast:
        """When a sitting may be opened in the days to come, and why not between."""
        return self._send(protocol.forecast(subject_id, days=days, activity=activity, device=device))

    # Virtual time, with test keys only

    def create_test_clock(self, id: str, now: datetime) -> TestClock:
        """A clock that stands still until told."""
        return self._send(protocol.create_test_clock(id, now))

    def advance_test_clock(
        self, id: str, *, seconds: int | None = None, to: datetime | None = None, to_next_boundary: bool = False
    ) -> TestClock:
        """Move a test clock forward: by seconds, to an instant, or to the next one at which an answer changes.

        Only `to` is tried again when no answer comes: the others would move the clock twice.
        """
        return self._send(protocol.advance_test_clock(id, seconds=seconds, to=to, to_next_boundary=to_next_boundary))

    # The shell

    def _send(self, call: Call[T]) -> T:
        minted = secrets.token_urlsafe(18) if call.keyed else None  # once: every try is the same call
        key = call.idempotency_key or minted
        plan = self._plan if call.repeatable else ONCE
        attempt = 0
        while True:
            attempt += 1
            answer, failure = self._try(call, key)
            status, wait = (None, None) if answer is None else (answer.status, answer.retry_after)
            delay = plan.delay(attempt, status, wait, jitter=self._jitter())
            if delay is None:
                break
            self._sleep(delay)
        if answer is None:
            raise Unreachable(f"{type(failure).__name__}: {failure}", attempt) from failure
        return protocol.read(call, answer, attempt)

    def _try(self, call: Call[T], key: str | None) -> tuple[Answer | None, httpx.RequestError | None]:
        try:
            response = self._http.request(
                call.method,
                call.path,
                json=call.json,
                params=dict(call.query) or None,
                headers=protocol.headers(self._api_key, key, USER_AGENT),
            )
        except httpx.RequestError as error:
            return None, error
        return Answer(response.status_code, response.content, dict(response.headers)), None
