"""A comparison takes a worker's time, which is everybody's: it ends, and says what it did not look at."""

import pytest

from minorguard_service import policy_review
from tests.service.office import Office, text_of
from tests.service.world import World


@pytest.fixture
def office(world: World, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A draft that gives less, in a world in which no comparison has time."""
    monkeypatch.setattr(policy_review, "MOST_SECONDS", 0)
    office = Office(world)
    office.put(text_of(15))
    return office


def test_a_comparison_that_takes_too_long_is_undecided(office: Office) -> None:
    """The draft is told of all the same; nothing counts as proved, and each rule that was not compared is named."""
    reviewed = office.validate()
    assert (reviewed["valid"], reviewed["diff"]["relation"], reviewed["diff"]["at_least_as_strict"]) == (
        True,
        None,
        False,
    )
    for side in ("laxer", "stricter"):
        rules = [one["clause"]["rule"] for one in reviewed["diff"]["undecided"][side]]
        assert any(rule.endswith("/time/quota/daily") for rule in rules)
        assert {one["text"]["en"].split(":")[0] for one in reviewed["diff"]["undecided"][side]} == {
            "too many combinations of days, ages and rules"
        }


def test_diff_ends_in_the_same_way(office: Office) -> None:
    """So does the call that compares any two."""
    body = {"a": {"policy": "short-video", "draft": True}, "b": {"policy": "short-video"}}
    answer = office.world.call("POST", "/v1/policies/diff", body, key=office.editor)
    assert (answer.status_code, answer.json["comparison"]["relation"]) == (200, None)
