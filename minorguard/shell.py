"""The shell of the core: load → reduce → compare-and-set → retry. The only place where clock, store and core meet."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

from minorguard import engine
from minorguard.clock import Clock, ceil_seconds, floor_seconds
from minorguard.engine import Carried, Outcome
from minorguard.engine.binding import Same
from minorguard.errors import Conflict, InvalidInput, NotFound, PolicyMissing, TestClockRefused, VersionConflict
from minorguard.model.decisions import Decision
from minorguard.model.events import Event
from minorguard.model.ids import Instant, check_subject
from minorguard.model.questions import Question
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Profile, SubjectState
from minorguard.policy import with_guardian
from minorguard.policy.source import PolicySource
from minorguard.recent import Known, Recent
from minorguard.storage import ABSENT, Meanwhile, StateStore, Stored
from minorguard.storage.codec import decode, encode
from minorguard.testclocks import TestClocks

ATTEMPTS = 64
"""How often a lost compare-and-set is tried again; each loss means that somebody else's write went through."""

_STRIPES = 256
_LOCKS = tuple(threading.Lock() for _ in range(_STRIPES))
"""Threads of one process take turns at a subject, so that compare-and-set is lost only to other processes."""

Made = TypeVar("Made")

Witness = Callable[[SubjectState, Event | Question, Instant, Decision | None], None]
"""Told of what was decided, after it was remembered: the state before, the fact or question, when, and the answer."""


class Meantime(Generic[Made]):
    """What is made of an outcome while the store writes it, and is worth something only once it is written."""

    def __init__(self, make: Callable[[Outcome], Made]) -> None:
        self._make = make
        self._made: list[Made] = []
        self._error: Exception | None = None

    def __call__(self, outcome: Outcome) -> None:
        """Make it, in place of what was made of an outcome that was not written."""
        try:
            self._made, self._error = [self._make(outcome)], None
        except Exception as error:
            self._error = error

    def made(self) -> Made:
        """What was made of the outcome that was written. Raises what kept it from being made."""
        if self._error is not None:
            raise self._error
        (made,) = self._made
        return made


class Shell:
    """The subjects of one namespace, as the façade needs them."""

    def __init__(
        self,
        store: StateStore,
        policies: PolicySource,
        clock: Clock,
        namespace: str,
        *,
        test_clocks: bool,
        witness: Witness | None = None,
        recent: Recent | None = None,
    ) -> None:
        self.store = store
        self.policies = policies
        self.clock = clock
        self.clocks = TestClocks(store, namespace)
        self.witness = witness
        self.recent = Recent() if recent is None else recent
        self._namespace = namespace
        self._test_clocks = test_clocks

    def load(self, subject: str) -> SubjectState:
        """A subject's memory. Raises `NotFound`."""
        return self._load(subject).state

    def _load(self, subject: str) -> Known:
        """As it is in the store now; decoded only if it is not the version that was known."""
        known = self.read(self.key(subject), self.store.load(self.key(subject)))
        if known is None:
            raise NotFound("subject", subject)
        return known

    def read(self, key: str, stored: Stored | None) -> Known | None:
        """What the store just said of a key."""
        if stored is None:
            self.recent.forget(key)
            return None
        known = self.recent.get(key)
        if known is None or known.version != stored.version:
            known = _followed(known, Known(stored.version, decode(key, stored.blob)))
            self.recent.put(key, known)
        return known

    def situation(self, subject: str) -> tuple[SubjectState, CompiledPolicy, Instant]:
        """All that a question needs: memory, policy, now."""
        state = self.load(subject)
        return state, self.policy_of(state.profile), self.now(state.profile)

    def reduce(
        self,
        subject: str,
        event: Event,
        *,
        as_session: str | None = None,
        ending: bool = False,
        durable: bool = False,
    ) -> Decision:
        """Tell the core of a fact that has a decision.

        `as_session`: what is not found; `ending`: round `now` up; `durable`: what follows must survive a failover.
        """
        decision = self.change(subject, event, as_session=as_session, ending=ending, durable=durable).decision
        assert decision is not None
        return decision

    def change(
        self,
        subject: str,
        event: Event,
        *,
        as_session: str | None = None,
        ending: bool = False,
        durable: bool = False,
        meantime: Meantime[Any] | None = None,
    ) -> Outcome:
        """Tell the core of a fact, and remember what follows; `meantime` is called with that."""
        seen: tuple[SubjectState, Instant, Outcome] | None = None

        def after(known: Known | None) -> Outcome:
            nonlocal seen
            if known is None:
                raise NotFound("session", as_session) if as_session else NotFound("subject", subject)
            now, outcome = self.told(known, event, ending=ending)
            seen = (known.state, now, outcome)
            return outcome

        self._write(self.key(subject), self.lock(subject), after, durable=durable, meantime=meantime)
        assert seen is not None
        before, now, outcome = seen
        if self.witness is not None:
            self.witness(before, event, now, outcome.decision)
        return outcome

    def told(self, known: Known, event: Event, *, ending: bool = False) -> tuple[Instant, Outcome]:
        """What follows from a fact, and when that was; nothing is remembered yet."""
        now = self.now(known.state.profile, ending=ending)
        return now, engine.reduce(self.policy_of(known.state.profile), known.state, event, now, known.course)

    def write(
        self, subject: str, change: Callable[[SubjectState | None], SubjectState], *, durable: bool = False
    ) -> None:
        """Load, change and save until nobody was faster.

        An unchanged state is not written, unless it must be `durable`: what made it may have been refused as not
        replicated, and is being tried again.
        """

        def after(known: Known | None) -> Outcome:
            return Outcome(change(None if known is None else known.state))

        self._write(self.key(subject), self.lock(subject), after, durable=durable)

    def _write(
        self,
        key: str,
        lock: threading.Lock,
        after: Callable[[Known | None], Outcome],
        *,
        durable: bool,
        meantime: Meantime[Any] | None = None,
    ) -> None:
        """As `write`; what was known is tried first, and believed only if the compare-and-set holds."""
        with lock:
            known, sure = self.recent.get(key), False
            for _ in range(ATTEMPTS):
                if known is None and not sure:
                    known, sure = self.read(key, self.store.load(key)), True
                outcome = after(known) if sure else _guessed(after, known)
                if outcome is None:
                    known = None
                    continue
                meanwhile = None if meantime is None else partial(meantime, outcome)
                if sure and not durable and _same(known, outcome.state):
                    return None if meanwhile is None else meanwhile()
                try:
                    self._save(key, known, outcome, durable=durable, meanwhile=meanwhile)
                except VersionConflict as lost:
                    known, sure = (self.read(key, lost.current), True) if lost.known else (None, False)
                else:
                    return None
        raise VersionConflict(key, ATTEMPTS)

    def _save(
        self, key: str, known: Known | None, outcome: Outcome, *, durable: bool, meanwhile: Meanwhile | None
    ) -> None:
        expected = ABSENT if known is None else known.version
        version = self.store.save(key, encode(outcome.state), expected, durable=durable, meanwhile=meanwhile)
        self.recent.put(key, Known(version, outcome.state, outcome.course))

    def answer(self, known: Known, question: Question) -> Decision:
        """Answer a question about what was just read."""
        profile = known.state.profile
        return self._answer(self.policy_of(profile), known, question, self.now(profile))

    def answer_soon(self, known: Known, question: Question, real_now: Instant) -> Decision | Carried:
        """The same; not carried to now where it need not be. `real_now`: read once for several questions."""
        state, course = known.state, known.course
        profile = state.profile
        policy = self.policy_of(profile)
        now = real_now if profile.test_clock is None else self.now(profile)
        if course is not None and self.witness is None:
            found = engine.carry(policy, state, question, now, course)
            if found is not None:
                return found
        return self._answer(policy, known, question, now)

    def _answer(self, policy: CompiledPolicy, known: Known, question: Question, now: Instant) -> Decision:
        state = known.state
        decision = engine.decide(policy, state, question, now, known.course)
        if self.witness is not None:
            self.witness(state, question, now, decision)
        return decision

    def erase(self, subject: str) -> None:
        """Forget a subject, whatever its memory holds; one that is not there ends an erasure that was cut short."""
        key = self.key(subject)
        with self.lock(subject):
            for _ in range(ATTEMPTS):
                stored = self.store.load(key)
                try:
                    self.recent.forget(key)
                    return self.store.delete(key, ABSENT if stored is None else stored.version, durable=True)
                except VersionConflict:
                    continue
        raise VersionConflict(key, ATTEMPTS)

    def real_now(self) -> Instant:
        """The second that has begun by the real clock."""
        return floor_seconds(self.clock.now_ns())

    def now(self, profile: Profile, *, ending: bool = False) -> Instant:
        """The second that has begun (`ending`: that is ending) by the clock that a subject lives by."""
        if profile.test_clock is None:
            return (ceil_seconds if ending else floor_seconds)(self.clock.now_ns())
        self.check_virtual()
        return self.clocks.now(profile.test_clock)

    def check_virtual(self) -> None:
        """Raises `TestClockRefused` where time must be real."""
        if not self._test_clocks:
            raise TestClockRefused("test_clock", "virtual time is refused here: live key or live deployment")

    def check_test_clock(self, clock: str | None) -> None:
        """Raises what keeps a subject from living by a clock."""
        if clock is not None:
            self.check_virtual()
            self.clocks.get(clock)

    def ask(self, subject: str, question: Question) -> Decision:
        """Answer a question."""
        return self.answer(self._load(subject), question)

    def check_policy(self, policy: str, revision: int | None = None) -> None:
        """Raises `InvalidInput` for a policy that is not loaded, or has no such revision."""
        if self.policies.get(policy) is None:
            known = ", ".join(f"`{id}`" for id in self.policies.ids)
            raise InvalidInput("policy", f"`{policy}` is not loaded; known: {known}")
        if revision is not None and self.policies.choose(Profile("any", policy, revision=revision)) is None:
            problem = f"`{policy}` has no revision {revision}; leave it out to follow what is published"
            raise InvalidInput("policy_revision", problem)

    def policy_of(self, profile: Profile) -> CompiledPolicy:
        """A subject's policy with its guardian's layer. Raises `PolicyMissing` and `PolicyInvalid`."""
        policy = self.policies.choose(profile)
        if policy is None:
            pin = "" if profile.revision is None else f", revision {profile.revision}"
            raise PolicyMissing(profile.policy + pin)
        return personal(policy, profile) if profile.guardian else policy

    def key(self, subject: str) -> str:
        """The store's key of a subject. Raises `InvalidInput`."""
        return _key(self._namespace, subject)

    def lock(self, subject: str) -> threading.Lock:
        """What threads of this process hold while they write a subject."""
        return _LOCKS[hash((self._namespace, subject)) % _STRIPES]


@lru_cache(maxsize=8192)
def _key(namespace: str, subject: str) -> str:
    return f"subject/{namespace}/{check_subject(subject)}"


def _followed(before: Known | None, now: Known) -> Known:
    """What was read, with the course that led to it if another process only carried on what is known here."""
    course = None if before is None or before.course is None else engine.follow(before.course, now.state)
    return now if course is None else Known(now.version, course.state, course)


def _guessed(after: Callable[[Known | None], Outcome], known: Known | None) -> Outcome | None:
    """What follows from a memory that may be old; None where no compare-and-set would prove it right."""
    try:
        outcome = after(known)
    except (InvalidInput, NotFound, Conflict, PolicyMissing, TestClockRefused):
        return None
    return None if _same(known, outcome.state) else outcome


def _same(known: Known | None, state: SubjectState) -> bool:
    return known is not None and (state is known.state or state == known.state)


def personal(policy: CompiledPolicy, profile: Profile) -> CompiledPolicy:
    """The policy with the layer of a subject's guardian. Raises `PolicyInvalid` where the settings do not fit it."""
    return _personal(Same(policy), profile.guardian) if profile.guardian else policy


@lru_cache(maxsize=4096)
def _personal(same: Same, text: str) -> CompiledPolicy:
    """Compiled once per policy and settings: two revisions may mean the same and have different numbers."""
    return with_guardian(same.policy, json.loads(text))
