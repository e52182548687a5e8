"""Reviews by people, complaints of users, recalls of what was shown."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Any

from minorguard.errors import Conflict
from minorguard.model.ids import Instant
from minorguard.model.sections import ItemAction
from minorguard.review import (
    Case,
    CaseKind,
    Complaint,
    Content,
    Priority,
    Report,
    Rules,
    Ruling,
    statistics,
)
from minorguard_service.calls import Answer, Call
from minorguard_service.content_checks import content_digest
from minorguard_service.content_schemas import MOST_SAMPLE
from minorguard_service.keys import Role
from minorguard_service.operations import APP, CREATED, OK, Group
from minorguard_service.policy_records import Who
from minorguard_service.policy_rows import at
from minorguard_service.review_schemas import (
    CaseAnswer,
    CaseOpening,
    CasesOut,
    CasesQuery,
    Claim,
    ComplaintMaking,
    ComplaintOut,
    Judgement,
    RecallsOut,
    RecallsQuery,
    ReviewRulesOut,
    ReviewRulesPut,
    StatsOut,
    StatsQuery,
    SweptOut,
)

calls = Group("reviews")
REVIEWERS = frozenset({Role.REVIEWER})
_OPENERS = APP | REVIEWERS
_WATCHERS = REVIEWERS | {Role.OPERATOR, Role.AUDITOR}
_KEEPERS = frozenset({Role.OPERATOR})


@calls.call("GET", "/v1/reviews", roles=_WATCHERS, query=CasesQuery, answers={OK: CasesOut})
def list_reviews(call: Call) -> Answer:
    """What waits for a person, first what is due first.

    Without the content, which only who has claimed a case sees.
    """
    desk, now = call.service.content.desk(call), call.service.now()
    waiting = desk.waiting(category=call.query.get("category"))
    return Answer({"cases": [_row(case, now) for case in islice(waiting, call.query["limit"])]})


@calls.call(
    "POST",
    "/v1/reviews",
    roles=_OPENERS,
    body=CaseOpening,
    answers={CREATED: CaseAnswer},
    problems=("conflict",),
    example={"item_id": "v-1", "category": "abuse", "hold": True},
)
def open_review(call: Call) -> Answer:
    """Ask a person to look at something, perhaps again.

    While a case about the same thing is open this one joins it, and it becomes as urgent as the more urgent. With
    `hold` it is not shown until then; what was shown and is ruled otherwise is recalled.
    """
    body = call.body
    report = _report(call, CaseKind(body["kind"]), hold=body["hold"], shown=body["shown"])
    case = call.service.content.desk(call).open(report, call.service.now())
    return Answer({"case": _row(case, call.service.now())}, CREATED)


@calls.call("GET", "/v1/reviews/stats", roles=_WATCHERS, query=StatsQuery, answers={OK: StatsOut})
def review_stats(call: Call) -> Answer:
    """What waits and for how long, what was decided, and how often people and machines agreed."""
    return Answer(statistics(call.service.content.desk(call), call.service.now(), days=call.query["days"]))


@calls.call("GET", "/v1/reviews/rules", roles=_WATCHERS, answers={OK: ReviewRulesOut})
def get_review_rules(call: Call) -> Answer:
    """How the tenant reviews: when cases are due, which two must agree on, how long content is kept."""
    return Answer(call.service.content.desk(call).rules().to_dict())


@calls.call(
    "PUT",
    "/v1/reviews/rules",
    roles=_KEEPERS,
    body=ReviewRulesPut,
    answers={OK: ReviewRulesOut},
    example={"two_persons": ["drugs"], "urgent": ["self_harm"], "lease_seconds": 600},
)
def put_review_rules(call: Call) -> Answer:
    """Review like this from now on. Cases that are open keep when they are due."""
    rules = Rules.of(call.body)
    call.service.content.desk(call).set_rules(rules)
    return Answer(rules.to_dict())


@calls.call("POST", "/v1/reviews/sweep", roles=_KEEPERS, answers={OK: SweptOut}, retries="another sweep")
def sweep_reviews(call: Call) -> Answer:
    """Erase the content of decided cases that was kept long enough.

    Each decision does so, too, a hundred at a time; a quiet desk needs this call once a day.
    """
    return Answer({"swept": call.service.content.desk(call).sweep(call.service.now(), 10_000)})


@calls.call(
    "POST",
    "/v1/reviews/claims",
    roles=REVIEWERS,
    body=Claim,
    answers={OK: CaseAnswer},
    example={"categories": ["abuse", "drugs"]},
)
def claim_review(call: Call) -> Answer:
    """Take the case that is due first.

    It is the caller's alone until the lease ends. `case` is null when none waits for this reviewer: one does not rule
    twice on the same case.
    """
    named = call.body.get("categories")
    categories = None if named is None else frozenset(named)
    who, now = _who(call), call.service.now()
    case = call.service.content.desk(call).claim(who.key, now, categories=categories)
    return _claimed(call, case, now)


@calls.call("GET", "/v1/reviews/{id}", roles=_WATCHERS, answers={OK: CaseAnswer})
def get_review(call: Call, id: str) -> Answer:
    """A case; with its content for who has claimed it."""
    case, now = call.service.content.desk(call).get(id), call.service.now()
    mine = case.held_by(now) == _who(call).key
    return Answer({"case": _row(case, now, content=mine)})


@calls.call("POST", "/v1/reviews/{id}/claim", roles=REVIEWERS, answers={OK: CaseAnswer}, problems=("conflict",))
def claim_this_review(call: Call, id: str) -> Answer:
    """Take one case, or hold it longer."""
    now = call.service.now()
    return _claimed(call, call.service.content.desk(call).claim_this(id, _who(call).key, now), now)


@calls.call("POST", "/v1/reviews/{id}/release", roles=REVIEWERS, answers={OK: CaseAnswer}, problems=("conflict",))
def release_review(call: Call, id: str) -> Answer:
    """Give a case back, so that another one may take it."""
    now = call.service.now()
    return Answer({"case": _row(call.service.content.desk(call).release(id, _who(call).key, now), now)})


@calls.call(
    "POST",
    "/v1/reviews/{id}/decide",
    roles=REVIEWERS,
    body=Judgement,
    answers={OK: CaseAnswer},
    problems=("conflict",),
    example={"action": "hide", "labels": ["violence"], "note": "shows a fight"},
)
def decide_review(call: Call, id: str) -> Answer:
    """Rule on a case that one has claimed.

    The ruling holds for the item while its content stays, and for the same content anywhere: the gate asks people
    before machines. Where two must agree, the first ruling decides nothing yet. The same ruling again changes nothing.
    """
    body, desk, now = call.body, call.service.content.desk(call), call.service.now()
    before, who = desk.get(id), _who(call)
    labels, ratings = (None if name not in body else tuple(body[name]) for name in ("labels", "ratings"))
    ruling = Ruling(ItemAction(body["action"]), labels, ratings, body.get("note", ""))
    case = desk.judge(id, who.key, ruling, now)
    call.service.log.info("review.decided", case=id, key=who.key, action=body["action"], status=case.status)
    if body["keep_sample"] and case.outcome is not None:
        _keep_sample(call, before, case, who, now)
    return Answer({"case": _row(case, now)})


@calls.call(
    "POST",
    "/v1/complaints",
    roles=APP,
    body=ComplaintMaking,
    answers={CREATED: ComplaintOut},
    problems=("conflict", "idempotency-key-reused"),
    retries="the same complaint",
    example={"item_id": "v-1", "category": "abuse", "note": "this is cruel"},
)
def make_complaint(call: Call) -> Answer:
    """A user complains about something that was shown.

    It opens a case, or joins the one that is open. The id says nothing and cannot be guessed: give it to the
    complainant, who can follow the complaint with it.
    """
    report = _report(call, CaseKind.COMPLAINT, hold=False, shown=True)
    complaints = call.service.content.complaints(call)
    return Answer(_complaint(complaints.make(report, call.service.now(), retry=call.same_again())), CREATED)


@calls.call("GET", "/v1/complaints/{id}", roles=_OPENERS, answers={OK: ComplaintOut})
def get_complaint(call: Call, id: str) -> Answer:
    """Where a complaint stands."""
    return Answer(_complaint(call.service.content.complaints(call).get(id, call.service.now())))


@calls.call("GET", "/v1/recalls", roles=_OPENERS, query=RecallsQuery, answers={OK: RecallsOut})
def list_recalls(call: Call) -> Answer:
    """What was shown and is ruled otherwise, the oldest first.

    Remember `cursor`, and ask again with it as `after`: nothing is missed, and an entry may come twice.
    """
    after = call.query["after"]
    found = list(call.service.content.desk(call).recalls.read(after, call.query["limit"]))
    rows = [_recall(number, entry) for number, entry in found]
    return Answer({"recalls": rows, "cursor": rows[-1]["cursor"] if rows else after})


def _report(call: Call, kind: CaseKind, *, hold: bool, shown: bool) -> Report:
    body = call.body
    text, item = body.get("text"), body.get("item_id")
    note = body.get("note")
    content = Content(
        text=text,
        url=body.get("url"),
        labels=tuple(body.get("labels", ())),
        ratings=tuple(body.get("ratings", ())),
        subject=body.get("subject_id"),
        notes=() if note is None else (note,),
    )
    priority = Priority(body.get("priority", Priority.NORMAL))
    return Report(
        category=body["category"],
        item=item,
        digest=content_digest(body, item),
        kind=kind,
        priority=priority,
        surface=body.get("surface"),
        content=content,
        shown=shown,
        hold=hold,
    )


def _who(call: Call) -> Who:
    assert call.caller.who is not None
    return call.caller.who


def _claimed(call: Call, case: Case | None, now: Instant) -> Answer:
    """With the content, and a line in the log: who saw what is known."""
    if case is None:
        return Answer({"case": None})
    call.service.log.info("review.claimed", case=case.id, key=_who(call).key)
    return Answer({"case": _row(case, now, content=True)})


def _keep_sample(call: Call, before: Case, case: Case, who: Who, now: Instant) -> None:
    text = before.content.text if before.content is not None else None
    if text is None:
        raise Conflict("case", "it is decided; it has no text to keep as a sample")
    if len(text) > MOST_SAMPLE:  # a part of it may hold nothing of what was ruled on
        raise Conflict("case", f"it is decided; a sample has at most {MOST_SAMPLE} characters")
    assert case.outcome is not None
    expected = "allow" if case.outcome.ruling.action is ItemAction.SHOW else "review"
    call.service.content.list_store(call).add_sample(text, expected, by=who, at=now)


def _row(case: Case, now: Instant, *, content: bool = False) -> dict[str, Any]:
    outcome, seen = case.outcome, case.content if content else None
    held = case.held_by(now)
    return {
        "id": case.id,
        "kind": case.kind.value,
        "item_id": case.item,
        "digest": case.digest,
        "category": case.category,
        "priority": case.priority.value,
        "surface": case.surface,
        "status": case.status,
        "opened_at": at(case.opened_at),
        "due_at": at(case.due_at),
        "overdue": not case.closed and now > case.due_at,
        "two_persons": case.two_persons,
        "shown": case.shown,
        "complaints": case.complaints,
        "claimed_by": held,
        "claimed_until": None if held is None or case.lease is None else at(case.lease.until),
        "outcome": None
        if outcome is None
        else {
            "ruling": {**case.to_dict()["outcome"]["ruling"]},
            "at": at(outcome.at),
            "reviewers": list(outcome.reviewers),
            "agreed": outcome.agreed,
        },
        "content": None if seen is None else _content(seen),
    }


def _content(content: Content) -> dict[str, Any]:
    body = {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(content).items()}
    del body["subject"]
    return body


def _complaint(complaint: Complaint) -> dict[str, Any]:
    return {
        "id": complaint.id,
        "category": complaint.category,
        "made_at": at(complaint.made_at),
        "status": complaint.status,
        "decided_at": None if complaint.decided_at is None else at(complaint.decided_at),
    }


def _recall(number: int, entry: dict[str, Any]) -> dict[str, Any]:
    named = {name: entry[name] for name in ("digest", "action", "category")}
    return {"cursor": number + 1, "item_id": entry["item"], **named, "at": at(entry["at"])}
