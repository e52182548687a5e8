"""A compiled list as one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from minorguard.content.lexicon import Lexicon

L = TypeVar("L", bound="Lexicon")


def write(lexicon: Lexicon, path: Path) -> None:
    """Write it."""
    raise NotImplementedError


def read(kind: type[L], path: Path) -> L:
    """Read it."""
    raise NotImplementedError
