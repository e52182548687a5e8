"""Texts and items over HTTP: verdicts, matches, reviews, rulings that flow back."""

from __future__ import annotations

from typing import Any

import pytest

from minorguard.content.classifiers import Classification, Classifiers, Limits
from minorguard.policy import PolicyBook, compile_policy
from minorguard.review import topics
from tests.service.world import POLICY, World

CONTENT = """\
policy: app
timezone: Asia/Shanghai
features_need_lease: {lease}
surfaces: [feed, comments]
bands:
  0-12: {{content: {{max_rating: 8+, labels: {{sport: show}}}}, features: {{default: allow}}}}
  12-18:
    features: {{default: allow}}
    content:
      max_rating: 12+
      block: [gambling]
      labels: {{sport: show, gore: blur, odd: review}}
      text: {{spam: allow, fraud: block, abuse: mask, default: review}}
      per_surface: {{comments: {{text: {{contact: block}}}}}}
"""
TERMS = [
    {"term": "badword", "category": "abuse", "action": "mask"},
    {"term": "gray zone", "category": "doubt"},
    {"term": "cheap pills", "category": "fraud"},
    {"term": "buy now", "category": "spam"},
    {"term": "call me", "category": "contact"},
]


def made(lease: bool = False) -> World:
    """A world with a policy on content, a child of 12 to 15, and a list."""
    policies = PolicyBook.of(compile_policy(CONTENT.format(lease=str(lease).lower())), compile_policy(POLICY))
    world = World.make(policies=policies)
    world.put("kid", policy="app")
    editor = world.new_key("policy-editor")
    put = world.call("PUT", "/v1/lexicons/words", {"terms": TERMS}, key=editor)
    assert put.status_code == 200, put.text
    return world


@pytest.fixture
def world() -> World:
    """A world whose policy asks for no lease."""
    return made()


def texts(world: World, *said: str, surface: str = "comments", key: str | None = None, **more: Any) -> list[dict]:
    """The verdicts of texts."""
    about = {} if more.keys() & {"token", "policy", "subject_id"} or key else {"subject_id": "kid"}
    body = {**about, "surface": surface, "texts": [{"text": one} for one in said], **more}
    answer = world.call("POST", "/v1/content/texts", body, key=key)
    assert answer.status_code == 200, answer.text
    return answer.json["verdicts"]


def items(world: World, *sent: dict, surface: str = "feed", key: str | None = None, **more: Any) -> list[dict]:
    """The verdicts of items; each is rated `8+` unless it says otherwise."""
    about = {} if more.keys() & {"token", "policy", "subject_id"} or key else {"subject_id": "kid"}
    rows = [{"id": f"v-{number}", "ratings": ["8+"], **one} for number, one in enumerate(sent)]
    answer = world.call("POST", "/v1/content/items", {**about, "surface": surface, "items": rows, **more}, key=key)
    assert answer.status_code == 200, answer.text
    return answer.json["verdicts"]


def test_texts_are_judged_by_list_and_policy(world: World) -> None:
    """The stricter of both; a category that the policy allows passes; one surface may be stricter."""
    said = ("hello", "you badword you", "in a gray zone", "cheap pills", "buy now", "call me")
    assert [one["verdict"] for one in texts(world, *said)] == ["allow", "mask", "review", "block", "allow", "block"]
    assert [one["verdict"] for one in texts(world, "call me", surface="feed")] == ["review"]


def test_a_masked_text_has_its_matches_starred_out(world: World) -> None:
    """Spans are characters of the text as it was sent; what is allowed stays."""
    (one,) = texts(world, "😀 buy now, badword")
    assert one["masked"] == "😀 buy now, *******"
    assert [(match["start"], match["end"], match["action"]) for match in one["matches"]] == [
        (2, 9, "allow"),
        (11, 18, "mask"),
    ]
    reason = one["decision"]["reasons"][0]
    assert (reason["code"], reason["data"]["category"], reason["text"]["en"]) == (
        "text.found",
        "abuse",
        "It has words of the kind “cyber-violence, mockery, abuse”: masked.",
    )


def test_items_are_judged_by_label_rating_and_surface(world: World) -> None:
    """Each with the decision that explains it."""
    sent = (
        {"labels": ["sport"]},
        {"labels": ["gore"]},
        {"labels": ["odd"]},
        {"labels": ["gambling"]},
        {"labels": ["x"]},
    )
    verdicts = items(world, *sent, {"ratings": []}, {"ratings": ["mpaa:R"]})
    assert [one["verdict"] for one in verdicts] == ["show", "blur", "review", "hide", "hide", "hide", "hide"]
    assert [one["decision"]["reasons"][0]["code"] for one in verdicts] == [
        "content.allowed",
        "item.label",
        "item.label",
        "item.label",
        "item.label_unknown",
        "item.unrated",
        "item.rating",
    ]


@pytest.mark.parametrize("surface", ["popup", "feeds"])
def test_a_surface_that_is_not_declared_shows_nothing(world: World, surface: str) -> None:
    """Whatever is asked about."""
    (item,) = items(world, {"labels": ["sport"]}, surface=surface)
    (text,) = texts(world, "hello", surface=surface)
    assert (item["verdict"], text["verdict"]) == ("hide", "block")
    assert item["decision"]["reasons"][0]["code"] == text["decision"]["reasons"][0]["code"] == "surface.unknown"


def test_somebody_of_a_band_may_be_asked_for(world: World) -> None:
    """By policy and band; without a band the age is unknown, and the strictest holds."""
    asked = [
        items(world, {"labels": ["gore"], "ratings": ["12+"]}, policy="app", **band)[0]["verdict"]
        for band in ({"age_band": "12-16"}, {"age_band": "8-12"}, {})
    ]
    assert asked == ["blur", "hide", "hide"]


def test_a_token_is_enough_and_says_the_subject(world: World) -> None:
    """As credential or in the body; then its session must live."""
    token = world.open("kid").json["token"]
    assert items(world, {"labels": ["sport"]}, key=token)[0]["verdict"] == "show"
    assert texts(world, "hello", token=token)[0]["verdict"] == "allow"
    world.clock.advance(60)
    body = {"surface": "feed", "texts": [{"text": "hello"}]}
    assert world.call("POST", "/v1/content/texts", body, key=token).json["code"] == "token-expired"


def test_way_19_another_door_asks_for_the_lease_where_the_policy_does() -> None:
    """And way 9: without a live session nothing is shown, whatever an old client asks for."""
    world = made(lease=True)
    assert [items(world, {"labels": ["sport"]})[0]["verdict"], texts(world, "hello")[0]["verdict"]] == ["hide", "block"]
    assert items(world, {"labels": ["sport"]}, policy="app", age_band="12-16")[0]["verdict"] == "hide"
    session = world.open("kid").json["session_id"]
    assert items(world, {"labels": ["sport"]})[0]["verdict"] == "show"
    assert items(world, {"labels": ["sport"]}, subject_id="kid", session_id=session)[0]["verdict"] == "show"
    world.clock.advance(60)
    (late,) = items(world, {"labels": ["sport"]}, subject_id="kid", session_id=session)
    assert (late["verdict"], late["decision"]["reasons"][0]["code"]) == ("hide", "lease.lapsed")


def test_what_cannot_be_read_is_not_shown_and_the_others_are_answered(world: World) -> None:
    """Each entry has its own errors, with pointers into it."""
    body = {
        "subject_id": "kid",
        "surface": "feed",
        "items": [{"id": "a", "labels": ["sport"], "ratings": ["8+"]}, {"id": "b", "labels": ["no label"]}, 7],
    }
    first, second, third = world.call("POST", "/v1/content/items", body).json["verdicts"]
    assert (first["verdict"], first["errors"]) == ("show", [])
    assert (second["id"], second["verdict"], second["decision"]) == ("b", "hide", None)
    assert second["errors"][0]["pointer"] == "/labels/0"
    assert (third["id"], third["verdict"], third["errors"][0]["problem"]) == (None, "hide", "must be an object")
    said = [{"text": "x" * 10_001}, {"text": "hello"}, {}]
    long, good, empty = world.call(
        "POST", "/v1/content/texts", {"subject_id": "kid", "surface": "comments", "texts": said}
    ).json["verdicts"]
    assert [long["verdict"], good["verdict"], empty["verdict"]] == ["block", "allow", "block"]
    assert [long["errors"][0]["pointer"], empty["errors"][0]["pointer"]] == ["/text", "/text"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"surface": None}, "/surface"),
        ({"texts": []}, "/texts"),
        ({"texts": [{"text": "x"}] * 101}, "/texts"),
        ({"texts": "x"}, "/texts"),
        ({"subject_id": None}, "/subject_id"),
        ({"policy": "app"}, "/policy"),
        ({"age_band": "12-16"}, "/age_band"),
        ({"subject_id": ..., "policy": "app", "age_band": "ten"}, "/age_band"),
        ({"subject_id": ...}, "/subject_id"),
        ({"subject_id": ..., "policy": "nope"}, "/policy"),
    ],
)
def test_a_call_that_is_wrong_as_a_whole_is_refused(world: World, change: dict, pointer: str) -> None:
    """With the place."""
    body = {"subject_id": "kid", "surface": "comments", "texts": [{"text": "x"}], **change}
    answer = world.call("POST", "/v1/content/texts", {name: one for name, one in body.items() if one is not ...})
    assert (422, pointer) == (answer.status_code, answer.json["errors"][0]["pointer"])


def test_text_with_lone_surrogates_and_any_characters_is_answered(world: World) -> None:
    """Nobody is made to fail by what they read."""
    assert [one["verdict"] for one in texts(world, "\ud800 badword", "", "\0")] == ["mask", "allow", "allow"]


def test_checks_take_an_item_question(world: World) -> None:
    """Beside time and features; nothing changes, and no case is opened."""
    question = {"type": "item", "surface": "feed", "labels": ["odd"], "ratings": ["8+"], "item_id": "v-9"}
    decision = world.call("POST", "/v1/checks", {"subject_id": "kid", "question": question}).json["decision"]
    assert (decision["effect"], decision["obligations"][0]["code"]) == ("deny", "content.review")
    reviewer = world.new_key("reviewer")
    assert world.call("GET", "/v1/reviews", key=reviewer).json == {"cases": []}


def test_what_goes_to_review_becomes_one_case_and_a_ruling_flows_back(world: World) -> None:
    """The same text again has a person's verdict; another one has not."""
    (first,), (again,) = texts(world, "in a gray zone"), texts(world, "in a gray zone")
    assert first["case_id"] == again["case_id"] is not None
    reviewer = world.new_key("reviewer")
    case = world.call("POST", "/v1/reviews/claims", {}, key=reviewer).json["case"]
    assert (case["id"], case["category"], case["content"]["text"]) == (first["case_id"], "doubt", "in a gray zone")
    assert case["content"]["found"][0]["term"] == "gray zone"
    world.call("POST", f"/v1/reviews/{case['id']}/decide", {"action": "show"}, key=reviewer)
    (ruled,), (other,) = texts(world, "in a gray zone"), texts(world, "in a gray zone!")
    assert (ruled["verdict"], ruled["by_person"], ruled["masked"]) == ("allow", True, "in a gray zone")
    assert (other["verdict"], other["by_person"]) == ("review", False)
    assert texts(world, "grayer gray zone", open_cases=False)[0]["case_id"] is None


@pytest.mark.parametrize(
    ("labels", "verdict"), [({}, "review"), ({"labels": []}, "show"), ({"labels": ["sport"]}, "show")]
)
def test_a_label_that_goes_to_review_stays_there_until_a_person_says_what_is_right(
    world: World, labels: dict, verdict: str
) -> None:
    """`show` alone takes no label away."""
    sent, reviewer = {"labels": ["odd"], "digest": "sha256:1"}, world.new_key("reviewer")
    (first,) = items(world, sent)
    world.call("POST", f"/v1/reviews/{first['case_id']}/claim", key=reviewer)
    world.call("POST", f"/v1/reviews/{first['case_id']}/decide", {"action": "show", **labels}, key=reviewer)
    assert items(world, sent)[0]["verdict"] == verdict


def test_an_item_that_is_a_text_has_the_digest_of_the_text(world: World) -> None:
    """Rulings on it hold, and classifiers see it; a title beside a URL says nothing of what is there."""
    says, reviewer = classified(world, Classification(("sport",))), world.new_key("reviewer")
    for number, more in enumerate(({}, {"url": "https://example.org/1.mp4"})):
        what = {"text": "some words", **more}
        opened = world.call("POST", "/v1/reviews", {"item_id": f"v-{number}", "category": "abuse", **what}).json["case"]
        world.call("POST", f"/v1/reviews/{opened['id']}/claim", key=reviewer)
        world.call("POST", f"/v1/reviews/{opened['id']}/decide", {"action": "show"}, key=reviewer)
        sent = [
            {"id": f"v-{number}", **what},
            {"id": f"copy-{number}", **what},
            {"id": f"v-{number}", **what, "text": "x"},
        ]
        by_person = [one["by_person"] for one in items(world, *sent)]
        assert by_person == ([True, True, False] if number == 0 else [True, False, True])
    assert says.calls == 1


def test_a_subject_with_as_many_cases_as_there_may_be_is_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs a review is not shown, and opens no case more."""
    monkeypatch.setattr(topics, "MOST_SUBJECT_CASES", 1)
    said = texts(world, "in a gray zone", "another gray zone", "hello")
    assert [one["verdict"] for one in said] == ["review", "review", "allow"]
    assert [one["case_id"] is not None for one in said] == [True, False, False]


def test_a_ruling_on_an_item_holds_under_the_rules(world: World) -> None:
    """Labels that a person gave take the place of the machine's; the policy says what becomes of those, by band."""
    sent = {"id": "v-1", "labels": ["odd"], "digest": "sha256:1"}
    (first,) = items(world, sent)
    reviewer = world.new_key("reviewer")
    world.call("POST", f"/v1/reviews/{first['case_id']}/claim", key=reviewer)
    ruling = {"action": "show", "labels": ["gore"], "ratings": ["12+"]}
    world.call("POST", f"/v1/reviews/{first['case_id']}/decide", ruling, key=reviewer)
    (older,) = items(world, sent)
    (younger,) = items(world, sent, policy="app", age_band="8-12")
    assert [(one["verdict"], one["by_person"]) for one in (older, younger)] == [("blur", True), ("hide", True)]
    (copy,), (changed,) = items(world, {**sent, "id": "v-2"}), items(world, {**sent, "digest": "sha256:2"})
    assert (copy["by_person"], changed["by_person"]) == (True, False)


def test_what_is_held_is_not_shown_whatever_was_ruled_before(world: World) -> None:
    """An item, and a text, that a person let pass, until another person has looked again."""
    reviewer = world.new_key("reviewer")
    item = {"id": "v-1", "labels": ["sport"], "digest": "sha256:1"}
    for what in ({"item_id": "v-1", "digest": "sha256:1"}, {"text": "buy now"}):
        for hold in (False, True):
            opened = world.call("POST", "/v1/reviews", {**what, "category": "abuse", "hold": hold})
            id = opened.json["case"]["id"]
            if not hold:
                world.call("POST", f"/v1/reviews/{id}/claim", key=reviewer)
                world.call("POST", f"/v1/reviews/{id}/decide", {"action": "show"}, key=reviewer)
    assert [one["verdict"] for one in (*items(world, item), *texts(world, "buy now"))] == ["review", "review"]
    assert items(world, item)[0]["case_id"].endswith("-2")


def test_labels_that_a_person_gives_a_text_are_under_the_policy(world: World) -> None:
    """Shown to those whom the policy shows what it is, as with items."""
    reviewer = world.new_key("reviewer")
    for text, labels in (("in a gray zone", ["contact"]), ("gray zone", ["unheard-of"])):
        (sent,) = texts(world, text)
        world.call("POST", f"/v1/reviews/{sent['case_id']}/claim", key=reviewer)
        ruling = {"action": "show", "labels": labels}
        world.call("POST", f"/v1/reviews/{sent['case_id']}/decide", ruling, key=reviewer)
    assert texts(world, "in a gray zone")[0]["verdict"] == "block"
    assert texts(world, "gray zone", policy="app", age_band="8-12")[0]["verdict"] == "allow"


class Says:
    """A classifier that says one thing, or raises it."""

    name = "images"

    def __init__(self, answer: Classification | Exception) -> None:
        self.answer, self.calls = answer, 0

    def classify(self, material: object) -> Classification:
        """As told."""
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def classified(world: World, answer: Classification | Exception) -> Says:
    """Put a classifier into a world."""
    says = Says(answer)
    object.__setattr__(world.service.content, "classifiers", Classifiers([says], Limits(timeout=2.0)))
    return says


def test_classifiers_add_labels_and_their_silence_is_never_show(world: World) -> None:
    """Of what has content to look at; once for the same content; a text's labels are categories."""
    says = classified(world, Classification(("gambling",)))
    shown = {"labels": ["sport"], "digest": "sha256:1", "url": "https://example.org/1.jpg"}
    assert [one["verdict"] for one in items(world, shown, {"labels": ["sport"]})] == ["hide", "show"]
    items(world, shown)
    assert says.calls == 1
    assert texts(world, "hello")[0]["verdict"] == "review"
    classified(world, ValueError("down"))
    (item,), (text,) = items(world, shown), texts(world, "hello there")
    assert (item["verdict"], text["verdict"]) == ("review", "review")
    assert item["decision"]["reasons"][0]["data"]["classifiers"] == ["images"]


def test_what_a_classifier_names_is_masked_whole(world: World) -> None:
    """It stands nowhere in the text, so there is nothing less to star out."""
    classified(world, Classification(("abuse",)))
    (text,) = texts(world, "hello", open_cases=False)
    assert (text["verdict"], text["masked"]) == ("mask", "*****")


def test_tenants_share_no_answers_of_classifiers(world: World) -> None:
    """Whatever digests they give to their content."""
    says = classified(world, Classification(("sport",)))
    shown = {"digest": "1", "url": "https://example.org/1.jpg"}
    for tenant in ("acme", "other"):
        items(world, shown, policy="app", age_band="12-16", key=world.new_key("app", tenant=tenant))
    assert says.calls == 2


def test_nothing_that_was_checked_is_in_the_log(world: World) -> None:
    """Neither texts, nor terms, nor items' labels."""
    texts(world, "a very private gray zone")
    items(world, {"id": "v-1", "labels": ["odd"], "text": "another private thing"})
    reviewer = world.new_key("reviewer")
    world.call("POST", "/v1/reviews/claims", {}, key=reviewer)
    log = world.log.getvalue().decode()
    assert "review.claimed" in log
    assert not any(word in log for word in ("private", "gray", "odd"))


def test_surfaces_are_counted(world: World) -> None:
    """What is never gated is never counted; a surface that is not declared has one name."""
    items(world, {"labels": ["sport"]})
    items(world, {"labels": ["sport"]}, surface="secret-name")
    lines = world.call("GET", "/metrics", key="").text
    assert 'minorguard_content_total{kind="item",policy="app",surface="feed",verdict="show"}' in lines
    assert 'surface="unknown",verdict="hide"' in lines
    assert "secret-name" not in lines


@pytest.mark.parametrize("path", ["/v1/content/texts", "/v1/content/items"])
def test_only_apps_and_sessions_ask(world: World, path: str) -> None:
    """A reviewer's key is none."""
    assert world.call("POST", path, {}, key=world.new_key("reviewer")).status_code == 403


def test_no_name_of_a_caller_becomes_a_counter(world: World) -> None:
    """Neither below a declared surface, nor where something else decides first, or no rule at all."""
    world.put("free", policy="app", mode="off")
    for about in ({"subject_id": "kid", "session_id": "kid~lapsed12"}, {"subject_id": "free"}):
        items(world, {}, surface="made-up", **about)
        texts(world, "hello", surface="made-up", **about)
    items(world, {"labels": ["sport"]}, surface="feed.made-up")
    lines = world.call("GET", "/metrics", key="").text
    assert "made-up" not in lines
