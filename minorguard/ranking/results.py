"""A list, and why it is as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from minorguard.ranking.constraints import Refusal


class Placed(NamedTuple):
    """One item of the list."""

    id: str
    slot: int
    """Its place in this answer, from 1."""
    rank: int
    """Its place in the whole list, earlier pages included, from 1."""
    score: float
    """The score that was used."""
    why: str
    """`best`: nothing better is left; `next_best`: a better one is held back; `needed`: a share is due; `pinned`."""
    constraint: str | None = None
    """What held the better one back, or what was due."""
    autoplay: bool = True
    """Whether it may begin by itself."""


class Relaxed(NamedTuple):
    """A constraint that could not be kept at a rank."""

    rank: int
    constraint: str
    bound: int
    """What it asked for."""
    measured: int
    """What became of it."""


class BreakSlot(NamedTuple):
    """A break that the caller must make after an item, before the next one."""

    after_rank: int
    cause: str
    """`items` or `seconds`."""


class Statement(NamedTuple):
    """What a certificate says of one constraint: its bound, and the figure measured where it came closest to it."""

    constraint: str
    rule: Mapping[str, Any]
    """The constraint as data: `kind` and its numbers."""
    rank: int
    """Where it was closest (or furthest beyond)."""
    bound: int
    measured: int
    holds: bool


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is claimed of a list. `minorguard.ranking.verify` measures it again by code of its own."""

    slots: int
    """How many were asked for."""
    shown: int
    """How many items the list had before."""
    ids: tuple[str, ...]
    value: float
    """The sum of score over log2(rank + 1)."""
    statements: tuple[Statement, ...]
    relaxed: tuple[Relaxed, ...]
    """Every rank at which some constraint is not kept; there is no other."""

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "slots": self.slots,
            "shown_before": self.shown,
            "items": list(self.ids),
            "value": self.value,
            "statements": [{**one._asdict(), "rule": dict(one.rule)} for one in self.statements],
            "relaxed": [one._asdict() for one in self.relaxed],
        }


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best list that the constraints permit, as far as it was found."""

    items: tuple[Placed, ...]
    dropped: Mapping[str, Refusal]
    """By id: why a candidate is not in the list."""
    relaxed: tuple[Relaxed, ...]
    breaks: tuple[BreakSlot, ...]
    certificate: Certificate
    infeasible: tuple[str, ...] = ()
    """If the list is shorter than was asked for: the smallest set of constraints that together keep it so."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The list's ids, in order."""
        return tuple(one.id for one in self.items)
