"""From a text to the terms that it holds: every reading folded, scanned, and each candidate judged."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from typing import TYPE_CHECKING, NamedTuple

from minorguard.content import readings, sound, words
from minorguard.content.automata import Hit
from minorguard.content.candidates import Candidate, Shape, is_spaced, shape
from minorguard.content.fold import fine_of, letters, skeleton, tables
from minorguard.content.index import BORDER
from minorguard.content.judge import judge
from minorguard.content.judge_han import AROUND
from minorguard.content.judge_words import GLUED, is_glued
from minorguard.content.readings import Reading
from minorguard.content.verdict import SURE

if TYPE_CHECKING:
    from minorguard.content.lexicon import Lexicon

CANDIDATES = 1_000
"""So many candidates of a text are judged, and one more for every `PER` characters; what is left asks for review."""
PER = 64
BRIEF = 40
"""Texts without ideographs are looked through for initials up to this length: in longer ones they are chance."""
REVERSED = 4
"""The fewest letters of a term that is looked for backwards; of ideographs, two."""


class Found(NamedTuple):
    """A term, where it stands in the original text, and how it was found."""

    start: int
    end: int
    term: int
    way: str


class Finder:
    """Finds the terms of one list. Holds no state between texts."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.index = lexicon.index

    def find(self, text: str) -> tuple[list[Found], bool]:
        """Everything that a text holds, the surest way of each; and whether it held more candidates than are judged."""
        look = _Look(self, CANDIDATES + len(text) // PER)
        scan = self.index.plain.hits
        folded = skeleton(text)
        look.read(readings.Reading(text, "plain"), scan(folded))
        backward = scan(folded[::-1])
        if backward:
            look.read(readings.backwards(text), backward)
        if readings.has_cause(text):
            for reading in readings.others(text):
                look.read(reading, scan(skeleton(reading.text)))
            if readings.is_starred(text):
                look.starred(text)
        if self.index.signs:
            look.signs(text)
        if self.index.heard:
            self._sounds(text, folded, look)
        return _surest(look.found), look.left <= 0

    def _sounds(self, text: str, folded: str, look: _Look) -> None:
        """What concerns Chinese alone."""
        chinese = readings.has_han(text)
        latin = readings.has_latin(text)
        if chinese:
            if self.index.pairs.hits(folded):
                look.parts(text)
            look.listen(text, mixed=latin and readings.is_mixed(text))
        if latin and self.index.initials and (chinese or len(text) <= BRIEF):
            look.initials(text)

    def find_many(self, texts: list[str]) -> Iterator[tuple[list[Found], bool]]:
        """`find` for each: all are scanned at once, and only those in which anything shows are looked at one by one."""
        joined = BORDER.join(texts)
        if joined.count(BORDER[0]) != len(texts) - 1:
            yield from map(self.find, texts)
            return
        showing = self._showing(joined, texts)
        for number, text in enumerate(texts):
            yield self.find(text) if number in showing else ([], False)

    def _showing(self, joined: str, texts: list[str]) -> set[int]:
        """The numbers of the texts in which a scan or a sign gives cause to look."""
        index, folded = self.index, skeleton(joined)
        borders = _borders(folded.split(BORDER))
        size = len(folded)
        places = [
            *(start for start, _, _ in index.plain.hits(folded)),
            *(size - end for _, end, _ in index.plain.hits(folded[::-1])),
        ]
        if index.heard:
            places += (start for start, _, _ in index.pairs.hits(folded))
        showing = {bisect_right(borders, place) for place in places}
        if index.heard and not joined.isascii():
            heard = sound.heard()(joined)
            borders = _borders(heard.split(BORDER))
            showing.update(bisect_right(borders, start) for start, _, _ in index.sounds.hits(heard))
        borders = _borders(texts)
        showing.update(bisect_right(borders, place) for place in readings.causes(joined))
        showing.update(number for number, text in enumerate(texts) if number not in showing and self._hints(text))
        return showing

    def _hints(self, text: str) -> bool:
        """Whether letters of a text, or signs of the list, give cause to look."""
        if any(sign in text for _, sign in self.index.signs):
            return True
        if not text.isascii():
            return readings.is_foreign(text) or self._has_initials(text)
        return len(text) <= BRIEF and self._has_initials(text)

    def _has_initials(self, text: str) -> bool:
        initials = self.index.initials
        return bool(initials) and any(form in initials for _, _, form in _forms(text))


def _borders(texts: list[str]) -> list[int]:
    """Where in the joined text each text but the last is over."""
    return [end + number * len(BORDER) for number, end in enumerate(accumulate(map(len, texts[:-1])))]


HALF = 3
"""The most characters that are looked at before the initials of others."""
_HALF = re.compile(r"[A-Za-z](?<=[\u3400-\u9fff].)[A-Za-z]{0,2}(?![A-Za-z0-9])")
_INITIALS = re.compile(r"[A-Za-z](?<![A-Za-z].)(?:[A-Za-z]{2,7}|(?:[. _-][A-Za-z]){2,7})(?![A-Za-z])")


def _forms(text: str) -> Iterator[tuple[int, int, str]]:
    """What may be initials, where, and as the index writes it."""
    for match in _INITIALS.finditer(text):
        yield *match.span(), "".join(filter(str.isalpha, match[0])).lower()
    for match in _HALF.finditer(text):
        end, latin = match.end(), match[0].lower()
        for start in range(max(0, match.start() - HALF), match.start()):
            yield start, end, "".join(tables().fine[ord(char)] for char in text[start : match.start()]) + latin


class _Look:
    """One text's candidates, counted."""

    def __init__(self, finder: Finder, left: int) -> None:
        self.index, self.lexicon = finder.index, finder.lexicon
        self.left = left
        self.found: list[Found] = []

    def read(self, reading: Reading, hits: Iterable[Hit]) -> None:
        """Judge what the scan of a reading found."""
        terms = len(self.lexicon.texts)
        for _, end, pattern in hits:
            for size, entry in self.index.plain.entries(pattern):
                if self.left <= 0:
                    return
                if entry < terms:
                    self._term(reading, end - size, end, entry)
                else:
                    self._spelling(reading, end - size, end, *self.index.spelled[entry - terms])

    def _term(self, reading: Reading, start: int, end: int, number: int) -> None:
        want = shape(self.lexicon.texts[number], self.lexicon.kinds[self.lexicon.of[number]].where)
        if (reading.way == "reversed" and not _worth_reversing(want)) or (
            not want.anywhere and _inside(reading, start, end, want)
        ):
            return
        self.left -= 1
        for candidate in _trimmed(reading, start, end, want.fine, least=want.anywhere):
            way = judge(candidate, want)
            if way is not None:
                self._note(candidate, number, way)
                return

    def _spelling(self, reading: Reading, start: int, end: int, number: int, spelling: str) -> None:
        if reading.way in {"reversed", "leet", "filler"}:
            return
        want = shape(spelling, "word")
        if _inside(reading, start, end, want):
            return
        self.left -= 1
        for candidate in _trimmed(reading, start, end, want.fine):
            if judge(candidate, want) is not None and "".join(candidate.fine) not in words.COMMON:
                self._note(candidate, number, "pinyin")
                return

    def _note(self, candidate: Candidate, number: int, way: str) -> None:
        places = candidate.reading.letters.places
        start, end = candidate.reading.span(places[candidate.first], places[candidate.last])
        self.found.append(Found(start, end, number, way))

    def parts(self, text: str) -> None:
        """Look for characters that are written as their parts."""
        hits = list(self.index.pairs.hits(fine_of(text)))
        if hits:
            places = letters(text).places
            pairs = [
                (places[start], places[start + 1] + 1, self.index.wholes[self.index.pairs.first[pattern]])
                for start, _, pattern in hits
            ]
            reading = readings.composed(text, pairs)
            before = len(self.found)
            self.read(reading, self.index.plain.hits(skeleton(reading.text)))
            self.found[before:] = [found._replace(way="split") for found in self.found[before:]]

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

    def initials(self, text: str) -> None:
        """Look for words that are a term's initials, and for characters with the initials of the others after them."""
        for start, end, form in _forms(text):
            self.left -= 1
            if self.left <= 0:
                return
            self.found += (Found(start, end, number, "initials") for number in self.index.initials.get(form, ()))

    def listen(self, text: str, *, mixed: bool) -> None:
        """Look for what sounds like a term; `mixed` is whether there may be pinyin beside ideographs."""
        if not mixed and not self.index.sounds.hits(sound.heard()(text)):
            return
        heard, spans = readings.heard(text, mixed=mixed)
        fine = tables().fine
        for _, end, pattern in self.index.sounds.hits(heard):
            for size, entry in self.index.sounds.entries(pattern):
                self.left -= 1
                if self.left <= 0:
                    return
                first, last = spans[end - size][0], spans[end - 1][1]
                number = self.index.heard[entry]
                written = "".join(fine[ord(char)] for char in text[first : last + 1])
                if _is_homophone(text, first, last, written, shape(self.lexicon.texts[number], "auto").fine):
                    self.found.append(Found(first, last + 1, number, "homophone"))


def _is_homophone(text: str, first: int, last: int, written: str, term: str) -> bool:
    """Whether it is written otherwise than the term, not in everyday words, and not in other words' letters."""
    latin = sum(map(is_spaced, written))
    if written == term or latin == len(written):
        return False
    if latin:
        begins = first == 0 or not (text[first].isascii() and text[first - 1].isascii() and text[first - 1].isalpha())
        ends = last + 1 >= len(text) or not (
            text[last].isascii() and text[last + 1].isascii() and text[last + 1].isalpha()
        )
        return begins and ends
    same = sum(a == b for a, b in zip(written, term, strict=False))
    if (len(term) > 2 and not same) or written in words.weights():
        return False
    fine = tables().fine
    begin, stop = max(0, first - AROUND), min(len(text), last + 1 + AROUND)
    window = "".join(fine[ord(char)] or " " for char in text[begin:stop])
    start = sum(1 for _ in text[begin:first])
    usual = [a < start + (last + 1 - first) and b > start for a, b in words.segments(window) if b - a > 1]
    return not (any(usual) if len(term) == 2 else words.within_words(window, start, start + last + 1 - first))


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


def _surest(found: list[Found]) -> list[Found]:
    """Each term at each place once; what was found in an unsure way where a sure one stands is left out."""
    if len(found) < 2:
        return found
    best: dict[tuple[int, int, int], Found] = {}
    for one in found:
        other = best.get(one[:3])
        if other is None or (other.way not in SURE and one.way in SURE):
            best[one[:3]] = one
    sure = {place for one in best.values() if one.way in SURE for place in (one.start, one.end - 1)}
    return [one for one in best.values() if one.way in SURE or not {one.start, one.end - 1} & sure]
