"""The HTTP contract without any input or output: calls as values, and what an answer to one means.

A `Call` says what to send and how to read the answer; `read` turns an answer into its value, `Problem` or
`Unreachable`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from minorguard_client.batches import Beat, Check, answers_of, items_of
from minorguard_client.errors import ClientError, Problem, Unreachable
from minorguard_client.lists import Candidate, Recommended
from minorguard_client.retry import retry_after_seconds
from minorguard_client.values import Body, Decision, Forecast, Session, Subject, TestClock, Timeline, Usage

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

OfflineUse = tuple[datetime, datetime]
"""A stretch of use, in server time."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """One call: what is sent, and how its answer is read."""

    method: str
    path: str
    parse: Callable[[Body], T_co]
    json: Body | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    reads: bool = False
    """Whether it is a POST that changes nothing."""
    numbered: bool = False
    """Whether what it does carries numbers of its own, so that it is the same when it is sent twice."""
    repeatable: bool = True
    """Whether sending it twice does the same as sending it once; if not, it is never tried again."""
    idempotency_key: str | None = None
    """The caller's own; without one a key is minted for the call."""

    @property
    def keyed(self) -> bool:
        """Whether it takes an idempotency key: it does something, and is not safe to repeat by its nature."""
        return self.method == "POST" and not (self.reads or self.numbered)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def retry_after(self) -> float | None:
        """How long the service asks to wait."""
        return retry_after_seconds(self.headers.get("retry-after"), self.headers.get("date"))


def checked_key(api_key: str) -> str:
    """An API key without blanks around it. Raises `ValueError`, without its text, for what no header can carry."""
    key = api_key.strip()
    if not re.fullmatch(r"[!-~]+", key):
        raise ValueError("the API key must be visible ASCII characters; what was given is not shown here")
    return key


def headers(api_key: str, idempotency_key: str | None, user_agent: str) -> dict[str, str]:
    """The headers of a call."""
    sent = {"Authorization": f"Bearer {api_key}", "Accept": "application/json", "User-Agent": user_agent}
    return sent if idempotency_key is None else {**sent, "Idempotency-Key": idempotency_key}


def read(call: Call[T], answer: Answer, attempts: int = 1) -> T:
    """The value of an answer. Raises `Problem` for a refusal and `Unreachable` for anything that is no answer."""
    if 400 <= answer.status < 500:
        raise read_problem(answer)
    if answer.status >= 500:
        problem = read_problem(answer)
        raise Unreachable(f"the service answered {problem}", attempts, problem)
    try:
        return call.parse(_object(answer))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        reason = f"{answer.status} to {call.method} {call.path} is not an answer of MinorGuard's ({error!r})"
        raise Unreachable(reason, attempts) from error


def _object(answer: Answer) -> Body:
    if not 200 <= answer.status < 300:
        raise ValueError(answer.status)
    if answer.status == 204:
        return {}
    body = json.loads(answer.body)
    if not isinstance(body, dict):
        raise TypeError(type(body).__name__)
    return body


def read_problem(answer: Answer) -> Problem:
    """A refusal by RFC 9457; one that is not in that form still has its status and the code `http.<status>`."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    body = body if isinstance(body, dict) else {}
    errors = body.get("errors")
    return Problem(
        answer.status,
        str(body.get("code") or f"http.{answer.status}"),
        str(body.get("detail") or body.get("title") or "the answer says no more"),
        [dict(error) for error in errors if isinstance(error, dict)] if isinstance(errors, list) else (),
        body.get("request_id") or answer.headers.get("x-request-id"),
    )


# Subjects


def put_subject(
    subject_id: str,
    *,
    policy: str,
    birth_date: date | None = None,
    age_band: str | None = None,
    mode_on: bool = True,
    test_clock: str | None = None,
    policy_revision: int | None = None,
) -> Call[Subject]:
    """Register a subject, or change it."""
    body = {
        "policy": policy,
        "birth_date": None if birth_date is None else birth_date.isoformat(),
        "age_band": age_band,
        "mode": "on" if mode_on else "off",
        "test_clock": test_clock,
        "policy_revision": policy_revision,
    }
    return Call("PUT", _subject(subject_id), Subject.of, _given(body))


def get_subject(subject_id: str) -> Call[Subject]:
    """Who a subject is."""
    return Call("GET", _subject(subject_id), Subject.of)


def delete_subject(subject_id: str) -> Call[None]:
    """Erase a subject."""
    return Call("DELETE", _subject(subject_id), _nothing)


# Sessions


def open_session(subject_id: str, *, device: str, activity: str | None = None) -> Call[Session]:
    """Ask to open a sitting."""
    body = {"subject_id": subject_id, "device": device, "activity": activity}
    return Call("POST", "/v1/sessions", Session.of, _given(body))


def heartbeat(token: str, *, seq: int, activity: str | None = None) -> Call[Session]:
    """Say that a session goes on."""
    body = _given({"token": token, "seq": seq, "activity": activity})
    return Call("POST", "/v1/heartbeats", Session.of, body, numbered=True)


def heartbeat_batch(beats: Sequence[Beat]) -> Call[list[Session | ClientError]]:
    """Say that many sessions go on. Raises `ValueError` unless there are 1 to 1,000."""
    sent, number = items_of(beats), len(beats)
    return Call(
        "POST",
        "/v1/heartbeats/batch",
        lambda body: answers_of(body, number, Session.of),
        {"heartbeats": sent},
        numbered=True,
    )


def end_session(session_id: str) -> Call[Decision]:
    """Stop cleanly."""
    return Call("POST", f"/v1/sessions/{_segment(session_id)}/end", _decision, {})


def report_offline(
    subject_id: str, *, device: str, intervals: list[OfflineUse], activity: str | None = None
) -> Call[Decision]:
    """Add use that happened without a connection."""
    spans = [{"started_at": _iso(start), "ended_at": _iso(end)} for start, end in intervals]
    body = {"device": device, "intervals": spans, "activity": activity}
    return Call("POST", f"{_subject(subject_id)}/offline-use", _decision, _given(body))


# Questions


def check_time(
    subject_id: str, *, activity: str | None = None, device: str | None = None, session_id: str | None = None
) -> Call[Decision]:
    """May a sitting be opened, or this session go on?"""
    question = {"type": "time", "activity": activity, "device": device, "session_id": session_id}
    return _check(subject_id, question)


def check_feature(subject_id: str, feature: str, *, amount: int = 1, session_id: str | None = None) -> Call[Decision]:
    """May this feature be used?"""
    question = {"type": "feature", "feature": feature, "amount": amount, "session_id": session_id}
    return _check(subject_id, question)


def _check(subject_id: str, question: Body) -> Call[Decision]:
    return Call("POST", "/v1/checks", _decision, {"subject_id": subject_id, "question": _given(question)}, reads=True)


def check_batch(checks: Sequence[Check]) -> Call[list[Decision | ClientError]]:
    """Ask many questions. Raises `ValueError` unless there are 1 to 1,000."""
    sent, number = items_of(checks), len(checks)
    return Call(
        "POST", "/v1/checks/batch", lambda body: answers_of(body, number, _decision), {"checks": sent}, reads=True
    )


def use(
    subject_id: str, feature: str, *, amount: int = 1, use_id: str | None = None, session_id: str | None = None
) -> Call[Decision]:
    """Check a feature and count its use. The same `use_id` is the same use, whoever sends it when."""
    body = {"subject_id": subject_id, "feature": feature, "amount": amount, "session_id": session_id}
    return Call("POST", "/v1/uses", _decision, _given(body), idempotency_key=use_id)


def recommend(
    subject_id: str,
    *,
    surface: str,
    slots: int,
    candidates: Sequence[Candidate],
    previous: Sequence[Candidate] = (),
    personalised: bool = True,
    session_id: str | None = None,
    list_id: str | None = None,
) -> Call[Recommended]:
    """Make a list of candidates, and count it as shown. The same `list_id` is the same list, whoever sends it when."""
    body = {
        "subject_id": subject_id,
        "surface": surface,
        "slots": slots,
        "candidates": [one.to_json() for one in candidates],
        "previous": [one.to_json() for one in previous],
        "personalised": personalised,
        "session_id": session_id,
    }
    return Call("POST", "/v1/recommendations", Recommended.of, _given(body), idempotency_key=list_id)


def usage(subject_id: str) -> Call[Usage]:
    """What was used today."""
    return Call("GET", f"{_subject(subject_id)}/usage", Usage.of)


def timeline(subject_id: str, day: date | None = None) -> Call[Timeline]:
    """A day as intervals."""
    query = {} if day is None else {"date": day.isoformat()}
    return Call("GET", f"{_subject(subject_id)}/timeline", Timeline.of, query=query)


def forecast(
    subject_id: str, *, days: int = 14, activity: str | None = None, device: str | None = None
) -> Call[Forecast]:
    """When use is possible in the days to come."""
    query = _given({"days": str(days), "activity": activity, "device": device})
    return Call("GET", f"{_subject(subject_id)}/forecast", Forecast.of, query=query)


# Virtual time


def create_test_clock(id: str, now: datetime) -> Call[TestClock]:
    """A clock that stands still until told."""
    return Call("POST", "/v1/test-clocks", TestClock.of, {"id": id, "now": _iso(now)})


def advance_test_clock(
    id: str, *, seconds: int | None = None, to: datetime | None = None, to_next_boundary: bool = False
) -> Call[TestClock]:
    """Move a test clock forward; only `to` does the same when it is sent twice."""
    body = {"seconds": seconds, "to": None if to is None else _iso(to), "to_next_boundary": to_next_boundary or None}
    return Call(
        "POST", f"/v1/test-clocks/{_segment(id)}/advance", TestClock.of, _given(body), repeatable=to is not None
    )


def _given(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}


def _nothing(_: Body) -> None:
    return None


def _decision(body: Body) -> Decision:
    return Decision.of(body["decision"])


def _subject(subject_id: str) -> str:
    return f"/v1/subjects/{_segment(subject_id)}"


def _segment(id: str) -> str:
    if id in {"", ".", ".."}:
        raise ValueError(f"`{id}` is not an id; use 1 to 128 of `A-Z a-z 0-9 . _ : @ -`")
    return quote(id, safe="~")


def _iso(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError(f"`{at}` has no zone; give an aware datetime, such as one in UTC")
    return at.isoformat()
