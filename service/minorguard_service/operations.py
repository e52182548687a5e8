"""Operations: each call of the API with all that checks, documents and runs it, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from marshmallow import Schema

from minorguard_service.keys import Role
from minorguard_service.quick import Quick
from minorguard_service.schemas import NoBody, NoQuery

View = Callable[..., Any]

MAX_BODY_BYTES = 65_536
MAX_POLICY_BYTES = 1 << 20
"""The largest body of the calls that take a policy's text."""
READERS = frozenset({Role.APP, Role.GUARDIAN_AGENT, Role.AUDITOR, Role.OPERATOR})
KEEPERS = frozenset({Role.APP, Role.GUARDIAN_AGENT})
APP = frozenset({Role.APP})
TESTERS = frozenset({Role.APP, Role.OPERATOR})
EDITORS = frozenset({Role.POLICY_EDITOR})
PUBLISHERS = frozenset({Role.POLICY_PUBLISHER})
PINNERS = PUBLISHERS | {Role.OPERATOR}
"""Who may hold a subject to a revision, also to one that was rolled back."""
POLICY_READERS = EDITORS | PUBLISHERS | {Role.AUDITOR}
ANYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call."""

    method: str
    path: str
    """A template such as ``/v1/subjects/{id}``."""
    id: str
    group: str
    summary: str
    description: str
    view: View
    roles: frozenset[Role]
    """The API key needs one of them; empty: no credential at all."""
    by_token: bool = False
    """Whether a session token is credential enough."""
    late_seconds: int = 0
    """How long after its end a token still serves."""
    body: Schema | None = None
    quick: Quick | None = None
    """Reads a body that `body` would take; None for any other."""
    most_bytes: int = MAX_BODY_BYTES
    """The largest body."""
    query: Schema
    answers: Mapping[int, Schema | None]
    """By status; None: no body, or one that is not JSON."""
    media_type: str = "application/json"
    problems: frozenset[str]
    retries: str = ""
    """What `Idempotency-Key` does; empty: the call is idempotent by nature."""
    example: Mapping[str, Any] | None = None

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return self.path.replace("{", "<").replace("}", ">")


@dataclass(slots=True)
class Group:
    """The operations of one module of routes."""

    name: str
    operations: list[Operation] = field(default_factory=list)

    def call(
        self,
        method: str,
        path: str,
        *,
        roles: frozenset[Role],
        answers: Mapping[int, type[Schema] | None],
        body: type[Schema] | None = None,
        quick: Quick | None = None,
        query: type[Schema] = NoQuery,
        problems: tuple[str, ...] = (),
        by_token: bool = False,
        late_seconds: int = 0,
        retries: str = "",
        media_type: str = "application/json",
        most_bytes: int = MAX_BODY_BYTES,
        example: Mapping[str, Any] | None = None,
    ) -> Callable[[View], View]:
        """Register the function as the view of a call; its docstring is the call's summary and description."""

        def register(view: View) -> View:
            summary, _, description = (view.__doc__ or "").strip().partition("\n")
            read = body or (NoBody if method in {"POST", "PUT"} else None)
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    id=view.__name__,
                    group=self.name,
                    summary=summary.rstrip("."),
                    description=" ".join(description.split()),
                    view=view,
                    roles=roles,
                    by_token=by_token,
                    late_seconds=late_seconds,
                    body=read() if read else None,
                    quick=quick,
                    most_bytes=most_bytes,
                    query=query(),
                    answers={status: schema() if schema else None for status, schema in answers.items()},
                    media_type=media_type,
                    problems=frozenset(problems) | _usual(path, read, private=bool(roles), by_token=by_token),
                    retries=retries,
                    example=example,
                )
            )
            return view

        return register


def _usual(path: str, body: type[Schema] | None, *, private: bool, by_token: bool) -> frozenset[str]:
    found = {"internal"}
    if private:
        found |= {"unauthenticated", "forbidden", "store-unavailable", "state-unreadable", "invalid-request"}
    if by_token:
        found |= {"token-refused", "token-expired", "token-revoked"}
    if body is not None:
        found |= {"malformed-json", "too-large", "wrong-content-type", "invalid-request"}
    if "{" in path:
        found |= {"not-found"}
    return frozenset(found)


OK, CREATED, NO_CONTENT = (int(status) for status in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT))
