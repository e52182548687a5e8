"""The desk: cases in the store, claimed by one reviewer at a time, and what follows when one is decided.

Every change is one compare-and-set. A case is decided by the save of its record; what follows (ruling, recall,
statistics, queue) may be done twice after a crash, and is, by whoever meets the case next: so nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush, merge
from itertools import islice
from typing import Any

from minorguard.errors import Conflict, NotFound
from minorguard.model.ids import Instant, Seconds, check_word
from minorguard.model.sections import ItemAction
from minorguard.review.cases import (
    Case,
    CaseKind,
    Claimed,
    Content,
    Erased,
    Judged,
    Priority,
    Released,
    Reported,
    Rules,
    Ruling,
    Step,
    step,
)
from minorguard.review.cells import Body, Cells
from minorguard.review.paged_log import PAGE, PagedLog
from minorguard.review.topics import Topics, topic_of
from minorguard.storage.base import StateStore

MOST_LOOKED_AT = 1000
"""Cases of the categories asked for that one claim looks at before it finds none."""
MOST_SWEPT = 100
_UNFINISHED: Seconds = 600
"""After this long an entry of the queue whose case was never written is one that was cut short."""
_SETTLING: Seconds = 60
"""So long what follows from a decision is left to whoever decided; then anybody does it again."""
_TRIES = 16
_AHEAD = 2 * PAGE
"""Entries of one queue among which the one that is due first is looked for."""

_Entry = tuple[tuple[Priority, int], Body]
"""Its queue and number there, and what is entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Why a person must look, and at what."""

    category: str
    item: str | None = None
    digest: str | None = None
    kind: CaseKind = CaseKind.FILTER
    priority: Priority = Priority.NORMAL
    surface: str | None = None
    content: Content = field(default_factory=Content)
    shown: bool = False
    """Whether it was shown already."""
    hold: bool = False
    """Whether it is not to be shown until a person has decided."""
    proposed: ItemAction | None = None
    complaint: str | None = None
    """The id of the complaint that it is."""


class ReviewDesk:
    """The reviews of one namespace, for any number of threads and processes. Every method may raise `StoreError`."""

    def __init__(self, store: StateStore, namespace: str, told: Callable[[Body], None] | None = None) -> None:
        """`told` is told of each recall when it is in the list."""
        self._told = told
        prefix = f"review/{check_word('namespace', namespace)}"
        self.topics = Topics(store, prefix)
        self.recalls = PagedLog(store, f"{prefix}/recall")
        """What was shown and is ruled otherwise, the oldest first."""
        self.done = PagedLog(store, f"{prefix}/done")
        self._cases = Cells(store, f"{prefix}/case", "review-case")
        self._desk = Cells(store, prefix, "review-desk")
        self._queues = {priority: PagedLog(store, f"{prefix}/queue/{priority}") for priority in Priority}

    # Rules

    def rules(self) -> Rules:
        """How this tenant reviews."""
        return Rules.of(self._desk.read("rules") or {})

    def set_rules(self, rules: Rules) -> None:
        """Review like this from now on; cases that are open keep when they are due."""
        self._desk.change("rules", lambda _: rules.to_dict(), durable=True)

    # Cases

    def open(self, report: Report, now: Instant) -> Case:
        """The case about what is reported: a new one, or the one that is open, which becomes as urgent as this."""
        topic, rules = topic_of(report.item, report.digest), self.rules()
        for _ in range(_TRIES):
            id = self.topics.begin(topic, hold=report.hold)
            known = self._find(id)
            case = self._begin(id, report, rules, now) if known is None else self._again(known, report, rules, now)
            if case is not None:
                return case
        raise Conflict("case", "it is decided as fast as it is opened; try again")

    def get(self, id: str) -> Case:
        """A case. Raises `NotFound`."""
        case = self._find(id)
        if case is None:
            raise NotFound("case", id)
        return case

    def queue(self) -> Iterator[tuple[Priority, Body]]:
        """What waits, those that are due first being first, as ``{"case", "due", "at", "category"}``."""
        seen = set()
        for (priority, _), entry in self._entries():
            if entry["case"] not in seen:
                seen.add(entry["case"])
                yield priority, entry

    def waiting(self, *, category: str | None = None) -> Iterator[Case]:
        """The cases that are not decided, in the same order."""
        for _, entry in self.queue():
            if category in {None, entry["category"]} and (case := self._find(entry["case"])) and not case.closed:
                yield case

    def claim(self, reviewer: str, now: Instant, *, categories: frozenset[str] | None = None) -> Case | None:
        """Take the case that is due first of those that this reviewer may work on; None: there is none."""
        wanted = (one for one in self._entries() if categories is None or one[1]["category"] in categories)
        for (priority, number), entry in islice(wanted, MOST_LOOKED_AT):
            case = self._find(entry["case"])
            if case is None:
                if now - entry["at"] > _UNFINISHED:
                    self._queues[priority].drop(number)
            elif case.closed:
                if case.outcome is None or now - case.outcome.at > _SETTLING:
                    self._settle(case, (priority, number))
            elif case.waits_for(reviewer, now):
                try:
                    return self._step(case.id, Claimed(reviewer), now)
                except Conflict:  # another one was faster
                    continue
        return None

    def claim_this(self, id: str, reviewer: str, now: Instant) -> Case:
        """Take one case. Raises `NotFound` and `Conflict`."""
        return self._step(id, Claimed(reviewer), now)

    def release(self, id: str, reviewer: str, now: Instant) -> Case:
        """Give a case back. Raises `NotFound` and `Conflict`."""
        return self._step(id, Released(reviewer), now)

    def judge(self, id: str, reviewer: str, ruling: Ruling, now: Instant) -> Case:
        """Rule on a case under a live claim; the same word again changes nothing. Raises `NotFound`, `Conflict`."""
        case = self._step(id, Judged(reviewer, ruling), now)
        if case.closed:
            self._settle(case)
            self.sweep(now)
        return case

    # Forgetting

    def erase_subject(self, subject: str, now: Instant) -> int:
        """Forget what cases hold of a subject; those that were open end. Returns how many."""
        cases = list(self.topics.cases_of(subject))
        for id in cases:
            self._erase(id, now)
            self.topics.no_longer_about(subject, id)
        return len(cases)

    def sweep(self, now: Instant, most: int = MOST_SWEPT) -> int:
        """Erase the content of decided cases that was kept long enough, at most so many; returns how many."""
        keep, start = self.rules().keep, (self._desk.read("swept") or {"next": 0})["next"]
        swept = 0
        for number, entry in self.done.read(start, most):
            if entry["at"] + keep > now:
                break
            self._erase(entry["case"], now)
            start, swept = number + 1, swept + 1
        if swept:
            self._desk.change("swept", lambda body: {"next": max(start, (body or {"next": 0})["next"])})
        return swept

    # Beneath

    def _find(self, id: str) -> Case | None:
        body = self._cases.read(id)
        return None if body is None else Case.of(body)

    def _entries(self) -> Iterator[_Entry]:
        """What waits, in the order in which it is due."""

        def queue(priority: Priority) -> Iterator[_Entry]:
            return _by_due(((priority, number), entry) for number, entry in self._queues[priority].read())

        return merge(*map(queue, Priority), key=lambda pair: pair[1]["due"])

    def _begin(self, id: str, report: Report, rules: Rules, now: Instant) -> Case | None:
        priority = rules.priority(report.category, report.priority)
        case = Case(
            id=id,
            kind=report.kind,
            item=report.item,
            digest=report.digest,
            category=report.category,
            priority=priority,
            surface=report.surface,
            opened_at=now,
            due_at=rules.due(priority, now),
            two_persons=rules.asks_two(report.category),
            shown=report.shown,
            proposed=report.proposed,
            complaints=int(report.kind is CaseKind.COMPLAINT),
            counted=(report.complaint,) if report.complaint else (),
            content=report.content,
        )
        if report.content.subject is not None:
            self.topics.about(report.content.subject, id)
        case = self._queued(case, now)
        mine = case.to_dict()
        kept = self._cases.change(id, lambda body: body or mine)
        if kept == mine or kept is None:
            return case
        self._drop(case.place)  # opened twice at once: the other one was faster
        return self._again(Case.of(kept), report, rules, now)

    def _queued(self, case: Case, now: Instant) -> Case:
        entry = {"case": case.id, "due": case.due_at, "at": now, "category": case.category}
        return replace(case, place=(case.priority, self._queues[case.priority].append(entry)))

    def _again(self, known: Case, report: Report, rules: Rules, now: Instant) -> Case | None:
        """The open case with one report more; None if it was decided meanwhile."""
        if known.closed:
            self._settle(known)
            return None
        content, subject = report.content, report.content.subject
        reported = Reported(
            report.kind,
            rules.priority(report.category, report.priority),
            report.shown,
            content.notes[0] if content.notes else None,
            two_persons=rules.asks_two(report.category),
            subject=subject,
            complaint=report.complaint,
        )
        if subject is not None and (known.content is None or known.content.subject is None or content.notes):
            self.topics.about(subject, known.id)
        try:
            case = self._step(known.id, reported, now)
        except Conflict:
            return None
        return case if case.place is None or case.priority == case.place[0] else self._moved(case, now)

    def _moved(self, case: Case, now: Instant) -> Case:
        """Into the queue of its priority, and then out of the other."""
        place = self._queued(case, now).place

        def moved(body: Body | None) -> Body:
            return {**(body or {}), "place": [*(place or ())]}

        body = self._cases.change(case.id, moved)
        self._drop(case.place)
        return Case.of(body or {})

    def _step(self, id: str, event: Step, now: Instant) -> Case:
        rules = self.rules()

        def stepped(body: Body | None) -> Body:
            if body is None:
                raise NotFound("case", id)
            return step(Case.of(body), event, rules, now).to_dict()

        lasting = isinstance(event, Judged | Erased)  # a ruling or an erasure must not be undone by a failover
        return Case.of(self._cases.change(id, stepped, durable=lasting) or {})

    def _settle(self, case: Case, found_at: tuple[str, int] | None = None) -> None:
        """All that follows from a case that has ended; done again, it changes nothing that matters."""
        if case.outcome is not None:
            if case.shown and self.topics.changes(case):
                recall = _recall(case)
                self.recalls.append(recall, durable=True)
                if self._told is not None:
                    self._told(recall)
            self.done.append(_row(case))
        self.topics.close(case)
        for place in {case.place, found_at}:
            self._drop(place)

    def _erase(self, id: str, now: Instant) -> None:
        before = self._find(id)
        if before is None:
            return
        after = self._step(id, Erased(), now)
        if not before.closed:
            self._settle(after)
        if before.content is not None and before.content.subject is not None:
            self.topics.no_longer_about(before.content.subject, id)

    def _drop(self, place: tuple[str, int] | None) -> None:
        if place is not None:
            self._queues[Priority(place[0])].drop(place[1])


def _by_due(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    """In the order in which they are due; what became more urgent was entered after what is due later."""
    ahead: list[tuple[Instant, int, _Entry]] = []
    for place, entry in entries:
        heappush(ahead, (entry["due"], place[1], (place, entry)))
        if len(ahead) > _AHEAD:
            yield heappop(ahead)[2]
    while ahead:
        yield heappop(ahead)[2]


def _recall(case: Case) -> dict[str, Any]:
    assert case.outcome is not None
    return {
        "item": case.item,
        "digest": case.digest,
        "action": case.outcome.ruling.action.value,
        "category": case.category,
        "case": case.id,
        "at": case.outcome.at,
    }


def _row(case: Case) -> dict[str, Any]:
    """What statistics are made of: no content, nobody's name."""
    assert case.outcome is not None
    return {
        "case": case.id,
        "at": case.outcome.at,
        "kind": case.kind.value,
        "category": case.category,
        "action": case.outcome.ruling.action.value,
        "waited": case.outcome.at - case.opened_at,
        "late": case.outcome.at > case.due_at,
        "agreed": case.outcome.agreed,
        "proposed": None if case.proposed is None else case.proposed.value,
    }
