"""Problems: what went wrong with a call, as RFC 9457 ``application/problem+json``. A denial is never one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem; its code is stable."""

    status: HTTPStatus
    title: str
    meaning: str
    """What the caller can do."""


KINDS: dict[str, Kind] = {
    "malformed-json": Kind(HTTPStatus.BAD_REQUEST, "malformed JSON", "send one JSON object in UTF-8, no key twice"),
    "unauthenticated": Kind(HTTPStatus.UNAUTHORIZED, "no valid credential", "send `Authorization: Bearer` and a key"),
    "token-refused": Kind(HTTPStatus.UNAUTHORIZED, "session token refused", "send a token just as it was answered"),
    "token-expired": Kind(HTTPStatus.UNAUTHORIZED, "session token expired", "send a heartbeat, or open a session"),
    "token-revoked": Kind(
        HTTPStatus.UNAUTHORIZED, "session token revoked", "open a session anew, if the child may still use the app"
    ),
    "forbidden": Kind(HTTPStatus.FORBIDDEN, "role missing", "use a key that has one of the roles named"),
    "second-person-required": Kind(
        HTTPStatus.FORBIDDEN, "own draft", "let a second person publish, with a key that never edited the draft"
    ),
    "test-clock-refused": Kind(HTTPStatus.FORBIDDEN, "virtual time refused", "use a test key in a deployment not live"),
    "not-found": Kind(HTTPStatus.NOT_FOUND, "not found", "there is no such thing, or it is not yours"),
    "no-route": Kind(HTTPStatus.NOT_FOUND, "no such path", "see `/docs` or `/openapi.json` for the paths"),
    "method-not-allowed": Kind(HTTPStatus.METHOD_NOT_ALLOWED, "method not allowed", "use a method of `Allow`"),
    "conflict": Kind(HTTPStatus.CONFLICT, "contradicts what is stored", "read what is stored and decide anew"),
    "seq-ahead": Kind(HTTPStatus.CONFLICT, "heartbeat skipped", "with a token alone, send the token's `seq` plus 1"),
    "too-large": Kind(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body too large", "send less; `detail` says how much may be sent"
    ),
    "wrong-content-type": Kind(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "wrong content type", "send `application/json`"),
    "invalid-request": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid request", "correct what `errors` names"),
    "draft-refused": Kind(HTTPStatus.UNPROCESSABLE_ENTITY, "draft refused", "mend what `errors` names in the draft"),
    "idempotency-key-reused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency key reused", "use a new key for another call"
    ),
    "internal": Kind(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error", "report the request id; treat it as a denial"),
    "store-unavailable": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "store unavailable", "try again; until then deny"),
    "state-unreadable": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE, "state unreadable", "give the request id to the operator; until then deny"
    ),
    "policy-missing": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "policy not loaded", "load the policy; until then deny"),
    "not-ready": Kind(HTTPStatus.SERVICE_UNAVAILABLE, "not ready", "see `errors` for what fails"),
}
"""Every code there is."""


class Problem(Exception):
    """Ends a call. `errors` says of each wrong place what is wrong: ``{"pointer": "/seq", "problem": "…"}``."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    @property
    def kind(self) -> Kind:
        """Its status and title."""
        return KINDS[self.code]

    def to_dict(self, request_id: str) -> dict[str, Any]:
        """The wire form."""
        body: dict[str, Any] = {
            "type": f"urn:minorguard:problem:{self.code}",
            "title": self.kind.title,
            "status": int(self.kind.status),
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors:
            body["errors"] = [dict(error) for error in self.errors]
        return body

    def response(self, request_id: str) -> Response:
        """The answer of the call."""
        response = Response(to_json(self.to_dict(request_id)), int(self.kind.status), mimetype=MEDIA_TYPE)
        response.headers.extend(self.headers)
        return response


def not_found() -> Problem:
    """The one answer for what is not there and for what is another tenant's."""
    return Problem("not-found", "there is no such thing, or it is not yours")


def to_json(body: object) -> bytes:
    """Compact JSON; a lone surrogate in an echo of the input comes out as an escape."""
    try:
        return orjson.dumps(body)
    except TypeError:
        return _to_json(body).encode("utf-8", "backslashreplace")


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """What a fragment holds."""
    if isinstance(value, orjson.Fragment):
        return json.loads(orjson.dumps(value))
    raise TypeError(f"`{type(value).__name__}` is not JSON")


_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode
