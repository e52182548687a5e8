"""The shell of the core: load → reduce → compare-and-set → retry. The only place where clock, store and core meet."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

from minorguard import engine
from minorguard.clock import Clock, ceil_seconds, floor_seconds
from minorguard.engine import Outcome
from minorguard.errors import InvalidInput, NotFound, PolicyMissing, TestClockRefused, VersionConflict
from minorguard.model.decisions import Decision
from minorguard.model.events import Event
from minorguard.model.ids import Instant, check_subject
from minorguard.model.questions import Question
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Profile, SubjectState
from minorguard.policy import with_guardian
from minorguard.policy.source import PolicySource
from minorguard.storage import ABSENT, StateStore
from minorguard.storage.codec import decode, encode
from minorguard.testclocks import TestClocks

ATTEMPTS = 64
"""How often a lost compare-and-set is tried again; each loss means that somebody else's write went through."""

_STRIPES = 256
_LOCKS = tuple(threading.Lock() for _ in range(_STRIPES))
"""Threads of one process take turns at a subject, so that compare-and-set is lost only to other processes."""

Witness = Callable[[SubjectState, Event | Question, Instant, Decision | None], None]
"""Told of what was decided, after it was remembered: the state before, the fact or question, when, and the answer."""


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
    ) -> None:
        self.store = store
        self.policies = policies
        self.clock = clock
        self.clocks = TestClocks(store, namespace)
        self.witness = witness
        self._namespace = namespace
        self._test_clocks = test_clocks

    def load(self, subject: str) -> SubjectState:
        """A subject's memory. Raises `NotFound`."""
        stored = self.store.load(self._key(subject))
        if stored is None:
            raise NotFound("subject", subject)
        return decode(self._key(subject), stored.blob)

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
    ) -> Outcome:
        """Tell the core of a fact, and remember what follows."""
        seen: tuple[SubjectState, Instant, Outcome] | None = None

        def after(state: SubjectState | None) -> SubjectState:
            nonlocal seen
            if state is None:
                raise NotFound("session", as_session) if as_session else NotFound("subject", subject)
            now = self.now(state.profile, ending=ending)
            outcome = engine.reduce(self.policy_of(state.profile), state, event, now)
            seen = (state, now, outcome)
            return outcome.state

        self.write(subject, after, durable=durable)
        assert seen is not None
        before, now, outcome = seen
        if self.witness is not None:
            self.witness(before, event, now, outcome.decision)
        return outcome

    def write(
        self, subject: str, change: Callable[[SubjectState | None], SubjectState], *, durable: bool = False
    ) -> None:
        """Load, change and save until nobody was faster.

        An unchanged state is not written, unless it must be `durable`: what made it may have been refused as not
        replicated, and is being tried again.
        """
        key = self._key(subject)
        with self._lock(subject):
            for _ in range(ATTEMPTS):
                stored = self.store.load(key)
                before = None if stored is None else decode(key, stored.blob)
                after = change(before)
                if not durable and (after is before or after == before):
                    return
                try:
                    self.store.save(key, encode(after), ABSENT if stored is None else stored.version, durable=durable)
                except VersionConflict:
                    continue
                return
        raise VersionConflict(key, ATTEMPTS)

    def erase(self, subject: str) -> None:
        """Forget a subject, whatever its memory holds; one that is not there ends an erasure that was cut short."""
        key = self._key(subject)
        with self._lock(subject):
            for _ in range(ATTEMPTS):
                stored = self.store.load(key)
                try:
                    return self.store.delete(key, ABSENT if stored is None else stored.version, durable=True)
                except VersionConflict:
                    continue
        raise VersionConflict(key, ATTEMPTS)

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
        state, policy, now = self.situation(subject)
        decision = engine.decide(policy, state, question, now)
        if self.witness is not None:
            self.witness(state, question, now, decision)
        return decision

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
        return personal(policy, profile)

    def _key(self, subject: str) -> str:
        return f"subject/{self._namespace}/{check_subject(subject)}"

    def _lock(self, subject: str) -> threading.Lock:
        return _LOCKS[hash((self._namespace, subject)) % _STRIPES]


def personal(policy: CompiledPolicy, profile: Profile) -> CompiledPolicy:
    """The policy with the layer of a subject's guardian. Raises `PolicyInvalid` where the settings do not fit it."""
    return _personal(policy, profile.guardian) if profile.guardian else policy


def _personal(policy: CompiledPolicy, text: str) -> CompiledPolicy:
    """Compiled once per policy and settings."""
    key = (id(policy), text)
    found = _PERSONAL.get(key)
    if found is None or found[0] is not policy:
        if len(_PERSONAL) >= _MOST_PERSONAL:
            _PERSONAL.clear()
        found = _PERSONAL[key] = (policy, with_guardian(policy, json.loads(text)))
    return found[1]


_MOST_PERSONAL = 4096
_PERSONAL: dict[tuple[int, str], tuple[CompiledPolicy, CompiledPolicy]] = {}
"""By identity: two revisions may mean the same and have different numbers. INVARIANT: the policy held keeps its id."""
