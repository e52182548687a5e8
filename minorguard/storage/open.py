"""From a URL to a store."""

from __future__ import annotations

from collections.abc import Callable

from minorguard.errors import InvalidInput
from minorguard.storage.base import StateStore
from minorguard.storage.memory import MemoryStore

_HOW = (
    "write it like `sqlite:///minorguard.db`, `sqlite:////var/lib/minorguard/state.db`, `redis://host:6379/0` or"
    " `memory://`"
)
_REDIS = ("redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")


def open_store(url: str) -> StateStore:
    """A new store for ``memory://``, ``sqlite:///relative.db``, ``sqlite:////absolute.db`` or a Redis.

    A Redis is ``redis://``, ``redis+sentinel://`` or ``redis+cluster://``, with TLS ``rediss…``; see `docs/storage.md`.
    Raises `InvalidInput` for any other URL, without repeating it: it may hold a password. Raises what the store raises
    if it cannot be opened.

    >>> open_store("memory://").url
    'memory://'
    """
    scheme, separator, rest = url.partition("://")
    opener = _OPENERS.get(scheme)
    if not separator or opener is None:
        raise InvalidInput("store", f"unknown scheme, known are {_known()}; {_HOW}")
    return opener(scheme, rest)


def without_secrets(url: str) -> str:
    """A URL as it may be shown: without login and options.

    >>> without_secrets("rediss://minorguard:s3cret@redis.local:6379/0?ca=ca.pem")
    'rediss://redis.local:6379/0'
    """
    scheme, separator, rest = url.partition("://")
    if scheme not in _REDIS:
        return url
    where, slash, path = rest.partition("?")[0].rpartition("@")[2].partition("/")
    return f"{scheme}{separator}{where}{slash}{path}"


def _known() -> str:
    return ", ".join(f"`{scheme}`" for scheme in _OPENERS)


def _open_memory(_scheme: str, rest: str) -> StateStore:
    if rest:
        raise InvalidInput("store", "`memory://` takes nothing behind it")
    return MemoryStore()


def _open_sqlite(_scheme: str, rest: str) -> StateStore:
    from minorguard.storage.sqlite import SqliteStore  # needs fcntl, which not every system has

    path = rest.removeprefix("/")
    if not rest.startswith("/") or not path or path.startswith(":memory:"):
        raise InvalidInput("store", f"a sqlite url names a file; {_HOW}")
    return SqliteStore(path)


def _open_redis(scheme: str, rest: str) -> StateStore:
    try:
        from minorguard.storage.redis import RedisStore
    except ModuleNotFoundError as error:
        raise InvalidInput("store", f"Redis needs `{error.name}`; install `minorguard[redis]`") from None

    return RedisStore(f"{scheme}://{rest}")


_OPENERS: dict[str, Callable[[str, str], StateStore]] = {
    "memory": _open_memory,
    "sqlite": _open_sqlite,
    **dict.fromkeys(_REDIS, _open_redis),
}
