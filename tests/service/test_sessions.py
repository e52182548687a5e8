"""Sessions over HTTP: lease, token, heartbeats, end."""

import pytest

from tests.service.world import World


@pytest.fixture
def world() -> World:
    """A world with a kid in it."""
    world = World.make()
    world.put()
    return world


def test_an_allowed_session_is_created_with_a_token(world: World) -> None:
    """201, a token that ends with the lease, and when to beat."""
    answer = world.open()
    body = answer.json
    assert answer.status_code == 201
    assert (body["decision"]["effect"], body["seq"], body["beat_after_seconds"]) == ("allow", 0, 30)
    assert "2026-11-24T12:01:00+08:00" == body["lease_until"] == body["token_expires_at"]
    claims = world.service.verify(body["token"])
    assert ("kid", body["session_id"], 0, ("12-18",), "on") == (
        claims.subject,
        claims.session,
        claims.seq,
        claims.bands,
        claims.mode,
    )
    assert claims.features == {"*": "deny", "search": "allow", "comment": "limited", "gift": "deny"}


def test_a_denied_session_has_no_token(world: World) -> None:
    """200 with the decision, and nothing to go on with."""
    world.clock.advance(11 * 3600)
    answer = world.open()
    body = answer.json
    assert (answer.status_code, body["decision"]["effect"]) == (200, "deny")
    assert [
        body[name] for name in ("session_id", "token", "token_expires_at", "lease_until", "beat_after_seconds", "seq")
    ] == [None] * 6


def test_a_beat_extends_the_lease_and_renews_the_token(world: World) -> None:
    """The fresh token ends with the new lease."""
    opened = world.open().json
    world.clock.advance(30)
    body = world.beat(opened["token"], 1).json
    assert (body["token_expires_at"], body["seq"]) == ("2026-11-24T12:01:30+08:00", 1)
    assert opened["token"] != body["token"]


def test_a_device_beats_with_its_token_alone(world: World) -> None:
    """The session's token is credential enough for its own heartbeats and its own end."""
    opened = world.open().json
    body = world.call("POST", "/v1/heartbeats", {"seq": 1}, key=opened["token"]).json
    assert body["seq"] == 1
    ended = world.call("POST", f"/v1/sessions/{opened['session_id']}/end", key=body["token"])
    assert (ended.status_code, ended.json["decision"]["effect"]) == (200, "allow")


def test_a_token_alone_cannot_skip_beats(world: World) -> None:
    """An old token with an invented `seq` wins nothing."""
    opened = world.open().json
    answer = world.call("POST", "/v1/heartbeats", {"seq": 7}, key=opened["token"])
    assert (answer.status_code, answer.json["code"]) == (409, "seq-ahead")


def test_a_device_alone_may_not_change_its_activity(world: World) -> None:
    """With the token as the only credential nobody calls video study; with an API key the backend may."""
    token = world.open().json["token"]
    answer = world.call("POST", "/v1/heartbeats", {"seq": 1, "activity": "study"}, key=token)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/activity")
    assert world.call("POST", "/v1/heartbeats", {"token": token, "seq": 1, "activity": "study"}).status_code == 200


def test_an_old_token_played_again_changes_nothing_and_yields_no_token(world: World) -> None:
    """Way 10: a stolen old token with an old `seq` gets the decision, and that is all."""
    first = world.open().json
    second = world.beat(first["token"], 1).json
    world.beat(second["token"], 2)
    world.clock.advance(20)
    for key in (None, first["token"]):
        replay = world.call("POST", "/v1/heartbeats", {"token": first["token"], "seq": 1}, key=key).json
        assert (replay["token"], replay["seq"], replay["lease_until"]) == (None, 2, "2026-11-24T12:01:00+08:00")


def test_a_retry_of_the_newest_beat_answers_alike(world: World) -> None:
    """The answer that was lost comes again, with a token for the same lease."""
    opened = world.open().json
    first = world.beat(opened["token"], 1).json
    again = world.beat(opened["token"], 1).json
    assert (first["lease_until"], first["seq"]) == (again["lease_until"], again["seq"])
    assert world.service.verify(again["token"]).seq == 1


def test_a_late_beat_opens_a_new_interval(world: World) -> None:
    """A token that expired within a day still beats; the time between is not counted."""
    opened = world.open().json
    world.clock.advance(3600)
    body = world.beat(opened["token"], 1).json
    assert (body["decision"]["effect"], body["lease_until"]) == ("allow", "2026-11-24T13:01:00+08:00")
    assert world.used() == 60


def test_a_day_late_is_too_late(world: World) -> None:
    """After 24 hours the token is no credential for anything."""
    opened = world.open().json
    world.clock.advance(60 + 86_400)
    answer = world.beat(opened["token"], 1)
    assert (answer.status_code, answer.json["code"]) == (401, "token-expired")


def test_a_denied_beat_carries_no_token(world: World) -> None:
    """The quota is used up: the decision says when to come again."""
    token = world.open().json["token"]
    for seq in range(1, 81):
        world.clock.advance(30)
        body = world.beat(token, seq).json
        token = body["token"] or token
    assert (
        body["decision"]["effect"],
        body["decision"]["reasons"][0]["code"],
        body["token"],
    ) == ("deny", "quota.exhausted", None)
    assert world.used() == 2400


def test_an_ended_session_stays_ended(world: World) -> None:
    """A beat after the end is denied, and ending twice is no error."""
    opened = world.open().json
    for _ in range(2):
        assert world.call("POST", f"/v1/sessions/{opened['session_id']}/end", {}).status_code == 200
    body = world.beat(opened["token"], 1).json
    assert (body["decision"]["reasons"][0]["code"], body["token"]) == ("session.ended", None)


def test_a_token_ends_no_other_session(world: World) -> None:
    """Way 16: someone else's session is not there."""
    first, second = world.open().json, world.open(device="phone").json
    answer = world.call("POST", f"/v1/sessions/{second['session_id']}/end", key=first["token"])
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_a_birth_date_puts_the_band_of_today_in_the_token(world: World) -> None:
    """An edge is told the band that holds, not the birth date."""
    world.call("PUT", "/v1/subjects/small", {"policy": "short-video", "birth_date": "2018-01-01"})
    claims = world.service.verify(world.open("small").json["token"])
    assert (claims.bands, claims.features) == (("0-12",), {"*": "deny", "search": "allow"})


def test_adults_and_lifted_modes_are_free(world: World) -> None:
    """No rule applies, and the token says so."""
    world.call("PUT", "/v1/subjects/adult", {"policy": "short-video", "birth_date": "1990-01-01"})
    world.put("lifted", mode="off")
    claims = [world.service.verify(world.open(id).json["token"]) for id in ("adult", "lifted")]
    assert [(one.bands, one.mode) for one in claims] == [((), "on"), (("12-18",), "off")]
    assert [one.features for one in claims] == [{"*": "allow"}] * 2
