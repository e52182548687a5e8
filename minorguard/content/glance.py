"""Whether a text could hold anything at all: one fold and one scan, which most texts are done with.

A glance never finds; it says of which texts the finder must look at which readings. What it rules out, the finder would
not have found: the tests hold both to the same verdicts.
"""

from __future__ import annotations

from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from minorguard.content import automata, bopomofo, fold, readings, sound

try:
    import numpy
except ModuleNotFoundError:
    numpy = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from minorguard.content.automata import Automaton
    from minorguard.content.index import Index

QUICK: bool = fold.QUICK and automata.QUICK
"""Whether glances are made; without arrays or a quick automaton every text is looked at."""
LATIN, SIGN, FILLER, ODD = (1 << bit for bit in range(4))
"""What a text holds: ASCII letters, signs and figures that give cause for another reading, characters that people fill
in, and what only the finder understands."""
REVERSED = 4
"""The fewest letters of a term that is looked for backwards; of ideographs, two."""
LONG = 16_384
"""Texts with more characters are not glanced at."""
ALL = LATIN | SIGN | FILLER | ODD
_BITS = 21
_LETTER = (1 << _BITS) - 1
_BORDER = "ᚠ"
"""Stands between texts; texts that hold it are looked at one by one."""


_END = b"\x80"
"""Stands after a text of ASCII, so that its last letter has one after it."""
_HARMLESS = bytes(code for code in range(256) if chr(code) not in readings.CAUSES + readings.STARS)


Seen = tuple[bool, int]
"""Whether a term may stand in a text as it is written, backwards, in parts or by sound; and what else it holds."""


@cache
def _table(signs: str) -> NDArray[numpy.uint32]:
    """For each code point its folded letter, 0 for a separator, and above that what it counts as.

    What lies beyond the table is a separator, as its last cell.
    """
    codes = fold.coarse_codes()[: fold.SIZE + 1].copy()
    codes[fold.SIZE] = 0
    many = codes == ord(fold.MANY)
    marks = readings.CAUSES + readings.STARS + readings.SPOKEN
    for begin, end in readings.FOREIGN:
        codes[begin:end] |= FILLER << _BITS
    kinds = (
        (SIGN, marks),
        (FILLER, readings.FILLERS + readings.PICTURES),
        (ODD, readings.TURNED + bopomofo.BOPOMOFO + signs),
    )
    for kind, chars in kinds:
        for char in chars:
            codes[min(ord(char), fold.SIZE)] |= kind << _BITS
    for first, last in ("AZ", "az"):
        codes[ord(first) : ord(last) + 1] |= LATIN << _BITS
    codes[many] |= ODD << _BITS
    return codes


@cache
def _ascii() -> tuple[bytes, bytes]:
    """For each byte its folded letter, and the bytes that are separators."""
    letters = [fold.coarse(chr(code)) for code in range(128)]
    deleted = bytes(code for code, letter in enumerate(letters) if not letter)
    return bytes(ord(letter or " ") for letter in letters) + bytes(range(128, 256)), deleted


class United(NamedTuple):
    """One scan for all that is read off the fold: terms from either end, and characters in parts."""

    scan: Automaton
    first_pair: int
    """The patterns from here on are characters in parts."""

    @classmethod
    def of(cls, index: Index, terms: Sequence[str]) -> United:
        """Built from the patterns of a list and its terms."""
        plain = index.plain
        backwards = (
            text[::-1]
            for number, text in enumerate(plain.texts)
            if _reversible(terms, [plain.first[number], *plain.more.get(number, ())])
        )
        patterns = dict.fromkeys([*plain.texts, *backwards])
        first_pair = len(patterns)
        patterns |= dict.fromkeys(index.pairs.texts)
        return cls(automata.automaton(list(patterns)), first_pair)


def _reversible(terms: Sequence[str], entries: Iterable[int]) -> bool:
    """Whether of the entries of a pattern one may be a term that is looked for backwards."""
    return any(
        entry < len(terms) and not (terms[entry].isascii() and len(terms[entry]) < REVERSED) for entry in entries
    )


class Glance:
    """The glance of one list."""

    def __init__(self, index: Index, united: United | None) -> None:
        """`united` is None if the list is too long for one scan: it is scanned forwards and backwards then."""
        self._parts = Parts(index) if index.pairs.texts else None
        self._scan, self._first_pair = united or (index.plain.scan, len(index.plain.texts))
        self._backward = united is None
        self._pairs = index.pairs.scan if united is None and self._parts else None
        self._sounds = index.sounds.scan if index.heard else None
        self._heard = sound.heard().codes if index.heard else None
        self._letters, self._deleted = _ascii()
        self._table = _table("".join(sign for _, sign in index.signs))

    def at(self, text: str) -> Seen:
        """A glance at one text; one that is so long that hits may be many is seen as if everything showed."""
        if len(text) > LONG:
            return True, ALL
        if text.isascii():
            raw = text.encode("ascii") + _END
            folded = numpy.frombuffer(raw.translate(self._letters, self._deleted), fold.BYTE)
            letters = folded.compress(folded[1:] != folded[:-1]).tobytes().decode("ascii")
            return bool(self._places(letters)), LATIN | SIGN if raw.translate(None, _HARMLESS) else LATIN
        cells = self._table.take(fold.raw_codes(text + _BORDER), mode="clip")
        codes, holds = cells.compress(cells), 0
        try:
            letters = _text(codes.compress(codes[1:] != codes[:-1]))
        except UnicodeDecodeError:  # what holds more than letters is beyond Unicode
            holds = int(numpy.bitwise_or.reduce(codes)) >> _BITS
            cells &= _LETTER
            codes = cells.compress(cells)
            letters = _text(codes.compress(codes[1:] != codes[:-1]))
        shows = bool(self._places(letters))
        if not shows and self._sounds is not None and self._heard is not None:
            shows = bool(self._sounds.longest(_text(self._heard.take(codes))))
        return shows, holds

    def over(self, texts: Sequence[str]) -> list[Seen]:
        """A glance at each of some texts, all together."""
        joined = _BORDER.join((*texts, ""))
        if joined.count(_BORDER) != len(texts) or max(map(len, texts)) > LONG:
            return [self.at(text) for text in texts]
        borders = numpy.fromiter(accumulate(len(text) + 1 for text in texts), numpy.intp, len(texts))
        cells = self._table.take(fold.raw_codes(joined), mode="clip")
        holds = numpy.bitwise_or.reduceat(cells >> _BITS, borders - numpy.diff(borders, prepend=0))
        cells &= _LETTER
        places = cells.nonzero()[0]
        codes = cells.take(places)
        kept = fold.turns(codes).nonzero()[0]
        shows = numpy.zeros(len(texts), numpy.bool_)
        shown = self._places(_text(codes.take(kept)))
        shows[borders.searchsorted(places.take(kept.take(shown)), "right")] = True
        if self._sounds is not None and self._heard is not None:
            shown = [start for start, _, _ in self._sounds.longest(_text(self._heard.take(codes)))]
            shows[borders.searchsorted(places.take(shown), "right")] = True
        return list(zip(shows.tolist(), holds.tolist(), strict=True))

    def _places(self, letters: str) -> list[int]:
        """Where something shows in folded letters."""
        hits = self._scan.longest(letters)
        found = [
            start
            for start, _, pattern in hits
            if pattern < self._first_pair or (self._parts is not None and self._parts.fit(letters, start))
        ]
        if self._backward:
            found += [len(letters) - end for _, end, _ in self._scan.longest(letters[::-1])]
        if self._pairs is not None and self._parts is not None:
            found += [start for start, _, _ in self._pairs.longest(letters) if self._parts.fit(letters, start)]
        return found


class Parts:
    """Which characters in parts may be a term's, by the letters beside them."""

    def __init__(self, index: Index) -> None:
        pairs = index.pairs
        self._wholes = {text: index.wholes[first] for text, first in zip(pairs.texts, pairs.first, strict=True)}
        self._after: dict[str, set[str]] = {whole: set() for whole in self._wholes.values()}
        self._before: dict[str, set[str]] = {whole: set() for whole in self._after}
        self._alone: set[str] = set()
        heads, tails = ({whole: {whole} for whole in self._after} for _ in range(2))
        for pair, whole in self._wholes.items():
            heads[whole].add(pair[0])
            tails[whole].add(pair[1])
        for text in index.plain.texts:
            if not text.isascii():
                self._learn(text, heads, tails)

    def _learn(self, text: str, heads: dict[str, set[str]], tails: dict[str, set[str]]) -> None:
        for letter, after in pairwise(text):
            if letter in self._after:
                self._after[letter] |= heads.get(after, {after})
        if text[-1] in self._before:
            if len(text) == 1:
                self._alone.add(text)
            else:
                self._before[text[-1]] |= tails.get(text[-2], {text[-2]})

    def fit(self, letters: str, start: int) -> bool:
        """Whether the pair at a place has beside it what some term has; of runs one letter is left, as in the fold."""
        pair = letters[start : start + 2]
        whole = self._wholes[pair]
        after, before = self._after[whole], self._before[whole]
        return (
            whole in self._alone
            or pair[1] in after
            or letters[start + 2 : start + 3] in after
            or pair[0] in before
            or letters[max(0, start - 1) : start] in before
        )


def _text(codes: NDArray[numpy.uint32]) -> str:
    return codes.tobytes().decode("utf-32-le")
