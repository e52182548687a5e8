"""Who may hold a subject to a revision: a pin may bring back a policy that was rolled back."""

import pytest

from tests.service.office import Office, text_of
from tests.service.world import World

PINNED = {"policy": "short-video", "age_band": "12-16", "policy_revision": 2}


@pytest.fixture
def office(world: World) -> Office:
    """Revision 2 was published and taken back; a child follows what holds."""
    office = Office(world)
    office.publish(text_of(600))
    office.call("POST", "rollback", {"to_revision": 1, "why": "ten hours were a slip"})
    office.look()
    world.put()
    return office


@pytest.mark.parametrize("role", ["app", "guardian-agent"])
@pytest.mark.parametrize("child", ["kid", "new"])
def test_apps_and_guardians_set_no_pin(office: Office, role: str, child: str) -> None:
    """Not on a child that is known, nor with its registration; the problem names who may."""
    key = office.world.new_key(role)
    refused = office.world.call("PUT", f"/v1/subjects/{child}", PINNED, key=key)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert "`operator`, `policy-publisher`" in refused.json["detail"]
    assert office.left() == (1, 40)
    assert office.world.call("PUT", f"/v1/subjects/{child}/pin", {"policy_revision": 2}, key=key).status_code == 403


@pytest.mark.parametrize("role", ["policy-publisher", "operator"])
def test_publishers_and_operators_pin_and_let_go(office: Office, role: str) -> None:
    """They need no other role, get nothing else of the child, and the pin acts at once."""
    key = office.world.new_key(role)
    pinned = office.world.call("PUT", "/v1/subjects/kid/pin", {"policy_revision": 2}, key=key)
    assert pinned.json == {"subject_id": "kid", "policy": "short-video", "policy_revision": 2}
    assert office.left() == (2, 600)
    let_go = office.world.call("PUT", "/v1/subjects/kid/pin", {"policy_revision": None}, key=key)
    assert (let_go.status_code, let_go.json["policy_revision"]) == (200, None)
    assert office.left() == (1, 40)


def test_a_key_with_both_roles_pins_as_it_registers(office: Office) -> None:
    """An app's key that is a publisher's, too, may do it in one call."""
    key = office.world.new_key("app", "policy-publisher")
    assert office.world.call("PUT", "/v1/subjects/kid", PINNED, key=key).json["policy_revision"] == 2


def test_an_app_repeats_the_pin_that_is_stored_and_no_other(office: Office) -> None:
    """The same revision of the same policy; the number means another text in another policy. Left out, it is let go."""
    office.world.call("PUT", "/v1/subjects/kid/pin", {"policy_revision": 2}, key=office.publisher)
    app = office.world.new_key("app")
    assert office.world.call("PUT", "/v1/subjects/kid", PINNED, key=app).json["policy_revision"] == 2
    for change in ({"policy_revision": 1}, {"policy": "calendared"}):
        refused = office.world.call("PUT", "/v1/subjects/kid", {**PINNED, **change}, key=app)
        assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert office.left() == (2, 600)
    del (left_out := dict(PINNED))["policy_revision"]
    assert office.world.call("PUT", "/v1/subjects/kid", left_out, key=app).json["policy_revision"] is None


def test_a_pin_needs_a_subject_and_a_revision(office: Office) -> None:
    """Nobody is a 404, and what was never published a 422."""
    key = office.publisher
    assert office.world.call("PUT", "/v1/subjects/nobody/pin", {"policy_revision": 2}, key=key).status_code == 404
    wrong = office.world.call("PUT", "/v1/subjects/kid/pin", {"policy_revision": 9}, key=key)
    assert (wrong.status_code, [one["pointer"] for one in wrong.json["errors"]]) == (422, ["/policy_revision"])
    assert office.world.call("PUT", "/v1/subjects/kid/pin", {}, key=key).status_code == 422
