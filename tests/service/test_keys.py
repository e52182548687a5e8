"""API keys and signing keys in the store."""

import pytest

from minorguard.clock import ManualClock
from minorguard.errors import Conflict, InvalidInput, NotFound
from minorguard.policy.schema_time import TEN_MINUTES
from minorguard.storage import StateStore
from minorguard.storage.memory import MemoryStore
from minorguard_service.keys import (
    ApiKey,
    KeyCache,
    Role,
    SigningKeys,
    authenticate,
    create_api_key,
    list_api_keys,
    revoke_api_key,
)
from minorguard_service.records import FRESH_SECONDS
from minorguard_service.routes.system import KEYS_MAX_AGE_SECONDS
from minorguard_service.signing import LOOKS, PUBLISHED_SECONDS, RETIRED_SECONDS
from minorguard_service.tokens import LATE_SECONDS, LONGEST_LEASE_SECONDS
from tests.service.world import NOON


class Ticks:
    """A monotonic clock to turn by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def store() -> StateStore:
    """An empty store."""
    return MemoryStore()


@pytest.fixture
def ticks() -> Ticks:
    """Time for caches."""
    return Ticks()


def make(store: StateStore, **changes: object) -> tuple[str, ApiKey]:
    """A key."""
    given = {"tenant": "acme", "roles": ["app"], "live": False, "name": "ci", "now": NOON, **changes}
    return create_api_key(store, **given)


def test_a_key_is_known_by_its_text(store: StateStore) -> None:
    """Made, found, listed."""
    text, key = make(store, roles=["app", "auditor"], live=True)
    assert text.startswith(f"mg_live_{key.id}_")
    assert key == authenticate(store, text)
    assert (key,) == list_api_keys(store)
    assert ("acme", frozenset({Role.APP, Role.AUDITOR}), True, "ci", NOON, False) == (
        key.tenant,
        key.roles,
        key.live,
        key.name,
        key.created_at,
        key.revoked,
    )


def test_the_secret_is_nowhere_stored(store: StateStore) -> None:
    """Only its hash is, and not even that is shown."""
    text, key = make(store)
    secret = text.split("_", 3)[3]
    assert len(secret) >= 32  # 192 bits in base64
    assert secret.encode() not in store.load(f"apikey/{key.id}").blob
    assert key.digest not in repr(key)


def test_revoking_is_once_and_for_all(store: StateStore) -> None:
    """It stays in the list, and opens nothing."""
    text, key = make(store)
    for _ in range(2):
        assert revoke_api_key(store, key.id).revoked
    assert None is authenticate(store, text)
    assert [one.revoked for one in list_api_keys(store)] == [True]
    with pytest.raises(NotFound):
        revoke_api_key(store, "nothing")


@pytest.mark.parametrize(
    "change",
    [{"tenant": "a b"}, {"tenant": "x" * 60}, {"roles": []}, {"roles": ["king"]}, {"name": ""}, {"name": "a\nb"}],
)
def test_keys_that_are_not_made(store: StateStore, change: dict) -> None:
    """Wrong words are refused, and leave nothing."""
    with pytest.raises(InvalidInput):
        make(store, **change)
    assert list_api_keys(store) == ()


@pytest.mark.parametrize(
    "text", ["", "mg_test__x", "mg_test_../x_y", "mg_test_a/b_c", "mg_prod_0_x", "é" * 9, "\ud800", "mg_test_é_x"]
)
def test_odd_texts_are_no_keys(store: StateStore, text: str) -> None:
    """Nothing of them reaches the store's names."""
    assert None is authenticate(store, text)


def test_a_revocation_acts_within_a_second(store: StateStore, ticks: Ticks) -> None:
    """A worker that knows the key well refuses it before a second is over."""
    text, key = make(store)
    cache = KeyCache(store, ticks)
    assert key == cache.authenticate(text)
    revoke_api_key(store, key.id)
    ticks.at += 0.89
    assert key == cache.authenticate(text)
    ticks.at += 0.02
    assert None is cache.authenticate(text)


def test_a_new_key_works_at_once(store: StateStore, ticks: Ticks) -> None:
    """Refusals are not remembered."""
    cache = KeyCache(store, ticks)
    text, key = make(store)
    blob = store.load(f"apikey/{key.id}")
    store.delete(f"apikey/{key.id}", blob.version)
    assert None is cache.authenticate(text)
    store.save(f"apikey/{key.id}", blob.blob, 0)
    assert key == cache.authenticate(text)


def test_the_cache_is_bounded(store: StateStore, ticks: Ticks, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest goes first."""
    monkeypatch.setattr("minorguard_service.keys._CACHED", 2)
    cache = KeyCache(store, ticks)
    for _ in range(5):
        cache.authenticate(make(store)[0])
    assert len(cache._known) == 2


def test_workers_agree_on_the_first_key(store: StateStore) -> None:
    """Whoever comes second takes what is there."""
    workers = [SigningKeys(store), SigningKeys(store)]
    for worker in workers:
        worker.ensure(NOON)
    assert workers[0].signing().kid == workers[1].signing().kid
    assert len(workers[0].ring()) == 1


def test_rotation_in_two_phases(store: StateStore) -> None:
    """Staged keys are published and sign nothing; retired ones still verify; dropped ones are gone."""
    ring = SigningKeys(store, clock=ManualClock(NOON))
    ring.ensure(NOON)
    old = ring.signing().kid
    staged = ring.stage(NOON)
    assert (old, {old, staged.kid}) == (ring.signing().kid, {one["kid"] for one in ring.jwks()["keys"]})
    with pytest.raises(Conflict):
        ring.stage(NOON)
    with pytest.raises(Conflict, match="wait 1 s"):
        ring.promote(NOON + PUBLISHED_SECONDS - 1)
    assert old == ring.signing().kid
    assert staged.kid == ring.promote(NOON + PUBLISHED_SECONDS).kid == ring.signing().kid
    assert [key.state for key in ring.ring()] == ["retired", "signing"]
    with pytest.raises(Conflict):
        ring.promote(NOON)
    with pytest.raises(Conflict):
        ring.drop(staged.kid)
    ring.drop(old)
    with pytest.raises(NotFound):
        ring.drop(old)
    assert None is ring.find(old)


def test_other_workers_learn_of_a_rotation(store: StateStore, ticks: Ticks) -> None:
    """An unknown id is looked up at once; all the rest within a second."""
    clock = ManualClock(NOON)
    here, there = SigningKeys(store, clock=clock), SigningKeys(store, ticks, clock)
    here.ensure(NOON)
    old = there.signing().kid
    new = here.stage(NOON).kid
    here.promote(NOON, at_once=True)
    assert new == there.find(new).kid
    assert new == there.signing().kid
    here.drop(old)
    assert old == there.find(old).kid
    ticks.at += 0.91
    assert None is there.find(old)


def test_a_retired_key_is_refused_once_nothing_it_signed_can_serve(store: StateStore, ticks: Ticks) -> None:
    """Whether anybody drops it or not, and its private part goes with the next change."""
    clock = ManualClock(NOON)
    ring = SigningKeys(store, ticks, clock)
    ring.ensure(NOON)
    old = ring.signing().kid
    ring.stage(NOON)
    ring.promote(NOON, at_once=True)
    clock.advance(RETIRED_SECONDS)
    ticks.at += 1
    assert old == ring.find(old).kid
    clock.advance(1)
    ticks.at += 1
    assert None is ring.find(old)
    assert old not in {key["kid"] for key in ring.jwks()["keys"]}
    ring.stage(clock.now_ns() // 10**9)
    assert old.encode() not in store.load("signing-keys").blob


def test_rotating_takes_the_step_that_is_due(store: StateStore) -> None:
    """Stage, wait, promote; called too early, it changes nothing."""
    clock = ManualClock(NOON)
    ring = SigningKeys(store, clock=clock)
    ring.ensure(NOON)
    times = (0, 1, PUBLISHED_SECONDS - 1, PUBLISHED_SECONDS, PUBLISHED_SECONDS + 1)
    states = [[key.state.value for key in ring.rotate(NOON + seconds)] for seconds in times]
    assert states == [
        ["signing", "staged"],
        ["signing", "staged"],
        ["signing", "staged"],
        ["retired", "signing"],
        ["retired", "signing", "staged"],
    ]


def test_unknown_ids_do_not_hammer_the_store(store: StateStore, ticks: Ticks) -> None:
    """Looks are rationed, and come back with time."""
    ring = SigningKeys(store, ticks)
    ring.ensure(NOON)
    reads = []
    load = store.load
    store.load = lambda key: reads.append(key) or load(key)
    for _ in range(10 * LOOKS):
        assert None is ring.find("0123456789abcdef")
    assert len(reads) == LOOKS
    ticks.at += 0.5
    ring.find("0123456789abcdef")
    assert len(reads) == LOOKS + 1


def test_waits_are_longer_than_what_they_wait_for() -> None:
    """A key is published for longer than a key set is cached, and good for longer than a token serves."""
    assert PUBLISHED_SECONDS > KEYS_MAX_AGE_SECONDS + FRESH_SECONDS
    assert RETIRED_SECONDS > LATE_SECONDS + LONGEST_LEASE_SECONDS
    assert LONGEST_LEASE_SECONDS >= TEN_MINUTES


def test_private_parts_are_not_shown(store: StateStore) -> None:
    """Neither in a repr nor in the published set."""
    ring = SigningKeys(store)
    ring.ensure(NOON)
    (jwk,) = ring.jwks()["keys"]
    assert {"kty", "crv", "use", "alg", "kid", "x"} == set(jwk)
    assert "private" not in repr(ring.signing())
