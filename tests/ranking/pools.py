"""Pools of candidates and constraints, by seed: small ones of every sort, tight ones, and large ones."""

import random

from minorguard.ranking import Candidate, Constraints, Share, Window

TOPICS = ("art", "education.maths", "entertainment")


def pool(dice, size, *, authors, chance):
    """So many candidates; `chance` says by topic how many of them are of it."""
    weights = [dice.random() ** 2 + 0.02 for _ in range(authors)]
    return [
        Candidate(
            f"v{number}",
            dice.random(),
            author=f"a{dice.choices(range(authors), weights)[0]}",
            topics=frozenset(topic for topic in chance if dice.random() < chance[topic]),
            duration_seconds=dice.randint(5, 90),
        )
        for number in range(size)
    ]


def _chances(dice):
    return {topic: dice.choice((0.05, 0.1, 0.2, 0.3, 0.5, 0.7)) for topic in TOPICS}


def small(seed):
    """A case of up to 8 slots and 18 candidates, many of which no list can keep."""
    dice = random.Random(seed)
    slots = dice.randint(2, 8)
    floors = dice.sample(TOPICS, dice.randint(0, 2))
    shares = [Share(topic, dice.choice((10, 20, 30, 40, 50)), True) for topic in floors]
    shares += [
        Share(topic, dice.choice((20, 30, 40, 50, 60)), False) for topic in dice.sample(TOPICS, dice.randint(0, 2))
    ]
    windows = [Window(*dice.choice(((1, 2), (1, 3), (2, 4), (2, 5), (1, 4), (2, 10))))] if dice.random() < 0.85 else []
    if dice.random() < 0.3:
        windows.append(Window(*dice.choice(((1, 2), (2, 3), (1, 3))), topic=dice.choice(TOPICS)))
    size = slots + dice.randint(0, 10)
    candidates = pool(dice, size, authors=dice.randint(2, 8), chance=_chances(dice))
    return candidates, Constraints(shares=tuple(shares), windows=tuple(windows)), slots


def middling(seed, size, slots, authors):
    """A case like those of a real feed: floors, a ceiling, a cap for authors, sometimes one for a topic."""
    dice = random.Random(seed)
    shares = (
        Share("education", dice.choice((10, 20, 30)), True),
        Share("art", dice.choice((0, 10, 20)), True),
        Share("entertainment", dice.choice((20, 30, 40)), False),
    )
    windows = [Window(*dice.choice(((1, 5), (2, 10), (1, 3), (3, 10))))]
    if dice.random() < 0.4:
        windows.append(Window(*dice.choice(((1, 2), (2, 4), (2, 5))), topic="entertainment"))
    candidates = pool(dice, size, authors=authors, chance=_chances(dice))
    return candidates, Constraints(shares=shares, windows=tuple(windows)), slots


def tight(seed):
    """A pool of hardly more than what is asked for, by a few authors."""
    size, slots = ((30, 20), (40, 20), (26, 15), (45, 30))[seed % 4]
    return middling(seed, size, slots, authors=random.Random(seed).choice((8, 10, 12, 15)))


def roomy(seed):
    """120 candidates for 20 slots."""
    return middling(seed, 120, 20, authors=random.Random(seed).randint(20, 60))


def large(seed):
    """500 candidates for 50 slots."""
    return middling(seed, 500, 50, authors=random.Random(seed).randint(40, 150))
