"""The façade: load → reduce → compare-and-set → retry. The only place where the pure core meets clock and store."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from minorguard import engine
from minorguard.clock import Clock, SystemClock, ceil_seconds, floor_seconds
from minorguard.engine import Outcome
from minorguard.errors import Conflict, InvalidInput, NotFound, PolicyMissing, TestClockRefused, VersionConflict
from minorguard.model.age import AgeBand
from minorguard.model.decisions import Decision, Forecast
from minorguard.model.events import (
    Event,
    FeatureUsed,
    GrantGiven,
    HeartbeatReceived,
    OfflineUseReported,
    SessionEnded,
    SessionOpened,
)
from minorguard.model.ids import Instant, Seconds, check_subject, check_word, session_id, split_session_id
from minorguard.model.questions import Question, TimeQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Grant, Profile, SubjectState
from minorguard.policy import PolicyBook, with_guardian
from minorguard.storage.codec import decode, encode
from minorguard.storage import ABSENT, StateStore, open_store
from minorguard.testclocks import TestClock, TestClocks

ATTEMPTS = 64
"""How often a lost compare-and-set is tried again; each loss means that somebody else's write went through."""

_STRIPES = 256


@dataclass(frozen=True, slots=True)
class Opened:
    """A session was asked for. `session_id` is to be used only if the decision allows."""

    decision: Decision
    session_id: str
    lease_until: datetime | None
    beat_after_seconds: Seconds | None


class MinorGuard:
    """Decides and remembers, for the subjects of one namespace. Safe to share between threads.

    Every method may raise `StoreError` (fail closed: treat it as a denial), `PolicyMissing` and `InvalidInput`; what
    names a subject or session also `NotFound`. Instants in and out are aware datetimes.
    """

    def __init__(
        self,
        store: StateStore,
        policies: PolicyBook,
        *,
        clock: Clock | None = None,
        namespace: str = "default",
        test_clocks: bool = False,
    ) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock or SystemClock()
        self._namespace = namespace
        self._test_clocks = test_clocks
        self.clocks = TestClocks(store, namespace)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        policies: str | Path | PolicyBook,
        clock: Clock | None = None,
        test_clocks: bool = False,
    ) -> MinorGuard:
        """Open a store (``sqlite:///file.db`` or ``memory://``) and a folder or file of policies.

        Raises `PolicyInvalid` with every finding, before the store is touched.
        """
        book = policies if isinstance(policies, PolicyBook) else PolicyBook.load(Path(policies))
        return cls(open_store(url), book, clock=clock, test_clocks=test_clocks)

    def scoped(self, namespace: str, *, test_clocks: bool = False) -> MinorGuard:
        """The same store, policies and clock for other subjects: no id of one namespace means anything in another."""
        check_word("namespace", namespace)
        return MinorGuard(self._store, self._policies, clock=self._clock, namespace=namespace, test_clocks=test_clocks)

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    # Subjects

    def put_subject(
        self,
        subject: str,
        *,
        policy: str,
        birth_date: date | None = None,
        age_band: str | None = None,
        mode_on: bool = True,
        test_clock: str | None = None,
    ) -> Profile:
        """Register a subject, or change it; its usage stays. Without birth date and band the age is unknown."""
        if birth_date is not None and age_band is not None:
            raise InvalidInput("age_band", "give a birth date or an age band, not both")
        if self._policies.get(policy) is None:
            known = ", ".join(f"`{id}`" for id in self._policies.ids)
            raise InvalidInput("policy", f"`{policy}` is not loaded; known: {known}")
        self._check_test_clock(test_clock)
        profile = Profile(
            subject=check_subject(subject),
            policy=policy,
            born=birth_date,
            band=None if age_band is None else AgeBand.parse(age_band),
            mode_on=mode_on,
            test_clock=test_clock,
        )
        self._write(subject, lambda state: _put(state, profile))
        if test_clock is not None:
            self.clocks.attach(test_clock, subject)
        return profile

    def get_subject(self, subject: str) -> Profile:
        """Who the subject is."""
        return self._load(subject)[0].profile

    def delete_subject(self, subject: str) -> None:
        """Erase all that is remembered of a subject; erasing one that is not there is no error."""
        with self._lock(subject):
            for _ in range(ATTEMPTS):
                stored = self._store.load(self._key(subject))
                version = ABSENT if stored is None else stored.version  # absent: ends an erasure that was cut short
                try:
                    return self._store.delete(self._key(subject), version)
                except VersionConflict:
                    continue
        raise VersionConflict(self._key(subject), ATTEMPTS)

    # Sessions

    def open_session(
        self, subject: str, *, device: str, activity: str | None = None, nonce: str | None = None
    ) -> Opened:
        """Open a sitting. `nonce` makes a retry the same session: 8 to 64 of ``A-Z a-z 0-9 _ -``."""
        check_word("device", device)
        _check_activity(activity)
        session = session_id(subject, nonce or secrets.token_urlsafe(12))
        decision = self._reduce(subject, SessionOpened(session, device, activity))
        beat_after = None if decision.lease is None else decision.lease.beat_after
        return Opened(decision, session, decision.lease_until, beat_after)

    def heartbeat(self, session: str, *, seq: int, activity: str | None = None) -> Decision:
        """Say that a session is still in use; `seq` starts at 1 and rises with each beat, not with each retry."""
        if seq < 1:
            raise InvalidInput("seq", "must be 1 for the first beat and rise from there")
        _check_activity(activity)
        return self._reduce(_subject_of(session), HeartbeatReceived(session, seq, activity), as_session=session)

    def end_session(self, session: str) -> Decision:
        """Stop cleanly: what is left of the lease is given back. The decision says whether one may be opened again."""
        return self._reduce(_subject_of(session), SessionEnded(session), as_session=session, ending=True)

    def report_offline(
        self, subject: str, *, device: str, intervals: list[tuple[datetime, datetime]], activity: str | None = None
    ) -> Decision:
        """Add use that happened without a connection, in server time; at most 48 hours back to the last contact."""
        check_word("device", device)
        _check_activity(activity)
        spans = tuple((_instant("start", start), _instant("end", end)) for start, end in intervals)
        return self._reduce(subject, OfflineUseReported(device, spans, activity))

    # Questions

    def ask(self, subject: str, question: Question | None = None) -> Decision:
        """Answer a question (by default: may a sitting be opened?). Changes nothing."""
        state, policy, now = self._situation(subject)
        return engine.decide(policy, state, question or TimeQuestion(), now)

    def use(
        self, subject: str, feature: str, *, amount: int = 1, use_id: str | None = None, session: str | None = None
    ) -> Decision:
        """Check a feature and count its use in one step; a denied use counts nothing. The same `use_id` counts once."""
        event = FeatureUsed(use_id or secrets.token_urlsafe(12), check_word("feature", feature), amount, session)
        return self._reduce(subject, event)

    def forecast(
        self, subject: str, *, days: int = 14, activity: str | None = None, device: str | None = None
    ) -> Forecast:
        """When a sitting may be opened in the next `days` (1 to 60), and why not between."""
        if not 1 <= days <= 60:
            raise InvalidInput("days", "must be 1 to 60")
        state, policy, now = self._situation(subject)
        return engine.forecast(policy, state, now, days=days, activity=activity, device=device)

    def usage(self, subject: str) -> dict[str, Any]:
        """What was used today, by activity and by each quota."""
        state, policy, now = self._situation(subject)
        return engine.usage(policy, state, now)

    def timeline(self, subject: str, day: date | None = None) -> dict[str, Any]:
        """A policy day (by default today) as intervals of use."""
        state, policy, now = self._situation(subject)
        return engine.timeline(policy, state, day or policy.days.day_of(now), now)

    # Guardians

    def set_guardian(self, subject: str, settings: Mapping[str, Any]) -> Profile:
        """Set the guardian's layer (empty: none). Raises `PolicyInvalid` for what the policy does not leave to them."""
        text = json.dumps(settings, sort_keys=True, ensure_ascii=False) if settings else ""
        state, _ = self._load(subject)
        if text:
            _personal(self._compiled(state.profile), text)
        profile: Profile = state.profile

        def change(known: SubjectState | None) -> SubjectState:
            nonlocal profile
            if known is None:
                raise NotFound("subject", subject)
            profile = replace(known.profile, guardian=text)
            return replace(known, profile=profile)

        self._write(subject, change)
        return profile

    def give_grant(
        self,
        subject: str,
        *,
        seconds: Seconds,
        day: date | None = None,
        activity: str | None = None,
        grant_id: str | None = None,
    ) -> Decision:
        """Give extra time for one policy day (by default today). The same `grant_id` gives it once."""
        _, policy, now = self._situation(subject)
        most = policy.guardian.per_grant_seconds
        if not 1 <= seconds <= most:
            raise InvalidInput("seconds", f"must be 1 to {most}, the most that the policy lets a guardian give at once")
        _check_activity(activity)
        grant = Grant(
            id=grant_id or secrets.token_urlsafe(12),
            day=day or policy.days.day_of(now),
            seconds=seconds,
            activity=activity,
            given_at=now,
        )
        self._change(subject, GrantGiven(grant))
        return self.ask(subject, TimeQuestion(activity))

    # Virtual time

    def advance_clock(
        self, clock: str, *, seconds: Seconds | None = None, to: datetime | None = None, to_next_boundary: bool = False
    ) -> TestClock:
        """Move a test clock by whole seconds, to an instant, or to the next instant at which an answer changes."""
        if not self._test_clocks:
            raise TestClockRefused("test_clock", "virtual time is refused here: live key or live deployment")
        if (seconds is not None) + (to is not None) + to_next_boundary != 1:
            raise InvalidInput("advance", "give exactly one of `seconds`, `to` and `to_next_boundary`")
        if to is not None:
            return self.clocks.set(clock, _instant("to", to))
        if seconds is not None:
            return self.clocks.advance(clock, seconds)
        known = self.clocks.get(clock)
        ahead = [edge for subject in known.subjects for edge in self._boundaries(subject) if edge > known.now]
        if not ahead:
            raise InvalidInput("to_next_boundary", "no attached subject has a boundary ahead; advance by `seconds`")
        return self.clocks.set(clock, min(ahead))

    def _boundaries(self, subject: str) -> list[Instant]:
        try:
            state, policy, now = self._situation(subject)
        except NotFound:
            return []
        decision = engine.decide(policy, state, TimeQuestion(), now)
        edges = [edge for edge in (decision.until, decision.again) if edge is not None]
        return edges + [session.end for session in state.sessions if not session.closed]

    # The shell

    def use_policies(self, policies: PolicyBook) -> None:
        """Swap all policies at once; calls under way end under the old ones."""
        self._policies = policies

    def check(self) -> None:
        """Raises `StoreUnavailable` unless the store can be read and written."""
        self._store.check()

    def _key(self, subject: str) -> str:
        return f"subject/{self._namespace}/{check_subject(subject)}"

    def _lock(self, subject: str) -> threading.Lock:
        return _LOCKS[hash((self._namespace, subject)) % _STRIPES]

    def _load(self, subject: str) -> tuple[SubjectState, int]:
        stored = self._store.load(self._key(subject))
        if stored is None:
            raise NotFound("subject", subject)
        return decode(self._key(subject), stored.blob), stored.version

    def _situation(self, subject: str) -> tuple[SubjectState, CompiledPolicy, Instant]:
        state, _ = self._load(subject)
        return state, self._policy_of(state.profile), self._now(state.profile)

    def _compiled(self, profile: Profile) -> CompiledPolicy:
        policy = self._policies.get(profile.policy)
        if policy is None:
            raise PolicyMissing(profile.policy)
        return policy

    def _policy_of(self, profile: Profile) -> CompiledPolicy:
        policy = self._compiled(profile)
        return _personal(policy, profile.guardian) if profile.guardian else policy

    def _now(self, profile: Profile, *, ending: bool = False) -> Instant:
        if profile.test_clock is None:
            return (ceil_seconds if ending else floor_seconds)(self._clock.now_ns())
        self._check_test_clock(profile.test_clock)
        return self.clocks.now(profile.test_clock)

    def _check_test_clock(self, clock: str | None) -> None:
        if clock is None:
            return
        if not self._test_clocks:
            raise TestClockRefused("test_clock", "virtual time is refused here: live key or live deployment")
        self.clocks.get(clock)

    def _reduce(self, subject: str, event: Event, *, as_session: str | None = None, ending: bool = False) -> Decision:
        decision = self._change(subject, event, as_session=as_session, ending=ending).decision
        assert decision is not None
        return decision

    def _change(self, subject: str, event: Event, *, as_session: str | None = None, ending: bool = False) -> Outcome:
        outcome: Outcome | None = None

        def change(state: SubjectState | None) -> SubjectState:
            nonlocal outcome
            if state is None:
                raise NotFound("session", as_session) if as_session else NotFound("subject", subject)
            now = self._now(state.profile, ending=ending)
            outcome = engine.reduce(self._policy_of(state.profile), state, event, now)
            return outcome.state

        self._write(subject, change)
        assert outcome is not None
        return outcome

    def _write(self, subject: str, change: Callable[[SubjectState | None], SubjectState]) -> None:
        """Load, change and save until nobody was faster. An unchanged state is not written."""
        key = self._key(subject)
        with self._lock(subject):
            for _ in range(ATTEMPTS):
                stored = self._store.load(key)
                before = None if stored is None else decode(key, stored.blob)
                after = change(before)
                if after is before or after == before:
                    return
                try:
                    self._store.save(key, encode(after), ABSENT if stored is None else stored.version)
                except VersionConflict:
                    continue
                return
        raise VersionConflict(key, ATTEMPTS)


_LOCKS = tuple(threading.Lock() for _ in range(_STRIPES))
"""Threads of one process take turns at a subject, so that compare-and-set is lost only to other processes."""


def _put(state: SubjectState | None, profile: Profile) -> SubjectState:
    if state is None:
        return engine.new_state(profile)
    if state.profile.test_clock != profile.test_clock:
        raise Conflict("test_clock", "a subject keeps its clock for life; erase it and put it anew")
    return replace(state, profile=replace(profile, guardian=state.profile.guardian))


def _personal(policy: CompiledPolicy, text: str) -> CompiledPolicy:
    """The policy with a guardian's layer; compiled once per policy and settings."""
    key = (policy.digest, text)
    found = _PERSONAL.get(key)
    if found is None:
        if len(_PERSONAL) >= _MOST_PERSONAL:
            _PERSONAL.clear()
        found = _PERSONAL[key] = with_guardian(policy, json.loads(text))
    return found


_MOST_PERSONAL = 4096
_PERSONAL: dict[tuple[str, str], CompiledPolicy] = {}


def _subject_of(session: str) -> str:
    return split_session_id(session)[0]


def _check_activity(activity: str | None) -> None:
    if activity is not None:
        check_word("activity", activity)


def _instant(where: str, at: datetime) -> Instant:
    if at.tzinfo is None:
        raise InvalidInput(where, "has no zone; give an aware datetime, such as one in UTC")
    return int(at.timestamp())
