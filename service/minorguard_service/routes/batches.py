"""Batches: many checks or beats in one call, for gateways that collect them. Each is answered, or fails, on its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minorguard.errors import MinorGuardError, StoreUnavailable
from minorguard_service import metrics
from minorguard_service.answer_schemas import CheckOutcomes, SessionOutcomes
from minorguard_service.calls import NOTHING, Answer, Call, read_sent
from minorguard_service.check_items import CheckItems
from minorguard_service.failures import problem_of
from minorguard_service.operations import APP, OK, Group, Operation
from minorguard_service.problems import Problem, to_json
from minorguard_service.quick import quick
from minorguard_service.routes import questions, sessions
from minorguard_service.schemas import CheckBatch, HeartbeatBatch
from minorguard_service.tokens import Claims, TokenRefused
from minorguard_service.wire import drawn_of, outcome

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
    quick=quick(CheckBatch()),
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
    read = _each(call.body["checks"], CheckItems(call, _CHECK).read)
    answers = _answered(read, call.guard.ask_many_soon)
    metrics.count_decisions([drawn_of(answer) for answer in _values(answers)])
    return _outcomes(call, _CHECK, answers, outcome)


@calls.call(
    "POST",
    "/v1/heartbeats/batch",
    roles=APP,
    body=HeartbeatBatch,
    quick=quick(HeartbeatBatch()),
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

    def told(sent: object) -> tuple[Call, Claims]:
        item = Call(call.service, _BEAT, call.caller, call.guard, read_sent(_BEAT, sent), NOTHING, None)
        return item, item.session()

    read = _each(call.body["heartbeats"], told)
    answers = _answered(read, lambda beats: call.guard.beat_many([_beat(*beat) for beat in beats]))
    metrics.count_decisions([decision for decision, _ in _values(answers)])
    both = [one if isinstance(one, Exception) else (*beat, *one) for beat, one in zip(read, answers, strict=True)]
    return _outcomes(call, _BEAT, both, lambda one: to_json(sessions.beaten(*one)))


def _beat(item: Call, claims: Claims) -> tuple[str, int, str | None]:
    return claims.session, item.body["seq"], item.body.get("activity")


def _operation(group: Group, id: str) -> Operation:
    return next(operation for operation in group.operations if operation.id == id)


_CHECK, _BEAT = _operation(questions.calls, "check"), _operation(sessions.calls, "beat")


def _each(items: Sequence[object], read: Callable[[object], Any]) -> list[Any]:
    """What each item asks or tells, or why it is refused."""
    found: list[Any] = []
    for sent in items:
        try:
            found.append(read(sent))
        except StoreUnavailable:
            raise
        except Refused as error:
            found.append(error)
    return found


def _answered(read: Sequence[Any], answer: Callable[[list[Any]], Sequence[Any]]) -> list[Any]:
    """The answer to each item that was read, and why to each that was not."""
    asked = _values(read)
    found = answer(asked)
    if len(asked) == len(read):
        return list(found)
    answers = iter(found)
    return [one if isinstance(one, Exception) else next(answers) for one in read]


def _values(answers: Sequence[Any]) -> list[Any]:
    return [one for one in answers if not isinstance(one, Exception)]


def _outcomes(call: Call, item: Operation, answers: Sequence[Any], body: Callable[[Any], bytes]) -> Answer:
    """Each as the bytes of `body`, or as a problem."""

    def problem(error: Exception) -> bytes:
        found = problem_of(error, item)
        assert found is not None
        return to_json({"problem": found.to_dict(call.request_id)})

    each = [problem(one) if isinstance(one, Exception) else body(one) for one in answers]
    return Answer(b'{"answers":[%b]}' % b",".join(each))
