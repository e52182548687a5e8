"""The exact optimum of a list by mixed-integer programming (HiGHS): slow, and with none of the ranker's code."""

import math

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix


def of(topic, one):
    """Whether an item is of a topic or of one below it."""
    return any(name == topic or name.startswith(topic + ".") for name in one.topics)


def worth(candidates, ids, shown=0):
    """What a list is worth."""
    scores = {one.id: one.score for one in candidates}
    return sum(scores[id] / math.log2(shown + slot + 1) for slot, id in enumerate(ids, 1))


class _Rows:
    def __init__(self):
        self.rows, self.columns, self.values, self.low, self.high = [], [], [], [], []
        self.broken = False

    def add(self, columns, low, high):
        low, high = max(low, 0), min(high, len(columns))
        self.broken |= low > high
        if low <= 0 and high >= len(columns):
            return
        self.rows += [len(self.low)] * len(columns)
        self.columns += columns
        self.values += [1.0] * len(columns)
        self.low.append(low)
        self.high.append(high)


def optimum(candidates, constraints, slots, previous=(), *, gap=1e-6, seconds=60):
    """(worth of the best full list that keeps everything, an upper bound of it), or None where there is none."""
    pool = [one for one in candidates if not constraints.gate(one.traits) and one.id not in {p.id for p in previous}]
    shown, rows = len(previous), _Rows()

    def at(some, places):
        return [index * slots + place - 1 for index in some for place in places]

    everything, places = range(len(pool)), range(1, slots + 1)
    for place in places:
        rows.add(at(everything, [place]), 1, 1)
    for index in everything:
        rows.add(at([index], places), 0, 1)
    for share in constraints.shares:
        members = [index for index in everything if of(share.topic, pool[index])]
        have = sum(of(share.topic, one) for one in previous)
        for place in places:
            bound = (shown + place) * share.percent
            low, high = (bound // 100 - have, np.inf) if share.least else (-np.inf, -(-bound // 100) - have)
            rows.add(at(members, range(1, place + 1)), low, high)
    for window in constraints.windows:
        _window(rows, at, window, pool, slots, previous)
    matrix = coo_matrix((rows.values, (rows.rows, rows.columns)), (len(rows.low), len(pool) * slots)).tocsr()
    gains = [-one.score / math.log2(shown + place + 1) for one in pool for place in places]
    if rows.broken or len(pool) < slots:
        return None
    found = _solve(np.array(gains), LinearConstraint(matrix, rows.low, rows.high), gap, seconds)
    if found.status == 2:
        return None
    assert found.fun is not None, found.message
    return -found.fun, -found.mip_dual_bound


def _solve(gains, constraint, gap, seconds):
    for presolve in (True, False):  # HiGHS gives some small cases up with an error, and solves them without presolve
        found = milp(
            gains,
            constraints=constraint,
            integrality=np.ones(len(gains)),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": gap, "time_limit": seconds, "presolve": presolve},
        )
        if found.status != 4:
            break
    return found


def _window(rows, at, window, pool, slots, previous):
    groups = {}
    for index, one in enumerate(pool):
        name = one.author if window.topic is None else window.topic if of(window.topic, one) else None
        if name is not None:
            groups.setdefault(name, []).append(index)
    for name, members in groups.items():
        stood = [
            rank
            for rank, one in enumerate(previous, 1 - len(previous))
            if (one.author == name if window.topic is None else of(window.topic, one))
        ]
        for first in range(2 - window.within, slots + 1):
            inside = range(max(1, first), min(slots, first + window.within - 1) + 1)
            before = sum(first <= rank < first + window.within for rank in stood)
            if inside:
                rows.add(at(members, inside), 0, max(0, window.most - before))
