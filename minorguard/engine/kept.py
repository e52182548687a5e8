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
    basis: SubjectState | Drawn
    """What it is about, by identity: one memory, or every memory along a course."""
    decision: Decision
    lasts: Lasting | None
    """None: it was given once, and says nothing of later instants yet."""

    def holds(self, policy: CompiledPolicy, state: SubjectState, now: Instant, course: Course | None = None) -> bool:
        """Whether it says something about `now`."""
        if self.policy is not policy or self.lasts is None or not self.decision.decided <= now < self.lasts.until:
            return False
        if self.basis is state:
            return True
        return course is not None and self.basis is course.drawn and course.lives(policy, state, now)

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
            pairs = zip(reasons, lasts.moves)  # noqa: B905 - one for each
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
    again = known is not None and known.policy is policy and (known.basis is state or known.basis is along)
    lasts = lasting(asked, decision, along) if again else None
    if along is not None and (lasts is None or lasts.along):
        return Kept(policy, along, decision, lasts)
    return Kept(policy, state, decision, lasts)
