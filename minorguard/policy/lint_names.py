"""Doubts about names: features, labels and activities that are probably another word misspelt, or have no effect."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from minorguard.model.origins import Origin, Strength
from minorguard.model.rules import BandPolicy, Verdict
from minorguard.policy.findings import likely
from minorguard.policy.lint_ground import Doubt, Ground, Written, above, clause
from minorguard.policy.positions import join

_SHORTEST = 5
"""Names of fewer letters are near one another by chance."""
_MOST_WORDS = 500
"""How many declared words a misspelt one is compared with."""
_LONGER = 2
"""By how many letters a name may be longer or shorter than the word that is meant."""
_ALIKE = 0.85
"""How alike a name must be to a well known one to be taken for it."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place at which a document names something."""

    name: str
    pointer: str
    at_key: bool = False


def lint_names(ground: Ground) -> Iterator[Doubt]:
    """Every doubt about names."""
    features, labels = list(_features(ground)), list(_labels(ground))
    yield from _vocabulary("feature", features, ground.loaded.get("features"), ground.known_features)
    yield from _vocabulary("label", labels, ground.loaded.get("labels"), ground.known_labels)
    listed = frozenset(ground.loaded.get("activities", ()))
    yield from _near("activity", list(_activities(ground)), ground.known_activities, listed)
    yield from _below(ground)
    yield from _near("surface", list(_surfaces(ground)), ground.known_surfaces)
    yield from _near("pool", list(_pools(ground)), ground.known_pools)
    for band in ground.bands:
        yield from band.in_every_piece(partial(_no_effect, ground, band))


def _vocabulary(what: str, uses: list[Use], declared: Collection[str] | None, known: frozenset[str]) -> Iterator[Doubt]:
    if declared is None:
        yield from _near(what, uses, known)
        return
    covered = {name for word in declared for name in above(word)}
    for use in uses:
        if use.name not in covered:
            near = likely(use.name, islice(declared, _MOST_WORDS))
            way_out = "" if near else "; add it there, or correct it"
            message = f"{what} `{use.name}` is not among the document's `{what}s`{way_out}"
            yield Doubt(use.pointer, f"{what}.undeclared", message, near, use.at_key)


def _near(what: str, uses: list[Use], known: frozenset[str], listed: frozenset[str] = frozenset()) -> Iterator[Doubt]:
    """Names that stand once and are nearly a well known one, one that stands more often, or one that is `listed`."""
    counts = Counter(use.name for use in uses)
    more = [name for name, count in counts.items() if count > 1]
    for use in uses:
        if counts[use.name] > 1 or use.name in known or len(use.name) < _SHORTEST:
            continue
        words = known if use.name in listed else known | listed
        near = next((word for word in sorted(words) if _alike(use.name, word) or _one_slip(use.name, word)), None)
        near = near or next((name for name in more if _one_slip(use.name, name)), None)
        if near is not None:
            message = f"{what} `{use.name}` stands here alone, and is nearly another one"
            yield Doubt(use.pointer, "name.near", message, near, use.at_key)


def _alike(name: str, word: str) -> bool:
    near = name[0] == word[0] and abs(len(name) - len(word)) <= _LONGER and name.count(".") == word.count(".")
    if not near or len(word) < _SHORTEST or _only_numbers_differ(name, word):
        return False
    return difflib.SequenceMatcher(None, name.lower(), word).ratio() >= _ALIKE


def _only_numbers_differ(name: str, word: str) -> bool:
    return name.rstrip("0123456789") == word.rstrip("0123456789")


def _one_slip(name: str, word: str) -> bool:
    """Whether one letter more, less, other or exchanged with its neighbour makes one of the other."""
    if name[0] != word[0] or abs(len(name) - len(word)) > 1 or _only_numbers_differ(name, word):
        return False
    at = next((at for at, (one, other) in enumerate(zip(name, word, strict=False)) if one != other), len(name))
    swapped = name[at : at + 2] == word[at : at + 2][::-1] and name[at + 2 :] == word[at + 2 :]
    return swapped or any(name[at + mine :] == word[at + other :] for mine, other in ((1, 1), (1, 0), (0, 1)))


def _features(ground: Ground) -> Iterator[Use]:
    for band in ground.bands:
        section = band.part("features")
        for key in ("allow", "ask", "deny"):
            for index, name in enumerate(section.get(key, ())):
                yield Use(name, band.at("features", key, index))
        for name in section.get("limit", ()):
            yield Use(name, band.at("features", "limit", name), at_key=True)


def _labels(ground: Ground) -> Iterator[Use]:
    for band in ground.bands:
        for section in ("content", "recommendations"):
            for index, name in enumerate(band.part(section).get("block", ())):
                yield Use(name, band.at(section, "block", index))
        for name in band.part("content").get("labels", ()):
            if name != "default":
                yield Use(name, band.at("content", "labels", name), at_key=True)
        for key in ("at_most", "at_least", "per_topic"):
            for name in band.part("recommendations").get(key, ()):
                yield Use(name, band.at("recommendations", key, name), at_key=True)


def _activities(ground: Ground) -> Iterator[Use]:
    for name in ground.loaded.get("activities", ()):
        yield Use(name, join("/activities", name), at_key=True)
    for index, name in enumerate(ground.loaded.get("guardian", {}).get("may_exempt", ())):
        yield Use(name, join("/guardian/may_exempt", index))
    for band in ground.bands:
        for name in band.part("time", "quota").get("per_activity", ()):
            yield Use(name, band.at("time", "quota", "per_activity", name), at_key=True)
        for index, name in enumerate(band.part("spending").get("only", ())):
            yield Use(name, band.at("spending", "only", index))


def _below(ground: Ground) -> Iterator[Doubt]:
    """Activities whose names look as if a preset's rules of another activity held for them, too."""
    for use in _activities(ground):
        wider = next((name for name in above(use.name) if name != use.name and name in ground.known_activities), None)
        if wider is not None and use.name not in ground.known_activities:
            message = f"what is said of `{wider}` does not hold for `{use.name}`, which is an activity of its own"
            way_out = f"call it `{wider}`, or write its rules, too"
            yield Doubt(use.pointer, "activity.apart", f"{message}; {way_out}", at_key=use.at_key)


def _surfaces(ground: Ground) -> Iterator[Use]:
    for index, name in enumerate(ground.loaded.get("surfaces", ())):
        yield Use(name, join("/surfaces", index))


def _pools(ground: Ground) -> Iterator[Use]:
    for band in ground.bands:
        for index, name in enumerate(band.part("content").get("pools", ())):
            yield Use(name, band.at("content", "pools", index))


def _no_effect(ground: Ground, band: Written, piece: BandPolicy) -> Iterator[Doubt]:
    for use in _features(ground):
        if not use.pointer.startswith(band.at("features") + "/") or "/deny/" in use.pointer:
            continue
        denying = next((found for found in _denying(ground, piece, use.name)), None)
        if denying is not None:
            message = f"{clause(denying)} denies `{use.name}` all the same; remove it here, or write it under `deny`"
            yield Doubt(use.pointer, "feature.no_effect", message, at_key=use.at_key)


def _denying(ground: Ground, piece: BandPolicy, feature: str) -> Iterator[Origin]:
    """Where other documents deny a feature, for good and whatever a guardian says."""
    for layer in piece.features:
        rule = layer.rule_for(feature)
        if rule is None or ground.own(rule.origin):
            continue
        firm = ground.lasting(rule.origin) and rule.origin.strength is not Strength.DEFAULT
        if firm and rule.verdict is Verdict.DENY:
            yield rule.origin
