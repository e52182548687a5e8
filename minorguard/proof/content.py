"""Refuting content rules, exactly: an item or a text that the first lets through and a rule of the second does not.

Every rule that gates a surface must let an item through. So an item that a rule of the second stops by one of its
parts, and that is harmless otherwise, is put to all rules of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from minorguard.model.age import ADULT
from minorguard.model.rules import BandPolicy, CompiledPolicy, ContentRule
from minorguard.model.sections import TextAction
from minorguard.proof.cases import AgeCase
from minorguard.proof.settings import Weakness, topped

OTHER_SURFACE, OTHER_POOL = "other-surface", "other-pool"
DEFAULT = "default"
"""The category of every text of which nothing else is said."""
_STRICTEST = tuple(TextAction)


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be shown."""

    rating: int = 0
    label: str | None = None
    pool: str = OTHER_POOL


@dataclass(frozen=True, slots=True)
class _Page:
    """One surface under the content rules of both."""

    surface: str
    mine: tuple[ContentRule, ...]
    theirs: tuple[ContentRule, ...]
    pools: tuple[str, ...]

    def shown(self, item: Item) -> bool:
        """Whether the first shows an item."""
        return all(lets(rule, item) for rule in self.mine)


def weaknesses(a: CompiledPolicy, b: CompiledPolicy, age: AgeCase) -> Iterator[Weakness]:
    """For each content rule of the second that the first does not keep, an item or a text."""
    mine, theirs = (_rules(age.bands(policy)) for policy in (a, b))
    named = {name for rule in (*mine, *theirs) for name in rule.pools or ()}
    for surface in _surfaces(a, (*mine, *theirs)):
        here, there = (tuple(rule for rule in rules if gates(rule, surface)) for rules in (mine, theirs))
        page = _Page(surface, here, there, (*sorted(named), OTHER_POOL))
        for rule in page.theirs:
            yield from _of(page, rule)


def _rules(bands: Iterable[BandPolicy]) -> tuple[ContentRule, ...]:
    return tuple(dict.fromkeys(rule for band in bands for rule in band.content))


def _surfaces(a: CompiledPolicy, rules: Iterable[ContentRule]) -> tuple[str, ...]:
    """Where the first shows content; if it does not say, every surface that a rule names, and another one."""
    if a.surfaces:
        return a.surfaces
    return (*sorted({name for rule in rules for name in rule.surfaces or ()}), OTHER_SURFACE)


def gates(rule: ContentRule, surface: str) -> bool:
    """Whether a rule speaks of a surface."""
    return rule.surfaces is None or surface in rule.surfaces


def lets(rule: ContentRule, item: Item) -> bool:
    """Whether a rule lets an item be shown."""
    if rule.max_rating is not None and item.rating > int(rule.max_rating.rstrip("+")):
        return False
    if item.label is not None and topped(item.label, rule.block):
        return False
    return rule.pools is None or item.pool in rule.pools


def _of(page: _Page, rule: ContentRule) -> Iterator[Weakness]:
    found = next((item for item in _stopped(page, rule) if page.shown(item)), None)
    if found is not None:
        yield _item(page.surface, rule, found)
    for category, action in rule.text:
        mine = _action(page.mine, category)
        if mine is None or _STRICTEST.index(mine) > _STRICTEST.index(action):
            yield _text(page.surface, rule, category, mine or TextAction.ALLOW, action)


def _stopped(page: _Page, rule: ContentRule) -> Iterator[Item]:
    """Items that a rule of the second stops, each by one of its parts."""
    if rule.pools is not None:
        yield from (Item(pool=pool) for pool in page.pools if pool not in rule.pools)
    for pool in page.pools:
        yield from (Item(label=label, pool=pool) for label in sorted(rule.block))
        if rule.max_rating is not None and (least := int(rule.max_rating.rstrip("+")) + 1) <= ADULT:
            yield Item(rating=least, pool=pool)


def _action(rules: tuple[ContentRule, ...], category: str) -> TextAction | None:
    """What the first does with texts of a category: the strictest of its rules' words."""
    said = [dict(rule.text).get(category, dict(rule.text).get(DEFAULT)) for rule in rules]
    return min((one for one in said if one is not None), key=_STRICTEST.index, default=None)


def _item(surface: str, rule: ContentRule, item: Item) -> Weakness:
    what = {"surface": surface, "rating": f"{item.rating}+", "label": item.label, "pool": item.pool}
    label = f"、标签 {item.label}" if item.label else "", f" labelled {item.label}" if item.label else ""
    return Weakness(
        rule.origin,
        what,
        {
            "zh": f"在 {surface} 展示内容池 {item.pool} 中适龄 {item.rating}+{label[0]}的内容",
            "en": f"on {surface}, an item of pool {item.pool} rated {item.rating}+{label[1]}",
        },
    )


def _text(surface: str, rule: ContentRule, category: str, mine: TextAction, other: TextAction) -> Weakness:
    return Weakness(
        rule.origin,
        {"surface": surface, "category": category, "action": [mine.value, other.value]},
        {
            "zh": f"在 {surface} 的 {category} 类文本：{mine.value}，而非 {other.value}",
            "en": f"on {surface}, a text of category {category}: {mine.value} and not {other.value}",
        },
    )
