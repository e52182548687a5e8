"""The wire forms of what is stored of policies."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from minorguard.model.ids import Instant
from minorguard_service.policy_desk import base_of
from minorguard_service.policy_records import FOLDER_REVISION, Change, Draft, Revision, Slot
from minorguard_service.policy_views import View


def at(instant: Instant) -> str:
    """An instant in UTC."""
    return datetime.fromtimestamp(instant, UTC).isoformat()


def policy_row(view: View, id: str) -> dict[str, Any]:
    """A policy, and which revision is active."""
    slot, policy = view.head.slots.get(id), view.get(id)
    active = (slot or Slot()).active
    return {
        "id": id,
        "revision": _number(view, id, active),
        "digest": None if policy is None else policy.digest,
        "source": "folder" if active == FOLDER_REVISION else "tenant",
        "rollout": None if slot is None or slot.rollout is None else asdict(slot.rollout),
        "problem": view.problem(id),
    }


def _number(view: View, id: str, active: int) -> int:
    """What decisions say; a book that was made in Python may number its policies as it likes."""
    policy = view.library.base.get(id) if active == FOLDER_REVISION else None
    return active if policy is None else policy.revision


def policy_body(view: View, id: str, draft: Draft | None) -> dict[str, Any]:
    """All about one policy."""
    slot = view.head.slots.get(id, Slot())
    return {
        **policy_row(view, id),
        "previous": slot.previous,
        "base_revision": base_of(view, id),
        "shadow": None if slot.shadow is None else asdict(slot.shadow),
        "draft": None if draft is None else draft.edit,
        "changes": slot.changes,
    }


def draft_body(id: str, draft: Draft) -> dict[str, Any]:
    """A draft with its text."""
    return {
        "id": id,
        "text": draft.text,
        "tests": draft.tests,
        "base_revision": draft.base,
        "edit": draft.edit,
        "editors": [asdict(who) for who in draft.editors],
        "edited_at": at(draft.at),
    }


def change_row(change: Change) -> dict[str, Any]:
    """An entry of the history."""
    return {
        "number": change.number,
        "kind": change.kind.value,
        "revision": change.revision,
        "percent": change.percent,
        "active": change.active,
        "by": asdict(change.by),
        "why": change.why,
        "at": at(change.at),
    }


def revision_row(revision: Revision) -> dict[str, Any]:
    """A revision without its text."""
    return {
        "revision": revision.number,
        "digest": revision.digest,
        "drafted_by": [asdict(who) for who in revision.drafted_by],
        "published_by": asdict(revision.published_by),
        "why": revision.why,
        "published_at": at(revision.at),
    }


def folder_row(view: View, id: str) -> dict[str, Any]:
    """The folder's policy as a revision."""
    policy = view.library.base.get(id)
    return {
        "revision": FOLDER_REVISION,
        "digest": None if policy is None else policy.digest,
        "drafted_by": [],
        "published_by": None,
        "why": None,
        "published_at": None,
    }
