"""What a recommender hands over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from minorguard.errors import InvalidInput
from minorguard.model.ids import Seconds

MOST_CANDIDATES = 100_000
"""More are refused."""
MOST_SLOTS = 1_000
MOST_SCORE = 1e300
"""Beyond it a list's worth, a sum of scores, would be no number."""
_id_of = attrgetter("id")


class Traits(NamedTuple):
    """All of an item that a gate may look at; items with equal traits meet the same gate."""

    topics: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    rating: str | None = None
    pool: str | None = None
    promoted: bool = False
    personal: bool = False
    plain: bool = False
    """Whether an item with a personal score also has one that is not."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One item that a recommender would show, with its score: the higher, the sooner.

    Raises `InvalidInput` for a score that is no number from -1e300 to 1e300.

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
    """By age (``12+``) or scale (``pegi:12``); None: unrated, which fails closed where a rule asks for a rating."""
    pool: str | None = None
    duration_seconds: Seconds = 0
    promoted: bool = False
    """Bought, or shown for somebody's commercial interest."""
    personal: bool = False
    """Its score follows from a profile of the minor."""
    plain_score: float | None = None
    """The score that it has for anybody; used where personal scores may not be."""
    traits: Traits = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, score in (("score", self.score), ("plain_score", self.plain_score)):
            if score is not None and not abs(score) <= MOST_SCORE:
                raise InvalidInput(name, f"of `{self.id}` is no number from -1e300 to 1e300; scale the scores")
        if self.duration_seconds < 0:
            raise InvalidInput("duration_seconds", f"of `{self.id}` is below 0; give 0 where it is not known")
        for name in ("topics", "labels"):
            object.__setattr__(self, name, _names(name, getattr(self, name)))
        plain = self.personal and self.plain_score is not None
        traits = Traits(self.topics, self.labels, self.rating, self.pool, self.promoted, self.personal, plain)
        object.__setattr__(self, "traits", _shared(traits))


def _names(where: str, names: Iterable[str]) -> frozenset[str]:
    if isinstance(names, frozenset):
        return names
    if isinstance(names, str):
        raise InvalidInput(where, f"is the text `{names}`; give a set of names")
    return frozenset(names)


_SHARED: dict[Traits, Traits] = {}
_MOST_SHARED = 65_536


def _shared(traits: Traits) -> Traits:
    """The one object for equal traits, as far as it is remembered: many items have the same, and identity is fast."""
    if len(_SHARED) >= _MOST_SHARED:
        _SHARED.clear()
    return _SHARED.setdefault(traits, traits)


def covers(wide: str, name: str) -> bool:
    """Whether a dotted name is, or lies below, another: `idol` covers `idol.chasing`."""
    return name == wide or name.startswith(wide + ".")


@lru_cache(maxsize=65_536)
def is_of(topic: str, topics: frozenset[str]) -> bool:
    """Whether an item with these topics is of a topic."""
    return topic in topics or any(covers(topic, name) for name in topics)


def check_candidates(candidates: Sequence[Candidate], slots: int) -> None:
    """Raises `InvalidInput` for too many candidates or slots, and for an id that comes twice."""
    if not 0 <= slots <= MOST_SLOTS:
        raise InvalidInput("slots", f"must be 0 to {MOST_SLOTS}; ask for the next page with `previous`")
    if len(candidates) > MOST_CANDIDATES:
        raise InvalidInput("candidates", f"are {len(candidates)}; send the best {MOST_CANDIDATES} at most")
    if len(set(map(_id_of, candidates))) != len(candidates):
        place, id = _twice(candidates)
        raise InvalidInput(f"/candidates/{place}/id", f"`{id}` comes twice; send each item once, with its best score")


def _twice(candidates: Sequence[Candidate]) -> tuple[int, str]:
    seen: set[str] = set()
    for place, one in enumerate(candidates):
        if one.id in seen:
            return place, one.id
        seen.add(one.id)
    raise AssertionError("no id comes twice")
