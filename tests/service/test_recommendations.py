"""Lists over HTTP: made and counted in one call, by the viewer's choice, with editors in between, on record."""

import pytest

from minorguard.policy import PolicyBook, compile_policy
from minorguard.ranking import Candidate
from tests.service.world import World

POLICY = """\
policy: short-video
timezone: Asia/Shanghai
surfaces: [feed, featured, hot_search, search]
bands:
  0-18:
    time: {quota: {daily: 40m}}
    features: {default: deny, allow: [search]}
    content: {max_rating: 12+, block: [violence]}
    recommendations:
      block: [idol]
      at_most: {entertainment: 40%}
      at_least: {education: 20%}
      per_author: {max: 2, within: 10}
      per_topic: {sport: {max: 1, within: 3}}
      break_every: {items: 6}
      autoplay: false
      items_per_sitting: 15
"""
OBSERVED = POLICY.replace("policy: short-video", "policy: watched\nenforcement: observe")
NO_PROFILE = POLICY.replace("policy: short-video", "policy: plain").replace(
    "recommendations:", "recommendations:\n      personalised: false"
)
TOPICS = (["entertainment"], ["education.maths"], ["sport"], ["art"])


@pytest.fixture
def world():
    """A service with the policies above, and a subject."""
    world = World.make(policies=PolicyBook.of(*(compile_policy(text) for text in (POLICY, OBSERVED, NO_PROFILE))))
    world.put()
    return world


def candidates(number=60, **more):
    """So many, best first, by nine authors."""
    return [
        {"id": f"v{n}", "score": 1 - n / 100, "author": f"a{n % 9}", "topics": TOPICS[n % 4], "rating": "8+", **more}
        for n in range(number)
    ]


def ask(world, subject="kid", *, key=None, **body):
    """Ask for a list."""
    sent = {"subject_id": subject, "surface": "feed", "slots": 10, "candidates": candidates(), **body}
    return world.call("POST", "/v1/recommendations", sent, headers={"Idempotency-Key": key} if key else {})


def ids(answer):
    """The ids of an answered list."""
    return [one["id"] for one in answer.json["list"]["items"]]


def test_list__keeps_the_rules_and_counts(world):
    """Ten of fifteen are shown; floors, caps and breaks are in the answer, and each other candidate has a reason."""
    answer = ask(world)
    made = answer.json["list"]
    assert (answer.status_code, answer.json["decision"]["effect"], _left(answer)) == (200, "allow", 5)
    assert len(made["items"]) + len(made["dropped"]) == 60
    assert [one["after_rank"] for one in made["breaks"]] == [6]
    assert all(one["holds"] for one in made["certificate"]["statements"])
    assert not any(one["autoplay"] for one in made["items"])


def _left(answer):
    return answer.json["decision"]["remaining"]["items"]


def test_retry__is_the_same_list_counted_once(world):
    """The same key and body: the same answer, and another body with it is refused."""
    first, second = ask(world, key="k1"), ask(world, key="k1")
    assert first.json["list"] == second.json["list"]
    assert _left(second) == 5
    assert ask(world, key="k1", slots=3).status_code == 422
    others = [{**one, "id": f"other-{one['id']}"} for one in candidates()]
    best_last = [{**one, "score": 1 - one["score"]} for one in candidates()]
    for other in (others, best_last, candidates(59)):
        refused = ask(world, key="k1", candidates=other)
        assert (refused.status_code, refused.json["code"]) == (422, "idempotency-key-reused")
    assert _left(ask(world, key="k1")) == 5


def test_sitting_total__shortens_the_list_and_then_denies(world):
    """Five are left after ten; then none, with the instant at which there may be more."""
    ask(world)
    second, third = ask(world, previous=[]), ask(world)
    assert (len(ids(second)), second.json["list"]["infeasible"]) == (5, ["items_per_sitting"])
    decision = third.json["decision"]
    assert (decision["effect"], decision["reasons"][0]["code"], third.json["list"]) == ("deny", "items.exhausted", None)
    assert decision["retry_at"] == "2026-11-24T12:05:00+08:00"


def test_pages__go_on_where_the_last_one_ended(world):
    """What was shown before is not shown again, and ranks and breaks count on."""
    first = ask(world)
    shown = [one for id in ids(first) for one in candidates() if one["id"] == id]
    second = ask(world, slots=5, previous=shown)
    assert not set(ids(first)) & set(ids(second))
    assert (
        [one["rank"] for one in second.json["list"]["items"]],
        [one["after_rank"] for one in second.json["list"]["breaks"]],
    ) == ([11, 12, 13, 14, 15], [12])


def test_what_may_not_be_shown__is_dropped_with_its_reason(world):
    """Unrated, rated too high, labelled, bought, of a blocked topic: whatever their score."""
    wrong = {
        "unrated": {},
        "rating": {"rating": "16+"},
        "label": {"rating": "8+", "labels": ["violence.graphic"]},
        "promoted": {"rating": "8+", "promoted": True},
        "topic": {"rating": "8+", "topics": ["idol.chasing"]},
    }
    bad = [{"id": f"bad-{code}", "score": 9, **more} for code, more in wrong.items()]
    dropped = ask(world, candidates=[*bad, *candidates()]).json["list"]["dropped"]
    assert {f"bad-{code}": code for code in wrong} == {
        one["id"]: one["code"] for one in dropped if one["id"].startswith("bad-")
    }


def test_surface_that_the_policy_does_not_declare__shows_nothing(world):
    """A forgotten surface is no way round: the list is empty, and says why."""
    made = ask(world, surface="lock_screen").json["list"]
    assert (made["items"], made["infeasible"]) == ([], ["surface.unknown"])


def test_non_personal_choice__acts_at_once_and_deletes_interests(world):
    """Switched off, the very next list uses no personal score, and all tags are gone."""
    assert _tags(world.call("PUT", "/v1/subjects/kid/interests", {"add": ["science"]})) == ["science"]
    personal = candidates(20, personal=True) + [{"id": f"p{n}", "score": 0.1, "rating": "8+"} for n in range(9)]
    assert ask(world, candidates=personal, slots=2).json["personalised"]
    off = world.call("PUT", "/v1/subjects/kid/interests", {"personalised": False})
    assert (off.json["personalised"], _tags(off)) == (False, [])
    answer = ask(world, candidates=personal, slots=2)
    assert (answer.json["personalised"], ids(answer)) == (False, ["p0", "p1"])
    assert world.call("PUT", "/v1/subjects/kid/interests", {"add": ["science"]}).status_code == 422


def _tags(answer):
    return [one["name"] for one in answer.json["tags"]]


def test_interests__are_seen_and_deleted_one_by_one(world):
    """Who may see a subject sees its tags; a tag that is not there is not found; erasing the subject erases them."""
    world.call("PUT", "/v1/subjects/kid/interests", {"add": ["science", "chess", "science"]})
    assert _tags(world.call("GET", "/v1/subjects/kid/interests")) == ["science", "chess"]
    assert _tags(world.call("DELETE", "/v1/subjects/kid/interests/science")) == ["chess"]
    assert world.call("DELETE", "/v1/subjects/kid/interests/science").status_code == 404
    assert world.call("GET", "/v1/subjects/nobody/interests").status_code == 404
    world.call("DELETE", "/v1/subjects/kid")
    world.put()
    assert _tags(world.call("GET", "/v1/subjects/kid/interests")) == []


@pytest.mark.parametrize("tag", ["illegal", "bad.vulgar", "idol.chasing"])
def test_illegal_or_blocked_keywords__are_no_interests(world, tag):
    """Neither what the law calls so nor what the policy does not recommend."""
    answer = world.call("PUT", "/v1/subjects/kid/interests", {"add": ["science", tag]})
    assert (answer.status_code, _tags(world.call("GET", "/v1/subjects/kid/interests"))) == (422, [])


def test_policy_without_profiles__keeps_no_interests(world):
    """Where no list may follow from a profile there is none to keep."""
    world.put("plain-kid", policy="plain")
    assert world.call("PUT", "/v1/subjects/plain-kid/interests", {"add": ["science"]}).status_code == 409
    assert not ask(world, "plain-kid").json["personalised"]


def test_editors__pin_ban_and_lift_on_record(world):
    """A pin and a ban act at the next list, end by themselves, and stay on record with who and why."""
    editor = world.new_key("reviewer", name="Li")
    soon, later = "2026-11-24T13:00:00+08:00", "2026-11-25T00:00:00+08:00"

    def edit(**body):
        return world.call("POST", "/v1/editorial", {"reason": "festival", **body}, key=editor)

    assert edit(item="v40", action="pin", rank=1, surface="feed", expires_at=soon).status_code == 200
    assert edit(item="v0", action="ban", expires_at=later).status_code == 200
    made = ask(world, slots=3)
    assert (ids(made)[0], made.json["list"]["items"][0]["why"]) == ("v40", "pinned")
    assert {"id": "v0", "code": "banned", "what": None} in made.json["list"]["dropped"]
    assert ids(ask(world, slots=3, surface="search"))[0] != "v40"
    world.clock.advance(3600)
    assert "v40" not in ids(ask(world, slots=3))
    assert edit(item="v0", action="lift").status_code == 200
    assert edit(item="v0", action="lift").status_code == 404
    assert ids(ask(world, slots=3))[0] == "v0"
    seen = world.call("GET", "/v1/editorial", key=world.new_key("auditor")).json
    assert (seen["edits"], [one["action"] for one in seen["record"]]) == ([], ["pin", "ban", "lift"])
    assert {"festival"} == {one["reason"] for one in seen["record"]}


@pytest.mark.parametrize(
    "body",
    [
        {"action": "pin", "rank": 1},
        {"action": "pin", "expires_at": "2026-12-01T00:00:00Z"},
        {"action": "ban", "rank": 1, "expires_at": "2026-12-01T00:00:00Z"},
        {"action": "ban", "expires_at": "2026-11-01T00:00:00Z"},
        {"action": "ban", "expires_at": "2029-11-01T00:00:00Z"},
    ],
)
def test_edit_that_is_none__is_refused(world, body):
    """Each pin has a rank, each edit an end in the next year."""
    answer = world.call(
        "POST", "/v1/editorial", {"item": "v1", "reason": "x", **body}, key=world.new_key("policy-editor")
    )
    assert answer.status_code == 422


def test_apps_and_guardians__edit_nothing(world):
    """Pins and bans are the editors'."""
    body = {"item": "v1", "action": "ban", "reason": "x", "expires_at": "2026-12-01T00:00:00Z"}
    assert world.call("POST", "/v1/editorial", body, key=world.new_key("app", "guardian-agent")).status_code == 403


def test_observe__lets_pass_and_says_what_would_have_been(world):
    """The list is the sorted one; beside it stands the one that the rules would have made."""
    world.put("watched-kid", policy="watched")
    answer = ask(world, "watched-kid", slots=4)
    assert ids(answer) == ["v0", "v1", "v2", "v3"]
    assert {"v0", "v1"} <= {one["id"] for one in answer.json["observed"]["items"]}
    assert "at_most/entertainment/40" in str(answer.json["observed"]["certificate"])


def test_mode_off__shows_the_sorted_list(world):
    """Without the mode nothing is limited; bans stay, which are the editors' and not the mode's."""
    world.put("grown", mode="off")
    answer = ask(world, "grown", slots=4)
    assert (ids(answer), answer.json["decision"]["reasons"][0]["code"]) == (["v0", "v1", "v2", "v3"], "mode.off")


def test_lapsed_lease__makes_no_list(world):
    """A list by the token of a session whose lease has ended is refused, as every other call is."""
    token = world.open().json["token"]
    body = {"token": token, "surface": "feed", "slots": 2, "candidates": candidates()}
    assert world.call("POST", "/v1/recommendations", body).status_code == 200
    world.clock.advance(61)
    assert world.call("POST", "/v1/recommendations", body).status_code == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"candidates": [{"id": "v", "score": "1"}]}, "/candidates/0/score"),
        ({"candidates": [{"id": "v", "score": 10**400}]}, "/candidates/0/score"),
        ({"candidates": [{"id": "v", "score": 1.7e308}]}, "/candidates/0/score"),
        ({"candidates": [{"id": "v", "score": True}]}, "/candidates/0/score"),
        ({"candidates": [{"id": "v", "score": 1}, {"id": "v", "score": 2}]}, "/candidates/1/id"),
        ({"candidates": []}, "/candidates"),
        ({"candidates": [{"id": f"v{n}", "score": n} for n in range(5001)]}, "/candidates"),
        ({"slots": 0}, "/slots"),
        ({"slots": 1001}, "/slots"),
        ({"surface": ""}, "/surface"),
    ],
)
def test_bad_input__is_pointed_at(world, body, pointer):
    """NaN has no JSON; numbers beyond all bounds, ids that come twice and lists of no size are problems."""
    answer = ask(world, **body)
    assert (422, pointer) == (answer.status_code, answer.json["errors"][0]["pointer"])


def test_candidate__of_the_api_is_that_of_python():
    """Each field of a candidate can be sent."""
    from minorguard_service.list_schemas import CandidateIn

    assert set(CandidateIn().fields) == set(Candidate.__dataclass_fields__) - {"traits"}


def test_a_refused_choice_changes_nothing(world):
    """Switching on and adding is one change; switching off and adding is a contradiction, told where it stands."""
    world.call("PUT", "/v1/subjects/kid/interests", {"personalised": False})
    wrong = world.call("PUT", "/v1/subjects/kid/interests", {"personalised": True, "add": ["science", "illegal"]})
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/add")
    assert not world.call("GET", "/v1/subjects/kid/interests").json["personalised"]
    right = world.call("PUT", "/v1/subjects/kid/interests", {"personalised": True, "add": ["science"]})
    assert (right.json["personalised"], _tags(right)) == (True, ["science"])
    both = world.call("PUT", "/v1/subjects/kid/interests", {"personalised": False, "add": ["chess"]})
    assert (both.status_code, both.json["errors"][0]["pointer"]) == (422, "/add")
    assert _tags(world.call("GET", "/v1/subjects/kid/interests")) == ["science"]
