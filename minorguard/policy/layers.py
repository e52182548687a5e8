"""Laying presets and the product's own bands over one another: ages are cut wherever some document cuts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from minorguard.model.age import ADULT, AgeBand
from minorguard.model.ids import Seconds
from minorguard.model.rules import (
    BandPolicy,
    FeatureLayer,
    Origin,
    QuotaRule,
    SittingRule,
    Strength,
    TimeRule,
)
from minorguard.policy.positions import join
from minorguard.policy.preset_files import Preset, PresetRule
from minorguard.policy.rules import Author, feature_layer, kind_of, time_rules

ALL_AGES = AgeBand(0, ADULT)


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


def band_policies(
    bands: Mapping[AgeBand, Mapping[str, Any]], presets: tuple[Preset, ...], product: Product
) -> tuple[BandPolicy, ...]:
    """One band for every age range in which all documents say the same throughout."""
    rules = [(preset, rule) for preset in presets for rule in preset.rules if _counts(rule)]
    ranges = [*bands, *(rule.ages for _, rule in rules), *(band for preset in presets for band in preset.bands)]
    edges = sorted({edge for ages in ranges for edge in (ages.from_age, ages.below_age)})
    cut = [AgeBand(low, high) for low, high in pairwise(edges)]
    return tuple(
        _band_policy(ages, bands, presets, product) for ages in cut if any(ages.overlaps(other) for other in ranges)
    )


def _counts(rule: PresetRule) -> bool:
    return rule.origin.strength is not Strength.ENJOINED


def _band_policy(
    ages: AgeBand, bands: Mapping[AgeBand, Mapping[str, Any]], presets: tuple[Preset, ...], product: Product
) -> BandPolicy:
    own = next(((band, section) for band, section in bands.items() if band.overlaps(ages)), None)
    law = tuple(rule for preset in presets for rule in preset_time(preset, ages, product))
    features = tuple(_preset_features(presets, ages))
    if own is None:
        return BandPolicy(ages, law, features)
    pointer, time = join("/bands", own[0]), own[1].get("time", {})
    if "features" in own[1]:
        features += (feature_layer(own[1]["features"], join(pointer, "features"), product.author()),)
    return BandPolicy(
        ages,
        law + time_rules(time, join(pointer, "time"), product.author()),
        features,
        warn_before=tuple(sorted(set(time.get("warn_before", ())), reverse=True)),
        grace=time.get("grace", 0),
    )


def preset_time(preset: Preset, ages: AgeBand, product: Product) -> Iterator[TimeRule]:
    """A preset's time rules for some ages, with the exemptions that it allows and the product makes."""
    for rule in preset.rules:
        if _counts(rule) and rule.ages.overlaps(ages):
            yield from (_adapted(rule, time, product) for time in rule.time)


def _adapted(rule: PresetRule, time: TimeRule, product: Product) -> TimeRule:
    exempt = time.exempt | (product.exempt.get(kind_of(time), frozenset()) & rule.exemptable)
    if isinstance(time, QuotaRule) and time.slot.startswith("quota.day"):
        raised = product.per_day_seconds if rule.may_extend is None else rule.may_extend
        return replace(time, exempt=exempt, raise_at_most=raised)
    return replace(time, exempt=exempt)


def _preset_features(presets: tuple[Preset, ...], ages: AgeBand) -> Iterator[FeatureLayer]:
    for preset in presets:
        rules = tuple(
            feature for rule in preset.rules if _counts(rule) and rule.ages.overlaps(ages) for feature in rule.features
        )
        if rules:
            yield FeatureLayer(None, rules)


def without_parts(rule: SittingRule, other: SittingRule) -> SittingRule | None:
    """What is left of a sitting rule when another one says some of its parts anew; None: nothing."""
    left = rule
    if other.break_after is not None:
        left = replace(left, break_after=None, break_for=0)
    if other.remind_after is not None:
        left = replace(left, remind_after=None)
    if other.at_least:
        left = replace(left, at_least=0)
    return left if left.break_after or left.remind_after or left.at_least else None
