"""What is claimed of a list, measured on the list itself: for each constraint where it came closest to its bound."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import sub

from minorguard.ranking.candidates import Candidate, is_of
from minorguard.ranking.constraints import PERSONAL, Constraints, Window
from minorguard.ranking.prepare import Prepared
from minorguard.ranking.results import Certificate, Relaxed, Statement


def certify(
    found: Prepared, order: Sequence[int], constraints: Constraints, previous: Sequence[Candidate]
) -> Certificate:
    """The certificate of a list."""
    chosen = [found.items[item] for item in order]
    relaxed: list[Relaxed] = []
    statements = [_share(number, found, order, previous, relaxed) for number in range(len(found.demands))]
    statements += [_window(window, chosen, previous, relaxed) for window in constraints.windows]
    statements += _totals(constraints, chosen, len(previous))
    relaxed.sort()
    ids = tuple([one.id for one in chosen])
    value = found.task.value(order)
    return Certificate(found.asked, len(previous), ids, value, tuple(statements), tuple(relaxed))


def _share(
    number: int, found: Prepared, order: Sequence[int], previous: Sequence[Candidate], relaxed: list[Relaxed]
) -> Statement:
    demand, kinds = found.demands[number], found.task.kinds
    kind = PERSONAL if demand.kind is None else demand.kind.value
    rule = {"kind": kind, "topic": demand.topic, "percent": demand.percent}
    first = len(previous) + 1
    if not order:
        return Statement(demand.id, rule, first - 1, 0, 0, holds=True)
    is_of = [serves >> number & 1 == demand.least for serves in found.task.serves]
    before = sum([demand.is_of(one.traits) for one in previous])
    counts = list(accumulate([is_of[kinds[item]] for item in order], initial=before))[1:]
    bounds = _bounds(demand.percent, demand.least, first, len(order))
    spare = list(map(sub, counts, bounds) if demand.least else map(sub, bounds, counts))
    least = min(spare)
    if least < 0:
        relaxed += [
            Relaxed(first + at, demand.id, bounds[at], counts[at]) for at, some in enumerate(spare) if some < 0
        ]
    at = spare.index(least)
    return Statement(demand.id, rule, first + at, bounds[at], counts[at], least >= 0)


@lru_cache(maxsize=1024)
def _bounds(percent: int, least: bool, first: int, count: int) -> tuple[int, ...]:
    """What a share asks for, or allows, at so many ranks from the first on."""
    ranks = range(first, first + count)
    return tuple([rank * percent // 100 if least else -(-rank * percent // 100) for rank in ranks])


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
