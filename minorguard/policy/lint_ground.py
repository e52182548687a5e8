"""What every lint stands on: the document as written, the policy as compiled, and where the one is in the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol, TypeVar

from minorguard.model.age import AgeBand
from minorguard.model.calendar import DayScheme
from minorguard.model.origins import Layer, Origin
from minorguard.model.rules import BandPolicy, CompiledPolicy, QuotaRule, TimeRule
from minorguard.policy.layers import Laid
from minorguard.policy.lint_days import Day, days_of
from minorguard.policy.positions import join

_MOST_ENTRIES = 40
"""How many spans, warnings and quotas of single activities a band may have for its time to be looked at."""
_MOST_ACTIVITIES = 100
ANY = "*"
"""Stands for an activity, or a feature, that no document names."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A warning to be: where, which code, and what to say."""

    pointer: str
    code: str
    message: str
    suggestion: str | None = None
    at_key: bool = False
    """Whether it stands at the key of its place, not at the value."""


@dataclass(frozen=True, slots=True)
class Looser:
    """Something by which one band is looser than another: where in a band, and in words."""

    path: tuple[str, ...]
    more: str
    """What the younger may; it follows the band's name."""
    less: str
    """What the older may; it follows the band's name."""


def above(name: str) -> Iterator[str]:
    """A dotted name and every name above it.

    >>> list(above("violence.graphic"))
    ['violence.graphic', 'violence']
    """
    while name:
        yield name
        name = name.rpartition(".")[0]


def clause(origin: Origin) -> str:
    """Who says so: the document and, of a law, the clause, as a message names them."""
    return f"`{origin.document}`" + (f" ({origin.source.article})" if origin.source is not None else "")


class _HasOrigin(Protocol):
    @property
    def origin(self) -> Origin: ...


Rule = TypeVar("Rule", bound=_HasOrigin)


@dataclass(frozen=True, slots=True)
class Written:
    """A band as the document writes it, and the compiled bands that it was cut into."""

    band: AgeBand
    pointer: str
    section: Mapping[str, Any]
    pieces: tuple[BandPolicy, ...]

    def part(self, *keys: str) -> Mapping[str, Any]:
        """A mapping inside the band, empty where it is not written."""
        found: Mapping[str, Any] = self.section
        for key in keys:
            found = found.get(key, {})
        return found

    def entries(self) -> int:
        """How many spans, warnings and quotas of single activities it has."""
        time = self.part("time")
        lists = (*(time.get(key, ()) for key in ("curfew", "windows", "warn_before")), self.part("time", "quota"))
        return sum(map(len, lists)) + len(self.part("time", "quota", "per_activity"))

    def at(self, *keys: object) -> str:
        """The pointer of a place inside the band."""
        return join(self.pointer, *keys)

    def in_every_piece(self, check: Callable[[BandPolicy], Iterable[Doubt]]) -> Iterator[Doubt]:
        """What is doubtful at every age of the band."""
        found = [tuple(check(piece)) for piece in self.pieces]
        if found:
            yield from (doubt for doubt in found[0] if all(doubt in others for others in found[1:]))


@dataclass(frozen=True)
class Ground:
    """A document that compiled."""

    loaded: Mapping[str, Any]
    policy: CompiledPolicy
    extended: tuple[Laid, ...] = ()
    """The presets that it extends."""
    today: date | None = None

    @cached_property
    def known_features(self) -> frozenset[str]:
        """The features that the extended presets name."""
        rules = (rule for one in self.extended for rule in one.preset.rules)
        return frozenset(feature.feature for rule in rules for feature in rule.features)

    @cached_property
    def known_labels(self) -> frozenset[str]:
        """The labels and topics that the extended presets name."""
        rules = [rule for one in self.extended for rule in one.preset.rules]
        content = (label for rule in rules for other in rule.content for label in other.block)
        topics = (topic for rule in rules for other in rule.recommendations for topic in other.block)
        shares = (share for rule in rules for other in rule.recommendations for share in other.at_most + other.at_least)
        return frozenset((*content, *topics, *(topic for topic, _ in shares)))

    @cached_property
    def known_activities(self) -> frozenset[str]:
        """The activities that the extended presets name, and the default one."""
        named = (name for one in self.extended for name in one.preset.activities)
        return frozenset(named) | {self.policy.default_activity}

    @cached_property
    def known_surfaces(self) -> frozenset[str]:
        """The surfaces that the extended presets name."""
        rules = (rule for one in self.extended for preset in one.preset.rules for rule in preset.content)
        return frozenset(name for rule in rules for name in rule.surfaces or ())

    @cached_property
    def known_pools(self) -> frozenset[str]:
        """The pools that the extended presets name."""
        rules = (rule for one in self.extended for preset in one.preset.rules for rule in preset.content)
        return frozenset(name for rule in rules for name in rule.pools or ())

    @cached_property
    def bands(self) -> tuple[Written, ...]:
        """The bands as written, youngest first."""
        return tuple(
            Written(
                band,
                join("/bands", band),
                section,
                tuple(piece for piece in self.policy.bands if piece.band.overlaps(band)),
            )
            for band, section in sorted(self.loaded.get("bands", {}).items())
        )

    @cached_property
    def timed(self) -> tuple[Written, ...]:
        """The bands whose time rules are few enough to be compared with one another."""
        few = len(self.activities) <= _MOST_ACTIVITIES
        return tuple(band for band in self.bands if few and band.entries() <= _MOST_ENTRIES)

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """Every day that the policy's calendar can bring."""
        return days_of(self.policy.calendar)

    @property
    def scheme(self) -> DayScheme:
        """How the policy cuts time."""
        return self.policy.days

    @cached_property
    def activities(self) -> tuple[str, ...]:
        """The activities that the policy names, and one that it does not."""
        return (*sorted(self.policy.known_activities | {self.policy.default_activity}), ANY)

    def own(self, origin: Origin) -> bool:
        """Whether the document itself wrote a rule."""
        return origin.layer is Layer.PRODUCT and origin.document == self.policy.id

    def lasting(self, origin: Origin) -> bool:
        """Whether a rule holds today and without an end that is known."""
        begun = origin.effective_from is None or self.today is None or origin.effective_from <= self.today
        return begun and origin.effective_to is None

    def lasting_of(self, rules: Iterable[Rule]) -> list[Rule]:
        """The rules that hold today and without an end that is known."""
        return [rule for rule in rules if self.lasting(rule.origin)]

    def time(self, piece: BandPolicy) -> tuple[TimeRule, ...]:
        """The time rules of a band that hold today and without an end."""
        return tuple(self.lasting_of(piece.time))

    def closed(self, piece: BandPolicy) -> bool:
        """Whether a band leaves no use at all: a quota of nothing on every day."""
        return any(
            isinstance(rule, QuotaRule)
            and rule.binds(self.policy.default_activity)
            and rule.raise_at_most == 0
            and all(day.limit(rule.limits) == 0 for day in self.days)
            for rule in self.time(piece)
        )

    def bound(self, rule: TimeRule) -> frozenset[str]:
        """The activities that a rule binds."""
        return frozenset(name for name in self.activities if rule.binds(name))
