"""The coarse fold: one plain form for the many ways in which a letter can be written.

Case, width, style, accents, look-alikes, traditional and variant characters and numerals fall together; separators, signs,
marks, emoji and invisibles fall away; runs of a letter become one. List and text are folded alike, so that one scan finds
every candidate; what a candidate is worth is judged afterwards on the original text.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from importlib import resources
from typing import NamedTuple

MANY = "\ue000"
"""Stands in the table for a character that becomes several."""
_SAME, _DELETED, _SIZE = "\x01", "\x00", 0x32400
_ALIKE = str.maketrans("lv", "iu")
"""Letters that the fold does not tell apart: capital i and l, u and v; the fine check does."""
_RUN = re.compile(r"(.)\1+", re.DOTALL)


class Tables(NamedTuple):
    """What every code point folds to."""

    fine: list[str]
    """Exactly; empty is a separator."""
    coarse: list[str]
    """With `_ALIKE` letters merged."""
    many: dict[str, str]
    """Characters that become several letters."""


def read_table(name: str) -> str:
    """A shipped table's text."""
    return gzip.decompress(resources.files(__package__).joinpath("tables", f"{name}.gz").read_bytes()).decode("utf-8")


@cache
def tables() -> Tables:
    """The tables, read once."""
    text = read_table("fold")
    cells, lines = text[:_SIZE], text[_SIZE + 1 :].split("\n")
    fine = [chr(code) if cell == _SAME else "" if cell == _DELETED else cell for code, cell in enumerate(cells)]
    fine += [""] * (0x110000 - _SIZE)
    coarse = fine.copy()
    for code, cell in enumerate(cells):
        coarse[code] = fine[code].translate(_ALIKE) if cell != _SAME or code < 0x250 else fine[code]
    return Tables(fine, coarse, {line[0]: line[1:] for line in lines if line})


def coarse(text: str) -> str:
    """The text folded, with its runs; as long as it has letters."""
    folded = text.translate(tables().coarse)
    if MANY in folded:
        folded = expanded(text).translate(tables().coarse)
    return folded


def expanded(text: str) -> str:
    """The text with every character that becomes several letters written out."""
    many = tables().many
    return "".join(many.get(char, char) for char in text)


def squeezed(folded: str) -> str:
    """Each run as one letter."""
    return _RUN.sub(r"\1", folded)


def skeleton(text: str) -> str:
    """The whole fold: what the scan looks for and through."""
    return squeezed(coarse(text))


def letters(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, str]]:
    """Place and fine letter of everything in a part of a text that is not a separator."""
    fine, many = tables().fine, tables().many
    found = []
    for place in range(start, len(text) if end is None else end):
        letter = fine[ord(text[place])]
        if letter == MANY:
            found.extend((place, part) for part in many[text[place]])
        elif letter:
            found.append((place, letter))
    return found
