"""From a text to the terms that it holds: every reading folded, scanned, and each candidate judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from minorguard.content import glance, readings
from minorguard.content.fold import skeleton
from minorguard.content.look import Found, Look
from minorguard.content.verdict import SURE

if TYPE_CHECKING:
    from minorguard.content.lexicon import Lexicon

CANDIDATES = 1_000
"""So many candidates of a text are judged, and one more for every `PER` characters; what is left asks for review."""
PER = 64
BRIEF = 40
"""Texts without ideographs are looked through for initials up to this length: in longer ones they are chance."""
_UNSEEN = (True, glance.ALL)


class Finder:
    """Finds the terms of one list. Holds no state between texts; `quick` is whether it glances at a text first."""

    def __init__(self, lexicon: Lexicon, *, quick: bool = glance.QUICK) -> None:
        self.lexicon = lexicon
        self.index = lexicon.index
        self._glance = self.index.glance(lexicon.texts) if quick else None

    def find(self, text: str) -> tuple[list[Found], bool]:
        """Everything that a text holds, the surest way of each; and whether it held more candidates than are judged."""
        return self._find(text, _UNSEEN if self._glance is None else self._glance.at(text))

    def find_many(self, texts: list[str]) -> Iterator[tuple[list[Found], bool]]:
        """`find` for each: all are glanced at together."""
        return map(self._find, texts, [_UNSEEN] * len(texts) if self._glance is None else self._glance.over(texts))

    def _find(self, text: str, seen: glance.Seen) -> tuple[list[Found], bool]:
        shows, holds = seen
        shows = shows or bool(holds & glance.ODD)
        if not shows and (not holds or (holds == glance.LATIN and len(text) > BRIEF and text.isascii())):
            return [], False
        look = Look(self.index, self.lexicon, CANDIDATES + len(text) // PER)
        chinese = readings.has_han(text)
        if shows:
            self._as_written(text, look)
        if holds & ~glance.LATIN or (chinese and holds):
            self._otherwise(text, look)
        if self.index.heard:
            self._sounds(text, look, shows=shows, chinese=chinese)
        return _surest(look.found), look.left <= 0

    def _as_written(self, text: str, look: Look) -> None:
        """From either end."""
        scan = self.index.plain.hits
        folded = skeleton(text)
        look.read(readings.Reading(text, "plain"), scan(folded))
        backward = scan(folded[::-1])
        if backward:
            look.read(readings.backwards(text), backward)

    def _otherwise(self, text: str, look: Look) -> None:
        """By its signs and figures, and those of the list."""
        if readings.has_cause(text):
            for reading in readings.others(text):
                look.read(reading, self.index.plain.hits(skeleton(reading.text)))
            if readings.is_starred(text):
                look.starred(text)
        if self.index.signs:
            look.signs(text)

    def _sounds(self, text: str, look: Look, *, shows: bool, chinese: bool) -> None:
        """What concerns Chinese alone."""
        latin = readings.has_latin(text)
        mixed = latin and chinese and readings.is_mixed(text)
        if chinese and shows and self.index.pairs.hits(skeleton(text)):
            look.parts(text)
        if chinese and (shows or mixed):
            look.listen(text, mixed=mixed)
        if latin and self.index.initials and (chinese or len(text) <= BRIEF):
            look.initials(text)


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
