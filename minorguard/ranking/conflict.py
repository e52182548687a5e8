"""Why a list could not be filled: the smallest set of constraints that together do not leave enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, islice

from minorguard.ranking.candidates import Candidate
from minorguard.ranking.constraints import PERSONAL, Constraints, Share, Window, open_gate
from minorguard.ranking.prepare import Pool
from minorguard.ranking.solve import solve
from minorguard.ranking.task import Work

TOO_FEW = "candidates"
"""Nothing but the number of candidates keeps the list short."""
PINNED = "pinned"
"""Too many candidates wait for a later rank."""
_LARGEST = 4
"""Larger sets are not looked for; then all are named."""
_TRIES = 24
"""So many sets with constraints on the list are tried, each with a list of its own; then all are named."""


def smallest_conflict(pool: Pool, slots: int, work: Work) -> tuple[str, ...]:
    """The smallest set of what was not relaxed under which no list of so many items was found.

    Where there is no work left to look for lists, all that there is is named.
    """
    candidates, constraints, previous = pool.candidates, pool.constraints, pool.previous
    against = _against(candidates, constraints, previous)
    passing = Counter(against)
    if len(candidates) < slots:
        return (TOO_FEW,)
    codes = sorted(set().union(*passing))
    too_few = (
        some
        for some in _subsets(codes)
        if sum(number for found, number in passing.items() if found.isdisjoint(some)) < slots
    )
    alone = next(too_few, ())
    return alone if len(alone) == 1 else _with_firm(pool, slots, against, work, alone)


def _against(
    candidates: Sequence[Candidate], constraints: Constraints, previous: Sequence[Candidate]
) -> list[frozenset[str]]:
    """By candidate: the codes of all that keeps it out."""
    shown = {one.id for one in previous}
    of_traits = {
        traits: frozenset(
            [refusal.code for refusal in constraints.gate(traits)]
            + [PERSONAL] * (constraints.personal_percent == 0 and traits.personal and not traits.plain)
        )
        for traits in {one.traits for one in candidates}
    }
    banned, again = frozenset({"banned"}), frozenset({"already_shown"})
    return [
        of_traits[one.traits]
        | (banned if one.id in constraints.banned else frozenset())
        | (again if one.id in shown else frozenset())
        for one in candidates
    ]


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(1, min(_LARGEST, len(names)) + 1):
        yield from combinations(names, size)


def _with_firm(
    pool: Pool, slots: int, against: Sequence[frozenset[str]], work: Work, alone: tuple[str, ...]
) -> tuple[str, ...]:
    """Among the constraints on lists that never give way, and what keeps candidates out; or what does that `alone`."""
    candidates, constraints, previous = pool.candidates, pool.constraints, pool.previous
    every: tuple[Share | Window, ...] = (*constraints.shares, *constraints.windows)
    firm = {one.id for one in every if not constraints.gives_way(one)}
    share = {PERSONAL} if 0 < constraints.personal_percent < 100 else set()
    names = sorted(firm | share | set().union(*against))
    bare = replace(constraints, gate=open_gate, totals=(), banned=frozenset(), pins=())
    fewer = (some for some in _subsets(names) if not alone or len(some) < len(alone))
    with_lists = (some for some in fewer if not (firm | share).isdisjoint(some))
    for some in islice(with_lists, _TRIES):
        kept = [one for one, found in zip(candidates, against, strict=True) if found.isdisjoint(some)]
        tried = replace(
            bare,
            shares=tuple(one for one in constraints.shares if one.id in some),
            windows=tuple(one for one in constraints.windows if one.id in some),
            personal_percent=constraints.personal_percent if PERSONAL in some else 100,
        )
        tight = Pool(kept, tried, previous)
        tight.out.clear()  # what was shown before counts; it keeps candidates out where `some` says so, as above
        found = solve(tight.prepare(slots).task, work)
        if not work.left:
            break
        if found is None:
            return some
    return alone or tuple(names) or (PINNED,)
