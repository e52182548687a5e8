"""`constrain`: the one door. Candidates in, the best list that the constraints permit out, with proof."""

from __future__ import annotations

from collections.abc import Sequence

from minorguard.errors import InvalidInput
from minorguard.ranking.breaks import breaks
from minorguard.ranking.candidates import Candidate, check_candidates
from minorguard.ranking.certify import certify
from minorguard.ranking.conflict import smallest_conflict
from minorguard.ranking.constraints import Constraints
from minorguard.ranking.explain import Explained
from minorguard.ranking.prepare import Pool, Prepared
from minorguard.ranking.relax import Level, relax
from minorguard.ranking.results import Ranked
from minorguard.ranking.solve import solve, solve_quickly
from minorguard.ranking.task import Work, tallies

MOST_PREVIOUS = 10_000
_FOREMOST = (1.5, 6)
"""For each slot so many candidates are looked at first, and then."""


def constrain(
    candidates: Sequence[Candidate], constraints: Constraints, slots: int, previous: Sequence[Candidate] = ()
) -> Ranked:
    """The best list of `slots` items that the constraints permit; equal scores keep the order in which they came.

    `previous` is all that the same list has shown before, in order: paging resets nothing. Pure and deterministic.
    Raises `InvalidInput` for candidates that are no list of items with scores.
    """
    check_candidates(candidates, slots)
    if len(previous) > MOST_PREVIOUS:
        raise InvalidInput("previous", f"holds {len(previous)} items; a list ends after {MOST_PREVIOUS}")
    pool = Pool(candidates, constraints, previous)
    work = Work()
    found, order = _found(pool, slots, work)
    chosen = [found.items[item] for item in order]
    stops = breaks(constraints.break_every, chosen, previous)
    counts = tallies(found.task, order)
    explained = Explained(found, order, counts)
    certificate = certify(found, order, counts, constraints, previous)
    return Ranked(
        items=explained.items(constraints, stops),
        dropped=explained.dropped(pool),
        relaxed=certificate.relaxed,
        breaks=tuple(one for one in stops if one.after_rank > len(previous)),
        certificate=certificate,
        infeasible=_infeasible(found, len(order), pool, work),
    )


def _found(pool: Pool, slots: int, work: Work) -> tuple[Prepared, list[int]]:
    """The list, from few of the candidates where these say what it is, else from all: the same either way."""
    for most in () if pool.constraints.pins else _FOREMOST:
        found = pool.prepare(slots, most=int(most * slots))
        order = solve_quickly(found.task)
        if order is not None:
            return found, order
        if not found.task.part:
            break
    found = pool.prepare(slots)
    order = solve(found.task, work)
    return found, relax(found.task, _levels(found, pool.constraints), work) if order is None else order


def _levels(found: Prepared, constraints: Constraints) -> list[Level]:
    """What gives way: nothing, then each kind together with those before it."""
    levels = [Level()]
    for kind in constraints.relax:
        last = levels[-1]
        demands = {number for number, one in enumerate(found.demands) if one.kind is kind and one.gives_way}
        rules = {rule for rule, one in enumerate(found.windows) if one.kind is kind and constraints.gives_way(one)}
        levels.append(Level(last.demands | demands, last.rules | rules))
    return levels


def _infeasible(found: Prepared, placed: int, pool: Pool, work: Work) -> tuple[str, ...]:
    if placed == found.asked:
        return ()
    room = pool.constraints.room(found.asked)
    if placed == room:
        return (min(pool.constraints.totals, key=lambda total: total.left).id,)
    return smallest_conflict(pool, room, work)
