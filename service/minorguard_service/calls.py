"""One call: who calls, what was sent, and how it is answered."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NoReturn, cast

from flask import Request, Response, g, request
from marshmallow import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from minorguard.errors import TestClockRefused
from minorguard.guard import MinorGuard
from minorguard.model.decisions import Decision
from minorguard.model.quickly import quickly
from minorguard_service import metrics
from minorguard_service.inputs import problems_of
from minorguard_service.keys import Role
from minorguard_service.operations import MAX_BODY_BYTES, Operation
from minorguard_service.parsing import Malformed, parsed
from minorguard_service.policy_records import Retry, Who
from minorguard_service.policy_store import PolicyStore
from minorguard_service.policy_views import View
from minorguard_service.problems import Problem, not_found, to_json
from minorguard_service.service import Service
from minorguard_service.tokens import Claims
from minorguard_service.wire import wire

_KEY = re.compile(r"[!-~]{1,255}")
NOTHING: Mapping[str, Any] = {}
FAILED = "minorguard.failed"
"""Where the front leaves, in a request's environment, what kept it from answering."""

__all__ = [
    "FAILED",
    "MAX_BODY_BYTES",
    "NOTHING",
    "Answer",
    "Call",
    "Caller",
    "caller_of",
    "cut_off",
    "forbidden",
    "handler",
    "invalid",
    "read_body",
    "read_sent",
    "too_large",
]


@quickly
@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an API key, or a session's own token."""

    tenant: str
    namespace: str
    live: bool
    roles: frozenset[Role]
    who: Who | None = None
    """The API key, when that is the credential."""
    session: Claims | None = None
    """Set when the credential is a session token."""
    token: str | None = field(default=None, repr=False)
    """That token."""


@quickly
@dataclass(frozen=True, slots=True)
class Call:
    """What a view is given: input that was checked, and the guard of the caller's subjects."""

    service: Service
    operation: Operation
    caller: Caller
    guard: MinorGuard
    body: Mapping[str, Any]
    query: Mapping[str, Any]
    idempotency_key: str | None
    facts: dict[str, Any] = field(default_factory=dict)
    """What the log says of it."""
    request_id: str = ""
    """Of the whole request; problems of its items have it, too."""

    def note(self, decision: Decision) -> None:
        """Count a decision, and log it with the call."""
        self.facts["effect"], self.facts["reason"] = decision.effect._value_, decision.reason.code
        metrics.count_decision(decision)

    def decided(self, decision: Decision) -> dict[str, Any]:
        """The wire form of a decision, counted and logged."""
        self.note(decision)
        return wire(decision)

    def session(self) -> Claims:
        """The session that the call is about: by its credential, else by the token in its body.

        Raises `Problem` for the token of another tenant, and what `Service.verify` raises.
        """
        token = self.body.get("token")
        if self.caller.session is not None:
            if token not in {None, self.caller.token}:
                _invalid("/token", "is not the token that is the credential; leave it out")
            return self.caller.session
        if token is None:
            _invalid("/token", "is missing; add it, or send it as the credential")
        claims = self.service.verify(token, late_seconds=self.operation.late_seconds)
        if claims.namespace != self.caller.namespace:
            raise not_found()
        return claims

    def same_again(self) -> str | None:
        """An id that is the same for a retry with the same `Idempotency-Key`, and for nothing else."""
        if self.idempotency_key is None:
            return None
        parts = json.dumps([self.caller.namespace, self.operation.id, self.idempotency_key])
        return urlsafe_b64encode(sha256(parts.encode()).digest()).rstrip(b"=").decode()

    def retry(self, about: str) -> Retry | None:
        """What a retry with the same `Idempotency-Key` is known by, and told apart from another call with it."""
        id = self.same_again()
        sent = json.dumps([about, self.body], sort_keys=True, default=str)
        return None if id is None else Retry(id, sha256(sent.encode("utf-8", "surrogatepass")).hexdigest())

    def policies(self) -> PolicyStore:
        """The policies of the caller's tenant, as they are stored."""
        return PolicyStore(self.service.store, self.caller.namespace)

    def view(self) -> View:
        """The policies that hold for the caller's subjects, as they are at this moment."""
        return self.service.published.view(self.caller.namespace, fresh=True)

    def only_tests(self) -> None:
        """Raises `TestClockRefused` for live keys and in live deployments."""
        if self.caller.live or self.service.settings.live:
            raise TestClockRefused("test_clock", "virtual time is refused here: live key or live deployment")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a view gives back."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    def response(self) -> Response:
        """As a response; a body of bytes or text goes as it is."""
        body = self.body if isinstance(self.body, bytes | str) else b"" if self.body is None else to_json(self.body)
        response = Response(body, self.status, content_type=self.media_type)
        if self.body is None:
            del response.headers["Content-Type"]
        response.headers.extend(self.headers)
        return response


def current() -> tuple[Request, Any]:
    """The request, and what is kept of it meanwhile: what Flask's proxies look up at each touch, looked up once."""
    return cast("Any", request)._get_current_object(), cast("Any", g)._get_current_object()


def handler(service: Service, operation: Operation) -> Callable[..., Response]:
    """The Flask view of an operation: authenticate, parse, call, answer."""

    def handle(**path: str) -> Response:
        sent, about = current()
        about.route = operation.path
        if FAILED in sent.environ:
            raise sent.environ[FAILED]
        if not operation.roles:
            answer: Answer = operation.view(service, **path)
            return answer.response()
        caller = caller_of(service, operation, sent.headers.get("Authorization", ""))
        about.facts = {"tenant": caller.tenant}
        call = Call(
            service,
            operation,
            caller,
            service.scoped(caller.namespace, live=caller.live),
            _body(operation, sent),
            _query(operation, sent),
            _idempotency_key(sent),
            about.facts,
            about.request_id,
        )
        answer = operation.view(call, **path)
        return answer.response()

    return handle


def caller_of(service: Service, operation: Operation, authorization: str) -> Caller:
    """Who calls, by the header. Raises `Problem` without a credential or a role, and `TokenRefused`."""
    scheme, _, text = authorization.partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise _unauthenticated("send `Authorization: Bearer` with an API key", error=False)
    if operation.by_token and not text.startswith("mg_"):
        claims = service.verify(text, late_seconds=operation.late_seconds)
        return Caller(claims.tenant, claims.namespace, claims.live, frozenset(), None, claims, text)
    key = service.api_keys.authenticate(text)
    if key is None:
        raise _unauthenticated("the API key is unknown or revoked; send one that was issued here", error=True)
    if not key.roles & operation.roles:
        raise forbidden(*sorted(operation.roles))
    return Caller(key.tenant, key.namespace, key.live, key.roles, Who(key.id, key.name))


def _unauthenticated(detail: str, *, error: bool) -> Problem:
    challenge = 'Bearer realm="minorguard"' + (', error="invalid_token"' if error else "")
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": challenge})


def forbidden(*roles: str) -> Problem:
    """The key may not do this; any of `roles` may."""
    scope = " ".join(roles)
    challenge = f'Bearer realm="minorguard", error="insufficient_scope", scope="{scope}"'
    named = ", ".join(f"`{role}`" for role in roles)
    return Problem("forbidden", f"this needs a key with one of: {named}", headers={"WWW-Authenticate": challenge})


def too_large(operation: Operation | None) -> Problem:
    """The body is larger than the call takes."""
    most = MAX_BODY_BYTES if operation is None else operation.most_bytes
    return Problem("too-large", f"the body is larger than {most} bytes; send less")


def cut_off() -> Problem:
    """The body is not what its headers say."""
    return Problem("malformed-json", "the body is cut off, or its chunks are wrong; send it whole")


def _invalid(pointer: str, problem: str) -> NoReturn:
    raise invalid([{"pointer": pointer, "problem": problem}])


def invalid(errors: list[dict[str, str]]) -> Problem:
    """Every wrong place of a call."""
    first = errors[0]
    where = first.get("pointer") or first.get("parameter") or "body"
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem("invalid-request", f"{where}: {first['problem']}{more}", errors=errors)


def _body(operation: Operation, sent: Request) -> Mapping[str, Any]:
    schema = operation.body
    if schema is None:
        return NOTHING
    sent.max_content_length = operation.most_bytes + 1  # a body in chunks is cut there without a word
    data = _whole(sent)
    if len(data) > operation.most_bytes:
        raise too_large(operation)
    if not data and not schema.fields:
        return NOTHING
    if sent.mimetype != "application/json":
        raise Problem("wrong-content-type", "send the body as `Content-Type: application/json`")
    return read_body(operation, data)


def _whole(sent: Request) -> bytes:
    try:
        data = sent.get_data(cache=False)
    except RequestEntityTooLarge:
        raise
    except Exception:  # each server has its own for a connection that breaks, and for chunks that are none
        raise cut_off() from None
    if len(data) < (sent.content_length or 0):
        raise cut_off()
    return data


def read_body(operation: Operation, data: bytes) -> Mapping[str, Any]:
    """The body of a call that takes one. Raises `Problem` with every wrong place."""
    return read_sent(operation, _parsed(data))


def read_sent(operation: Operation, sent: object) -> Mapping[str, Any]:
    """What was sent, as the call's schema reads it. Raises `Problem` with every wrong place."""
    assert operation.body is not None
    quickly = None if operation.quick is None else operation.quick(sent)
    if quickly is not None:
        return quickly
    try:
        loaded: Mapping[str, Any] = operation.body.load(sent)  # type: ignore[arg-type]  # it refuses what is no object
    except ValidationError as error:
        raise invalid(problems_of(error.messages)) from None
    return loaded


def _parsed(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return parsed(data)
    except Malformed as error:
        problem = str(error)
        raise Problem("malformed-json", f"the body is not JSON: {problem[:1].lower()}{problem[1:]}") from None


def _query(operation: Operation, sent: Request) -> Mapping[str, Any]:
    if not sent.query_string and not operation.query.fields:
        return NOTHING
    twice = [name for name, values in sent.args.lists() if len(values) > 1]
    if twice:
        raise invalid([{"parameter": name, "problem": "comes twice; keep one"} for name in twice])
    try:
        loaded: Mapping[str, Any] = operation.query.load(sent.args.to_dict())
    except ValidationError as error:
        found = problems_of(error.messages)
        raise invalid([{"parameter": one["pointer"][1:], "problem": one["problem"]} for one in found]) from None
    return loaded


def _idempotency_key(sent: Request) -> str | None:
    key = sent.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        problem = "must be 1 to 255 visible ASCII characters, such as a UUID"
        raise invalid([{"parameter": "Idempotency-Key", "problem": problem}])
    return key
