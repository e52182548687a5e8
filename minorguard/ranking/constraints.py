"""What holds for a list: frozen, from whatever layers, the strictest side by side. Each part has an id of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from minorguard.errors import InvalidInput
from minorguard.model.ids import Seconds
from minorguard.ranking.candidates import Traits

MOST_RULES = 12
"""How many shares, and how many windows, one list may have."""


class Refusal(NamedTuple):
    """Why a candidate is not shown: a code, and what of it (a label, a topic, a constraint)."""

    code: str
    what: str | None = None


Gate = Callable[[Traits], tuple[Refusal, ...]]
"""All that is against showing an item at all, the decisive first; nothing: it may be shown.

Pure: asked at most once per traits and list, of what no list could hold only when the reasons for dropping are read.
"""


def open_gate(_traits: Traits) -> tuple[Refusal, ...]:
    """Nothing is refused."""
    return ()


class Kind(StrEnum):
    """What may give way when no full list can keep everything."""

    PER_TOPIC = "per_topic"
    PER_AUTHOR = "per_author"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"


RELAX = (Kind.PER_TOPIC, Kind.PER_AUTHOR, Kind.AT_MOST, Kind.AT_LEAST)
"""What gives way first to last, where nothing else is declared."""
PERSONAL = "personal"
"""The constraint on the share of items with a personal score."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` items of one author (or, with a topic, of that topic) in any `within` neighbours."""

    most: int
    within: int
    topic: str | None = None
    firm: bool = False
    """Never relaxed."""

    def __post_init__(self) -> None:
        if self.most < 0 or self.within < 1:
            raise InvalidInput(self.id, "needs `most` of 0 or more and `within` of 1 or more")

    @property
    def kind(self) -> Kind:
        """What it is among the things that may give way."""
        return Kind.PER_AUTHOR if self.topic is None else Kind.PER_TOPIC

    @property
    def id(self) -> str:
        """Its name in reasons and certificates."""
        about = "" if self.topic is None else f"{self.topic}/"
        return f"{self.kind.value}/{about}{self.most}-in-{self.within}"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of every prefix: at least, rounded down to whole items, or at most, rounded up."""

    topic: str
    percent: int
    least: bool
    firm: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= 100:
            raise InvalidInput(self.id, f"is `{self.percent}` per cent; shares lie between 0 and 100")

    @property
    def kind(self) -> Kind:
        """What it is among the things that may give way."""
        return Kind.AT_LEAST if self.least else Kind.AT_MOST

    @property
    def id(self) -> str:
        """Its name in reasons and certificates."""
        return f"{self.kind.value}/{self.topic}/{self.percent}"

    def bound(self, rank: int) -> int:
        """The number of items that it asks for (or allows) among the first `rank`.

        >>> [Share("education", 20, True).bound(rank) for rank in (4, 5, 10)]
        [0, 1, 2]
        >>> [Share("entertainment", 40, False).bound(rank) for rank in (1, 2, 3, 5)]
        [1, 1, 2, 2]
        """
        return rank * self.percent // 100 if self.least else -(-rank * self.percent // 100)


@dataclass(frozen=True, slots=True)
class Total:
    """So many items in all: in a sitting, in a day."""

    id: str
    """`items_per_sitting` or `items_per_day`."""
    limit: int
    used: int = 0

    @property
    def left(self) -> int:
        """How many more there may be."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class BreakEvery:
    """A break after so many items, or so much play, whichever comes first."""

    items: int | None = None
    seconds: Seconds | None = None

    def __post_init__(self) -> None:
        for name, amount in (("items", self.items), ("seconds", self.seconds)):
            if amount is not None and amount < 1:
                raise InvalidInput(f"break_every/{name}", "must be 1 or more; leave it out for no breaks")


class Pin(NamedTuple):
    """An editor wants an item to stand from a rank on, if the gate lets it."""

    item: str
    rank: int


@dataclass(frozen=True, slots=True)
class Constraints:
    """All that holds for one list of one subject on one surface, at one instant."""

    gate: Gate = open_gate
    windows: tuple[Window, ...] = ()
    shares: tuple[Share, ...] = ()
    personal_percent: int = 100
    """The largest share, in every prefix, of items by a personal score; 0: personal scores are not used at all."""
    totals: tuple[Total, ...] = ()
    break_every: BreakEvery | None = None
    autoplay: bool = True
    banned: frozenset[str] = frozenset()
    """Items that editors took out."""
    pins: tuple[Pin, ...] = ()
    relax: tuple[Kind, ...] = RELAX
    """What may give way, in this order; a kind that is left out never does."""

    def __post_init__(self) -> None:
        if not 0 <= self.personal_percent <= 100:
            raise InvalidInput("personal_percent", "shares lie between 0 and 100")
        if max(len(self.shares), len(self.windows)) > MOST_RULES:
            raise InvalidInput("constraints", f"have more than {MOST_RULES} shares or windows; merge some")
        if len({pin.item for pin in self.pins}) != len(self.pins):
            raise InvalidInput("pins", "an item is pinned twice; keep one rank")

    def room(self, slots: int) -> int:
        """How many of so many slots the totals leave."""
        return min([slots, *(total.left for total in self.totals)])

    def gives_way(self, constraint: Window | Share) -> bool:
        """Whether a constraint may be relaxed at all."""
        return constraint.kind in self.relax and not constraint.firm
