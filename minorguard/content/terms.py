"""A term of a list: what is looked for, of which category, and what becomes of a text that holds it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from minorguard.model.sections import TextAction

MAX_TERM = 128
"""The most characters a term may have."""

Where = Literal["auto", "word", "prefix", "anywhere"]


class Kind(NamedTuple):
    """All of a term but its text and note; the many terms of a list share few kinds."""

    category: str
    level: int = 3
    """1 (mild) to 5 (grave)."""
    action: TextAction | None = None
    """None leaves it to the policy and, where that says nothing, to the taxonomy."""
    tags: tuple[str, ...] = ()
    language: str = ""
    """BCP 47, such as `zh` or `en`; empty is any."""
    where: Where = "auto"
    """`word` stands alone, `prefix` begins a word, `anywhere` may be inside one; `auto` is `word` for scripts that put
    spaces between words and `anywhere` for those that do not."""


class Term(NamedTuple):
    """One term."""

    text: str
    kind: Kind
    note: str = ""

    @property
    def category(self) -> str:
        """Its category: a code of the taxonomy, or the list's own."""
        return self.kind.category

    @property
    def allows(self) -> bool:
        """Whether it spares what it covers."""
        return self.kind.action is TextAction.ALLOW
