"""Breaks in a list: after so many items, or so much play, whichever comes first; counted on over pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minorguard.ranking.candidates import Candidate
from minorguard.ranking.constraints import BreakEvery
from minorguard.ranking.results import BreakSlot


def breaks(
    every: BreakEvery | None, chosen: Iterable[Candidate], previous: Sequence[Candidate]
) -> tuple[BreakSlot, ...]:
    """The breaks of the whole list so far, earlier pages included; one after a page's last item is that page's."""
    if every is None:
        return ()
    found: list[BreakSlot] = []
    items = seconds = 0
    for rank, one in enumerate((*previous, *chosen), 1):
        items, seconds = items + 1, seconds + one.duration_seconds
        by_items = every.items is not None and items >= every.items
        if by_items or (every.seconds is not None and seconds >= every.seconds):
            items = seconds = 0
            found.append(BreakSlot(rank, "items" if by_items else "seconds"))
    return tuple(found)
