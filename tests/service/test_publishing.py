"""Publishing: by a second person, as it was reviewed, at once everywhere; and back again."""

import pytest

from tests.service.office import Office, text_of
from tests.service.test_logs_and_metrics import count
from tests.service.world import World


@pytest.fixture
def office(world: World) -> Office:
    """A world with people who write policies, and a child of 13."""
    world.put()
    return Office(world)


def refusal(answer) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json["code"]


def test_publishing_takes_a_second_person(office: Office) -> None:
    """Way 19: nobody publishes a draft that they edited, not even with both roles; another key does."""
    both = office.world.new_key("policy-editor", "policy-publisher", name="both")
    office.put(text_of(30), key=both)
    refused = office.send(key=both)
    assert refusal(refused) == (403, "second-person-required")
    assert office.left() == (1, 40)
    office.put(text_of(20), replaces=1)  # the other one's edit does not take the first one's away
    assert refusal(office.send(key=both)) == (403, "second-person-required")
    sent = office.send()
    assert (sent.status_code, sent.json["policy"]["revision"]) == (200, 2)
    assert office.left() == (2, 20)


def test_a_publisher_may_edit_what_others_publish(office: Office) -> None:
    """Roles are no persons: who has both may publish what somebody else wrote."""
    both = office.world.new_key("policy-editor", "policy-publisher", name="both")
    office.put(text_of(30))
    assert office.send(key=both).status_code == 200


@pytest.mark.parametrize("role", ["policy-editor", "app", "auditor", "operator", "reviewer", "guardian-agent"])
def test_only_publishers_publish(office: Office, role: str) -> None:
    """Publishing, rollback and rollout need the role; a shadow that of an editor or publisher."""
    office.put(text_of(30))
    key = office.key(role, "mallory")
    why = {"why": "because"}
    assert refusal(office.call("POST", "publish", {"digest": "x", **why}, key=key)) == (403, "forbidden")
    assert refusal(office.call("POST", "rollback", {"to_revision": 1, **why}, key=key)) == (403, "forbidden")
    assert refusal(office.call("POST", "rollout", {"percent": 5, **why}, key=key)) == (403, "forbidden")
    shadow = office.call("POST", "shadow", {"draft": True, **why}, key=key)
    assert shadow.status_code == (200 if role == "policy-editor" else 403)


def test_what_is_published_is_what_was_reviewed(office: Office) -> None:
    """A draft that means something else by now is refused, and so is a digest that was never validated."""
    office.put(text_of(30))
    reviewed = office.validate()["digest"]
    office.put(text_of(90), replaces=1)
    assert refusal(office.send(digest=reviewed)) == (409, "conflict")
    assert refusal(office.send(digest="sha256:0")) == (409, "conflict")
    assert office.left() == (1, 40)
    office.put("# a comment means nothing\n" + text_of(30), replaces=2)
    assert office.send(digest=reviewed).status_code == 200


def test_a_draft_with_errors_or_failing_tests_is_refused(office: Office) -> None:
    """Nothing that does not validate is ever published; the refusal names what is wrong."""
    office.put(text_of(30).replace("daily", "dayly"))
    refused = office.send()
    assert refusal(refused) == (422, "draft-refused")
    assert [one["check"] for one in refused.json["errors"]] == ["findings"]
    assert "short-video.yaml:6" in refused.json["errors"][0]["problem"]
    tests = "policy: short-video\ntests: [{name: none}]\n"
    office.put(text_of(30), replaces=1, tests=tests)
    refused = office.send()
    assert refusal(refused) == (422, "draft-refused")
    assert {one["check"] for one in refused.json["errors"]} == {"tests"}


def test_publishing_nothing(office: Office) -> None:
    """Without a draft there is nothing to publish."""
    assert refusal(office.send(digest="sha256:0")) == (404, "not-found")


def test_two_drafts_at_once_and_one_is_told(office: Office) -> None:
    """Of two texts begun from the same revision the second is a conflict, when it is put and when it was put before."""
    office.put(text_of(30))
    other = text_of(20)
    digest = office.validate()["digest"]
    assert office.send(digest=digest).status_code == 200
    assert office.put(other, base=1).status_code == 409
    office.put(other, base=2)
    office.call("POST", "rollback", {"to_revision": 1, "why": "oops"})
    refused = office.send()
    assert refusal(refused) == (409, "conflict")
    assert "`base_revision`: 1" in refused.json["detail"]
    assert office.validate()["conflict"] == refused.json["detail"]


def test_a_session_goes_on_under_the_new_policy(office: Office) -> None:
    """The next beat is decided by what was published, and what was used before is not forgotten."""
    world = office.world
    opened = world.open().json
    world.clock.advance(60)
    office.publish(text_of(1))
    office.look()
    beaten = world.beat(opened["token"], 1).json["decision"]
    assert (beaten["effect"], beaten["policy"]["revision"]) == ("deny", 2)
    assert world.used() == 60


def test_the_token_and_the_decision_are_of_one_revision(office: Office) -> None:
    """What a token tells an edge of features is what the decision's policy says, whenever it was published."""
    seen = []
    for features in ("{default: deny}", "{default: allow}", "{default: deny, allow: [search]}"):
        office.publish(text_of(40, features=features))
        office.look()
        opened = office.world.open().json
        claims = office.world.service.verify(opened["token"])
        seen.append((claims.policy == opened["decision"]["policy"]["digest"], claims.features))
    assert seen == [(True, {"*": "deny"}), (True, {"*": "allow"}), (True, {"*": "deny", "search": "allow"})]


def test_rollback_is_a_new_entry_and_an_old_revision(office: Office) -> None:
    """A publisher alone goes back, to the folder's too; nothing of the history is lost."""
    office.publish(text_of(30))
    office.publish(text_of(20))
    back = office.call("POST", "rollback", {"to_revision": 2, "why": "too strict"})
    assert (back.status_code, back.json["policy"]["revision"], back.json["policy"]["previous"]) == (200, 2, 3)
    office.look()
    assert office.left() == (2, 30)
    folder = office.call("POST", "rollback", {"to_revision": 1, "why": "all of it"})
    assert (folder.json["policy"]["revision"], folder.json["policy"]["source"]) == (1, "folder")
    office.look()
    assert office.left() == (1, 40)
    rows = office.call("GET", "history").json["changes"]
    assert [(row["number"], row["kind"], row["revision"], row["why"]) for row in rows] == [
        (4, "rollback", 1, "all of it"),
        (3, "rollback", 2, "too strict"),
        (2, "publish", 3, "because"),
        (1, "publish", 2, "because"),
    ]
    assert {row["by"]["name"] for row in rows} == {"pat"}
    assert {row["at"] for row in rows} == {"2026-11-24T04:00:00+00:00"}


def test_rollback_to_what_is_not_there(office: Office) -> None:
    """A number that was never published, and a policy that never was, are conflicts; the same again is no change."""
    nothing = office.call("POST", "rollback", {"to_revision": 1, "why": "x"})
    assert refusal(nothing) == (409, "conflict")
    office.publish(text_of(30))
    for number in (3, 999_999_999):
        assert refusal(office.call("POST", "rollback", {"to_revision": number, "why": "x"})) == (409, "conflict")
    same = office.call("POST", "rollback", {"to_revision": 2, "why": "x"})
    assert (same.status_code, same.json["change"]["number"]) == (200, 1)


def test_the_second_publishing_counts_on(office: Office) -> None:
    """Numbers rise and are never used again, whatever is active."""
    assert office.publish(text_of(30)) == 2
    office.call("POST", "rollback", {"to_revision": 1, "why": "x"})
    assert office.publish(text_of(20)) == 3
    rows = office.call("GET", "revisions").json["revisions"]
    assert [(row["revision"], bool(row["published_by"])) for row in rows] == [(3, True), (2, True), (1, False)]


def test_revisions_keep_text_tests_and_people(office: Office) -> None:
    """Each says who drafted it, who published it, when and why; the text is what was put, byte for byte."""
    text = "# 未成年人 — a comment\n" + text_of(30)
    number = office.publish(text, why="school is out")
    revision = office.call("GET", f"revisions/{number}").json
    assert (revision["text"], revision["why"], revision["tests"]) == (text, "school is out", None)
    assert [one["name"] for one in revision["drafted_by"]] == ["ed"]
    assert revision["published_by"]["name"] == "pat"
    assert revision["digest"] == office.stands()["digest"]
    for nothing in ("3", "0", "x", "999999999999", "-1", "２"):
        assert office.call("GET", f"revisions/{nothing}").status_code == 404


def test_history_in_pages(office: Office) -> None:
    """All of it can be read, a page at a time, without gaps."""
    office.publish(text_of(30))
    for number in range(2, 27):
        office.call("POST", "rollback", {"to_revision": 1 + number % 2, "why": f"turn {number}"})
    numbers, before = [], ""
    for _ in range(20):
        page = office.call("GET", f"history?limit=7{before}").json
        numbers += [row["number"] for row in page["changes"]]
        if page["next_before"] is None:
            break
        before = f"&before={page['next_before']}"
    assert numbers == list(range(26, 0, -1))
    revisions = office.call("GET", "revisions?limit=1").json
    assert ([row["revision"] for row in revisions["revisions"]], revisions["next_before"]) == ([2], 2)
    last = office.call("GET", "revisions?limit=1&before=2").json
    assert ([row["revision"] for row in last["revisions"]], last["next_before"]) == ([1], None)


def test_retries_with_a_key_are_one_change(office: Office) -> None:
    """A publish or rollback whose answer was lost is told again, even after others changed it; it is not done twice."""
    office.put(text_of(30))
    digest, key = office.validate()["digest"], {"Idempotency-Key": "p-1"}
    first = office.send(digest=digest, headers=key)
    again = office.send(digest=digest, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json["change"] == again.json["change"]
    back = {"to_revision": 1, "why": "x"}
    rolled = office.call("POST", "rollback", back, headers={"Idempotency-Key": "r-1"})
    office.publish(text_of(20))
    late = office.call("POST", "rollback", back, headers={"Idempotency-Key": "r-1"})
    assert rolled.json["change"] == late.json["change"]
    assert office.stands()["revision"] == 3
    other = office.call("POST", "rollback", {"to_revision": 2, "why": "x"}, headers={"Idempotency-Key": "r-1"})
    assert refusal(other) == (422, "idempotency-key-reused")


def test_tenants_and_live_see_nothing_of_each_other(office: Office) -> None:
    """Way 20: another tenant, and the live keys of the same one, neither see nor feel a draft or a revision."""
    elsewhere = [Office(office.world, tenant="other"), Office(office.world, live=True)]
    for one in elsewhere:
        app = office.world.new_key("app", tenant=one.tenant, live=one.live)
        body = {"policy": "short-video", "age_band": "12-16"}
        assert office.world.call("PUT", "/v1/subjects/kid", body, key=app).status_code == 200
    before = [one.stands() for one in elsewhere]
    office.publish(text_of(30))
    office.put(text_of(20))
    office.call("POST", "shadow", {"draft": True, "why": "x"})
    own = Office(office.world, id="own-game")
    own.publish(text_of(10, id="own-game"))
    for one, stood in zip(elsewhere, before, strict=True):
        one.look()
        assert one.stands() == stood
        assert one.left() == (1, 40)
        assert one.call("GET", "draft").status_code == 404
        assert one.call("GET", "revisions/2").status_code == 404
        assert one.call("GET", "history").json["changes"] == []
        assert Office(office.world, tenant=one.tenant, live=one.live, id="own-game").call("GET").status_code == 404
    assert office.left() == (2, 30)


def test_the_list_says_what_holds(office: Office) -> None:
    """Folder's and tenant's, with revision and digest, for everybody who may call."""
    number = office.publish(text_of(30))
    rows = office.world.call("GET", "/v1/policies").json["policies"]
    assert [(row["id"], row["revision"], row["source"], row["problem"]) for row in rows] == [
        ("calendared", 1, "folder", None),
        ("short-video", number, "tenant", None),
    ]
    assert rows[1]["digest"] == office.call("GET", f"revisions/{number}").json["digest"]


def test_why_is_not_left_out(office: Office) -> None:
    """Every change says why."""
    office.put(text_of(30))
    for what, body in (("publish", {"digest": "x"}), ("rollback", {"to_revision": 1}), ("rollout", {"percent": 1})):
        answer = office.call("POST", what, body)
        assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, ["/why"])


def test_observed_denials_are_counted(office: Office) -> None:
    """Under `observe` what would have been denied passes, and is counted by policy, effect and reason."""
    office.publish(text_of(0, top="enforcement: observe"))
    office.look()
    labels = {"policy": "short-video", "effect": "deny", "reason": "quota.exhausted"}
    before = count("minorguard_observed_total", **labels)
    answer = office.world.open().json["decision"]
    assert (answer["effect"], answer["observed_effect"]) == ("allow", "deny")
    assert count("minorguard_observed_total", **labels) == before + 1
