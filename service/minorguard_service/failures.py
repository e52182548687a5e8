"""From whatever was raised to the problem that the caller is told."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import has_request_context, request
from werkzeug.exceptions import HTTPException

from minorguard.errors import (
    Conflict,
    InvalidInput,
    LexiconInvalid,
    NotFound,
    PolicyInvalid,
    PolicyMissing,
    StateCorrupt,
    StateTooNew,
    StoreError,
    TestClockRefused,
)
from minorguard_service import metrics
from minorguard_service.calls import invalid, too_large
from minorguard_service.operations import Operation
from minorguard_service.problems import Problem, not_found
from minorguard_service.tokens import TokenRefused

RETRY_AFTER_SECONDS = "1"
_RETRY = {"Retry-After": RETRY_AFTER_SECONDS}
_HTTP = {404: "no-route", 405: "method-not-allowed", 415: "wrong-content-type"}
_REUSED = {"session", "id"}
"""Where the core says that an id was used for something else; here ids come from `Idempotency-Key`."""


def problem_of(error: Exception, operation: Operation | None) -> Problem | None:
    """What to answer; None for what nobody foresaw."""
    for kind, to_problem in _PROBLEMS:
        if isinstance(error, kind):
            found: Problem = to_problem(error, operation)
            return found
    return None


def _same(error: Problem, _operation: Operation | None) -> Problem:
    return error


def _token(error: TokenRefused, _operation: Operation | None) -> Problem:
    challenge = 'Bearer realm="minorguard", error="invalid_token"'
    return Problem(error.code, error.problem, headers={"WWW-Authenticate": challenge})


def _findings(error: PolicyInvalid, _operation: Operation | None) -> Problem:
    found = [(getattr(one, "pointer", ""), getattr(one, "message", str(one))) for one in error.findings]
    return invalid([{"pointer": pointer, "problem": message} for pointer, message in found])


def _terms(error: LexiconInvalid, _operation: Operation | None) -> Problem:
    found = [(getattr(one, "line", 0), getattr(one, "message", str(one))) for one in error.findings]
    return invalid([{"pointer": f"/terms/{line - 1}" if line else "/terms", "problem": text} for line, text in found])


def _input(error: InvalidInput, operation: Operation | None) -> Problem:
    if error.where == "session_id" and operation is not None and "{" in operation.path:
        return not_found()
    return invalid([{**_place(error.where, operation), "problem": error.problem}])


_NAMED = {"tags": "add"}
"""What the core calls otherwise than the body of a call."""


def _place(where: str, operation: Operation | None) -> dict[str, str]:
    """The core's name for a place, as the caller knows it."""
    if where.startswith("/") or operation is None:
        return {"pointer": where}
    if where in operation.query.fields:
        return {"parameter": where}
    in_body = operation.body.fields if operation.body else {}
    for name in (where, f"{where}_id", _NAMED.get(where)):
        if name in in_body:
            return {"pointer": f"/{name}"}
    if "{id}" in operation.path and where in {"subject", "test_clock", "id"}:
        return {"parameter": "id"}
    return {"pointer": "/id" if "id" in in_body else ""}


def _nothing(_error: NotFound, _operation: Operation | None) -> Problem:
    return not_found()


def _conflict(error: Conflict, _operation: Operation | None) -> Problem:
    if error.where in _REUSED and has_request_context() and "Idempotency-Key" in request.headers:
        detail = "this `Idempotency-Key` was used for another call; use a new one"
        return Problem("idempotency-key-reused", detail)
    return Problem("conflict", error.problem)


def _virtual(error: TestClockRefused, _operation: Operation | None) -> Problem:
    return Problem("test-clock-refused", error.problem)


def _policy(error: PolicyMissing, _operation: Operation | None) -> Problem:
    return Problem("policy-missing", str(error), headers=_RETRY)


def _store(error: StoreError, _operation: Operation | None) -> Problem:
    metrics.count_store_error(error)
    return Problem("store-unavailable", "the store does not answer, so nothing is allowed; try again", headers=_RETRY)


def _unreadable(error: StoreError, _operation: Operation | None) -> Problem:
    metrics.count_store_error(error)
    detail = "what is stored is corrupt, or newer than this service; its log says what to do, by the request id"
    return Problem("state-unreadable", detail, headers=_RETRY)


def _http(error: HTTPException, operation: Operation | None) -> Problem:
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large(operation)
    code = _HTTP.get(error.code or 500, "internal" if (error.code or 500) >= 500 else "invalid-request")
    allow = {name: value for name, value in error.get_headers() if name == "Allow"}
    return Problem(code, _DETAILS.get(code, "the request cannot be read"), headers=allow)


_DETAILS = {
    "no-route": "there is no such path; see `/docs`, or `/openapi.json` for machines",
    "method-not-allowed": "this path does not take that method; see `Allow`",
}

_PROBLEMS: tuple[tuple[type[Exception], Callable[[Any, Operation | None], Problem]], ...] = (
    (Problem, _same),
    (TokenRefused, _token),
    (PolicyInvalid, _findings),
    (LexiconInvalid, _terms),
    (InvalidInput, _input),
    (NotFound, _nothing),
    (Conflict, _conflict),
    (TestClockRefused, _virtual),
    (PolicyMissing, _policy),
    (StateCorrupt, _unreadable),
    (StateTooNew, _unreadable),
    (StoreError, _store),
    (HTTPException, _http),
)
