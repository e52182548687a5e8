"""What the filter scans with: the folded patterns of a list, and which terms each may stand for."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from minorguard.content.automata import Automaton, automaton
from minorguard.content.fold import coarse, squeezed

if TYPE_CHECKING:
    from minorguard.content.lexicon import Lexicon


@dataclass
class Index:
    """Patterns in the order of their numbers; `first` is the term of each, `more` the further terms of some."""

    patterns: Sequence[str]
    first: Sequence[int]
    more: dict[int, list[int]]
    scan: Automaton

    @classmethod
    def build(cls, lexicon: Lexicon) -> Index:
        """Fold every term and make the automaton."""
        numbers: dict[str, int] = {}
        first, more = array("I"), {}
        folded = squeezed(coarse("\n".join(lexicon.texts)))
        for number, text in enumerate(lexicon.texts):
            pattern = squeezed(coarse(text))
            at = numbers.setdefault(pattern, len(numbers))
            if at == len(first):
                first.append(number)
            else:
                more.setdefault(at, []).append(number)
        del folded
        patterns = list(numbers)
        return cls(patterns, first, more, automaton(patterns))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Pattern to number, for the shorter patterns within a longer one."""
        return {pattern: number for number, pattern in enumerate(self.patterns)}

    def terms(self, pattern: int) -> list[int]:
        """The terms that a pattern may stand for."""
        return [self.first[pattern], *self.more.get(pattern, ())]
