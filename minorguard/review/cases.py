"""A case of human review: a frozen value, and the pure steps that change it. No clock, no store.

A case is claimed under a lease, judged by its holder, and decided: by one person, or where its category asks for it by
two who agree, and by a third where they do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, assert_never

from minorguard.errors import Conflict, InvalidInput
from minorguard.model.calendar import DAY
from minorguard.model.ids import Instant, Seconds
from minorguard.model.sections import ItemAction, strictness

MOST_NOTES = 50
"""Complaints that a case keeps the words of, and the ids of the last; more are counted only."""


class Priority(StrEnum):
    """How soon a case is due. The most urgent first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class CaseKind(StrEnum):
    """Why a case was opened."""

    FILTER = "filter"
    """A filter, label or classifier asked for a person."""
    COMPLAINT = "complaint"
    RECHECK = "recheck"
    """Somebody asked to look again at what was shown."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a tenant reviews. Times in seconds."""

    due_after: tuple[tuple[Priority, Seconds], ...] = (
        (Priority.URGENT, 15 * 60),
        (Priority.HIGH, 2 * 3600),
        (Priority.NORMAL, 8 * 3600),
        (Priority.LOW, 48 * 3600),
    )
    lease: Seconds = 10 * 60
    """How long a claim holds; then anybody may claim the case."""
    two_persons: frozenset[str] = frozenset()
    """Categories that two must agree on; `drugs` also means `drugs.soft`."""
    urgent: frozenset[str] = frozenset()
    """Categories that are urgent whatever was asked for."""
    keep: Seconds = 30 * DAY
    """How long the content of a decided case is kept."""

    def due(self, priority: Priority, opened_at: Instant) -> Instant:
        """When a case is due."""
        return opened_at + dict(self.due_after)[priority]

    def priority(self, category: str, asked: Priority) -> Priority:
        """How urgent a category is."""
        return Priority.URGENT if _among(category, self.urgent) else asked

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Rules:
        """From JSON, such as `to_dict` makes; what is left out stays as it is by default."""
        plain = cls()
        due = {**plain.to_dict()["due_after_seconds"], **body.get("due_after_seconds", {})}
        return cls(
            due_after=tuple((priority, due[priority.value]) for priority in Priority),
            lease=body.get("lease_seconds", plain.lease),
            two_persons=frozenset(body.get("two_persons", ())),
            urgent=frozenset(body.get("urgent", ())),
            keep=body.get("keep_days", plain.keep // DAY) * DAY,
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "due_after_seconds": {priority.value: seconds for priority, seconds in self.due_after},
            "lease_seconds": self.lease,
            "two_persons": sorted(self.two_persons),
            "urgent": sorted(self.urgent),
            "keep_days": self.keep // DAY,
        }

    def asks_two(self, category: str) -> bool:
        """Whether two must agree."""
        return _among(category, self.two_persons)


def _among(category: str, names: frozenset[str]) -> bool:
    return any(category == name or category.startswith(f"{name}.") for name in names)


@dataclass(frozen=True, slots=True)
class Content:
    """What a reviewer must see. Erased with the subject, and when a decided case has been kept long enough."""

    text: str | None = None
    url: str | None = None
    labels: tuple[str, ...] = ()
    ratings: tuple[str, ...] = ()
    found: tuple[Mapping[str, Any], ...] = ()
    """What machines found: categories, terms and spans, as they were answered."""
    subject: str | None = None
    """Whose it is; all of it is erased with the subject."""
    notes: tuple[str, ...] = ()
    """What complainants wrote."""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Content:
        """From its JSON."""
        read: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in body.items()}
        return cls(**read)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person says of something: an action and, as wanted, the labels and ratings that are right."""

    action: ItemAction
    labels: tuple[str, ...] | None = None
    """They take the place of what machines said; None: as they were declared."""
    ratings: tuple[str, ...] | None = None
    note: str = ""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Ruling:
        """From its JSON."""
        labels, ratings = (None if body[name] is None else tuple(body[name]) for name in ("labels", "ratings"))
        return cls(ItemAction(body["action"]), labels, ratings, body["note"])


@dataclass(frozen=True, slots=True)
class Opinion:
    """One person's word."""

    reviewer: str
    at: Instant
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a case, and until when."""

    reviewer: str
    until: Instant


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended."""

    ruling: Ruling
    at: Instant
    reviewers: tuple[str, ...]
    agreed: bool | None
    """Whether two agreed at once; None: one decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing that a person must look at."""

    id: str
    kind: CaseKind
    item: str | None
    """The app's id of it; None: a text of its own, known by its digest."""
    digest: str | None
    """Of its content; a ruling holds for this very content."""
    category: str
    priority: Priority
    surface: str | None
    opened_at: Instant
    due_at: Instant
    two_persons: bool
    shown: bool
    """Whether it was shown already: then a stricter ruling is a recall."""
    proposed: ItemAction | None = None
    """What machines would have done."""
    complaints: int = 0
    counted: tuple[str, ...] = ()
    """The ids of the last complaints: one that is tried again counts once."""
    place: tuple[str, int] | None = None
    """Its queue and number there."""
    content: Content | None = field(default=None, repr=False)
    """None: erased."""
    lease: Lease | None = None
    opinions: tuple[Opinion, ...] = ()
    outcome: Outcome | None = None
    closed: bool = False
    """Decided, or erased before it was."""

    def held_by(self, now: Instant) -> str | None:
        """Who works on it now."""
        return self.lease.reviewer if self.lease is not None and now < self.lease.until else None

    def waits_for(self, reviewer: str, now: Instant) -> bool:
        """Whether this reviewer may claim it."""
        spoken = any(opinion.reviewer == reviewer for opinion in self.opinions)
        return not self.closed and not spoken and self.held_by(now) in {None, reviewer}

    @property
    def status(self) -> str:
        """`open`, `second` (a first person has spoken), `dispute` (two disagree), `decided` or `erased`."""
        if self.closed:
            return "decided" if self.outcome is not None else "erased"
        return ("open", "second", "dispute")[min(2, len(self.opinions))]

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `of` reads it."""
        body: dict[str, Any] = _plain(asdict(self))
        return body

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Case:
        """From its JSON."""
        outcome = body["outcome"]
        return cls(
            **{
                **body,
                "kind": CaseKind(body["kind"]),
                "priority": Priority(body["priority"]),
                "proposed": None if body["proposed"] is None else ItemAction(body["proposed"]),
                "counted": tuple(body.get("counted", ())),
                "place": None if body["place"] is None else tuple(body["place"]),
                "content": None if body["content"] is None else Content.of(body["content"]),
                "lease": None if body["lease"] is None else Lease(**body["lease"]),
                "opinions": tuple(
                    Opinion(one["reviewer"], one["at"], Ruling.of(one["ruling"])) for one in body["opinions"]
                ),
                "outcome": None
                if outcome is None
                else Outcome(
                    Ruling.of(outcome["ruling"]), outcome["at"], tuple(outcome["reviewers"]), outcome["agreed"]
                ),
            }
        )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class Claimed:
    """A reviewer takes the case."""

    reviewer: str


@dataclass(frozen=True, slots=True)
class Released:
    """A reviewer gives it back."""

    reviewer: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A reviewer rules."""

    reviewer: str
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class Reported:
    """The same thing was reported again: it becomes as urgent as the more urgent report."""

    kind: CaseKind
    priority: Priority
    shown: bool
    note: str | None = None
    two_persons: bool = False
    """Whether two must agree on what it was reported for."""
    subject: str | None = None
    complaint: str | None = None
    """The complaint's id."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What a reviewer saw is forgotten; a case that was not decided ends."""


Step = Claimed | Released | Judged | Reported | Erased


def step(case: Case, event: Step, rules: Rules, now: Instant) -> Case:
    """The case after an event. Raises `Conflict` for what may not be done to it now."""
    match event:
        case Claimed():
            return _claimed(case, event.reviewer, rules, now)
        case Released():
            _check_holder(case, event.reviewer, now)
            return replace(case, lease=None)
        case Judged():
            return _judged(case, event, now)
        case Reported():
            return _reported(case, event, rules)
        case Erased():
            return _erased(case)
        case _:
            assert_never(event)


def _claimed(case: Case, reviewer: str, rules: Rules, now: Instant) -> Case:
    if case.closed:
        raise Conflict("case", "it is decided already; claim another one")
    if any(opinion.reviewer == reviewer for opinion in case.opinions):
        raise Conflict("case", "you have ruled on it; another person must")
    if not case.waits_for(reviewer, now):
        raise Conflict("case", "somebody else works on it; claim another one")
    return replace(case, lease=Lease(reviewer, now + rules.lease))


def _check_holder(case: Case, reviewer: str, now: Instant) -> None:
    if case.closed:
        raise Conflict("case", "it is decided already")
    if case.held_by(now) != reviewer:
        raise Conflict("case", "your claim has ended, or there was none; claim it first")


def _judged(case: Case, event: Judged, now: Instant) -> Case:
    if any((one.reviewer, one.ruling) == (event.reviewer, event.ruling) for one in case.opinions):
        return case  # a retry
    _check_holder(case, event.reviewer, now)
    if case.item is None and event.ruling.action not in {ItemAction.SHOW, ItemAction.HIDE}:
        raise InvalidInput("action", "of a text must be `show` or `hide`")
    if event.ruling.action is ItemAction.REVIEW:
        raise InvalidInput("action", "must end the review; release the case to leave it to others")
    opinions = (*case.opinions, Opinion(event.reviewer, now, event.ruling))
    judged = replace(case, lease=None, opinions=opinions)
    outcome = _outcome(judged, now)
    return judged if outcome is None else replace(judged, outcome=outcome, closed=True)


def _outcome(case: Case, now: Instant) -> Outcome | None:
    """One person's word; or that of two who agree; or the third person's."""
    last, people = case.opinions[-1], tuple(opinion.reviewer for opinion in case.opinions)
    if not case.two_persons:
        return Outcome(last.ruling, now, people, None)
    if len(case.opinions) == 2 and _same(case.opinions[0].ruling, last.ruling):
        return Outcome(last.ruling, now, people, agreed=True)
    return Outcome(last.ruling, now, people, agreed=False) if len(case.opinions) >= 3 else None


def _same(one: Ruling, other: Ruling) -> bool:
    """Whether two say the same, whatever they noted and in whatever order."""
    return _said(one) == _said(other)


def _said(ruling: Ruling) -> tuple[ItemAction, frozenset[str] | None, frozenset[str] | None]:
    labels, ratings = (None if words is None else frozenset(words) for words in (ruling.labels, ruling.ratings))
    return ruling.action, labels, ratings


def _reported(case: Case, event: Reported, rules: Rules) -> Case:
    if case.closed:
        raise Conflict("case", "it is decided already; open another one")
    if event.complaint is not None and event.complaint in case.counted:
        return case  # a retry
    priority = min((case.priority, event.priority), key=list(Priority).index)
    return replace(
        case,
        priority=priority,
        due_at=min(case.due_at, rules.due(priority, case.opened_at)),
        two_persons=case.two_persons or event.two_persons,
        shown=case.shown or event.shown,
        complaints=case.complaints + (event.kind is CaseKind.COMPLAINT),
        counted=(*case.counted, *((event.complaint,) if event.complaint else ()))[-MOST_NOTES:],
        content=None if case.content is None else _with_report(case.content, event),
    )


def _with_report(content: Content, event: Reported) -> Content:
    again = event.kind is not CaseKind.COMPLAINT and event.note in content.notes
    notes = (*content.notes, event.note)[:MOST_NOTES] if event.note and not again else content.notes
    return replace(content, subject=content.subject or event.subject, notes=notes)


def _erased(case: Case) -> Case:
    opinions = tuple(replace(one, ruling=replace(one.ruling, note="")) for one in case.opinions)
    outcome = case.outcome and replace(case.outcome, ruling=replace(case.outcome.ruling, note=""))
    return replace(case, content=None, lease=None, closed=True, opinions=opinions, outcome=outcome)


def stricter(ruling: ItemAction, before: ItemAction) -> bool:
    """Whether a ruling takes away from what was shown."""
    return strictness(ruling) < strictness(before)
