"""Recommended lists: candidates in; the list, and why it is as it is, out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from minorguard_client.values import Body, Decision


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that a recommender would show. Only `id` and `score` are needed; what is left out fails closed."""

    id: str
    score: float
    """The higher, the sooner."""
    author: str | None = None
    topics: tuple[str, ...] = ()
    """`education.maths` is also `education`."""
    labels: tuple[str, ...] = ()
    rating: str | None = None
    """By age or scale, such as ``8+``."""
    pool: str | None = None
    duration_seconds: int = 0
    promoted: bool = False
    """Bought; never shown to minors."""
    personal: bool = False
    """Whether the score follows from a profile."""
    plain_score: float | None = None
    """The score for anybody; used where personal ones may not be."""

    def to_json(self) -> Body:
        """The wire form."""
        body = {
            "id": self.id,
            "score": self.score,
            "author": self.author,
            "topics": list(self.topics),
            "labels": list(self.labels),
            "rating": self.rating,
            "pool": self.pool,
            "duration_seconds": self.duration_seconds,
            "promoted": self.promoted,
            "personal": self.personal,
            "plain_score": self.plain_score,
        }
        return {name: value for name, value in body.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Placed:
    """An item of the list."""

    id: str
    slot: int
    rank: int
    score: float
    why: str
    """`best`, `next_best`, `needed` (by `constraint`) or `pinned`."""
    constraint: str | None
    autoplay: bool

    @classmethod
    def of(cls, body: Body) -> Placed:
        """Read the wire form."""
        return cls(
            body["id"],
            body["slot"],
            body["rank"],
            body["score"],
            body["why"],
            body.get("constraint"),
            body["autoplay"] is True,
        )


@dataclass(frozen=True, slots=True)
class Dropped:
    """A candidate that is not in the list, and why: a stable code, and what it is about."""

    id: str
    code: str
    what: str | None

    @classmethod
    def of(cls, body: Body) -> Dropped:
        """Read the wire form."""
        return cls(body["id"], body["code"], body.get("what"))


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A constraint that could not be kept at a rank."""

    rank: int
    constraint: str
    bound: int
    measured: int

    @classmethod
    def of(cls, body: Body) -> Relaxed:
        """Read the wire form."""
        return cls(body["rank"], body["constraint"], body["bound"], body["measured"])


@dataclass(frozen=True, slots=True)
class Break:
    """A break that must be made after an item; `cause` is `items` or `seconds`."""

    after_rank: int
    cause: str

    @classmethod
    def of(cls, body: Body) -> Break:
        """Read the wire form."""
        return cls(body["after_rank"], body["cause"])


@dataclass(frozen=True, slots=True)
class RankedList:
    """A list, and why it is as it is."""

    items: tuple[Placed, ...]
    dropped: tuple[Dropped, ...]
    relaxed: tuple[Relaxed, ...]
    breaks: tuple[Break, ...]
    infeasible: tuple[str, ...]
    """A list that is shorter than was asked for: the smallest set of constraints that keeps it so."""
    certificate: Mapping[str, Any]
    """What is claimed of the list; whoever holds list and candidates can measure it again."""

    @classmethod
    def of(cls, body: Body) -> RankedList:
        """Read the wire form."""
        return cls(
            items=tuple(map(Placed.of, body["items"])),
            dropped=tuple(map(Dropped.of, body["dropped"])),
            relaxed=tuple(map(Relaxed.of, body["relaxed"])),
            breaks=tuple(map(Break.of, body["breaks"])),
            infeasible=tuple(map(str, body["infeasible"])),
            certificate=dict(body["certificate"]),
        )


@dataclass(frozen=True, slots=True)
class Recommended:
    """The list that was recommended; None where the decision denies any."""

    decision: Decision
    list: RankedList | None
    personalised: bool
    """Whether personal scores were used."""
    observed: RankedList | None = None
    """Under `observe`: what the list would have been."""

    @classmethod
    def of(cls, body: Body) -> Recommended:
        """Read the wire form."""
        made, observed = body["list"], body.get("observed")
        return cls(
            Decision.of(body["decision"]),
            None if made is None else RankedList.of(made),
            body["personalised"] is True,
            None if observed is None else RankedList.of(observed),
        )
