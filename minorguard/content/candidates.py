"""What a term demands of a text, and a place in a text that may be one."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from minorguard.content.fold import tables
from minorguard.content.readings import Reading
from minorguard.content.terms import Where


class Shape(NamedTuple):
    """What a term demands of a text."""

    fine: str
    """Its letters, not merged, without separators."""
    breaks: frozenset[int]
    """After how many of its letters the term itself has a separator."""
    anywhere: bool
    """Whether it may stand inside a word, as in Chinese."""
    borders: bool
    """Whether its Latin letters, if it begins or ends in some, must not go on."""
    begins: bool
    """Whether it need only begin a word."""
    written: str
    """The term as the list writes it."""


@lru_cache(maxsize=65536)
def shape(text: str, where: Where) -> Shape:
    """What a term demands, from its text."""
    fine: list[str] = []
    breaks: set[int] = set()
    table = tables()
    for char in text:
        letter = table.fine[ord(char)]
        if letter:
            fine += table.many.get(char, letter)
        elif fine:
            breaks.add(len(fine))
    joined = "".join(fine)
    anywhere = where == "anywhere" or (where == "auto" and not all(map(is_spaced, joined)) and not joined.isascii())
    return Shape(joined, frozenset(breaks), anywhere, where == "auto", where == "prefix", text)


@lru_cache(maxsize=8192)
def is_spaced(letter: str) -> bool:
    """Whether a letter's script puts spaces between words; Han, kana, Thai and the like do not."""
    code = ord(letter)
    return (
        code < 0x0E00
        or 0x0F00 <= code < 0x1000
        or 0x10A0 <= code < 0x1780
        or 0x1E00 <= code < 0x2E80
        or 0xAC00 <= code < 0xD7B0
    )


@lru_cache(maxsize=8192)
def is_unseen(char: str) -> bool:
    """Whether a separator can't be seen, so that it separates nothing."""
    return (
        unicodedata.category(char) in {"Cf", "Mn", "Me", "Cc", "Cn", "Co", "Cs"} and char not in "\t\n\r\v\f\x85"
    ) or char in ("\u115f\u1160\u3164\uffa0\u17b4\u17b5")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Letters `first` up to and with `last` of a reading, which may be a term."""

    reading: Reading
    first: int
    last: int

    def gap(self, number: int) -> str:
        """What can be seen between a letter and the one before it; of the first letter, nothing."""
        places = self.reading.letters.places
        between = self.reading.text[places[number - 1] + 1 : places[number]]
        return between if not between or not all(map(is_unseen, between)) else ""

    @property
    def fine(self) -> str:
        """Its letters."""
        return self.reading.letters.fine[self.first : self.last + 1]


def gaps_of(candidate: Candidate, want: Shape) -> dict[int, str]:
    """The separators inside, by the number of the letter that they stand before, but for the term's own."""
    own = _own_breaks(candidate, want)
    gaps = {n: candidate.gap(n) for n in range(candidate.first + 1, candidate.last + 1)}
    return {number: gap for number, gap in gaps.items() if gap and number - candidate.first not in own}


def _own_breaks(candidate: Candidate, want: Shape) -> frozenset[int]:
    """Where the term's own separators fall among the letters, which may be repeated."""
    if not want.breaks or len(candidate.fine) == len(want.fine):
        return want.breaks
    return frozenset(range(1, len(candidate.fine)))


def is_bounded(candidate: Candidate, number: int) -> bool:
    """Whether a word ends before a letter: at a separator that can be seen, a figure, or another script."""
    letters = candidate.reading.letters
    if number <= 0 or number >= len(letters.fine) or candidate.gap(number):
        return True
    before, after = letters.fine[number - 1], letters.fine[number]
    return before.isdigit() or after.isdigit() or not is_spaced(before) or not is_spaced(after)


def plain_or_disguised(candidate: Candidate, want: Shape) -> str:
    """Whether a hit without gaps is written as the list writes it, but for case."""
    places = candidate.reading.letters.places
    written = candidate.reading.text[places[candidate.first] : places[candidate.last] + 1]
    return "plain" if written.casefold() == want.written.casefold() else "disguised"
