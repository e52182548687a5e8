"""What a recommender hands over, and what it is told of an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

from minorguard.errors import InvalidInput

MOST_CANDIDATES = 100_000
"""More are refused: a recommender that can't choose has not recommended."""
MOST_SLOTS = 1_000


class Traits(NamedTuple):
    """All of an item that rules may speak of; items with equal traits meet the same gate."""

    topics: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    rating: str | None = None
    """By age, such as ``12+``; None: unrated, which fails closed where a rule asks for a rating."""
    pool: str | None = None
    promoted: bool = False
    """Bought, or shown for anybody's commercial interest."""
    personal: bool = False
    """Its score follows from a profile of the minor."""
    plain: bool = False
    """Whether it also has a score that does not."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item that a recommender would show, with its score: the higher, the sooner.

    >>> Candidate("v1", 0.9, author="ann", topics=frozenset({"education.maths"}), rating="8+").traits.rating
    '8+'
    """

    id: str
    score: float
    author: str | None = None
    topics: frozenset[str] = frozenset()
    """Dotted: `education.maths` is also `education`."""
    labels: frozenset[str] = frozenset()
    rating: str | None = None
    pool: str | None = None
    duration_seconds: int = 0
    promoted: bool = False
    personal: bool = False
    plain_score: float | None = None
    """The score it has for anybody; used where personal scores may not be."""
    traits: Traits = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        has_plain = self.plain_score is not None
        traits = Traits(
            self.topics, self.labels, self.rating, self.pool, self.promoted, self.personal, self.personal and has_plain
        )
        object.__setattr__(self, "traits", traits)


def covers(wide: str, name: str) -> bool:
    """Whether a dotted name is, or lies below, another: `idol` covers `idol.chasing`."""
    return name == wide or name.startswith(wide + ".")


def check_candidates(candidates: Sequence[Candidate], slots: int) -> None:
    """Raises `InvalidInput` for too many, for an id that comes twice, and for a score that is no number."""
    if not 0 <= slots <= MOST_SLOTS:
        raise InvalidInput("slots", f"must be 0 to {MOST_SLOTS}; ask for the next page with `previous`")
    if len(candidates) > MOST_CANDIDATES:
        raise InvalidInput("candidates", f"are {len(candidates)}; send the best {MOST_CANDIDATES} at most")
    if len({one.id for one in candidates}) != len(candidates):
        raise InvalidInput(*_twice(candidates))
    if not all(map(isfinite, [one.score for one in candidates])):
        raise InvalidInput(*_no_number(candidates))
    for place, one in enumerate(candidates):
        if one.duration_seconds < 0:
            raise InvalidInput(f"/candidates/{place}/duration_seconds", "is below 0; give 0 where it is not known")
        if one.plain_score is not None and not isfinite(one.plain_score):
            raise InvalidInput(f"/candidates/{place}/plain_score", f"is `{one.plain_score}`; scores are finite numbers")


def _twice(candidates: Sequence[Candidate]) -> tuple[str, str]:
    seen: set[str] = set()
    for place, one in enumerate(candidates):
        if one.id in seen:
            return f"/candidates/{place}/id", f"`{one.id}` comes twice; send each item once, with its best score"
        seen.add(one.id)
    raise AssertionError("no id comes twice")


def _no_number(candidates: Sequence[Candidate]) -> tuple[str, str]:
    place = next(place for place, one in enumerate(candidates) if not isfinite(one.score))
    return f"/candidates/{place}/score", f"is `{candidates[place].score}`; scores are finite numbers"
