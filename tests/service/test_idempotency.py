"""`Idempotency-Key`: a retry is the same session or the same use by construction."""

from tests.service.world import World

_KEY = {"Idempotency-Key": "7d9f"}


def test_a_retried_open_is_the_same_session(world: World) -> None:
    """One session, and its time is counted once."""
    world.put()
    first, again = (world.open(headers=_KEY) for _ in range(2))
    assert (201, first.json["session_id"]) == (again.status_code, again.json["session_id"])
    assert first.json["lease_until"] == again.json["lease_until"]
    assert first.json["session_id"] != world.open().json["session_id"]


def test_a_key_used_for_another_open_is_refused(world: World) -> None:
    """The same key for another device is a mistake of the caller."""
    world.put()
    world.open(headers=_KEY)
    answer = world.open(device="phone", headers=_KEY)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")


def test_a_retried_use_is_counted_once(world: World) -> None:
    """Even when the limit was reached meanwhile."""
    world.put()
    body = {"subject_id": "kid", "feature": "comment"}
    first = world.call("POST", "/v1/uses", body, headers=_KEY).json["decision"]
    world.call("POST", "/v1/uses", body)
    again = world.call("POST", "/v1/uses", body, headers=_KEY).json["decision"]
    other = world.call("POST", "/v1/uses", body).json["decision"]
    assert [first["effect"], again["effect"], other["effect"]] == ["allow", "allow", "deny"]


def test_a_key_used_for_another_use_is_refused(world: World) -> None:
    """The same key with another amount is a mistake of the caller."""
    world.put()
    world.call("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment"}, headers=_KEY)
    answer = world.call("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment", "amount": 2}, headers=_KEY)
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")


def test_keys_of_calls_and_tenants_do_not_meet(world: World) -> None:
    """The same key elsewhere is another key."""
    world.put()
    other = world.new_key(tenant="other")
    world.call("PUT", "/v1/subjects/kid", {"policy": "short-video"}, key=other)
    mine, theirs = world.open(headers=_KEY).json, world.open(headers=_KEY, key=other).json
    assert mine["session_id"] != theirs["session_id"]
    assert world.call("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment"}, headers=_KEY).status_code == 200
