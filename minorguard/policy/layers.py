"""Laying presets, extended policies and the product's own bands over one another.

Ages are cut wherever some document cuts them, and in each piece the rules of all of them stand side by side.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Any, TypeVar

from minorguard.model.age import ADULT, AgeBand
from minorguard.model.ids import Seconds
from minorguard.model.rules import (
    SECTIONS,
    BandPolicy,
    CompiledPolicy,
    FeatureLayer,
    Origin,
    QuotaRule,
    Strength,
    TimeRule,
)
from minorguard.policy.lattice import bands_for
from minorguard.policy.positions import join
from minorguard.policy.preset_files import Preset, PresetRule
from minorguard.policy.rules import Author, feature_layer, kind_of, time_rules
from minorguard.policy.sections import OTHER_SECTIONS, other_rules

ALL_AGES = AgeBand(0, ADULT)

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Laid:
    """A preset as a document extends it."""

    preset: Preset
    pointer: str = ""
    """Where the document names it."""
    switched_on: frozenset[Strength] = frozenset()

    @property
    def rules(self) -> tuple[PresetRule, ...]:
        """Its rules that are on."""
        return tuple(rule for rule in self.preset.rules if rule.counts(self.switched_on))


@dataclass(frozen=True, slots=True)
class Product:
    """What the product says, apart from its bands."""

    origin: Origin
    exempt: Mapping[str, frozenset[str]]
    """Exempt activities by kind of rule."""
    per_day_seconds: Seconds
    """How far the grants of one day may raise a daily quota."""

    def author(self) -> Author:
        """The writer of the product's rules."""
        return Author(self.origin, exempt=self.exempt, raise_at_most=self.per_day_seconds)


@dataclass(frozen=True, slots=True)
class Layers:
    """All documents that a policy is made of."""

    bands: Mapping[AgeBand, Mapping[str, Any]]
    """The product's own."""
    product: Product
    presets: tuple[Laid, ...] = ()
    policies: tuple[CompiledPolicy, ...] = ()
    """Other policies that it extends, each compiled by itself."""

    def compiled(self) -> tuple[BandPolicy, ...]:
        """One band for every age range in which all documents say the same throughout."""
        ranges = tuple(self._ranges())
        edges = sorted({edge for ages in ranges for edge in (ages.from_age, ages.below_age)})
        cut = [AgeBand(low, high) for low, high in pairwise(edges)]
        return tuple(self._band(ages) for ages in cut if any(ages.overlaps(other) for other in ranges))

    def _ranges(self) -> Iterator[AgeBand]:
        yield from self.bands
        for laid in self.presets:
            yield from (rule.ages for rule in laid.rules)
            yield from laid.preset.bands
        for policy in self.policies:
            yield from (band.band for band in policy.bands)

    def _band(self, ages: AgeBand) -> BandPolicy:
        law = [preset_band(laid, ages, self.product) for laid in self.presets]
        bases = [band for policy in self.policies for band in bands_for(policy, ages.from_age)]
        own = next(((band, section) for band, section in self.bands.items() if band.overlaps(ages)), None)
        if own is None:
            return _merged(ages, (*law, *bases), [band.grace for band in bases])
        product = _product_band(*own, self.product)
        graces = [band.grace for band in bases]
        if "grace" in own[1].get("time", {}):
            graces.append(product.grace)
        return _merged(ages, (*law, *bases, product), graces)


def _merged(ages: AgeBand, parts: Iterable[BandPolicy], graces: list[Seconds]) -> BandPolicy:
    """The rules of all parts, each once; the smallest grace of those that speak of one."""
    parts = tuple(parts)
    rules: dict[str, Any] = {name: _each_once(getattr(part, name) for part in parts) for name in SECTIONS}
    warnings = {seconds for part in parts for seconds in part.warn_before}
    return BandPolicy(ages, **rules, warn_before=tuple(sorted(warnings, reverse=True)), grace=min(graces, default=0))


def _each_once(tuples: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(tuples)))


def _product_band(band: AgeBand, section: Mapping[str, Any], product: Product) -> BandPolicy:
    pointer, author, time = join("/bands", band), product.author(), section.get("time", {})
    features = section.get("features")
    return BandPolicy(
        band,
        time_rules(time, join(pointer, "time"), author),
        () if features is None else (feature_layer(features, join(pointer, "features"), author),),
        warn_before=tuple(time.get("warn_before", ())),
        grace=time.get("grace", 0),
        **other_rules(section, pointer, author),
    )


def preset_band(laid: Laid, ages: AgeBand, product: Product) -> BandPolicy:
    """A preset's rules for some ages, with the exemptions that it allows and the product makes."""
    rules = [rule for rule in laid.rules if rule.ages.overlaps(ages)]
    others: dict[str, Any] = {name: _each_once(getattr(rule, name) for rule in rules) for name in OTHER_SECTIONS}
    return BandPolicy(
        ages,
        tuple(_adapted(rule, time, product) for rule in rules for time in rule.time),
        tuple(FeatureLayer(None, rule.features) for rule in rules if rule.features),
        **others,
    )


def _adapted(rule: PresetRule, time: TimeRule, product: Product) -> TimeRule:
    exempt = time.exempt | (product.exempt.get(kind_of(time), frozenset()) & rule.exemptable)
    if isinstance(time, QuotaRule) and time.slot.startswith("quota.day"):
        raised = product.per_day_seconds if rule.may_extend is None else rule.may_extend
        return replace(time, exempt=exempt, raise_at_most=raised)
    return replace(time, exempt=exempt)
