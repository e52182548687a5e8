"""What a call on the hot path costs, as exact counts: store commands, schemas built, signatures checked."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from marshmallow import Schema

from minorguard import ManualClock
from tests.guard.test_recent import Counting
from tests.service.world import NOON, World


class Counts:
    """A world in which everything is warm, and what is counted in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.clock = Counting(), ManualClock(NOON)
        self.world = World.make(store=self.store, clock=self.clock)
        service = self.world.service
        later = time.monotonic() + 1
        for holder in (service.api_keys, service.signing, service.published, service.revocations):
            holder._monotonic = lambda: later  # what is read once a second is not read again
        self.world.put()
        self.token = self.world.open().json["token"]
        self.schemas = self.signatures = 0
        decode, init = service.tokens._jws.decode, Schema.__init__

        def counted_decode(*args: object, **options: object) -> object:
            self.signatures += 1
            return decode(*args, **options)

        def counted_init(schema: Schema, *args: object, **options: object) -> None:
            self.schemas += 1
            init(schema, *args, **options)

        monkeypatch.setattr(service.tokens._jws, "decode", counted_decode)
        monkeypatch.setattr(Schema, "__init__", counted_init)

    def of(self, call: Callable[[], object]) -> tuple[list[str], int, int]:
        """The store's commands, the schemas built and the signatures checked by a call."""
        self.store.counted()
        self.schemas = self.signatures = 0
        call()
        return self.store.counted(), self.schemas, self.signatures

    def beat(self, seq: int) -> None:
        """The next beat, with the token of the last answer."""
        self.clock.advance(30)
        self.token = self.world.beat(self.token, seq).json["token"]


@pytest.fixture(params=[True, False], ids=["front", "flask"])
def counts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Counts:
    """Both ways of the hottest calls."""
    monkeypatch.setattr(World, "front", request.param)
    counts = Counts(monkeypatch)
    counts.beat(1)
    return counts


def test_a_warm_beat_is_one_command_no_schema_and_no_signature_checked(counts: Counts) -> None:
    """The worker knows the state, the schemas are made at the start, and it signed the token itself."""
    assert counts.of(lambda: counts.beat(2)) == (["save"], 0, 0)


def test_a_check_is_one_command_no_schema_and_no_signature_checked(counts: Counts) -> None:
    """A question reads what is stored, whatever the worker knows."""
    body = {"token": counts.token, "question": {"type": "feature", "feature": "comment"}}
    assert counts.of(lambda: counts.world.call("POST", "/v1/checks", body)) == (["load"], 0, 0)


def test_a_token_from_elsewhere_is_checked_once(counts: Counts) -> None:
    """Another worker's token costs one signature, and then none."""
    body = {"token": counts.token, "question": {"type": "time"}}
    counts.world.service.tokens._known.clear()
    assert [counts.of(lambda: counts.world.call("POST", "/v1/checks", body))[2] for _ in range(2)] == [1, 0]


def test_as_many_tokens_are_remembered_as_subjects(counts: Counts) -> None:
    """The tokens of all sessions that a worker keeps come back unchecked; of more, the oldest is checked again."""
    service = counts.world.service
    assert service.tokens._most == service.settings.remember
    service.tokens._most = 2
    tokens = [service.tokens.issue(service.tokens.read(counts.token)) for _ in range(1)]
    for seq in (2, 3, 4):
        counts.beat(seq)
        tokens.append(counts.token)
    assert [service.tokens.recall(token) is not None for token in tokens] == [False, False, True, True]
    assert len(service.tokens._known) == 2
