"""Answers that are kept: what an answer says of every later instant, until something turns.

From second to second an answer mostly stays as it is: a denial waits for the same instant, what is left shrinks by the
seconds that passed or does not change at all. So it need only be moved, not asked for again, up to the first instant at
which more than that changes (`turns`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minorguard.engine.course import Course, Drawn
from minorguard.engine.turns import Asked, Lasting, lasting
from minorguard.model.decisions import Decision
from minorguard.model.ids import Instant
from minorguard.model.questions import FeatureQuestion, TimeQuestion
from minorguard.model.quickly import quickly
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import SubjectState

Question = TimeQuestion | FeatureQuestion
_MOST = 8192


@quickly
@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """An answer, and how long it can be moved.

    INVARIANT: at every instant in ``[decision.decided, lasts.until)`` the whole computation would say the same of this
    policy and memory, but for what `lasts` says is moving.
    """

    policy: CompiledPolicy
    state: SubjectState
    drawn: Drawn | None
    """The course along which it is about every memory; None: it is about those that tell the same as `state`."""
    counts_uses: bool
    decision: Decision
    lasts: Lasting | None
    """None: it was given once, and says nothing of later instants yet."""

    def holds(self, policy: CompiledPolicy, state: SubjectState, now: Instant, course: Course | None = None) -> bool:
        """Whether it says something about `now`."""
        if self.policy is not policy or self.lasts is None or not self.decision.decided <= now < self.lasts.until:
            return False
        if self.drawn is None:
            return self.is_about(state)
        return course is not None and self.drawn is course.drawn and course.lives(policy, state, now)

    def is_about(self, state: SubjectState) -> bool:
        """Whether a memory tells the same of all that was asked, each part the same object."""
        own = self.state
        return own is state or (
            (own.sessions is state.sessions and own.ledger is state.ledger and own.days is state.days)
            and (own.profile is state.profile and own.grants is state.grants)
            and (own.uses is state.uses or not self.counts_uses)
        )

    def at(self, now: Instant) -> Decision:
        """The answer at an instant inside."""
        drawn, lasts = self.decision, self.lasts
        assert lasts is not None
        passed, until, left, reasons = now - drawn.decided, drawn.until, drawn.remaining, drawn.reasons
        if lasts.slides and until is not None:
            until += passed
        if lasts.shrinking:
            left = {name: n - passed if name in lasts.shrinking else n for name, n in left.items()}
        if lasts.moves:
            pairs = zip(reasons, lasts.moves, strict=True)
            reasons = tuple([reason if move is None else move(reason, drawn, now) for reason, move in pairs])
        return Decision(
            drawn.effect,
            reasons,
            drawn.policy,
            drawn.zone,
            now,
            until,
            drawn.again,
            left,
            drawn.obligations,
            drawn.advice,
            None,
            drawn.enforcement,
            drawn.observed_effect,
        )


_KNOWN: dict[tuple[int, str, Question], Kept] = {}
"""By policy, subject and question, so that of each the last is kept. Bounded; losing it costs time alone."""


def kept_or(
    policy: CompiledPolicy,
    state: SubjectState,
    question: Question,
    now: Instant,
    course: Course | None,
    anew: Callable[[], tuple[Decision, Asked]],
) -> Decision:
    """The answer to a question: moved, where one is known that can be; else `anew`.

    How long an answer lasts is looked for when it is asked for again: what is asked once is not worth it.
    """
    key = (id(policy), state.profile.subject, question)
    known = _KNOWN.get(key)
    if known is not None and known.holds(policy, state, now, course):
        return known.at(now)
    decision, asked = anew()
    along = course.drawn if course is not None and course.lives(policy, state, now) else None
    if len(_KNOWN) >= _MOST and known is None:
        _KNOWN.clear()
    _KNOWN[key] = _kept(known, asked, decision, along)
    return decision


def _kept(known: Kept | None, asked: Asked, decision: Decision, along: Drawn | None) -> Kept:
    policy, state = asked.look.policy, asked.look.state
    lasts = None
    if known is not None and known.policy is policy:
        again = known.is_about(state) if known.drawn is None else known.drawn is along
        lasts = lasting(asked, decision, along) if again else None
    drawn = along if lasts is None or lasts.along else None
    return Kept(policy, state, drawn, asked.feature is not None, decision, lasts)
