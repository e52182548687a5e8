"""What is to be seen of time rules, and which questions see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import assert_never

from minorguard.engine.binding import Bound
from minorguard.engine.day_limits import limit_on
from minorguard.engine.judge import judge_opening, leaves
from minorguard.engine.look import Look
from minorguard.engine.time_rules import Check, closed, opened, quota_used
from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant, Seconds
from minorguard.model.rules import BandPolicy, CurfewRule, Origin, QuotaRule, SittingRule, Span, TimeRule, WindowRule
from minorguard.simulate.decision_words import duration

NEAR: Seconds = 60
"""How near to an edge a question must be to have seen one of its sides."""

_DENIES = "a question that it denies"
_PASSES = "a question that it lets pass"
_TOO_SHORT = "an opening that it refuses as too short"
_USED, _ON_END = "of use", "on end"
_ASKED = "a question"


def time_goals(rule: TimeRule) -> Iterator[str]:
    """The goals of a time rule."""
    match rule:
        case CurfewRule() | WindowRule():
            yield from (_DENIES, _PASSES)
            yield from edge_goals(rule.spans, _ASKED)
        case QuotaRule():
            for limit in sorted({seconds for _, seconds in rule.limits.seconds}):
                yield from _threshold(limit, _USED)
        case SittingRule():
            for limit in sorted(_lengths(rule)):
                yield from _threshold(limit, _ON_END)
            if rule.at_least > 1:
                yield from (_TOO_SHORT, _enough(rule.at_least))
        case _:
            assert_never(rule)


def edge_goals(spans: Iterable[Span], asked: str) -> Iterator[str]:
    """Both sides of each edge of spans."""
    for second in sorted({edge % DAY for span in spans for edge in (span.opens, span.closes)}):
        yield from (_before(second, asked), _from(second, asked))


def _before(second: Seconds, asked: str) -> str:
    return f"{asked} in the last minute before {_wall(second)}"


def _from(second: Seconds, asked: str) -> str:
    return f"{asked} in the first minute from {_wall(second)} on"


def _wall(second: Seconds) -> str:
    hours, minutes = divmod(second % DAY // 60, 60)
    return f"{hours:02}:{minutes:02}"


def _lengths(rule: SittingRule) -> set[Seconds]:
    return {rule.remind_after or 0, rule.break_after or 0} - {0}


def _threshold(limit: Seconds, what: str) -> Iterator[str]:
    if limit:
        yield _nearly(limit, what)
    yield _after(limit, what)


def _after(limit: Seconds, what: str) -> str:
    return f"a question after {duration(limit)} {what}"


def _nearly(limit: Seconds, what: str) -> str:
    return f"a question in the minute before {duration(limit)} {what}"


def _enough(least: Seconds) -> str:
    return f"an opening with {duration(least)} to {duration(least + NEAR)} left"


def time_reached(look: Look, band: BandPolicy, now: Instant) -> Iterator[tuple[Origin, str]]:
    """What a question of time or of a feature shows of the time rules of a band."""
    for bound in _bound(look, band, now):
        yield from ((bound.rule.origin, words) for words in _reached(look, bound, now))


def _bound(look: Look, band: BandPolicy, now: Instant) -> list[Bound[TimeRule]]:
    """The rules of a band that speak of what is looked at."""
    own = {id(rule) for rule in band.time}
    return [bound for bound in look.rules if id(bound.rule) in own and bound.holds(now)]


def _reached(look: Look, bound: Bound[TimeRule], now: Instant) -> Iterator[str]:
    rule = bound.rule
    match rule:
        case CurfewRule() | WindowRule():
            yield _DENIES if Check(bound).first_denied(look, (), now, now + 1) == now else _PASSES
            yield from edges_reached(look, rule.spans, now, _ASKED, windows=isinstance(rule, WindowRule))
        case QuotaRule():
            yield from _quota_reached(look, rule, now)
        case SittingRule():
            used = look.sitting(rule, now).used
            yield from _thresholds_reached(_lengths(rule), used, _ON_END)
        case _:
            assert_never(rule)


def edges_reached(
    look: Look, spans: Iterable[Span], now: Instant, asked: str, *, windows: bool = False
) -> Iterator[str]:
    """The sides of edges of spans that are near."""
    days, calendar = look.policy.days, look.policy.calendar
    stretches = opened if windows else closed
    today = days.local_date(now)
    for span in spans:
        for ahead in (-1, 0, 1):
            for stretch in stretches(days.zone, calendar, (span,), today + timedelta(days=ahead)):
                for edge, second in zip(stretch, (span.opens, span.closes), strict=True):
                    if edge - NEAR <= now < edge:
                        yield _before(second, asked)
                    elif edge <= now < edge + NEAR:
                        yield _from(second, asked)


def _quota_reached(look: Look, rule: QuotaRule, now: Instant) -> Iterator[str]:
    day = look.day_of(now)
    written = limit_on(rule.limits, day, look.policy.calendar.kinds(day))
    limit = look.quota(rule, now).limit
    if written is not None and limit is not None:
        raised = limit - written  # by the day's grants; the goal is known by what is written
        yield from _thresholds_reached((written,), quota_used(look, rule, now) - raised, _USED)


def _thresholds_reached(limits: Iterable[Seconds], used: Seconds, what: str) -> Iterator[str]:
    for limit in limits:
        if used >= limit:
            yield _after(limit, what)
        elif used >= limit - NEAR:
            yield _nearly(limit, what)


def opening_reached(look: Look, band: BandPolicy, now: Instant) -> Iterator[tuple[Origin, str]]:
    """What an opening shows of the rules of a band that want a sitting to last."""
    rules = [bound.rule for bound in _bound(look, band, now)]
    asking = [rule for rule in rules if isinstance(rule, SittingRule) and rule.at_least > 1]
    if not asking:
        return
    answer = judge_opening(look, now)
    refusing = {id(check.asking.rule) for check in answer.denying if check.asking is not None}
    left = min((one for bound in look.rules if (one := leaves(look, bound, now)) is not None), default=0)
    for rule in asking:
        if id(rule) in refusing:
            yield rule.origin, _TOO_SHORT
        elif not answer.denying and rule.at_least <= left < rule.at_least + NEAR:
            yield rule.origin, _enough(rule.at_least)
