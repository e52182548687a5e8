"""The coarse fold: one plain form for the many ways in which a letter can be written.

Case, width, style, accents, look-alikes, traditional and variant characters and numerals fall together; separators,
signs, marks, emoji and invisibles fall away; runs of a letter become one. List and text are folded alike, so that one
scan finds every candidate; what a candidate is worth is judged afterwards on the original text.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

try:
    import numpy
except ModuleNotFoundError:
    numpy = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

QUICK: bool = numpy is not None
"""Whether folds and letters are made by arrays."""
BYTE, WORD = (numpy.dtype(numpy.uint8), numpy.dtype(numpy.uint32)) if QUICK else (None, None)
"""What letters are in arrays: of ASCII, and of any text."""
MANY = "\ue000"
"""Stands in the table for a character that becomes several."""
_SAME, _DELETED = "\x01", "\x00"
SIZE = 0x32400
"""Code points from here on are separators."""
_ALIKE = str.maketrans("lv", "iu")
"""Letters that the fold does not tell apart: l and capital i, u and v; the fine check does."""
_RUN = re.compile(r"(.)\1+", re.DOTALL)


class Tables(NamedTuple):
    """What every code point folds to; empty is a separator."""

    fine: list[str]
    coarse: list[str]
    """With `_ALIKE` letters merged."""
    many: dict[str, str]
    """Characters that become several letters."""
    ascii: dict[int, str | None]
    """`coarse` for texts of ASCII alone, where `str.translate` is quickest."""


def read_table(name: str) -> str:
    """A shipped table's text."""
    return gzip.decompress(resources.files(__package__).joinpath("tables", f"{name}.gz").read_bytes()).decode("utf-8")


@cache
def tables() -> Tables:
    """The tables, read once."""
    text = read_table("fold")
    lines = text[SIZE + 1 :].split("\n")
    fine = [chr(code) if cell == _SAME else "" if cell == _DELETED else cell for code, cell in enumerate(text[:SIZE])]
    merge = {"l": "i", "v": "u"}
    coarse = [merge.get(letter, letter) for letter in fine]
    rest = [""] * (0x110000 - SIZE)
    ascii = {code: coarse[code] or None for code in range(128)}
    return Tables(fine + rest, coarse + rest, {line[0]: line[1:] for line in lines if line}, ascii)


def _codes(cells: Sequence[str]) -> NDArray[numpy.uint32]:
    """Cells as numbers, 0 for a separator."""
    codes = numpy.zeros(0x110000, dtype=numpy.uint32)
    codes[:SIZE] = [ord(letter) if letter else 0 for letter in cells[:SIZE]]
    return codes


@cache
def coarse_codes() -> NDArray[numpy.uint32]:
    """For each code point the folded letter, 0 for a separator."""
    return _codes(tables().coarse)


@cache
def _fine_codes() -> NDArray[numpy.uint32]:
    return _codes(tables().fine)


def raw_codes(text: str) -> NDArray[numpy.uint32]:
    """The code points of a text."""
    return numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), WORD)


class Exchange:
    """Writes every letter of a text as one character, by a function of its fine letter; separators fall away."""

    def __init__(self, exchange: Callable[[str], str]) -> None:
        self._cells = [exchange(letter) if letter and letter != MANY else letter for letter in tables().fine[:SIZE]]
        self._cells += [""] * (0x110000 - SIZE)
        self.codes = _codes(self._cells) if QUICK else None

    def __call__(self, text: str) -> str:
        """The text exchanged; characters that become several letters are left out."""
        if self.codes is None:
            return text.translate(self._cells).replace(MANY, "")
        codes = self.codes.take(raw_codes(text))
        return codes.compress(codes).tobytes().decode("utf-32-le").replace(MANY, "")


def coarse(text: str) -> str:
    """The text folded, with its runs: as long as it has letters."""
    table = tables()
    folded = text.translate(table.ascii if text.isascii() else table.coarse)
    return expanded(text).translate(table.coarse) if MANY in folded else folded


def expanded(text: str) -> str:
    """The text with every character that becomes several letters written out."""
    many = tables().many
    return "".join(many.get(char, char) for char in text)


def _skeleton(text: str) -> str:
    """The whole fold: what the scan looks for and through."""
    return _RUN.sub(r"\1", coarse(text))


def _quick_skeleton(text: str) -> str:
    """The same by arrays, several times as fast where the text is not ASCII."""
    if text.isascii():
        raw = numpy.frombuffer(text.translate(tables().ascii).encode("ascii"), BYTE)
        return raw[turns(raw)].tobytes().decode("ascii")
    codes = coarse_codes().take(raw_codes(text))
    codes = codes.compress(codes)
    folded = codes[turns(codes)].tobytes().decode("utf-32-le")
    return _skeleton(text) if MANY in folded else folded


def turns(codes: NDArray[numpy.uint8] | NDArray[numpy.uint32]) -> NDArray[numpy.bool_]:
    """Where a letter differs from the one before."""
    differs = numpy.empty(len(codes), dtype=numpy.bool_)
    differs[:1] = True
    numpy.not_equal(codes[1:], codes[:-1], out=differs[1:])
    return differs


skeleton = _quick_skeleton if QUICK else _skeleton
"""The fold of a text: what the scan looks for and through."""


class Letters(NamedTuple):
    """What of a text is not a separator, and how it lies beneath the skeleton."""

    places: list[int]
    """Where each letter stands."""
    fine: str
    """The letters, not merged."""
    runs: list[int]
    """For each character of the skeleton, the number of its first letter; and the number of letters."""


def _letters(text: str) -> Letters:
    """The letters of a text, for the few texts that hold a candidate."""
    fine_of, many = tables().fine, tables().many
    places: list[int] = []
    fine: list[str] = []
    for place, char in enumerate(text):
        for part in many.get(char, fine_of[ord(char)]):
            places.append(place)
            fine.append(part)
    joined = "".join(fine)
    turns = [number for number, (one, next) in enumerate(pairwise(merged(joined)), 1) if one != next]
    return Letters(places, joined, [0, *turns, len(fine)] if fine else [0])


def _quick_letters(text: str) -> Letters:
    """The same by arrays."""
    raw = raw_codes(text)
    codes = _fine_codes().take(raw)
    places = codes.nonzero()[0]
    fine = codes[places].tobytes().decode("utf-32-le")
    if MANY in fine or not fine:
        return _letters(text)
    begins = turns(coarse_codes().take(raw[places]))
    return Letters(places.tolist(), fine, [*begins.nonzero()[0].tolist(), len(fine)])


letters = _quick_letters if QUICK else _letters
"""The letters of a text."""


def merged(letter: str) -> str:
    """Fine letters as the skeleton has them."""
    return letter.translate(_ALIKE)
