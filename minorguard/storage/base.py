"""What every store promises. `minorguard.storage.contract` tests it; the same suite runs over every adapter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

ABSENT = 0
"""The version of a key that is not there."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob and the version under which it was read."""

    blob: bytes
    version: int


class StateStore(Protocol):
    """Bytes by key with compare-and-set.

    Versions are positive and never come back, even when a key is deleted and made anew (a new key starts at a random
    version). Every method may raise `StoreUnavailable`. Safe to share between threads; processes share through the
    engine.
    """

    url: str
    """Where it is, without credentials; for messages."""

    def load(self, key: str) -> Stored | None:
        """The newest acknowledged blob, or None."""
        ...

    def save(self, key: str, blob: bytes, expected: int) -> int:
        """Write if the key's version is still `expected` (`ABSENT`: if it is not there). Returns the new version.

        Raises `VersionConflict` and writes nothing if it is not. When it returns, the write is durable.
        """
        ...

    def delete(self, key: str, expected: int) -> None:
        """Remove the key under the same condition; the bytes are gone from the engine's files afterwards."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, in order."""
        ...

    def check(self) -> None:
        """Raises `StoreUnavailable` unless the engine answers and can write."""
        ...

    def close(self) -> None:
        """Let go of files and connections; the store is not used afterwards."""
        ...
