"""Virtual time for QA; never for live keys, never in live deployments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from minorguard.errors import InvalidInput
from minorguard.testclocks import TestClock
from minorguard_service.answer_schemas import TestClockOut
from minorguard_service.calls import Answer, Call
from minorguard_service.inputs import LAST_INSTANT
from minorguard_service.operations import CREATED, NO_CONTENT, OK, TESTERS, Group
from minorguard_service.schemas import TestClockAdvance, TestClockCreation

calls = Group("test clocks")


@calls.call(
    "POST",
    "/v1/test-clocks",
    roles=TESTERS,
    body=TestClockCreation,
    answers={CREATED: TestClockOut},
    problems=("test-clock-refused", "conflict"),
    example={"id": "clock-1", "now": "2026-11-28T12:00:00+08:00"},
)
def create_test_clock(call: Call) -> Answer:
    """Create a clock that stands still until told.

    Attach subjects to it when they are first put, by `test_clock`. The same id and time again is the same clock.
    """
    call.only_tests()
    return Answer(_clock(call.guard.clocks.create(call.body["id"], int(call.body["now"].timestamp()))), CREATED)


@calls.call("GET", "/v1/test-clocks/{id}", roles=TESTERS, answers={OK: TestClockOut}, problems=("test-clock-refused",))
def get_test_clock(call: Call, id: str) -> Answer:
    """What a clock shows, and who lives by it."""
    call.only_tests()
    return Answer(_clock(call.guard.clocks.get(id)))


@calls.call(
    "DELETE",
    "/v1/test-clocks/{id}",
    roles=TESTERS,
    answers={NO_CONTENT: None},
    problems=("test-clock-refused", "conflict"),
)
def delete_test_clock(call: Call, id: str) -> Answer:
    """Remove a clock.

    Erase its subjects first: a clock made anew could show them the past.
    """
    call.only_tests()
    call.guard.clocks.delete(id)
    return Answer(None, NO_CONTENT)


@calls.call(
    "POST",
    "/v1/test-clocks/{id}/advance",
    roles=TESTERS,
    body=TestClockAdvance,
    answers={OK: TestClockOut},
    problems=("test-clock-refused", "policy-missing"),
    example={"to_next_boundary": True},
)
def advance_test_clock(call: Call, id: str) -> Answer:
    """Move a clock forward: by seconds, to an instant, or to the next instant at which an answer may change.

    Give `to`, rather than `seconds`, where a retry may happen: it is the same instant again.
    """
    call.only_tests()
    seconds = call.body.get("seconds")
    if seconds is not None and call.guard.clocks.now(id) + seconds >= int(LAST_INSTANT.timestamp()):
        raise InvalidInput("seconds", "goes past 2099, which no calendar reaches; create another clock")
    return Answer(_clock(call.guard.advance_clock(id, **call.body)))


def _clock(clock: TestClock) -> dict[str, Any]:
    now = datetime.fromtimestamp(clock.now, UTC).isoformat()
    return {"id": clock.id, "now": now, "subjects": list(clock.subjects)}
