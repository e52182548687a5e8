"""Rollouts to a share of the subjects, and subjects that are held to a revision."""

import pytest

from minorguard_service.policy_views import share_of
from tests.service.office import Office, text_of
from tests.service.world import World

CHILDREN = [f"kid-{number}" for number in range(60)]


@pytest.fixture
def office(world: World) -> Office:
    """A world with people who write policies, and many children."""
    for child in CHILDREN:
        world.put(child)
    return Office(world)


def under(office: Office, revision: int) -> set[str]:
    """The children for whom a revision decides."""
    office.look()
    app = office.world.key
    return {
        child
        for child in CHILDREN
        if office.world.call("POST", "/v1/checks", {"subject_id": child, "question": {"type": "time"}}, key=app).json[
            "decision"
        ]["policy"]["revision"]
        == revision
    }


def test_a_share_gets_it_and_the_others_keep_what_they_have(office: Office) -> None:
    """The share is that of the hash, the same on every look; it only grows, and 100 makes it active for all."""
    number = office.publish(text_of(30), rollout_percent=25)
    assert office.stands()["rollout"] == {"revision": 2, "percent": 25}
    assert (office.stands()["revision"], office.stands()["base_revision"]) == (1, 2)
    first = under(office, number)
    assert first == {child for child in CHILDREN if share_of("acme.test", "short-video", child) < 25}
    assert 0 < len(first) < len(CHILDREN)
    assert first == under(office, number)
    office.call("POST", "rollout", {"percent": 60, "why": "fine so far"})
    more = under(office, number)
    assert first < more
    done = office.call("POST", "rollout", {"percent": 100, "why": "all of them"}).json["policy"]
    assert (done["revision"], done["previous"], done["rollout"]) == (2, 1, None)
    assert under(office, number) == set(CHILDREN)


def test_a_rollout_that_ends_leaves_nobody_behind(office: Office) -> None:
    """0 ends it, and so do a rollback and another publishing; there is nothing to move then."""
    office.publish(text_of(30), rollout_percent=50)
    assert office.call("POST", "rollout", {"percent": 0, "why": "no"}).json["policy"]["rollout"] is None
    assert under(office, 1) == set(CHILDREN)
    gone = office.call("POST", "rollout", {"percent": 10, "why": "no"})
    assert (gone.status_code, gone.json["code"]) == (409, "conflict")
    office.publish(text_of(20), rollout_percent=50)
    office.call("POST", "rollback", {"to_revision": 1, "why": "no"})
    assert under(office, 1) == set(CHILDREN)
    office.publish(text_of(10), rollout_percent=50)
    office.publish(text_of(5))
    assert under(office, 5) == set(CHILDREN)


def test_a_hundred_per_cent_is_a_publishing(office: Office) -> None:
    """It is active at once, and no rollout is left open."""
    office.publish(text_of(30), rollout_percent=100)
    stands = office.stands()
    assert (stands["revision"], stands["rollout"]) == (2, None)


def test_a_policy_that_nobody_has_is_not_rolled_out(office: Office) -> None:
    """There is nothing that the others would keep."""
    new = Office(office.world, id="board-game")
    new.put(text_of(15, id="board-game"))
    refused = new.send(rollout_percent=10)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    new.send()
    office.world.put("ann", policy="board-game")
    assert new.left("ann") == (2, 15)


def test_the_share_is_even() -> None:
    """A hundredth of the subjects stands at each of a hundred places, within what chance explains."""
    places = [share_of("acme.live", "short-video", f"subject-{number}") for number in range(20_000)]
    assert {0, 99} == {min(places), max(places)}
    assert all(130 < places.count(place) < 270 for place in range(100))


def test_a_subject_that_is_held_to_a_revision_stays(office: Office) -> None:
    """Whatever is published, rolled out or rolled back; let go, it follows again."""
    world = office.world
    number = office.publish(text_of(30))
    office.look()
    held = world.put("kid-1", policy_revision=number)
    assert held.json["policy_revision"] == number == world.call("GET", "/v1/subjects/kid-1").json["policy_revision"]
    office.publish(text_of(20))
    office.publish(text_of(10), rollout_percent=99)
    office.look()
    assert office.left("kid-1") == (number, 30)
    world.put("kid-1", policy_revision=1)
    assert office.left("kid-1") == (1, 40)
    assert world.put("kid-1").json["policy_revision"] is None
    assert office.left("kid-1")[0] in {3, 4}


@pytest.mark.parametrize("revision", [2, 999_999_999])
def test_nobody_is_held_to_what_is_not_there(office: Office, revision: int) -> None:
    """A revision that was never published is refused where it stands."""
    body = {"policy": "short-video", "policy_revision": revision}
    answer = office.world.call("PUT", "/v1/subjects/ann", body)
    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, ["/policy_revision"])


@pytest.mark.parametrize("revision", [0, -1, 1.5, "1", True, 10**9])
def test_revisions_are_whole_numbers(office: Office, revision: object) -> None:
    """Anything else is refused."""
    body = {"policy": "short-video", "policy_revision": revision}
    answer = office.world.call("PUT", "/v1/subjects/ann", body)
    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, ["/policy_revision"])
