"""Drafts, publishing by a second person, rollback, rollouts and shadows."""

from __future__ import annotations

from minorguard_service.calls import Answer, Call
from minorguard_service.operations import EDITORS, MAX_POLICY_BYTES, NO_CONTENT, OK, POLICY_READERS, PUBLISHERS, Group
from minorguard_service.policy_desk import Desk, conflict_of
from minorguard_service.policy_records import Change, Draft
from minorguard_service.policy_review import day_of, difference
from minorguard_service.policy_rows import change_row, draft_body, policy_body
from minorguard_service.policy_schemas import (
    ChangedOut,
    DraftOut,
    DraftPut,
    Publication,
    ReviewOut,
    Rollback,
    RolloutChange,
    ShadowChange,
)

calls = Group("publishing")
_ONCE = "the same change, once"
_REFUSALS = ("conflict", "idempotency-key-reused")


@calls.call(
    "PUT",
    "/v1/policies/{id}/draft",
    roles=EDITORS,
    body=DraftPut,
    most_bytes=MAX_POLICY_BYTES,
    answers={OK: DraftOut},
    problems=("conflict",),
    example={"text": "policy: short-video\ntimezone: Asia/Shanghai\n", "base_revision": 1},
)
def put_draft(call: Call, id: str) -> Answer:
    """Begin a draft, or change it.

    Nothing holds of it until it is published, and it may have mistakes. `base_revision` is that of
    `GET /v1/policies/{id}`: when somebody published meanwhile, this is a conflict. So it is when there is a draft whose
    `edit` is not in `replaces`.
    """
    body = call.body
    draft = _desk(call).put_draft(
        id, body["text"], tests=body.get("tests"), base=body["base_revision"], replaces=body.get("replaces")
    )
    return _draft(id, draft)


@calls.call("GET", "/v1/policies/{id}/draft", roles=POLICY_READERS, answers={OK: DraftOut})
def get_draft(call: Call, id: str) -> Answer:
    """The draft, with all who edited it."""
    return _draft(id, _desk(call).draft(id))


@calls.call("DELETE", "/v1/policies/{id}/draft", roles=EDITORS, answers={NO_CONTENT: None})
def delete_draft(call: Call, id: str) -> Answer:
    """Throw the draft away.

    Where there is none, this is no error.
    """
    _desk(call).delete_draft(id)
    return Answer(None, NO_CONTENT)


@calls.call("POST", "/v1/policies/{id}/draft/validate", roles=POLICY_READERS, answers={OK: ReviewOut})
def validate_draft(call: Call, id: str) -> Answer:
    """What there is to know before the draft is published.

    Its findings, the results of its tests, its digest, and how it differs from the active revision. Mistakes are an
    answer, too: a 200.
    """
    draft, found = _desk(call).review(id)
    view = call.view()
    active = view.get(id)
    body = {
        **found.to_dict(),
        "diff": difference(found.policy, active, day_of(call.service.now())) if found.policy and active else None,
        "edit": draft.edit,
        "base_revision": draft.base,
        "conflict": conflict_of(view, id, draft.base),
    }
    return Answer(body)


@calls.call(
    "POST",
    "/v1/policies/{id}/publish",
    roles=PUBLISHERS,
    body=Publication,
    answers={OK: ChangedOut},
    problems=("second-person-required", "draft-refused", *_REFUSALS),
    retries=_ONCE,
    example={"digest": "sha256:…", "why": "school is out"},
)
def publish(call: Call, id: str) -> Answer:
    """Publish the draft, as it was reviewed.

    By a key that never edited it. It must have no errors, pass its tests, still mean `digest`, and be of the newest
    revision. It then holds on every worker within a second, in sessions under way from their next call on. With
    `rollout_percent` it holds for so many of the subjects, always the same ones.
    """
    body, retry = call.body, call.retry(id)
    change, _ = _desk(call).publish(
        id, digest=body["digest"], why=body["why"], percent=body.get("rollout_percent"), retry=retry
    )
    return _changed(call, id, change)


@calls.call(
    "POST",
    "/v1/policies/{id}/rollback",
    roles=PUBLISHERS,
    body=Rollback,
    answers={OK: ChangedOut},
    problems=_REFUSALS,
    retries=_ONCE,
    example={"to_revision": 1, "why": "games were counted twice"},
)
def rollback(call: Call, id: str) -> Answer:
    """Make an earlier revision the active one, and end a rollout.

    A publisher does it alone. It is an entry of the history of its own, and nothing is forgotten.
    """
    body = call.body
    change, _ = _desk(call).rollback(id, body["to_revision"], why=body["why"], retry=call.retry(id))
    return _changed(call, id, change)


@calls.call(
    "POST",
    "/v1/policies/{id}/rollout",
    roles=PUBLISHERS,
    body=RolloutChange,
    answers={OK: ChangedOut},
    problems=_REFUSALS,
    retries=_ONCE,
    example={"percent": 50, "why": "no complaints for a day"},
)
def change_rollout(call: Call, id: str) -> Answer:
    """Change the share of a rollout.

    A share that grows only adds subjects. 0 ends the rollout, 100 makes its revision the active one.
    """
    body = call.body
    change, _ = _desk(call).set_rollout(id, body["percent"], why=body["why"], retry=call.retry(id))
    return _changed(call, id, change)


@calls.call(
    "POST",
    "/v1/policies/{id}/shadow",
    roles=EDITORS | PUBLISHERS,
    body=ShadowChange,
    answers={OK: ChangedOut},
    problems=("draft-refused", *_REFUSALS),
    retries=_ONCE,
    example={"draft": True, "why": "how many would it stop?"},
)
def change_shadow(call: Call, id: str) -> Answer:
    """Decide a revision, or the draft, beside the active revision, without effect.

    Openings, beats and checks are decided a second time and counted in `minorguard_shadow_total`: `same`, `stricter` or
    `laxer`, by the reason of the stricter one. With neither `revision` nor `draft` that ends.
    """
    body = call.body
    change, _ = _desk(call).set_shadow(
        id, why=body["why"], revision=body.get("revision"), draft=body["draft"], retry=call.retry(id)
    )
    return _changed(call, id, change)


def _desk(call: Call) -> Desk:
    assert call.caller.who is not None  # no call here is made by a session token
    return Desk(call.policies(), call.view, call.service.now, call.caller.who)


def _draft(id: str, draft: Draft) -> Answer:
    return Answer(draft_body(id, draft))


def _changed(call: Call, id: str, change: Change) -> Answer:
    draft = call.policies().draft(id)
    return Answer({"change": change_row(change), "policy": policy_body(call.view(), id, draft)})
