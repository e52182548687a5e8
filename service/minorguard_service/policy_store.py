"""A namespace's policies in the store. Everything is changed by compare-and-set, and the head by one save.

Keys are ``policies/<namespace>/…``. Revisions, entries of the history and kept drafts are written once, before the head
names them; what no head names is as good as not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from minorguard.errors import InvalidInput, VersionConflict
from minorguard.model.ids import check_word
from minorguard.storage.base import ABSENT, StateStore
from minorguard.storage.codec import encode_json
from minorguard_service import records
from minorguard_service.policy_records import Body, Change, Draft, Head, Revision, Slot, pack

MOST_POLICIES = 500
"""Of one namespace."""
_TRIES = 1000
"""How many numbers whose publishing was cut short are stepped over."""


class PolicyStore:
    """Heads, revisions, drafts and history of one namespace. Every method may raise `StoreError`."""

    def __init__(self, store: StateStore, namespace: str) -> None:
        self._store = store
        self.namespace = check_word("namespace", namespace)

    # The head

    def head(self) -> Head:
        """Which revisions hold now."""
        return Head.of(records.read(self._store, self._key("head"), "policy-head"))

    def change(self, id: str, to: Callable[[Slot | None], Slot]) -> Slot:
        """Change one policy in the head, by one save; `to` is called again when another writer was faster.

        Raises what `to` raises, and `InvalidInput` for more policies than there may be.
        """
        made: Slot | None = None

        def changed(body: Body | None) -> Body | None:
            nonlocal made
            head = Head.of(body)
            before = head.slots.get(id)
            made = to(before)
            if made == before:
                return body
            if before is None and len(head.slots) >= MOST_POLICIES:
                raise InvalidInput("id", f"there are {MOST_POLICIES} policies already; publish one of those anew")
            if before is not None and before.latest is not None:  # first: the head names only the newest
                self._once(self._key("change", id, before.latest.number), "policy-change", pack(before.latest))
            return pack(head.with_slot(id, made))

        records.change(self._store, self._key("head"), "policy-head", changed)
        assert made is not None
        return made

    # Revisions

    def revision(self, id: str, number: int) -> Revision | None:
        """A revision by its number, published or not: ask the slot."""
        body = records.read(self._store, self._key("revision", id, number), "policy-revision")
        return None if body is None else Revision.of(body)

    def add(self, id: str, revision: Revision) -> int:
        """Keep a revision under its number, or the next one that is free; returns that. Raises `VersionConflict`."""
        for number in range(revision.number, revision.number + _TRIES):
            if self._once(self._key("revision", id, number), "policy-revision", pack(replace(revision, number=number))):
                return number
        raise VersionConflict(self._key("revision", id, revision.number), _TRIES)

    # History

    def history(self, id: str, slot: Slot, before: int | None = None) -> Iterator[Change]:
        """Changes, the newest first, from the one before number `before` on."""
        first = slot.changes if before is None else min(before - 1, slot.changes)
        for number in range(first, 0, -1):
            if slot.latest is not None and number == slot.latest.number:
                yield slot.latest
            elif (body := records.read(self._store, self._key("change", id, number), "policy-change")) is not None:
                yield Change.of(body)

    # Drafts

    def draft(self, id: str) -> Draft | None:
        """The draft that is worked on, if there is one."""
        return _draft(records.read(self._store, self._key("draft", id), "policy-draft"))

    def change_draft(self, id: str, to: Callable[[Draft | None, int], Draft | None]) -> Draft | None:
        """Change a draft: `to` gets it, and the number that the next edit has. None: no draft any more."""
        made: Draft | None = None

        def changed(body: Body | None) -> Body | None:
            nonlocal made
            before, edits = _draft(body), 0 if body is None else body["edits"]
            made = to(before, edits + 1)
            if made == before:
                return body
            return {"edits": edits + 1, "draft": None if made is None else pack(made)}

        records.change(self._store, self._key("draft", id), "policy-draft", changed)
        return made

    def keep(self, id: str, draft: Revision) -> None:
        """Keep a draft as it is, for a shadow; its number is that of the edit."""
        self._once(self._key("kept", id, draft.number), "policy-kept", pack(draft))

    def kept(self, id: str, edit: int) -> Revision | None:
        """A draft as it was at an edit, if it was kept."""
        body = records.read(self._store, self._key("kept", id, edit), "policy-kept")
        return None if body is None else Revision.of(body)

    def _key(self, what: str, *parts: str | int) -> str:
        return "/".join(("policies", self.namespace, what, *map(str, parts)))

    def _once(self, key: str, kind: str, body: Body) -> bool:
        """Write what is not there yet; whether it was not."""
        try:
            self._store.save(key, encode_json(kind, body), ABSENT, durable=True)
        except VersionConflict:
            return False
        return True


def _draft(body: Body | None) -> Draft | None:
    return None if body is None or body["draft"] is None else Draft.of(body["draft"])
