"""What policies mean: one against another, and day by day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minorguard import engine
from minorguard.model.age import AgeBand
from minorguard.model.ids import check_word
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Profile
from minorguard.policy import Finding
from minorguard.simulate import preview
from minorguard_service.calls import Answer, Call
from minorguard_service.operations import MAX_POLICY_BYTES, OK, POLICY_READERS, Group
from minorguard_service.policy_review import compile_beside, day_of, difference
from minorguard_service.policy_schemas import DiffOut, DiffQuestion, PreviewOut, PreviewQuestion
from minorguard_service.policy_texts import finding_row
from minorguard_service.problems import not_found

calls = Group("simulation")


@calls.call(
    "POST",
    "/v1/policies/diff",
    roles=POLICY_READERS,
    body=DiffQuestion,
    most_bytes=MAX_POLICY_BYTES,
    answers={OK: DiffOut},
    problems=("not-found",),
    example={"a": {"policy": "short-video", "draft": True}, "b": {"policy": "short-video"}},
)
def diff_policies(call: Call) -> Answer:
    """How one policy stands to another: same, stricter, laxer or both.

    With what changed, and a smallest case for each difference. A side is a revision, the draft or a text; findings
    of a text are an answer, too.
    """
    sides = {name: _form(call, call.body[name]["policy"], call.body[name]) for name in ("a", "b")}
    (a, _), (b, _) = sides["a"], sides["b"]
    comparison = None
    if a is not None and b is not None:
        comparison = difference(a, b, call.body.get("on") or day_of(call.service.now()))
    findings = {name: [finding_row(one) for one in found] for name, (_, found) in sides.items()}
    return Answer({"comparison": comparison, "findings": findings})


@calls.call(
    "POST",
    "/v1/policies/{id}/preview",
    roles=POLICY_READERS,
    body=PreviewQuestion,
    answers={OK: PreviewOut},
    example={"age_band": "12-16", "start": "2026-11-24", "days": 7},
)
def preview_policy(call: Call, id: str) -> Answer:
    """What a child may do, day by day, who has used nothing yet.

    Of some age band or birth date; with neither, the age is unknown. Of the active revision, another one, or the draft.
    """
    body = call.body
    policy, findings = _form(call, check_word("id", id), body)
    made = None
    if policy is not None:
        band = AgeBand.parse(body["age_band"]) if "age_band" in body else None
        state = engine.new_state(Profile("preview", id, born=body.get("birth_date"), band=band))
        start = body.get("start") or policy.days.day_of(call.service.now())
        made = preview(policy, state, start, days=body["days"], activity=body.get("activity")).to_dict()
    return Answer({"preview": made, "findings": [finding_row(one) for one in findings]})


def _form(call: Call, id: str, which: Mapping[str, Any]) -> tuple[CompiledPolicy | None, tuple[Finding, ...]]:
    """The revision, draft or text that is meant; None with findings for one that has errors."""
    view = call.view()
    if "text" in which:
        return compile_beside(id, which["text"], view, call.service.now())[:2]
    if which["draft"]:
        draft = call.policies().draft(id)
        if draft is None:
            raise not_found()
        return compile_beside(id, draft.text, view, call.service.now())[:2]
    policy = view.revision(id, which["revision"]) if "revision" in which else view.get(id)
    if policy is None:
        raise not_found()
    return policy, ()
