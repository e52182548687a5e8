"""Characters that are written as their parts: 贝者 for 赌."""

from __future__ import annotations

from functools import cache

from minorguard.content.fold import read_table


@cache
def halves() -> dict[str, list[str]]:
    """A character to the pairs of parts that it is written as."""
    found: dict[str, list[str]] = {}
    for line in read_table("parts").split("\n"):
        found.setdefault(line[0], []).append(line[1:])
    return found
