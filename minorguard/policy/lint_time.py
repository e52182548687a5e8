"""Doubts about quotas, curfews and windows: rules that never bind, and days that never open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial, reduce
from operator import or_
from typing import TypeVar

from minorguard.model.calendar import DAY, DayKind
from minorguard.model.ids import Seconds
from minorguard.model.rules import BandPolicy, CurfewRule, Period, QuotaRule, Span, Strength, TimeRule, WindowRule
from minorguard.policy.fields import spoken
from minorguard.policy.lint_days import Day, after, before, clock_of, every_day, inside, open_minutes, stretch
from minorguard.policy.lint_ground import Doubt, Ground, Written
from minorguard.policy.positions import join

Rule = TypeVar("Rule", bound=TimeRule)
_DAYLIGHT = stretch(7 * 3_600, 21 * 3_600)
"""Hours of which minors may use some, if there is any use at all."""


def lint_time(ground: Ground) -> Iterator[Doubt]:
    """Every doubt about the hours of the bands, and about quotas in them."""
    for band in ground.timed:
        for check in (_curfews, _windows, _longer):
            yield from band.in_every_piece(partial(check, ground, band))
        yield from band.in_every_piece(partial(_unreachable, ground))
        yield from band.in_every_piece(partial(_brief, ground))
        for piece in band.pieces:
            yield from _never(ground, band, piece)
            yield from _by_night(ground, band, piece)


def _curfews(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    spans: list[Span] = band.part("time").get("curfew", [])
    rule = next((rule for rule in _of(CurfewRule, ground, piece) if ground.own(rule.origin)), None)
    if rule is None:
        return
    windows = [rule for rule in _of(WindowRule, ground, piece) if ground.own(rule.origin)]
    covered = dict(_covering(ground, spans))
    for index, span in enumerate(spans):
        if index in covered:
            message = f"`{written(span)}` lies inside {covered[index]} and changes nothing; remove it"
            yield Doubt(band.at("time", "curfew", index), "curfew.covered", message)
        elif all(_shut(ground, span, windows, activity) for activity in ground.bound(rule)):
            message = f"`{written(span)}` lies outside the windows, where nothing is open anyway; remove it or move it"
            yield Doubt(band.at("time", "curfew", index), "curfew.outside_windows", message)


def _windows(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    rule = next((rule for rule in _of(WindowRule, ground, piece) if ground.own(rule.origin)), None)
    if rule is None:
        return
    curfews = [rule for rule in _of(CurfewRule, ground, piece) if rule.origin.strength is not Strength.DEFAULT]
    spans: list[Span] = band.part("time")["windows"]
    for index, covering in _covering(ground, spans):
        message = f"`{written(spans[index])}` lies inside {covering} and opens nothing more; remove it"
        yield Doubt(band.at("time", "windows", index), "window.covered", message)
    for index, span in enumerate(spans):
        if _comes(ground, span) and all(_shut(ground, span, curfews, activity) for activity in ground.bound(rule)):
            message = f"`{written(span)}` lies inside a curfew and never opens; move one of the two"
            yield Doubt(band.at("time", "windows", index), "window.dead", message)


def _covering(ground: Ground, spans: list[Span]) -> Iterator[tuple[int, str]]:
    """Each span that lies inside others, the last of equal ones, and what it lies inside in words."""
    left = dict(enumerate(spans))
    for index, span in reversed(tuple(left.items())):
        others = [other for at, other in left.items() if at != index]
        if _comes(ground, span) and _covered(ground, span, others):
            del left[index]
            covering = next((other for other in others if _covered(ground, span, [other])), None)
            yield index, f"`{written(covering)}`" if covering else "the other spans"


def _comes(ground: Ground, span: Span) -> bool:
    """Whether some day is one of a span; that none is, is told elsewhere."""
    return any(day.matches(span) for day in ground.days)


def _covered(ground: Ground, span: Span, others: list[Span]) -> bool:
    return all(not inside([span], day, eve) & ~inside(others, day, eve) for day, eve in _pairs(ground))


def _shut(ground: Ground, span: Span, rules: Iterable[TimeRule], activity: str) -> bool:
    """Whether the rules that bind an activity leave no minute of a span open, on any day."""
    binding = [rule for rule in rules if rule.binds(activity)]
    return all(not inside([span], day, eve) & open_minutes(binding, day, eve) for day, eve in _pairs(ground))


def _pairs(ground: Ground) -> Iterator[tuple[Day, Day]]:
    """Each day with each one that may come before it."""
    return ((day, eve) for day in ground.days for eve in before(day, ground.days))


def _longer(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    for rule in _of(QuotaRule, ground, piece):
        if rule.period is Period.DAY and ground.own(rule.origin):
            for key, limit in rule.limits.seconds:
                days = [day for day in ground.days if day.key_of(rule.limits) == key]
                most = max((_open_time(ground, piece, rule, day) for day in days), default=0)
                if 0 < most < min(limit, DAY):  # longer than a whole day is told elsewhere
                    yield _longer_doubt(band, rule, key, limit, most)
        elif rule.period is Period.WEEK and ground.own(rule.origin):
            limit, most = rule.limits.seconds[0][1], _open_week(ground, piece, rule)
            if 0 < most < min(limit, 7 * DAY):
                message = f"`{spoken(limit)}` is longer than a week is open in `{band.band}`: `{spoken(most)}`"
                way_out = "lower it or open the days for longer"
                yield Doubt(rule.origin.rule, "quota.longer_than_window", f"{message}; {way_out}")


def _unreachable(ground: Ground, piece: BandPolicy) -> Iterator[Doubt]:
    """Keys of a table of days that other keys always come before, whatever a calendar brings."""
    for rule in _of(QuotaRule, ground, piece):
        if rule.period is Period.DAY and ground.own(rule.origin):
            read = {day.key_of(rule.limits) for day in every_day(ground.policy.calendar)}
            for key, _ in rule.limits.seconds:
                if key not in read:
                    message = f"`{key}` is never read, since other keys name all its days; remove it"
                    yield Doubt(join(rule.origin.rule, key), "day.unreachable", message, at_key=True)


def _longer_doubt(band: Written, rule: QuotaRule, key: str, limit: Seconds, most: Seconds) -> Doubt:
    flat = len(rule.limits.seconds) == 1 and key == "otherwise"
    message = f"`{spoken(limit)}` is longer than such a day is open in `{band.band}`: `{spoken(most)}`"
    pointer = rule.origin.rule if flat else join(rule.origin.rule, key)
    return Doubt(pointer, "quota.longer_than_window", f"{message}; lower it or open the day for longer")


def _open_time(ground: Ground, piece: BandPolicy, rule: QuotaRule, day: Day) -> Seconds:
    """The most time that a policy day is open to some activity that a quota counts."""
    cut = ground.scheme.starts_at // 60
    minutes = [_open_to_any(ground, piece, rule, day, eve) >> cut for eve in before(day, ground.days)]
    morning = [_open_to_any(ground, piece, rule, next, day) & ((1 << cut) - 1) for next in after(day, ground.days)]
    return 60 * (max(map(int.bit_count, minutes)) + max(map(int.bit_count, morning)))


def _open_week(ground: Ground, piece: BandPolicy, rule: QuotaRule) -> Seconds:
    """The most time that a week is open to some activity that a quota counts."""
    most = [0] * 7
    for day in ground.days:
        most[day.weekday] = max(most[day.weekday], _open_time(ground, piece, rule, day))
    return sum(most)


def _open_to_any(ground: Ground, piece: BandPolicy, rule: QuotaRule, day: Day, eve: Day) -> int:
    minutes = 0
    for activity in ground.bound(rule):
        minutes |= open_minutes((other for other in ground.time(piece) if other.binds(activity)), day, eve)
    return minutes


def _never(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    activity = ground.policy.default_activity
    rules = [rule for rule in ground.time(piece) if rule.binds(activity)]
    others = [rule for rule in rules if not ground.own(rule.origin)]
    meant = [rule for rule in rules if isinstance(rule, QuotaRule)]
    never = [
        f"`{kind}`"
        for kind in DayKind
        if not _ever(ground, rules, kind) and _ever(ground, others, kind) and not _closed_by_quota(ground, meant, kind)
    ]
    if never:
        key = "windows" if "windows" in band.part("time") else "curfew"
        message = f"no minute of {', '.join(never)} is ever open in `{piece.band}`"
        yield Doubt(
            band.at("time", key), "time.never", f"{message}; open one, or write `0m` under `daily` if that is meant"
        )


def _by_night(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    """Hours of the document that leave minors the night and not a minute of the day: a span the wrong way round."""
    rules = [rule for rule in ground.time(piece) if rule.binds(ground.policy.default_activity)]
    minutes = _any_day(ground, rules)
    others = [rule for rule in rules if not ground.own(rule.origin)]
    if minutes and not minutes & _DAYLIGHT and _any_day(ground, others) & _DAYLIGHT:
        windows = "windows" in band.part("time")
        meant = "a window is open between its times" if windows else "a curfew is closed between its times"
        message = f"`{band.band}` is open between 21:00 and 07:00 alone; {meant}, so exchange them if the day is meant"
        yield Doubt(band.at("time", "windows" if windows else "curfew"), "time.night_only", message)


def _any_day(ground: Ground, rules: list[TimeRule]) -> int:
    """The minutes that are open on some day."""
    return reduce(or_, (open_minutes(rules, day, eve) for day, eve in _pairs(ground)), 0)


def _brief(ground: Ground, piece: BandPolicy) -> Iterator[Doubt]:
    """Quotas of less than a minute, where minutes were probably meant."""
    for rule in _of(QuotaRule, ground, piece):
        for key, limit in rule.limits.seconds if ground.own(rule.origin) else ():
            if 0 < limit < 60:
                flat = len(rule.limits.seconds) == 1 and key == "otherwise"
                message = f"`{spoken(limit)}` is less than a minute of use; write `{limit}m` if minutes are meant"
                yield Doubt(rule.origin.rule if flat else join(rule.origin.rule, key), "quota.brief", message)


def _ever(ground: Ground, rules: list[TimeRule], kind: DayKind) -> bool:
    """Whether some minute of a kind of day is open; a kind that never comes counts as open."""
    pairs = [(day, eve) for day, eve in _pairs(ground) if day.kind is kind]
    return not pairs or any(open_minutes(rules, day, eve) for day, eve in pairs)


def _closed_by_quota(ground: Ground, quotas: list[QuotaRule], kind: DayKind) -> bool:
    days = [day for day in ground.days if day.kind is kind]
    return any(all(day.limit(rule.limits) == 0 for day in days) for rule in quotas if rule.period is Period.DAY)


def _of(kind: type[Rule], ground: Ground, piece: BandPolicy) -> list[Rule]:
    return [rule for rule in ground.time(piece) if isinstance(rule, kind)]


def written(span: Span) -> str:
    """A span as a document writes it."""
    return f"{clock_of(span.opens // 60)}-{clock_of(span.closes // 60)}"
