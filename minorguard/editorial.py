"""Human intervention in lists: editors pin and ban items, with a reason and an end, and a record of who did what.

Provisions on algorithmic recommendation (2022), Art. 11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from minorguard.errors import InvalidInput, NotFound
from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant
from minorguard.model.sections import dotted
from minorguard.storage.base import StateStore
from minorguard.storage.json_records import change_json, load_json

MAX_EDITS = 1_000
MAX_ENTRIES = 2_000
"""Of the record; of more, the oldest are forgotten."""
LONGEST = 366 * DAY
"""How long an edit may hold; after that a person looks at it again."""
MOST_RANK = 1_000
_KIND = "editorial"


class Action(StrEnum):
    """What an editor does to an item."""

    PIN = "pin"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Edit:
    """One item, pinned or banned."""

    item: str
    action: Action
    until: Instant
    """When it ends by itself."""
    reason: str
    by: str
    """The API key that set it."""
    at: Instant
    rank: int | None = None
    """Where a pinned item stands from."""
    surface: str | None = None
    """Where it holds; None: on every surface."""

    def holds(self, surface: str, now: Instant) -> bool:
        """Whether it holds on a surface at an instant."""
        return now < self.until and (self.surface is None or self.surface in dotted(surface))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record: who did what, when and why."""

    at: Instant
    by: str
    action: str
    """`pin`, `ban` or `lift`."""
    item: str
    reason: str
    surface: str | None = None
    rank: int | None = None
    until: Instant | None = None


class Editorial:
    """The edits of one namespace."""

    def __init__(self, store: StateStore, namespace: str) -> None:
        self._store = store
        self._key = f"editorial/{namespace}"

    def edits(self, now: Instant) -> tuple[Edit, ...]:
        """The edits that have not ended."""
        return tuple(edit for edit in self._load()[0] if now < edit.until)

    def entries(self) -> tuple[Entry, ...]:
        """The record, oldest first."""
        return self._load()[1]

    def put(self, edit: Edit) -> Edit:
        """Pin or ban an item; an edit of the same item on the same surface is replaced. Raises `InvalidInput`."""
        _check(edit)

        def put(edits: list[Edit]) -> list[Edit]:
            others = [known for known in edits if (known.item, known.surface) != (edit.item, edit.surface)]
            if len(others) >= MAX_EDITS:
                raise InvalidInput("item", f"{MAX_EDITS} edits hold already; lift some first")
            return [*others, edit]

        entry = Entry(edit.at, edit.by, edit.action.value, edit.item, edit.reason, edit.surface, edit.rank, edit.until)
        self._change(put, entry, edit.at)
        return edit

    def lift(self, item: str, surface: str | None, *, by: str, reason: str, now: Instant) -> None:
        """End an edit before its time. Raises `NotFound`."""

        def lifted(edits: list[Edit]) -> list[Edit]:
            others = [known for known in edits if (known.item, known.surface) != (item, surface)]
            if len(others) == len(edits):
                raise NotFound("edit", item)
            return others

        self._change(lifted, Entry(now, by, "lift", item, reason, surface), now)

    def _load(self) -> tuple[tuple[Edit, ...], tuple[Entry, ...]]:
        return _read(load_json(self._store, self._key, _KIND))

    def _change(self, change: Callable[[list[Edit]], list[Edit]], entry: Entry, now: Instant) -> None:
        def changed(value: Any) -> Any:  # noqa: ANN401 - any JSON value
            edits, entries = _read(value)
            after = change([edit for edit in edits if now < edit.until])
            kept = (*entries, entry)[-MAX_ENTRIES:]
            return {"edits": [asdict(edit) for edit in after], "entries": [asdict(one) for one in kept]}

        change_json(self._store, self._key, _KIND, changed)


def _read(value: Any) -> tuple[tuple[Edit, ...], tuple[Entry, ...]]:  # noqa: ANN401 - any JSON value
    if value is None:
        return (), ()
    edits = tuple(Edit(**{**one, "action": Action(one["action"])}) for one in value["edits"])
    return edits, tuple(Entry(**one) for one in value["entries"])


def _check(edit: Edit) -> None:
    if not 1 <= len(edit.item) <= 128:
        raise InvalidInput("item", "must be 1 to 128 characters")
    if not edit.reason.strip():
        raise InvalidInput("reason", "is empty; say why, for whoever reads the record")
    if not edit.at < edit.until <= edit.at + LONGEST:
        raise InvalidInput("expires_at", f"must lie in the next {LONGEST // DAY} days")
    if (edit.rank is None) is (edit.action is Action.PIN):
        raise InvalidInput("rank", "belongs to a pin, and every pin has one")
    if edit.rank is not None and not 1 <= edit.rank <= MOST_RANK:
        raise InvalidInput("rank", f"must be 1 to {MOST_RANK}")
