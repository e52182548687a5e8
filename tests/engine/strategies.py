"""Cases for the oracle tests: a policy, a subject and what happens to it, on a lattice of ticks.

`MINORGUARD_CASES` is how many cases a whole file of tests may try, all its tests together; the default keeps it short.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from minorguard.model.age import AgeBand
from minorguard.model.calendar import Calendar, DayScheme, YearState
from minorguard.model.events import (
    Event,
    GrantGiven,
    HeartbeatReceived,
    OfflineUseReported,
    SessionEnded,
    SessionOpened,
    SubjectPut,
)
from minorguard.model.rules import (
    LONGEST_GAP,
    BandPolicy,
    CompiledPolicy,
    CurfewRule,
    DayLimits,
    Devices,
    Layer,
    Origin,
    Period,
    QuotaRule,
    SittingRule,
    Span,
    Strength,
    TimeRule,
    WindowRule,
)
from minorguard.model.state import Grant, Profile
from tests.oracle import wall
from tests.oracle.world import World

T = TypeVar("T")
ACTIVITIES = ("general", "study", "game")
DEVICES = ("phone", "tablet", "tv")
SUBJECT = "kid"

PLACES = (
    ("Asia/Shanghai", "2026-10-01"),  # no change at all
    ("America/New_York", "2026-03-08"),  # 02:00 to 03:00
    ("America/New_York", "2026-11-01"),  # 02:00 back to 01:00
    ("Europe/London", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-04-05"),  # half an hour back
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Asia/Kathmandu", "2027-12-31"),  # 05:45
    ("Pacific/Chatham", "2026-09-27"),  # 12:45, at 02:45
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Antarctica/Troll", "2026-03-29"),  # two hours
    ("Antarctica/Troll", "2026-10-25"),
    ("Africa/Cairo", "2026-04-24"),  # midnight does not exist
    ("Africa/Cairo", "2026-10-30"),  # at midnight back to 23:00 of the day before
    ("America/Havana", "2026-03-08"),  # midnight does not exist
    ("America/Havana", "2026-11-01"),  # midnight comes twice
    ("Asia/Beirut", "2024-10-27"),  # at midnight back to 23:00
    ("America/Santiago", "2026-09-06"),
    ("Asia/Tehran", "2022-03-22"),
    ("Atlantic/Azores", "2026-10-25"),  # midnight comes twice
    ("Pacific/Apia", "2021-04-04"),
    ("Europe/Volgograd", "2020-12-27"),
    ("Africa/Juba", "2021-02-01"),
    ("America/Nuuk", "2024-03-31"),
    ("Asia/Gaza", "2026-03-28"),
    ("Europe/Berlin", "2028-02-29"),
)


@dataclass(frozen=True)
class Scale:
    """How fine a family of cases is, and how long: all durations are so many ticks."""

    name: str
    tick: int
    ticks: int
    events: int
    """Ticks from the start within which things happen."""
    before: int
    """Seconds before the change of clocks at which the world may begin, at most."""
    forecast_days: int
    short: tuple[int, ...]
    """Durations of a rule, in ticks."""
    gap: tuple[int, ...]
    """Waits between events, in ticks, next to those about one slice."""


SECONDS = Scale("seconds", 1, 3_600, 2_400, 2_000, 1, (1, 2, 7, 30, 60, 61, 300, 901), (0, 1, 5, 20, 100, 500))
MINUTES = Scale(
    "minutes", 60, 3_600, 2_160, 86_400, 1, (1, 5, 15, 30, 45, 60, 61, 90, 120, 240, 600), (0, 1, 3, 10, 40, 200, 720)
)
QUARTERS = Scale(
    "quarters", 900, 2_300, 768, 345_600, 14, (1, 2, 3, 4, 6, 8, 12, 16, 32, 48, 96), (0, 1, 2, 5, 12, 40, 96)
)
HOURS = Scale(
    "hours", 3_600, 1_400, 960, 1_728_000, 14, (1, 2, 3, 5, 8, 12, 24, 40, 100), (0, 1, 2, 8, 24, 49, 60, 150)
)
SCALES = (SECONDS, MINUTES, QUARTERS, HOURS)


@dataclass(frozen=True)
class Case:
    """What one run of the engine and of the oracle is given."""

    scale: Scale
    world: World
    policy: CompiledPolicy
    profile: Profile
    events: tuple[tuple[int, Event], ...]
    end: int


def cases(share: float) -> settings:
    """Settings of a test that tries its share of `MINORGUARD_CASES`."""
    total = int(os.environ.get("MINORGUARD_CASES", "1000"))
    return settings(
        max_examples=max(1, round(total * share)),
        deadline=None,
        print_blob=True,
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


_BELOW = {size: st.integers(0, size - 1) for size in range(1, 129)}


class Dice:
    """Choices drawn from Hypothesis; the first of a list is the simplest."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int], scale: Scale, world: World) -> None:
        self._draw = draw
        self.scale = scale
        self.world = world

    def below(self, size: int) -> int:
        """One of 0 … size − 1."""
        found = _BELOW.get(size)
        return self._draw(st.integers(0, size - 1) if found is None else found)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def rarely(self, one_in: int = 4) -> bool:
        """True once in so many."""
        return self.below(one_in) == one_in - 1

    def ticks(self) -> int:
        """A duration in seconds, at least one tick."""
        return self.pick(self.scale.short) * self.scale.tick

    def some(self, options: Sequence[T]) -> frozenset[T]:
        """A few of the options."""
        bits = self.below(2 ** len(options)) if len(options) < 8 else None
        if bits is not None:
            return frozenset(option for index, option in enumerate(options) if bits >> index & 1)
        return frozenset(self.pick(options) for _ in range(1 + self.below(3)))

    def wall(self) -> int:
        """A wall time in ``[0, 86400)``: near the start of the world, or a whole hour, or any."""
        tick = self.scale.tick
        kind = self.below(3)
        if kind == 0:
            return self.below(24) * 3_600
        if kind == 1 or self.scale is SECONDS:
            begins = wall.local_second(self.world.zone, self.world.origin) % 86_400
            spread = min(self.world.ticks, 86_400 // tick)
            return (begins + self.below(spread) * tick) % 86_400
        return self.below(86_400 // tick) * tick

    def date(self) -> date:
        """A date near the world."""
        dates = self.world.dates()
        return date.fromordinal(dates[self.below(len(dates))])


@cache
def change(place: tuple[str, str]) -> int:
    """The instant around which a place is interesting: its change of clocks, or else its midnight."""
    zone, day = place
    noon = int(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC).timestamp())
    found = wall.changes(zone, noon - 2 * wall.DAY, noon + 2 * wall.DAY)
    return found[0][0] if found else wall.first(zone, date.fromisoformat(day).toordinal())


@cache
def places(scale: Scale) -> tuple[tuple[str, str], ...]:
    """The places whose clocks fit the tick of a scale."""
    return tuple(
        place
        for place in PLACES
        if all(
            wall.offset(place[0], change(place) + days * wall.DAY) % scale.tick == 0
            for days in (-2, 2, *range(-100, 101, 20))
        )
        and change(place) % scale.tick == 0
    )


DAY_NAMES = ("school_day", "weekend", "holiday", "makeup_workday", "mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _origin(dice: Dice, where: str) -> Origin:
    strength = dice.pick((Strength.PRACTICE, Strength.LAW))
    layer = Layer.LAW if strength is Strength.LAW else Layer.PRODUCT
    low = high = None
    if dice.rarely(8):
        low = dice.date()
        high = low + timedelta(days=1 + dice.below(3)) if dice.rarely(2) else None
    elif dice.rarely(12):
        high = dice.date()
    return Origin(where, layer, "policy", strength, effective_from=low, effective_to=high)


def _limits(dice: Dice, *, daily: bool) -> DayLimits:
    factor = 1 if daily else dice.pick((1, 3))
    if not daily or not dice.rarely(3):
        return DayLimits.flat(0 if dice.rarely(12) else dice.ticks() * factor)
    names = [*sorted(dice.some(DAY_NAMES)), *(["otherwise"] if dice.rarely(2) else [])]
    return DayLimits(tuple((name, 0 if dice.rarely(6) else dice.ticks()) for name in names))


def _span(dice: Dice) -> Span:
    opens, closes = dice.wall(), dice.wall()
    if dice.rarely(8):
        closes = 86_400
    return Span(opens, closes, dice.some(DAY_NAMES) if dice.rarely() else None)


def _sitting(dice: Dice, **common: Any) -> SittingRule:
    breaks = not dice.rarely(5)
    most = LONGEST_GAP // dice.scale.tick * dice.scale.tick
    return SittingRule(
        resets_after=min(dice.ticks(), most),
        break_after=dice.ticks() if breaks else None,
        break_for=min(dice.ticks(), most) if breaks else 0,
        remind_after=dice.ticks() if dice.rarely(3) else None,
        at_least=dice.pick(dice.scale.short[:5]) * dice.scale.tick if dice.rarely(3) else 0,
        slot="sitting",
        **common,
    )


def _rule(dice: Dice, where: str) -> TimeRule:
    kind = dice.below(8)
    common: dict[str, Any] = {"origin": _origin(dice, where)}
    if dice.rarely(5):
        common["only"] = dice.some(ACTIVITIES)
    if dice.rarely(5):
        common["exempt"] = dice.some(ACTIVITIES)
    if kind < 4:
        period = (Period.DAY, Period.DAY, Period.WEEK, Period.MONTH)[kind]
        return QuotaRule(
            period=period,
            limits=_limits(dice, daily=period is Period.DAY),
            devices=Devices.EACH if dice.rarely() else Devices.UNION,
            raise_at_most=dice.ticks() if period is Period.DAY and dice.rarely(2) else 0,
            slot=f"quota.{period}",
            **common,
        )
    if kind == 4:
        return CurfewRule(spans=tuple(_span(dice) for _ in range(1 + dice.below(2))), slot="curfew", **common)
    if kind == 5:
        return WindowRule(spans=tuple(_span(dice) for _ in range(1 + dice.below(3))), slot="windows", **common)
    return _sitting(dice, **common)


BANDS = (((0, 18),), ((0, 8), (8, 16), (16, 18)), ((12, 16),), ((4, 12), (12, 18)))


def _policy(dice: Dice) -> CompiledPolicy:
    scale = dice.scale
    bands = dice.pick(BANDS)
    thresholds = tuple(sorted({dice.ticks() for _ in range(dice.below(4))}, reverse=True))
    grace = dice.pick((0, 0, 1, 2, 5)) * scale.tick
    dates = [date.fromordinal(day) for day in dice.world.dates()]
    listed = [dice.pick(dates) for _ in range(dice.below(4))]
    sure = dice.pick((YearState.ANNOUNCED, YearState.PREDICTED, YearState.UNKNOWN))
    calendar = Calendar(
        "case",
        {day.year: sure for day in dates} if dice.rarely(2) else {},
        holidays=frozenset(listed[::2]) - frozenset(listed[1::2]),
        makeup_workdays=frozenset(listed[1::2]),
        otherwise=dice.pick((YearState.ANNOUNCED, YearState.UNKNOWN)),
    )
    scheme = DayScheme(
        dice.world.zone,
        starts_at=dice.wall() if dice.rarely(3) else dice.pick((0, 4 * 3_600)),
        week_starts_on=dice.pick((0, 6)),
    )
    many = 4 if len(bands) == 1 else 3
    return CompiledPolicy(
        "policy",
        1,
        "digest",
        scheme,
        calendar,
        tuple(
            BandPolicy(
                AgeBand(*ages),
                tuple(_rule(dice, f"/bands/{index}/time/{place}") for place in range(dice.below(many))),
                warn_before=thresholds,
                grace=grace,
            )
            for index, ages in enumerate(bands)
        ),
        slice=dice.pick((1, 2, 3, 5)) * scale.tick * (10 if scale is SECONDS else 1),
        hold_birthday=not dice.rarely(3),
        known_activities=frozenset(ACTIVITIES),
    )


def _profile(dice: Dice, policy: CompiledPolicy) -> Profile:
    kind = dice.below(4)
    if kind == 0:
        return Profile(SUBJECT, policy.id, born=date(dice.date().year - 14, 6, 15))
    if kind == 1:
        band = dice.pick(policy.bands).band
        wide = AgeBand(band.from_age, 18) if dice.rarely(2) else band
        return Profile(SUBJECT, policy.id, band=wide)
    if kind == 2:
        return Profile(SUBJECT, policy.id)
    turns = dice.pick((4, 8, 12, 16, 18))
    day = dice.date()
    if dice.rarely(3):  # a leap day: the birthday is 1 March in common years
        return Profile(SUBJECT, policy.id, born=date((day.year - turns) // 4 * 4, 2, 29))
    year = day.year - turns
    return Profile(SUBJECT, policy.id, born=day.replace(year=year, day=min(day.day, 28)))


def _wait(dice: Dice, policy: CompiledPolicy) -> int:
    piece = policy.slice // dice.scale.tick
    if dice.below(3) < 2:
        return dice.pick((piece, piece, piece - 1, piece + 1, 2 * piece, 1))
    return dice.pick(dice.scale.gap)


class _Story:
    """Events one after the other; it remembers which sessions and sequence numbers it has used."""

    def __init__(self, dice: Dice, policy: CompiledPolicy) -> None:
        self.dice = dice
        self.policy = policy
        self.seqs: dict[str, int] = {}

    def event(self, now: int) -> Event:
        """Something that happens at a tick."""
        kind = self.dice.below(20)
        if not self.seqs or kind in (15, 16, 17):
            return self.open()
        if kind < 13:
            return self.beat()
        if kind < 15:
            return SessionEnded(self.dice.pick(list(self.seqs)))
        if kind == 18:
            return self.offline(now)
        return self.grant() if not self.dice.rarely(3) else SubjectPut(_profile(self.dice, self.policy))

    def open(self) -> Event:
        """A new session, or rarely an old one again."""
        again = bool(self.seqs) and self.dice.rarely(8)
        name = self.dice.pick(list(self.seqs)) if again else f"{SUBJECT}~session-{len(self.seqs)}"
        self.seqs.setdefault(name, 0)
        return SessionOpened(name, self.dice.pick(DEVICES), self.activity())

    def beat(self) -> Event:
        """The next beat of a session, or rarely one that comes twice, late, or early; of the newest most often."""
        names = list(self.seqs)
        name = names[-1] if not self.dice.rarely(3) else self.dice.pick(names)
        seq = self.seqs[name] + self.dice.pick((1, 1, 1, 1, 1, 1, 2, 0, -1))
        self.seqs[name] = max(seq, self.seqs[name])
        return HeartbeatReceived(name, max(seq, 0), self.activity() if self.dice.rarely(5) else None)

    def offline(self, now: int) -> Event:
        """Use without a connection, some of it too old or still to come."""
        dice, world = self.dice, self.dice.world
        intervals = []
        for _ in range(1 + dice.below(2)):
            low = max(0, now - dice.pick((*dice.scale.gap, *dice.scale.short)))
            high = low + dice.pick(dice.scale.short)
            intervals.append((world.instant(low), world.instant(high)))
        return OfflineUseReported(dice.pick(DEVICES), tuple(intervals), self.activity())

    def grant(self) -> Event:
        """More time for one day; few ids, so that some come twice."""
        dice = self.dice
        id = dice.pick(("g0", "g1", "g2", "g3"))
        return GrantGiven(Grant(id, dice.date(), dice.ticks(), self.activity()))

    def activity(self) -> str | None:
        """What is done; None is the policy's default."""
        return self.dice.pick((None, *ACTIVITIES))


def thrown(draw: Any, scale: Scale) -> Dice:
    """The dice of a case of a scale, in a world of theirs about a change of clocks."""
    where = places(scale)
    place = where[draw(_BELOW[len(where)])]
    ahead = draw(st.integers(0, scale.before // scale.tick)) * scale.tick
    return Dice(draw, scale, World(place[0], change(place) - ahead, scale.tick, scale.ticks))


@st.composite
def stories(draw: Any, scale: Scale) -> Case:
    """A case of a scale."""
    dice = thrown(draw, scale)
    world = dice.world
    policy = _policy(dice)
    profile = _profile(dice, policy)
    story = _Story(dice, policy)
    now = dice.pick(scale.gap)
    events = []
    for _ in range(3 + dice.below(18)):
        if now >= scale.events:
            break
        events.append((world.instant(now), story.event(now)))
        now += _wait(dice, policy)
    return Case(scale, world, policy, profile, tuple(events), world.instant(min(now, scale.events)))
