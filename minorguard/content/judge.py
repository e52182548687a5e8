"""The fine check: what a candidate of the coarse scan is worth, judged on the text as it was read.

A term in a script that spaces its words must stand as a word; one in Chinese must not lie across the border of likelier
words. Separators inside it do not save it, unless what they separate is itself made of everyday words.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from minorguard.content import words
from minorguard.content.fold import merged, tables
from minorguard.content.readings import Reading
from minorguard.content.terms import Where

SPARE_BITS = 2.5
"""A hit that crosses likelier words by more than this is none; by less, it is for people to see."""
ENDLESS = 512
"""A hit with more letters repeats some of them so often that it is not looked at closely."""
AROUND = 4
"""How many characters on either side of a hit in Chinese are read with it."""


class Shape(NamedTuple):
    """What a term demands of a text."""

    fine: str
    """Its letters, not merged, without separators."""
    breaks: frozenset[int]
    """After how many of its letters the term itself has a separator."""
    anywhere: bool
    """Whether it may stand inside a word, as in Chinese."""
    borders: bool
    """Whether its Latin letters, if it begins or ends in some, must not go on."""
    begins: bool
    """Whether it need only begin a word."""
    numerals: bool
    """Whether it is made of Chinese numerals alone, so that Arabic figures are not meant."""


@lru_cache(maxsize=65536)
def shape(text: str, where: Where) -> Shape:
    """What a term demands, from its text."""
    fine: list[str] = []
    breaks: set[int] = set()
    table = tables()
    for char in text:
        letter = table.fine[ord(char)]
        if letter:
            fine += table.many.get(char, letter)
        elif fine:
            breaks.add(len(fine))
    joined = "".join(fine)
    anywhere = where == "anywhere" or (where == "auto" and not all(map(is_spaced, joined)) and not joined.isascii())
    numerals = joined.isdigit() and not any(char.isascii() for char in text)
    return Shape(joined, frozenset(breaks), anywhere, where == "auto", where == "prefix", numerals)


@lru_cache(maxsize=8192)
def is_spaced(letter: str) -> bool:
    """Whether a letter's script puts spaces between words; Han, kana, Thai and the like do not."""
    code = ord(letter)
    return (
        code < 0x0E00
        or 0x0F00 <= code < 0x1000
        or 0x10A0 <= code < 0x1780
        or 0x1E00 <= code < 0x2E80
        or 0xAC00 <= code < 0xD7B0
    )


@lru_cache(maxsize=8192)
def is_unseen(char: str) -> bool:
    """Whether a separator can't be seen, so that it separates nothing."""
    return (
        unicodedata.category(char) in {"Cf", "Mn", "Me", "Cc", "Cn", "Co", "Cs"} and char not in "\t\n\r\v\f\x85"
    ) or char in ("\u115f\u1160\u3164\uffa0\u17b4\u17b5")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Letters `first` up to and with `last` of a reading, which may be a term."""

    reading: Reading
    first: int
    last: int

    def gap(self, number: int) -> str:
        """What can be seen between a letter and the one before it; of the first letter, nothing."""
        places = self.reading.letters.places
        between = self.reading.text[places[number - 1] + 1 : places[number]]
        return between if not between or not all(map(is_unseen, between)) else ""

    @property
    def fine(self) -> str:
        """Its letters."""
        return self.reading.letters.fine[self.first : self.last + 1]


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
    if want.numerals and _figures(candidate):
        return None
    if not want.anywhere and _doubled(candidate, want):
        return None
    way = _han(candidate, want) if want.anywhere else _word(candidate, want)
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
        and fine[at] == fine[at - 1]
        and fine[at] in _DOUBLES
        and not candidate.gap(candidate.first + at)
    )


def _leet_enough(candidate: Candidate) -> bool:
    """Figures for letters are found in ids as well: most of the letters must be such."""
    before = candidate.reading.letters.places[candidate.first : candidate.last + 1]
    original = candidate.reading
    figures = sum(1 for place in before if original.source[place].isdigit())
    signs = sum(1 for place in before if not original.source[place].isalnum())
    size = len(before)
    return (
        bool(figures or signs)
        and figures * 5 <= size * 3
        and (figures + signs < size)
        and not (figures > 1 and size < 4)
    )


def _figures(candidate: Candidate) -> bool:
    """Whether they are figures or part of a longer number, a date or an amount."""
    places, fine, _ = candidate.reading.letters
    if all(candidate.reading.text[places[n]].isascii() for n in range(candidate.first, candidate.last + 1)):
        return True
    before = fine[candidate.first - 1] if candidate.first and not candidate.gap(candidate.first) else ""
    last = candidate.last + 1
    after = fine[last] if last < len(fine) and not candidate.gap(last) else ""
    return before.isdigit() or after.isdigit() or (after != "" and after in _UNITS)


_UNSURE = frozenset({"reversed", "filler", "pinyin", "split"})
"""Readings in which nothing is sure, however it lies there."""
_UNITS = "年月日号时点分秒十百千万亿个块元岁楼届章节条%"


# Words


def _word(candidate: Candidate, want: Shape) -> str | None:
    gaps = _gaps(candidate, want)
    if not gaps:
        begins, ends = _bounded(candidate, candidate.first), want.begins or _bounded(candidate, candidate.last + 1)
        if not (begins and ends):
            places = candidate.reading.letters.places
            glued = len(want.fine) >= GLUED and is_glued(
                candidate.reading.text, places[candidate.first], places[candidate.last]
            )
            return "glued" if glued else None
        return None if _in_id(candidate) else _plain_or_disguised(candidate)
    pieces = _pieces(candidate, gaps)
    if all(len(piece) == 1 for piece in pieces):
        return "disguised" if _alone(candidate, gaps) else None
    if not (_bounded(candidate, candidate.first) and _bounded(candidate, candidate.last + 1)):
        return None
    if all(piece in words.COMMON or piece in "std" for piece in pieces) or _in_address(candidate):
        return None
    if pieces[-1] == "s" and gaps[candidate.last] in {"'", "’"}:
        return None
    unsure = all(gap in {" ", "-", "'", "’", "/", "\n", ". ", ", "} for gap in gaps.values())
    return (
        "spaced"
        if unsure and max(map(len, pieces)) > 1 and min(map(len, pieces)) > 0 and len(gaps) == 1
        else "disguised"
    )


GLUED = 4
"""The fewest letters of a word that others are looked for beside, without a separator."""
_BEFORE = frozenset(("you", "your", "youre", "omg", "lol", "holy", "stupid", "dumb", "fucking"))
_AFTER = frozenset(("you", "off", "him", "them", "this", "that", "yourself", "urself", "yall"))
_HEAD, _TAIL = re.compile(r"[A-Za-z]*$"), re.compile(r"[A-Za-z]*")


def is_glued(text: str, first: int, last: int) -> bool:
    """Whether what hangs on to a word from `first` to `last` is what people hang on to a term: `fuckyou`."""
    head = _HEAD.search(text[max(0, first - 12) : first])
    tail = _TAIL.match(text[last + 1 : last + 13])
    before, after = head[0].lower() if head else "", tail[0].lower() if tail else ""
    return (before in _BEFORE and not after) or (after in _AFTER and not before)


def _gaps(candidate: Candidate, want: Shape) -> dict[int, str]:
    """The separators inside, by the number of the letter that they stand before, but for the term's own."""
    own = _own_breaks(candidate, want)
    gaps = {n: candidate.gap(n) for n in range(candidate.first + 1, candidate.last + 1)}
    return {number: gap for number, gap in gaps.items() if gap and number - candidate.first not in own}


def _own_breaks(candidate: Candidate, want: Shape) -> frozenset[int]:
    """Where the term's own separators fall among the letters, which may be repeated."""
    if not want.breaks or len(candidate.fine) == len(want.fine):
        return want.breaks
    return frozenset(range(1, len(candidate.fine)))


def _pieces(candidate: Candidate, gaps: dict[int, str]) -> list[str]:
    fine, pieces = candidate.reading.letters.fine, [""]
    for number in range(candidate.first, candidate.last + 1):
        if number in gaps:
            pieces.append("")
        pieces[-1] += fine[number]
    return pieces


def _bounded(candidate: Candidate, number: int) -> bool:
    """Whether a word ends before a letter: at a separator that can be seen, a figure, or another script."""
    letters = candidate.reading.letters
    if number <= 0 or number >= len(letters.fine) or candidate.gap(number):
        return True
    before, after = letters.fine[number - 1], letters.fine[number]
    return before.isdigit() or after.isdigit() or not is_spaced(before) or not is_spaced(after)


def _alone(candidate: Candidate, gaps: dict[int, str]) -> bool:
    """Whether letters kept apart make up all of such a run, or share it with everyday words: `f u c k y o u`."""
    usual = next(iter(gaps.values()))
    before, after = _run(candidate, candidate.first, -1, usual), _run(candidate, candidate.last + 1, 1, usual)
    if before is None or after is None:
        return False
    return words.of_common_words(before[::-1]) and words.of_common_words(after)


def _run(candidate: Candidate, number: int, step: int, usual: str) -> str | None:
    """The single letters that go on from a run in a direction; None if the run goes on inside a word."""
    letters, out = candidate.reading.letters, ""
    border, at = number, number if step > 0 else number - 1
    while 0 <= at < len(letters.fine) and 0 < border < len(letters.fine) and len(out) < 24:
        gap = candidate.gap(border)
        if not gap:
            return None if is_spaced(letters.fine[at]) and not letters.fine[at].isdigit() and not out else out[:-1]
        if gap != usual or not is_spaced(letters.fine[at]):
            break
        out += letters.fine[at]
        border, at = border + step, at + step
        if 0 < border < len(letters.fine) and not candidate.gap(border):
            return out[:-1]  # that letter begins a word
    return out


_ADDRESS = re.compile(r"://|@\w+\.|\bwww\.|\w{2,}\.(?:com|net|org|cn|edu|gov|io)\b|\w{2,}\)?\.\w{2,}\(")


def _token(candidate: Candidate) -> str:
    """The text around, without spaces, up to 80 characters on either side."""
    text, places = candidate.reading.text, candidate.reading.letters.places
    first, last = places[candidate.first], places[candidate.last]
    left = re.search(r"[^\s\u3000-\u9fff]*$", text[max(0, first - 80) : first])
    right = re.match(r"[^\s\u3000-\u9fff]*", text[last : last + 80])
    return (left[0] if left else "") + text[first:last] + (right[0] if right else "")


def _in_id(candidate: Candidate) -> bool:
    """Whether it is part of an id such as `x9-ass4k2`: figures and letters by turns, again and again."""
    token = _token(candidate)
    return sum(a.isdigit() != b.isdigit() for a, b in pairwise(token) if a.isalnum() and b.isalnum()) >= 3


def _in_address(candidate: Candidate) -> bool:
    return _ADDRESS.search(_token(candidate)) is not None


def _plain_or_disguised(candidate: Candidate) -> str:
    places = candidate.reading.letters.places
    written = candidate.reading.text[places[candidate.first] : places[candidate.last] + 1]
    return "plain" if written.casefold() == "".join(candidate.fine) else "disguised"


# Chinese, and other scripts without spaces


_SENTENCE = re.compile(r"[\s，。！？；：、,.!?;:…“”‘’\"'()（）《》]+")


def _han(candidate: Candidate, want: Shape) -> str | None:
    gaps = _gaps(candidate, want)
    ends = ((want.fine[0], candidate.first), (want.fine[-1], candidate.last + 1)) if want.borders else ()
    if any(is_spaced(letter) and not _bounded(candidate, number) for letter, number in ends):
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
    return "disguised" if gaps else _plain_or_disguised(candidate)


def _window(candidate: Candidate) -> tuple[str, int, int]:
    """The hit with the characters that follow one another on either side."""
    fine = candidate.reading.letters.fine
    first, last = candidate.first, candidate.last
    begin, stop = first, last
    while begin > 0 and first - begin < AROUND and not candidate.gap(begin) and not is_spaced(fine[begin - 1]):
        begin -= 1
    while (
        stop + 1 < len(fine) and stop - last < AROUND and not candidate.gap(stop + 1) and not is_spaced(fine[stop + 1])
    ):
        stop += 1
    return "".join(fine[begin : stop + 1]), first - begin, last + 1 - begin
