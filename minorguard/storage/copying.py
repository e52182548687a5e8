"""Moving house: all keys and blobs of one store into another, of whatever kind, verified by digest.

A copy may be broken off and begun again: what is there already is not written again. Versions are not copied: each key
gets a new one from its new store, so no writer can mistake a key for the one that it knew in the old house.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice

from minorguard.errors import Conflict, InvalidInput, VersionConflict
from minorguard.storage.base import ABSENT, Compacting, StateStore, Stored, Write

PAGE = 200

Progress = Callable[[str, int], None]
"""Told what is being done (`copied`, `read`) and how many keys of it are done."""


@dataclass(frozen=True, slots=True)
class Digest:
    """All that a store holds, in a line: equal for equal keys and blobs, whatever the engine and the versions."""

    keys: int
    bytes: int
    """Of all blobs."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy did, and what both stores held when it was done."""

    written: int
    removed: int
    same: int
    """Keys that were there already, with the same blob."""
    source: Digest
    target: Digest

    @property
    def verified(self) -> bool:
        """Whether both hold the same. If not, one of them was written meanwhile."""
        return self.source == self.target


def copy(source: StateStore, target: StateStore, *, replace: bool = False, progress: Progress | None = None) -> Copied:
    """Write everything of `source` into `target`, then read both and compare.

    With `replace` the target is made the same as the source: what differs is overwritten, and what the source does not
    have is deleted. Without it, raises `Conflict` for the first such key, before that page is written. Raises
    `InvalidInput` for a copy onto itself, and from a store that is empty into one that is not; and `StoreError`.
    """
    if source.url == target.url:
        raise InvalidInput("store", "both are the same store; name another one to copy to")
    if next(source.keys(""), None) is None and next(target.keys(""), None) is not None:  # likely a slip of the pen
        raise InvalidInput("store", "the store to copy from is empty; check its url, nothing is copied")
    told = progress or (lambda _what, _number: None)
    with target.compacting_once() if isinstance(target, Compacting) else nullcontext():
        removed = _remove(source, target, replace=replace)
    written = same = 0
    for page in _pages(source.keys("")):
        wrote, equal = _copy(page, source, target, replace=replace)
        written, same = written + wrote, same + equal
        told("copied", written + same)
    return Copied(written, removed, same, digest(source, progress), digest(target, progress))


def digest(store: StateStore, progress: Progress | None = None) -> Digest:
    """Read everything. Raises `StoreError`."""
    total, keys, size = hashlib.sha256(), 0, 0
    for page in _pages(store.keys("")):
        for key, stored in zip(page, store.load_many(page), strict=True):
            if stored is not None:
                for part in (key.encode(), stored.blob):
                    total.update(len(part).to_bytes(8, "big") + part)
                keys, size = keys + 1, size + len(stored.blob)
        if progress is not None:
            progress("read", keys)
    return Digest(keys, size, total.hexdigest())


def _copy(page: list[str], source: StateStore, target: StateStore, *, replace: bool) -> tuple[int, int]:
    """One page; returns how many were written, and how many were the same."""
    writes, same = [], 0
    for key, ours, theirs in zip(page, source.load_many(page), target.load_many(page), strict=True):
        if ours is None:  # deleted meanwhile; the comparison at the end finds it if it was there before
            continue
        if theirs is not None and theirs.blob == ours.blob:
            same += 1
        else:
            writes.append(_write(key, ours, theirs, replace=replace))
    for outcome in target.save_many(writes):
        if isinstance(outcome, VersionConflict):
            raise outcome
    return len(writes), same


def _write(key: str, ours: Stored, theirs: Stored | None, *, replace: bool) -> Write:
    if theirs is None:
        return Write(key, ours.blob, ABSENT)
    if not replace:
        raise _differs(key, "holds something else")
    return Write(key, ours.blob, theirs.version)


def _remove(source: StateStore, target: StateStore, *, replace: bool) -> int:
    """Delete what only the target has; returns how much."""
    removed = 0
    for page in _pages(_only(target.keys(""), source.keys(""))):
        if not replace:
            raise _differs(page[0], "is not in the store to copy from")
        for key, stored in zip(page, target.load_many(page), strict=True):
            if stored is not None:
                target.delete(key, stored.version)
                removed += 1
    return removed


def _only(ours: Iterator[str], theirs: Iterator[str]) -> Iterator[str]:
    """What is in the first of two ordered listings and not in the second."""
    other = next(theirs, None)
    for key in ours:
        while other is not None and other < key:
            other = next(theirs, None)
        if other != key:
            yield key


def _pages(keys: Iterator[str]) -> Iterator[list[str]]:
    while page := list(islice(keys, PAGE)):
        yield page


def _differs(key: str, how: str) -> Conflict:
    way_out = "copy into an empty one, or make it the same as the first with `--replace`"
    return Conflict("store", f"the store to copy to is in use: its key `{key}` {how}; {way_out}")
