"""All names that match a pattern, from all servers of a store."""

from __future__ import annotations

from collections.abc import Iterator

from minorguard.errors import StoreUnavailable
from minorguard.storage.redis_node import Node
from minorguard.storage.redis_router import Router

PAGE = 1000
TIMES = 3
"""How often a listing begins anew because keys moved between servers meanwhile."""


def scan(router: Router, pattern: str) -> set[bytes]:
    """Complete for what is there all the time: begun anew when the servers were not the same in the end."""
    for _ in range(TIMES):
        before = router.topology.primaries(router.deadline())
        found = {name for node in before for name in _scan(router, node, pattern)}
        router.topology.doubt()
        if set(router.topology.primaries(router.deadline())) == set(before):
            return found
    raise StoreUnavailable(router.url, "keys move between the servers all the time; try again later")


def anything(router: Router, pattern: str) -> bool:
    """Whether any name matches."""
    nodes = router.topology.primaries(router.deadline())
    return any(True for node in nodes for _ in _scan(router, node, pattern))


def _scan(router: Router, node: Node, pattern: str) -> Iterator[bytes]:
    cursor: int | bytes = 0
    while True:
        cursor, names = router.tell(node, ("SCAN", cursor, "MATCH", pattern, "COUNT", PAGE))
        yield from names
        if int(cursor) == 0:
            return
