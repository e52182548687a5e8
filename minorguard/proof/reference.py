"""A preset as a policy of its own, so that another can be proved against it: what it says, and nothing else.

It takes the hours and the surfaces of the policy that is proved, as it would if that extended it, and the exemptions
and extra time that the preset allows and the policy makes use of. What it is silent about it allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from minorguard.model.age import ADULT, AgeBand
from minorguard.model.rules import (
    BandPolicy,
    CompiledPolicy,
    ContentRule,
    Enforcement,
    FeatureLayer,
    FeatureRule,
    GuardianRights,
    Layer,
    Origin,
    Strength,
    Verdict,
)
from minorguard.model.sections import ItemAction, TextAction
from minorguard.policy.layers import Laid, Product, preset_band
from minorguard.policy.preset_files import Preset


def reference(
    preset: Preset, policy: CompiledPolicy, *, switched_on: frozenset[Strength] = frozenset()
) -> CompiledPolicy:
    """The preset under the hours of a policy; of what is planned or enjoined only the rules that are switched on."""
    laid = Laid(preset, switched_on=switched_on)
    origin = Origin("", Layer.PRODUCT, policy.id)
    product = Product(origin, MappingProxyType(dict(policy.guardian.exempt)), policy.guardian.per_day_seconds)
    return replace(
        policy,
        id=preset.id,
        digest="",
        bands=tuple(_bands(laid, product)),
        enforcement=Enforcement.ENFORCE,
        require_lease=False,
        known_activities=policy.known_activities | preset.activities,
        guardian=GuardianRights(may_tighten=frozenset()),
    )


def _bands(laid: Laid, product: Product) -> Iterator[BandPolicy]:
    features = everything(Origin("", Layer.LAW, laid.preset.id))
    shown = everything_shown(Origin("", Layer.PRODUCT, laid.preset.id))
    edges = {0, ADULT} | {edge for rule in laid.rules for edge in (rule.ages.from_age, min(rule.ages.below_age, ADULT))}
    for low, high in pairwise(sorted(edges)):
        band = preset_band(laid, AgeBand(low, high), product)
        yield replace(band, features=(features, *band.features), content=(shown, *band.content))


def everything(origin: Origin) -> FeatureLayer:
    """The layer that allows every feature."""
    return FeatureLayer(FeatureRule(origin, "*", Verdict.ALLOW))


def everything_shown(origin: Origin) -> ContentRule:
    """The rule that shows every item and text on every surface, as if a product's document said so."""
    product = replace(origin, layer=Layer.PRODUCT)
    return ContentRule(
        origin=product,
        max_rating="21+",
        unrated=ItemAction.SHOW,
        labels=(("default", ItemAction.SHOW),),
        text=(("default", TextAction.ALLOW),),
        closes=True,
    )
