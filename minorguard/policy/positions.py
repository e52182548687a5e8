"""Where each JSON pointer of a document stands in its text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Position(NamedTuple):
    """Line and column, from 1."""

    line: int
    column: int


NOWHERE = Position(0, 0)
"""The position of data that has no text."""


def join(pointer: str, *parts: object) -> str:
    """A JSON pointer (RFC 6901) with more parts.

    >>> join("/bands", "a/b", 0)
    '/bands/a~1b/0'
    """
    return pointer + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


@dataclass(slots=True)
class Positions:
    """The position of every key and every value, by JSON pointer."""

    keys: dict[str, Position] = field(default_factory=dict)
    values: dict[str, Position] = field(default_factory=dict)

    def value(self, pointer: str) -> Position:
        """Where a value begins; one that is not there stands at its nearest parent."""
        return self._nearest(self.values, pointer)

    def key(self, pointer: str) -> Position:
        """Where the key of a value begins; an entry of a list has none and stands at its value."""
        return self.keys[pointer] if pointer in self.keys else self.value(pointer)

    def _nearest(self, table: dict[str, Position], pointer: str) -> Position:
        while pointer not in table and pointer:
            pointer = pointer.rpartition("/")[0]
        return table.get(pointer, NOWHERE)
