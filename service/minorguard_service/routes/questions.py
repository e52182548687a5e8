"""Checks, which change nothing, and uses, which count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minorguard.model.questions import FeatureQuestion, ItemQuestion, Question, TimeQuestion
from minorguard_service.answer_schemas import DecisionAnswer
from minorguard_service.calls import Answer, Call, invalid
from minorguard_service.operations import APP, OK, Group
from minorguard_service.quick import quick
from minorguard_service.schemas import Check, Use
from minorguard_service.tokens import Claims

calls = Group("questions")
QUICK_CHECK = quick(_CHECK := Check(), _CHECK.not_both)


@calls.call(
    "POST",
    "/v1/checks",
    roles=APP,
    by_token=True,
    body=Check,
    quick=QUICK_CHECK,
    answers={OK: DecisionAnswer},
    problems=("not-found", "policy-missing", "test-clock-refused"),
    example={"subject_id": "kid-1", "question": {"type": "feature", "feature": "comment"}},
)
def check(call: Call) -> Answer:
    """Ask a question; nothing changes.

    Name the subject, or send the token of its session: then the question is about that session, whose lease must be
    live for a feature. A token that has expired is refused.
    """
    return Answer({"decision": call.decided(call.guard.ask(*asked(call)))})


@calls.call(
    "POST",
    "/v1/uses",
    roles=APP,
    by_token=True,
    body=Use,
    answers={OK: DecisionAnswer},
    problems=(
        "not-found",
        "conflict",
        "policy-missing",
        "test-clock-refused",
        "idempotency-key-reused",
    ),
    retries="the same use, counted once",
    example={"subject_id": "kid-1", "feature": "comment"},
)
def use(call: Call) -> Answer:
    """Use a feature: checked and counted in one step.

    A denied use counts nothing.
    """
    subject, session = subject_and_session(call, call.body)
    decision = call.guard.use(
        subject, call.body["feature"], amount=call.body["amount"], use_id=call.same_again(), session=session
    )
    return Answer({"decision": call.decided(decision)})


def asked(call: Call) -> tuple[str, Question]:
    """Of whom a check is, and what it asks."""
    return asked_by(call.body, _claims(call))


def asked_by(body: Mapping[str, Any], claims: Claims | None) -> tuple[str, Question]:
    """Of whom a check is, and what it asks; `claims`: what the token says, if there is one."""
    question = body["question"]
    subject, session = _about(body, question, claims)
    return subject, _question(question, session)


def subject_and_session(call: Call, named: Mapping[str, Any]) -> tuple[str, str | None]:
    """The subject and session that a call is about; a token says both."""
    return _about(call.body, named, _claims(call))


def _claims(call: Call) -> Claims | None:
    return call.session() if call.caller.session is not None or "token" in call.body else None


def _about(body: Mapping[str, Any], named: Mapping[str, Any], claims: Claims | None) -> tuple[str, str | None]:
    given, session = body.get("subject_id"), named.get("session_id")
    if claims is None:
        if given is None:
            raise invalid([{"pointer": "/subject_id", "problem": "is missing; add it, or the session's `token`"}])
        return given, session
    if given is not None or session is not None:
        within = "" if named is body else "/question"
        pointer = f"{within}/session_id" if given is None else "/subject_id"
        raise invalid([{"pointer": pointer, "problem": "the token says it already; leave it out"}])
    return claims.subject, claims.session


def item_question(body: Mapping[str, Any], session: str | None) -> ItemQuestion:
    """The question about an item, as it was sent."""
    labels, ratings, pools = (tuple(body[name]) for name in ("labels", "ratings", "pools"))
    return ItemQuestion(body["surface"], labels, ratings, pools, item=body.get("item_id"), session=session)


def _question(body: Mapping[str, Any], session: str | None) -> Question:
    if body["type"] == "time":
        return TimeQuestion(body.get("activity"), body.get("device"), session)
    if body["type"] == "item":
        return item_question(body, session)
    return FeatureQuestion(body["feature"], body["amount"], session)
