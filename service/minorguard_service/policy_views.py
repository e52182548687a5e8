"""Which policies hold in this process: the folder's, and over them what each tenant published.

A `View` is one state of all policies of a namespace and never changes, so whatever one call asks of it fits together.
A worker looks at the head at most every `LOOK_SECONDS`, and before it answers: so a change acts everywhere within a
second, and nothing runs when nobody calls.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Profile
from minorguard.policy import PolicyBook
from minorguard.storage import StateStore
from minorguard_service.policy_library import Library, Report
from minorguard_service.policy_records import FOLDER_REVISION, Head, Slot
from minorguard_service.policy_store import PolicyStore

LOOK_SECONDS = 0.5
"""How old a worker's sight of the head may be when a call begins."""
_NAMESPACES = 1024


def share_of(namespace: str, id: str, subject: str) -> int:
    """Where a subject stands in a rollout, 0 to 99: the same on every worker, for every revision, whatever the share.

    A rollout of n per cent holds for the subjects below n, so one that grows only adds subjects.
    """
    digest = sha256(f"{namespace}\0{id}\0{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One state of the policies of a namespace: a `PolicySource`. May raise `StoreError`."""

    namespace: str
    head: Head
    library: Library

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all policies, sorted."""
        return tuple(sorted({*self.library.base.ids, *self.head.slots}))

    def get(self, id: str) -> CompiledPolicy | None:
        """The active revision; where that can't be compiled here, the last one that could."""
        slot = self.head.slots.get(id)
        return self.library.base.get(id) if slot is None else self.library.active(id, slot)

    def choose(self, profile: Profile) -> CompiledPolicy | None:
        """The revision that a subject is pinned to, else that of a rollout if it is in its share, else the active."""
        id, slot = profile.policy, self.head.slots.get(profile.policy)
        if profile.revision is not None:
            return self.revision(id, profile.revision)
        if slot is None:
            return self.library.base.get(id)
        if slot.rollout is not None and self._share(profile) < slot.rollout.percent:
            return self.library.revision(id, slot.rollout.revision) or self.get(id)
        return self.library.active(id, slot)

    def revision(self, id: str, number: int) -> CompiledPolicy | None:
        """A revision that was published; the first is the folder's."""
        slot = self.head.slots.get(id, Slot())
        if number == FOLDER_REVISION:
            return self.library.base.get(id)
        return self.library.revision(id, number) if slot.has(number) else None

    def shadow(self, id: str) -> CompiledPolicy | None:
        """What is decided beside the active revision, if anything is."""
        shadow = self.head.slots.get(id, Slot()).shadow
        if shadow is None:
            return None
        return self.library.kept(id, shadow.edit) if shadow.edit else self.revision(id, shadow.revision or 0)

    def text(self, id: str) -> str | None:
        """The text that is active of a policy, for others that extend it."""
        number = self.head.slots.get(id, Slot()).active
        if number == FOLDER_REVISION:
            found = self.library.base.documents.get(id)
            return None if found is None else found.text
        revision = self.library.store.revision(id, number)
        return None if revision is None else revision.text

    def problem(self, id: str) -> str | None:
        """What is wrong with the active revision in this process, if something is."""
        slot = self.head.slots.get(id, Slot())
        if slot.active != FOLDER_REVISION:
            return self.library.compiled(id, slot.active).problem
        return None if id in self.library.base else "the folder has no such policy any more; publish one"

    def _share(self, profile: Profile) -> int:
        return share_of(self.namespace, profile.policy, profile.subject)


@dataclass(frozen=True, slots=True, eq=False)
class Seeking:
    """A view as a `PolicySource` that looks at the head once more before it says that something is not there.

    What another worker published a moment ago is found so, and what the view has is answered by the view. May raise
    `StoreError`.
    """

    view: View
    look: Callable[[], View]
    """The policies as they are at this moment."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all policies, sorted."""
        return self.view.ids

    def get(self, id: str) -> CompiledPolicy | None:
        """As `View.get`."""
        return self.view.get(id) or self.look().get(id)

    def choose(self, profile: Profile) -> CompiledPolicy | None:
        """As `View.choose`."""
        return self.view.choose(profile) or self.look().choose(profile)


class Published:
    """The views of one process; safe to share between threads."""

    def __init__(
        self, store: StateStore, base: PolicyBook, report: Report, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._base = base
        self._report = report
        self._monotonic = monotonic
        self._tenants: dict[str, _Tenant] = {}

    def view(self, namespace: str, *, fresh: bool = False) -> View:
        """The policies of a namespace, at most `LOOK_SECONDS` old; `fresh`: as they are now.

        Raises `StoreError` when the head can't be read: what was seen before may have been taken back.
        """
        tenant = self._tenants.get(namespace)
        if tenant is None:
            if len(self._tenants) >= _NAMESPACES:
                self._tenants.clear()
            library = Library(PolicyStore(self._store, namespace), self._base, self._report)
            tenant = self._tenants.setdefault(namespace, _Tenant(library))
        return tenant.look(self._monotonic, fresh=fresh)


class _Tenant:
    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._view: View | None = None
        self._read_at = 0.0

    def look(self, monotonic: Callable[[], float], *, fresh: bool) -> View:
        view = self._view
        if view is not None and not fresh and monotonic() - self._read_at < LOOK_SECONDS:
            return view
        with self._lock:  # one looks for all, and so no slower one brings back an older head
            at = monotonic()
            view = self._view
            if view is None or fresh or at - self._read_at >= LOOK_SECONDS:
                view = self._looked(view)
                self._view, self._read_at = view, at
            return view

    def _looked(self, known: View | None) -> View:
        head = self._library.store.head()
        if known is not None and known.head == head:
            return known
        return View(self._library.store.namespace, head, self._library)
