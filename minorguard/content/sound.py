"""How Chinese sounds: one character for each toneless syllable, so that a scan finds what sounds alike."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from minorguard.content.fold import Exchange, read_table, tables

_FIRST = 0xE100
"""Syllables are written as private characters from here on."""
_RETROFLEX = re.compile("^([zcs])h")
LATIN_RUN = re.compile(r"([a-z]{2,})")


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
    """Syllable to the character that stands for it; those that many people do not tell apart have the same."""
    known = sorted(set(syllables().values()))
    numbers = {near: number for number, near in enumerate(dict.fromkeys(map(_near, known)))}
    return {sound: chr(_FIRST + numbers[_near(sound)]) for sound in known}


def _near(syllable: str) -> str:
    """A syllable without what is often taken one for the other: zh and z, ch and c, sh and s, n and l, ing and in."""
    sound = _RETROFLEX.sub(r"\1", syllable)
    sound = f"l{sound[1:]}" if sound[0] == "n" else sound
    return sound.replace("ing", "in").replace("eng", "en")


def sounds_exactly(written: str, term: str) -> bool:
    """Whether letters, pinyin among them, sound as a term does with nothing taken for another."""
    known = syllables()
    return "".join(known.get(letter, letter) for letter in written) == "".join(pinyin(term))


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
def signed(run: str) -> tuple[str, bytes, bytes]:
    """A run of letters as the signs of its syllables, if it is pinyin, and by letters where each begins and ends."""
    sizes = [len(syllable) for syllable in spelled(run)]
    if not sizes:
        return run, b"\1" * len(run), b"\1" * len(run)
    first, last = (b"".join((b"\1" + bytes(size - 1))[::step] for size in sizes) for step in (1, -1))
    return "".join(signs()[syllable] for syllable in spelled(run)), first, last


@lru_cache(maxsize=8192)
def pinyin(fine: str) -> tuple[str, ...]:
    """The syllables of ideographs; empty if one has none."""
    found = tuple(syllables().get(char, "") for char in fine)
    return found if all(found) else ()
