"""What the filter answers: the matches, where they stand in the text as it was written, and what is to become of it."""

from __future__ import annotations

from typing import NamedTuple

from minorguard.model.sections import TextAction


class Match(NamedTuple):
    """One term of the list, found at ``text[start:end]`` of the original text (characters, half-open)."""

    start: int
    end: int
    term: str
    """The term as the list writes it."""
    category: str
    level: int
    """1 (mild) to 5 (grave)."""
    action: TextAction
    """What this match asks for: never more than `review` if it was found in an unsure way."""
    found: str
    """How: a name of `FOUND`."""
    tags: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """What becomes of one text. `action` is the strictest of the matches': block > review > mask > allow."""

    action: TextAction
    matches: tuple[Match, ...]
    """In the order of the text."""
    masked: str
    """The text with every match that is not allowed starred out, of the same length."""
    bounded: bool = False
    """The text held more than the filter looks at; what it did not see asks for review."""
    lexicon: str = ""
    """Digest of the list that judged."""


FOUND = {
    "plain": "as the list writes it, but for case and width",
    "disguised": "with letters replaced, repeated or kept apart",
    "leet": "with digits and signs for letters",
    "decoded": "behind entities, escapes or markup",
    "alike": "with a small l for an i (unsure: review at most)",
    "starred": "with some letters starred out (unsure)",
    "endless": "with a letter repeated hundreds of times (unsure)",
    "glued": "with an everyday word hanging on to it (unsure)",
    "filler": "with other characters put between its own (unsure)",
    "pinyin": "written in pinyin (unsure)",
    "initials": "by the initials of its pinyin (unsure)",
    "swapped": "three characters of which two have changed places (unsure)",
    "homophone": "in characters that sound the same, or in some that nearly do (unsure)",
    "split": "in characters that are written as their parts (unsure)",
    "reversed": "backwards (unsure)",
    "crossing": "across the border of a word (unsure)",
    "spaced": "over several words (unsure)",
}
"""Every way in which a term is found."""

SURE = frozenset({"plain", "disguised", "leet", "decoded"})
"""The ways after which a match may block or mask by itself."""

__all__ = ["FOUND", "SURE", "Match", "Verdict"]
