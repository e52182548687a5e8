"""A made-up subject at an instant: what ``decide``, ``forecast`` and ``preview`` ask about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from typing import Any

import click

from minorguard.cli.grants import GivenTime, GrantType, grants
from minorguard.cli.options import DateType, DurationType, WallSpanType, WallTime, WallTimeType, json_option
from minorguard.clock import SystemClock, floor_seconds
from minorguard.engine.metering import union
from minorguard.errors import InvalidInput
from minorguard.model.age import AgeBand
from minorguard.model.decisions import iso
from minorguard.model.ids import Instant, Seconds, check_word
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Grant, Interval, Intervals, Profile, SubjectState
from minorguard.policy import PolicyBook

_ONE_AGE = "give exactly one of `--age`, `--age-band`, `--birth-date` and `--unknown-age`"
DEVICE = "cli"
GAP: Seconds = 1
"""Between the end of what `--used` puts and `--at`; shorter than any break, so that the sitting goes on."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Who asks, under which policy, when, and after how much use."""

    policy: CompiledPolicy
    state: SubjectState
    now: Instant
    activity: str | None
    intervals: Intervals

    def assumed(self) -> dict[str, Any]:
        """What was made up, for programs."""
        zone = self.policy.days.zone
        profile = self.state.profile
        return {
            "age_band": None if profile.band is None else str(profile.band),
            "birth_date": None if profile.born is None else profile.born.isoformat(),
            "activity": self.activity or self.policy.default_activity,
            "used": [{"start": iso(start, zone), "end": iso(end, zone)} for start, end in self.intervals],
            "grants": [
                {"day": one.day.isoformat(), "seconds": one.seconds, "activity": one.activity}
                for one in self.state.grants
            ],
        }


_OPTIONS = (
    click.option(
        "--policy",
        "path",
        required=True,
        type=click.Path(exists=True, path_type=Path),
        help="A policy file, or a folder that holds one policy.",
    ),
    click.option("--age", type=click.IntRange(0, 99), help="In whole years on that day, and for half a year after it."),
    click.option("--age-band", help="Such as 12-16: 12 up to, not including, 16."),
    click.option("--birth-date", type=DateType(), help="Such as 2013-05-01."),
    click.option("--unknown-age", is_flag=True, help="Nothing is known: the strictest of all bands holds."),
    click.option("--at", type=WallTimeType(), help="In the policy's zone, unless it has an offset. [default: now]"),
    click.option(
        "--used",
        type=DurationType(),
        default="0s",
        help=f"Put that much use before --at, without a pause, ending {GAP} second before it.",
    ),
    click.option(
        "--session",
        "sessions",
        type=WallSpanType(),
        multiple=True,
        help="Put use from START to END, like --at; may be repeated.",
    ),
    click.option(
        "--grant",
        "given",
        type=GrantType(),
        multiple=True,
        help="Extra time for a day: 2026-11-28=30m, or 2026-11-28=30m:game for one activity; may be repeated.",
    ),
    click.option("--activity", help="What the use is, and what is asked about. [default: the policy's]"),
    json_option,
)


def situation_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that make up a situation, and hand it a `Situation`."""
    return _with_options(command, planned=False)


def planned_situation_options(command: Callable[..., int]) -> Callable[..., int]:
    """The same, for a command that looks ahead: `--session` may put use after `--at`, too."""
    return _with_options(command, planned=True)


def _with_options(command: Callable[..., int], *, planned: bool) -> Callable[..., int]:
    @wraps(command)
    def with_situation(
        *,
        path: Path,
        age: int | None,
        age_band: str | None,
        birth_date: date | None,
        unknown_age: bool,
        at: WallTime | None,
        used: Seconds,
        sessions: Sequence[tuple[WallTime, WallTime]],
        given: Sequence[GivenTime],
        activity: str | None,
        **others: Any,  # noqa: ANN401  # the command's own options
    ) -> int:
        policy = only_policy(path)
        now = floor_seconds(SystemClock().now_ns()) if at is None else at.instant(policy.days.zone)
        born = birth_date if age is None else born_for(age, policy.days.day_of(now))
        if age is not None and birth_date is not None:
            raise click.UsageError(_ONE_AGE)
        profile = _profile(policy, age_band, born, unknown=unknown_age)
        spans = _sessions(policy.days.zone, sessions, None if planned else now)
        intervals = _intervals(now, used, spans)
        return command(_situation(policy, profile, now, activity, intervals, grants(policy, given, now)), **others)

    for option in reversed(_OPTIONS):
        with_situation = option(with_situation)
    return with_situation


def only_policy(path: Path) -> CompiledPolicy:
    """The policy of a file or folder. Raises `InvalidInput` if there are several."""
    book = PolicyBook.load(path)
    if len(book) != 1:
        raise InvalidInput("--policy", f"`{path}` holds {len(book)} policies; name the file of one")
    return book[book.ids[0]]


def _profile(policy: CompiledPolicy, band: str | None, born: date | None, *, unknown: bool) -> Profile:
    if (band is not None) + (born is not None) + unknown != 1:
        raise click.UsageError(_ONE_AGE)
    return Profile("cli", policy.id, born=born, band=None if band is None else AgeBand.parse(band))


def born_for(age: int, on: date) -> date:
    """A birth date of someone who is `age` on a date and for half a year after it."""
    half = on - timedelta(days=183)
    try:
        return half.replace(year=half.year - age)
    except ValueError:
        return half.replace(year=half.year - age, day=28)


def _intervals(now: Instant, used: Seconds, spans: list[Interval]) -> Intervals:
    if used:
        spans = [*spans, (now - GAP - used, now - GAP)]
    return union((span,) for span in spans)


def _sessions(zone: str, sessions: Sequence[tuple[WallTime, WallTime]], upto: Instant | None) -> list[Interval]:
    return [_span(start.instant(zone), end.instant(zone), upto) for start, end in sessions]


def _span(start: Instant, end: Instant, upto: Instant | None) -> Interval:
    if end <= start:
        raise InvalidInput("--session", "ends before it starts; write it as START/END")
    if upto is not None and end > upto:
        raise InvalidInput("--session", "ends after `--at`; what comes later has not been used yet")
    return start, end


def _situation(
    policy: CompiledPolicy,
    profile: Profile,
    now: Instant,
    activity: str | None,
    intervals: Intervals,
    granted: tuple[Grant, ...],
) -> Situation:
    if activity is not None:
        check_word("--activity", activity)
    track = (DEVICE, activity or policy.default_activity)
    ledger = ((track, intervals),) if intervals else ()
    return Situation(policy, SubjectState(profile, ledger=ledger, grants=granted), now, activity, intervals)
