"""`python -m tests.benchmarks.layers`: where a warm heartbeat spends its time in one process, layer by layer."""

from __future__ import annotations

import io
import json
import os
import statistics
from collections.abc import Callable
from pathlib import Path
from time import thread_time_ns
from typing import Any

from flask import Flask

from minorguard.clock import ManualClock
from minorguard.engine import reduce
from minorguard.model.events import HeartbeatReceived
from minorguard.policy import PolicyBook
from minorguard.storage.codec import decode, encode
from minorguard_service.answered import note_answer
from minorguard_service.app import EXTENSION, create_app
from minorguard_service.calls import read_body
from minorguard_service.keys import create_api_key
from minorguard_service.logs import service_log
from minorguard_service.metrics import count_decision
from minorguard_service.problems import to_json
from minorguard_service.routes import OPERATIONS
from minorguard_service.settings import Settings
from minorguard_service.wire import wire
from tests.benchmarks.__main__ import POLICY
from tests.benchmarks.floors import bare
from tests.build import Life

ROUNDS, NUMBER = 15, 200


def microseconds(call: Callable[[], object]) -> float:
    """The median over the rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begin = thread_time_ns()
        for _ in range(NUMBER):
            call()
        rounds.append((thread_time_ns() - begin) / NUMBER / 1000)
    return statistics.median(rounds)


class Child:
    """One subject that beats every virtual second, on a memory store."""

    def __init__(self, *, front: bool, level: str = "info") -> None:
        self.clock = ManualClock(Life(POLICY).at("2026-11-24 08:00"))
        self.app = create_app(
            Settings(store="memory://", front=front),
            clock=self.clock,
            policies=PolicyBook.of(POLICY),
            log=service_log(level, clock=self.clock, to=Path(os.devnull).open("wb")),  # noqa: SIM115 - for the whole run
        )
        self.service = self.app.extensions[EXTENSION]
        key, _ = create_api_key(self.service.store, tenant="acme", roles=["app"], live=False, name="bench", now=0)
        self.key = key
        self.call("PUT", "/v1/subjects/kid", {"policy": "test", "age_band": "12-16"})
        self.token = json.loads(self.call("POST", "/v1/sessions", {"subject_id": "kid", "device": "tablet"}))["token"]
        self.seq = 0

    def call(self, method: str, path: str, body: Any) -> bytes:
        """One call, as a server makes it."""
        return call(self.app, method, path, json.dumps(body).encode(), self.key)

    def beat(self) -> bytes:
        """The next beat."""
        self.seq += 1
        if self.seq % 100 == 0:
            self.clock.advance(1)
        body = b'{"token":"%b","seq":%d}' % (self.token.encode(), self.seq)
        answer = call(self.app, "POST", "/v1/heartbeats", body, self.key)
        begin = answer.index(b'"token":"') + 9
        self.token = answer[begin : answer.index(b'"', begin)].decode()
        return answer


def call(app: Flask, method: str, path: str, data: bytes, key: str) -> bytes:
    """What an app answers, by WSGI."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(data),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return b"".join(app(environ, lambda status, headers: None))


def layers() -> dict[str, Callable[[], object]]:
    """The parts of a warm beat, each by itself."""
    child = Child(front=True)
    answer = json.loads(child.beat())
    service = child.service
    beat = next(one for one in OPERATIONS if one.id == "beat")
    body = b'{"token":"%b","seq":2}' % child.token.encode()
    guard = service.scoped("acme.test", live=False)
    known = guard._shell.recent.get("subject/acme.test/kid")
    assert known is not None
    now = service.now()
    event = HeartbeatReceived(answer["session_id"], 2)
    told = lambda: reduce(POLICY, known.state, event, now, known.course)  # noqa: E731
    outcome = told()
    claims = service.tokens.read(child.token)
    blob = encode(outcome.state)
    return {
        "authenticate the key (cached for a second)": lambda: service.api_keys.authenticate(child.key),
        "read and check the body": lambda: read_body(beat, body),
        "verify the token (cached; times and revocation judged)": lambda: service.verify(child.token),
        "policies of the tenant (looked at twice a second)": lambda: service.scoped("acme.test", live=False),
        "decide: an allowed beat on its course": told,
        "  the same, every rule asked": lambda: reduce(POLICY, known.state, event, now),
        "encode the state": lambda: encode(outcome.state),
        "  decode it (a cold beat)": lambda: decode("k", blob),
        "what the token says of features": lambda: guard.standing(known.state.profile, now),
        "sign the next token (Ed25519)": lambda: service.tokens.issue(claims),
        "the decision as JSON values, texts in two languages": lambda: wire(outcome.decision),
        "the answer as bytes": lambda: to_json(answer),
        "count the decision": lambda: count_decision(outcome.decision),
        "log and count the call": lambda: note_answer(
            service, method="POST", route="/v1/heartbeats", status=200, seconds=0.001, request_id="r", facts={}
        ),
    }


def main() -> None:
    """Print the table."""
    for name, part in layers().items():
        print(f"{name:<60} {microseconds(part):>8.1f} µs")
    floor = bare()
    data = b'{"token":"%b","seq":2}' % (b"t" * 700)
    for name, whole in (
        ("a whole warm beat, in front of Flask, memory store", Child(front=True).beat),
        ("  without its log line", Child(front=True, level="warning").beat),
        ("a whole warm beat, through Flask", Child(front=False).beat),
        ("floor: the bare Flask route", lambda: call(floor, "POST", "/v1/heartbeats", data, "key")),
    ):
        print(f"{name:<60} {microseconds(whole):>8.1f} µs")


if __name__ == "__main__":
    main()
