"""The shipped categories of text: what is illegal, what may affect minors, and what products usually keep out besides.

Sources: `CAC-5:6` is the Provisions on the Governance of the Online Information Content Ecosystem (2020-03-01),
article 6 (eleven illegal items; wording after secondary sources); `MAC` is the classification of online information
that may affect minors (eight ministries, 2026-03-01; article 3's items 1, 2, 7, 9 and 10 are verified by secondary
sources, the numbers of the others are not); `R766` is the State Council's Order 766. A category without a source is a
custom of the trade. Which words belong to a category is for the owner of a list to say: the law names kinds of content,
no words.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from types import MappingProxyType
from typing import Literal, NamedTuple

from minorguard.model.categories import NAMES
from minorguard.model.sections import TextAction

Group = Literal["illegal", "may_affect", "product"]


class Category(NamedTuple):
    """One category. One with a dot (`sexual.suggestive`) inherits what a policy says of the one above it."""

    code: str
    group: Group
    action: TextAction
    """What becomes of it where neither the list nor a policy says."""
    source: str
    en: str
    zh: str


def _categories() -> Iterator[Category]:
    table = resources.files(__package__).joinpath("lists", "taxonomy.txt").read_text("utf-8")
    for line in table.splitlines()[1:]:
        group, code, action, source = line.split()
        zh, en = NAMES[code]
        yield Category(code, group, TextAction(action), "" if source == "-" else source, en, zh)  # type: ignore[arg-type]


TAXONOMY = MappingProxyType({category.code: category for category in _categories()})
"""Every shipped category by its code."""

DEFAULT_ACTIONS = MappingProxyType({code: category.action for code, category in TAXONOMY.items()})
"""What becomes of a category where neither list nor policy says; of one that is not in the table, `review`."""
