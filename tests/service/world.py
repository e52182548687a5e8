"""A service in one process, on a clock that stands still; every answer is checked against its OpenAPI document."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from minorguard.clock import Clock, ManualClock
from minorguard.policy import PolicyBook, compile_policy
from minorguard.storage import StateStore
from minorguard.storage.memory import MemoryStore
from minorguard_service.app import EXTENSION, create_app
from minorguard_service.keys import create_api_key
from minorguard_service.logs import service_log
from minorguard_service.service import Service
from minorguard_service.settings import Settings

POLICY = """\
policy: short-video
timezone: Asia/Shanghai
surfaces: [feed, comments]
bands:
  0-12:
    time: {quota: {daily: 20m}}
    features: {default: deny, allow: [search]}
    content: {max_rating: 8+, labels: {sport: show}}
  12-18:
    time: {quota: {daily: 40m}, curfew: ["22:00-06:00"]}
    features: {default: deny, allow: [search], limit: {comment: 2/day}, deny: [gift]}
    content: {max_rating: 12+, block: [gambling], labels: {sport: show, gore: blur}, text: {contact: review}}
"""
CALENDARED = """\
policy: calendared
timezone: Asia/Shanghai
calendar: CN
bands:
  0-18:
    time: {quota: {daily: {weekend: 60m, otherwise: 40m}}}
"""
NOON = int(datetime(2026, 11, 24, 4, 0, tzinfo=UTC).timestamp())
"""12:00 in Shanghai, on a Tuesday."""
ROLES = ("app", "guardian-agent", "auditor", "operator")


@lru_cache
def book() -> PolicyBook:
    """Both policies."""
    return PolicyBook.of(compile_policy(POLICY), compile_policy(CALENDARED))


@dataclass
class World:
    """An app, its store, its clock, its log, and a key that may do everything with test subjects."""

    app: Flask
    store: StateStore
    clock: Clock
    log: io.BytesIO
    key: str = ""
    answers: list[TestResponse] = field(default_factory=list)
    front: ClassVar[bool] = True
    """Whether the hottest calls are answered in front of Flask, unless a test says."""

    @classmethod
    def make(
        cls,
        *,
        store: StateStore | None = None,
        clock: Clock | None = None,
        policies: PolicyBook | None = None,
        **settings: Any,
    ) -> World:
        """A world with its settings changed."""
        store, clock, log = store or MemoryStore(), clock or ManualClock(NOON), io.BytesIO()
        app = create_app(
            Settings(**{"front": cls.front, **settings}),
            store=store,
            clock=clock,
            policies=book() if policies is None else policies,
            log=service_log("debug", clock=clock, to=log),
        )
        world = cls(app, store, clock, log)
        world.key = world.new_key()
        return world

    @property
    def service(self) -> Service:
        """What the app holds."""
        return self.app.extensions[EXTENSION]

    def new_key(self, *roles: str, tenant: str = "acme", live: bool = False, name: str = "test") -> str:
        """The text of a new key."""
        text, _ = create_api_key(self.store, tenant=tenant, roles=roles or ROLES, live=live, name=name, now=NOON)
        return text

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        **sent: Any,
    ) -> TestResponse:
        """Send a call, by default with the world's key, and check the answer against the contract."""
        credential = self.key if key is None else key
        known = {"Authorization": f"Bearer {credential}"} if credential else {}
        if body is not None:
            sent["json"] = body
        answer = self.app.test_client().open(path, method=method, headers={**known, **(headers or {})}, **sent)
        self.answers.append(answer)
        check_contract(self.service.openapi, method, path.partition("?")[0], answer)
        return answer

    def put(self, id: str = "kid", **body: Any) -> TestResponse:
        """Register a subject of 12 to 15."""
        made = self.call("PUT", f"/v1/subjects/{id}", {"policy": "short-video", "age_band": "12-16", **body})
        assert made.status_code == 200, made.text
        return made

    def open(self, id: str = "kid", *, device: str = "tablet", **sent: Any) -> TestResponse:
        """Open a session."""
        return self.call("POST", "/v1/sessions", {"subject_id": id, "device": device}, **sent)

    def beat(self, token: str, seq: int, **sent: Any) -> TestResponse:
        """Beat with a key and the token."""
        return self.call("POST", "/v1/heartbeats", {"token": token, "seq": seq}, **sent)

    def used(self, id: str = "kid") -> int:
        """Seconds used today."""
        return self.call("GET", f"/v1/subjects/{id}/usage").json["used_seconds"]

    def lines(self) -> list[dict[str, Any]]:
        """The log."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


def check_contract(openapi: dict[str, Any], method: str, path: str, answer: TestResponse) -> None:
    """The status is documented for the call, and the body is as its schema says."""
    assert answer.headers["X-Request-Id"]
    operation = _operation(openapi, method, path)
    if operation is None:
        assert answer.status_code in {404, 405}
        return
    documented = operation["responses"].get(str(answer.status_code))
    assert documented is not None, f"{method} {path} answered {answer.status_code}: {answer.text}"
    content = documented.get("content", {})
    assert not content or answer.mimetype in content, answer.mimetype
    schema = content.get(answer.mimetype, {}).get("schema")
    if schema is not None:
        whole = {**schema, "components": openapi["components"]}
        Draft202012Validator(_closed(whole)).validate(answer.json)


def _operation(openapi: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    for template, item in openapi["paths"].items():
        if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), path) and method.lower() in item:
            return item[method.lower()]
    return None


def _closed(schema: Any) -> Any:
    """The schema with undocumented keys refused."""
    if isinstance(schema, dict):
        inner = {key: _closed(value) for key, value in schema.items()}
        return {**inner, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else inner
    return [_closed(one) for one in schema] if isinstance(schema, list) else schema
