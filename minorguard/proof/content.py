"""Refuting content rules, exactly: an item or a text of which more is shown by the first than by a rule of the second.

Of all rules that gate a surface the strictest holds. So an item that a rule of the second takes something away from by
one of its parts, and that is harmless otherwise, is put to all rules of the first. Where the first has no content rule
of a product the engine shows nothing; that is not taken for strictness here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from minorguard.model.age import ADULT
from minorguard.model.rules import BandPolicy, CompiledPolicy, ContentRule
from minorguard.model.sections import ItemAction, TextAction, strictness
from minorguard.proof.cases import AgeCase
from minorguard.proof.settings import Weakness

OTHER_SURFACE, OTHER_POOL, OTHER_LABEL = "other-surface", "other-pool", "other-label"
DEFAULT = "default"
"""The category of every text of which nothing else is said."""
_STRICTEST = tuple(TextAction)


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be shown."""

    rating: int | None = 0
    """None: it has none that is known."""
    label: str | None = None
    pool: str = OTHER_POOL
    unanswered: bool = False
    """Whether a classifier has said nothing of it."""


@dataclass(frozen=True, slots=True)
class _Page:
    """One surface under the content rules of both."""

    surface: str
    mine: tuple[ContentRule, ...]
    theirs: tuple[ContentRule, ...]
    pools: tuple[str, ...]
    labels: tuple[str, ...]

    def action(self, item: Item) -> ItemAction:
        """What becomes of an item under the first."""
        return min((self.of(rule, item) for rule in self.mine), key=strictness, default=_plain(item))

    def of(self, rule: ContentRule, item: Item) -> ItemAction:
        """What one rule makes of an item here: a closed one that does not gate the surface shows nothing on it."""
        return action_of(rule, item) if rule.gates(self.surface) else ItemAction.HIDE


def weaknesses(a: CompiledPolicy, b: CompiledPolicy, age: AgeCase) -> Iterator[Weakness]:
    """For each content rule of the second that the first does not keep, an item or a text."""
    mine, theirs = (_rules(age.bands(policy)) for policy in (a, b))
    named = {name for rule in (*mine, *theirs) for name in rule.pools or ()}
    for surface in _surfaces(a, (*mine, *theirs)):
        here, there = (tuple(rule for rule in rules if rule.gates(surface) or rule.closes) for rules in (mine, theirs))
        page = _Page(surface, here, there, (*sorted(named), OTHER_POOL), (*_labels((*here, *there)), OTHER_LABEL))
        for rule in page.theirs:
            yield from _of(page, rule)


def _rules(bands: Iterable[BandPolicy]) -> tuple[ContentRule, ...]:
    return tuple(dict.fromkeys(rule for band in bands for rule in band.content))


def _surfaces(a: CompiledPolicy, rules: Iterable[ContentRule]) -> tuple[str, ...]:
    """Where the first shows content; if it does not say, every surface that a rule names, and another one."""
    if a.surfaces:
        return a.surfaces
    return (*sorted({name for rule in rules for name in rule.surfaces or ()}), OTHER_SURFACE)


def _labels(rules: Iterable[ContentRule]) -> Iterator[str]:
    """Every label that a rule of either names: what one shows, the other may hide for want of a name."""
    yield from sorted({name for rule in rules for name in (*rule.block, *dict(rule.labels))} - {DEFAULT})


def action_of(rule: ContentRule, item: Item) -> ItemAction:
    """What one rule makes of an item."""
    said = [_plain(item), *_of_rating(rule, item.rating)]
    if item.label is not None and (action := rule.of_label(item.label)) is not None:
        said.append(action)
    if rule.pools is not None and item.pool not in rule.pools:
        said.append(ItemAction.HIDE)
    if item.unanswered and rule.unanswered is not None:
        said.append(rule.unanswered)
    return min(said, key=strictness)


def _plain(item: Item) -> ItemAction:
    return ItemAction.REVIEW if item.unanswered else ItemAction.SHOW


def _of_rating(rule: ContentRule, rating: int | None) -> Iterator[ItemAction]:
    if rating is None and rule.max_rating is not None:
        yield rule.unrated or ItemAction.HIDE
    most = ADULT if rule.max_rating is None else int(rule.max_rating.rstrip("+"))
    if rating is not None and (rating > most or (rating == ADULT and rule.max_rating is None and rule.closes)):
        yield ItemAction.HIDE


def _of(page: _Page, rule: ContentRule) -> Iterator[Weakness]:
    asked = ((item, page.action(item), page.of(rule, item)) for item in _touched(page, rule))
    found = next((each for each in asked if strictness(each[1]) > strictness(each[2])), None)
    if found is not None:
        yield _item(page.surface, rule, *found)
    shut = any(not one.gates(page.surface) for one in page.mine)
    for category, action in rule.text if rule.gates(page.surface) and not shut else ():
        mine = _action(page.mine, category)
        if mine is None or _STRICTEST.index(mine) > _STRICTEST.index(action):
            yield _text(page.surface, rule, category, mine or TextAction.ALLOW, action)


def _touched(page: _Page, rule: ContentRule) -> Iterator[Item]:
    """Items that a rule of the second takes something away from, each by one of its parts."""
    if rule.pools is not None:
        yield from (Item(pool=pool) for pool in page.pools if pool not in rule.pools)
    for pool in page.pools:
        yield from (Item(label=label, pool=pool) for label in (None, *page.labels))
        if rule.max_rating is not None and (least := int(rule.max_rating.rstrip("+")) + 1) <= ADULT:
            yield Item(rating=least, pool=pool)
        yield from (Item(rating=rating, pool=pool) for rating in (ADULT, None))
        yield Item(pool=pool, unanswered=True)


def _action(rules: tuple[ContentRule, ...], category: str) -> TextAction | None:
    """What the first does with texts of a category: the strictest of its rules' words."""
    said = [dict(rule.text).get(category, dict(rule.text).get(DEFAULT)) for rule in rules]
    return min((one for one in said if one is not None), key=_STRICTEST.index, default=None)


def _item(surface: str, rule: ContentRule, item: Item, mine: ItemAction, other: ItemAction) -> Weakness:
    rating = "-" if item.rating is None else f"{item.rating}+"
    what = {"surface": surface, "rating": rating, "label": item.label, "pool": item.pool}
    graded = {} if (mine, other) == (ItemAction.SHOW, ItemAction.HIDE) else {"action": [mine.value, other.value]}
    label = f"、标签 {item.label}" if item.label else "", f" labelled {item.label}" if item.label else ""
    aged = ("未分级", "unrated") if item.rating is None else (f"适龄 {rating}", f"rated {rating}")
    ends = (f"：{mine.value}，而非 {other.value}", f": {mine.value} and not {other.value}") if graded else ("", "")
    waits = ("、未识别", " without a classifier's answer") if item.unanswered else ("", "")
    return Weakness(
        rule.origin,
        what | graded,
        {
            "zh": f"在 {surface} 展示内容池 {item.pool} 中{aged[0]}{label[0]}{waits[0]}的内容{ends[0]}",
            "en": f"on {surface}, an item of pool {item.pool} {aged[1]}{label[1]}{waits[1]}{ends[1]}",
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
