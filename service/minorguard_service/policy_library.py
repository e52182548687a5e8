"""Compiled revisions of one namespace, each compiled once: an unchanged head costs nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from minorguard.model.rules import CompiledPolicy
from minorguard.policy import Finding, PolicyBook
from minorguard_service.policy_records import FOLDER_REVISION, Revision, Slot
from minorguard_service.policy_store import PolicyStore
from minorguard_service.policy_texts import Documents, check_text

MOST_COMPILED = 256
"""How many revisions of a namespace a process keeps compiled."""

Report = Callable[[str, str, int, str], None]
"""Told once of each revision that can't be compiled here: namespace, policy, revision, problem."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of a revision here."""

    policy: CompiledPolicy | None
    problem: str | None = None
    """Why it can't be compiled, or that it means something else than when it was published."""


class Library:
    """Safe to share between threads. What reads the store may raise `StoreError`, and is tried anew then."""

    def __init__(self, store: PolicyStore, base: PolicyBook, report: Report) -> None:
        self.store = store
        self.base = base
        self._report = report
        self._lock = threading.Lock()
        self._compiled: dict[tuple[str, int], Compiled] = {}
        self._good: dict[str, CompiledPolicy] = {}

    def active(self, id: str, slot: Slot) -> CompiledPolicy | None:
        """The active revision; where that can't be compiled here, the last that was active here, else the one before.

        None, so a denial, where there is none of these: the folder's policy may be laxer than what was published.
        """
        found = self.revision(id, slot.active)
        if found is not None:
            self._good[id] = found
            return found
        if id not in self._good and slot.previous is not None:
            before = self.revision(id, slot.previous)
            if before is not None:
                self._good[id] = before
        return self._good.get(id)

    def revision(self, id: str, number: int) -> CompiledPolicy | None:
        """A revision that the head names; None where it can't be compiled here."""
        return self.base.get(id) if number == FOLDER_REVISION else self.compiled(id, number).policy

    def compiled(self, id: str, number: int) -> Compiled:
        """What became of a tenant's revision here."""
        return self._get(id, number, lambda: self._made(id, self.store.revision(id, number), f"revision {number}"))

    def kept(self, id: str, edit: int) -> CompiledPolicy | None:
        """A draft that was kept for a shadow."""
        return self._get(id, -edit, lambda: self._made(id, self.store.kept(id, edit), f"edit {edit}")).policy

    def _get(self, id: str, key: int, make: Callable[[], Compiled]) -> Compiled:
        found = self._compiled.get((id, key))
        if found is not None:
            return found
        with self._lock:  # one compiles for all
            found = self._compiled.get((id, key))
            if found is None:
                found = make()
                while len(self._compiled) >= MOST_COMPILED:
                    del self._compiled[next(iter(self._compiled))]
                self._compiled[id, key] = found
                if found.policy is None:
                    self._report(self.store.namespace, id, key, found.problem or "")
        return found

    def _made(self, id: str, kept: Revision | None, name: str) -> Compiled:
        if kept is None:
            return Compiled(None, f"{name} is not in the store; publish another one")
        documents = Documents(kept.documents, kept.documents.get)
        policy, findings = check_text(id, kept.text, documents, self.base, revision=kept.number)
        if policy is None:
            return Compiled(None, f"{name} does not compile here: {_first(findings)}")
        changed = f"{name} means something else than when it was published: presets or calendars changed"
        return Compiled(policy, None if policy.digest == kept.digest else changed)


def _first(findings: tuple[Finding, ...]) -> str:
    return next((str(finding) for finding in findings if finding.severity == "error"), "no finding says why")
