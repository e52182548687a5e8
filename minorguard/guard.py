"""The façade: what app backends call in Python. The shell beneath it meets clock and store, the core decides."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from minorguard import engine
from minorguard.batches import Beat, ask_many, beat_many
from minorguard.clock import Clock, SystemClock
from minorguard.engine import Carried, Outcome, Standing
from minorguard.errors import Conflict, InvalidInput, MinorGuardError, NotFound, StoreError
from minorguard.lists import Lists
from minorguard.model.age import AgeBand
from minorguard.model.decisions import Decision, Forecast
from minorguard.model.events import (
    Event,
    FeatureUsed,
    GrantGiven,
    HeartbeatReceived,
    NotificationSent,
    OfflineUseReported,
    PurchaseMade,
    SessionEnded,
    SessionOpened,
)
from minorguard.model.ids import Instant, Seconds, check_subject, check_word, session_id, split_session_id
from minorguard.model.questions import Question, TimeQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Grant, Profile, SubjectState
from minorguard.policy import PolicyBook
from minorguard.policy.source import PolicySource
from minorguard.recent import Recent
from minorguard.shell import Made, Meantime, Shell, Witness
from minorguard.storage import StateStore, open_store
from minorguard.testclocks import TestClock, TestClocks

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 1, 1)
DAYS_AHEAD = 31
"""How far ahead a grant may be given."""
MOST = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session was asked for. `session_id` is to be used only if the decision allows."""

    decision: Decision
    session_id: str
    lease_until: datetime | None
    beat_after_seconds: Seconds | None
    profile: Profile
    """Who the subject was then."""


class MinorGuard:
    """Decides and remembers, for the subjects of one namespace. Safe to share between threads.

    Every method may raise `StoreError` (fail closed: treat it as a denial), `PolicyMissing` and `InvalidInput`; what
    names a subject or session also `NotFound`. Instants in and out are aware datetimes.
    """

    def __init__(
        self,
        store: StateStore,
        policies: PolicySource,
        *,
        clock: Clock | None = None,
        namespace: str = "default",
        test_clocks: bool = False,
        witness: Witness | None = None,
        recent: Recent | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self._shell = Shell(store, policies, clock, namespace, test_clocks=test_clocks, witness=witness, recent=recent)
        self.lists = Lists(self._shell, namespace)
        """Recommended lists, and what subjects and editors chose for them."""

    @classmethod
    def open(
        cls,
        url: str,
        *,
        policies: str | Path | PolicySource,
        clock: Clock | None = None,
        test_clocks: bool = False,
    ) -> MinorGuard:
        """Open a store (``sqlite:///file.db``, ``redis://host``, ``memory://``) and a folder or file of policies.

        Raises `PolicyInvalid` with every finding, before the store is touched.
        """
        book = PolicyBook.load(Path(policies)) if isinstance(policies, str | Path) else policies
        return cls(open_store(url), book, clock=clock, test_clocks=test_clocks)

    def scoped(
        self,
        namespace: str,
        *,
        test_clocks: bool = False,
        policies: PolicySource | None = None,
        witness: Witness | None = None,
    ) -> MinorGuard:
        """The same store and clock for other subjects: no id of one namespace means anything in another.

        The policies are the same, too, unless others are given. A `witness` is told of each decision.
        """
        check_word("namespace", namespace)
        shell = self._shell
        source = shell.policies if policies is None else policies
        return MinorGuard(
            shell.store,
            source,
            clock=shell.clock,
            namespace=namespace,
            test_clocks=test_clocks,
            witness=witness,
            recent=shell.recent,
        )

    def close(self) -> None:
        """Let go of the store."""
        self._shell.store.close()

    @property
    def clocks(self) -> TestClocks:
        """The test clocks of this namespace."""
        return self._shell.clocks

    def use_policies(self, policies: PolicySource) -> None:
        """Swap all policies at once; calls under way end under the old ones."""
        self._shell.policies = policies

    def check(self) -> None:
        """Raises `StoreUnavailable` unless the store can be read and written."""
        self._shell.store.check()

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
        policy_revision: int | None = None,
        before: Callable[[Profile], None] | None = None,
    ) -> Profile:
        """Register a subject, or change it; its usage stays. Without birth date and band the age is unknown.

        `policy_revision` holds the subject to that revision, whatever is published later. `before` is told who a known
        subject was, when all is found right and nothing is written yet; again whenever somebody else was faster.
        """
        if birth_date is not None and age_band is not None:
            raise InvalidInput("age_band", "give a birth date or an age band, not both")
        self._shell.check_policy(policy, policy_revision)
        self._shell.check_test_clock(test_clock)
        profile = Profile(
            subject=check_subject(subject),
            policy=policy,
            born=None if birth_date is None else _check_day("birth_date", birth_date),
            band=None if age_band is None else AgeBand.parse(age_band),
            mode_on=mode_on,
            test_clock=test_clock,
            revision=policy_revision,
        )

        def put(state: SubjectState | None) -> SubjectState:
            after = _put(state, profile)
            self._shell.policy_of(after.profile)  # the guardian's settings must fit the policy
            if state is None and test_clock is not None:
                self.clocks.attach(test_clock, subject)  # first: a clock that is full takes nobody
            if state is not None and before is not None:
                before(state.profile)
            return after

        self._shell.write(subject, put, durable=True)
        return profile

    def pin_subject(self, subject: str, revision: int | None) -> Profile:
        """Hold a subject to a revision of its policy, whatever is published later; None lets it go.

        Raises `NotFound`, and `InvalidInput` for a revision that was never published.
        """
        made: Profile | None = None

        def pin(state: SubjectState | None) -> SubjectState:
            nonlocal made
            if state is None:
                raise NotFound("subject", subject)
            made = replace(state.profile, revision=revision)
            if revision is not None:
                self._shell.check_policy(made.policy, revision)
            self._shell.policy_of(made)  # the guardian's settings must fit the revision
            return replace(state, profile=made)

        self._shell.write(subject, pin, durable=True)
        assert made is not None
        return made

    def get_subject(self, subject: str) -> Profile:
        """Who the subject is."""
        return self._shell.load(subject).profile

    def delete_subject(self, subject: str) -> None:
        """Erase all that is remembered of a subject; erasing one that is not there is no error."""
        with suppress(NotFound, StoreError):  # a memory that can't be read is erased all the same
            clock = self._shell.load(subject).profile.test_clock
            if clock is not None:
                self.clocks.detach(clock, subject)
        self.lists.interests.erase(subject)
        self._shell.erase(subject)

    # Sessions

    def open_session(
        self, subject: str, *, device: str, activity: str | None = None, nonce: str | None = None
    ) -> Opened:
        """Open a sitting. `nonce` makes a retry the same session: 8 to 64 of ``A-Z a-z 0-9 _ -``."""
        check_word("device", device)
        _check_activity(activity)
        session = session_id(subject, nonce or secrets.token_urlsafe(12))
        decision, profile = self._told(subject, SessionOpened(session, device, activity))
        beat_after = None if decision.lease is None else decision.lease.beat_after
        return Opened(decision, session, decision.lease_until, beat_after, profile)

    def heartbeat(self, session: str, *, seq: int, activity: str | None = None) -> Decision:
        """Say that a session is still in use; `seq` starts at 1 and rises with each beat, not with each retry."""
        return self._told(_subject_of(session), _beat_of(session, seq, activity), as_session=session)[0]

    def beat(
        self, session: str, *, seq: int, activity: str | None = None, prepare: Callable[[Decision, Profile], Made]
    ) -> tuple[Decision, Made]:
        """A heartbeat, and what `prepare` makes of it and of who the subject was then, such as a token.

        It is called while the store writes, so that its time costs none, and again when another process was faster:
        what it makes must go nowhere before this returns.
        """
        meantime = Meantime(lambda outcome: prepare(_decided(outcome), outcome.state.profile))
        event = _beat_of(session, seq, activity)
        outcome = self._shell.change(_subject_of(session), event, as_session=session, meantime=meantime)
        return _decided(outcome), meantime.made()

    def beat_many(
        self, beats: Sequence[tuple[str, int, str | None]]
    ) -> list[tuple[Decision, Profile] | MinorGuardError]:
        """Heartbeats (session, seq, activity) of any subjects with one write of all; each is answered or fails alone.

        After `StoreUnavailable` any of them may have counted.
        """
        told = [_told_or_wrong(*beat) for beat in beats]
        outcomes = iter(beat_many(self._shell, [one for one in told if isinstance(one, Beat)]))
        found = [next(outcomes) if isinstance(one, Beat) else one for one in told]
        return [one if isinstance(one, MinorGuardError) else (_decided(one), one.state.profile) for one in found]

    def ask_many(self, asked: Sequence[tuple[str, Question]]) -> list[Decision | MinorGuardError]:
        """Answer questions about any subjects with one load of all; each is answered or fails alone."""
        return [answer.whole() if isinstance(answer, Carried) else answer for answer in self.ask_many_soon(asked)]

    def ask_many_soon(self, asked: Sequence[tuple[str, Question]]) -> list[Decision | Carried | MinorGuardError]:
        """The same, where whoever writes the answers can carry them to now cheaper than by making each."""
        return ask_many(self._shell, asked)

    def _told(self, subject: str, event: Event, as_session: str | None = None) -> tuple[Decision, Profile]:
        outcome = self._shell.change(subject, event, as_session=as_session)
        return _decided(outcome), outcome.state.profile

    def end_session(self, session: str) -> Decision:
        """Stop cleanly: what is left of the lease is given back. The decision says whether one may be opened again."""
        return self._shell.reduce(_subject_of(session), SessionEnded(session), as_session=session, ending=True)

    def report_offline(
        self, subject: str, *, device: str, intervals: list[tuple[datetime, datetime]], activity: str | None = None
    ) -> Decision:
        """Add use that happened without a connection, in server time; at most 48 hours back to the last contact."""
        check_word("device", device)
        _check_activity(activity)
        spans = tuple((_instant("start", start), _instant("end", end)) for start, end in intervals)
        return self._shell.reduce(subject, OfflineUseReported(device, spans, activity))

    # Questions

    def ask(self, subject: str, question: Question | None = None) -> Decision:
        """Answer a question (by default: may a sitting be opened?). Changes nothing."""
        return self._shell.ask(subject, question or TimeQuestion())

    def ask_all(self, subject: str, questions: Iterable[Question]) -> list[Decision]:
        """Answer several questions about one subject at one instant, with one load. Changes nothing."""
        return self._answers(*self._shell.situation(subject), questions)

    def ask_as(self, policy: str, age_band: str | None, questions: Iterable[Question]) -> list[Decision]:
        """Answer as for somebody of whom only the band is known (None: not even that), who has used nothing yet."""
        self._shell.check_policy(policy)
        band = None if age_band is None else AgeBand.parse(age_band)
        state = engine.new_state(Profile("somebody", policy, band=band))
        return self._answers(state, self._shell.policy_of(state.profile), self._shell.now(state.profile), questions)

    def _answers(
        self, state: SubjectState, policy: CompiledPolicy, now: Instant, questions: Iterable[Question]
    ) -> list[Decision]:
        decisions = []
        for question in questions:
            decisions.append(engine.decide(policy, state, question, now))
            if self._shell.witness is not None:
                self._shell.witness(state, question, now, decisions[-1])
        return decisions

    def use(
        self, subject: str, feature: str, *, amount: int = 1, use_id: str | None = None, session: str | None = None
    ) -> Decision:
        """Check a feature and count its use in one step; a denied use counts nothing. The same `use_id` counts once."""
        if not 1 <= amount <= MOST:
            raise InvalidInput("amount", f"must be 1 to {MOST}")
        event = FeatureUsed(use_id or secrets.token_urlsafe(12), check_word("feature", feature), amount, session)
        return self._shell.reduce(subject, event)

    def purchase(
        self, subject: str, amount: int, currency: str, activity: str | None = None, purchase_id: str | None = None
    ) -> Decision:
        """Check a purchase and count it in one step; a denied one counts nothing. The same `purchase_id` counts once.

        `amount` is in minor units of the currency (fen, cents), `currency` an ISO 4217 code such as ``CNY``.
        """
        _check_activity(activity)
        event = PurchaseMade(_check_id("purchase_id", purchase_id), amount, currency, activity)
        return self._shell.reduce(subject, event, durable=True)

    def notify(self, subject: str, notification_id: str | None = None) -> Decision:
        """Check whether a notification may be sent now and count it in one step; the same id counts once."""
        return self._shell.reduce(subject, NotificationSent(_check_id("notification_id", notification_id)))

    def standing(self, profile: Profile, at: Instant) -> Standing:
        """Which bands hold for a subject, and what they say of features: what a session token tells an edge."""
        return engine.standing(self._shell.policy_of(profile), profile, at)

    def forecast(
        self, subject: str, *, days: int = 14, activity: str | None = None, device: str | None = None
    ) -> Forecast:
        """When a sitting may be opened in the next `days` (1 to 60), and why not between."""
        if not 1 <= days <= 60:
            raise InvalidInput("days", "must be 1 to 60")
        state, policy, now = self._shell.situation(subject)
        return engine.forecast(policy, state, now, days=days, activity=activity, device=device)

    def usage(self, subject: str) -> dict[str, Any]:
        """What was used today, by activity and by each quota."""
        state, policy, now = self._shell.situation(subject)
        return engine.usage(policy, state, now)

    def timeline(self, subject: str, day: date | None = None) -> dict[str, Any]:
        """A policy day (by default today) as intervals of use."""
        state, policy, now = self._shell.situation(subject)
        if day is not None:
            _check_day("date", day)
        return engine.timeline(policy, state, day or policy.days.day_of(now), now)

    # Guardians

    def set_guardian(self, subject: str, settings: Mapping[str, Any]) -> Profile:
        """Set the guardian's layer (empty: none). Raises `PolicyInvalid` for what the policy does not leave to them."""
        text = _canonical(settings) if settings else ""
        made: Profile | None = None

        def change(known: SubjectState | None) -> SubjectState:
            nonlocal made
            if known is None:
                raise NotFound("subject", subject)
            made = replace(known.profile, guardian=text)
            self._shell.policy_of(made)  # the settings must fit the policy that is the subject's now
            return replace(known, profile=made)

        self._shell.write(subject, change, durable=True)
        assert made is not None
        return made

    def give_grant(
        self,
        subject: str,
        *,
        seconds: Seconds,
        day: date | None = None,
        activity: str | None = None,
        grant_id: str | None = None,
    ) -> Decision:
        """Give extra time for one policy day (by default today).

        The same `grant_id` gives it once; ids are remembered until two days after their day.
        """
        state, policy, now = self._shell.situation(subject)
        most = policy.guardian.per_grant_seconds
        if not 1 <= seconds <= most:
            raise InvalidInput("seconds", f"must be 1 to {most}, the most that the policy lets a guardian give at once")
        _check_activity(activity)
        today = policy.days.day_of(now)
        known = next((grant.day for grant in state.grants if grant.id == grant_id), today)
        if day is not None and not 0 <= (day - today).days <= DAYS_AHEAD:
            raise InvalidInput("day", f"must be today or one of the next {DAYS_AHEAD} days")
        grant = Grant(
            id=grant_id or secrets.token_urlsafe(12),
            day=day or known,
            seconds=seconds,
            activity=activity,
            given_at=now,
        )
        self._shell.change(subject, GrantGiven(grant), durable=True)
        return self.ask(subject, TimeQuestion(activity))

    # Virtual time

    def advance_clock(
        self, clock: str, *, seconds: Seconds | None = None, to: datetime | None = None, to_next_boundary: bool = False
    ) -> TestClock:
        """Move a test clock by whole seconds, to an instant, or to the next instant at which an answer changes."""
        self._shell.check_virtual()
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
            state, policy, now = self._shell.situation(subject)
        except NotFound:
            return []
        decision = engine.decide(policy, state, TimeQuestion(), now)
        edges = [edge for edge in (decision.until, decision.again) if edge is not None]
        return edges + [session.end for session in state.sessions if not session.closed]


def _put(state: SubjectState | None, profile: Profile) -> SubjectState:
    if state is None:
        return engine.new_state(profile)
    if state.profile.test_clock != profile.test_clock:
        raise Conflict("test_clock", "a subject keeps its clock for life; erase it and put it anew")
    return replace(state, profile=replace(profile, guardian=state.profile.guardian))


def _told_or_wrong(session: str, seq: int, activity: str | None) -> Beat | InvalidInput:
    try:
        return Beat(_subject_of(session), _beat_of(session, seq, activity))
    except InvalidInput as wrong:
        return wrong


def _decided(outcome: Outcome) -> Decision:
    assert outcome.decision is not None
    return outcome.decision


def _beat_of(session: str, seq: int, activity: str | None) -> HeartbeatReceived:
    if not 1 <= seq <= MOST:
        raise InvalidInput("seq", "must be 1 for the first beat and rise from there")
    _check_activity(activity)
    return HeartbeatReceived(session, seq, activity)


def _subject_of(session: str) -> str:
    return split_session_id(session)[0]


def _check_id(where: str, id: str | None) -> str:
    if id is None:
        return secrets.token_urlsafe(12)
    if not 1 <= len(id) <= 128:
        raise InvalidInput(where, "must be 1 to 128 characters")
    return id


def _check_activity(activity: str | None) -> None:
    if activity is not None:
        check_word("activity", activity)


def _instant(where: str, at: datetime) -> Instant:
    if at.tzinfo is None:
        raise InvalidInput(where, "has no zone; give an aware datetime, such as one in UTC")
    return (at - _EPOCH) // timedelta(seconds=1)  # whole numbers: a float would round the end of time up


def _check_day(where: str, day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidInput(where, f"must lie between {FIRST_DAY} and {LAST_DAY}")
    return day


def _canonical(settings: Mapping[str, Any]) -> str:
    try:
        return json.dumps(dict(settings), sort_keys=True, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput("settings", "is not JSON; use mappings, lists, text, numbers and true or false") from None
