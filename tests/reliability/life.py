"""A child's days with several devices, over a bad network: each answer and each second is compared with the oracle."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.reliability.chaos import often
from tests.reliability.ledger import Ledger
from tests.reliability.serving import Client

QUOTA = often(600, 2 * 3_600)
POLICY = f"""
policy: test
timezone: UTC
bands:
  "0-18": {{time: {{quota: {{daily: {QUOTA // 60}m}}}}}}
"""
MIDNIGHT = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())
BEGINS = 17 * 3_600
"""Of the first day, so that there is a midnight in each longer life."""
DEVICES = ("tablet", "phone", "tv")
TRIES = 400
BETWEEN_TRIES_SECONDS = 0.02
LONGEST_BREAK = 4_000
TOO_OLD = 86_400
"""So long after its end a token continues no session any more; whoever has it opens one anew."""


@dataclass
class Life:
    """One child on a test clock of its own. `bad` ways lose and repeat what is sent, the `good` one moves the clock."""

    name: str
    good: Client
    bad: Sequence[Client]
    dice: random.Random
    devices: int = len(DEVICES)
    now: int = BEGINS
    ledger: Ledger = field(default_factory=lambda: Ledger(QUOTA))
    beats: int = 0
    denied: int = 0
    retries: int = 0
    off: int = 0
    """Seconds by which the service and the oracle differed at any time, in all."""
    wrong: list[object] = field(default_factory=list)
    _tokens: dict[str, tuple[str, str, int, int]] = field(default_factory=dict)
    """By device: session, its newest token, its last seq, and when that token ends."""
    _opened: int = 0
    _allowed: bool = False
    """Something was, in this step."""
    _shut: bool = False
    """All that was asked for in the last step was denied, so that a longer one may follow."""
    _pause: threading.Event = field(default_factory=threading.Event)

    def live(self, beats: int) -> None:
        """Until so many beats were acknowledged."""
        self._until_200(lambda: self.good.call("POST", "/v1/test-clocks", {"id": self.name, "now": _iso(self.now)}))
        subject = {"policy": "test", "age_band": "12-16", "test_clock": self.name}
        self._until_200(lambda: self.good.call("PUT", f"/v1/subjects/{self.name}", subject))
        while self.beats < beats and not self.wrong:
            self._step()
        self._compare()

    def _step(self) -> None:
        steps = (1, 7, 30, 30, 45, 59, 60, 61, 75, 100, self.dice.randrange(LONGEST_BREAK))
        self._advance(self.dice.randrange(2_000, 10_000) if self._shut else self.dice.choice(steps))
        denied, self._allowed = self.denied, False
        for device in self.dice.sample(DEVICES[: self.devices], self.devices):
            what = self.dice.random()
            if device not in self._tokens or self.now >= self._tokens[device][3] + TOO_OLD:
                self._tokens.pop(device, None)
                self._open(device)
            elif what < 0.03:
                self._end(device)
            elif what < 0.2:
                self._beat_again(device)
            elif what < 0.85:
                self._beat(device)
        self._shut = self.denied > denied and not self._allowed
        if self.dice.random() < 0.3:
            self._compare()

    def _open(self, device: str) -> None:
        self._opened += 1
        body, key = {"subject_id": self.name, "device": device}, f"{self.name}-{self._opened}"
        answer = self._surely("POST", "/v1/sessions", body, Idempotency_Key=key)
        expected = self.ledger.open(answer["session_id"] or key, self.now)
        self._judge("open", expected, answer)
        if answer["token"] is not None:
            self._tokens[device] = answer["session_id"], answer["token"], 0, _lease(answer)

    def _beat(self, device: str) -> None:
        session, token, seq, ends = self._tokens[device]
        seq += 1
        answer = self._surely("POST", "/v1/heartbeats", {"token": token, "seq": seq})
        self.beats += 1
        self._judge("beat", self.ledger.beat(session, seq, self.now), answer)
        renewed = answer["token"] is not None
        self._tokens[device] = session, answer["token"] or token, seq, _lease(answer) if renewed else ends

    def _beat_again(self, device: str) -> None:
        """One that was answered before: nothing is used by it, however late it comes."""
        _, token, seq, _ = self._tokens[device]
        if seq:
            self._surely("POST", "/v1/heartbeats", {"token": token, "seq": self.dice.randint(1, seq)})

    def _end(self, device: str) -> None:
        session, *_ = self._tokens.pop(device)
        self._surely("POST", f"/v1/sessions/{session}/end")
        self.ledger.end(session, self.now)

    def _judge(self, what: str, until: int | None, answer: dict[str, Any]) -> None:
        effect, lease = answer["decision"]["effect"], answer["lease_until"]
        found = None if lease is None else _lease(answer)
        self.denied += effect == "deny"
        self._allowed = self._allowed or effect == "allow"
        if (effect == "allow") != (until is not None) or found != until:
            self.wrong.append((self.name, what, self.now, until, effect, lease))

    def _compare(self) -> None:
        usage = self._surely("GET", f"/v1/subjects/{self.name}/usage")
        self.off += abs(usage["used_seconds"] - self.ledger.used(self.now))

    def _advance(self, seconds: int) -> None:
        self.now += seconds
        path, body = f"/v1/test-clocks/{self.name}/advance", {"to": _iso(self.now)}
        self._until_200(lambda: self.good.call("POST", path, body))

    def _surely(self, method: str, path: str, body: object = None, **headers: str) -> dict[str, Any]:
        """As a client should: the same call again until it is answered."""
        return self._until_200(lambda: self.dice.choice(self.bad).call(method, path, body, **headers))

    def _until_200(self, send: Callable[[], tuple[int, Any]]) -> dict[str, Any]:
        for _ in range(TRIES):
            try:
                status, answer = send()
            except OSError:
                status, answer = 0, None
            if status in {200, 201}:
                return answer
            if status not in {0, 503}:
                raise AssertionError((status, answer))
            self.retries += 1
            self._pause.wait(BETWEEN_TRIES_SECONDS)
        raise AssertionError("the service did not come back")


def _lease(answer: dict[str, Any]) -> int:
    """When the lease of an answer ends, in seconds of the life."""
    return int(datetime.fromisoformat(answer["lease_until"]).timestamp()) - MIDNIGHT


def _iso(now: int) -> str:
    return datetime.fromtimestamp(MIDNIGHT + now, UTC).isoformat()


def run_all(lives: Sequence[Life], beats: int) -> None:
    """All at once, each on a thread of its own; what one raises is written down as wrong."""

    def run(life: Life) -> None:
        try:
            life.live(beats)
        except Exception as error:  # whatever it was, the test must say so
            life.wrong.append(repr(error))

    threads = [threading.Thread(target=run, args=(life,)) for life in lives]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
