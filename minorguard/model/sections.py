"""Rules beside time and features: spending, content, recommendations and notifications, as one layer's word each.

Like time rules they stand side by side, one for every document that speaks; all hold at once. What a rule leaves at
None it says nothing of.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from minorguard.model.ids import Seconds
from minorguard.model.origins import Origin
from minorguard.model.spans import FeaturePeriod, Span


class TextAction(StrEnum):
    """What becomes of a text with a term of some category. Strictest first: block < review < mask < allow."""

    BLOCK = "block"
    REVIEW = "review"
    MASK = "mask"
    ALLOW = "allow"


class ItemAction(StrEnum):
    """What becomes of an item. Strictest first: hide < review < blur < warn_before < show."""

    HIDE = "hide"
    REVIEW = "review"
    """Not shown until a person has decided."""
    BLUR = "blur"
    """Shown covered, until the viewer asks for it."""
    WARN_BEFORE = "warn_before"
    """A prominent warning comes first."""
    SHOW = "show"


ContentAction = ItemAction | TextAction


def strictness(action: ContentAction) -> int:
    """The place of an action among those of its kind; 0 is the strictest."""
    return _PLACES[type(action)][action]


_PLACES = {kind: {action: place for place, action in enumerate(kind)} for kind in (ItemAction, TextAction)}


@lru_cache(maxsize=4096)
def dotted(name: str) -> tuple[str, ...]:
    """A name and all above it, the nearest first.

    >>> dotted("violence.graphic")
    ('violence.graphic', 'violence')
    """
    parts = name.split(".")
    return tuple(".".join(parts[:end]) for end in range(len(parts), 0, -1)) if name else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingRule:
    """At most so much money, in minor units of a currency (fen, cents). 0 is none at all.

    Purchases in another currency are denied: they cannot be counted.
    """

    origin: Origin
    currency: str
    """ISO 4217, such as ``CNY``."""
    only: frozenset[str] | None = None
    """The activities whose purchases it rules and counts; None is all."""
    per_purchase: int | None = None
    per_day: int | None = None
    """In a policy day."""
    per_month: int | None = None
    """In a policy month: from its first policy day to the next month's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRule:
    """What may be shown, on some surfaces."""

    origin: Origin
    surfaces: frozenset[str] | None = None
    """The surfaces that it gates; None is all."""
    max_rating: str | None = None
    """The highest rating that is shown, by age: ``12+``."""
    block: frozenset[str] = frozenset()
    """Labels of items that are not shown; `violence` also blocks `violence.graphic`."""
    pools: frozenset[str] | None = None
    """Only items of these pools are shown."""
    text: tuple[tuple[str, TextAction], ...] = ()
    """By category of text, sorted."""
    labels: tuple[tuple[str, ItemAction], ...] = ()
    """By label, sorted; the longest name that fits counts, then `default`."""
    unrated: ItemAction | None = None
    """What becomes of items of no known rating where `max_rating` is set; None: they are hidden."""
    unanswered: ItemAction | None = None
    """What becomes of items of which a classifier said nothing; None: a person looks at them."""
    closes: bool = False
    """Whether what it does not name is hidden: labels without an action, surfaces that it does not gate."""

    def gates(self, surface: str) -> bool:
        """Whether it speaks of a surface; `ranking` also means `ranking.daily`."""
        return self.surfaces is None or any(name in self.surfaces for name in dotted(surface))

    def of_label(self, label: str) -> ItemAction | None:
        """What it does with a label; None: nothing."""
        if any(name in self.block for name in dotted(label)):
            return ItemAction.HIDE
        table = dict(self.labels)
        otherwise = ItemAction.HIDE if self.closes else None
        return next((table[name] for name in (*dotted(label), "default") if name in table), otherwise)

    def of_text(self, category: str) -> TextAction | None:
        """What it does with a text of a category; None: nothing."""
        table = dict(self.text)
        return next((table[name] for name in (*dotted(category), "default") if name in table), None)


@dataclass(frozen=True, slots=True)
class WindowCap:
    """At most `most` in any `within` neighbours of a list."""

    most: int
    within: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendationRule:
    """What a recommender may do."""

    origin: Origin
    personalised: bool | None = None
    """False: no list may follow from a profile of the minor."""
    autoplay: bool | None = None
    """False: the next item waits for a tap."""
    block: frozenset[str] = frozenset()
    """Topics that are not recommended."""
    at_most: tuple[tuple[str, int], ...] = ()
    """Per cent of a list by topic, sorted."""
    at_least: tuple[tuple[str, int], ...] = ()
    per_author: WindowCap | None = None
    items_per_sitting: int | None = None
    per_topic: tuple[tuple[str, WindowCap], ...] = ()
    """By topic, sorted: at most so many of it among neighbours."""
    personal_at_most: int | None = None
    """Per cent of a list that may follow from a profile of the minor; 0 is none."""
    items_per_day: int | None = None
    """In a policy day."""
    break_every_items: int | None = None
    """After so many items in a row comes a break."""
    break_every_seconds: Seconds | None = None
    """After so much play in a row comes a break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRule:
    """When, and how many, notifications may be sent."""

    origin: Origin
    quiet: tuple[Span, ...] = ()
    """Local spans in which none is sent."""
    at_most: tuple[int, FeaturePeriod] | None = None
    """So many a period (hour, day or week); (0, day) is none."""
