"""What a suite of policy tests says: subjects, tests, their steps, and what is expected, as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from minorguard.model.age import AgeBand
from minorguard.model.calendar import wall_instants, zone
from minorguard.model.ids import Instant, Seconds
from minorguard.model.state import Profile
from minorguard.policy.positions import Positions

SUBJECT = "subject"
"""The id of the subject that a test lives through."""
_HALF_A_YEAR = timedelta(days=182)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as it is written: a time of day, one with its date, so long `after` another, or never."""

    written: str
    day: date | None = None
    second: Seconds | None = None
    """Of the wall clock."""
    after: Seconds | None = None

    @property
    def never(self) -> bool:
        """Whether it says that there is no such time."""
        return self.second is None and self.after is None

    def on(self, zone_name: str, today: date) -> Instant:
        """The instant of a time of day, on its own date or else on `today`: the first at which the wall shows it."""
        assert self.second is not None
        return wall_instants(zone_name, self.day or today, self.second)[0]

    def following(self, zone_name: str, at: Instant) -> Instant:
        """The instant that is meant by who looks ahead from `at`: a time without a date is the next such one."""
        if self.after is not None:
            return at + self.after
        today = datetime.fromtimestamp(at, zone(zone_name)).date()
        if self.day is not None:
            return self.on(zone_name, today)
        assert self.second is not None
        shown = (wall_instants(zone_name, day, self.second) for day in (today, today + timedelta(days=1)))
        return next(instant for both in shown for instant in both if instant >= at)


@dataclass(frozen=True, slots=True)
class Subject:
    """Who lives through a test. Neither age, birth date nor band: of unknown age."""

    age: int | None = None
    """In whole years, at the start of the test and for some months before and after it."""
    born: date | None = None
    band: AgeBand | None = None
    mode_on: bool = True
    guardian: Mapping[str, Any] = field(default_factory=dict)
    """The guardian's settings, as they are written."""
    pointer: str = ""
    """Where it stands."""

    def profile(self, policy: str, today: date) -> Profile:
        """The subject as a policy sees it."""
        born = self.born if self.age is None else _born(self.age, today)
        return Profile(SUBJECT, policy, born=born, band=self.band, mode_on=self.mode_on)


def _born(age: int, today: date) -> date:
    """A birth date half a year away from any birthday."""
    had_birthday = today - _HALF_A_YEAR
    return had_birthday.replace(year=had_birthday.year - age, day=min(had_birthday.day, 28))


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a decision must say, by the keys of `expect`, and where each of them stands."""

    pointer: str
    wanted: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a test: when, what happens or is asked, and what is expected of the answer."""

    number: int
    """From 1, in its test."""
    pointer: str
    kind: str
    """`open`, `beat`, `end`, `ask`, `use`, `grant`, `offline`, `purchase`, `notify`, `look` or `day`."""
    data: Mapping[str, Any]
    at: tuple[Moment, ...] = ()
    day: date | str | None = None
    expect: tuple[Expectation, ...] = ()
    """None, one for all times, or one for each time of `at`."""


@dataclass(frozen=True, slots=True)
class Case:
    """A test, written once, that is run for each of its subjects."""

    name: str
    pointer: str
    clock: Moment
    subjects: tuple[tuple[str, Subject], ...]
    """Each with what is added to the name: nothing, or ` (age 8)`."""
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """A file of policy tests."""

    file: str
    policy: str
    """As it is written: a file, or an id."""
    cases: tuple[Case, ...]
    positions: Positions
    terms: tuple[Mapping[str, Any], ...] = ()
    """What texts are looked through for; none: the list that MinorGuard ships."""
