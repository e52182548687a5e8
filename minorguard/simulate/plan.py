"""When each step of a test happens: written times become instants, rows of beats become beats, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError

from minorguard.model.calendar import WEEKDAYS, wall_instants
from minorguard.model.decisions import iso
from minorguard.model.ids import Instant
from minorguard.model.rules import CompiledPolicy
from minorguard.policy.findings import Problem, Report, shown
from minorguard.policy.positions import join
from minorguard.simulate.prices import price
from minorguard.simulate.scenario import Case, Expectation, Moment, Step

MOST_BEATS = 20_000
"""How many beats a row may have: a week of one every half minute."""
MOST_EVENTS = 500_000
"""How much may happen in all tests of a file together, every subject's life counted: half a minute or so of work."""
_FAR = 800
"""How many days ahead a kind of day is looked for."""


class Fate(StrEnum):
    """What becomes of a beat on its way."""

    ARRIVES = "arrives"
    LOST = "lost"
    DOUBLED = "doubled"
    LATE = "late"
    """It arrives after the next one."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that happens at one instant."""

    at: Instant
    step: Step
    expect: Expectation | None = None
    row: bool = False
    """Whether it belongs to a row of beats, which ends when one is denied or the session is ended."""
    fate: Fate = Fate.ARRIVES


@dataclass(slots=True)
class Room:
    """How much may still happen in the tests of a file."""

    left: int = MOST_EVENTS

    def take(self, events: int) -> bool | None:
        """Whether there is room for so much more; None when that was denied before, and is known."""
        fits = None if self.left < 0 else events <= self.left
        self.left = self.left - events if fits else -1
        return fits


def plan(case: Case, policy: CompiledPolicy, report: Report, room: Room) -> tuple[Action, ...]:
    """The actions of a test in the order in which they happen; what is wrong goes to `report`."""
    if case.clock.second is None:
        return ()
    return _Planner(policy, report, room, len(case.subjects)).plan(case)


@dataclass(slots=True)
class _Planner:
    policy: CompiledPolicy
    report: Report
    room: Room
    lives: int
    """How many subjects live through the test."""
    floor: Instant = 0
    """Earlier than this nothing may happen any more, rows of beats aside."""
    after: Instant = 0
    """When the step before was over: for a row of beats, after the last of them."""
    opened: set[str] = field(default_factory=set)
    """The names of sessions, and of the devices that have one."""
    found: list[Action] = field(default_factory=list)

    def plan(self, case: Case) -> tuple[Action, ...]:
        assert case.clock.day is not None
        self.floor = self.after = case.clock.on(self._zone, case.clock.day)
        for step in case.steps:
            self._check_sessions(step)
            self._check_price(step)
            self._place(step)
        return tuple(sorted(self.found, key=lambda action: action.at))  # stable: ties go by the order of the text

    @property
    def _zone(self) -> str:
        return self.policy.days.zone

    @property
    def _today(self) -> date:
        return self.policy.days.local_date(self.floor)

    def _place(self, step: Step) -> None:
        if step.day is not None:
            self._turn_to(step)
        if step.kind == "day":
            for moment in step.at:
                self._moment(step, moment)
            return
        for index, instant in enumerate(list(self._instants(step))):
            expect = step.expect[index if len(step.expect) > 1 else 0] if step.expect else None
            if "every" in step.data:
                self._row(step, instant, expect)
            elif self._fits(step.data.get("times", 1), step.pointer):
                self.found.append(Action(instant, step, expect))

    def _instants(self, step: Step) -> Iterator[Instant]:
        if not step.at:
            first = self.after + (step.data.get("every", 0) if step.day is None else 0)
            self.floor = max(self.floor, self.after)
            self.after = first
            yield first
        for moment in step.at:
            yield self._moment(step, moment)

    def _moment(self, step: Step, moment: Moment) -> Instant:
        """The instant of a written time, to which the clock moves on."""
        at = self.after + moment.after if moment.after is not None else moment.on(self._zone, self._today)
        if at < self.floor:
            now = iso(self.floor, self._zone)[:19].replace("T", " ")
            message = f"{shown(moment.written)} is earlier than the step before, at {now}; time does not go back"
            way_out = "write a later time, or begin the next day with `{day: next}`"
            self.report.error("suite.order", join(step.pointer, "at"), f"{message}: {way_out}")
        self.floor = self.after = max(at, self.floor)
        return self.floor

    def _turn_to(self, step: Step) -> None:
        """Move the clock to the start of another date."""
        pointer, today = join(step.pointer, "day"), self._today
        day = self._date(step.day)
        if day is None:
            name = self.policy.calendar.name
            message = f"calendar `{name}` is sure of no `{step.day}` after {today}; write a date instead"
            self.report.error("suite.day", pointer, message)
        elif day < today:
            message = f"`{day}` is before {today}, the day of the step before; time does not go back, write a later day"
            self.report.error("suite.order", pointer, message)
        elif day > today:
            self.floor = self.after = wall_instants(self._zone, day, 0)[0]

    def _date(self, word: date | str | None) -> date | None:
        if isinstance(word, date):
            return word
        days = (self._today + timedelta(days=ahead) for ahead in range(1, _FAR))
        return next((day for day in days if self._is(day, str(word))), None)

    def _is(self, day: date, word: str) -> bool:
        if word == "next":
            return True
        return WEEKDAYS[day.weekday()] == word or [kind.value for kind in self.policy.calendar.kinds(day)] == [word]

    def _row(self, step: Step, first: Instant, expect: Expectation | None) -> None:
        every, until = step.data["every"], step.data["until"]
        begin = first if step.at else first - every
        last = until.following(self._zone, begin)
        beats = range(first, last + 1, every)
        if not 0 < len(beats) <= MOST_BEATS:
            message = "these are too many beats" if beats else f"no beat is due before {shown(until.written)}"
            message = f"{message}; write another `until` or `every`"
            self.report.error("suite.beats", join(step.pointer, "until"), message)
            return
        self.after = beats[-1]
        if not self._fits(len(beats), join(step.pointer, "until")):
            return
        fates = self._fates(step, beats)
        self.found += (Action(at, step, expect, row=True, fate=fates.get(at, Fate.ARRIVES)) for at in beats)

    def _fits(self, events: int, pointer: str) -> bool:
        fits = self.room.take(events * self.lives)
        if fits is False:
            message = "too much happens in the tests of this file by here; write fewer beats, or split the file"
            self.report.error("suite.too_long", pointer, message)
        return bool(fits)

    def _fates(self, step: Step, beats: range) -> dict[Instant, Fate]:
        fates: dict[Instant, Fate] = {}
        for key, fate in (("drop", Fate.LOST), ("duplicate", Fate.DOUBLED), ("late", Fate.LATE)):
            for index, moment in enumerate(step.data.get(key, ())):
                at, pointer = moment.following(self._zone, beats[0]), join(step.pointer, key, index)
                if at not in beats:
                    message = f"no beat is due at {shown(moment.written)}; the first is at {self._clock(beats[0])}"
                    self.report.error("suite.beats", pointer, f"{message}; write the time of one")
                elif fate is Fate.LATE and at == beats[-1]:
                    message = f"no beat comes after {shown(moment.written)}; write an earlier one"
                    self.report.error("suite.beats", pointer, message)
                fates[at] = fate
        return fates

    def _clock(self, at: Instant) -> str:
        return iso(at, self._zone)[11:19]

    def _check_price(self, step: Step) -> None:
        asked = step.data.get("ask", step.data)
        if "purchase" not in asked:
            return
        try:
            price(asked, self.policy)
        except ValidationError as error:
            pointer = join(step.pointer, *(("ask",) if step.kind == "ask" else ()), "purchase")
            for problem in error.messages:
                assert isinstance(problem, Problem)
                self.report.add(pointer, problem)

    def _check_sessions(self, step: Step) -> None:
        data: dict[str, Any] = dict(step.data)
        if step.kind == "open":
            self.opened |= {data["open"], data.get("session", data["open"])}
            return
        key = step.kind if step.kind in {"beat", "end"} else "session"
        name = data.get(key)
        if name is not None and name not in self.opened:
            known = ", ".join(f"`{one}`" for one in sorted(self.opened)) or "none"
            message = f"{shown(name)} was not opened before; open it in a step above. Open by now: {known}"
            self.report.error("suite.session", join(step.pointer, key), message)
