"""The people who write and publish policies, in a world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

from tests.service.world import POLICY, World


def text_of(minutes: int, *, id: str = "short-video", top: str = "", features: str = "{default: deny}") -> str:
    """A policy that gives so many minutes a day to everybody."""
    time = f"time: {{quota: {{daily: {minutes}m}}}}"
    return f"policy: {id}\ntimezone: Asia/Shanghai\n{top}\nbands:\n  0-18:\n    {time}\n    features: {features}\n"


@dataclass
class Office:
    """An editor and a publisher of one tenant."""

    world: World
    tenant: str = "acme"
    live: bool = False
    id: str = "short-video"
    editor: str = field(init=False)
    publisher: str = field(init=False)

    def __post_init__(self) -> None:
        self.editor = self.key("policy-editor", "ed")
        self.publisher = self.key("policy-publisher", "pat")

    def key(self, role: str, name: str) -> str:
        """Another person's key."""
        return self.world.new_key(role, tenant=self.tenant, live=self.live, name=name)

    def call(
        self, method: str, what: str = "", body: Any = None, *, key: str | None = None, **sent: Any
    ) -> TestResponse:
        """A call about the policy, by the publisher unless somebody else is named."""
        path = f"/v1/policies/{self.id}" + (f"/{what}" if what else "")
        return self.world.call(method, path, body, key=key or self.publisher, **sent)

    def stands(self) -> dict[str, Any]:
        """How the policy stands."""
        return self.call("GET").json

    def put(self, text: str, *, key: str | None = None, base: int | None = None, **body: Any) -> TestResponse:
        """Put a draft, by default by the editor and of what holds now."""
        if base is None:
            stands = self.call("GET")
            base = stands.json["base_revision"] if stands.status_code == 200 else 0
        return self.call("PUT", "draft", {"text": text, "base_revision": base, **body}, key=key or self.editor)

    def validate(self) -> dict[str, Any]:
        """What is known of the draft."""
        answer = self.call("POST", "draft/validate")
        assert answer.status_code == 200, answer.text
        return answer.json

    def send(self, *, key: str | None = None, headers: dict[str, str] | None = None, **body: Any) -> TestResponse:
        """Publish the draft as it is."""
        digest = body.pop("digest", None) or self.validate()["digest"] or "sha256:none"
        sent = {"digest": digest, "why": "because", **body}
        return self.call("POST", "publish", sent, key=key, headers=headers)

    def publish(self, text: str, **body: Any) -> int:
        """A draft, published: the number of its revision."""
        put = self.put(text)
        assert put.status_code == 200, put.text
        sent = self.send(**body)
        assert sent.status_code == 200, sent.text
        return sent.json["change"]["revision"]

    def left(self, subject: str = "kid") -> tuple[int, int]:
        """The revision that decides for a subject, and the minutes that it leaves."""
        body = {"subject_id": subject, "question": {"type": "time"}}
        key = self.world.new_key("app", tenant=self.tenant, live=self.live)
        decision = self.world.call("POST", "/v1/checks", body, key=key).json["decision"]
        return decision["policy"]["revision"], decision["remaining"]["day_seconds"] // 60

    def look(self) -> None:
        """Let the worker look at what was published, as it does twice a second."""
        self.world.service.published.view(f"{self.tenant}.{'live' if self.live else 'test'}", fresh=True)


__all__ = ["POLICY", "Office", "text_of"]
