"""Tenants, test and live, roles: what is not yours is not there."""

import pytest

from tests.service.world import World

_CALLS = [
    ("GET", "/v1/subjects/kid", None),
    ("GET", "/v1/subjects/kid/usage", None),
    ("GET", "/v1/subjects/kid/timeline", None),
    ("GET", "/v1/subjects/kid/forecast", None),
    (
        "POST",
        "/v1/subjects/kid/offline-use",
        {
            "device": "tv",
            "intervals": [{"started_at": "2026-11-24T11:00:00+08:00", "ended_at": "2026-11-24T11:10:00+08:00"}],
        },
    ),
    ("POST", "/v1/sessions", {"subject_id": "kid", "device": "tv"}),
    ("POST", "/v1/checks", {"subject_id": "kid", "question": {"type": "time"}}),
    ("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment"}),
    ("GET", "/v1/test-clocks/clock", None),
]


def told(world: World, key: str, method: str, path: str, body: object) -> tuple[int, dict]:
    """What a caller is told, but for the request id."""
    answer = world.call(method, path, body, key=key)
    return answer.status_code, {name: value for name, value in answer.json.items() if name != "request_id"}


@pytest.mark.parametrize(("method", "path", "body"), _CALLS)
@pytest.mark.parametrize("live", [False, True])
def test_a_foreign_subject_and_none_look_alike(world: World, method: str, path: str, body: object, live: bool) -> None:
    """Way 16: another tenant's calls, and the same tenant's live key, get the 404 of what does not exist."""
    other = world.new_key(tenant="acme" if live else "other", live=live)
    before = told(world, other, method, path, body)
    world.call("POST", "/v1/test-clocks", {"id": "clock", "now": "2026-11-24T12:00:00Z"})
    world.put()
    after = told(world, other, method, path, body)
    assert before == after
    assert after[0] in {403, 404}
    assert (after[0] == 403) == (live and "clock" in path)


def test_a_foreign_token_is_not_there(world: World) -> None:
    """Another tenant's key cannot beat, check or use with a token that was seen."""
    world.put()
    opened, other = world.open().json, world.new_key(tenant="other")
    answers = [
        world.beat(opened["token"], 1, key=other),
        world.call("POST", f"/v1/sessions/{opened['session_id']}/end", key=other),
        world.call("POST", "/v1/checks", {"token": opened["token"], "question": {"type": "time"}}, key=other),
        world.call("POST", "/v1/uses", {"token": opened["token"], "feature": "comment"}, key=other),
    ]
    assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "not-found")] * 4


@pytest.mark.parametrize("session", ["nothing", "kid~x", "kid~qwertyuiop", "~", "a~b~c"])
def test_sessions_that_cannot_be_are_not_there(world: World, session: str) -> None:
    """A malformed session id gets the same 404 as an unknown one."""
    answer = world.call("POST", f"/v1/sessions/{session}/end")
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_erasing_a_foreign_subject_touches_nothing(world: World) -> None:
    """Erasure is scoped as reading is."""
    world.put()
    assert world.call("DELETE", "/v1/subjects/kid", key=world.new_key(tenant="other")).status_code == 204
    assert world.call("GET", "/v1/subjects/kid").status_code == 200


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer"}, {"Authorization": ""}]
)
def test_no_credential(world: World, header: dict) -> None:
    """401 with a challenge."""
    answer = world.call("GET", "/v1/policies", key="", headers=header)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="minorguard"')


@pytest.mark.parametrize(
    "text", ["mg_test_0_x", "mg_live_", "mg_test_0000000000000000_" + "a" * 32, "x", "mg_" + "y" * 999]
)
def test_unknown_keys(world: World, text: str) -> None:
    """401, and no word on which part was wrong."""
    answer = world.call("GET", "/v1/policies", key=text)
    assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated")


def test_the_kind_of_a_key_cannot_be_changed(world: World) -> None:
    """A test key whose text says live is no key."""
    assert world.call("GET", "/v1/policies", key=world.key.replace("mg_test", "mg_live")).status_code == 401


@pytest.mark.parametrize(
    ("role", "method", "path", "body"),
    [
        ("auditor", "POST", "/v1/sessions", {}),
        ("auditor", "PUT", "/v1/subjects/kid", {}),
        ("reviewer", "GET", "/v1/subjects/kid", None),
        ("guardian-agent", "POST", "/v1/uses", {}),
        ("auditor", "POST", "/v1/test-clocks", {}),
    ],
)
def test_roles_that_may_not(world: World, role: str, method: str, path: str, body: object) -> None:
    """403 names the roles that may, before the body is looked at."""
    answer = world.call(method, path, body, key=world.new_key(role))
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert "insufficient_scope" in answer.headers["WWW-Authenticate"]


def test_a_token_is_no_key(world: World) -> None:
    """A session token opens nothing but its own session's calls."""
    world.put()
    token = world.open().json["token"]
    for method, path in (("GET", "/v1/subjects/kid"), ("POST", "/v1/sessions"), ("GET", "/v1/policies")):
        assert world.call(method, path, {} if method == "POST" else None, key=token).status_code == 401


def test_policies_are_listed_for_any_role(world: World) -> None:
    """Ids, revisions and digests."""
    listed = world.call("GET", "/v1/policies", key=world.new_key("reviewer")).json["policies"]
    assert [one["id"] for one in listed] == ["calendared", "short-video"]
