"""Many checks or beats in one call, and the answer to each: a value, or what went wrong with that one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from minorguard_client.errors import ClientError, Problem, Unreachable
from minorguard_client.values import Body

T = TypeVar("T")

MOST_ITEMS = 1000
"""Of one call."""


@dataclass(frozen=True, slots=True)
class Check:
    """A question of a batch; made by `time` and `feature`. The token is that of a session, and says whose it is."""

    question: Body
    subject_id: str | None = None
    token: str | None = None

    @classmethod
    def time(
        cls,
        *,
        subject_id: str | None = None,
        token: str | None = None,
        activity: str | None = None,
        device: str | None = None,
        session_id: str | None = None,
    ) -> Check:
        """May a sitting be opened, or (with a token or session) go on? Name the subject, or give a token."""
        question = {"type": "time", "activity": activity, "device": device, "session_id": session_id}
        return cls(_given(question), subject_id, token)

    @classmethod
    def feature(
        cls,
        feature: str,
        *,
        subject_id: str | None = None,
        token: str | None = None,
        amount: int = 1,
        session_id: str | None = None,
    ) -> Check:
        """May this feature be used? Name the subject, or give a token: then the session's lease must be live."""
        question = {"type": "feature", "feature": feature, "amount": amount, "session_id": session_id}
        return cls(_given(question), subject_id, token)

    def to_json(self) -> Body:
        """The wire form."""
        return _given({"subject_id": self.subject_id, "token": self.token, "question": self.question})


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat of a batch: the session's last token, and the next `seq`; one that is sent again keeps it."""

    token: str
    seq: int
    activity: str | None = None

    def to_json(self) -> Body:
        """The wire form."""
        return _given({"token": self.token, "seq": self.seq, "activity": self.activity})


def items_of(batch: Sequence[Check] | Sequence[Beat]) -> list[Body]:
    """The wire form of a batch. Raises `ValueError` for none and for too many."""
    if not 1 <= len(batch) <= MOST_ITEMS:
        raise ValueError(f"a batch holds 1 to {MOST_ITEMS} items, not {len(batch)}; send more in several calls")
    return [item.to_json() for item in batch]


def answers_of(body: Body, items: int, of: Callable[[Body], T]) -> list[T | ClientError]:
    """The answer to each item, in order. Raises what `of` raises, and `ValueError` unless there is one for each."""
    answers = body["answers"]
    if len(answers) != items:
        raise ValueError(f"{len(answers)} answers to {items} items")
    return [_error(answer["problem"]) if "problem" in answer else of(answer) for answer in answers]


def _error(body: Body) -> ClientError:
    """As for a single call: a `Problem` if the item was wrong, `Unreachable` if the service could not answer it."""
    problem = Problem(
        body["status"], body["code"], body["detail"], tuple(map(dict, body.get("errors") or ())), body.get("request_id")
    )
    return problem if problem.status < 500 else Unreachable(f"the service answered {problem}", 1, problem)


def _given(body: Body) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}
