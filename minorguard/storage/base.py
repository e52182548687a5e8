"""What every store promises. `minorguard.storage.contract` tests it; the same suite runs over every adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from minorguard.errors import VersionConflict
from minorguard.model.quickly import quickly
from minorguard.storage.announce import Announcer

ABSENT = 0
"""The version of a key that is not there."""


Meanwhile = Callable[[], None]
"""Work to be done while a write is under way. It raises nothing."""


@quickly
@dataclass(frozen=True, slots=True)
class Stored:
    """A blob and the version under which it was read."""

    blob: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Write:
    """One compare-and-set of many: `blob` under `key`, if its version is still `expected`."""

    key: str
    blob: bytes
    expected: int


def changed(found: Sequence[Stored | None], known: Sequence[int]) -> list[Stored | int | None]:
    """`StateStore.load_changed` from what `load_many` said."""
    pairs = zip(found, known, strict=True)
    return [version if one is not None and one.version == version else one for one, version in pairs]


class StateStore(Protocol):
    """Bytes by key with compare-and-set.

    Versions are positive and never come back, even when a key is deleted and made anew (a new key starts at a random
    version). Every method may raise `StoreUnavailable`. Safe to share between threads; processes share through the
    engine.

    A `durable` write also survives the loss of the machine that took it, where the engine has replicas: it waits for
    them, and raises `NotReplicated` if too few acknowledge in time. It is then to be written again, even if nothing
    changes.
    """

    url: str
    """Where it is, without credentials; for messages."""

    def load(self, key: str) -> Stored | None:
        """The newest acknowledged blob, or None."""
        ...

    def load_many(self, keys: Sequence[str]) -> list[Stored | None]:
        """What `load` says of each key, in fewer round trips; not as of one instant."""
        ...

    def load_changed(self, keys: Sequence[str], known: Sequence[int]) -> list[Stored | int | None]:
        """What `load_many` says, but the version alone where it is still the one that is `known` of that key."""
        ...

    def save(
        self, key: str, blob: bytes, expected: int, *, durable: bool = False, meanwhile: Meanwhile | None = None
    ) -> int:
        """Write if the key's version is still `expected` (`ABSENT`: if it is not there). Returns the new version.

        Raises `VersionConflict` and writes nothing if it is not. When it returns, the write is durable in the engine.
        `meanwhile` is called once before it returns (at most once if it raises), while the engine works if it can: what
        that prepares is worth something only when the write was done.
        """
        ...

    def save_many(self, writes: Sequence[Write]) -> list[int | VersionConflict]:
        """What `save` would return or raise for each, in order and each on its own, in fewer round trips.

        After `StoreUnavailable` any of them may have been written.
        """
        ...

    def delete(self, key: str, expected: int, *, durable: bool = False) -> None:
        """Remove the key under the same condition.

        Its bytes are gone from the engine's files afterwards, or once the engine has rewritten its log.
        """
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, in order."""
        ...

    def check(self) -> None:
        """Raises `StoreUnavailable` unless the engine answers and can write."""
        ...

    def announcer(self) -> Announcer:
        """How processes that share this store tell each other that something changed."""
        ...

    def close(self) -> None:
        """Let go of files and connections; the store is not used afterwards."""
        ...


class Caution(NamedTuple):
    """What a store may lose although it is fit to be used."""

    problem: str
    help: str
    """What to change."""


@runtime_checkable
class Cautious(Protocol):
    """A store that may lose something although it is fit to be used."""

    def cautions(self) -> tuple[Caution, ...]:
        """What that is; empty when it is nothing. Raises `StoreUnavailable`."""
        ...


@runtime_checkable
class Compacting(Protocol):
    """A store that rewrites its files when something is deleted."""

    def compacting_once(self) -> AbstractContextManager[None]:
        """For many deletes: the files are rewritten once, when the block ends."""
        ...
