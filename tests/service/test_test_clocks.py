"""Virtual time over HTTP; never for live keys, never in live deployments."""

import pytest

from minorguard.storage import Stored
from tests.service.world import World


@pytest.fixture
def world() -> World:
    """A world with a clock at noon of a Saturday, and a kid that lives by it."""
    world = World.make()
    assert create(world).status_code == 201
    world.put(test_clock="clock")
    return world


def create(world: World, now: str = "2026-11-28T12:00:00+08:00", **sent: str) -> object:
    """Create the clock."""
    return world.call("POST", "/v1/test-clocks", {"id": "clock", "now": now}, **sent)


def advance(world: World, **how: object) -> object:
    """Move the clock."""
    return world.call("POST", "/v1/test-clocks/clock/advance", how)


def test_a_subject_lives_by_its_clock(world: World) -> None:
    """Decision, lease and token are in virtual time; real time does not matter."""
    world.clock.advance(999_999)
    body = world.open().json
    assert (body["decision"]["decided_at"], body["token_expires_at"]) == (
        "2026-11-28T12:00:00+08:00",
        "2026-11-28T12:01:00+08:00",
    )
    assert world.call("GET", "/v1/test-clocks/clock").json["subjects"] == ["kid"]
    assert world.beat(body["token"], 1).status_code == 200


def test_advance_by_seconds_ends_the_token(world: World) -> None:
    """A token is judged by the clock that its subject lives by."""
    token = world.open().json["token"]
    assert advance(world, seconds=60).json["now"] == "2026-11-28T04:01:00+00:00"
    answer = world.call("POST", "/v1/checks", {"token": token, "question": {"type": "time"}})
    assert answer.json["code"] == "token-expired"


def test_advance_to_an_instant_and_to_the_next_boundary(world: World) -> None:
    """To 21:00, then to where the answer changes: the curfew at 22:00, less the quota that comes first."""
    assert advance(world, to="2026-11-28T21:00:00+08:00").json["now"] == "2026-11-28T13:00:00+00:00"
    assert advance(world, to_next_boundary=True).json["now"] == "2026-11-28T13:40:00+00:00"


def test_a_clock_never_goes_back(world: World) -> None:
    """What was used cannot be unused."""
    answer = advance(world, to="2026-11-28T11:00:00+08:00")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/to")


@pytest.mark.parametrize(
    "how",
    [{}, {"seconds": 1, "to_next_boundary": True}, {"seconds": -1}, {"to_next_boundary": False}, {"seconds": 10**9}],
)
def test_advance_takes_exactly_one_way(world: World, how: dict) -> None:
    """Anything else is refused."""
    assert advance(world, **how).status_code == 422


def test_no_clock_passes_the_last_century(world: World) -> None:
    """Where no calendar reaches, the answer is a refusal and not a fault."""
    advance(world, to="2099-12-31T00:00:00Z")
    answer = advance(world, seconds=86_400)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/seconds")


def test_creating_again(world: World) -> None:
    """The same is the same; another time is a conflict."""
    assert create(world).status_code == 201
    assert _code(create(world, "2026-11-29T12:00:00+08:00")) == (409, "conflict")


def test_a_subject_keeps_its_clock(world: World) -> None:
    """Put again without a clock it stays; another clock is refused; so is attaching later."""
    assert world.put().json["test_clock"] == "clock"
    world.call("POST", "/v1/test-clocks", {"id": "other", "now": "2026-11-28T12:00:00+08:00"})
    moved = world.call("PUT", "/v1/subjects/kid", {"policy": "short-video", "test_clock": "other"})
    world.put("plain")
    late = world.call("PUT", "/v1/subjects/plain", {"policy": "short-video", "test_clock": "clock"})
    assert [_code(moved), _code(late)] == [(409, "conflict")] * 2


def test_a_clock_is_deleted_after_its_subjects(world: World) -> None:
    """While a subject lives by it, it stays: made anew, it could show the past. Erasing the subject lets go of it."""
    assert _code(world.call("DELETE", "/v1/test-clocks/clock")) == (409, "conflict")
    assert world.call("DELETE", "/v1/subjects/kid").status_code == 204
    assert world.call("GET", "/v1/test-clocks/clock").json["subjects"] == []
    assert world.call("DELETE", "/v1/test-clocks/clock").status_code == 204
    assert world.call("DELETE", "/v1/test-clocks/clock").status_code == 404


def test_live_keys_reach_no_virtual_time(world: World) -> None:
    """Every door to a test clock is shut to a live key."""
    live = world.new_key(live=True)
    answers = [
        create(world, key=live),
        world.call("GET", "/v1/test-clocks/clock", key=live),
        world.call("DELETE", "/v1/test-clocks/clock", key=live),
        world.call("POST", "/v1/test-clocks/clock/advance", {"seconds": 1}, key=live),
        world.call("PUT", "/v1/subjects/kid", {"policy": "short-video", "test_clock": "clock"}, key=live),
    ]
    assert [_code(answer) for answer in answers] == [(403, "test-clock-refused")] * 5


def test_live_deployments_have_no_virtual_time(world: World) -> None:
    """Not even for test keys, nor for a subject and a token that were made before the deployment went live."""
    token = world.open().json["token"]
    live = World.make(store=world.store, clock=world.clock, live=True)
    answers = [create(live), live.open(), live.beat(token, 1), live.call("GET", "/v1/subjects/kid/usage")]
    assert [_code(answer) for answer in answers] == [(403, "test-clock-refused")] * 4
    assert live.put("plain").status_code == 200


def _code(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def test_a_clock_keeps_no_subject_that_was_refused(world: World) -> None:
    """One that lives by another clock, or by real time, is not attached; so the clock can be deleted."""
    for id in ("clock-1", "clock-2"):
        world.call("POST", "/v1/test-clocks", {"id": id, "now": "2026-11-28T12:00:00+08:00"})
    world.put("virtual", test_clock="clock-1")
    world.put("real")
    for id in ("virtual", "real"):
        body = {"policy": "short-video", "test_clock": "clock-2"}
        assert world.call("PUT", f"/v1/subjects/{id}", body).status_code == 409
    assert world.call("GET", "/v1/test-clocks/clock-2").json["subjects"] == []
    assert world.call("DELETE", "/v1/test-clocks/clock-2").status_code == 204


def test_a_clock_that_is_made_twice_at_once_is_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is slower is answered the clock of the faster one, or a conflict if that shows another time."""
    load, noon = world.store.load, "2026-11-28T12:00:00+08:00"
    for id, other, expected in (("same", noon, 201), ("other", "2026-11-28T13:00:00+08:00", 409)):
        faster = [{"id": id, "now": other}]

        def overtaken(key: str, faster: list[dict[str, str]] = faster) -> Stored | None:
            found = load(key)
            if key.startswith("clock/") and faster:
                world.call("POST", "/v1/test-clocks", faster.pop())
            return found

        monkeypatch.setattr(world.store, "load", overtaken)
        assert world.call("POST", "/v1/test-clocks", {"id": id, "now": noon}).status_code == expected
