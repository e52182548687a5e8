"""What is claimed of a list, measured on the list itself: for each constraint where it came closest to its bound."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

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
    demand, task = found.demands[number], found.task
    percent, least = demand.percent, demand.least
    is_of = [serves >> number & 1 if least else 1 - (serves >> number & 1) for serves in task.serves]
    count = sum(1 for one in previous if demand.is_of(one.traits))
    rank = len(previous)
    closest: tuple[int, int, int, int] | None = None
    for item in order:
        count += is_of[task.kinds[item]]
        rank += 1
        bound = rank * percent // 100 if least else -(-rank * percent // 100)
        spare = count - bound if least else bound - count
        if spare < 0:
            relaxed.append(Relaxed(rank, demand.id, bound, count))
        if closest is None or spare < closest[0]:
            closest = (spare, rank, bound, count)
    spare, rank, bound, count = closest or (0, rank, 0, 0)
    kind = PERSONAL if demand.kind is None else demand.kind.value
    rule = {"kind": kind, "topic": demand.topic, "percent": percent}
    return Statement(demand.id, rule, rank, bound, count, spare >= 0)


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
        if rank > shown:
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
