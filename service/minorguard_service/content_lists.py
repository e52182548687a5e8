"""Term lists of a namespace that live: versions in the store, one head that says which hold, a filter in each process.

A worker looks at the head before it answers, at most every `LOOK_SECONDS`. A list that has changed is compiled beside
the calls, which go on with the one before; a worker that was idle compiles before it answers. So a change acts
everywhere within a second, or as long as compiling takes.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from minorguard.content import Lexicon, TextFilter
from minorguard.content.gate import OwnActions, own_actions
from minorguard.errors import InvalidInput, MinorGuardError, NotFound
from minorguard.model.ids import Instant, check_word
from minorguard.review.cells import Body, Cells
from minorguard.review.paged_log import PagedLog
from minorguard.storage import StateStore
from minorguard_service.policy_records import Who

LOOK_SECONDS = 0.3
IDLE_SECONDS = 0.6
"""A worker that did not look for so long may be far behind, and compiles before it answers."""
MOST_LISTS = 50
MOST_TERMS = 200_000
"""Of one list."""
MOST_VERSIONS = 20
"""Of one list that are kept to go back to."""
MOST_SAMPLES = 5_000
_NAMESPACES = 256

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """The lists of a namespace as they were at an epoch, ready to judge."""

    epoch: int
    texts: TextFilter
    own: OwnActions

    @classmethod
    def of(cls, epoch: int, lexicon: Lexicon) -> Filter:
        """Compile a list; takes as long as it is."""
        made = cls(epoch, TextFilter(lexicon), own_actions(lexicon))
        made.texts.check("")  # the index is built here, and not in a call
        return made


@dataclass(frozen=True, slots=True)
class ListVersion:
    """One version of a list, without its terms."""

    number: int
    terms: int
    by: Who
    why: str
    at: Instant

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "number": self.number,
            "terms": self.terms,
            "by": {"key": self.by.key, "name": self.by.name},
            "why": self.why,
            "at": self.at,
        }

    @classmethod
    def of(cls, body: Body) -> ListVersion:
        """From its JSON."""
        return cls(body["number"], body["terms"], Who(**body["by"]), body["why"], body["at"])


class ListStore:
    """The lists of one namespace, in the store. Every method may raise `StoreError`."""

    def __init__(self, store: StateStore, namespace: str) -> None:
        prefix = f"lists/{check_word('namespace', namespace)}"
        self._heads = Cells(store, prefix, "list-head")
        self._versions = Cells(store, f"{prefix}/version", "list-version")
        self._samples = PagedLog(store, f"{prefix}/sample")

    def head(self) -> Body:
        """``{"epoch": 3, "lists": {"words": {"active": 2, "last": 2, "versions": [...]}}}``."""
        return self._heads.read("head") or {"epoch": 0, "lists": {}}

    def rows(self, id: str, number: int) -> list[Row]:
        """The terms of a version. Raises `NotFound`."""
        body = self._versions.read(f"{id}/{number}")
        if body is None:
            raise NotFound("list", f"{id}/{number}")
        rows: list[Row] = body["rows"]
        return rows

    def active(self, *, without: str | None = None) -> Iterator[list[Row]]:
        """The terms of each list that holds."""
        for id, one in sorted(self.head()["lists"].items()):
            if one["active"] is not None and id != without:
                yield self.rows(id, one["active"])

    def put(self, id: str, rows: Sequence[Row], *, by: Who, why: str, at: Instant) -> ListVersion:
        """Keep a new version of a list and let it hold."""
        number = self._keep(id, rows)
        version = ListVersion(number, len(rows), by, why, at)
        self._change(id, lambda known: _with_version(known, version))
        self._versions.delete(f"{id}/{number - MOST_VERSIONS}")
        return version

    def go_back(self, id: str, number: int) -> ListVersion:
        """Let an earlier version hold again. Raises `NotFound`."""

        def back(known: Body | None) -> Body:
            if known is None or all(one["number"] != number for one in known["versions"]):
                raise NotFound("list", f"{id}/{number}")
            return {**known, "active": number}

        known = self._change(id, back)
        return next(ListVersion.of(one) for one in known["versions"] if one["number"] == number)

    def remove(self, id: str) -> None:
        """Let no version of a list hold any more; the versions stay. Raises `NotFound`."""

        def without(known: Body | None) -> Body:
            if known is None:
                raise NotFound("list", id)
            return {**known, "active": None}

        self._change(id, without)

    # Samples: texts whose verdict is known, tried again with each change

    def samples(self, start: int = 0, most: int | None = None) -> Iterator[tuple[int, Body]]:
        """Samples with their numbers, from a number on."""
        return self._samples.read(start, most)

    def add_sample(self, text: str, expected: str, *, by: Who, at: Instant) -> int:
        """Keep a sample, or find the one that is kept. Raises `InvalidInput` for more than there may be."""
        kept = list(self._samples.read())
        for number, one in kept:
            if (one["text"], one["expected"]) == (text, expected):
                return number
        if len(kept) >= MOST_SAMPLES:
            raise InvalidInput("text", f"there are {MOST_SAMPLES} samples already; remove some")
        return self._samples.append({"text": text, "expected": expected, "by": by.name, "at": at}, durable=True)

    def drop_sample(self, number: int) -> None:
        """Forget a sample; one that is gone is no error."""
        self._samples.drop(number)

    def _keep(self, id: str, rows: Sequence[Row]) -> int:
        number: int = self.head()["lists"].get(id, {"last": 0})["last"] + 1
        mine = {"rows": [dict(row) for row in rows], "mark": secrets.token_hex(8)}  # two may put the same
        while self._versions.change(f"{id}/{number}", lambda known: known or mine, durable=True) != mine:
            number += 1  # another writer was faster
        return number

    def _change(self, id: str, to: Callable[[Body | None], Body]) -> Body:
        made: Body = {}

        def changed(body: Body | None) -> Body:
            nonlocal made
            head = body or {"epoch": 0, "lists": {}}
            made = to(head["lists"].get(id))
            if id not in head["lists"] and len(head["lists"]) >= MOST_LISTS:
                raise InvalidInput("id", f"there are {MOST_LISTS} lists already; put one of those anew")
            return {"epoch": head["epoch"] + 1, "lists": {**head["lists"], id: made}}

        self._heads.change("head", changed, durable=True)
        return made


def _with_version(known: Body | None, version: ListVersion) -> Body:
    before = [] if known is None else known["versions"]
    last = 0 if known is None else known["last"]
    kept = sorted([*before, version.to_dict()], key=lambda one: one["number"])[-MOST_VERSIONS:]
    return {"active": version.number, "last": max(last, version.number), "versions": kept}


class LiveLists:
    """The filters of one process; safe to share between threads."""

    def __init__(
        self, store: StateStore, starter: Callable[[], Lexicon], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._shipped = cache(lambda: Filter.of(0, starter()))
        self._monotonic = monotonic
        self._tenants: dict[str, _Tenant] = {}

    def of(self, namespace: str, *, fresh: bool = False) -> Filter:
        """The filter of a namespace; `fresh`: with all that was put before this call. Raises `StoreError`."""
        tenant = self._tenants.get(namespace)
        if tenant is None:
            if len(self._tenants) >= _NAMESPACES:
                self._tenants.clear()
            made = _Tenant(ListStore(self._store, namespace), self._shipped)
            tenant = self._tenants.setdefault(namespace, made)
        return tenant.look(self._monotonic, fresh=fresh)


class _Tenant:
    def __init__(self, lists: ListStore, shipped: Callable[[], Filter]) -> None:
        self._lists = lists
        self._shipped = shipped
        self._lock = threading.Lock()
        self._building = threading.Lock()
        self._filter: Filter | None = None
        self._looked_at = 0.0

    def look(self, monotonic: Callable[[], float], *, fresh: bool) -> Filter:
        now, found = monotonic(), self._filter
        if found is not None and not fresh and now - self._looked_at < LOOK_SECONDS:
            return found
        with self._lock:
            found, behind = self._filter, monotonic() - self._looked_at
            if found is not None and not fresh and behind < LOOK_SECONDS:
                return found
            started, head = monotonic(), self._lists.head()
            if found is not None and found.epoch == head["epoch"]:
                self._looked_at = started
                return found
            if found is None or fresh or behind > IDLE_SECONDS:
                with self._building:
                    found = self._filter = self._build(head)
            else:
                self._begin(head)
            self._looked_at = started
            return found

    def _begin(self, head: Body) -> None:
        """Compile beside the calls, unless that is under way."""
        if self._building.acquire(blocking=False):
            threading.Thread(target=self._beside, args=(head,), name="lists", daemon=True).start()

    def _beside(self, head: Body) -> None:
        try:
            with suppress(MinorGuardError):  # the next look tries again
                made = self._build(head)
                if self._filter is None or made.epoch > self._filter.epoch:
                    self._filter = made
        finally:
            self._building.release()

    def _build(self, head: Body) -> Filter:
        active = [(id, one["active"]) for id, one in sorted(head["lists"].items()) if one["active"] is not None]
        if not active:
            return replace(self._shipped(), epoch=head["epoch"])
        rows = [row for id, number in active for row in self._lists.rows(id, number)]
        return Filter.of(head["epoch"], Lexicon.from_terms(rows))
