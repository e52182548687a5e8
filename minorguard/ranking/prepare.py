"""From candidates and constraints to the task without names: refuse, sort, number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, TypedDict

from minorguard.ranking.candidates import Candidate, Traits, is_of
from minorguard.ranking.constraints import PERSONAL, Constraints, Gate, Kind, Refusal, Window
from minorguard.ranking.task import Task

_REFUSED = -1
_traits_of = attrgetter("traits")


class Demand(NamedTuple):
    """A share as a demand on prefixes: for its topic, or for anything else."""

    id: str
    kind: Kind | None
    """None: never relaxed, whatever is declared."""
    topic: str | None
    """None: a personal score."""
    percent: int
    least: bool
    gives_way: bool

    def is_of(self, traits: Traits) -> bool:
        """Whether an item is of what it speaks of."""
        return traits.personal if self.topic is None else is_of(self.topic, traits.topics)

    def serves(self, traits: Traits) -> bool:
        """Whether an item serves it."""
        return self.is_of(traits) == self.least


@dataclass(slots=True)
class Prepared:
    """A task, and what its numbers stand for."""

    task: Task
    items: list[Candidate]
    """By item's number: best first."""
    dropped: dict[str, Refusal]
    """What the gate, the editors or an earlier page took out."""
    demands: tuple[Demand, ...]
    windows: tuple[Window, ...]
    """By window rule of the task."""
    asked: int
    """How many slots were asked for; the task has as many as the totals leave."""


def demands_of(constraints: Constraints) -> tuple[Demand, ...]:
    """The shares that ask for anything at all."""
    shares = [
        Demand(share.id, share.kind, share.topic, share.percent, share.least, constraints.gives_way(share))
        for share in constraints.shares
        if share.percent != (0 if share.least else 100)
    ]
    if 0 < constraints.personal_percent < 100:
        shares.append(Demand(PERSONAL, None, None, constraints.personal_percent, least=False, gives_way=False))
    return tuple(shares)


def prepare(
    candidates: Sequence[Candidate], constraints: Constraints, slots: int, previous: Sequence[Candidate]
) -> Prepared:
    """The task behind a list."""
    plain_only = constraints.personal_percent == 0
    demands = demands_of(constraints)
    windows = tuple(one for one in constraints.windows if one.most < one.within)
    sorting = _Sorting(constraints.gate, demands, windows, plain_only=plain_only)
    kinds = sorting.kinds(candidates)
    dropped = _dropped(candidates, kinds, sorting.refusals)
    _take_out(candidates, kinds, dropped, constraints.banned, {one.id for one in previous})
    scores = [_plain(one) for one in candidates] if plain_only else [one.score for one in candidates]
    order = sorted(range(len(candidates)), key=scores.__getitem__, reverse=True)  # stable: equal scores as they came
    if dropped:
        order = [place for place in order if kinds[place] != _REFUSED]
    items = [candidates[place] for place in order]
    kinds = [kinds[place] for place in order]
    left = min([slots, *(total.left for total in constraints.totals)])
    task = Task(
        slots=left,
        shown=len(previous),
        scores=[scores[place] for place in order],
        kinds=kinds,
        serves=sorting.serves,
        needs=[_needs(demand, left, previous) for demand in demands],
        pins=_pins(items, constraints, len(previous)),
        **_groups(items, kinds, windows, sorting, previous),
    )
    return Prepared(task, items, dropped, demands, windows, slots)


def _dropped(
    candidates: Sequence[Candidate], kinds: Sequence[int], refusals: dict[Traits, Refusal]
) -> dict[str, Refusal]:
    if not refusals:
        return {}
    return {one.id: refusals[one.traits] for one, kind in zip(candidates, kinds, strict=True) if kind == _REFUSED}


def _take_out(
    candidates: Sequence[Candidate],
    kinds: list[int],
    dropped: dict[str, Refusal],
    banned: frozenset[str],
    shown: set[str],
) -> None:
    """Refuse what editors banned, and what the list has shown before."""
    if not banned and not shown:
        return
    for place, one in enumerate(candidates):
        if one.id in banned or one.id in shown:
            kinds[place] = _REFUSED
            dropped[one.id] = Refusal("banned" if one.id in banned else "already_shown")


class _Sorting:
    """Classes by traits: what the gate says, which demands are served, which topic windows bind."""

    def __init__(
        self, gate: Gate, demands: tuple[Demand, ...], windows: tuple[Window, ...], *, plain_only: bool
    ) -> None:
        self.gate, self.demands, self.plain_only = gate, demands, plain_only
        self.topics = [(rule, one.topic) for rule, one in enumerate(windows) if one.topic is not None]
        self.refusals: dict[Traits, Refusal] = {}
        self.serves: list[int] = []
        self.bound_by: list[tuple[int, ...]] = []
        """By class: the rules of topics that bind it."""
        self._classes: dict[tuple[int, tuple[int, ...]], int] = {}
        self._known: dict[tuple[frozenset[str], bool], int] = {}
        """By all that demands and windows look at."""

    def kinds(self, candidates: Sequence[Candidate]) -> list[int]:
        """The class of each candidate; below 0: refused."""
        traits = list(map(_traits_of, candidates))
        known = {key: self._kind(one) for key, one in dict(zip(map(id, traits), traits, strict=True)).items()}
        return list(map(known.__getitem__, map(id, traits)))

    def _kind(self, traits: Traits) -> int:
        refused = self._refusal(traits)
        if refused is not None:
            self.refusals[traits] = refused
            return _REFUSED
        about = traits.topics, traits.personal
        kind = self._known.get(about)
        if kind is None:
            kind = self._known[about] = self._class(traits)
        return kind

    def _class(self, traits: Traits) -> int:
        mask = sum([1 << number for number, demand in enumerate(self.demands) if demand.serves(traits)])
        bound_by = tuple([rule for rule, topic in self.topics if is_of(topic, traits.topics)])
        kind = self._classes.setdefault((mask, bound_by), len(self.serves))
        if kind == len(self.serves):
            self.serves.append(mask)
            self.bound_by.append(bound_by)
        return kind

    def _refusal(self, traits: Traits) -> Refusal | None:
        if self.plain_only and traits.personal and not traits.plain:
            return Refusal(PERSONAL)
        found = self.gate(traits)
        return found[0] if found else None


def _plain(one: Candidate) -> float:
    return one.plain_score if one.personal and one.plain_score is not None else one.score


def _needs(demand: Demand, slots: int, previous: Sequence[Candidate]) -> list[int]:
    have = sum(1 for one in previous if demand.serves(one.traits))
    return list(_needs_of(demand.percent, demand.least, slots, len(previous), have))


@lru_cache(maxsize=1024)
def _needs_of(percent: int, least: bool, slots: int, shown: int, have: int) -> tuple[int, ...]:
    share = percent if least else 100 - percent  # so much of anything else, rounded down as well
    return tuple([max(0, (shown + place) * share // 100 - have) for place in range(slots + 1)])


class _TaskGroups(TypedDict):
    groups: list[tuple[int, ...]]
    most: list[int]
    within: list[int]
    rules: list[int]
    recent: list[list[int]]


def _groups(
    items: Sequence[Candidate],
    kinds: Sequence[int],
    windows: tuple[Window, ...],
    sorting: _Sorting,
    previous: Sequence[Candidate],
) -> _TaskGroups:
    """The groups of each item, and of each group its numbers. An author too rare to be held back is none."""
    if not windows:
        return {"groups": [()] * len(items), "most": [], "within": [], "rules": [], "recent": []}
    book = _Groups(windows, previous)
    of_topic = {
        rule: book.add(rule, [at for at, one in book.tails[rule] if is_of(window.topic, one.topics)])
        for rule, window in enumerate(windows)
        if window.topic is not None
    }
    of_author = book.authors([one.author for one in items])
    of_kind = [tuple(of_topic[rule] for rule in bound) for bound in sorting.bound_by]
    if any(of_kind):
        found = [of_kind[kind] + of_author.get(one.author, ()) for one, kind in zip(items, kinds, strict=True)]
    else:
        found = [of_author.get(one.author, ()) for one in items]
    return {
        "groups": found,
        "most": book.most,
        "within": book.within,
        "rules": book.rules,
        "recent": book.recent,
    }


class _Groups:
    """Groups as they are numbered."""

    def __init__(self, windows: tuple[Window, ...], previous: Sequence[Candidate]) -> None:
        self.windows = windows
        self.tails = [_tail(previous, window) for window in windows]
        """By rule: what of earlier pages its windows still see."""
        self.most: list[int] = []
        self.within: list[int] = []
        self.rules: list[int] = []
        self.recent: list[list[int]] = []

    def add(self, rule: int, recent: list[int]) -> int:
        """A new group of a rule."""
        window = self.windows[rule]
        self.most.append(window.most)
        self.within.append(window.within)
        self.rules.append(rule)
        self.recent.append(recent)
        return len(self.rules) - 1

    def _add_all(self, rule: int, number: int) -> list[tuple[int, ...]]:
        """So many new groups of a rule that stood nowhere yet."""
        window, first = self.windows[rule], len(self.rules)
        self.most += [window.most] * number
        self.within += [window.within] * number
        self.rules += [rule] * number
        self.recent += [[] for _ in range(number)]
        return [(group,) for group in range(first, first + number)]

    def authors(self, authors: Sequence[str | None]) -> dict[str | None, tuple[int, ...]]:
        """The groups of each author that is not too rare to be held back."""
        by_author = [(rule, window.most) for rule, window in enumerate(self.windows) if window.topic is None]
        least = min((most for _, most in by_author), default=None)
        if least is None:
            return {}
        stood = {one.author for tail in self.tails for _, one in tail}
        counted = Counter(authors)
        if not stood and len(by_author) == 1:
            often = [author for author, number in counted.items() if number > least and author is not None]
            return dict(zip(often, self._add_all(by_author[0][0], len(often)), strict=True))
        held = [author for author, number in counted.items() if number > least or author in stood]
        return {
            author: self._author(author, counted[author], by_author, stands=author in stood)
            for author in held
            if author is not None
        }

    def _author(
        self, author: str, number: int, by_author: Sequence[tuple[int, int]], *, stands: bool
    ) -> tuple[int, ...]:
        groups = []
        for rule, most in by_author:
            recent = [at for at, one in self.tails[rule] if one.author == author] if stands else []
            if number + len(recent) > most:
                groups.append(self.add(rule, recent))
        return tuple(groups)


def _tail(previous: Sequence[Candidate], window: Window) -> list[tuple[int, Candidate]]:
    """What of earlier pages a window still sees, with its places: the last one's is 0."""
    tail = previous[-(window.within - 1) :] if window.within > 1 else ()
    return [(at - len(tail) + 1, one) for at, one in enumerate(tail)]


def _pins(items: Sequence[Candidate], constraints: Constraints, shown: int) -> dict[int, int]:
    if not constraints.pins:
        return {}
    number = {one.id: item for item, one in enumerate(items)}
    return {number[pin.item]: max(1, pin.rank - shown) for pin in constraints.pins if pin.item in number}
