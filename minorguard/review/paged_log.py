"""A list in the store that grows at its end, in pages, so that no record grows with it.

Adding and dropping write one page each, whatever the length. Numbers rise and never come back. A page that is full and
of which nothing is left stays as a few bytes, so that a slow writer cannot make it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from minorguard.review.cells import Body, Cells
from minorguard.storage.base import StateStore

PAGE = 64
"""Entries of a page."""


class PagedLog:
    """Entries (JSON objects) by number from 0. Every method may raise `StoreError`."""

    def __init__(self, store: StateStore, prefix: str) -> None:
        self._pages = Cells(store, f"{prefix}/page", "log-page")
        self._heads = Cells(store, prefix, "log-head")

    def append(self, entry: Body, *, durable: bool = False) -> int:
        """Add at the end; returns the entry's number. A `durable` entry survives the loss of a machine."""
        for page in count(self._head()["last"]):
            place = self._place(page, entry, durable=durable)
            if place is not None:
                if place == 0 and page > 0:
                    self._move("last", page)
                return page * PAGE + place
        raise AssertionError  # pages have no end

    def read(self, start: int = 0, most: int | None = None) -> Iterator[tuple[int, Body]]:
        """The entries from number `start` on that are not dropped, the oldest first."""
        found = 0
        head = self._head()
        for page in count(max(start // PAGE, head["first"])):
            body = self._pages.read(str(page))
            if body is None:
                return
            for place, entry in enumerate(body["entries"]):
                number = page * PAGE + place
                if entry is not None and number >= start:
                    yield number, entry
                    found += 1
                    if found == most:
                        return

    def newest(self) -> Iterator[tuple[int, Body]]:
        """The entries that are not dropped, the newest first, as they were when each page was read."""
        last = self._head()["last"]
        while self._pages.read(str(last + 1)) is not None:  # the head is moved after a page is begun
            last += 1
        for page in range(last, -1, -1):
            body = self._pages.read(str(page)) or {"entries": []}
            for place, entry in reversed(list(enumerate(body["entries"]))):
                if entry is not None:
                    yield page * PAGE + place, entry

    def drop(self, number: int) -> None:
        """Take an entry out; one that is gone is no error."""
        page, place = divmod(number, PAGE)

        def without(body: Body | None) -> Body | None:
            if body is None or place >= len(body["entries"]):
                return body
            entries: list[Any] = [None if at == place else entry for at, entry in enumerate(body["entries"])]
            full = len(entries) == PAGE
            return {"entries": [], "over": True} if full and not any(entries) else {**body, "entries": entries}

        body = self._pages.change(str(page), without)
        if body is not None and body["over"]:
            self._skip_over()

    def _place(self, page: int, entry: Body, *, durable: bool) -> int | None:
        """Put an entry into a page; its place there, or None if the page is full."""
        place: int | None = None

        def with_it(body: Body | None) -> Body | None:
            nonlocal place
            entries = [] if body is None else body["entries"]
            if body is not None and (body["over"] or len(entries) >= PAGE):
                place = None
                return body
            place = len(entries)
            return {"entries": [*entries, entry], "over": False}

        self._pages.change(str(page), with_it, durable=durable)
        return place

    def _head(self) -> dict[str, int]:
        """Where to begin: hints that may lag, never lead."""
        return self._heads.read("head") or {"first": 0, "last": 0}

    def _move(self, which: str, page: int) -> None:
        def moved(body: Body | None) -> Body:
            head = body or {"first": 0, "last": 0}
            return {**head, which: max(head[which], page)}

        self._heads.change("head", moved)

    def _skip_over(self) -> None:
        page = self._head()["first"]
        while (body := self._pages.read(str(page))) is not None and body["over"]:
            page += 1
        self._move("first", page)
