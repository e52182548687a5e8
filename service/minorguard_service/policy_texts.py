"""From a tenant's policy text to a compiled policy. It may name the folder's calendars, and extend other policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from minorguard.model.rules import CompiledPolicy
from minorguard.policy import Finding, PolicyBook, check_policy
from minorguard.policy.documents import Document

_FIELDS = ("code", "severity", "message", "file", "line", "column", "pointer", "suggestion", "help")


class Documents(Mapping[str, Document]):
    """Texts by id, got when they are asked for; `used` notes those that were."""

    def __init__(self, ids: Iterable[str], text_of: Callable[[str], str | None]) -> None:
        self._ids = frozenset(ids)
        self._text_of = text_of
        self.used: dict[str, str] = {}

    def __getitem__(self, id: str) -> Document:
        text = self.used.get(id) or (self._text_of(id) if id in self._ids else None)
        if text is None:
            raise KeyError(id)
        self.used[id] = text
        return Document(text, f"{id}.yaml")

    def __contains__(self, id: object) -> bool:
        return id in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._ids))

    def __len__(self) -> int:
        return len(self._ids)


def check_text(
    id: str,
    text: str,
    documents: Mapping[str, Document],
    base: PolicyBook,
    *,
    revision: int = 0,
    today: date | None = None,
) -> tuple[CompiledPolicy | None, tuple[Finding, ...]]:
    """The compiled policy (None if there is an error) and every finding; another id in the text than `id` is one."""
    policy, findings = check_policy(
        text, f"{id}.yaml", revision=revision, calendars=base.calendars, documents=documents, today=today
    )
    if policy is None or policy.id == id:
        return policy, findings
    message = f"the document says `{policy.id}`, but it is a draft of `{id}`; make them the same"
    wrong = Finding("policy.other_id", "error", message, f"{id}.yaml", 1, 1, "/policy", id)
    return None, (*findings, wrong)


def finding_row(finding: Finding) -> dict[str, Any]:
    """A finding as data."""
    return {name: getattr(finding, name) for name in _FIELDS}
