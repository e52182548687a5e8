"""Mines false positives before a list goes in: which everyday words would its terms be found in?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from minorguard.content import words
from minorguard.content.findings import LexiconFinding
from minorguard.content.fold import skeleton
from minorguard.content.lexicon import Lexicon
from minorguard.content.textfilter import TextFilter
from minorguard.model.sections import TextAction

COMMON_BITS = 11
"""A term that is itself a word, so many bits common, is told."""
SHOWN = 5
"""How many words are named of those that a term is found in."""


@cache
def everyday_words() -> tuple[str, ...]:
    """The words that are shipped: the commonest hundred thousand of Chinese, and short ones of English."""
    return (*(word for word in words.weights() if len(word) > 1), *sorted(words.COMMON))


def lint(lexicon: Lexicon, innocent: Iterable[str] | None = None) -> tuple[LexiconFinding, ...]:
    """A warning for every denying term that is found in words of `innocent`; by default those of `everyday_words`."""
    mined = everyday_words() if innocent is None else list(innocent)
    hit: dict[str, list[str]] = {}
    for word, verdict in zip(mined, TextFilter(lexicon).check_many(mined), strict=True):
        for match in verdict.matches:
            if match.action is not TextAction.ALLOW:
                hit.setdefault(match.term, []).append(word)
    return tuple(finding for term, found in sorted(hit.items()) if (finding := _finding(term, found)) is not None)


def _finding(term: str, found: list[str]) -> LexiconFinding | None:
    others = [word for word in dict.fromkeys(found) if skeleton(word) != skeleton(term)]
    if not others:
        common = words.weights().get(term, 0) >= COMMON_BITS
        return (
            LexiconFinding("term.common-word", "warning", f"`{term}` is an everyday word", "terms") if common else None
        )
    shown = ", ".join(f"`{word}`" for word in others[:SHOWN])
    more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
    return LexiconFinding("term.hits-words", "warning", f"`{term}` is found in {shown}{more}", "terms")
