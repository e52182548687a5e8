"""Pools so small that every list can be tried: what is full, what is short, and what is named as keeping it so."""

from __future__ import annotations

import random
from itertools import combinations

from minorguard.ranking import Candidate, Constraints, Kind, Share, Window, constrain
from tests.ranking.exact import of

TOPICS = ("art", "education", "education.maths", "sport")


def drawn(seed):
    """A pool of up to seven, what was shown before, constraints of which some never give way, and slots."""
    dice = random.Random(seed)

    def items(name, number):
        return [
            Candidate(
                f"{name}{n}",
                dice.random(),
                author=dice.choice((None, "ann", "bob", "cat")),
                topics=frozenset(topic for topic in TOPICS if dice.random() < 0.35),
                personal=dice.random() < 0.4,
            )
            for n in range(number)
        ]

    windows = {Window(dice.choice((0, 1, 1, 2)), dice.randint(1, 5), dice.choice((None, "art", "sport"))) for _ in "ab"}
    shares = {Share(dice.choice(TOPICS), dice.choice((10, 25, 40, 50, 75)), dice.random() < 0.5) for _ in "ab"}
    constraints = Constraints(
        windows=tuple(sorted(windows, key=lambda one: one.id)),
        shares=tuple(sorted(shares, key=lambda one: one.id)),
        personal_percent=dice.choice((30, 100)),
        relax=tuple(dice.sample(list(Kind), dice.randint(0, 4))),
    )
    return items("v", dice.randint(1, 7)), constraints, dice.randint(1, 6), items("p", dice.randint(0, 3))


def names(constraints):
    """What never gives way."""
    firm = {one.id for one in (*constraints.shares, *constraints.windows) if not constraints.gives_way(one)}
    return firm | ({"personal"} if constraints.personal_percent < 100 else set())


def keeps(whole, constraints, some):
    """Whether the last place of a list keeps those constraints."""
    rank, last = len(whole), whole[-1]
    for share in (one for one in constraints.shares if one.id in some):
        have = sum(of(share.topic, one) for one in whole)
        if have < share.bound(rank) if share.least else have > share.bound(rank):
            return False
    for window in (one for one in constraints.windows if one.id in some):
        near = whole[-window.within :]
        if window.topic is None:
            number = sum(one.author == last.author for one in near) if last.author else 0
        else:
            number = sum(of(window.topic, one) for one in near) if of(window.topic, last) else 0
        if number > window.most:
            return False
    most = -(-rank * constraints.personal_percent // 100)
    return "personal" not in some or sum(one.personal for one in whole) <= most


def longest(pool, constraints, some, previous, slots):
    """How long a list may be at most that keeps those constraints at every place."""

    def reach(whole, left, place):
        found = place
        for item in left if place < slots else ():
            if found < slots and keeps([*whole, item], constraints, some):
                found = max(found, reach([*whole, item], [one for one in left if one is not item], place + 1))
        return found

    return reach(list(previous), pool, 0)


def test_lists_are_full_wherever_they_can_be_and_no_shorter_than_they_must():
    """What keeps everything is found wherever there is such a list; else it is as long as what never gives way lets."""
    for seed in range(600):
        pool, constraints, slots, previous = drawn(seed)
        every = {one.id for one in (*constraints.shares, *constraints.windows)} | names(constraints)
        ranked = constrain(pool, constraints, slots, previous)
        whole = longest(pool, constraints, every, previous, slots)
        assert whole < slots or (ranked.relaxed, ranked.infeasible) == ((), ()), seed
        assert len(ranked.ids) >= longest(pool, constraints, names(constraints), previous, slots), seed
        assert len(ranked.ids) > whole or not ranked.relaxed, seed


def test_what_keeps_a_list_short_is_the_smallest_set_that_does():
    """Under what is named no list is full, and under nothing smaller."""
    short = 0
    for seed in range(600, 1200):
        pool, constraints, slots, previous = drawn(seed)
        ranked = constrain(pool, constraints, slots, previous)
        if not ranked.infeasible or ranked.infeasible == ("candidates",):
            continue
        short += 1
        assert longest(pool, constraints, set(ranked.infeasible), previous, slots) < slots, seed
        for some in combinations(sorted(names(constraints)), len(ranked.infeasible) - 1):
            assert longest(pool, constraints, set(some), previous, slots) == slots, (seed, some)
    assert short > 50
