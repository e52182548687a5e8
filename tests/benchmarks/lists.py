"""`python -m tests.benchmarks.lists`: lists beside pyversity's MMR and DPP and plain sorting, with what each breaks.

The peers diversify by embeddings and know no constraint: theirs are made of topics and author here, as an app would.
Needs the extra `bench`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from functools import partial

import numpy as np
from pyversity import Strategy, diversify

from minorguard.ranking import Candidate, Constraints, Refusal, Share, Traits, Window, constrain, verify
from minorguard.ranking.certify import certify
from minorguard.ranking.prepare import Pool
from minorguard.ranking.task import tallies
from tests.benchmarks.pairs import pair, show

TOPICS = {"education": 0.3, "curated": 0.25, "entertainment": 0.5, "sport": 0.2}
SIZES = ((500, 50), (1_000, 100), (5_000, 100))


def _gate(traits: Traits) -> tuple[Refusal, ...]:
    return (Refusal("unrated"),) if traits.rating is None else ()


CONSTRAINTS = Constraints(
    gate=_gate,
    windows=(Window(2, 10),),
    shares=(Share("education", 20, True), Share("curated", 10, True), Share("entertainment", 40, False)),
)


def pool(size: int) -> list[Candidate]:
    """Candidates of 80 authors, of which one in twenty is unrated."""
    dice = random.Random(size)
    return [
        Candidate(
            f"v{number}",
            dice.random(),
            author=f"a{dice.randrange(80)}",
            topics=frozenset(topic for topic, chance in TOPICS.items() if dice.random() < chance),
            rating="8+" if dice.random() < 0.95 else None,
        )
        for number in range(size)
    ]


def embeddings(candidates: list[Candidate]) -> np.ndarray:
    """One axis for each topic and author."""
    authors = {one.author: place for place, one in enumerate(candidates)}
    axes = [*TOPICS, *authors]
    place = {name: axis for axis, name in enumerate(axes)}
    found = np.zeros((len(candidates), len(axes)), dtype=np.float32)
    for row, one in enumerate(candidates):
        for name in (*one.topics, one.author):
            found[row, place[name]] = 1.0
    return found


def broken(candidates: list[Candidate], order: list[int]) -> str:
    """What a list breaks, by the certificate of it: ranks at which a constraint is not kept, and items refused."""
    listed = [candidates[index] for index in order]
    bare = Pool(listed, Constraints(shares=CONSTRAINTS.shares, windows=CONSTRAINTS.windows), ()).prepare(len(listed))
    number = {one.id: item for item, one in enumerate(bare.items)}
    places = [number[one.id] for one in listed]
    certificate = certify(bare, places, tallies(bare.task, places), CONSTRAINTS, ())
    refused = sum(1 for one in listed if _gate(one.traits))
    value = sum(one.score / math.log2(rank + 1) for rank, one in enumerate(listed, 1))
    return f"{len(certificate.relaxed)} ranks with a constraint broken, {refused} items refused, worth {value:.2f}"


def peers(candidates: list[Candidate], slots: int) -> dict[str, Callable[[], list[int]]]:
    """What there is beside ours; each gives the places of the candidates that it takes."""
    vectors, scores = embeddings(candidates), np.array([one.score for one in candidates], dtype=np.float32)

    def by_score() -> list[int]:
        return sorted(range(len(candidates)), key=lambda place: -candidates[place].score)[:slots]

    def diversified(strategy: Strategy) -> list[int]:
        return diversify(vectors, scores, slots, strategy, 0.5).indices.tolist()

    return {
        "sorted by score": by_score,
        "pyversity MMR": partial(diversified, Strategy.MMR),
        "pyversity DPP": partial(diversified, Strategy.DPP),
    }


def all_reasons(candidates: list[Candidate], slots: int) -> dict[str, Refusal]:
    """A list, and why each candidate that is not in it is not, which is found when it is asked for."""
    return dict(constrain(candidates, CONSTRAINTS, slots).dropped)


def main() -> None:
    """Print the table."""
    print(f"{'ours':<44} {'median':>12}   {'floor or peer':<34} {'median':>11}   ratio (10 %-90 %)")
    for size, slots in SIZES:
        candidates = pool(size)
        place = {one.id: index for index, one in enumerate(candidates)}
        ours = partial(constrain, candidates, CONSTRAINTS, slots)
        listed = [candidates[place[id]] for id in ours().ids]
        assert not verify(ours().certificate, listed, (), CONSTRAINTS)
        others = peers(candidates, slots)
        every = partial(all_reasons, candidates, slots)
        for name, peer in others.items():
            show(f"{size} to {slots}", name, pair(ours, peer, ours_number=3, floor_number=3))
        name = "sorted by score"
        show(f"{size} to {slots}, every reason read", name, pair(every, others[name], ours_number=3, floor_number=3))
        print(f"  ours: {broken(candidates, [place[one.id] for one in listed])}")
        for name, peer in others.items():
            print(f"  {name}: {broken(candidates, peer())}")


if __name__ == "__main__":
    main()
