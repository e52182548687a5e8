"""The fine check: what a candidate of the coarse scan is worth, judged on the text as it was read.

A term in a script that spaces its words must stand as a word; one in Chinese must not lie across the border of likelier
words. Separators inside it do not save it, unless what they separate is itself made of everyday words.
"""

from __future__ import annotations

from minorguard.content import words
from minorguard.content.candidates import Candidate, Shape
from minorguard.content.fold import merged
from minorguard.content.judge_han import judge_han
from minorguard.content.judge_words import judge_word

ENDLESS = 512
"""A hit with more letters repeats some of them so often that it is not looked at closely."""


def judge(candidate: Candidate, want: Shape) -> str | None:
    """How the term is found (a name of `FOUND`); None if it is not."""
    if candidate.last - candidate.first > ENDLESS:
        return "endless"
    if not _spelled(candidate, want):
        return None
    if candidate.reading.way == "leet" and not _leet_enough(candidate):
        return None
    if candidate.reading.way == "reversed" and candidate.fine[::-1] in words.COMMON:
        return None
    if (want.fine[0] in _NUMBERS or want.fine[-1] in _POINTED) and not _is_number(candidate, want):
        return None
    if not want.anywhere and _doubled(candidate, want):
        return None
    way = judge_han(candidate, want) if want.anywhere else judge_word(candidate, want)
    if way is not None and "l" in candidate.fine and _l_for_i(candidate, want):
        return "alike"
    if way is not None and candidate.reading.way in _UNSURE:
        return candidate.reading.way
    return candidate.reading.way if way == "plain" or (way == "disguised" and candidate.reading.way == "leet") else way


def _spelled(candidate: Candidate, want: Shape) -> bool:
    """Whether run by run the letters are the term's, at least as often as the term has them; figures just as often."""
    fine, at = candidate.fine, 0
    wanted = want.fine
    if fine == wanted:
        return True
    begin = 0
    for stop in range(1, len(wanted) + 1):
        if stop < len(wanted) and merged(wanted[stop]) == merged(wanted[begin]):
            continue
        run, group = wanted[begin:stop], merged(wanted[begin])
        past = at
        while past < len(fine) and merged(fine[past]) == group:
            past += 1
        if (
            past - at < len(run)
            or (group.isdigit() and past - at > len(run))
            or not all(_may_be(candidate, at + k, run) for k in range(past - at))
        ):
            return False
        at, begin = past, stop
    return at == len(fine)


def _may_be(candidate: Candidate, number: int, run: str) -> bool:
    letter = candidate.fine[number]
    if letter in run:
        return True
    letters = candidate.reading.letters
    char = candidate.reading.text[letters.places[candidate.first + number]]
    if letter == "v" or letter == "u":
        return "u" in run or not char.isascii()
    return (
        char == "I"
        or not char.isascii()
        or (char == "l" and "i" in run and _between_consonants(candidate.fine, number))
    )


def _between_consonants(fine: str, number: int) -> bool:
    """Where an l must be meant for a vowel: `shlt`, but not `tilt`."""
    return fine[number - 1 : number] not in _VOWELS and fine[number + 1 : number + 2] not in _VOWELS


_VOWELS = "aeiouy"
_DOUBLES = frozenset("bdfglmnprstz")


def _l_for_i(candidate: Candidate, want: Shape) -> bool:
    """Whether a small l stands for an i, which only capitals around it make sure: `SHlT`."""
    places, text = candidate.reading.letters.places, candidate.reading.text
    written = [text[place] for place in places[candidate.first : candidate.last + 1]]
    return written.count("l") > want.fine.count("l") and not all(char.isupper() for char in written if char != "l")


def _doubled(candidate: Candidate, want: Shape) -> bool:
    """Whether it only has a consonant twice, as English spells another word: `rapping`."""
    fine = candidate.fine
    if len(fine) != len(want.fine) + 1:
        return False
    at = next((n for n in range(1, len(want.fine)) if fine[n] != want.fine[n]), len(want.fine))
    return (
        1 < at < len(want.fine)
        and fine[at - 2] != fine[at]
        and fine[at] == fine[at - 1]
        and fine[at] in _DOUBLES
        and not candidate.gap(candidate.first + at)
    )


def _leet_enough(candidate: Candidate) -> bool:
    """Figures for letters are found in ids as well: two in five must be letters, but where all are kept apart."""
    before = candidate.reading.letters.places[candidate.first : candidate.last + 1]
    original = candidate.reading
    figures = sum(1 for place in before if original.source[place].isdigit())
    signs = sum(1 for place in before if not original.source[place].isalnum())
    size = len(before)
    gaps = {candidate.gap(number) for number in range(candidate.first + 1, candidate.last + 1)}
    apart = len(gaps) == 1 and "" not in gaps
    return (
        bool(figures or signs)
        and (figures * 5 <= size * 3 or (apart and size > 3))
        and (figures + signs < size)
        and not (figures > 1 and size < 4)
    )


_DIGITS = frozenset("0123456789")
_NUMBERS = _DIGITS | frozenset("十百千万亿")
_POINTED = _NUMBERS | {"点"}
SHORT = 4
"""Numbers of fewer figures are looked for only in figures of the term's own kind."""


def _is_number(candidate: Candidate, want: Shape) -> bool:
    """Whether a term that begins or ends in a number is that one, not a part of a longer one, a date or an amount."""
    places, fine, _ = candidate.reading.letters
    last = candidate.last + 1
    before = fine[candidate.first - 1] if candidate.first and not candidate.gap(candidate.first) else ""
    after = fine[last] if last < len(fine) and not candidate.gap(last) else ""
    if (want.fine[0] in _NUMBERS and before in _NUMBERS | {"第", "之"}) or (
        want.fine[-1] in _POINTED and after in _DIGITS | {"点"}
    ):
        return False
    if not want.fine.isdigit():
        return True
    written = [candidate.reading.text[place] for place in places[candidate.first : last]]
    if len(want.fine) == 1:
        return "".join(written) == want.written
    if want.written.isascii():
        return len(want.fine) >= SHORT or not any(map("\u3400".__le__, written))
    return not all(map(str.isascii, written)) and not (after and after in _UNITS)


_UNSURE = frozenset({"reversed", "filler", "pinyin", "split", "homophone"})
"""Readings in which nothing is sure, however it lies there."""
_UNITS = "年月日号时点分秒十百千万亿个块元岁楼届章节条%"
