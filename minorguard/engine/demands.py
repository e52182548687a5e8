"""What rules of money and notifications demand, as stretches in which each denies; the rest follows from these.

As for time rules, boundaries are computed and never searched: the next stop is the earliest start of a stretch, and the
next start is where no stretch holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from minorguard.engine.look import Look
from minorguard.engine.metering import clip
from minorguard.engine.time_rules import LOOK_AHEAD
from minorguard.model.decisions import Reason, iso
from minorguard.model.ids import Instant
from minorguard.model.state import Interval, Intervals


@dataclass(frozen=True, slots=True)
class Demand:
    """One thing that a rule demands of the asked, and when it is not met."""

    times: Intervals
    """When its rule holds."""
    unmet: Callable[[Instant, Instant], Iterable[Interval]]
    """Stretches in which it would deny if its rule held: all that end after the first instant and begin before the
    second, by their starts; they may overlap."""
    why: Callable[[str | None], Reason]
    """The reason of a denial, given when this demand alone would be met again."""

    def denials(self, at: Instant, until: Instant) -> Iterator[Interval]:
        """The stretches in which it denies, cut to ``[at, until)``, by their starts."""
        for low, high in clip(self.times, at, until):  # outside of these nothing is looked for
            yield from ((max(start, low), min(end, high)) for start, end in self.unmet(low, high))


@dataclass(frozen=True, slots=True)
class Answer:
    """What demands say at an instant."""

    denials: tuple[Reason, ...]
    until: Instant | None = None
    """If none denies: when the first one will, nothing else being counted; None: not within the look-ahead."""
    again: Instant | None = None
    """If one denies: when none does; None: not within the look-ahead."""


def judge(look: Look, demands: Sequence[Demand], now: Instant) -> Answer:
    """Whether all demands are met at `now`, and how long that stays so."""
    end = now + LOOK_AHEAD
    unmet = [one for one in demands if first_denied((one,), now, now + 1) is not None]
    if not unmet:
        return Answer((), until=first_denied(demands, now, end))
    zone = look.policy.days.zone
    met = ((one, first_met((one,), now, end)) for one in unmet)
    reasons = tuple(one.why(None if at is None else iso(at, zone)) for one, at in met)
    return Answer(reasons, again=first_met(demands, now, end))


def first_denied(demands: Sequence[Demand], at: Instant, until: Instant) -> Instant | None:
    """The first instant of ``[at, until)`` at which a demand is not met."""
    starts = (next((start for start, _ in one.denials(at, until)), None) for one in demands)
    return min((start for start in starts if start is not None), default=None)


def first_met(demands: Sequence[Demand], at: Instant, until: Instant) -> Instant | None:
    """The first instant of ``[at, until)`` at which every demand is met."""
    for start, end in merge(*(one.denials(at, until) for one in demands)):
        if start > at:
            break
        at = max(at, end)
    return at if at < until else None
