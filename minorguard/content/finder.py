"""From a text to the terms that it holds: every reading folded, scanned, and each candidate judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from minorguard.content import glance, readings
from minorguard.content.fold import skeleton
from minorguard.content.initials import has_initials
from minorguard.content.look import Found, Look
from minorguard.content.readings import Reading
from minorguard.content.verdict import SURE

if TYPE_CHECKING:
    from minorguard.content.lexicon import Lexicon

CANDIDATES = 500
"""So many candidates of a text are judged, and one more for every `PER` characters; what is left asks for review."""
PER = 128
BRIEF = 40
"""Texts without ideographs are looked through for initials up to this length: in longer ones they are chance."""
Finding = tuple[Sequence[Found], bool]
"""What was found, and whether there was more than is judged."""
NOTHING: Finding = ([], False)
"""Of most texts."""


class Finder:
    """Finds the terms of one list. Holds no state between texts; `quick` is whether it glances at a text first."""

    def __init__(self, lexicon: Lexicon, *, quick: bool = glance.QUICK) -> None:
        self.lexicon = lexicon
        self.index = lexicon.index
        self._glance = self.index.glance(lexicon.texts) if quick else None

    def find(self, text: str) -> Finding:
        """Everything that a text holds, the surest way of each; and whether it held more candidates than are judged."""
        if self._glance is None:
            return self._look(text, shows=True, holds=glance.ALL)
        shows, holds = self._glance.at(text)
        return self._look(text, shows=shows, holds=holds) if shows or holds else NOTHING

    def find_many(self, texts: list[str]) -> list[Finding]:
        """`find` for each: all are glanced at together."""
        if self._glance is None:
            return list(map(self.find, texts))
        seen = self._glance.over(texts)
        return [
            self._look(text, shows=shows, holds=holds)
            if shows or (holds and (holds != glance.LATIN or len(text) <= BRIEF or not text.isascii()))
            else NOTHING
            for text, (shows, holds) in zip(texts, seen, strict=True)
        ]

    def _look(self, text: str, *, shows: bool, holds: int) -> Finding:
        """Look closer where something shows, or what the text holds gives cause."""
        shows = shows or bool(holds & glance.ODD)
        if not shows and holds == glance.LATIN and text.isascii() and not _is_brief(text):
            return NOTHING
        look = Look(self.index, self.lexicon, CANDIDATES + len(text) // PER, text)
        chinese = readings.has_han(text)
        if not chinese:
            holds &= ~glance.FILLER
        written = Reading(text, "plain")
        if shows:
            self._as_written(written, look)
        said = readings.spoken(written)
        if not look.is_over and (holds & ~glance.LATIN or (chinese and holds)):
            self._otherwise(text, look)
            if said is not written:
                look.read(said, self.index.plain.hits(skeleton(said.text)))
        if self.index.heard and not look.is_over:
            self._sounds(written, said, look, shows=shows, chinese=chinese)
        return _surest(look.found), look.is_over

    def _as_written(self, written: Reading, look: Look) -> None:
        """From either end."""
        for reading in (written, readings.backwards(written.text)):
            if not look.is_over:
                look.read(reading, self.index.plain.hits(skeleton(reading.text)))
        if look.filled and not look.is_over:
            reading = readings.unfilled(written.text)
            look.read(reading, self.index.plain.hits(skeleton(reading.text)))

    def _otherwise(self, text: str, look: Look) -> None:
        """By its signs and figures, and those of the list."""
        if readings.has_cause(text):
            for reading in readings.others(text):
                if look.is_over:
                    return
                look.read(reading, self.index.plain.hits(skeleton(reading.text)))
            if readings.is_starred(text):
                look.starred(text)
        if self.index.signs:
            look.signs(text)

    def _sounds(self, written: Reading, said: Reading, look: Look, *, shows: bool, chinese: bool) -> None:
        """What concerns Chinese alone; `said` is the text with its signs read aloud."""
        text = written.text
        latin = readings.has_latin(text)
        mixed = latin and chinese and readings.is_mixed(text)
        if chinese and shows and self.index.pairs.any(skeleton(text)):
            look.parts(written)
        if chinese and (shows or mixed) and not look.is_over:
            look.listen(written, mixed=mixed)
        if chinese and said is not written and not look.is_over:
            look.listen(said, mixed=False)
        if latin and self.index.initials and not look.is_over and (chinese or said is not written or _is_brief(text)):
            look.initials(said)
        if readings.has_bopomofo(text) and not look.is_over:
            reading = readings.romanised(text)
            look.read(reading, self.index.plain.hits(skeleton(reading.text)))
            look.listen(reading, mixed=True)
            look.initials(reading)


def _is_brief(text: str) -> bool:
    """Whether a text without ideographs may have initials in it that are not chance."""
    return len(text) <= BRIEF and has_initials(text)


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
