"""Initials of pinyin, as people write them for whole terms: flg, 法lg, 加vx."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minorguard.content.fold import tables

HALF = 3
"""The most characters that are looked at before the initials of others."""
_HALF = re.compile(r"[A-Za-z](?<=[\u3400-\u9fff].)[A-Za-z]{0,2}(?![A-Za-z])")
_INITIALS = re.compile(r"[A-Za-z](?<![A-Za-z].)(?:[A-Za-z]{2,7}|(?:[. _-][A-Za-z]){2,7})(?![A-Za-z])")

_CONSONANT = "[b-df-hj-np-tv-zB-DF-HJ-NP-TV-Z]"
_BARE = re.compile(rf"{_CONSONANT}(?<![A-Za-z].)(?:[. _-]?{_CONSONANT}){{2}}")


def has_initials(text: str) -> bool:
    """Whether there may be initials without ideographs in a text: of those the index has none with a vowel."""
    return _BARE.search(text) is not None


def initials_of(text: str) -> Iterator[tuple[int, int, str]]:
    """What may be initials, where, and as the index writes it; no syllable begins with v, which stands for w."""
    for match in _INITIALS.finditer(text):
        yield *match.span(), "".join(filter(str.isalpha, match[0])).lower().replace("v", "w")
    for match in _HALF.finditer(text):
        end, latin = match.end(), match[0].lower().replace("v", "w")
        for start in range(max(0, match.start() - HALF), match.start()):
            yield start, end, "".join(tables().fine[ord(char)] for char in text[start : match.start()]) + latin
