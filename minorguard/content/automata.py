"""One scan for many patterns: daachorse where it is installed, else a trie of our own; both find the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

try:
    import daachorse
except ModuleNotFoundError:
    daachorse = None  # type: ignore[assignment]

QUICK: bool = daachorse is not None
"""Whether daachorse is there."""

Hit = tuple[int, int, int]
"""Start, end, pattern."""


class Automaton(Protocol):
    """Finds patterns in a text."""

    def longest(self, text: str) -> list[Hit]:
        """At every place where patterns end, the longest of them."""
        ...

    def endings(self, pattern: str) -> list[int]:
        """The patterns that a pattern ends in, itself first, then ever shorter ones."""
        ...

    def dump(self) -> bytes:
        """What `load` makes the same automaton of."""
        ...


class Daachorse:
    """The extra `content`: a double array in Rust, in time linear in the text."""

    name = "daachorse"

    def __init__(self, patterns: Sequence[str]) -> None:
        self._scan = daachorse.CharwiseDoubleArrayAhoCorasick(list(patterns))

    @classmethod
    def load(cls, data: bytes) -> Daachorse:
        """From `dump`; the caller vouches for the bytes by a digest."""
        self = cls.__new__(cls)
        self._scan = daachorse.CharwiseDoubleArrayAhoCorasick.deserialize(data)
        return self

    def longest(self, text: str) -> list[Hit]:
        """At every place where patterns end, the longest of them."""
        return self._scan.find_overlapping_no_suffix(text)

    def endings(self, pattern: str) -> list[int]:
        """The patterns that a pattern ends in, itself first, then ever shorter ones."""
        return [number for _, end, number in self._scan.find_overlapping(pattern) if end == len(pattern)]

    def dump(self) -> bytes:
        """The double array."""
        return bytes(self._scan.serialize())


class Trie:
    """Pure Python: patterns by their first two characters and then by length, each length one look-up."""

    name = "trie"

    def __init__(self, patterns: Sequence[str]) -> None:
        self._numbers = {pattern: number for number, pattern in enumerate(patterns)}
        lengths: dict[str, set[int]] = {}
        for pattern in patterns:
            lengths.setdefault(pattern[:2], set()).add(len(pattern))
        self._lengths = {head: sorted(sizes) for head, sizes in lengths.items()}

    def longest(self, text: str) -> list[Hit]:
        """At every place where patterns end, the longest of them."""
        found: dict[int, Hit] = {}
        heads, numbers = self._lengths, self._numbers
        for start in range(len(text)):
            for head in {text[start : start + 2], text[start]}:
                for size in heads.get(head, ()):
                    number = numbers.get(text[start : start + size])
                    if number is not None and start + size <= len(text):
                        found.setdefault(start + size, (start, start + size, number))
        return [found[end] for end in sorted(found)]

    def endings(self, pattern: str) -> list[int]:
        """The patterns that a pattern ends in, itself first, then ever shorter ones."""
        tails = (pattern[at:] for at in range(len(pattern)))
        return [self._numbers[tail] for tail in tails if tail in self._numbers]

    def dump(self) -> bytes:
        """Nothing: it is quickest made anew."""
        return b""


NAME = Daachorse.name if QUICK else Trie.name
"""Which of the two is at work."""


def automaton(patterns: Sequence[str], data: bytes = b"") -> Automaton:
    """The quickest there is over patterns that are distinct and not empty."""
    if not QUICK:
        return Trie(patterns)
    return Daachorse.load(data) if data else Daachorse(patterns)
