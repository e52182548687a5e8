"""From a URL to a store."""

from __future__ import annotations

from collections.abc import Callable

from minorguard.errors import InvalidInput
from minorguard.storage.base import StateStore
from minorguard.storage.memory import MemoryStore

_HOW = "write it like `sqlite:///minorguard.db`, `sqlite:////var/lib/minorguard/state.db` or `memory://`"


def open_store(url: str) -> StateStore:
    """A new store for ``memory://``, ``sqlite:///relative.db`` or ``sqlite:////absolute.db``.

    Raises `InvalidInput` for any other URL, without repeating it: it may hold a password. Raises what the store raises
    if it cannot be opened.

    >>> open_store("memory://").url
    'memory://'
    """
    scheme, separator, rest = url.partition("://")
    opener = _OPENERS.get(scheme)
    if not separator or opener is None:
        raise InvalidInput("store", f"unknown scheme, known are {_known()}; {_HOW}")
    return opener(rest)


def _known() -> str:
    return ", ".join(f"`{scheme}`" for scheme in _OPENERS)


def _open_memory(rest: str) -> StateStore:
    if rest:
        raise InvalidInput("store", "`memory://` takes nothing behind it")
    return MemoryStore()


def _open_sqlite(rest: str) -> StateStore:
    from minorguard.storage.sqlite import SqliteStore  # needs fcntl, which not every system has

    path = rest.removeprefix("/")
    if not rest.startswith("/") or not path or path.startswith(":memory:"):
        raise InvalidInput("store", f"a sqlite url names a file; {_HOW}")
    return SqliteStore(path)


_OPENERS: dict[str, Callable[[str], StateStore]] = {"memory": _open_memory, "sqlite": _open_sqlite}
