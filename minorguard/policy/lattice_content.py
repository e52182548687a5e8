"""The meet of content rules, with the silence of either side written out: beside another's rules it would be lost.

Where a product's document gates no surface nothing is shown there, and of a text's category of which no product's
document speaks the usual becomes. So a side that closes nothing gets a rule that shuts everything, and what is said of
texts is said by an open layer, beside rules that speak of just those categories of which every side speaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce
from itertools import product

from minorguard.model.origins import Layer, Origin
from minorguard.model.sections import ContentRule, TextAction, dotted

Names = frozenset[str]
Spoken = tuple[Names | None, Names]
"""Surfaces, None being all, and categories of text, `default` being all others."""
Rules = tuple[ContentRule, ...]
_SILENCE = Origin("/content", Layer.PRODUCT, "silence")


def shown_by_all(sides: Iterable[Rules]) -> Iterator[ContentRule]:
    """The rules that show what every side shows by its own rules."""
    sides = tuple(sides)
    for rules in sides:
        yield from (part for rule in rules for part in _opened(rule))
        if not any(rule.closes for rule in rules):
            yield ContentRule(origin=_SILENCE, surfaces=frozenset(), closes=True)
    for surfaces, categories in reduce(_common, map(_spoken, sides)):
        text = tuple((name, TextAction.ALLOW) for name in sorted(categories))
        yield ContentRule(origin=_SILENCE, surfaces=surfaces, text=text)


def declared_by_both(a: Iterable[str], b: Iterable[str]) -> tuple[str, ...]:
    """The surfaces that either policy declares and both know, themselves or a name above."""
    return tuple(sorted(_both_surfaces(frozenset(a), frozenset(b)) or ()))


def _opened(rule: ContentRule) -> Iterator[ContentRule]:
    """A product's rule with its words on texts in a layer of their own, which speaks for nobody's silence."""
    if rule.origin.layer is not Layer.PRODUCT or not rule.text:
        yield rule
        return
    rest = replace(rule, text=())
    if rest != ContentRule(origin=rule.origin, surfaces=rule.surfaces):
        yield rest
    if any(action is not TextAction.ALLOW for _, action in rule.text):
        origin = replace(rule.origin, layer=Layer.GUARDIAN)
        yield ContentRule(origin=origin, surfaces=rule.surfaces, text=rule.text)


def _spoken(rules: Rules) -> frozenset[Spoken]:
    """What the product's rules of a side speak of, and all that some of them speak of together."""
    own = (rule for rule in rules if rule.origin.layer is Layer.PRODUCT and rule.text)
    found = frozenset((rule.surfaces, frozenset(name for name, _ in rule.text)) for rule in own)
    while (more := found | _common(found, found)) != found:
        found = more
    return found


def _common(mine: frozenset[Spoken], other: frozenset[Spoken]) -> frozenset[Spoken]:
    pairs = ((_both_surfaces(a[0], b[0]), _both_categories(a[1], b[1])) for a, b in product(mine, other))
    return frozenset((surfaces, names) for surfaces, names in pairs if surfaces != frozenset() and names)


def _both_surfaces(a: Names | None, b: Names | None) -> Names | None:
    if a is None or b is None:
        return b if a is None else a
    return frozenset(name for name in a | b if all(any(one in names for one in dotted(name)) for names in (a, b)))


def _both_categories(a: Names, b: Names) -> Names:
    return frozenset(
        name for name in a | b if all(any(one in names for one in (*dotted(name), "default")) for names in (a, b))
    )
