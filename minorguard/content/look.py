"""One text's candidates: each place that a scan pointed at is judged, up to a bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from minorguard.content import readings, sound, words
from minorguard.content.automata import Hit
from minorguard.content.candidates import Candidate, Shape, shape
from minorguard.content.fold import Letters, skeleton
from minorguard.content.glance import REVERSED
from minorguard.content.initials import initials_of
from minorguard.content.judge import judge
from minorguard.content.judge_han import AROUND
from minorguard.content.judge_sound import is_homophone, tears
from minorguard.content.judge_words import GLUED, is_glued
from minorguard.content.readings import Piece, Reading
from minorguard.content.verdict import SURE

if TYPE_CHECKING:
    from minorguard.content.index import Index
    from minorguard.content.lexicon import Lexicon


class Found(NamedTuple):
    """A term, where it stands in the original text, and how it was found."""

    start: int
    end: int
    term: int
    way: str


HITS, HIT_PER = 2_000, 12
"""So many hits of scans are looked at, and one more for so many characters: what lies inside words is no candidate."""
NEAR_LETTERS, NEAR = 26, 80
"""How far around it a hit is judged by what stands there: in letters, and in characters."""
WIDE = 400
"""Surroundings with more characters are not compared."""


Surroundings = tuple[str, int, int, str, str]
"""The way of a reading, how far in the hit begins, its pattern, what stands there, and what was written there."""


class Judged(NamedTuple):
    """What a hit is worth."""

    candidates: int
    """The terms that it was judged for."""
    found: list[Found]
    """Those that stand there, by letters from the first of the hit on."""


def _surroundings(reading: Reading, start: int, end: int, pattern: int) -> Surroundings | None:
    """All that the judgement of a hit may depend on; None if that is much."""
    places, _, runs = reading.letters
    first, last = runs[start], runs[end] - 1
    at, stop = places[first], len(reading.text)
    begin = min(places[first - NEAR_LETTERS], at - NEAR) if first >= NEAR_LETTERS and at > NEAR else 0
    if last + NEAR_LETTERS < len(places):
        stop = max(places[last + NEAR_LETTERS], places[last] + NEAR) + 1
    if stop - begin > WIDE:
        return None
    return reading.way, at - begin, pattern, reading.text[begin:stop], reading.written[begin:stop]


class Look:
    """One text's candidates, counted."""

    def __init__(self, index: Index, lexicon: Lexicon, left: int, text: str) -> None:
        self.index, self.lexicon = index, lexicon
        self.left = left
        self.text = text
        self.hits = HITS + len(text) // HIT_PER
        self.found: list[Found] = []
        self.filled = False
        """Whether a term may stand there with a word between its characters."""
        self._judged: dict[Surroundings, Judged] = {}

    @property
    def is_over(self) -> bool:
        """Whether no more is looked at."""
        return self.left <= 0 or self.hits <= 0

    def read(self, reading: Reading, hits: Iterable[Hit]) -> None:
        """Judge what the scan of a reading found; what stands in equal surroundings is judged once."""
        for start, end, pattern in hits:
            if self.is_over:
                return
            self.hits -= 1
            key = _surroundings(reading, start, end, pattern)
            judged = self._judged.get(key) if key else None
            if judged is None:
                judged = self._judge(reading, start, end, pattern)
                if key:
                    self._judged[key] = judged
            self.left -= judged.candidates
            for first, last, term, way in judged.found:
                self._note(reading, first + reading.letters.runs[start], last + reading.letters.runs[start], term, way)

    def _judge(self, reading: Reading, start: int, end: int, pattern: int) -> Judged:
        """What a hit is worth, for each term that it may stand for."""
        terms, candidates = len(self.lexicon.texts), 0
        found: list[Found] = []
        for size, entry in self.index.plain.entries(pattern):
            if entry < terms:
                trial = self._term(reading, end - size, end, entry)
            else:
                trial = self._spelling(reading, end - size, end, *self.index.spelled[entry - terms])
            candidates += trial is not None
            found += trial or ()
        base = reading.letters.runs[start]
        return Judged(candidates, [Found(a - base, b - base, term, way) for a, b, term, way in found])

    def _term(self, reading: Reading, start: int, end: int, number: int) -> list[Found] | None:
        """The letters that are the term; None if it is no candidate at all."""
        want = shape(self.lexicon.texts[number], self.lexicon.kinds[self.lexicon.of[number]].where)
        if (reading.way == "reversed" and not _worth_reversing(want)) or (
            not want.anywhere and _inside(reading, start, end, want)
        ):
            return None
        for candidate in _trimmed(reading, start, end, want.fine, least=want.anywhere):
            way = judge(candidate, want)
            if way is not None:
                return [Found(candidate.first, candidate.last, number, way)]
        return []

    def _spelling(
        self, reading: Reading, start: int, end: int, number: int, spelling: str, way: str
    ) -> list[Found] | None:
        if reading.way in {"reversed", "leet", "filler"}:
            return None
        if way == "filler":
            self.filled = True
            return None
        want = shape(spelling, "anywhere" if way == "swapped" else "word")
        if not want.anywhere and _inside(reading, start, end, want):
            return None
        for candidate in _trimmed(reading, start, end, want.fine):
            judged = judge(candidate, want)
            if judged is not None and words.COMMON.isdisjoint((candidate.fine, skeleton(candidate.fine))):
                found = judged if way == "disguised" and judged not in SURE else way
                return [Found(candidate.first, candidate.last, number, found)]
        return []

    def _note(self, reading: Reading, first: int, last: int, number: int, way: str) -> None:
        places = reading.letters.places
        start, end = reading.span(places[first], places[last])
        if way != "filler" or not tears(self.text, start, end):
            self.found.append(Found(start, end, number, way))

    def parts(self, written: Reading) -> None:
        """Look for characters that are written as their parts."""
        pairs = self._pairs(written.letters)
        if pairs:
            reading = readings.composed(written.text, pairs)
            before = len(self.found)
            self.read(reading, self.index.plain.hits(skeleton(reading.text)))
            self.found[before:] = [found._replace(way="split") for found in self.found[before:]]

    def _pairs(self, letters: Letters) -> list[Piece]:
        """Where parts stand side by side, and what they make; of those that share a part the first."""
        places, firsts, wholes = letters.places, self.index.pairs.first, self.index.wholes
        found: list[Piece] = []
        past = 0
        for start, _, pattern in self.index.pairs.hits(letters.fine):
            begin = places[start]
            if begin >= past:
                past = places[start + 1] + 1
                found.append((begin, past, wholes[firsts[pattern]]))
        return found

    def signs(self, text: str) -> None:
        """Look for terms that are signs, such as emoji."""
        for number, sign in self.index.signs:
            at = text.find(sign)
            while at >= 0 and self.left > 0:
                self.left -= 1
                self.found.append(Found(at, at + len(sign), number, "plain"))
                at = text.find(sign, at + len(sign))

    def starred(self, text: str) -> None:
        """Look for words with some letters starred out."""
        for match in islice(readings.STARRED.finditer(text), self.left):
            self.left -= 1
            known = match[0].lower()
            for number in self.index.words(self.lexicon).get((known[0], len(known)), ()):
                want = shape(self.lexicon.texts[number], "word").fine
                if all(a == b or a in readings.STARS for a, b in zip(known, want, strict=True)):
                    self.found.append(Found(*match.span(), number, "starred"))

    def initials(self, reading: Reading) -> None:
        """Look for words that are a term's initials, and for characters with the initials of the others after them."""
        for start, end, form in initials_of(reading.text):
            self.left -= 1
            if self.left <= 0:
                return
            span = reading.span(start, end - 1)
            self.found += (Found(*span, number, "initials") for number in self.index.initials.get(form, ()))

    def listen(self, reading: Reading, *, mixed: bool) -> None:
        """Look for what sounds like a term; `mixed` is whether there may be pinyin beside ideographs."""
        text = reading.text
        if not mixed and not self.index.sounds.any(sound.heard()(text)):
            return
        heard, firsts, lasts = readings.heard(reading, mixed=mixed)
        judged: dict[tuple[int, int, str], bool] = {}
        for _, end, pattern in self.index.sounds.hits(heard):
            for size, entry in self.index.sounds.entries(pattern):
                self.left -= 1
                if self.left <= 0:
                    return
                first, last = firsts[end - size], lasts[end - 1]
                begin = max(0, first - AROUND)
                key = (entry, first - begin, text[begin : last + 1 + AROUND])
                number = self.index.heard[entry]
                if key not in judged:
                    judged[key] = is_homophone(text, first, last, self.lexicon.texts[number])
                if judged[key]:
                    self.found.append(Found(*reading.span(first, last), number, "homophone"))


def _inside(reading: Reading, start: int, end: int, want: Shape) -> bool:
    """Whether it is plainly a part of a longer word, as most candidates are: with letters beside it, not glued."""
    places, _, runs = reading.letters
    if runs[start + 1] - runs[start] > 1 or runs[end] - runs[end - 1] > 1:
        return False
    first, last = places[runs[start]], places[runs[end] - 1]
    before, after = _in_word(reading.text, first - 1), _in_word(reading.text, last) and not want.begins
    if before and after:
        return True
    return (before or after) and (len(want.fine) < GLUED or not is_glued(reading.text, first, last))


def _in_word(text: str, place: int) -> bool:
    """Whether two ASCII letters stand side by side, from a place on."""
    pair = text[max(0, place) : place + 2]
    return len(pair) == 2 and pair.isascii() and pair.isalpha()


def _worth_reversing(want: Shape) -> bool:
    return len(want.fine) >= (2 if want.anywhere else REVERSED) and want.fine != want.fine[::-1]


def _trimmed(reading: Reading, start: int, end: int, want: str, *, least: bool = False) -> Iterator[Candidate]:
    """The candidates of a hit: its first and last letters may be repeated, and some of those belong to other words.

    With `least`, only the one with no more of them than the term has.
    """
    letters = reading.letters
    runs = letters.runs
    first, last = runs[start], runs[end] - 1
    if last - first + 1 == len(want):
        yield Candidate(reading, first, last)
        return
    firsts = _ends(reading, range(runs[start + 1] - 1, first - 1, -1), _repeats(want))[-1 if least else 0 :]
    lasts = _ends(reading, range(runs[end - 1], last + 1), _repeats(want[::-1]))[-1 if least else 0 :]
    for begin in firsts:
        for stop in lasts:
            if stop - begin + 1 >= len(want):
                yield Candidate(reading, begin, stop)


def _ends(reading: Reading, run: range, needed: int) -> list[int]:
    """Where a run may be cut: whole, at its first gap, and after as many letters as the term has."""
    cuts = [run[-1]]
    whole = Candidate(reading, min(run), max(run))
    for number in range(needed, min(len(run), needed + 64)):
        if whole.gap(max(run[number], run[number - 1])):
            cuts.append(run[number - 1])
            break
    if len(run) > needed:
        cuts.append(run[needed - 1])
    return list(dict.fromkeys(cuts))


def _repeats(want: str) -> int:
    """How often a term has its first letter at its beginning."""
    return len(want) - len(want.lstrip(want[0]))
