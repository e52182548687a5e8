"""`python -m tests.benchmarks.batches`: a check and a beat in batches of 100, in process, beside single ones.

In front of Flask, on a memory store, thread time, medians; the batches' texts are made before. Ratios are of one run.
"""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import thread_time_ns
from typing import Any

from minorguard.clock import ManualClock
from minorguard.guard import MinorGuard
from minorguard.model.questions import FeatureQuestion
from minorguard.policy import PolicyBook
from minorguard.storage.memory import MemoryStore
from minorguard_service.app import EXTENSION, create_app
from minorguard_service.keys import create_api_key
from minorguard_service.logs import service_log
from minorguard_service.settings import Settings
from tests.benchmarks.__main__ import POLICY
from tests.benchmarks.layers import call
from tests.build import Life

ROUNDS, NUMBER = 30, 100


class Gateway:
    """A hundred children who play; each round they beat once, and each is asked about once."""

    def __init__(self) -> None:
        self.clock = ManualClock(Life(POLICY).at("2026-11-24 08:00"))
        log = service_log("info", clock=self.clock, to=Path(os.devnull).open("wb"))  # noqa: SIM115 - for the whole run
        self.app = create_app(Settings(store="memory://"), clock=self.clock, policies=PolicyBook.of(POLICY), log=log)
        store = self.app.extensions[EXTENSION].store
        self.key, _ = create_api_key(store, tenant="acme", roles=["app"], live=False, name="bench", now=0)
        self.tokens = [self._open(f"kid-{place}") for place in range(NUMBER)]
        self.seq = 0

    def _open(self, name: str) -> str:
        self._call("PUT", f"/v1/subjects/{name}", {"policy": "test", "age_band": "12-16"})
        token: str = json.loads(self._call("POST", "/v1/sessions", {"subject_id": name, "device": "tablet"}))["token"]
        return token

    def _call(self, method: str, path: str, body: Any) -> bytes:
        return call(self.app, method, path, json.dumps(body).encode(), self.key)

    def round(self) -> dict[str, float]:
        """Microseconds an item, each way."""
        question = {"type": "feature", "feature": "comment"}
        checks = [{"token": token, "question": question} for token in self.tokens]
        found = {
            "check": self._timed("/v1/checks", checks)[0],
            "check in a batch": self._timed("/v1/checks/batch", [{"checks": checks}])[0],
        }
        for name, many in (("beat", False), ("beat in a batch", True)):
            self.clock.advance(1)
            self.seq += 1
            beats = [{"token": token, "seq": self.seq} for token in self.tokens]
            path, bodies = ("/v1/heartbeats/batch", [{"heartbeats": beats}]) if many else ("/v1/heartbeats", beats)
            found[name], answers = self._timed(path, bodies)
            told = json.loads(answers[0])["answers"] if many else map(json.loads, answers)
            self.tokens = [answer["token"] for answer in told]
        return found

    def _timed(self, path: str, bodies: list[Any]) -> tuple[float, list[bytes]]:
        texts = [json.dumps(body).encode() for body in bodies]
        begin = thread_time_ns()
        answers = [call(self.app, "POST", path, text, self.key) for text in texts]
        return (thread_time_ns() - begin) / NUMBER / 1000, answers


def elsewhere() -> tuple[float, float]:
    """Microseconds of a check and of a beat on a worker that did not take the last beats: two guards over one store."""
    store, clock = MemoryStore(), ManualClock(Life(POLICY).at("2026-11-24 08:00"))
    here, there = (MinorGuard(store, PolicyBook.of(POLICY), clock=clock) for _ in range(2))
    here.put_subject("kid", policy="test", age_band="12-16")
    session = here.open_session("kid", device="tablet").session_id
    checks, beats = [], []
    for seq in range(1, 400, 3):
        for guard, number in ((here, seq), (there, seq + 1)):
            clock.advance(1)
            guard.heartbeat(session, seq=number)
        checks.append(_micros(partial(here.ask, "kid", FeatureQuestion("comment", session=session))))
        there.heartbeat(session, seq=seq + 2)
        beats.append(_micros(partial(here.heartbeat, session, seq=seq + 3)))
    return statistics.median(checks), statistics.median(beats)


def _micros(what: Callable[[], object]) -> float:
    begin = thread_time_ns()
    what()
    return (thread_time_ns() - begin) / 1000


def main() -> None:
    """Print the table."""
    gateway = Gateway()
    gateway.round()
    rounds = [gateway.round() for _ in range(ROUNDS)]
    for name in ("check", "beat"):
        single, batch = ([one[key] for one in rounds] for key in (name, f"{name} in a batch"))
        ratio = statistics.median(alone / each for alone, each in zip(single, batch, strict=True))
        alone, each = statistics.median(single), statistics.median(batch)
        print(f"a {name:<5} {alone:>7.1f} µs   in a batch of {NUMBER} {each:>6.1f} µs   {ratio:>5.1f} times as many")
    print("on a worker that did not take the last beat: a check {:.0f} µs, a beat {:.0f} µs".format(*elsewhere()))


if __name__ == "__main__":
    main()
