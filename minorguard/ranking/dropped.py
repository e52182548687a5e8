"""Why each candidate that stands nowhere does not: found when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from minorguard.ranking.constraints import Refusal


class Dropped(Mapping[str, Refusal]):
    """By id: why a candidate is not in the list, in the order in which they came. Equal to any mapping that says so."""

    __slots__ = ("_find", "_found")

    def __init__(self, find: Callable[[], dict[str, Refusal]]) -> None:
        self._find: Callable[[], dict[str, Refusal]] | None = find
        self._found: dict[str, Refusal] = {}

    def _all(self) -> dict[str, Refusal]:
        find = self._find
        if find is not None:
            self._found = find()
            self._find = None  # only now: another thread that looked meanwhile finds the same
        return self._found

    def __getitem__(self, id: str) -> Refusal:
        return self._all()[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (self._all(),)
