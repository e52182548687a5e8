"""Whether a hit in Chinese lies along the borders of words, and the commonest short words of English."""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import resources

from minorguard.content.fold import read_table

MOST = 3
"""The longest word of the table, in characters."""
_TOTAL = 26.0
"""log2 of all counts together."""
_UNKNOWN = 1.0
_LISTED = 7.0
"""log2 of the count that a term of the list is taken to have, if the table has none."""

_NUMERALS = frozenset("0123456789几两半")
_DATES = "年月日"
_MEASURED = 4
"""What a numeral with its measure word (一口) is worth more, in bits: the dictionary's texts had most of them apart."""
_EVERYDAY = 16
"""log2 of the count from which on a character stands beside any other by chance."""
_KIN = "妈爸爹娘爷奶哥姐弟妹"
_OURS = {who + kin: 12 for who in "我咱" for kin in _KIN}
"""Everyday words that the dictionary lacks, with the like of their counts."""
_YOURS = frozenset(who + kin for who in "你您他她" for kin in _KIN)
"""As everyday, but a curse as well: they are no word where a term of the list begins or ends in them."""

COMMON = frozenset(resources.files(__package__).joinpath("tables", "common.txt").read_text("ascii").split())
"""Short words of everyday English, which make an accident of a term that lies over two of them."""


@cache
def weights() -> dict[str, int]:
    """Word to log2 of its count; of two that fold alike, the commoner."""
    found: dict[str, int] = {}
    for line in read_table("words").split("\n"):
        weight, *words = line.split(" ")
        found.update(dict.fromkeys(words, int(weight)))
    measured = {
        word: weight + _MEASURED
        for word, weight in found.items()
        if len(word) == 2 and word[0] in _NUMERALS and word[1] not in _DATES
    }
    return _OURS | found | measured


@lru_cache(maxsize=4096)
def crossing(window: str, start: int, end: int) -> float:
    """By how many bits the likeliest reading of a window crosses a border of ``window[start:end]``, or 0."""
    free = _best(window, start, end, listed=False, along=False)
    return max(0.0, free - _best(window, start, end, listed=True, along=True))


@lru_cache(maxsize=4096)
def within_words(window: str, start: int, end: int) -> bool:
    """Whether the likeliest reading of a window makes common words of every character from `start` to `end`."""
    return all(stop - begin > 1 or stop <= start or begin >= end for begin, stop in segments(window))


@lru_cache(maxsize=4096)
def segments(window: str) -> list[tuple[int, int]]:
    """The likeliest words of a window."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(window) + 1):
        best.append(
            max((best[begin][0] + _weight(window[begin:end]), begin) for begin in range(max(0, end - MOST), end))
        )
    found, end = [], len(window)
    while end:
        found.append((best[end][1], end))
        end = best[end][1]
    return found[::-1]


def is_known(word: str) -> bool:
    """Whether it is a word in its own right, however it sounds."""
    return word in weights() or word in _YOURS


def is_everyday(char: str) -> bool:
    """Whether a character is so common a word by itself that it stands beside any other by chance."""
    return weights().get(char, 0) >= _EVERYDAY


def _weight(word: str) -> float:
    known = weights().get(word)
    if known is None:
        return -1e9 if len(word) > 1 else _UNKNOWN - _TOTAL
    return known - _TOTAL


def _best(window: str, start: int, end: int, *, listed: bool, along: bool) -> float:
    """The likeliest reading's log2; with `along`, of those that cross neither border of the hit."""
    best = [0.0]
    for stop in range(1, len(window) + 1):
        options = []
        for begin in range(max(0, stop - max(MOST, end - start)), stop):
            if along and (begin < start < stop < end or start < begin < end < stop):
                continue
            weight = _weight(window[begin:stop])
            if listed and (begin, stop) == (start, end) and window[begin:stop] not in weights():
                weight = _LISTED - _TOTAL
            options.append(best[begin] + weight)
        best.append(max(options))
    return best[-1]


@lru_cache(maxsize=4096)
def of_common_words(text: str) -> bool:
    """Whether a run of letters is made of common English words, such as `youall`; nothing is."""
    return not text or any(
        text[:size] in COMMON and of_common_words(text[size:]) for size in range(1, min(8, len(text)) + 1)
    )
