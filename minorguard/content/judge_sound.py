"""The fine check of what sounds like a term: most of it is chance, so that everyday words and characters are none."""

from __future__ import annotations

import re

from minorguard.content import sound, words
from minorguard.content.candidates import is_spaced, shape
from minorguard.content.fold import tables
from minorguard.content.judge_han import AROUND

NEARLY = 3
"""The fewest characters of a term of which some may sound only nearly the same."""
_CLAUSE = re.compile(r"[，。！？；：、,!?;:…“”‘’\"()（）《》「」\n]")
"""What ends a part of a sentence: two parts make no word together."""
_QUESTION = re.compile("[吗呢吧嘛][?？…]")
"""A particle at the end of a question: 大吗？"""
_FIGURE = re.compile("[0-9０-９]")


def is_homophone(text: str, first: int, last: int, listed: str) -> bool:
    """Whether it is written otherwise than the term, not in everyday words, and not in other words' letters."""
    fine, piece = tables().fine, text[first : last + 1]
    written, term = "".join(fine[ord(char)] for char in piece), shape(listed, "auto").fine
    latin = sum(letter.isalpha() and is_spaced(letter) for letter in written)
    if written == term or latin == len(written) or (len(term) < NEARLY and not sound.sounds_exactly(written, term)):
        return False
    if latin:
        return _ends_alone(text, first - 1, first) and _ends_alone(text, last, last + 1)
    if words.is_known(written) or _CLAUSE.search(piece):
        return False
    window, start = around(text, first, last + 1)
    if len(term) > 2:
        same = any(a == b for a, b in zip(written, term, strict=False))
        return same and not words.within_words(window, start, start + last + 1 - first)
    usual = [a < start + (last + 1 - first) and b > start for a, b in words.segments(window) if b - a > 1]
    chance = all(map(words.is_everyday, written)) or _FIGURE.search(piece) or _QUESTION.match(text, last)
    return not (any(usual) or chance)


def _ends_alone(text: str, before: int, after: int) -> bool:
    """Whether no word of Latin letters goes on over a border."""
    pair = text[max(0, before) : after + 1]
    return not (len(pair) == 2 and pair.isascii() and (pair[0].isalpha() and pair[1].isalpha()))


def around(text: str, start: int, end: int) -> tuple[str, int]:
    """The letters of a text around a place, a space for each that is none, and where the place begins among them."""
    fine, begin = tables().fine, max(0, start - AROUND)
    return "".join(fine[ord(char)] or " " for char in text[begin : end + AROUND]), start - begin


def tears(text: str, start: int, end: int) -> bool:
    """Whether a word of the text lies across either end of a place: 赌这个博 in 打赌这个博物馆."""
    window, first = around(text, start, end)
    last = first + end - start
    return any(a < first < b or a < last < b for a, b in words.segments(window))
