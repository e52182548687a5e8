"""Checks and uses."""

import pytest

from tests.service.world import World


@pytest.fixture
def world() -> World:
    """A world with a kid in it."""
    world = World.make()
    world.put()
    return world


def effect(world: World, question: dict, **sent: object) -> str:
    """The effect of a check."""
    body = {"subject_id": "kid", "question": question}
    return world.call("POST", "/v1/checks", body, **sent).json["decision"]["effect"]


def test_a_check_answers_and_changes_nothing(world: World) -> None:
    """Time and features, any number of times."""
    for _ in range(3):
        assert effect(world, {"type": "time", "activity": "video", "device": "tablet"}) == "allow"
        assert effect(world, {"type": "feature", "feature": "comment", "amount": 2}) == "allow"
        assert effect(world, {"type": "feature", "feature": "gift.send"}) == "deny"


def test_a_check_by_token_is_about_its_session(world: World) -> None:
    """With a token the feature needs that session's live lease."""
    opened = world.open().json
    question = {"type": "feature", "feature": "search"}
    for key, body in ((None, {"token": opened["token"]}), (opened["token"], {})):
        assert (
            world.call("POST", "/v1/checks", {**body, "question": question}, key=key).json["decision"]["effect"]
            == "allow"
        )
    world.call("POST", f"/v1/sessions/{opened['session_id']}/end")
    decision = world.call("POST", "/v1/checks", {"token": opened["token"], "question": question}).json["decision"]
    assert (decision["effect"], decision["reasons"][0]["code"]) == ("deny", "lease.lapsed")


@pytest.mark.parametrize("key_only", [True, False])
def test_an_expired_token_checks_nothing(world: World, key_only: bool) -> None:
    """Way 9: when beats are blocked the lease ends, and checks with its token are refused."""
    token = world.open().json["token"]
    world.clock.advance(60)
    body = {"question": {"type": "time"}, **({} if key_only else {"token": token})}
    answer = world.call("POST", "/v1/checks", body, key=token if key_only else None)
    assert (answer.status_code, answer.json["code"]) == (401, "token-expired")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_question_about_a_session_by_id(world: World) -> None:
    """A backend may name the session instead; one of another subject is not there."""
    session = world.open().json["session_id"]
    assert effect(world, {"type": "time", "session_id": session}) == "allow"
    world.put("other")
    body = {"subject_id": "other", "question": {"type": "time", "session_id": session}}
    assert world.call("POST", "/v1/checks", body).status_code == 404


def test_uses_are_counted_until_the_limit(world: World) -> None:
    """Two a day; the third is denied and counts nothing."""
    body = {"subject_id": "kid", "feature": "comment"}
    answers = [world.call("POST", "/v1/uses", body).json["decision"] for _ in range(4)]
    assert [one["effect"] for one in answers] == ["allow", "allow", "deny", "deny"]
    assert [one["reasons"][0]["data"]["used"] for one in answers[2:]] == [2, 2]


def test_a_denied_use_consumes_nothing(world: World) -> None:
    """Asking for too many at once leaves all of them."""
    many = world.call("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment", "amount": 3}).json["decision"]
    both = world.call("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment", "amount": 2}).json["decision"]
    assert [many["effect"], both["effect"]] == ["deny", "allow"]


def test_a_use_by_token(world: World) -> None:
    """A device counts its own uses."""
    token = world.open().json["token"]
    answer = world.call("POST", "/v1/uses", {"feature": "comment"}, key=token).json["decision"]
    assert (answer["effect"], answer["remaining"]["uses"]) == ("allow", 1)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"question": {"type": "time"}}, "/subject_id"),
        ({"subject_id": "kid", "token": "x", "question": {"type": "time"}}, "/subject_id"),
        ({"subject_id": "kid"}, "/question"),
        ({"subject_id": "kid", "question": {}}, "/question/type"),
        ({"subject_id": "kid", "question": {"type": "spend"}}, "/question/type"),
        ({"subject_id": "kid", "question": []}, "/question"),
        ({"subject_id": "kid", "question": {"type": "feature"}}, "/question/feature"),
        ({"subject_id": "kid", "question": {"type": "feature", "feature": "a", "amount": 0}}, "/question/amount"),
        ({"subject_id": "kid", "question": {"type": "time", "feature": "a"}}, "/question/feature"),
    ],
)
def test_wrong_questions_are_pointed_at(world: World, body: dict, pointer: str) -> None:
    """The pointer goes into the question."""
    answer = world.call("POST", "/v1/checks", body)
    assert (422, pointer) == (answer.status_code, answer.json["errors"][0]["pointer"])
