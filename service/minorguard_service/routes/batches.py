"""Batches: many checks or beats in one call, for gateways that collect them. Each is answered, or fails, on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g

from minorguard.errors import MinorGuardError, StoreUnavailable
from minorguard.model.decisions import Decision
from minorguard.model.state import Profile
from minorguard_service.calls import NOTHING, Answer, Call, read_sent
from minorguard_service.failures import problem_of
from minorguard_service.operations import APP, OK, Group, Operation
from minorguard_service.problems import Problem
from minorguard_service.routes import questions, sessions
from minorguard_service.schemas import CheckBatch, CheckOutcomes, HeartbeatBatch, SessionOutcomes
from minorguard_service.tokens import Claims, TokenRefused

calls = Group("batches")
MOST_BYTES = 4 << 20
"""A thousand items with a token each."""

Refused = (Problem, TokenRefused, MinorGuardError)
"""What keeps one item from being answered, and no other."""


@calls.call(
    "POST",
    "/v1/checks/batch",
    roles=APP,
    body=CheckBatch,
    answers={OK: CheckOutcomes},
    most_bytes=MOST_BYTES,
    problems=(),
    example={"checks": [{"subject_id": "kid-1", "question": {"type": "feature", "feature": "comment"}}]},
)
def check_batch(call: Call) -> Answer:
    """Ask 1 to 1,000 questions at once; nothing changes.

    Each item is a body of `/v1/checks`. `answers` has the answer to each in its order: what `/v1/checks` would answer,
    or a `problem` whose pointers lead into the item.
    """
    asked = _each(call, _operation(questions.calls, "check"), call.body["checks"], questions.asked)
    answers = _answered(asked, call.guard.ask_many)
    return _outcomes(asked, answers, lambda _asked, decision: {"decision": call.counted(decision)})


@calls.call(
    "POST",
    "/v1/heartbeats/batch",
    roles=APP,
    body=HeartbeatBatch,
    answers={OK: SessionOutcomes},
    most_bytes=MOST_BYTES,
    problems=(),
    example={"heartbeats": [{"token": "eyJhbGciOiJFZERTQSJ9…", "seq": 1}]},
)
def beat_batch(call: Call) -> Answer:
    """Send 1 to 1,000 heartbeats at once.

    Each item is a body of `/v1/heartbeats` with its `token`. `answers` has the answer to each in its order: what
    `/v1/heartbeats` would answer, or a `problem`. Beats of one session take effect in the order of the items.
    """
    beats = _each(
        call, _operation(sessions.calls, "beat"), call.body["heartbeats"], lambda item: (item, item.session())
    )
    answers = _answered(beats, lambda told: call.guard.beat_many([_beat(item, claims) for item, claims in told]))
    return _outcomes(beats, answers, lambda beat, told: _beaten(*beat, *told))


def _beaten(item: Call, claims: Claims, decision: Decision, profile: Profile) -> dict[str, Any]:
    item.note(decision)
    return sessions.beaten(item, claims, decision, profile)


def _beat(item: Call, claims: Claims) -> tuple[str, int, str | None]:
    return claims.session, item.body["seq"], item.body.get("activity")


def _operation(group: Group, id: str) -> Operation:
    return next(operation for operation in group.operations if operation.id == id)


@dataclass(frozen=True, slots=True)
class _Each:
    """The items of a batch as they were read: what each asks or tells, or why it is refused."""

    operation: Operation
    read: tuple[Any, ...]


def _each(call: Call, operation: Operation, items: Sequence[object], read: Callable[[Call], Any]) -> _Each:
    def of(sent: object) -> Any:  # noqa: ANN401 - what is read, or why not
        try:
            body = read_sent(operation, sent)
            return read(Call(call.service, operation, call.caller, call.guard, body, NOTHING, None))
        except StoreUnavailable:
            raise
        except Refused as error:
            return error

    return _Each(operation, tuple(of(sent) for sent in items))


def _answered(each: _Each, answer: Callable[[list[Any]], Sequence[Any]]) -> list[Any]:
    """The answer to each item that was read, and why to each that was not."""
    answers = iter(answer([one for one in each.read if not isinstance(one, Refused)]))
    return [one if isinstance(one, Refused) else next(answers) for one in each.read]


def _outcomes(each: _Each, answers: Sequence[Any], body: Callable[[Any, Any], Mapping[str, Any]]) -> Answer:
    def of(one: Any, answer: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as above
        if not isinstance(answer, Refused):
            return body(one, answer)
        problem = problem_of(answer, each.operation)
        assert problem is not None
        return {"problem": problem.to_dict(g.request_id)}

    return Answer({"answers": list(map(of, each.read, answers))})
