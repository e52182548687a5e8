"""What is claimed of a list, measured on the list itself: for each constraint where it came closest to its bound."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import sub

from minorguard.ranking.candidates import Candidate, is_of
from minorguard.ranking.constraints import PERSONAL, Constraints, Window
from minorguard.ranking.prepare import Demand, Prepared
from minorguard.ranking.results import Certificate, Relaxed, Statement


def certify(
    found: Prepared,
    order: Sequence[int],
    counts: Sequence[Sequence[int]],
    constraints: Constraints,
    previous: Sequence[Candidate],
) -> Certificate:
    """The certificate of a list; `counts` are its `tallies`."""
    chosen = [found.items[item] for item in order]
    relaxed: list[Relaxed] = []
    statements = [_share(demand, have, previous, relaxed) for demand, have in zip(found.demands, counts, strict=True)]
    statements += [_window(window, chosen, previous, relaxed) for window in constraints.windows]
    statements += _totals(constraints, chosen, len(previous))
    relaxed.sort()
    ids = tuple([one.id for one in chosen])
    value = found.task.value(order)
    return Certificate(found.asked, len(previous), ids, value, tuple(statements), tuple(relaxed))


def _share(demand: Demand, counts: Sequence[int], previous: Sequence[Candidate], relaxed: list[Relaxed]) -> Statement:
    """`counts` says how many of the first 0, 1, 2, … items of the page serve the demand."""
    id, kind, topic, percent, least, _ = demand
    rule = {"kind": PERSONAL if kind is None else kind.value, "topic": topic, "percent": percent}
    shown = len(previous)
    if len(counts) == 1:
        return Statement(id, rule, shown, 0, 0, holds=True)
    before = sum([demand.serves(one.traits) for one in previous]) if previous else 0
    spare = list(map(sub, counts, _asked(percent if least else 100 - percent, shown, before, len(counts))))
    spare[0] = spare[1]  # place 0 is none
    closest = min(spare)

    def figures(place: int) -> tuple[int, str, int, int]:
        rank = shown + place
        have = before + counts[place]
        bound, measured = (have - spare[place], have) if least else (rank - have + spare[place], rank - have)
        return rank, id, bound, measured

    if closest < 0:
        relaxed += [Relaxed(*figures(place)) for place, some in enumerate(spare) if some < 0 and place]
    rank, _, bound, measured = figures(spare.index(closest, 1))
    return Statement(id, rule, rank, bound, measured, closest >= 0)


@lru_cache(maxsize=1024)
def _asked(percent: int, shown: int, before: int, places: int) -> tuple[int, ...]:
    """What a demand asks of the page by each place from 0 on, beyond what came before."""
    return tuple([rank * percent // 100 - before for rank in range(shown, shown + places)])


def _window(
    window: Window, chosen: Sequence[Candidate], previous: Sequence[Candidate], relaxed: list[Relaxed]
) -> Statement:
    standing: dict[str, list[int]] = {}
    within, most = window.within, window.most
    shown = len(previous)
    tail = previous[-(within - 1) :] if within > 1 else ()
    worst, at = 0, shown
    for rank, one in enumerate((*tail, *chosen), shown - len(tail) + 1):
        name = one.author if window.topic is None else _topic(window.topic, one)
        if name is None:
            continue
        ranks = standing.setdefault(name, [])
        ranks.append(rank)
        if rank > shown and (len(ranks) > worst or worst > most):
            count = len(ranks) - bisect_right(ranks, rank - within)
            if count > most:
                relaxed.append(Relaxed(rank, window.id, most, count))
            if count > worst:
                worst, at = count, rank
    rule = {"kind": window.kind.value, "topic": window.topic, "most": most, "within": within}
    return Statement(window.id, rule, at, most, worst, worst <= most)


def _topic(topic: str, one: Candidate) -> str | None:
    return topic if is_of(topic, one.topics) else None


def _totals(constraints: Constraints, chosen: Sequence[Candidate], shown: int) -> Iterator[Statement]:
    rank = shown + len(chosen)
    for total in constraints.totals:
        used = total.used + len(chosen)
        rule = {"kind": "total", "used_before": total.used}
        yield Statement(total.id, rule, rank, total.limit, used, used <= max(total.limit, total.used))
    if constraints.personal_percent == 0:
        rule = {"kind": PERSONAL, "topic": None, "percent": 0}
        yield Statement(PERSONAL, rule, rank, 0, 0, holds=True)
