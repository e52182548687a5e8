"""Choosing tests by name: words with `and`, `or`, `not` and brackets between them."""

from __future__ import annotations

import re
from collections.abc import Callable

from minorguard.errors import InvalidInput

Chooser = Callable[[str], bool]

_TOKENS = re.compile(r"\(|\)|[^()\s]+")
_MOST = 100
_OPERATORS = {"and", "or", "not", "(", ")"}


def chooser(expression: str) -> Chooser:
    """Whether a name is meant by an expression; words side by side are one piece of the name. Case does not matter.

    >>> chooser("school day and not (weekend or night)")("Forty minutes on a School Day")
    True

    Raises `InvalidInput`.
    """
    parser = _Parser(_TOKENS.findall(expression.lower()))
    if len(parser.tokens) > _MOST:
        raise InvalidInput("-k", f"more than {_MOST} words; write fewer")
    chosen = parser.either()
    if parser.tokens:
        parser.fail()
    return lambda name: chosen(name.lower())


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def either(self) -> Chooser:
        chosen = self.both()
        while self._takes("or"):
            chosen = _or(chosen, self.both())
        return chosen

    def both(self) -> Chooser:
        chosen = self.one()
        while self._takes("and"):
            chosen = _and(chosen, self.one())
        return chosen

    def one(self) -> Chooser:
        if self._takes("not"):
            unwanted = self.one()
            return lambda name: not unwanted(name)
        if self._takes("("):
            chosen = self.either()
            if not self._takes(")"):
                self.fail()
            return chosen
        words = []
        while self.tokens and self.tokens[0] not in _OPERATORS:
            words.append(self.tokens.pop(0))
        if not words:
            self.fail()
        piece = " ".join(words)
        return lambda name: piece in name

    def fail(self) -> None:
        """Refuse the expression."""
        found = f"`{self.tokens[0]}`" if self.tokens else "its end"
        raise InvalidInput("-k", f"a part of a name was expected before {found}; write it like `night and not study`")

    def _takes(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False


def _or(one: Chooser, other: Chooser) -> Chooser:
    return lambda name: one(name) or other(name)


def _and(one: Chooser, other: Chooser) -> Chooser:
    return lambda name: one(name) and other(name)
