"""Reviews, complaints and recalls over HTTP."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from minorguard.content.webhook import SIGNATURE, is_signed
from minorguard.errors import InvalidInput
from minorguard_service.settings import Settings
from tests.service.world import NOON, World


class Desk:
    """A world and the people at its desk."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.keys = {name: world.new_key("reviewer", name=name) for name in ("ann", "bob", "cid")}

    def call(self, method: str, path: str, body: Any = None, *, by: str | None = None) -> Any:
        """The JSON of an answer that is good."""
        answer = self.world.call(method, path, body, key=self.keys[by] if by else None)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json

    def open(self, **what: Any) -> dict:
        """Ask for a review of an item."""
        return self.call("POST", "/v1/reviews", {"item_id": "v-1", "category": "abuse", **what})["case"]

    def claim(self, by: str = "ann", **which: Any) -> dict | None:
        """Take the next case."""
        return self.call("POST", "/v1/reviews/claims", which, by=by)["case"]

    def decide(self, case: dict, action: str = "hide", by: str = "ann", **more: Any) -> dict:
        """Claim and rule."""
        self.call("POST", f"/v1/reviews/{case['id']}/claim", by=by)
        return self.call("POST", f"/v1/reviews/{case['id']}/decide", {"action": action, **more}, by=by)["case"]

    def refused(self, method: str, path: str, body: Any = None, *, by: str) -> tuple[int, str]:
        """Status and code of a problem."""
        answer = self.world.call(method, path, body, key=self.keys[by])
        return answer.status_code, answer.json["code"]


@pytest.fixture
def desk() -> Desk:
    """A world with three reviewers."""
    return Desk(World.make())


def test_a_case_goes_from_opening_to_ruling(desk: Desk) -> None:
    """Listed without its content, claimed with it, decided, gone from the list; who claimed it is in the log."""
    opened = desk.open(url="https://example.org/1.jpg", note="look again", labels=["gore"], surface="feed")
    (listed,) = desk.call("GET", "/v1/reviews", by="bob")["cases"]
    assert (listed["id"], listed["content"], listed["status"]) == (opened["id"], None, "open")
    claimed = desk.claim()
    assert claimed["content"] == {
        "text": None,
        "url": "https://example.org/1.jpg",
        "labels": ["gore"],
        "ratings": [],
        "found": [],
        "notes": ["look again"],
    }
    assert desk.call("GET", f"/v1/reviews/{opened['id']}", by="ann")["case"]["content"] is not None
    assert desk.call("GET", f"/v1/reviews/{opened['id']}", by="bob")["case"]["content"] is None
    decided = desk.decide(claimed, "blur", note="too much")
    assert (decided["status"], decided["outcome"]["ruling"]["action"]) == ("decided", "blur")
    assert desk.call("GET", "/v1/reviews", by="bob")["cases"] == []
    assert [line["event"] for line in desk.world.lines() if line["event"].startswith("review.")].count(
        "review.claimed"
    ) == 2
    assert "too much" not in desk.world.log.getvalue().decode()


def test_a_claim_is_one_reviewers_until_it_ends(desk: Desk) -> None:
    """Others get the next case, or none; after the lease the word of the first is too late."""
    case = desk.open()
    assert desk.claim("ann")["claimed_until"] == "2026-11-24T04:10:00+00:00"
    assert desk.claim("bob") is None
    assert desk.refused("POST", f"/v1/reviews/{case['id']}/claim", by="bob") == (409, "conflict")
    desk.world.clock.advance(600)
    assert desk.claim("bob")["id"] == case["id"]
    body = {"action": "hide"}
    assert desk.refused("POST", f"/v1/reviews/{case['id']}/decide", body, by="ann") == (409, "conflict")
    desk.call("POST", f"/v1/reviews/{case['id']}/release", by="bob")
    assert desk.claim("cid")["id"] == case["id"]


def test_two_persons_and_a_third(desk: Desk) -> None:
    """Where the rules ask for two, nobody rules twice on a case, and a third ends a dispute."""
    operator = desk.world.call("PUT", "/v1/reviews/rules", {"two_persons": ["drugs"], "lease_seconds": 60})
    assert operator.json["two_persons"] == ["drugs"]
    case = desk.open(category="drugs.soft")
    assert desk.decide(case, "hide", by="ann")["status"] == "second"
    assert desk.claim("ann") is None
    assert desk.refused("POST", f"/v1/reviews/{case['id']}/claim", by="ann") == (409, "conflict")
    assert desk.decide(case, "show", by="bob")["status"] == "dispute"
    decided = desk.decide(case, "hide", by="cid")
    assert (decided["status"], decided["outcome"]["agreed"]) == ("decided", False)
    figures = desk.call("GET", "/v1/reviews/stats?days=1", by="ann")["decided"]
    assert (figures["people_asked_twice"], figures["people_agreed"]) == (1, 0)


def test_what_is_due_first_comes_first(desk: Desk) -> None:
    """And what is late is said to be."""
    desk.open(item_id="normal")
    desk.open(item_id="urgent", priority="urgent")
    desk.world.clock.advance(15 * 60 + 1)
    listed = desk.call("GET", "/v1/reviews", by="ann")["cases"]
    assert [(one["item_id"], one["overdue"]) for one in listed] == [("urgent", True), ("normal", False)]
    assert desk.call("GET", "/v1/reviews/stats", by="ann")["waiting"]["overdue"] == 1


def test_complaints_are_followed_by_an_id_that_nobody_guesses(desk: Desk) -> None:
    """They share a case; a retry with the same key is the same complaint."""
    body = {"item_id": "v-1", "category": "abuse", "note": "cruel"}
    sent = [desk.world.call("POST", "/v1/complaints", body, headers={"Idempotency-Key": key}) for key in "aab"]
    first, again, other = (one.json for one in sent)
    assert (first["id"] == again["id"], first["id"] != other["id"], len(first["id"])) == (True, True, 24)
    (case,) = desk.call("GET", "/v1/reviews", by="ann")["cases"]
    assert (case["complaints"], case["kind"], case["shown"]) == (2, "complaint", True)
    path = f"/v1/complaints/{first['id']}"
    assert desk.call("GET", path)["status"] == "received"
    desk.claim()
    assert desk.call("GET", path)["status"] == "in_review"
    desk.decide(case, "hide")
    assert desk.call("GET", path) | {"made_at": ""} == {
        "id": first["id"],
        "category": "abuse",
        "made_at": "",
        "status": "upheld",
        "decided_at": "2026-11-24T04:00:00+00:00",
    }
    assert desk.world.call("GET", "/v1/complaints/guessed").status_code == 404


def test_recalls_are_polled_with_a_cursor(desk: Desk) -> None:
    """Each change of what was shown once, in order; from the cursor on only what is new."""
    for number in range(3):
        desk.decide(desk.open(item_id=f"v-{number}", digest=f"sha256:{number}"))
    first = desk.call("GET", "/v1/recalls?limit=2")
    assert [(one["item_id"], one["digest"], one["action"]) for one in first["recalls"]] == [
        ("v-0", "sha256:0", "hide"),
        ("v-1", "sha256:1", "hide"),
    ]
    rest = desk.call("GET", f"/v1/recalls?after={first['cursor']}")
    assert [one["item_id"] for one in rest["recalls"]] == ["v-2"]
    none = desk.call("GET", f"/v1/recalls?after={rest['cursor']}")
    assert (none["recalls"], none["cursor"]) == ([], rest["cursor"])
    desk.decide(desk.open(item_id="v-0", digest="sha256:0"), "show")
    assert [one["action"] for one in desk.call("GET", f"/v1/recalls?after={rest['cursor']}")["recalls"]] == ["show"]


def test_a_webhook_is_told_of_recalls() -> None:
    """Signed, beside the call; when it fails, the list has the recall all the same."""
    seen: list[tuple[bytes, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((body, self.headers[SIGNATURE]))
            self.send_response(204 if len(seen) == 1 else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    secret = "a secret of some length"
    try:
        url = f"http://127.0.0.1:{server.server_port}/recalls"
        desk = Desk(World.make(recall_url=url, webhook_secret=secret))
        for item in ("v-1", "v-2"):
            desk.decide(desk.open(item_id=item))
            desk.world.service.content.herald.wait()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert [json.loads(body)["item_id"] for body, _ in seen] == ["v-1", "v-2"]
    assert json.loads(seen[0][0])["namespace"] == "acme.test"
    assert all(is_signed(secret, body, header, NOON) for body, header in seen)
    assert len(desk.call("GET", "/v1/recalls")["recalls"]) == 2
    assert "recall.untold" in desk.world.log.getvalue().decode()


def test_webhooks_need_a_secret() -> None:
    """At the start, and not at the first recall; the secret is in no text."""
    with pytest.raises(InvalidInput, match="webhook_secret"):
        World.make(classifier_url="https://example.org/classify")
    assert "hush hush" not in repr(Settings(webhook_secret="hush hush"))


def test_erasing_a_subject_erases_its_cases(desk: Desk) -> None:
    """What reviewers would see is gone; open cases end."""
    desk.world.put("kid")
    case = desk.open(text="what the kid wrote", subject_id="kid")
    assert desk.world.call("DELETE", "/v1/subjects/kid").status_code == 204
    assert desk.claim() is None
    after = desk.call("GET", f"/v1/reviews/{case['id']}", by="ann")["case"]
    assert after["status"] == "erased"
    assert not any("what the kid wrote" in str(cell.blob) for cell in desk.world.store._cells.values())


def test_a_sweep_erases_what_was_kept_long_enough(desk: Desk) -> None:
    """By the tenant's own rule."""
    desk.world.call("PUT", "/v1/reviews/rules", {"keep_days": 1})
    desk.decide(desk.open(text="some text"))
    assert desk.call("POST", "/v1/reviews/sweep") == {"swept": 0}
    desk.world.clock.advance(86_400)
    assert desk.call("POST", "/v1/reviews/sweep") == {"swept": 1}
    assert not any("some text" in str(cell.blob) for cell in desk.world.store._cells.values())


def test_a_reviewer_may_keep_a_text_as_a_sample(desk: Desk) -> None:
    """What was hidden must at least go to review; what was shown must pass."""
    for text, action in (("a nasty text", "hide"), ("a kind text", "show")):
        case = desk.call("POST", "/v1/reviews", {"text": text, "category": "abuse"})["case"]
        desk.decide(case, action, keep_sample=True)
    editor = desk.world.new_key("policy-editor")
    samples = desk.world.call("GET", "/v1/samples", key=editor).json["samples"]
    assert [(one["text"], one["expected"], one["by"]) for one in samples] == [
        ("a nasty text", "review", "ann"),
        ("a kind text", "allow", "ann"),
    ]


def test_a_ruling_that_is_tried_again_keeps_one_sample(desk: Desk) -> None:
    """Whether its first answer was lost or not."""
    case = desk.open(text="a nasty text")
    for _ in range(2):
        desk.world.call("POST", f"/v1/reviews/{case['id']}/claim", key=desk.keys["ann"])
        path, body = f"/v1/reviews/{case['id']}/decide", {"action": "hide", "keep_sample": True}
        desk.call("POST", path, body, by="ann")
    editor = desk.world.new_key("policy-editor")
    assert len(desk.world.call("GET", "/v1/samples", key=editor).json["samples"]) == 1


def test_a_text_that_is_too_long_is_no_sample(desk: Desk) -> None:
    """A part of it need not hold what it was hidden for, and would fail with every list from then on."""
    case = desk.open(text="fine words " * 200 + "a nasty one")
    desk.call("POST", f"/v1/reviews/{case['id']}/claim", by="ann")
    path, body = f"/v1/reviews/{case['id']}/decide", {"action": "hide", "keep_sample": True}
    assert desk.refused("POST", path, body, by="ann") == (409, "conflict")
    assert desk.call("GET", f"/v1/reviews/{case['id']}", by="ann")["case"]["status"] == "decided"
    editor = desk.world.new_key("policy-editor")
    assert desk.world.call("GET", "/v1/samples", key=editor).json["samples"] == []


@pytest.mark.parametrize(
    ("method", "path", "roles"),
    [
        ("GET", "/v1/reviews", ("app",)),
        ("POST", "/v1/reviews/claims", ("app",)),
        ("PUT", "/v1/reviews/rules", ("reviewer",)),
        ("POST", "/v1/reviews/sweep", ("reviewer",)),
        ("POST", "/v1/complaints", ("reviewer",)),
        ("GET", "/v1/recalls", ("guardian-agent",)),
    ],
)
def test_each_call_has_its_roles(desk: Desk, method: str, path: str, roles: tuple[str, ...]) -> None:
    """A key without the role is refused."""
    body = {} if method != "GET" else None
    assert desk.world.call(method, path, body, key=desk.world.new_key(*roles)).status_code == 403


def test_another_tenant_sees_nothing(desk: Desk) -> None:
    """Neither cases nor complaints nor recalls nor samples, whatever ids are known."""
    case = desk.open(text="some text")
    complaint = desk.call("POST", "/v1/complaints", {"item_id": "v-1", "category": "abuse"})
    desk.decide(case, keep_sample=True)
    other = desk.world.new_key("app", "reviewer", "operator", "policy-editor", tenant="other")
    for path in (f"/v1/reviews/{case['id']}", f"/v1/complaints/{complaint['id']}"):
        assert desk.world.call("GET", path, key=other).status_code == 404
    assert desk.world.call("POST", f"/v1/reviews/{case['id']}/claim", key=other).status_code == 404
    assert desk.world.call("GET", "/v1/recalls", key=other).json["recalls"] == []
    assert desk.world.call("GET", "/v1/samples", key=other).json["samples"] == []


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/reviews", {"category": "abuse"}, "/item_id"),
        ("/v1/reviews", {"item_id": "v", "category": "no category"}, "/category"),
        ("/v1/reviews", {"item_id": "v", "category": "a", "priority": "soon"}, "/priority"),
        ("/v1/reviews/rules", {"due_after_seconds": {"urgent": 1}}, "/due_after_seconds/urgent"),
        ("/v1/reviews/rules", {"lease": 60}, "/lease"),
        ("/v1/complaints", {"note": "x", "category": "a"}, "/item_id"),
    ],
)
def test_wrong_input_is_pointed_at(desk: Desk, path: str, body: dict, pointer: str) -> None:
    """With the way out."""
    method = "PUT" if path.endswith("rules") else "POST"
    answer = desk.world.call(method, path, body)
    assert (422, pointer) == (answer.status_code, answer.json["errors"][0]["pointer"])


@pytest.mark.parametrize("action", ["review", "mask", ""])
def test_a_ruling_must_rule(desk: Desk, action: str) -> None:
    """`review` ends nothing."""
    case = desk.open()
    assert desk.refused("POST", f"/v1/reviews/{case['id']}/decide", {"action": action}, by="ann") == (
        422,
        "invalid-request",
    )


def test_a_key_of_another_complaint_is_refused(world: World) -> None:
    """So that no complaint is taken for one that was made before, and lost."""
    key = {"Idempotency-Key": "one"}
    body = {"item_id": "v-1", "category": "abuse", "note": "this is cruel"}
    first = world.call("POST", "/v1/complaints", body, headers=key)
    assert world.call("POST", "/v1/complaints", body, headers=key).json == first.json
    for other in ({"item_id": "v-2"}, {"category": "fraud"}, {"surface": "feed"}):
        answer = world.call("POST", "/v1/complaints", {**body, **other}, headers=key)
        assert (answer.status_code, answer.json["code"]) == (422, "idempotency-key-reused")
