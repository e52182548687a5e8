"""Drafts: what is worked on holds nothing, may be wrong, and is never lost to somebody else's."""

import json

import pytest

from minorguard_service.operations import MAX_POLICY_BYTES
from tests.service.office import Office, text_of
from tests.service.world import World

TESTS = """\
policy: short-video.yaml
clock: "2026-11-24 16:00"
tests:
  - name: half an hour
    subject: {age: 13}
    steps:
      - {ask: time, expect: {effect: allow, until: "16:30"}}
"""


@pytest.fixture
def office(world: World) -> Office:
    """A world with people who write policies."""
    world.put()
    return Office(world)


def test_a_draft_is_kept_and_holds_nothing(office: Office) -> None:
    """It is read as it was put, with who edited it, and decisions stay as they were."""
    put = office.put(text_of(30), tests=TESTS)
    assert put.json == office.call("GET", "draft").json
    assert {name: put.json[name] for name in ("text", "tests", "base_revision", "edit")} == {
        "text": text_of(30),
        "tests": TESTS,
        "base_revision": 1,
        "edit": 1,
    }
    assert [one["name"] for one in put.json["editors"]] == ["ed"]
    assert office.left() == (1, 40)
    assert office.stands()["draft"] == 1


def test_putting_the_same_again_changes_nothing(office: Office) -> None:
    """A retry is no edit, and makes nobody an editor."""
    first = office.put(text_of(30))
    again = office.put(text_of(30), key=office.key("policy-editor", "eve"))
    assert first.json == again.json


def test_a_draft_of_somebody_else_is_not_lost(office: Office) -> None:
    """To replace a draft one has to know it; both are then its editors."""
    office.put(text_of(30))
    eve = office.key("policy-editor", "eve")
    refused = office.put(text_of(20), key=eve)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert "`ed`" in refused.json["detail"]
    assert "`replaces`: 1" in refused.json["detail"]
    replaced = office.put(text_of(20), key=eve, replaces=1)
    assert (replaced.status_code, replaced.json["edit"]) == (200, 2)
    assert [one["name"] for one in replaced.json["editors"]] == ["ed", "eve"]


def test_replacing_what_is_not_there_is_a_conflict(office: Office) -> None:
    """The draft was published or thrown away meanwhile; its number never comes back."""
    office.put(text_of(30))
    assert office.call("DELETE", "draft", key=office.editor).status_code == 204
    assert office.call("DELETE", "draft", key=office.editor).status_code == 204
    assert office.call("GET", "draft").status_code == 404
    assert office.put(text_of(20), replaces=1).status_code == 409
    assert office.put(text_of(20)).json["edit"] == 3


def test_a_draft_of_an_older_revision_is_a_conflict(office: Office) -> None:
    """Somebody published in between: the refusal says which, and what to send."""
    office.publish(text_of(30))
    refused = office.put(text_of(20), base=1)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert "revision 2 is the newest" in refused.json["detail"]
    assert "`base_revision`: 2" in refused.json["detail"]


def test_a_draft_of_nothing_begins_a_policy(office: Office) -> None:
    """A policy that the folder does not have is begun from 0, and is nobody's before it is published."""
    other = Office(office.world, id="board-game")
    assert other.call("GET").status_code == 404
    assert other.put(text_of(15, id="board-game"), base=1).status_code == 409
    assert other.put(text_of(15, id="board-game"), base=0).status_code == 200
    assert (other.stands()["base_revision"], other.stands()["digest"]) == (0, None)
    unknown = office.world.call("PUT", "/v1/subjects/ann", {"policy": "board-game"})
    assert unknown.status_code == 422


def test_findings_are_an_answer(office: Office) -> None:
    """A draft with mistakes is kept, and each mistake is told with its place, likely word and help."""
    office.put(text_of(30).replace("daily", "dayly"))
    found = office.validate()
    assert (found["valid"], found["digest"], found["tests"], found["diff"]) == (False, None, None, None)
    (finding,) = [one for one in found["findings"] if one["severity"] == "error"]
    assert (finding["file"], finding["line"], finding["suggestion"]) == ("short-video.yaml", 6, "daily")
    assert finding["pointer"].startswith("/bands/0-18/time/quota")


def test_a_draft_of_another_id_is_a_finding(office: Office) -> None:
    """The text has to be of the policy that it is put under."""
    office.put(text_of(30, id="long-video"))
    found = office.validate()
    assert not found["valid"]
    assert [one["code"] for one in found["findings"] if one["severity"] == "error"] == ["policy.other_id"]


def test_a_sound_draft_is_compared_with_what_holds(office: Office) -> None:
    """The digest to publish, and how it stands to the active revision."""
    office.publish(text_of(30))
    office.put(text_of(10))
    found = office.validate()
    assert found["valid"]
    assert found["digest"].startswith("sha256:")
    assert found["diff"]["relation"] == "stricter"
    assert (found["base_revision"], found["edit"], found["conflict"]) == (2, 3, None)


def test_tests_are_run(office: Office) -> None:
    """Those that pass and those that fail are told, and one that fails makes the draft invalid."""
    office.put(text_of(30), tests=TESTS)
    passed = office.validate()
    assert (passed["valid"], passed["tests"]["ok"]) == (True, True)
    office.put(text_of(30), tests=TESTS.replace("16:30", "16:31"), replaces=1)
    failed = office.validate()
    assert (failed["valid"], failed["tests"]["ok"]) == (False, False)
    assert failed["tests"]["tests"][0]["failures"]


@pytest.mark.parametrize("tests", ["nonsense", "policy: other\ntests: []\n", "[", "\ud800", "tests: 1"])
def test_broken_tests_are_an_answer(office: Office, tests: str) -> None:
    """Tests that can't be read are findings, and no draft with them is valid."""
    office.put(text_of(30), tests=tests)
    found = office.validate()
    assert not found["valid"]
    assert found["tests"]["findings"]


def test_tests_that_would_keep_a_worker_busy_are_refused(office: Office) -> None:
    """A draft's tests share the workers with all children's beats, so there is an end to what may happen in them."""
    rows = '- {open: tv}\n      - {beat: tv, every: 1s, until: "21:00"}\n      - {beat: tv, every: 1s, until: "21:40"}'
    office.put(text_of(30), tests=TESTS.replace("- {ask", f"{rows}\n      - {{ask"))
    found = office.validate()
    assert [one["code"] for one in found["tests"]["findings"]] == ["suite.too_long"]
    assert (found["valid"], found["tests"]["tests"]) == (False, [])


@pytest.mark.parametrize(
    "text", ["nonsense", "[", "\ud800", "\x00", "policy: [", "a: &a [*a]", "- " * 5000, "policy: short-video\n" * 3]
)
def test_no_text_is_a_failure_of_the_service(office: Office, text: str) -> None:
    """Whatever is put, validating it answers with findings, and publishing it is refused."""
    assert office.put(text).status_code == 200
    found = office.validate()
    assert not found["valid"]
    assert found["findings"]
    assert office.send().json["code"] == "draft-refused"


def test_large_drafts(office: Office) -> None:
    """A draft may have a megabyte with its tests, other calls still 64 KiB."""
    body = {"text": "# " + "x" * (MAX_POLICY_BYTES - 100), "base_revision": 1}
    assert len(json.dumps(body)) < MAX_POLICY_BYTES
    assert office.call("PUT", "draft", body, key=office.editor).status_code == 200
    assert not office.validate()["valid"]
    larger = office.call("PUT", "draft", {**body, "text": body["text"] + "x" * 100}, key=office.editor)
    assert (larger.status_code, larger.json["code"]) == (413, "too-large")
    assert str(MAX_POLICY_BYTES) in larger.json["detail"]
    publish = office.call("POST", "publish", {"digest": "x" * 70_000, "why": "y"})
    assert (publish.status_code, publish.json["code"]) == (413, "too-large")


def test_a_draft_may_extend_another_policy(office: Office) -> None:
    """A policy of the tenant or the folder is found by its id; the revision keeps its text as it was."""
    base = Office(office.world, id="house-rules")
    base.publish(text_of(25, id="house-rules"))
    office.publish(text_of(30, top="extends: [house-rules]"))
    assert office.left() == (2, 25)
    assert office.call("GET", "revisions/2").json["documents"] == {"house-rules": text_of(25, id="house-rules")}
    base.publish(text_of(5, id="house-rules"))
    assert office.left() == (2, 25)


@pytest.mark.parametrize("role", ["app", "guardian-agent", "reviewer", "operator", "policy-publisher", "auditor"])
def test_only_editors_write_drafts(office: Office, role: str) -> None:
    """Everybody else is told so; apps do not even see them."""
    key = office.key(role, "mallory")
    assert office.put(text_of(1), key=key).status_code == 403
    assert office.call("DELETE", "draft", key=key).status_code == 403
    office.put(text_of(1))
    reads = role in {"policy-publisher", "auditor"}
    assert office.call("GET", "draft", key=key).status_code == (200 if reads else 403)
    assert office.call("POST", "draft/validate", key=key).status_code == (200 if reads else 403)


@pytest.mark.parametrize("id", ["-", "a b", "x" * 65, "%00", "a%2Fb"])
def test_ids_that_cannot_be(world: World, id: str) -> None:
    """A policy's id is a word; anything else is refused where it stands, or is no path."""
    office = Office(world, id=id)
    answers = [
        office.call("PUT", "draft", {"text": "x", "base_revision": 0}, key=office.editor),
        office.call("GET"),
        office.call("GET", "draft"),
        office.call("GET", "history"),
        office.call("POST", "publish", {"digest": "x", "why": "y"}),
        office.call("POST", "rollback", {"to_revision": 1, "why": "y"}),
        office.call("POST", "preview", {}),
    ]
    assert {one.status_code for one in answers} <= {404, 422}
