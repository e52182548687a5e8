"""When an answer turns: the first instant at which more of it changes than the seconds that pass.

The use that a rule counts either goes on, as the lease of a session runs, or is at rest. Curfews and windows stop use
at instants that do not move, and so does a quota or sitting whose use goes on. One at rest leaves as much as it left,
so the stop that it makes slides with the clock; and use that begins later is stopped no earlier by any rule. So the
rule that stops first stays the same until one that does not move comes nearer than the one that slides. A denial stays
until some rule begins or ends to deny.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from minorguard.engine.course import Drawn
from minorguard.engine.features import counted_until
from minorguard.engine.judge import allowed_again, leaves, left_key
from minorguard.engine.look import Look
from minorguard.engine.metering import FOREVER
from minorguard.engine.moves import Move, less_left, lifted_now, more_used, stops_later
from minorguard.engine.time_rules import LOOK_AHEAD, Check
from minorguard.model.decisions import Decision, Effect, Reason
from minorguard.model.ids import Instant, Seconds
from minorguard.model.quickly import quickly
from minorguard.model.rules import CurfewRule, SittingRule, TimeRule, WindowRule
from minorguard.model.state import SubjectState

_BY_CLOCK = (CurfewRule, WindowRule)
_TIME = {"quota.exhausted", "curfew.closed", "window.closed", "sitting.break", "sitting.too_short"}
_EXEMPT = {"mode.off", "age.adult"}
_PROTOCOL = {"session.ended", "lease.lapsed", "lease.missing"}
_LEFT = "time_left_seconds"


@quickly
@dataclass(frozen=True, slots=True)
class Lasting:
    """How long an answer lasts, and what of it moves meanwhile."""

    until: Instant
    """Exclusive."""
    along: bool
    """Whether it says the same of every memory along the course that it was asked on."""
    slides: bool
    """Whether the next stop moves with the clock; else it stands."""
    shrinking: frozenset[str]
    """What is less by every second that passes."""
    moves: tuple[Move | None, ...]
    """One for each reason, None where it stays; empty: all stay."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, as it was judged."""

    look: Look
    checks: Callable[[Look], tuple[Check, ...]]
    """What is asked of time."""
    again: Callable[[Instant, Instant], Instant | None]
    """The first instant of a stretch at which it is allowed."""
    feature: str | None = None
    opens: bool = False
    """Whether it is about a new sitting, which is denied some time before a stop."""


class _View:
    """An answer that was just given, and what is asked about it time and again."""

    __slots__ = ("asked", "day_ends", "decision", "denied_by_time", "drawn", "look", "now", "stop")

    def __init__(self, asked: Asked, decision: Decision, drawn: Drawn | None) -> None:
        left = decision.remaining.get(_LEFT)
        self.asked, self.decision = asked, decision
        self.look, self.now = asked.look, decision.decided
        self.day_ends = self.look.policy.days.day_at(self.now)[2]
        self.drawn = drawn if _judged(decision) is Effect.ALLOW else None
        """The course along which the answer shall last; None: it is about one memory."""
        self.denied_by_time = left == 0
        self.stop = self.now + left if left else None
        """The next stop; None: time denies, or nothing stops it within the look-ahead."""

    def runs(self, rule: TimeRule) -> bool:
        """Whether use goes on that a rule counts."""
        return self.look.goes_on(rule, self.now)


def _judged(decision: Decision) -> Effect:
    """The effect, whether it is enforced or only observed."""
    return decision.observed_effect or decision.effect


def lasting(asked: Asked, decision: Decision, drawn: Drawn | None = None) -> Lasting | None:
    """How long an answer lasts that was just given, `drawn` being the course that the subject is on; None: no second.

    Grace is over soon, and not looked at.
    """
    now = decision.decided
    if _judged(decision) is Effect.LIMITED or not _has_begun(asked.look.state, now):
        return None
    view = _View(asked, decision, drawn)
    stop = view.stop
    slides = stop is not None and _slides(view, stop)
    denied_at = _denied_at(view)
    checks = _denying(denied_at, now)
    shrinking, crossings = _shrinking(view)
    if stop is not None and not slides:
        shrinking |= {_LEFT}
    margin = 0 if stop is None else max(stop - now if slides else 0, _spare(view))
    until = min((*_edges(view, margin), *_denials(view, denied_at), *_horizon(view, checks), *crossings))
    if until <= now:
        return None
    return Lasting(until, view.drawn is not None, slides, shrinking, _moves(view, checks, slides))


def _has_begun(state: SubjectState, now: Instant) -> bool:
    """Whether no use is on record that begins later: a clock may have gone back."""
    starts = (held[-1][0] for _, held in state.ledger if held)
    return all(one.start < now for one in state.sessions if one.end > one.start) and all(at < now for at in starts)


def _slides(view: _View, stop: Instant) -> bool:
    """Whether the next stop moves with the clock."""
    look, now = view.look, view.now
    stops = (Check(bound).first_denied(look, look.ahead(bound.rule, now), now, stop + 1) for bound in look.rules)
    rule = next(bound.rule for bound, at in zip(look.rules, stops, strict=True) if at == stop)
    if isinstance(rule, _BY_CLOCK) or view.runs(rule):
        return False
    return isinstance(rule, SittingRule) or stop < look.quota(rule, now).end


def _spare(view: _View) -> Seconds:
    """How long before a stop it is denied already."""
    rules = (bound.rule for bound in view.look.rules if view.asked.opens)
    return max((rule.at_least - 1 for rule in rules if isinstance(rule, SittingRule)), default=0)


def _denied_at(view: _View) -> list[tuple[Check, Instant]]:
    """Where time denies: when each check that will do so today first does."""
    look, now = view.look, view.now
    checks = view.asked.checks(look) if view.denied_by_time else ()
    found = ((one, one.first_denied(look, look.counted(one.bound.rule), now, view.day_ends)) for one in checks)
    return [(check, at) for check, at in found if at is not None]


def _denying(denied_at: list[tuple[Check, Instant]], now: Instant) -> tuple[Check, ...]:
    """The checks that deny, in the order in which they are told."""
    found = [check for check, at in denied_at if at == now]
    return tuple([check for check in found if check.asking is None] or found)


def _edges(view: _View, margin: Seconds) -> Iterator[Instant]:
    """When anything turns: what stops use and stands, as soon as it comes within `margin`."""
    look, now = view.look, view.now
    yield view.day_ends - margin
    standing = [look.binding.adult_from]
    standing += [edge for bound in look.rules for edge in (bound.start, bound.end)]
    standing += [edge for bound in look.binding.bands for edge in (bound.start, bound.end)]
    standing += () if view.denied_by_time else _standing(view)
    if view.asked.feature is not None:
        standing += look.binding.changes(now)[:1]
    yield from (edge - margin for edge in standing if edge > now)
    yield from (edge for edge in _changes_of_use(view) if edge > now)
    if view.decision.again is not None:
        yield view.decision.again


def _standing(view: _View) -> Iterator[Instant]:
    """When rules will deny whose stop does not move."""
    look, now = view.look, view.now
    for bound in look.rules:
        if isinstance(bound.rule, _BY_CLOCK) or view.runs(bound.rule):
            at = Check(bound).first_denied(look, look.ahead(bound.rule, now), now, view.day_ends)
            if at is not None:
                yield at


def _changes_of_use(view: _View) -> Iterator[Instant]:
    """When use ends or begins on record, and when sittings and hours are over."""
    look, now, drawn = view.look, view.now, view.drawn
    for place, session in enumerate(look.state.sessions):
        if drawn is None or place != drawn.session:
            yield from (session.start, session.end)
    yield from (held[-1][1] for _, held in look.state.ledger if held)
    for bound in look.rules:
        if isinstance(bound.rule, SittingRule):
            over = look.sitting_over(bound.rule, now)
            if over is not None:
                yield over
    if view.asked.feature is not None:
        yield from counted_until(look, view.asked.feature, now)


def _denials(view: _View, denied_at: list[tuple[Check, Instant]]) -> Iterator[Instant]:
    """When checks begin or end to deny."""
    look, now = view.look, view.now
    for check, at in denied_at:
        used = look.counted(check.bound.rule)
        yield at if at > now else check.first_allowed(look, used, now, view.day_ends)


def _horizon(view: _View, checks: tuple[Check, ...]) -> Iterator[Instant]:
    """When what was not found within the look-ahead may be: it is looked for so much further as the day is long."""
    look, decision = view.look, view.decision
    low, high = view.now + LOOK_AHEAD, view.day_ends + LOOK_AHEAD
    found: list[Instant | None] = []
    if _judged(decision) is Effect.DENY:
        if decision.again is None and decision.reason.code not in _PROTOCOL:
            found.append(view.asked.again(low, high))
        unlifted = any(reason.data.get("allowed_at", "") is None for reason in decision.reasons)
        found += [allowed_again(look, (check,), low, high) for check in checks if unlifted]
    if not view.denied_by_time and view.stop is None and decision.reason.code not in _EXEMPT:
        found += [Check(one).first_denied(look, look.ahead(one.rule, view.now), low, high) for one in look.rules]
    if view.asked.feature is not None and decision.until is None:
        found += [edge for edge in look.binding.changes(view.now) if edge >= low]
    return (at - LOOK_AHEAD for at in found if at is not None)


def _shrinking(view: _View) -> tuple[frozenset[str], list[Instant]]:
    """Of what time is left less and less, and when that of a rule at rest is overtaken."""
    look, now = view.look, view.now
    lefts: dict[tuple[str, bool], list[Seconds]] = {}
    for bound in look.rules if any(view.runs(bound.rule) for bound in look.rules) else ():
        key, seconds = left_key(bound.rule), leaves(look, bound, now)
        if key is not None and seconds is not None:
            lefts.setdefault((key, view.runs(bound.rule)), []).append(seconds)
    shrinking, overtaken = set(), []
    for key, least in ((key, min(found)) for (key, runs), found in lefts.items() if runs):
        lead = least - min(lefts.get((key, False), (FOREVER,)))
        if lead > 0:
            overtaken.append(now + lead)
        elif least > 0:
            shrinking.add(key)
    return frozenset(shrinking), overtaken


def _moves(view: _View, checks: tuple[Check, ...], slides: bool) -> tuple[Move | None, ...]:
    """What becomes of each reason; empty: all stay."""
    denying = iter(checks)
    moves = tuple(
        [_move(view, next(denying) if one.code in _TIME else None, one, slides) for one in view.decision.reasons]
    )
    return moves if any(moves) else ()


def _move(view: _View, check: Check | None, reason: Reason, slides: bool) -> Move | None:
    if check is None:
        return stops_later if slides and "until" in reason.data else None
    by_clock = isinstance(check.bound.rule, _BY_CLOCK)
    moves = by_clock or view.runs(check.bound.rule)
    if check.asking is not None:
        return less_left if moves and reason.data["left_seconds"] else None
    if by_clock:
        return lifted_now
    return more_used if moves else None
