"""How a key and a blob lie in Redis, and what a cell tells of the writes before it.

A key ``subject/acme.live/kid-1`` is ``mg:subject/{acme.live/kid-1}``: all that is kept of one subject has one hash tag,
so it lies in one slot. A cell is eight bytes of version, the last three steps between versions, and the blob. Steps are
random, so a version also names its writer: one whose reply was lost finds out whether the write was done.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from minorguard.errors import StateCorrupt
from minorguard.storage.base import ABSENT, Stored
from minorguard.storage.versions import first_version

_HEAD = struct.Struct(">QIII")
_VERSION = struct.Struct(">Q")
_STEP = struct.Struct(">I")
_STEP_BITS = 32
"""A version stays below 2**63 for three thousand million writes of one key."""
_GLOB = str.maketrans({character: f"\\{character}" for character in "*?[]\\^-"})


def mark(prefix: str) -> bytes:
    """The one name under a prefix that is no key: it says whose the names are."""
    return f"{prefix}:".encode()


@dataclass(frozen=True, slots=True)
class Names:
    """Keys under one prefix."""

    prefix: str

    def of(self, key: str) -> bytes:
        """The name that a key has in Redis."""
        return _named(self.prefix, key)

    def key(self, name: bytes) -> str:
        """The key that has a name."""
        kind, slash, rest = name.decode().removeprefix(f"{self.prefix}:").partition("/")
        return f"{kind}/{rest[1:-1]}" if slash else kind[1:-1]

    def pattern(self, prefix: str) -> str:
        """What the names of all keys match that begin with `prefix`; names of others may match, too."""
        kind, slash, rest = prefix.partition("/")
        begin = f"{self.prefix}:{kind}/{{{rest}" if slash else f"{self.prefix}:"
        return f"{begin.translate(_GLOB)}*"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One write: what it expects, and the version that it makes, which no other writer makes."""

    expected: int
    version: int
    step: int

    @classmethod
    def at(cls, expected: int) -> Attempt:
        """A new attempt on a version."""
        if expected == ABSENT:
            return cls(expected, first_version(), 0)
        step = secrets.randbits(_STEP_BITS) or 1
        return cls(expected, expected + step, step)

    def arguments(self, blob: bytes) -> tuple[bytes, bytes, bytes, bytes]:
        """Of the script, after the key."""
        return packed(self.expected), _VERSION.pack(self.version), _STEP.pack(self.step), bytes(blob)

    def fate(self, held: bytes | None) -> Fate:
        """What became of this write, if `held` stands there now and its reply was lost."""
        if held is None:
            return Fate.LOST if self.expected == ABSENT else Fate.BEATEN
        trail, whole = _trail(held)
        if self.version in trail:
            return Fate.DONE
        return Fate.BEATEN if whole or self.expected in trail else Fate.UNKNOWN


class Fate(Enum):
    """Of a write whose reply was lost."""

    DONE = "done"
    BEATEN = "beaten"
    """It was not done; or done, and its key deleted since."""
    LOST = "lost"
    UNKNOWN = "unknown"
    """Too much was written since to tell."""


@lru_cache(maxsize=8192)
def _named(prefix: str, key: str) -> bytes:
    kind, slash, rest = key.partition("/")
    return (f"{prefix}:{kind}/{{{rest}}}" if slash else f"{prefix}:{{{kind}}}").encode()


def packed(version: int) -> bytes:
    """A version as the script compares it; `ABSENT` is nothing."""
    return b"" if version == ABSENT else _VERSION.pack(version)


def version_of(held: bytes) -> int:
    """The version that a cell begins with; of what is no cell, none that was ever given."""
    return int.from_bytes(held[: _VERSION.size], "big") if len(held) >= _HEAD.size else ABSENT


def stored(key: str, held: bytes | None) -> Stored | None:
    """What a cell holds. Raises `StateCorrupt` if it is not a cell."""
    if held is None:
        return None
    if len(held) < _HEAD.size:
        raise StateCorrupt(key, "not a cell of MinorGuard")
    return Stored(held[_HEAD.size :], _VERSION.unpack_from(held)[0])


def _trail(held: bytes) -> tuple[set[int], bool]:
    """The newest versions of a cell, and whether its first one is among them."""
    version, *steps = _HEAD.unpack_from(held)
    trail = {version}
    for step in steps:
        if step == 0:
            return trail, True
        version -= step
        trail.add(version)
    return trail, False
