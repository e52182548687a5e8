"""From candidates and constraints to the task without names: refuse, sort, number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import compress
from operator import attrgetter
from typing import NamedTuple

from minorguard.ranking.candidates import Candidate, Traits, is_of
from minorguard.ranking.constraints import PERSONAL, Constraints, Kind, Refusal, Share, Window
from minorguard.ranking.groups import groups
from minorguard.ranking.task import Task, families

_REFUSED = -1
_AGAIN, _BANNED = Refusal("already_shown"), Refusal("banned")
_SAMPLE = 100
"""Of so many scores it is guessed from which one on the best ones lie."""
_MOST_KNOWN = 65_536
_id_of, _score_of, _traits_of = attrgetter("id"), attrgetter("score"), attrgetter("traits")


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
    demands: tuple[Demand, ...]
    windows: tuple[Window, ...]
    """By window rule of the task."""
    asked: int
    """How many slots were asked for; the task has as many as the totals leave and all of the items fill."""


@dataclass(slots=True, eq=False)
class _Rules:
    """What of the constraints sorts items into classes. Kept from call to call, with what it says of topics."""

    demands: tuple[Demand, ...]
    windows: tuple[Window, ...]
    known: dict[tuple[frozenset[str], bool], tuple[int, tuple[int, ...]]] = field(default_factory=dict)

    def about(self, traits: Traits) -> tuple[int, tuple[int, ...]]:
        """The demands that an item serves, as bits, and the rules of topics that bind it."""
        key = traits.topics, traits.personal
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()
            mask = sum([1 << number for number, demand in enumerate(self.demands) if demand.serves(traits)])
            bound_by = [
                rule
                for rule, one in enumerate(self.windows)
                if one.topic is not None and is_of(one.topic, traits.topics)
            ]
            found = self.known[key] = mask, tuple(bound_by)
        return found


@lru_cache(maxsize=256)
def _rules(
    shares: tuple[Share, ...], windows: tuple[Window, ...], personal_percent: int, relax: tuple[Kind, ...]
) -> _Rules:
    """The shares that ask for anything at all, and the windows that may hold anything back."""
    demands = [
        Demand(one.id, one.kind, one.topic, one.percent, one.least, one.kind in relax and not one.firm)
        for one in shares
        if one.percent != (0 if one.least else 100)
    ]
    if 0 < personal_percent < 100:
        demands.append(Demand(PERSONAL, None, None, personal_percent, least=False, gives_way=False))
    return _Rules(tuple(demands), tuple(one for one in windows if one.most < one.within))


class Pool:
    """Candidates, and what keeps each out. Traits are looked at as they are needed, and the gate asked once of each."""

    def __init__(
        self, candidates: Sequence[Candidate], constraints: Constraints, previous: Sequence[Candidate]
    ) -> None:
        self.candidates = tuple(candidates)
        self.constraints = constraints
        self.previous = previous
        self.out = dict.fromkeys(map(_id_of, previous), _AGAIN) | dict.fromkeys(constraints.banned, _BANNED)
        """By id: what editors took out, and what the list has shown before."""
        self._plain_only = constraints.personal_percent == 0
        self._scores = list(map(_plain if self._plain_only else _score_of, self.candidates))
        self._refusals: dict[int, Refusal | None] = {}
        """By identity of traits."""

    def prepare(self, slots: int, *, most: int | None = None) -> Prepared:
        """The task behind a list; with `most` of about so many of the best candidates, and marked as a part of it."""
        constraints, candidates = self.constraints, self.candidates
        rules = _rules(constraints.shares, constraints.windows, constraints.personal_percent, constraints.relax)
        classes = _Classes(rules)
        if most is None or 2 * most >= len(candidates):
            order, part = _sorted(range(len(candidates)), self._scores), False
            kind_of = self._kinds(map(_traits_of, candidates), classes)
        else:
            order, part = _foremost(self._scores, most), True
            kind_of = self._kinds([candidates[place].traits for place in order], classes)
            if families(tuple(classes.serves), len(rules.demands)):  # what serves two of them may be among the rest
                self._kinds(map(_traits_of, candidates), classes)
        items, scores = [candidates[place] for place in order], [self._scores[place] for place in order]
        kinds = [kind_of[id(one.traits)] for one in items]
        if self.out or _REFUSED in kinds:
            out = self.out
            stays = [kind >= 0 for kind in kinds]
            if out:
                stays = [stay and one.id not in out for stay, one in zip(stays, items, strict=True)]
            items, scores, kinds = [list(compress(some, stays)) for some in (items, scores, kinds)]
        left = constraints.room(slots) if part else min(constraints.room(slots), len(items))
        task = Task(
            slots=left,
            shown=len(self.previous),
            scores=scores,
            kinds=kinds,
            serves=classes.serves,
            needs=[_needs(demand, left, self.previous) for demand in rules.demands],
            pins=_pins(items, constraints, len(self.previous)),
            part=part,
            **groups(items, kinds, rules.windows, classes.bound_by, self.previous),
        )
        return Prepared(task, items, rules.demands, rules.windows, slots)

    def _kinds(self, traits: Iterable[Traits], classes: _Classes) -> dict[int, int]:
        """By identity of traits: the class; below 0: refused."""
        every = {id(one): one for one in traits}
        return {key: classes.number(one) if self._refusal(key, one) is None else _REFUSED for key, one in every.items()}

    def _refusal(self, key: int, traits: Traits) -> Refusal | None:
        if key not in self._refusals:
            self._refusals[key] = self._asked(traits)
        return self._refusals[key]

    def _asked(self, traits: Traits) -> Refusal | None:
        if self._plain_only and traits.personal and not traits.plain:
            return Refusal(PERSONAL)
        found = self.constraints.gate(traits)
        return found[0] if found else None

    def refused(self) -> dict[str, Refusal]:
        """By id: what may not stand in any list."""
        traits = list(map(_traits_of, self.candidates))
        keys = list(map(id, traits))
        for key, one in dict(zip(keys, traits, strict=True)).items():
            self._refusal(key, one)
        refusals = map(self._refusals.__getitem__, keys)
        found = {one.id: refusal for one, refusal in zip(self.candidates, refusals, strict=True) if refusal is not None}
        if self.out:
            found |= {one.id: self.out[one.id] for one in self.candidates if one.id in self.out}
        return found


def _foremost(scores: Sequence[float], most: int) -> list[int]:
    """The places of about so many of the best scores, best first, and none that is better left out."""
    step = len(scores) // _SAMPLE or 1
    sample = sorted(scores[::step], reverse=True)
    bar = sample[min(most // step + 1, len(sample) - 1)]
    return _sorted([place for place, score in enumerate(scores) if score >= bar], scores)


def _sorted(places: Sequence[int], scores: Sequence[float]) -> list[int]:
    """Best first, equal ones as they come."""
    return sorted(places, key=scores.__getitem__, reverse=True)


class _Classes:
    """Classes of items as they are numbered: which demands are served, which topic windows bind."""

    def __init__(self, rules: _Rules) -> None:
        self.rules = rules
        self.serves: list[int] = []
        self.bound_by: list[tuple[int, ...]] = []
        """By class: the rules of topics that bind it."""
        self._numbers: dict[tuple[int, tuple[int, ...]], int] = {}

    def number(self, traits: Traits) -> int:
        """The class of an item."""
        about = self.rules.about(traits)
        kind = self._numbers.setdefault(about, len(self.serves))
        if kind == len(self.serves):
            self.serves.append(about[0])
            self.bound_by.append(about[1])
        return kind


def _plain(one: Candidate) -> float:
    return one.plain_score if one.personal and one.plain_score is not None else one.score


def _needs(demand: Demand, slots: int, previous: Sequence[Candidate]) -> Sequence[int]:
    have = sum([1 for one in previous if demand.serves(one.traits)])
    return _needs_of(demand.percent, demand.least, slots, len(previous), have)


@lru_cache(maxsize=1024)
def _needs_of(percent: int, least: bool, slots: int, shown: int, have: int) -> tuple[int, ...]:
    share = percent if least else 100 - percent  # so much of anything else, rounded down as well
    return tuple([max(0, (shown + place) * share // 100 - have) for place in range(slots + 1)])


def _pins(items: Sequence[Candidate], constraints: Constraints, shown: int) -> dict[int, int]:
    if not constraints.pins:
        return {}
    number = {one.id: item for item, one in enumerate(items)}
    return {number[pin.item]: max(1, pin.rank - shown) for pin in constraints.pins if pin.item in number}
