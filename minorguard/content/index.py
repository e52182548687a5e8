"""What the filter scans with: the folded patterns of a list, and which terms each may stand for."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from minorguard.content import parts, readings, sound, words
from minorguard.content.automata import Automaton, Hit, automaton
from minorguard.content.fold import skeleton, tables
from minorguard.content.glance import Glance, United
from minorguard.model.sections import TextAction

if TYPE_CHECKING:
    from minorguard.content.lexicon import Lexicon

BORDER = "ᚠᚢ"
"""Stands between texts that are folded together: two letters that no list should need."""
SOUNDS = 5_000
"""Lists with more Chinese terms than this are not looked for by sound: with so many, most hits would be chance."""
INITIALS = 500
"""Lists with more terms of three characters are not looked for by three initials, with more at all not by 法lg."""
FILLED = 4
"""The most characters of a term that is looked for with a word filled in; also only in lists of up to `INITIALS`."""
UNITED = 25_000
"""Lists with more patterns than this are scanned forwards and backwards: building one scan would take too long."""
STEP = 16_384
"""How much of a folded text is scanned at once."""


def skeletons(texts: Sequence[str]) -> list[str]:
    """The folds of many texts, in one go."""
    joined = BORDER.join(texts)
    if joined.count(BORDER[0]) == len(texts) - 1:
        return skeleton(joined).split(BORDER)
    return [skeleton(text) for text in texts]


@dataclass
class Patterns:
    """Distinct patterns in the order of their numbers, and an automaton over them; each stands for `entries`."""

    texts: Sequence[str]
    first: Sequence[int]
    """The first entry of each pattern."""
    more: dict[int, list[int]] = field(default_factory=dict)
    """The further entries of some."""
    dump: bytes = b""

    @classmethod
    def of(cls, texts: Sequence[str]) -> Patterns:
        """Patterns of which the entry is the place in the list; empty ones are left out."""
        numbers: dict[str, int] = {}
        first = array("I")
        more: dict[int, list[int]] = {}
        for entry, text in enumerate(texts):
            if text:
                number = numbers.setdefault(text, len(numbers))
                if number == len(first):
                    first.append(entry)
                else:
                    more.setdefault(number, []).append(entry)
        return cls(list(numbers), first, more)

    @cached_property
    def scan(self) -> Automaton:
        """The automaton."""
        return automaton(self.texts, self.dump)

    @cached_property
    def width(self) -> int:
        """The longest pattern."""
        return max(map(len, self.texts), default=0)

    @cached_property
    def _suffixes(self) -> dict[int, tuple[tuple[int, int], ...]]:
        return {}

    def entries(self, number: int) -> tuple[tuple[int, int], ...]:
        """For a pattern and every pattern that it ends in: its length and an entry."""
        found = self._suffixes.get(number)
        if found is None:
            found = tuple(
                (len(self.texts[one]), entry)
                for one in self.scan.endings(self.texts[number])
                for entry in (self.first[one], *self.more.get(one, ()))
            )
            self._suffixes[number] = found
        return found

    def hits(self, folded: str) -> Iterable[Hit]:
        """The longest pattern at every place where patterns end; of long texts step by step, and a few twice."""
        return self.scan.longest(folded) if len(folded) <= STEP else self._steps(folded)

    def any(self, folded: str) -> bool:
        """Whether there is one."""
        return any(True for _ in self.hits(folded))

    def _steps(self, folded: str) -> Iterator[Hit]:
        longest = self.scan.longest
        for at in range(0, len(folded), STEP):
            found = longest(folded[at : at + STEP + self.width])
            yield from [(at + start, at + end, number) for start, end, number in found if start < STEP]


@dataclass
class Index:
    """The patterns of a list: as it writes its terms, and as they sound."""

    plain: Patterns
    """Entries are numbers of terms, and beyond those of `spelled`."""
    spelled: Sequence[tuple[int, str, str]]
    """Term, another spelling of it, and how that is found: pinyin with a break between syllables, characters in another
    order or with a word filled in, ph for f."""
    initials: dict[str, list[int]]
    """By the initials of their pinyin, of all characters or of the last ones (法lg), the terms."""
    sounds: Patterns
    heard: Sequence[int]
    """The terms of `sounds`."""
    signs: Sequence[tuple[int, str]]
    """Terms that fold to nothing, such as emoji, and their texts: looked for as they are written."""
    pairs: Patterns
    """What the ideographs of the list look like when their parts are written one after the other."""
    wholes: Sequence[str]
    """The ideographs of `pairs`."""

    united: United | None = None
    """One scan for all of it, if the list is not too long; made by `unite`."""

    _glance: Glance | None = None
    _words: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    def words(self, lexicon: Lexicon) -> dict[tuple[str, int], list[int]]:
        """The terms in ASCII letters by their first and their length; made at the first use."""
        if not self._words:
            found: dict[tuple[str, int], list[int]] = {}
            for number, text in enumerate(lexicon.texts):
                if text.isascii() and text.isalpha() and len(text) > 3:
                    found.setdefault((text[0].lower(), len(text)), []).append(number)
            self._words = found or {("", 0): []}
        return self._words

    def unite(self, terms: Sequence[str]) -> United | None:
        """One scan of everything, made once; None if there are so many patterns that it takes longer than it saves."""
        if self.united is None and len(self.plain.texts) <= UNITED:
            self.united = United.of(self, terms)
        return self.united

    def glance(self, terms: Sequence[str]) -> Glance:
        """What tells the texts that may hold something from the others; made once."""
        if self._glance is None:
            self._glance = Glance(self, self.unite(terms))
        return self._glance

    @classmethod
    def build(cls, lexicon: Lexicon) -> Index:
        """Fold every term."""
        folded = skeletons(lexicon.texts)
        chinese = _chinese(lexicon, folded)
        spelled, initials, heard, sounds = _spellings(lexicon, chinese)
        spelled += _respelled(lexicon)
        patterns = Patterns.of([*folded, *skeletons([spelling for _, spelling, _ in spelled])])
        signs = [(number, lexicon.texts[number]) for number, text in enumerate(folded) if not text]
        usual = words.weights() if chinese else {}
        han = sorted({char for number in chinese for char in folded[number]})
        pairs = [(pair, char) for char in han for pair in parts.ways(char) if pair not in usual]
        composed = Patterns.of([pair for pair, _ in pairs])
        return cls(
            patterns, spelled, initials, Patterns.of(sounds), heard, signs, composed, [char for _, char in pairs]
        )


def _chinese(lexicon: Lexicon, folded: list[str]) -> list[int]:
    """The denying terms that may be looked for by sound; none if there are too many."""
    found = (number for number in _denying(lexicon) if folded[number] and folded[number][-1] >= "㐀")
    return _unless_many(found)


def _denying(lexicon: Lexicon) -> Iterator[int]:
    allowing = {number for number, kind in enumerate(lexicon.kinds) if kind.action is TextAction.ALLOW}
    return (number for number, kind in enumerate(lexicon.of) if kind not in allowing)


def _unless_many(numbers: Iterator[int]) -> list[int]:
    found = list(islice(numbers, SOUNDS + 1))
    return found if len(found) <= SOUNDS else []


def _spellings(
    lexicon: Lexicon, chinese: list[int]
) -> tuple[list[tuple[int, str, str]], dict[str, list[int]], list[int], list[str]]:
    """Pinyin and initials of the terms that are all ideographs, and how those of two or more sound."""
    spelled, heard, sounds = [], [], []
    initials: dict[str, list[int]] = {}
    least = 3 if sum(len(lexicon.texts[number]) == 3 for number in chinese) <= INITIALS else 4
    for number in chinese:
        fine = "".join(tables().fine[ord(char)] for char in lexicon.texts[number])
        syllables = sound.pinyin(fine)
        if len(syllables) < 2:
            continue
        heard.append(number)
        sounds.append(sound.heard()(fine))
        if sum(map(len, syllables)) >= 4:
            spelled.append((number, " ".join(syllables), "pinyin"))
        spelled += [(number, swapped, "swapped") for swapped in _swapped(fine)]
        if len(chinese) <= INITIALS:
            spelled += [(number, filled, "filler") for filled in _filled(fine)]
        first = "".join(syllable[0] for syllable in syllables)
        forms = [fine[:at] + first[at:] for at in range(1, len(fine))] if len(chinese) <= INITIALS else []
        if len(first) >= least and not set(first) & set("aeiou"):
            forms.append(first)
        for form in forms:
            initials.setdefault(form, []).append(number)
    return spelled, initials, heard, sounds


def _swapped(fine: str) -> list[str]:
    """Three characters with two neighbours swapped, but for what is a word; of two or more than three, chance."""
    if len(set(fine)) != 3 or len(fine) != 3:
        return []
    return [text for text in (fine[1] + fine[0] + fine[2], fine[0] + fine[2] + fine[1]) if text not in words.weights()]


def _filled(fine: str) -> Iterator[str]:
    """A short term with a word between any two of its characters."""
    if len(fine) <= FILLED:
        for at in range(1, len(fine)):
            yield from (fine[:at] + word + fine[at:] for word in readings.FILLING)


def _respelled(lexicon: Lexicon) -> list[tuple[int, str, str]]:
    """The denying terms in Latin letters that have an f, with ph for it; none if there are too many."""
    texts = lexicon.texts
    with_f = (number for number in _denying(lexicon) if texts[number].isascii() and "f" in texts[number].lower())
    return [(number, texts[number].lower().replace("f", "ph"), "disguised") for number in _unless_many(with_f)]
