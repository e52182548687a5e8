"""Answers of the service, as small as they may be."""

from __future__ import annotations

import json
from typing import Any

import httpx

from minorguard_client import MinorGuardClient

DECISION: dict[str, Any] = {
    "effect": "allow",
    "reasons": [{"code": "time.allowed", "text": {"zh": "可以使用。", "en": "Use is allowed."}}],
    "decided_at": "2026-11-24T16:00:00+08:00",
    "policy": {"id": "short-video", "revision": 7, "digest": "sha256:0"},
}
DENIAL: dict[str, Any] = {**DECISION, "effect": "deny", "retry_at": "2026-11-25T06:00:00+08:00"}
SESSION: dict[str, Any] = {
    "session_id": "kid-1~nonce",
    "token": "token-0",
    "lease_until": "2026-11-24T16:01:00+08:00",
    "beat_after_seconds": 30,
    "seq": 0,
    "decision": DECISION,
}
PROBLEM: dict[str, Any] = {
    "type": "urn:minorguard:problem:invalid-request",
    "title": "invalid request",
    "status": 422,
    "detail": "the body is wrong",
    "code": "invalid-request",
    "request_id": "r-1",
    "errors": [{"pointer": "/seq", "problem": "is missing; add it"}],
}

Step = httpx.Response | Exception


def answer(body: Any = None, status: int = 200, **headers: str) -> httpx.Response:
    """A JSON answer."""
    content = b"" if body is None else json.dumps(body).encode()
    return httpx.Response(status, content=content, headers={name.replace("_", "-"): v for name, v in headers.items()})


class Line:
    """A network of which every step is written down before: answers, and errors to raise."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []
        self.clock = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def client(self, **options: Any) -> MinorGuardClient:
        """A client on this line: it sleeps by writing down how long, and its clock stands still."""
        given = {"jitter": lambda: 1.0, "sleep": self.slept.append, "monotonic": lambda: self.clock, **options}
        return MinorGuardClient("http://guard", "mg_test_x", transport=httpx.MockTransport(self), **given)

    def bodies(self) -> list[Any]:
        """What was sent."""
        return [json.loads(request.content) for request in self.requests]

    def keys(self) -> list[str | None]:
        """The idempotency keys that were sent."""
        return [request.headers.get("idempotency-key") for request in self.requests]
