"""What is special about a day of a preview: birthdays, bands and rules that begin or end, clocks that change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from minorguard.engine.look import Look
from minorguard.model.age import ADULT, birthday
from minorguard.model.calendar import YearState, wall_instants
from minorguard.model.ids import Instant
from minorguard.model.rules import CompiledPolicy, Origin
from minorguard.model.state import Profile
from minorguard.model.texts import reason_text
from minorguard.simulate.rule_words import spoken, texts
from minorguard.simulate.wall import clock_changes
from minorguard.simulate.week import Mark


def marks(
    policy: CompiledPolicy, profile: Profile, look: Look, day: date, start: Instant, end: Instant
) -> tuple[Mark, ...]:
    """The marks of a policy day, in order of time."""
    found = [
        *_year(policy, day, start),
        *_birthday(policy, profile, start, end),
        *_clocks(policy, start, end),
        *(_bands(look, start, end) if profile.mode_on else ()),
        *(_effective(policy, look, start, end) if profile.mode_on else ()),
    ]
    return tuple(sorted(found, key=lambda mark: mark.at))


def _year(policy: CompiledPolicy, day: date, start: Instant) -> Iterator[Mark]:
    state = policy.calendar.state(day.year)
    if state is not YearState.ANNOUNCED:
        data = {"calendar": policy.calendar.name, "year": day.year, "state": state.value}
        yield Mark(start, "calendar.unknown_year", data, reason_text("calendar.unknown_year", data))


def _birthday(policy: CompiledPolicy, profile: Profile, start: Instant, end: Instant) -> Iterator[Mark]:
    if profile.born is None:
        return
    days = policy.days
    on, last = days.local_date(start), days.local_date(end)
    while on <= last:
        age = on.year - profile.born.year
        at = wall_instants(days.zone, on, 0)[0]
        if age > 0 and birthday(profile.born, age) == on and start <= at < end:
            yield Mark(at, "age.birthday", {"age": age}, texts(f"满{age}周岁", f"turns {age}"))
        on += timedelta(days=1)


def _clocks(policy: CompiledPolicy, start: Instant, end: Instant) -> Iterator[Mark]:
    # A change at the very start of a day belongs to it: it is the day that lacks the hour.
    for at, before, after in clock_changes(policy.days.zone, start - 1, end):
        by = after - before
        zh, en = spoken(abs(by))
        text = texts(f"时钟拨{'快' if by > 0 else '慢'}{zh}", f"clocks go {'forward' if by > 0 else 'back'} by {en}")
        yield Mark(at, "clock.changed", {"by_seconds": by, "day_seconds": end - start}, text)


def _bands(look: Look, start: Instant, end: Instant) -> Iterator[Mark]:
    edges = sorted({edge for bound in look.binding.bands for edge in (bound.start, bound.end) if start <= edge < end})
    for at in edges:
        before = [str(band.band) for band in look.binding.bands_at(at - 1)]
        after = [str(band.band) for band in look.binding.bands_at(at)]
        if before != after:
            yield Mark(at, "band.changed", {"from": before, "to": after}, _band_words(before, after))


def _band_words(before: list[str], after: list[str]) -> dict[str, str]:
    if not after:
        return texts(f"年满{ADULT}周岁，不再限制", f"of age ({ADULT}): no rule applies")
    zh, en = " 与 ".join(after), " and ".join(after)
    if len(after) > len(before):
        return texts(f"年龄段 {zh} 同时适用", f"bands {en} hold at once")
    return texts(f"年龄段 {zh} 适用", f"band {en} holds")


def _effective(policy: CompiledPolicy, look: Look, start: Instant, end: Instant) -> Iterator[Mark]:
    said: set[tuple[Instant, str, str]] = set()
    for origin in _origins(look, start, end):
        for on, code in ((origin.effective_from, "rule.begins"), (origin.effective_to, "rule.ends")):
            at = None if on is None else wall_instants(policy.days.zone, on, 0)[0]
            if at is None or not start <= at < end or (at, code, _name(origin)) in said:
                continue
            said.add((at, code, _name(origin)))
            yield Mark(at, code, {"rule": origin.rule, "document": origin.document}, _effective_words(code, origin))


def _name(origin: Origin) -> str:
    return f"{origin.document} {origin.rule}"


def _effective_words(code: str, origin: Origin) -> dict[str, str]:
    if code == "rule.begins":
        return texts(f"{_name(origin)} 开始生效", f"{_name(origin)} comes into effect")
    return texts(f"{_name(origin)} 不再生效", f"{_name(origin)} is no longer in effect")


def _origins(look: Look, start: Instant, end: Instant) -> Iterator[Origin]:
    """Every rule of the bands that hold on a day, and of time those that bind the activity."""
    for bound in look.binding.bands:
        if bound.start >= end or bound.end <= start:
            continue
        band: Any = bound.rule
        yield from (rule.origin for rule in band.time if rule.binds(look.activity))
        for layer in band.features:
            yield from (rule.origin for rule in (*layer.rules, *((layer.default,) if layer.default else ())))
        for section in (band.spending, band.content, band.recommendations, band.notifications):
            yield from (rule.origin for rule in section)
