"""Ratings by age: what the marks of known scales mean as the least age of the audience.

A rating is written ``scale:mark`` (``pegi:12``, ``mpaa:PG-13``), or as an age of one's own (``12+``). Where a scale
itself names no age for a mark, ours is said to be ours, and lies on the strict side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_OWN = re.compile(r"([0-9]|1[0-9]|2[01])\+")


@dataclass(frozen=True, slots=True)
class Scale:
    """A rating scale: the least age for each mark, in capitals, and who says so."""

    title: str
    source: str
    ages: tuple[tuple[str, int], ...]
    ours: frozenset[str] = frozenset()
    """Marks for which the scale names no age, so that the number is MinorGuard's."""


SCALES: dict[str, Scale] = {
    "cn": Scale(
        "网络游戏适龄提示 (China, games)",
        "T/CADPA, Online game age reminder: 8+, 12+, 16+",
        (("8+", 8), ("12+", 12), ("16+", 16)),
    ),
    "mpaa": Scale(
        "Motion Picture Association (US, films)",
        "Classification and Rating Rules: PG-13 cautions below 13, R admits below 17 with a parent, NC-17 nobody of 17",
        (("G", 0), ("PG", 10), ("PG-13", 13), ("R", 17), ("NC-17", 18)),
        frozenset({"PG"}),
    ),
    "pegi": Scale(
        "Pan European Game Information",
        "PEGI age labels: 3, 7, 12, 16, 18",
        (("3", 3), ("7", 7), ("12", 12), ("16", 16), ("18", 18)),
    ),
    "esrb": Scale(
        "Entertainment Software Rating Board (US, games)",
        "ESRB ratings guide: E for all ages, E10+, T from 13, M from 17, AO from 18; RP is not rated yet",
        (("E", 0), ("E10+", 10), ("T", 13), ("M", 17), ("AO", 18)),
    ),
}
"""The scales that are known. Any other scale, and any other mark, is no rating."""


def least_age(rating: str) -> int | None:
    """The age from which a rating admits; None: it is not known, which for minors is as good as none.

    >>> least_age("mpaa:pg-13"), least_age("12+"), least_age("esrb:RP"), least_age("fsk:12")
    (13, 12, None, None)
    """
    scale, separator, mark = rating.partition(":")
    if not separator:
        own = _OWN.fullmatch(rating)
        return int(own[1]) if own else None
    known = SCALES.get(scale.lower())
    return None if known is None else dict(known.ages).get(mark.strip().upper())
