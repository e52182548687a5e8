"""Between sessions: what an answer about a subject at rest says of every later instant, until something turns.

At rest, the set of use on record is the same from question to question. Curfews and windows stop use at instants that
do not move; quotas and sittings leave as much as they left, so the stop that they make slides with the clock. And use
that begins later is stopped no earlier by any rule. So the rule that stops first stays the same until one that does not
move comes nearer than the one that slides, and an allowed answer need only be moved, not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from minorguard.engine.course import freely
from minorguard.engine.features import turns_by_day
from minorguard.engine.look import Look
from minorguard.engine.time_rules import Check, sitting_at
from minorguard.model.decisions import Decision, Reason, iso
from minorguard.model.ids import Instant, Seconds
from minorguard.model.questions import FeatureQuestion, TimeQuestion
from minorguard.model.quickly import quickly
from minorguard.model.rules import CompiledPolicy, CurfewRule, SittingRule, WindowRule
from minorguard.model.state import SubjectState

_MOST = 8192
_ByClock = (CurfewRule, WindowRule)


@quickly
@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """An allowed answer, and how long it can be moved.

    INVARIANT: at every instant in ``[decision.decided, turns_at)`` the whole computation would say the same of this
    policy and memory, but for the seconds that have passed.
    """

    policy: CompiledPolicy
    state: SubjectState
    decision: Decision
    turns_at: Instant
    slides: bool
    """Whether the next stop moves with the clock; else it stands."""

    def holds(self, policy: CompiledPolicy, state: SubjectState, now: Instant) -> bool:
        """Whether it says something about `now`."""
        return self.state is state and self.policy is policy and self.decision.decided <= now < self.turns_at

    def at(self, now: Instant) -> Decision:
        """The answer at an instant inside."""
        drawn = self.decision
        passed, until, reasons, left = now - drawn.decided, drawn.until, drawn.reasons, drawn.remaining
        assert until is not None
        if self.slides:
            until += passed
            reasons = (_moved(reasons[0], until, drawn.zone),)
        else:
            left = {**left, "time_left_seconds": left["time_left_seconds"] - passed}
        return Decision(
            drawn.effect,
            reasons,
            drawn.policy,
            drawn.zone,
            now,
            until,
            None,
            left,
            (),
            drawn.advice,
            None,
            drawn.enforcement,
            drawn.observed_effect,
        )


def _moved(reason: Reason, until: Instant, zone: str) -> Reason:
    if "until" not in reason.data:
        return reason
    return Reason(reason.code, reason.origin, {**reason.data, "until": iso(until, zone)}, reason.lift)


Asked = TimeQuestion | FeatureQuestion
_KNOWN: dict[tuple[int, int, Asked], Rest] = {}
"""By identity of policy and memory, which the value holds. Bounded; losing it costs time alone."""


def at_rest(
    policy: CompiledPolicy, state: SubjectState, question: Asked, now: Instant, anew: Callable[[], Decision]
) -> Decision:
    """The answer to a question that names no session: moved, where one is known that can be; else `anew`."""
    key = (id(policy), id(state), question)
    known = _KNOWN.get(key)
    if known is not None and known.holds(policy, state, now):
        return known.at(now)
    decision = anew()
    rest = _draw(policy, state, question, decision, now)
    if rest is not None:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        _KNOWN[key] = rest
    return decision


def _draw(
    policy: CompiledPolicy, state: SubjectState, question: Asked, decision: Decision, now: Instant
) -> Rest | None:
    """The stretch from an answer on, if it has one."""
    until = decision.until
    if until is None or not freely(decision) or _in_use(state, now):
        return None
    look = look_at(policy, state, question)
    if isinstance(question, FeatureQuestion) and not turns_by_day(look, question.feature, now):
        return None
    slides = _slides(look, until, now)
    if slides is None:
        return None
    margin = max(until - now if slides else 0, _spare(look))
    turns = min(_edges(look, question, margin, now))
    return Rest(policy, state, decision, turns, slides) if turns > now else None


def look_at(policy: CompiledPolicy, state: SubjectState, question: Asked) -> Look:
    """The look of a question that names no session."""
    if isinstance(question, TimeQuestion):
        return Look(policy, state, question.activity, question.device)
    return Look(policy, state, None, None)


def _in_use(state: SubjectState, now: Instant) -> bool:
    """Whether use is on record that is not over: the next second would count more of it."""
    return any(session.end >= now for session in state.sessions) or any(held[-1][1] >= now for _, held in state.ledger)


def _slides(look: Look, until: Instant, now: Instant) -> bool | None:
    """Whether the stop at `until` moves with the clock; None: it may do otherwise."""
    for bound in look.rules:
        if Check(bound).first_denied(look, look.ahead(bound.rule, now), now, until + 1) != until:
            continue
        if isinstance(bound.rule, _ByClock):
            return False
        if not bound.holds(now):
            return None
        return True if isinstance(bound.rule, SittingRule) or until < look.quota(bound.rule, now).end else None
    return None


def _spare(look: Look) -> Seconds:
    """How long before a stop a new sitting is refused."""
    return max((b.rule.at_least - 1 for b in look.rules if isinstance(b.rule, SittingRule)), default=0)


def _edges(look: Look, question: Asked, margin: Seconds, now: Instant) -> Iterator[Instant]:
    """When anything turns: what stands, as soon as it comes within `margin`."""
    day_ends = look.policy.days.day_at(now)[2]
    yield day_ends - margin
    yield look.binding.adult_from - margin
    for bound in look.rules:
        yield from (edge - margin for edge in (bound.start, bound.end) if edge > now)
        if isinstance(bound.rule, _ByClock):
            denied = Check(bound).first_denied(look, (), now, day_ends)
            if denied is not None:
                yield denied - margin
        elif isinstance(bound.rule, SittingRule):
            sitting = sitting_at(bound.rule, look.counted(bound.rule), now)
            if sitting.began is not None:
                yield sitting.over
    if isinstance(question, FeatureQuestion):
        yield from (edge - margin for edge in look.binding.changes(now)[:1])
