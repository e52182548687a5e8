"""R7: clocks that step, and workers whose clocks differ: no negative usage, and little is gained or lost."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.reliability.chaos import dice, often, report
from tests.reliability.serving import Client, Deployment, FileClock

LIVES = often(2, 20)
STEPS = often(6, 20)
"""Of a life."""
BEAT_SECONDS = 30
SLICE = 60
START = int(datetime(2026, 11, 24, 3, tzinfo=UTC).timestamp())
HOUR = 3_600
POLICY = """
policy: test
timezone: UTC
bands:
  "0-18": {time: {quota: {daily: 24h}}}
"""


class Child:
    """Goes on using an app without a break while clocks do what they do."""

    def __init__(self, name: str, client: Client) -> None:
        self.name = name
        client.call("PUT", f"/v1/subjects/{name}", {"policy": "test"})
        self.token = client.call("POST", "/v1/sessions", {"subject_id": name, "device": "tablet"})[1]["token"]
        self.seq = 0

    def beat(self, client: Client) -> None:
        """Also with a token that has lapsed by a clock that was ahead, or comes from its future."""
        self.seq += 1
        status, answer = client.call("POST", "/v1/heartbeats", {"token": self.token, "seq": self.seq})
        if status == 401:  # from a clock that is ahead by more than a minute: open anew, as an app does
            body = {"subject_id": self.name, "device": "tablet"}
            status, answer = client.call("POST", "/v1/sessions", body)
            self.seq = 0
        assert status in {200, 201}, answer
        self.token = answer["token"]

    def used(self, client: Client) -> int:
        """Seconds used today."""
        return int(client.call("GET", f"/v1/subjects/{self.name}/usage")[1]["used_seconds"])


@pytest.mark.parametrize("steps", [(HOUR, -HOUR), (1, -1)], ids=["an hour", "a second"])
def test_r7_a_clock_that_steps_costs_no_more_than_a_slice_a_step(tmp_path: Path, steps: tuple[int, int]) -> None:
    """Two workers whose clocks step together. A second that comes twice by the clock is one: see docs/adr/0012."""
    deployment, clock, worst, twice = Deployment(tmp_path / "d", POLICY), FileClock(tmp_path / "clock"), 0.0, 0
    clock.set(START)
    with deployment.serve(clock=clock) as one, deployment.serve(clock=clock) as two:
        clients = [one.client(), two.client()]
        for number in range(LIVES):
            clock.set(START)
            child, chance = Child(f"kid-{number}", clients[0]), dice(f"r7/{steps}/{number}")
            lived, seen = _live(child, clients, clock, chance, _plan(chance, steps))
            clock.set(max(seen) + HOUR)  # nothing lies ahead any more
            worst = max(worst, abs(child.used(clients[1]) - len(seen)) / STEPS)
            twice += lived - len(seen)
    report("R7", steps=f"±{steps[0]} s", lives=LIVES, steps_each=STEPS, worst_off_per_step_s=worst, twice_s=twice)
    assert worst <= SLICE


def _live(
    child: Child, clients: list[Client], clock: FileClock, chance: random.Random, plan: list[int]
) -> tuple[int, set[int]]:
    """Use without a break: how long it took, and which seconds the clock showed meanwhile."""
    now, lived, seen = START, 0, set[int]()
    for step in plan:
        for _ in range(chance.randrange(4, 10)):
            child.beat(clients[chance.randrange(2)])
            seen.update(range(now, now + BEAT_SECONDS))
            now, lived = now + BEAT_SECONDS, lived + BEAT_SECONDS
            clock.set(now)
            assert child.used(clients[0]) >= 0
        now += step
        clock.set(now)
    return lived, seen


def test_r7_workers_whose_clocks_differ_by_five_seconds_count_to_the_slice(tmp_path: Path) -> None:
    """Beats that go to the one and the other in turns: what was used is right, but for a slice in all."""
    deployment = Deployment(tmp_path / "d", POLICY)
    clocks = [FileClock(tmp_path / "one"), FileClock(tmp_path / "two")]
    ahead = (0, 5)

    def show(now: int) -> None:
        for clock, skew in zip(clocks, ahead, strict=True):
            clock.set(now + skew)

    show(START)
    with deployment.serve(clock=clocks[0]) as one, deployment.serve(clock=clocks[1]) as two:
        clients, worst = [one.client(), two.client()], 0
        for number in range(LIVES):
            chance, now = dice(f"r7/skew/{number}"), START
            show(now)
            child = Child(f"kid-{number}", clients[chance.randrange(2)])
            for _ in range(STEPS * 5):
                now += BEAT_SECONDS
                show(now)
                child.beat(clients[chance.randrange(2)])
            used = child.used(clients[chance.randrange(2)])
            worst = max(worst, abs(used - (now - START)))
    report("R7", skew_s=5, lives=LIVES, beats_each=STEPS * 5, worst_off_s=worst)
    assert worst <= SLICE


def _plan(chance: random.Random, steps: tuple[int, int]) -> list[int]:
    """Steps that stay within the day."""
    plan, at = [], 0
    for _ in range(STEPS):
        step = chance.choice(steps)
        if abs(at + step) > 2 * HOUR:
            step = -step
        plan.append(step)
        at += step
    return plan
