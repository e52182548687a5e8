"""The fine check where words have spaces between them: a term must stand as a word, or be kept apart on purpose."""

from __future__ import annotations

import re
from itertools import pairwise

from minorguard.content import words
from minorguard.content.candidates import Candidate, Shape, gaps_of, is_bounded, is_spaced, plain_or_disguised

GLUED = 4
"""The fewest letters of a word that others are looked for beside, without a separator."""
_BEFORE = frozenset(("you", "your", "youre", "omg", "lol", "holy", "stupid", "dumb", "fucking"))
_AFTER = frozenset(("you", "off", "him", "them", "this", "that", "yourself", "urself", "yall"))
_APOSTROPHES = frozenset("'’")
_CONTRACTED = frozenset(("s", "t", "m", "d", "ll", "re", "ve"))
_HEAD, _TAIL = re.compile(r"[A-Za-z]*$"), re.compile(r"[A-Za-z]*")
_ADDRESS = re.compile(r"://|@\w+\.|\bwww\.|\w{2,}\.(?:com|net|org|cn|edu|gov|io)\b|\w{2,}\)?\.\w{2,}\(")


def judge_word(candidate: Candidate, want: Shape) -> str | None:
    """How a word is found; None if it is not."""
    if len(want.fine) < GLUED and not all(candidate.gap(candidate.first + number) for number in want.breaks):
        return None  # `s&m` is not `Sm`
    gaps = gaps_of(candidate, want)
    if not gaps:
        begins, ends = is_bounded(candidate, candidate.first), want.begins or is_bounded(candidate, candidate.last + 1)
        if not (begins and ends):
            places = candidate.reading.letters.places
            glued = len(want.fine) >= GLUED and is_glued(
                candidate.reading.text, places[candidate.first], places[candidate.last]
            )
            return "glued" if glued else None
        return None if _in_id(candidate) else plain_or_disguised(candidate, want)
    pieces = _pieces(candidate, gaps)
    if all(len(piece) == 1 for piece in pieces):
        return "disguised" if _alone(candidate, gaps) else None
    if not (is_bounded(candidate, candidate.first) and is_bounded(candidate, candidate.last + 1)):
        return None
    if all(piece in words.COMMON or piece in "std" for piece in pieces) or _in_address(candidate):
        return None
    if pieces[-1] == "s" and gaps[candidate.last] in _APOSTROPHES:
        return None
    if pieces[0] in _CONTRACTED and candidate.gap(candidate.first) in _APOSTROPHES:
        return None  # the rest of another word: `Gardner's hit`
    unsure = all(gap in {" ", "-", "'", "’", "/", "\n", ". ", ", "} for gap in gaps.values())
    return (
        "spaced"
        if unsure and max(map(len, pieces)) > 1 and min(map(len, pieces)) > 0 and len(gaps) == 1
        else "disguised"
    )


def is_glued(text: str, first: int, last: int) -> bool:
    """Whether what hangs on to a word from `first` to `last` is what people hang on to a term: `fuckyou`."""
    head = _HEAD.search(text[max(0, first - 12) : first])
    tail = _TAIL.match(text[last + 1 : last + 13])
    before, after = head[0].lower() if head else "", tail[0].lower() if tail else ""
    return (before in _BEFORE and not after) or (after in _AFTER and not before)


def _pieces(candidate: Candidate, gaps: dict[int, str]) -> list[str]:
    fine, pieces = candidate.reading.letters.fine, [""]
    for number in range(candidate.first, candidate.last + 1):
        if number in gaps:
            pieces.append("")
        pieces[-1] += fine[number]
    return pieces


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
