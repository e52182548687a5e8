"""Recommended lists, what subjects choose for them, and what editors do to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from minorguard.editorial import Action, Edit
from minorguard.interests import Interests
from minorguard.lists import ListRequest
from minorguard.model.ids import Instant
from minorguard.ranking import Candidate, Ranked
from minorguard_service.calls import Answer, Call, invalid
from minorguard_service.keys import Role
from minorguard_service.list_schemas import (
    MAX_LIST_BYTES,
    EditorialOut,
    EditPost,
    InterestsOut,
    InterestsPut,
    Recommendation,
    RecommendationAnswer,
)
from minorguard_service.operations import APP, KEEPERS, OK, READERS, Group
from minorguard_service.routes.questions import subject_and_session

calls = Group("recommendations")
_EDITORS = frozenset({Role.POLICY_EDITOR, Role.POLICY_PUBLISHER, Role.REVIEWER})


@calls.call(
    "POST",
    "/v1/recommendations",
    roles=APP,
    by_token=True,
    body=Recommendation,
    most_bytes=MAX_LIST_BYTES,
    answers={OK: RecommendationAnswer},
    problems=(
        "not-found",
        "conflict",
        "policy-missing",
        "test-clock-refused",
        "idempotency-key-reused",
    ),
    retries="the same list, counted once",
    example={
        "subject_id": "kid-1",
        "surface": "feed",
        "slots": 10,
        "candidates": [{"id": "v1", "score": 0.9, "author": "ann", "topics": ["education.maths"], "rating": "8+"}],
    },
)
def recommend(call: Call) -> Answer:
    """Candidates in, the best list that the mode permits out.

    It counts as shown: `items_per_sitting` and `items_per_day` go down by what it holds. Every candidate that is not in
    it has a reason. A list that is shorter than was asked for names the smallest set of constraints that keeps it so;
    one in which a constraint could not be kept says at which rank. Hot lists and search suggestions are lists, too:
    name their surface.
    """
    subject, session = subject_and_session(call, call.body)
    body = call.body
    request = ListRequest(
        candidates=[_candidate(one) for one in body["candidates"]],
        slots=body["slots"],
        surface=body["surface"],
        previous=[_candidate(one) for one in body.get("previous", ())],
        personalised=body["personalised"],
        session=session,
        id=call.same_again(),
    )
    made = call.guard.lists.recommend(subject, request)
    return Answer(
        {
            "decision": call.decided(made.decision),
            "list": None if made.ranked is None else _list(made.ranked),
            "personalised": made.personalised,
            "observed": None if made.observed is None else _list(made.observed),
        }
    )


@calls.call("GET", "/v1/subjects/{id}/interests", roles=READERS, answers={OK: InterestsOut})
def get_interests(call: Call, id: str) -> Answer:
    """What a subject chose for its lists: whether they may be personal, and its interests."""
    call.guard.get_subject(id)
    return _interests(call.guard.lists.interests.get(id))


@calls.call(
    "PUT",
    "/v1/subjects/{id}/interests",
    roles=KEEPERS,
    body=InterestsPut,
    answers={OK: InterestsOut},
    problems=("conflict", "policy-missing"),
    example={"personalised": True, "add": ["science"]},
)
def put_interests(call: Call, id: str) -> Answer:
    """Switch personal lists on or off, and add interests.

    Off acts at the next list and deletes all interests. What the policy does not recommend is refused as an interest,
    and so are illegal or bad keywords.
    """
    call.guard.get_subject(id)
    lists, body = call.guard.lists, call.body
    if "add" in body:
        return _interests(lists.add_tags(id, body["add"], switch_on=body.get("personalised", False)))
    if "personalised" in body:
        return _interests(lists.interests.switch(id, personalised=body["personalised"]))
    return _interests(lists.interests.get(id))


@calls.call("DELETE", "/v1/subjects/{id}/interests/{tag}", roles=KEEPERS, answers={OK: InterestsOut})
def delete_interest(call: Call, id: str, tag: str) -> Answer:
    """Delete an interest."""
    call.guard.get_subject(id)
    return _interests(call.guard.lists.interests.delete(id, tag))


@calls.call(
    "POST",
    "/v1/editorial",
    roles=_EDITORS,
    body=EditPost,
    answers={OK: EditorialOut},
    problems=("not-found",),
    example={
        "item": "v1",
        "action": "pin",
        "rank": 1,
        "surface": "feed",
        "expires_at": "2026-12-24T00:00:00+08:00",
        "reason": "festival programme",
    },
)
def edit(call: Call) -> Answer:
    """Pin an item to a rank, ban it, or lift either.

    A pinned item stands from its rank on, at the first place where no constraint is against it; no pin passes by the
    gate. What was done, by which key and why, stays on record.
    """
    body, now = call.body, call.service.now()
    editorial = call.guard.lists.editorial
    by = "" if call.caller.who is None else call.caller.who.key
    if body["action"] == "lift":
        editorial.lift(body["item"], body.get("surface"), by=by, reason=body["reason"], now=now)
        return _editorial(call)
    if "expires_at" not in body:
        raise invalid([{"pointer": "/expires_at", "problem": "is missing; a pin or ban ends some day"}])
    until = int(body["expires_at"].timestamp())
    action, rank, surface = Action(body["action"]), body.get("rank"), body.get("surface")
    editorial.put(Edit(body["item"], action, until, body["reason"], by, now, rank, surface))
    return _editorial(call)


@calls.call("GET", "/v1/editorial", roles=_EDITORS | {Role.AUDITOR}, answers={OK: EditorialOut})
def get_editorial(call: Call) -> Answer:
    """The pins and bans that hold, and the record of who did what."""
    return _editorial(call)


def _candidate(body: Mapping[str, Any]) -> Candidate:
    names = {key: frozenset(body.get(key, ())) for key in ("topics", "labels")}
    return Candidate(**{**body, **names})


def _list(ranked: Ranked) -> dict[str, Any]:
    return {
        "items": [one._asdict() for one in ranked.items],
        "dropped": [{"id": id, "code": code, "what": what} for id, (code, what) in ranked.dropped.items()],
        "relaxed": [one._asdict() for one in ranked.relaxed],
        "breaks": [one._asdict() for one in ranked.breaks],
        "infeasible": list(ranked.infeasible),
        "certificate": ranked.certificate.to_dict(),
    }


def _interests(found: Interests) -> Answer:
    tags = [{"name": tag.name, "added_at": _iso(tag.added_at)} for tag in found.tags]
    return Answer({"personalised": found.personalised, "tags": tags})


def _editorial(call: Call) -> Answer:
    editorial = call.guard.lists.editorial
    edits = [
        _row(one, ("item", "action", "surface", "rank", "reason", "by")) for one in editorial.edits(call.service.now())
    ]
    entries = [_row(one, ("by", "action", "item", "surface", "rank", "reason")) for one in editorial.entries()]
    return Answer({"edits": edits, "record": entries})


def _row(one: Any, keys: tuple[str, ...]) -> dict[str, Any]:  # noqa: ANN401 - an edit or an entry
    until = None if one.until is None else _iso(one.until)
    return {**{key: getattr(one, key) for key in keys}, "at": _iso(one.at), "expires_at": until}


def _iso(at: Instant) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
