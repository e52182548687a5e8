"""What policies mean, over HTTP: one against another, and day by day."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service.office import Office, text_of
from tests.service.test_malformed import _JSON, _WORDS
from tests.service.world import World


@pytest.fixture
def office(world: World) -> Office:
    """A world with people who write policies, and two revisions."""
    office = Office(world)
    office.publish(text_of(30))
    office.publish(text_of(20))
    return office


def diff(office: Office, a: dict, b: dict) -> dict:
    """How one side stands to the other."""
    sides = {"a": {"policy": "short-video", **a}, "b": {"policy": "short-video", **b}}
    answer = office.world.call("POST", "/v1/policies/diff", sides, key=office.publisher)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_revisions_drafts_and_texts_are_compared(office: Office) -> None:
    """Any form of a policy stands on either side; without one it is the active revision."""
    office.put(text_of(10))
    assert diff(office, {}, {"revision": 2})["comparison"]["relation"] == "stricter"
    assert diff(office, {"revision": 2}, {})["comparison"]["relation"] == "laxer"
    assert diff(office, {"draft": True}, {"revision": 3})["comparison"]["relation"] == "stricter"
    assert diff(office, {"text": text_of(20)}, {})["comparison"]["relation"] == "same"


def test_findings_of_a_side_are_an_answer(office: Office) -> None:
    """A text that does not compile is told as data, and there is no comparison."""
    found = diff(office, {"text": "policy: [", "policy": "short-video"}, {})
    assert found["comparison"] is None
    assert (bool(found["findings"]["a"]), found["findings"]["b"]) == (True, [])


def test_sides_that_are_not_there(office: Office) -> None:
    """An unknown policy, revision or draft is not found; two forms of one side are refused."""
    for side in (
        {"policy": "nothing"},
        {"policy": "short-video", "revision": 9},
        {"policy": "calendared", "draft": True},
    ):
        body = {"a": side, "b": {"policy": "short-video"}}
        assert office.world.call("POST", "/v1/policies/diff", body, key=office.publisher).status_code == 404
    both = {"a": {"policy": "short-video", "revision": 2, "draft": True}, "b": {"policy": "short-video"}}
    assert office.world.call("POST", "/v1/policies/diff", both, key=office.publisher).status_code == 422


def test_a_preview_shows_the_days_of_a_child(office: Office) -> None:
    """Of the active revision, an earlier one or the draft; for some days from today or a date."""
    office.put(text_of(10))
    active = office.call("POST", "preview", {"age_band": "12-16", "days": 2}).json["preview"]
    assert len(active["days"]) == 2
    for body in ({"draft": True}, {"revision": 2}, {"birth_date": "2013-05-01"}, {"start": "2027-01-01", "days": 1}):
        assert office.call("POST", "preview", body).json["preview"]["days"]


def test_a_preview_of_a_draft_with_errors(office: Office) -> None:
    """Findings, and no preview."""
    office.put("policy: [")
    answer = office.call("POST", "preview", {"draft": True}).json
    assert answer["preview"] is None
    assert answer["findings"]


@pytest.mark.parametrize(
    "body", [{"days": 63}, {"days": 0}, {"age_band": "16-12"}, {"age_band": "1-2", "birth_date": "2013-01-01"}]
)
def test_previews_that_cannot_be(office: Office, body: dict) -> None:
    """Refused where it stands."""
    assert office.call("POST", "preview", body).status_code == 422


def test_a_policy_may_be_named_diff(world: World) -> None:
    """The path of the comparison takes no policy's name away."""
    office = Office(world, id="diff")
    office.publish(text_of(10, id="diff"))
    assert office.stands()["revision"] == 2


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_sent_about_policies_is_answered_by_the_contract(data: st.DataObject) -> None:
    """No body of the right keys and any values makes a 5xx or an answer that is not documented."""
    office = _FUZZED
    paths = office.world.service.openapi["paths"]
    bodies = {
        (method, path): operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path, item in paths.items()
        for method, operation in item.items()
        if "requestBody" in operation and path.startswith("/v1/policies")
    }
    method, path = data.draw(st.sampled_from(sorted(bodies)))
    keys = sorted(office.world.service.openapi["components"]["schemas"][bodies[method, path]]["properties"])
    values = _WORDS | _JSON | st.integers(0, 3) | st.fixed_dictionaries({"policy": _WORDS})
    body = data.draw(st.dictionaries(st.sampled_from(keys), values, max_size=5))
    answer = office.world.call(method.upper(), path.replace("{id}", "short-video"), body, key=office.publisher)
    assert answer.status_code < 500


_FUZZED = Office(World.make())
_FUZZED.publisher = _FUZZED.world.new_key("policy-editor", "policy-publisher")
