"""Lists that live: versions, samples, lint, and workers that follow."""

from __future__ import annotations

import threading
import time

import pytest

from minorguard.content import Lexicon
from minorguard.content.starter import starter_lexicon
from minorguard.policy import PolicyBook, compile_policy
from minorguard.storage.memory import MemoryStore
from minorguard_service.content_lists import IDLE_SECONDS, LOOK_SECONDS, MOST_VERSIONS, ListStore, LiveLists
from minorguard_service.policy_records import Who
from tests.service.world import World

POLICY = """\
policy: app
timezone: Asia/Shanghai
surfaces: [comments]
bands:
  0-18: {content: {labels: {default: show}}}
"""
ANN = Who("k1", "ann")


def term(text: str, action: str = "block", **more: object) -> dict:
    """A term of a list."""
    return {"term": text, "category": "abuse", "action": action, **more}


@pytest.fixture
def world() -> World:
    """A world with a child and an editor's key."""
    world = World.make(policies=PolicyBook.of(compile_policy(POLICY)))
    world.put("kid", policy="app")
    world.editor = world.new_key("policy-editor", name="ann")
    return world


def put(world: World, *terms: dict, id: str = "words", status: int = 200, **more: object) -> dict:
    """Put a list."""
    answer = world.call("PUT", f"/v1/lexicons/{id}", {"terms": list(terms), **more}, key=world.editor)
    assert answer.status_code == status, answer.text
    return answer.json


def verdict(world: World, text: str) -> str:
    """What becomes of a text."""
    body = {"subject_id": "kid", "surface": "comments", "texts": [{"text": text}], "open_cases": False}
    return world.call("POST", "/v1/content/texts", body).json["verdicts"][0]["verdict"]


def test_a_list_holds_at_once_and_can_be_rolled_back(world: World) -> None:
    """Versions have numbers, authors and reasons; a removed list comes back by its version."""
    put(world, term("badword"), why="first")
    assert verdict(world, "badword") == "block"
    two = put(world, term("worse"), why="second")["lexicon"]
    assert (verdict(world, "badword"), verdict(world, "worse"), two["active"]) == ("allow", "block", 2)
    assert [(one["number"], one["why"], one["by"]["name"]) for one in two["versions"]] == [
        (1, "first", "ann"),
        (2, "second", "ann"),
    ]
    back = world.call("POST", "/v1/lexicons/words/rollback", {"version": 1}, key=world.editor).json
    assert (back["active"], verdict(world, "badword"), verdict(world, "worse")) == (1, "block", "allow")
    held = world.call("GET", "/v1/lexicons/words", key=world.editor).json
    assert (held["version"], held["terms"]) == (1, [term("badword")])
    assert world.call("DELETE", "/v1/lexicons/words", key=world.editor).status_code == 204
    assert verdict(world, "badword") == "allow"
    assert world.call("GET", "/v1/lexicons/words", key=world.editor).status_code == 404
    world.call("POST", "/v1/lexicons/words/rollback", {"version": 2}, key=world.editor)
    assert verdict(world, "worse") == "block"


def test_several_lists_hold_together(world: World) -> None:
    """And without any the one that ships does."""
    shipped = next(iter(starter_lexicon()))
    assert verdict(world, shipped.text) != "allow"
    put(world, term("badword"), id="a")
    put(world, term("fine words", "allow"), term("words", "mask"), id="b")
    said = ("badword", "words", "fine words", shipped.text)
    assert [verdict(world, one) for one in said] == ["block", "mask", "allow", "allow"]
    listed = world.call("GET", "/v1/lexicons", key=world.editor).json["lexicons"]
    assert [one["id"] for one in listed] == ["a", "b"]


def test_only_so_many_versions_are_kept(world: World) -> None:
    """The oldest go, with their terms."""
    for number in range(MOST_VERSIONS + 2):
        kept = put(world, term(f"word{number}"))["lexicon"]["versions"]
    assert [one["number"] for one in kept] == list(range(3, MOST_VERSIONS + 3))
    gone = world.call("POST", "/v1/lexicons/words/rollback", {"version": 2}, key=world.editor)
    assert gone.status_code == 404
    assert not any(b'"word1"' in cell.blob for cell in world.store._cells.values())


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ([], "/terms"),
        ([{"term": "x"}], "/terms/0/category"),
        ([term("badword", "kill")], "/terms/0/action"),
        ([term("badword", level=9)], "/terms/0/level"),
        ([term("x" * 200)], "/terms/0"),
        ([term("good word"), term("*")], "/terms/1"),
    ],
)
def test_a_list_with_errors_is_refused_with_every_place(world: World, terms: list, pointer: str) -> None:
    """The one before goes on to hold."""
    put(world, term("badword"))
    problem = put(world, *terms, status=422)
    assert problem["errors"][0]["pointer"] == pointer
    assert verdict(world, "badword") == "block"


def test_samples_are_tried_with_each_change(world: World) -> None:
    """A list that lets a bad text through, or stops a good one, is refused unless it is meant."""
    keys = [("you badword you", "review"), ("a badwording of it", "allow")]
    ids = [
        world.call("POST", "/v1/samples", {"text": text, "expected": expected}, key=world.editor).json["id"]
        for text, expected in keys
    ]
    assert ids == [0, 1]
    refused = put(world, term("unrelated"), status=422)
    assert "samples get another verdict than they must: 0" in refused["errors"][0]["problem"]
    put(world, term("badword"))
    kept = put(world, term("unrelated"), despite_samples=True)
    assert kept["samples_failed"] == [{"id": 0, "expected": "review", "actual": "allow"}]
    assert world.call("DELETE", "/v1/samples/0", key=world.editor).status_code == 204
    put(world, term("unrelated"))
    assert world.call("DELETE", "/v1/samples/none", key=world.editor).status_code == 404


def test_the_last_list_that_is_removed_leaves_the_shipped_one(world: World) -> None:
    """Nobody is left without any filter; also in a worker that looks later."""
    shipped = next(iter(starter_lexicon())).text
    other = World.make(store=world.store, clock=world.clock, policies=world.service.policies)
    put(world, term("badword"))
    assert (verdict(world, shipped), verdict(other, shipped)) == ("allow", "allow")
    assert world.call("DELETE", "/v1/lexicons/words", key=world.editor).status_code == 204
    assert verdict(world, shipped) != "allow"
    other.service.content.lists.of("acme.test", fresh=True)
    assert (verdict(other, shipped) != "allow", verdict(other, "badword")) == (True, "allow")


def test_ids_of_lists_are_words(world: World) -> None:
    """Also where nothing is kept."""
    refused = world.call("POST", "/v1/lexicons/two words/lint", {"terms": [term("x y")]}, key=world.editor)
    assert (refused.status_code, refused.json["errors"][0]["parameter"]) == (422, "id")


def test_lint_tells_what_would_be_hit_and_keeps_nothing(world: World) -> None:
    """Everyday words in which a term stands."""
    found = world.call("POST", "/v1/lexicons/words/lint", {"terms": [term("麻烦")]}, key=world.editor).json
    assert {one["code"] for one in found["findings"]} & {"term.common-word", "term.hits-words"}
    assert world.call("GET", "/v1/lexicons", key=world.editor).json == {"lexicons": []}


class Ticks:
    """A monotonic clock that is given."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def passes(lists: LiveLists, text: str) -> bool:
    """Whether a text passes in this worker."""
    return not lists.of("acme.test").texts.check(text).matches


def wait_until(true, seconds: float = 10.0) -> None:
    """Until a thread beside us has done its work."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_every_worker_follows_within_its_look(world: World) -> None:
    """A busy one keeps answering by the list before while it compiles; an idle one compiles before it answers."""
    store, ticks = MemoryStore(), Ticks()
    desk = ListStore(store, "acme.test")
    busy = LiveLists(store, lambda: Lexicon.from_terms([]), ticks)
    idle = LiveLists(store, lambda: Lexicon.from_terms([]), ticks)
    assert passes(busy, "badword")
    assert passes(idle, "badword")
    desk.put("words", [term("badword")], by=ANN, why="", at=0)
    ticks.now = LOOK_SECONDS / 2
    assert passes(busy, "badword")
    ticks.now = LOOK_SECONDS
    busy.of("acme.test")  # sees the change, and compiles beside the calls
    wait_until(lambda: not passes(busy, "badword"))
    ticks.now = IDLE_SECONDS + LOOK_SECONDS
    assert not passes(idle, "badword")


def test_readers_are_never_made_to_wait_for_a_reload() -> None:
    """While twenty thousand terms are compiled, answers come from the list before; then from the new one."""
    store, ticks = MemoryStore(), Ticks()
    desk = ListStore(store, "acme.test")
    lists = LiveLists(store, lambda: Lexicon.from_terms([]), ticks)
    before = lists.of("acme.test")
    many = [term(f"word{number}x") for number in range(20_000)]
    desk.put("words", many, by=ANN, why="", at=0)
    ticks.now = LOOK_SECONDS
    assert lists.of("acme.test") is before
    assert passes(lists, "word7x")
    wait_until(lambda: not passes(lists, "word7x"), 30)


def test_two_who_put_at_once_both_keep_their_version() -> None:
    """Numbers are not shared, whoever is faster."""
    store = MemoryStore()
    desks = [ListStore(store, "acme.test") for _ in range(4)]
    made = []

    def work(desk: ListStore) -> None:
        made.extend(desk.put("words", [term(f"w{number}")], by=ANN, why="", at=0).number for number in range(5))

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == list(range(1, 21))
    assert len(desks[0].head()["lists"]["words"]["versions"]) == 20


def test_a_build_that_fails_beside_the_calls_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong: the list before goes on to hold, and no call waits for ever."""
    put(world, term("badword"))
    now = [1000.0]
    lists = LiveLists(world.store, starter_lexicon, lambda: now[0])
    assert lists.of("acme.test").texts.check("badword").matches
    put(world, term("worse"))
    failed = threading.Event()

    def broken(*_: object) -> list:
        failed.set()
        raise KeyError("rows")

    with monkeypatch.context() as patched:
        patched.setattr(ListStore, "rows", broken)
        patched.setattr(threading, "excepthook", lambda _: None)
        now[0] += (LOOK_SECONDS + IDLE_SECONDS) / 2
        assert lists.of("acme.test").texts.check("badword").matches
        assert failed.wait(10)
        for thread in threading.enumerate():
            if thread.name == "lists":
                thread.join()
    now[0] += 2 * IDLE_SECONDS
    assert not lists._tenants["acme.test"]._building.locked()
    assert lists.of("acme.test").texts.check("worse").matches
