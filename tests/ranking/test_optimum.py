"""Against the exact optimum: nothing broken where a full list can keep everything, and next to nothing lost."""

import os

from minorguard.ranking import constrain, verify
from minorguard.ranking.prepare import Pool
from minorguard.ranking.search import impossible
from minorguard.ranking.task import windowed
from tests.ranking.exact import optimum, worth
from tests.ranking.pools import large, middling, roomy, small, tight

CASES = int(os.environ.get("MINORGUARD_CASES", "0"))
"""More than the short form: thousands of small cases, tens of the others."""

POOR = (162, 182, 314)
"""Tight pools in which the first ways lead to 0.96 to 0.975 of the optimum."""
FEW_AUTHORS = (
    (1022, 30, 10, 6),
    (1142, 45, 15, 5),
    (1602, 80, 20, 8),
    (1723, 45, 15, 8),
    (2091, 20, 14, 8),
    (2136, 45, 15, 6),
    (2343, 20, 14, 12),
)
"""Seed, candidates, slots and authors."""


def ratios(cases, **options):
    """By seed, of the cases that a full list can keep: what ours is worth of what the best one is."""
    found = {}
    for seed, (candidates, constraints, slots) in cases:
        best = optimum(candidates, constraints, slots, **options)
        ranked = constrain(candidates, constraints, slots)
        by_id = {one.id: one for one in candidates}
        listed = [by_id[id] for id in ranked.ids]
        assert verify(ranked.certificate, listed, constraints=constraints, placed=ranked.items) == (), seed
        if best is None:
            assert ranked.relaxed or ranked.infeasible, seed
            continue
        assert (ranked.relaxed, ranked.infeasible, len(ranked.items)) == ((), (), slots), seed
        found[seed] = worth(candidates, ranked.ids) / best[1]
    return found


def assert_good(found):
    """The promise: on average 0.99 of the optimum, and never below 0.97."""
    assert sum(found.values()) / len(found) >= 0.99
    assert min(found.values()) >= 0.97, sorted(found.items(), key=lambda pair: pair[1])[:5]
    assert max(found.values()) <= 1 + 1e-5


def test_small_pools__meet_the_optimum():
    """Wherever the solver finds a full list, so does the ranker, and it is worth at least 0.97 of it, mostly all."""
    found = ratios((seed, small(seed)) for seed in range(max(250, CASES)))
    assert len(found) >= 90
    assert_good(found)


def test_tight_pools__have_no_dead_ends():
    """Pools of hardly more than what is asked for, where going for the best at each place leads nowhere."""
    seeds = [*range(max(12, CASES // 20)), *POOR]
    found = ratios(((seed, tight(seed)) for seed in seeds), gap=1e-3)
    assert len(found) >= 4 + len(POOR)
    assert_good(found)


def test_smaller_pools_by_few_authors__are_searched_every_way():
    """Those in which the first ways lead to a poor list, or to none, though there is a full one."""
    found = ratios(((case[0], middling(*case)) for case in FEW_AUTHORS), gap=2e-3)
    assert len(found) == len(FEW_AUTHORS)
    assert min(found.values()) >= 0.97, found


def test_large_pools__lose_next_to_nothing():
    """Pools of several times what is asked for; in the long form 500 candidates for 50 slots."""
    cases = (
        ((seed, large(seed)) for seed in range(CASES // 100)) if CASES else ((seed, roomy(seed)) for seed in range(3))
    )
    assert_good(ratios(cases, gap=2e-3, seconds=300))


def test_bounds__are_on_the_safe_side():
    """What is called impossible is, and no list is worth more than what the windows alone would permit."""
    for seed in range(1000, 1120):
        candidates, constraints, slots = small(seed)
        task = Pool(candidates, constraints, ()).prepare(slots).task
        best = optimum(candidates, constraints, slots)
        assert best is None or not impossible(task), seed
        assert best is None or all(windowed(task, rule) >= best[0] - 1e-9 for rule in set(task.rules)), seed
