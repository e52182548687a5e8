"""How Chinese sounds: one character for each toneless syllable, so that a scan finds what sounds alike."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from minorguard.content.fold import Exchange, read_table, tables

_FIRST = 0xE100
"""Syllables are written as private characters from here on."""
LATIN_RUN = re.compile(r"[a-z]{2,}")


@cache
def syllables() -> dict[str, str]:
    """Character to syllable: 赌 → du."""
    found = {}
    for line in read_table("pinyin").split("\n"):
        sound, _, chars = line.partition(" ")
        for char in chars:
            found[char] = sound
    fine = tables().fine
    return found | {fine[ord(char)]: found[char] for char in "零一二三四五六七八九" if char in found}


@cache
def signs() -> dict[str, str]:
    """Syllable to the character that stands for it."""
    return {sound: chr(_FIRST + number) for number, sound in enumerate(sorted(set(syllables().values())))}


@cache
def heard() -> Exchange:
    """Writes a text's ideographs as the signs of their syllables, its other letters as they are."""
    return Exchange(lambda letter: signs()[syllables()[letter]] if letter in syllables() else letter)


@lru_cache(maxsize=4096)
def spelled(run: str) -> tuple[str, ...]:
    """The syllables of a run of letters, the longest first; empty if it is no pinyin."""
    if not run:
        return ()
    for size in range(min(6, len(run)), 0, -1):
        if run[:size] in signs():
            rest = spelled(run[size:])
            if rest or size == len(run):
                return (run[:size], *rest)
    return ()


@lru_cache(maxsize=4096)
def signed(run: str) -> tuple[str, tuple[int, ...]]:
    """The signs of a run of letters that is pinyin, and the letters of each; empty if it is none."""
    found = spelled(run)
    return "".join(map(signs().__getitem__, found)), tuple(map(len, found))


@lru_cache(maxsize=8192)
def pinyin(fine: str) -> tuple[str, ...]:
    """The syllables of ideographs; empty if one has none."""
    found = tuple(syllables().get(char, "") for char in fine)
    return found if all(found) else ()
