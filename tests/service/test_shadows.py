"""Shadows: decided beside, counted, and never felt."""

import pytest

from minorguard_service import policy_shadow
from tests.service.office import Office, text_of
from tests.service.test_logs_and_metrics import count
from tests.service.world import World


@pytest.fixture
def office(world: World) -> Office:
    """A world with people who write policies, and a child."""
    world.put()
    return Office(world)


def counted(outcome: str) -> float:
    """How often a shadow came to that."""
    return count("minorguard_shadow_total", policy="short-video", outcome=outcome)


def test_a_stricter_draft_is_counted_and_stops_nobody(office: Office) -> None:
    """Openings, beats and checks are decided twice, and answered by what holds."""
    world = office.world
    office.put(text_of(0))
    office.call("POST", "shadow", {"draft": True, "why": "how many?"}, key=office.editor)
    office.look()
    before, reason = counted("stricter"), {"outcome": "stricter", "reason": "quota.exhausted"}
    named = count("minorguard_shadow_total", **reason)
    opened = world.open().json
    assert (opened["decision"]["effect"], opened["decision"]["policy"]["revision"]) == ("allow", 1)
    world.clock.advance(30)
    assert world.beat(opened["token"], 1).json["decision"]["effect"] == "allow"
    assert office.left() == (1, 39)
    assert counted("stricter") == before + 3
    assert count("minorguard_shadow_total", **reason) == named + 3


def test_a_shadow_sees_the_very_same_state(office: Office) -> None:
    """A laxer one allows where the active one denies, an equal one is the same each time; uses are not shadowed."""
    world = office.world
    same, laxer = counted("same"), counted("laxer")
    office.publish(text_of(1, features="{default: allow}"))
    office.call("POST", "shadow", {"revision": 2, "why": "itself"})
    office.look()
    opened = world.open().json
    world.call("POST", "/v1/uses", {"subject_id": "kid", "feature": "comment"})
    assert (counted("same"), counted("laxer")) == (same + 1, laxer)
    office.call("POST", "shadow", {"revision": 1, "why": "what it was"})
    office.look()
    world.clock.advance(60)
    assert world.beat(opened["token"], 1).json["decision"]["effect"] == "deny"
    assert (counted("same"), counted("laxer")) == (same + 1, laxer + 1)


def test_a_shadow_is_told_and_ends(office: Office) -> None:
    """What is shadowed is read by those who may, stands in the history, and stops counting when it ends."""
    assert office.call("GET", "shadow").json == {"shadow": None}
    office.put(text_of(0))
    office.call("POST", "shadow", {"draft": True, "why": "how many?"})
    assert office.call("GET", "shadow").json == {"shadow": {"revision": None, "edit": 1}}
    office.call("DELETE", "draft", key=office.editor)
    assert office.stands()["shadow"] == {"revision": None, "edit": 1}
    ended = office.call("POST", "shadow", {"why": "enough"})
    assert ended.json["policy"]["shadow"] is None
    office.look()
    before = counted("stricter")
    office.world.open()
    assert counted("stricter") == before
    kinds = [(row["kind"], row["why"]) for row in office.call("GET", "history").json["changes"]]
    assert kinds == [("shadow", "enough"), ("shadow", "how many?")]


def test_a_shadow_must_compile(office: Office) -> None:
    """A draft with errors, a revision that is not there, both at once, and a policy that is not there are refused."""
    office.put(text_of(1).replace("daily", "dayly"))
    refused = office.call("POST", "shadow", {"draft": True, "why": "x"})
    assert (refused.status_code, refused.json["code"]) == (422, "draft-refused")
    assert office.call("POST", "shadow", {"revision": 7, "why": "x"}).status_code == 409
    assert office.call("POST", "shadow", {"revision": 1, "draft": True, "why": "x"}).status_code == 422
    assert Office(office.world, id="nothing").call("POST", "shadow", {"revision": 1, "why": "x"}).status_code == 404


def test_a_shadow_that_breaks_touches_no_answer(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong beside is counted and logged, and the child is answered."""
    office.put(text_of(0))
    office.call("POST", "shadow", {"draft": True, "why": "x"})
    office.look()

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(policy_shadow, "personal", broken)
    before = counted("error")
    assert office.world.open().status_code == 201
    assert office.left() == (1, 40)
    assert counted("error") == before + 2
    assert [line["error"] for line in office.world.lines() if line["event"] == "shadow.failed"] == [
        "ZeroDivisionError"
    ] * 2


def test_a_shadow_under_observe_counts_what_would_be(office: Office) -> None:
    """`observe` lets everything pass; it is compared by what it would have done."""
    office.put(text_of(0, top="enforcement: observe"))
    office.call("POST", "shadow", {"draft": True, "why": "x"})
    office.look()
    before = counted("stricter")
    office.world.open()
    assert counted("stricter") == before + 1
