"""Complaints of users: each opens a case, or joins the one that is open, and has a status of its own to follow."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256

from minorguard.errors import Conflict, NotFound
from minorguard.model.ids import Instant, check_word
from minorguard.model.sections import ItemAction
from minorguard.review.cases import Case, CaseKind
from minorguard.review.cells import Body, Cells
from minorguard.review.desk import Report, ReviewDesk
from minorguard.storage.base import StateStore

_ID_BYTES = 18


@dataclass(frozen=True, slots=True)
class Complaint:
    """One complaint. Whoever knows its id may follow it: the id says nothing and cannot be guessed."""

    id: str
    category: str
    made_at: Instant
    status: str
    """`received`, `in_review`, `upheld` (something was done), `rejected` (it stays as it is), or `closed`: the content
    was erased before anybody ruled."""
    decided_at: Instant | None = None


class Complaints:
    """The complaints of one namespace. Every method may raise `StoreError`."""

    def __init__(self, store: StateStore, namespace: str, desk: ReviewDesk) -> None:
        prefix = f"review/{check_word('namespace', namespace)}"
        self._cells = Cells(store, f"{prefix}/complaint", "review-complaint")
        self._once = Cells(store, f"{prefix}/once", "review-once")
        self._desk = desk

    def make(self, report: Report, now: Instant, *, retry: str | None = None) -> Complaint:
        """Complain about something that was shown. The same `retry` is the same complaint.

        Raises `Conflict` for one that was about something else.
        """
        id = secrets.token_urlsafe(_ID_BYTES)
        if retry is not None:
            id = self._first(retry, {"id": id, "about": _about(report)})
        if self._cells.read(id) is None:
            case = self._desk.open(replace(report, kind=CaseKind.COMPLAINT, shown=True, complaint=id), now)
            body: Body = {"case": case.id, "category": report.category, "at": now}
            self._cells.change(id, lambda known: known or body)
        return self.get(id, now)

    def _first(self, retry: str, mine: Body) -> str:
        """The id under which a retry was made first."""
        known = self._once.change(retry, lambda body: body or mine) or mine
        if known.get("about", mine["about"]) != mine["about"]:
            raise Conflict("id", "this complaint was made about something else; use a new id")
        return str(known["id"])

    def get(self, id: str, now: Instant) -> Complaint:
        """A complaint and where it stands. Raises `NotFound`."""
        body = self._cells.read(id)
        if body is None:
            raise NotFound("complaint", id)
        case = self._desk.get(body["case"])
        decided = None if case.outcome is None else case.outcome.at
        return Complaint(id, body["category"], body["at"], _status(case, now), decided)


def _about(report: Report) -> str:
    """What a complaint is about, without telling."""
    return sha256(json.dumps([report.category, report.item, report.digest, report.surface]).encode()).hexdigest()


def _status(case: Case, now: Instant) -> str:
    if case.outcome is not None:
        return "rejected" if case.outcome.ruling.action is ItemAction.SHOW else "upheld"
    if case.closed:
        return "closed"
    return "in_review" if case.held_by(now) is not None or case.opinions else "received"
