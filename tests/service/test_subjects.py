"""Subjects: put, get, erase, usage, timeline, forecast, offline use."""

import pytest

from tests.service.world import World


def test_put_and_get_say_the_same(world: World) -> None:
    """A subject is what was put."""
    put = world.call("PUT", "/v1/subjects/kid", {"policy": "short-video", "birth_date": "2013-05-01"})
    expected = {
        "id": "kid",
        "policy": "short-video",
        "birth_date": "2013-05-01",
        "age_band": None,
        "mode": "on",
        "test_clock": None,
        "policy_revision": None,
    }
    assert expected == put.json == world.call("GET", "/v1/subjects/kid").json


def test_age_band_xor_birth_date(world: World) -> None:
    """Both at once are refused, at the band."""
    body = {"policy": "short-video", "birth_date": "2013-05-01", "age_band": "12-16"}
    answer = world.call("PUT", "/v1/subjects/kid", body)
    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, ["/age_band"])


def test_unknown_policy_is_refused_with_the_known_ones(world: World) -> None:
    """The way out is in the message."""
    answer = world.call("PUT", "/v1/subjects/kid", {"policy": "nothing"})
    assert answer.status_code == 422
    assert {
        "pointer": "/policy",
        "problem": "`nothing` is not loaded; known: `calendared`, `short-video`",
    } in answer.json["errors"]


def test_mode_off_needs_a_guardian_agent(world: World) -> None:
    """An app alone cannot lift the mode (an adult's token borrowed, way 11)."""
    world.put()
    app = world.new_key("app")
    refused = world.call("PUT", "/v1/subjects/kid", {"policy": "short-video", "mode": "off"}, key=app)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert 'scope="guardian-agent"' in refused.headers["WWW-Authenticate"]
    assert world.call("GET", "/v1/subjects/kid").json["mode"] == "on"
    assert world.put(mode="off").json["mode"] == "off"
    assert world.call("PUT", "/v1/subjects/kid", {"policy": "short-video"}, key=app).json["mode"] == "on"


def test_erasing_twice_is_no_error(world: World) -> None:
    """Erasure is idempotent, and leaves nothing."""
    world.put()
    statuses = [world.call("DELETE", "/v1/subjects/kid").status_code for _ in range(2)]
    assert [*statuses, world.call("GET", "/v1/subjects/kid").status_code] == [204, 204, 404]


def test_usage_and_timeline_show_a_session(world: World) -> None:
    """Use shows up in seconds and as an interval."""
    world.put()
    opened = world.open().json
    world.clock.advance(30)
    world.call("POST", f"/v1/sessions/{opened['session_id']}/end")
    assert world.used() == 30
    timeline = world.call("GET", "/v1/subjects/kid/timeline?date=2026-11-24").json
    expected = {
        "start": "2026-11-24T12:00:00+08:00",
        "end": "2026-11-24T12:00:30+08:00",
        "device": "tablet",
        "activity": "general",
    }
    assert [expected] == timeline["intervals"]


def test_forecast_names_the_curfew(world: World) -> None:
    """The gap of the night says why."""
    world.put()
    forecast = world.call("GET", "/v1/subjects/kid/forecast?days=1&activity=video&device=tablet").json
    assert (
        forecast["gaps"][0]["start"],
        forecast["gaps"][0]["end"],
    ) == ("2026-11-24T22:00:00+08:00", "2026-11-25T06:00:00+08:00")


def test_offline_use_counts_once(world: World) -> None:
    """A report that comes twice adds nothing the second time."""
    world.put()
    interval = {"started_at": "2026-11-24T11:00:00+08:00", "ended_at": "2026-11-24T11:10:00+08:00"}
    body = {"device": "tablet", "activity": "video", "intervals": [interval]}
    for _ in range(2):
        answer = world.call("POST", "/v1/subjects/kid/offline-use", body)
        assert answer.status_code == 200
    assert world.used() == 600


def test_offline_use_backwards_is_refused_at_its_place(world: World) -> None:
    """The core's own pointer reaches the caller."""
    world.put()
    interval = {"started_at": "2026-11-24T11:10:00+08:00", "ended_at": "2026-11-24T11:00:00+08:00"}
    answer = world.call("POST", "/v1/subjects/kid/offline-use", {"device": "tablet", "intervals": [interval]})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/intervals/0")


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("days=0", "days"),
        ("days=x", "days"),
        ("days=1&days=2", "days"),
        ("dais=1", "dais"),
        ("activity=%20", "activity"),
    ],
)
def test_query_errors_name_the_parameter(world: World, query: str, parameter: str) -> None:
    """What is wrong in the query is said by parameter."""
    world.put()
    answer = world.call("GET", f"/v1/subjects/kid/forecast?{query}")
    assert (422, parameter) == (answer.status_code, answer.json["errors"][0]["parameter"])


@pytest.mark.parametrize("path", ["/v1/subjects/a~b", "/v1/subjects/%E5%AD%90", "/v1/subjects/%00"])
def test_a_malformed_id_is_a_wrong_parameter(world: World, path: str) -> None:
    """An id that can never be one is said to be so."""
    answer = world.call("GET", path)
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "id")
