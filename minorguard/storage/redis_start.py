"""What a Redis must be like before it is trusted: looked at when a store opens, and by each check of its health."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from minorguard.errors import StateTooNew, StoreUnavailable
from minorguard.storage.base import Caution
from minorguard.storage.codec import SCHEMA_VERSION
from minorguard.storage.redis_cell import mark
from minorguard.storage.redis_node import Node
from minorguard.storage.redis_router import Ask, Router
from minorguard.storage.redis_scan import anything
from minorguard.storage.redis_url import RedisUrl

Mark = tuple[int, int]
"""The format of names and cells, and the newest schema of the states in them."""
OURS: Mark = (1, SCHEMA_VERSION)
_REPLICA = re.compile(r"slave[0-9]+")
_MARK = re.compile(rb"minorguard format ([0-9]+) state ([0-9]+)")
_SECOND = "syncs its log each second, so that a power cut may lose a second or two of acknowledged writes"

Info = Mapping[str, str]


def begin(router: Router, url: RedisUrl) -> None:
    """Look at every primary, and put our mark on a key space that is new, or was an older MinorGuard's.

    Raises `StoreUnavailable` with what to change, and `StateTooNew`.
    """
    _look(router, url, fsync=True)
    found = _found(router, url)
    if found is None and anything(router, f"{url.prefix}:*"):
        mine = f"has keys that begin with `{url.prefix}:` and are not MinorGuard's"
        raise StoreUnavailable(str(url), f"{mine}; {_other(url)}")
    if found is not None:
        _refuse_newer(found, url)
    if found != OURS:
        _mark(router, url, OURS)


def check(router: Router, url: RedisUrl) -> None:
    """Look at every primary, and write the mark again. Raises `StoreUnavailable`, also if all data is gone."""
    _look(router, url, fsync=False)
    found = _found(router, url)
    if found is None:
        way_out = "restore it, or restart every process to begin anew"
        raise StoreUnavailable(str(url), f"was emptied, or is not the server that it was; {way_out}")
    _mark(router, url, found)  # as it is: a newer MinorGuard may have come while this one runs


def cautions(router: Router, url: RedisUrl) -> tuple[Caution, ...]:
    """What each primary may lose of what it acknowledged, where no replica has it either; with what to change."""
    if url.accept_loss or url.replicas:
        return ()
    primaries = router.topology.primaries(router.deadline())
    risky = (node for node in primaries if _fsync(router, node) == "everysec")
    return tuple(Caution(f"{node} {_SECOND}", "set `appendfsync always`") for node in risky)


def everyone(router: Router) -> list[Node]:
    """Every primary, and the replicas that it knows."""
    found: list[Node] = []
    for primary in router.topology.primaries(router.deadline()):
        rows = (row for name, row in _info(router, primary).items() if _REPLICA.fullmatch(name))
        addresses = (dict(part.partition("=")[::2] for part in row.split(",")) for row in rows)
        found += [primary, *(router.topology.at((one["ip"], int(one["port"]))) for one in addresses)]
    return found


def _look(router: Router, url: RedisUrl, *, fsync: bool) -> None:
    for node in router.topology.primaries(router.deadline()):
        how_often = _fsync(router, node) if fsync else None
        for problem in _problems(_info(router, node), url, how_often):
            raise StoreUnavailable(str(node), problem)


def _problems(info: Info, url: RedisUrl, fsync: str | None) -> Iterator[str]:
    """What would lose data, each with what to change."""
    if info.get("role") not in (None, "master"):
        yield "is a read-only replica; name the primary, or Sentinel's service"
    if info.get("maxmemory", "0") != "0" and info.get("maxmemory_policy") != "noeviction":
        yield f"evicts keys when it is full (`maxmemory-policy {info.get('maxmemory_policy')}`); set it to `noeviction`"
    if info.get("aof_last_write_status", "ok") != "ok":
        yield "cannot write its log; free some disk space"
    if url.accept_loss:
        return
    if info.get("aof_enabled") != "1":
        yield (
            "keeps no log, so a restart loses what it acknowledged; set `appendonly yes`, or accept that"
            " with `accept_loss=yes` in the url"
        )
    if fsync == "no":
        yield (
            "leaves its log in the system's memory for half a minute; set `appendfsync everysec` or `always`, or accept"
            " that with `accept_loss=yes` in the url"
        )


def _info(router: Router, node: Node) -> Info:
    lines = (line.partition(":") for line in router.tell(node, ("INFO",)).decode("utf-8", "replace").splitlines())
    return {name: value.strip() for name, colon, value in lines if colon}


def _fsync(router: Router, node: Node) -> str | None:
    """How often the log reaches the disk; None where one may not ask."""
    try:
        _, value = router.tell(node, ("CONFIG", "GET", "appendfsync"))
    except (StoreUnavailable, ValueError):
        return None
    return str(value, "ascii")


def _found(router: Router, url: RedisUrl) -> Mark | None:
    """The mark that is there. Raises `StoreUnavailable` if it is another program's key."""
    ask = Ask(mark(url.prefix), [("GET", mark(url.prefix))])
    router.run([ask])
    if ask.reply is None:
        return None
    numbers = _MARK.fullmatch(ask.reply)
    if numbers is None:
        raise StoreUnavailable(str(url), f"`{url.prefix}:` is another program's key; {_other(url)}")
    return int(numbers[1]), int(numbers[2])


def _refuse_newer(found: Mark, url: RedisUrl) -> None:
    for theirs, ours in zip(found, OURS, strict=True):
        if theirs > ours:
            raise StateTooNew(f"{url.prefix}:", found=theirs, known=ours)


def _mark(router: Router, url: RedisUrl, value: Mark) -> None:
    router.run([Ask(mark(url.prefix), [("SET", mark(url.prefix), "minorguard format {} state {}".format(*value))])])


def _other(url: RedisUrl) -> str:
    return f"choose a prefix of its own, such as `?prefix={url.prefix}-minorguard`"
