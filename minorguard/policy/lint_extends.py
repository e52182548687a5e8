"""Doubts about what a document extends and gates: presets of which nothing holds, surfaces that nobody gates."""

from __future__ import annotations

from collections.abc import Iterator

from minorguard.model.rules import BandPolicy
from minorguard.policy.layers import Laid
from minorguard.policy.lint_ground import Doubt, Ground, clause
from minorguard.policy.preset_files import PresetRule


def lint_extends(ground: Ground) -> Iterator[Doubt]:
    """Every preset of which nothing holds: all of it is off, over, or yet to begin."""
    for laid in ground.extended:
        doubt = _preset(ground, laid)
        if doubt is not None:
            yield doubt


def _preset(ground: Ground, laid: Laid) -> Doubt | None:
    name, rules, on = laid.preset.id, laid.preset.rules, laid.rules
    if rules and not on:
        strengths = ", ".join(sorted({rule.origin.strength.value for rule in rules}))
        message = f"every rule of `{name}` is off; write `{{use: {name}, switch_on: [{strengths}]}}`, or remove it"
        return Doubt(laid.pointer, "preset.off", message)
    left = [rule for rule in on if not _over(ground, rule)]
    if on and not left:
        return Doubt(laid.pointer, "preset.expired", f"no rule of `{name}` holds any more; extend what followed it")
    if ground.today is None or not left:
        return None
    begins = [rule.origin.effective_from for rule in left]
    if all(day is not None and day > ground.today for day in begins):
        first = min(day for day in begins if day is not None)
        return Doubt(laid.pointer, "preset.not_yet", f"no rule of `{name}` holds yet; the first begins on {first}")
    return None


def _over(ground: Ground, rule: PresetRule) -> bool:
    until, source = rule.origin.effective_to, rule.origin.source
    ended = until is not None and ground.today is not None and until <= ground.today
    return ended or (source is not None and source.status == "superseded")


def lint_surfaces(ground: Ground) -> Iterator[Doubt]:
    """Every surface that some band leaves ungated, and every preset's rule for surfaces that are not declared."""
    declared = ground.policy.surfaces
    yield from _void(ground, frozenset(declared))
    for band in ground.bands:
        open = [name for name in declared if not all(_gates(ground, piece, name) for piece in band.pieces)]
        if open:
            at = ("content", "surfaces") if "surfaces" in band.part("content") else ("content",)
            yield Doubt(band.at(*at), "surface.ungated", _ungated(open, str(band.band)))
    for piece in ground.policy.bands:
        open = [name for name in declared if not _gates(ground, piece, name)]
        if open and not any(band.band.overlaps(piece.band) for band in ground.bands):
            yield Doubt("/surfaces", "surface.ungated", _ungated(open, str(piece.band)))


def _void(ground: Ground, declared: frozenset[str]) -> Iterator[Doubt]:
    if not declared and not any(band.part("content") for band in ground.bands):
        return  # it does not speak of what is shown
    for laid in ground.extended:
        rules = [rule for preset in laid.rules if not _over(ground, preset) for rule in preset.content]
        for rule in dict.fromkeys(rules):
            if rule.surfaces and not rule.surfaces & declared:
                names = ", ".join(f"`{name}`" for name in sorted(rule.surfaces))
                message = f"{clause(rule.origin)} speaks of {names}, of which the document declares none"
                yield Doubt(laid.pointer, "surface.void", f"{message}; add those that the app has to `surfaces`")


def _ungated(surfaces: list[str], band: str) -> str:
    names = ", ".join(f"`{name}`" for name in surfaces)
    return f"no content rule of `{band}` gates {names}; gate it, or leave `surfaces` out to gate all"


def _gates(ground: Ground, piece: BandPolicy, surface: str) -> bool:
    """Whether a product says what is shown there: laws and guardians only take away from what is."""
    rules = ground.lasting_of(piece.content)
    return ground.closed(piece) or any(rule.closes and rule.gates(surface) for rule in rules)
