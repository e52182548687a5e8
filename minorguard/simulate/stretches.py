"""Cutting time into stretches in which the same rules deny, from the engine's own stretches of each rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from minorguard.engine.decide import exempt
from minorguard.engine.judge import judge_time
from minorguard.engine.look import Look
from minorguard.engine.reasons import denial
from minorguard.engine.time_rules import Check
from minorguard.model.decisions import Reason
from minorguard.model.ids import Instant, Seconds
from minorguard.model.state import Interval
from minorguard.simulate.week import KIND_OF_CODE, Kind, Segment


@dataclass(frozen=True, slots=True)
class Stretch:
    """``[start, end)`` and the checks that deny throughout it, as a decision would name them; none: open."""

    start: Instant
    end: Instant
    denying: tuple[Check, ...]
    free: bool = False
    """No rule applies at all."""

    def cut(self, start: Instant, end: Instant) -> Stretch | None:
        """The part of it inside ``[start, end)``."""
        start, end = max(self.start, start), min(self.end, end)
        return Stretch(start, end, self.denying, self.free) if start < end else None


def stretches(look: Look, checks: Sequence[Check], start: Instant, end: Instant) -> tuple[Stretch, ...]:
    """What tiles ``[start, end)``, if nothing but the use on record is used; neighbours differ."""
    adult = max(start, min(end, start if exempt(look, start) else look.binding.adult_from))
    ruled = list(_ruled(look, checks, start, adult))
    return (*ruled, Stretch(adult, end, (), free=True)) if adult < end else tuple(ruled)


def _ruled(look: Look, checks: Sequence[Check], start: Instant, end: Instant) -> Iterator[Stretch]:
    denials = [(check, _clipped(look, check, start, end)) for check in checks]
    edges = sorted({start, end, *(edge for _, spans in denials for span in spans for edge in span)})
    running: Stretch | None = None
    for low, high in pairwise(edges):
        denying = _named(tuple(check for check, spans in denials if any(s <= low < e for s, e in spans)))
        if running is not None and running.denying == denying:
            running = Stretch(running.start, high, denying)
            continue
        if running is not None:
            yield running
        running = Stretch(low, high, denying)
    if running is not None:
        yield running


def _clipped(look: Look, check: Check, start: Instant, end: Instant) -> list[Interval]:
    found = check.denials(look, look.counted(check.bound.rule), start, end)
    return [(max(s, start), min(e, end)) for s, e in found if s < end and e > start]


def _named(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """That a sitting would be too short is only said where nothing denies use that goes on."""
    return tuple(check for check in checks if check.asking is None) or checks


def segments(
    look: Look, found: Sequence[Stretch], ungranted: Sequence[Stretch], start: Instant, end: Instant, bare: Look
) -> Iterator[Segment]:
    """The stretches of a day as segments; `ungranted` are the stretches without its grants, seen through `bare`."""
    for stretch in found:
        part = stretch.cut(start, end)
        if part is not None and (part.denying or part.free):
            yield _closed_or_free(look, part)
        elif part is not None:
            yield from _opened(look, part, ungranted, bare)


def _closed_or_free(look: Look, part: Stretch) -> Segment:
    if part.free:
        why = exempt(look, part.start)
        assert why is not None
        return Segment(part.start, part.end, Kind.FREE, (why,))
    reasons = tuple(denial(look, check, part.start) for check in part.denying)
    return Segment(part.start, part.end, KIND_OF_CODE[reasons[0].code], reasons)


def _opened(look: Look, part: Stretch, ungranted: Sequence[Stretch], bare: Look) -> Iterator[Segment]:
    """Open time, parted where it is open only because of a grant."""
    cuts = [cut for one in ungranted if (cut := one.cut(part.start, part.end)) is not None]
    for run in _runs(cuts or [part]):
        start, end = run[0].start, run[-1].end
        kind = Kind.GRANT if run[0].denying else Kind.OPEN
        yield Segment(start, end, kind, tuple(_without_grant(run, bare)), allowance(look, start))


def _runs(cuts: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    """Neighbours that are all open, or all closed."""
    run = [cuts[0]]
    for cut in cuts[1:]:
        if bool(cut.denying) != bool(run[0].denying):
            yield run
            run = []
        run.append(cut)
    yield run


def _without_grant(run: Sequence[Stretch], bare: Look) -> Iterator[Reason]:
    """Every rule that would deny somewhere in a run, as it begins to."""
    since: dict[Check, Instant] = {}
    for cut in run:
        for check in cut.denying:
            since.setdefault(check, cut.start)
    named = _named(tuple(since))
    yield from (denial(bare, check, since[check]) for check in named)


def allowance(look: Look, at: Instant) -> Seconds | None:
    """How long use begun at an open instant may go on without a stop; None: none within 400 days."""
    if exempt(look, at):
        return None
    until = judge_time(look, at).until
    return None if until is None else until - at
