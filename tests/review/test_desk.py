"""The desk: queue, claims, rulings that flow back, recalls, erasure, complaints, figures."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from minorguard.errors import Conflict, InvalidInput, NotFound, StoreUnavailable
from minorguard.model.calendar import DAY
from minorguard.model.sections import ItemAction
from minorguard.review import (
    Case,
    CaseKind,
    Complaints,
    Content,
    Priority,
    Report,
    ReviewDesk,
    Rules,
    Ruling,
    digest_of,
    statistics,
)
from minorguard.review.desk import MOST_LOOKED_AT
from minorguard.storage.memory import MemoryStore
from minorguard.storage.sqlite import SqliteStore

HIDE, SHOW, BLUR = Ruling(ItemAction.HIDE), Ruling(ItemAction.SHOW), Ruling(ItemAction.BLUR)


@pytest.fixture
def desk() -> ReviewDesk:
    """A desk with plain rules."""
    return ReviewDesk(MemoryStore(), "acme.test")


def report(item: str = "v-1", **more: object) -> Report:
    """A report on an item."""
    return Report(**{"category": "ads", "item": item, "digest": digest_of(item), **more})


def decide(desk: ReviewDesk, case: Case, ruling: Ruling, *reviewers: str, now: int = 10) -> Case:
    """Each reviewer claims and rules."""
    for reviewer in reviewers or ("ann",):
        desk.claim_this(case.id, reviewer, now)
        case = desk.judge(case.id, reviewer, ruling, now)
    return case


def drained(desk: ReviewDesk, now: int = 0, reviewer: str = "ann") -> Iterator[str]:
    """The items in the order in which one reviewer is given them."""
    while (case := desk.claim(reviewer, now)) is not None:
        desk.judge(case.id, reviewer, SHOW, now)
        yield case.item or ""


def test_what_is_due_first_is_given_first(desk: ReviewDesk) -> None:
    """An urgent case goes before an older one that has time; nothing starves, since everything falls due."""
    for item, priority, at in (
        ("low", Priority.LOW, 0),
        ("normal", Priority.NORMAL, 0),
        ("urgent", Priority.URGENT, 60),
        ("later", Priority.URGENT, 8 * 3600),
    ):
        desk.open(report(item, priority=priority), at)
    assert list(drained(desk)) == ["urgent", "normal", "later", "low"]


def test_the_same_thing_is_one_case_while_it_is_open(desk: ReviewDesk) -> None:
    """A second report makes it more urgent and moves it in the queue; after the decision there is another case."""
    first = desk.open(report(), 0)
    desk.open(report("other"), 0)
    again = desk.open(report(priority=Priority.URGENT), 5)
    assert (again.id, again.due_at, again.place[0]) == (first.id, 15 * 60, "urgent")
    assert list(drained(desk)) == ["v-1", "other"]
    assert desk.open(report(), 20).id != first.id


def test_what_becomes_urgent_goes_before_what_is_due_later(desk: ReviewDesk) -> None:
    """It counts from when it was opened, however many were urgent before it."""
    desk.open(report(), 0)
    for number in range(100):
        desk.open(report(f"urgent-{number}", priority=Priority.URGENT), 7000 + number)
    desk.open(report(priority=Priority.URGENT), 7200)
    assert desk.claim("ann", 7201).item == "v-1"


def test_a_claim_may_ask_for_categories(desk: ReviewDesk) -> None:
    """Reviewers have their subjects."""
    desk.open(report("a"), 0)
    desk.open(report("b", category="drugs"), 0)
    assert desk.claim("ann", 1, categories=frozenset({"drugs"})).item == "b"
    assert desk.claim("bob", 1, categories=frozenset({"drugs"})) is None


def test_a_claim_for_categories_looks_past_a_long_queue_of_others(desk: ReviewDesk) -> None:
    """Whoever reviews one thing is not kept from it by a thousand others."""
    queue = desk._queues[Priority.NORMAL]
    for number in range(MOST_LOOKED_AT):
        queue.append({"case": f"ads-{number}", "due": 0, "at": 0, "category": "ads"})
    desk.open(report("b", category="drugs"), 0)
    assert desk.claim("ann", 1, categories=frozenset({"drugs"})).item == "b"


def test_a_lease_that_ended_gives_the_case_to_another(desk: ReviewDesk) -> None:
    """And the first reviewer's word is refused then."""
    desk.open(report(), 0)
    case = desk.claim("ann", 0)
    assert desk.claim("bob", 599) is None
    assert desk.claim("bob", 600).id == case.id
    with pytest.raises(Conflict):
        desk.judge(case.id, "ann", HIDE, 601)


def test_a_ruling_holds_for_the_item_and_for_its_content_anywhere(desk: ReviewDesk) -> None:
    """With other content the item is unknown again, but for one that was hidden: a person looks again."""
    decide(desk, desk.open(report(), 0), Ruling(ItemAction.HIDE, labels=("ads",)))
    standing = desk.topics.standing("v-1", digest_of("v-1"))
    assert (standing.ruling.action, standing.ruling.labels) == (ItemAction.HIDE, ("ads",))
    assert desk.topics.standing("copy", digest_of("v-1")).ruling == standing.ruling
    other = desk.topics.standing("v-1", digest_of("another"))
    assert (other.ruling, other.changed) == (None, True)
    decide(desk, desk.open(report("ok"), 0), SHOW)
    assert not desk.topics.standing("ok", digest_of("another")).changed


def test_the_content_of_an_item_that_changed_has_the_ruling_that_it_has_elsewhere(desk: ReviewDesk) -> None:
    """What was hidden under one id cannot be slipped under another that people once let pass."""
    decide(desk, desk.open(report("bad"), 0), HIDE)
    decide(desk, desk.open(report("fine"), 0), SHOW)
    assert desk.topics.standing("fine", digest_of("bad")).ruling == HIDE
    decide(desk, desk.open(report("hidden"), 0), HIDE)
    slipped = desk.topics.standing("hidden", digest_of("fine"))
    assert (slipped.ruling, slipped.changed) == (SHOW, False)


def test_content_on_hold_is_held_under_every_id(desk: ReviewDesk) -> None:
    """Also where the item has a ruling of its own."""
    decide(desk, desk.open(report("fine"), 0), SHOW)
    desk.open(Report(category="ads", digest=digest_of("fine"), kind=CaseKind.RECHECK, hold=True), 20)
    standing = desk.topics.standing("fine", digest_of("fine"))
    assert (standing.ruling, standing.held) == (SHOW, True)


@pytest.mark.parametrize(("ruled", "asked"), [(None, "sha256:1"), ("sha256:1", None)])
def test_only_what_takes_away_holds_of_content_that_nobody_named(
    desk: ReviewDesk, ruled: str | None, asked: str | None
) -> None:
    """Nobody knows whether it is the content that was looked at."""
    decide(desk, desk.open(report("shown", digest=ruled), 0), SHOW)
    decide(desk, desk.open(report("hidden", digest=ruled), 0), HIDE)
    assert [desk.topics.standing(item, asked).ruling for item in ("shown", "hidden")] == [None, HIDE]
    assert desk.topics.standing("shown", ruled).ruling == SHOW


def test_texts_are_known_by_their_digest(desk: ReviewDesk) -> None:
    """Without an item the content is what is ruled on; without both there is nothing."""
    decide(desk, desk.open(Report(category="abuse", digest=digest_of("some text")), 0), HIDE)
    assert desk.topics.standing(None, digest_of("some text")).ruling == HIDE
    assert desk.topics.standing(None, digest_of("some texts")).ruling is None
    with pytest.raises(InvalidInput):
        desk.open(Report(category="abuse"), 0)


def recalls(desk: ReviewDesk) -> list[tuple[str, str]]:
    """The recall list, in short."""
    return [(entry["item"], entry["action"]) for _, entry in desk.recalls.read()]


def test_what_was_shown_and_is_ruled_otherwise_is_recalled(desk: ReviewDesk) -> None:
    """Once for each change, also when it is shown again; what was never shown is not."""
    decide(desk, desk.open(report("new"), 0), HIDE)
    decide(desk, desk.open(report("fine", shown=True), 0), SHOW)
    for ruling in (BLUR, HIDE, HIDE, SHOW):
        decide(desk, desk.open(report("shown", kind=CaseKind.RECHECK, shown=True), 0), ruling)
    assert recalls(desk) == [("shown", "blur"), ("shown", "hide"), ("shown", "show")]


def test_what_is_held_is_not_shown_until_somebody_decided(desk: ReviewDesk) -> None:
    """Whoever asks to look again says whether it may be shown meanwhile."""
    case = desk.open(report(kind=CaseKind.RECHECK, shown=True, hold=True), 0)
    assert desk.topics.standing("v-1", None).held
    decide(desk, case, SHOW)
    assert not desk.topics.standing("v-1", None).held


def test_what_is_held_stays_so_if_its_case_is_erased(desk: ReviewDesk) -> None:
    """Nobody has decided: the next report opens a case, which may release it."""
    desk.open(report(hold=True, content=Content("words", subject="kid")), 0)
    desk.erase_subject("kid", 5)
    assert desk.topics.standing("v-1", None).held
    case = desk.open(report(), 10)
    assert desk.topics.standing("v-1", None).held
    decide(desk, case, SHOW, now=20)
    assert not desk.topics.standing("v-1", digest_of("v-1")).held
    desk.open(report(), 30)
    assert not desk.topics.standing("v-1", digest_of("v-1")).held


def test_two_persons_decide_where_the_rules_ask_for_it(desk: ReviewDesk) -> None:
    """The second is another one, and until then nothing is ruled."""
    desk.set_rules(Rules(two_persons=frozenset({"drugs"})))
    case = desk.open(report(category="drugs.soft"), 0)
    assert decide(desk, case, HIDE, "ann").status == "second"
    assert desk.claim("ann", 10) is None
    assert desk.topics.standing("v-1", None).ruling is None
    assert decide(desk, case, HIDE, "bob").status == "decided"
    assert desk.topics.standing("v-1", None).ruling == HIDE


def test_erasing_a_subject_erases_what_cases_hold(desk: ReviewDesk) -> None:
    """Open cases end and leave the queue; of others nothing changes."""
    mine = desk.open(report("mine", content=Content("my words", subject="kid")), 0)
    done = decide(desk, desk.open(report("done", content=Content("other words", subject="kid")), 0), HIDE)
    desk.open(report("other", content=Content("theirs", subject="other")), 0)
    assert desk.erase_subject("kid", 20) == 2
    assert [desk.get(one.id).status for one in (mine, done)] == ["erased", "decided"]
    assert [desk.get(one.id).content for one in (mine, done)] == [None, None]
    assert desk.topics.standing("done", None).ruling.action is ItemAction.HIDE
    assert list(drained(desk)) == ["other"]
    assert desk.erase_subject("kid", 20) == 0


def test_what_a_later_report_says_of_a_subject_is_erased_with_it(desk: ReviewDesk) -> None:
    """Content that first came without a name is the subject's from then on; so are complaints about it."""
    for first in (None, "ann-1"):
        desk.open(report(f"of {first}", content=Content("words", subject=first)), 0)
        said = Content(subject="kid", notes=("kid wrote this",))
        case = desk.open(report(f"of {first}", kind=CaseKind.COMPLAINT, content=said), 1)
        assert desk.erase_subject("kid", 20) == 1
        assert "words" not in str(desk.get(case.id).to_dict())
        assert "kid" not in str(desk.get(case.id).to_dict())


def test_a_request_to_look_again_that_is_tried_again_says_it_once(desk: ReviewDesk) -> None:
    """The same words again are no news; a complaint's may be another person's."""
    for _ in range(2):
        case = desk.open(report(kind=CaseKind.RECHECK, content=Content(notes=("seen by many",))), 0)
    assert case.content.notes == ("seen by many",)


def test_a_report_of_a_category_that_two_must_agree_on_asks_for_two(desk: ReviewDesk) -> None:
    """Also where it joins a case that was opened for less."""
    desk.set_rules(Rules(two_persons=frozenset({"drugs"})))
    desk.open(report(category="ads"), 0)
    case = desk.open(report(category="drugs.soft"), 1)
    assert decide(desk, case, SHOW, "ann").status == "second"


def test_what_is_decided_is_erased_after_it_was_kept(desk: ReviewDesk) -> None:
    """At the next decision after that; the ruling stays."""
    old = decide(desk, desk.open(report("old", content=Content("words", subject="kid")), 0), HIDE, now=0)
    decide(desk, desk.open(report("new"), 0), HIDE, now=30 * DAY - 1)
    assert desk.get(old.id).content is not None
    decide(desk, desk.open(report("newer"), 0), HIDE, now=30 * DAY)
    assert (desk.get(old.id).content, list(desk.topics.cases_of("kid"))) == (None, [])
    assert desk.topics.standing("old", None).ruling == HIDE


def test_complaints_follow_their_case() -> None:
    """Received, in review, upheld or rejected; complaints about one thing share a case, and a retry is the same one."""
    store = MemoryStore()
    desk = ReviewDesk(store, "acme.test")
    complaints = Complaints(store, "acme.test", desk)
    said = report(content=Content(notes=("this is cruel",)))
    first = complaints.make(said, 0, retry="key-1")
    assert complaints.make(said, 0, retry="key-1").id == first.id
    second = complaints.make(said, 5)
    assert (first.status, len(second.id) >= 24, first.id != second.id) == ("received", True, True)
    (case,) = desk.waiting()
    assert (case.complaints, case.content.notes) == (2, ("this is cruel", "this is cruel"))
    desk.claim("ann", 10)
    assert complaints.get(first.id, 10).status == "in_review"
    desk.judge(case.id, "ann", HIDE, 20)
    ended = [complaints.get(one.id, 30) for one in (first, second)]
    assert [(one.status, one.decided_at) for one in ended] == [("upheld", 20)] * 2
    assert recalls(desk) == [("v-1", "hide")]
    with pytest.raises(NotFound):
        complaints.get("guessed", 0)


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize("write", range(1, 8))
def test_a_complaint_that_is_tried_again_counts_once(write: int, others: int) -> None:
    """Whatever was lost of the first try, whether it opened its case or joined one."""
    store = Failing()
    desk = ReviewDesk(store, "acme.test")
    complaints = Complaints(store, "acme.test", desk)
    said = report(content=Content(notes=("this is cruel",)))
    for _ in range(others):
        complaints.make(said, 0)
    store.at = write
    try:
        complaints.make(said, 1, retry="key-1")
    except StoreUnavailable:
        store.at = 0
        complaints.make(said, 2, retry="key-1")
    (case,) = desk.waiting()
    assert (case.complaints, len(case.content.notes)) == (1 + others, 1 + others)


def test_tries_of_a_complaint_that_overlap_count_once() -> None:
    """The second runs from end to end while the first is about to open its case."""

    class Overlapped(ReviewDesk):
        tries = 0

        def open(self, report: Report, now: int) -> Case:
            self.tries += 1
            if self.tries == 1:
                complaints.make(said, now, retry="key-1")
            return super().open(report, now)

    store, said = MemoryStore(), report()
    desk = Overlapped(store, "acme.test")
    complaints = Complaints(store, "acme.test", desk)
    complaints.make(said, 0, retry="key-1")
    assert [(desk.tries, case.complaints) for case in desk.waiting()] == [(2, 1)]


def test_namespaces_share_nothing() -> None:
    """Another tenant sees neither cases nor rulings nor recalls."""
    store = MemoryStore()
    mine, other = ReviewDesk(store, "acme.test"), ReviewDesk(store, "acme.live")
    case = decide(mine, mine.open(report(shown=True), 0), HIDE)
    assert other.topics.standing("v-1", digest_of("v-1")).ruling is None
    assert (list(other.waiting()), recalls(other)) == ([], [])
    with pytest.raises(NotFound):
        other.get(case.id)


class Failing(MemoryStore):
    """A store whose write number `at` (from 1) is lost, as at a crash."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0

    def save(self, key: str, blob: bytes, expected: int, *, durable: bool = False, **more: Any) -> int:
        """Count down, and fail once."""
        self.at -= 1
        if self.at == 0:
            raise StoreUnavailable(self.url, "crashed")
        return super().save(key, blob, expected, durable=durable, **more)


@pytest.mark.parametrize("write", range(1, 12))
def test_a_crash_at_any_write_of_a_decision_loses_nothing(write: int) -> None:
    """After whoever works next, the ruling holds, the item is recalled, and the queue is empty."""
    store = Failing()
    desk = ReviewDesk(store, "acme.test")
    case = desk.open(report(shown=True), 0)
    desk.claim("ann", 1)
    store.at = write
    try:
        desk.judge(case.id, "ann", HIDE, 2)
    except StoreUnavailable:
        if not desk.get(case.id).closed:
            desk.judge(case.id, "ann", HIDE, 3)
    store.at = 0
    assert desk.claim("bob", 10_000) is None
    assert desk.topics.standing("v-1", None).ruling == HIDE
    assert set(recalls(desk)) == {("v-1", "hide")}
    assert (list(desk.waiting()), statistics(desk, 10)["decided"]["count"]) == ([], 1)


@pytest.mark.parametrize("write", range(1, 12))
def test_a_decision_that_is_finished_late_undoes_no_later_one(write: int) -> None:
    """Neither for copies of the content nor in the figures."""
    store = Failing()
    desk, now = ReviewDesk(store, "acme.test"), 8 * DAY
    case = desk.open(report(shown=True), 0)
    desk.claim("ann", 1)
    store.at = write
    try:
        desk.judge(case.id, "ann", SHOW, 1)
    except StoreUnavailable:
        store.at = 0
    store.at = 0
    decide(desk, desk.open(report(shown=True), now), HIDE, "bob", now=now)
    assert desk.claim("cid", now + 1000) is None
    assert desk.topics.standing("copy", digest_of("v-1")).ruling == HIDE
    assert statistics(desk, now + 1000)["decided"]["by_action"] == {"hide": 1}


@pytest.mark.parametrize("write", range(1, 6))
def test_a_crash_at_any_write_of_an_opening_is_healed_by_its_retry(write: int) -> None:
    """The case is then there once, and is given to one reviewer once."""
    store = Failing()
    desk = ReviewDesk(store, "acme.test")
    store.at = write
    try:
        desk.open(report(content=Content("x", subject="kid")), 0)
    except StoreUnavailable:
        store.at = 0
        desk.open(report(content=Content("x", subject="kid")), 1)
    store.at = 0
    assert list(drained(desk, now=2)) == ["v-1"]
    assert list(drained(desk, now=10_000)) == []


def test_threads_that_report_and_claim_at_once_share_one_case_each(tmp_path) -> None:
    """On a real file: no case twice, none lost, no claim given to two."""
    store = SqliteStore(tmp_path / "state.db")
    desk = ReviewDesk(store, "acme.test")
    taken: list[str] = []

    def work(seed: int) -> None:
        items = [f"v-{number}" for number in range(8)]
        random.Random(seed).shuffle(items)
        for item in items:
            desk.open(report(item), 0)
        while (case := desk.claim(f"reviewer-{seed}", 1)) is not None:
            taken.append(case.item or "")
            desk.judge(case.id, f"reviewer-{seed}", SHOW, 2)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(taken) == {f"v-{number}" for number in range(8)}
    assert statistics(desk, 10)["decided"]["count"] == len(taken)
    store.close()


def test_a_day_of_review() -> None:
    """A shift of three by a clock that is given: what comes in is decided in time, and the figures say so."""
    desk = ReviewDesk(MemoryStore(), "acme.test")
    desk.set_rules(Rules(two_persons=frozenset({"drugs"}), urgent=frozenset({"self_harm"})))
    rng, now, opened = random.Random(7), 0, 0
    categories = ("ads", "abuse", "drugs", "self_harm")
    for minute in range(24 * 60):
        now = minute * 60
        if rng.random() < 0.3:
            category = rng.choice(categories)
            desk.open(report(f"v-{opened}", category=category, shown=True, proposed=ItemAction.HIDE), now)
            opened += 1
        for reviewer in ("ann", "bob", "cid"):
            case = desk.claim(reviewer, now) if rng.random() < 0.3 else None
            if case is not None and rng.random() < 0.9:  # else the reviewer goes for lunch, and the lease ends
                desk.judge(case.id, reviewer, HIDE if rng.random() < 0.5 else SHOW, now)
    figures = statistics(desk, now, days=1)
    decided, waiting = figures["decided"], figures["waiting"]
    assert decided["count"] + waiting["count"] == opened
    assert sum(decided["by_action"].values()) == sum(decided["by_category"].values()) == decided["count"]
    assert decided["people_asked_twice"] == decided["by_category"]["drugs"] > decided["people_agreed"] > 0
    assert decided["machine_proposed"] == decided["count"]
    assert decided["machine_agreed"] == decided["by_action"]["hide"] == len(recalls(desk))
    assert (waiting["overdue"], decided["late"] <= decided["count"] // 10) == (0, True)
