"""The fine check in Chinese and other scripts without spaces: no hit across the border of likelier words."""

from __future__ import annotations

import re

from minorguard.content import words
from minorguard.content.candidates import Candidate, Shape, gaps_of, is_bounded, is_spaced, plain_or_disguised

SPARE_BITS = 2.5
"""A hit that crosses likelier words by more than this is none; by less, it is for people to see."""
AROUND = 4
"""How many characters on either side of a hit are read with it."""
NUMERALS = frozenset("〇零一二三四五六七八九")
_SENTENCE = re.compile(r"[\s，。！？；：、,.!?;:…“”‘’\"'()（）《》]+")


def judge_han(candidate: Candidate, want: Shape) -> str | None:
    """How a term is found; None if it is not."""
    gaps = gaps_of(candidate, want)
    ends = ((want.fine[0], candidate.first), (want.fine[-1], candidate.last + 1)) if want.borders else ()
    if any(is_spaced(letter) and not is_bounded(candidate, number) for letter, number in ends):
        return None
    window, start, end = _window(candidate)
    if len(want.fine) == 1 and words.within_words(window, start, end) and len(window) > 1:
        return None
    if candidate.reading.way == "reversed":
        usual = words.segments(window[::-1])
        at = len(window) - end
        return None if any(b - a > 1 and a < at + end - start and b > at for a, b in usual) else "reversed"
    bits = words.crossing(window, start, end) if end - start <= 3 else 0.0
    if bits > SPARE_BITS or (bits and gaps and all(map(_SENTENCE.fullmatch, gaps.values())) and len(gaps) == 1):
        return None
    if bits and not gaps:
        return "crossing"
    return "disguised" if gaps else plain_or_disguised(candidate, want)


def _window(candidate: Candidate) -> tuple[str, int, int]:
    """The hit with the characters that follow one another on either side."""
    letters = candidate.reading.letters
    first, last = candidate.first, candidate.last
    begin, stop = first, last
    while begin > 0 and first - begin < AROUND and not candidate.gap(begin) and _is_han(candidate, begin - 1):
        begin -= 1
    while (
        stop + 1 < len(letters.fine)
        and stop - last < AROUND
        and not candidate.gap(stop + 1)
        and _is_han(candidate, stop + 1)
    ):
        stop += 1
    return letters.fine[begin : stop + 1], first - begin, last + 1 - begin


def _is_han(candidate: Candidate, number: int) -> bool:
    """Whether a letter belongs to words without spaces; the numeral 一 does, though it folds to a figure."""
    letters = candidate.reading.letters
    return not is_spaced(letters.fine[number]) or candidate.reading.text[letters.places[number]] in NUMERALS
