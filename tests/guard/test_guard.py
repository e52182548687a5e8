"""The façade: clock and store meet the core; errors fail closed; frozen clocks are followed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time

from minorguard import FeatureQuestion, ManualClock, MinorGuard, PolicyBook, TimeQuestion
from minorguard.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    PolicyInvalid,
    PolicyMissing,
    StoreUnavailable,
    TestClockRefused,
)
from minorguard.model.questions import ItemQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Profile
from minorguard.policy import compile_policy
from minorguard.storage.codec import decode, encode
from minorguard.storage.memory import MemoryStore
from tests.build import at, codes, policy

BOOK = PolicyBook.of(
    policy(
        'quota: {daily: 40m}\ncurfew: ["22:00-06:00"]',
        features="{default: deny, limit: {comment: 2/day}}",
        top="guardian: {may_extend: {daily: 30m, per_day: 60m}}",
    )
)
START = at("2026-11-24 16:00")
KEY = "subject/default/kid-1"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture(params=["memory", "sqlite"])
def guard(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[MinorGuard]:
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/guard.db"
    guard = MinorGuard.open(url, policies=BOOK, clock=clock)
    guard.put_subject("kid-1", policy="test", birth_date=date(2013, 5, 1))
    yield guard
    guard.close()


def test_the_doors_of_the_design(guard: MinorGuard, clock: ManualClock) -> None:
    """Open, beat, end, ask, use, forecast, usage and timeline, as an app backend in Python calls them."""
    opened = guard.open_session("kid-1", device="tablet", activity="video")
    assert (opened.decision.effect, opened.beat_after_seconds) == ("allow", 30)
    assert opened.lease_until == datetime.fromtimestamp(START + 60, UTC)
    clock.advance(30)
    assert guard.heartbeat(opened.session_id, seq=1).allowed
    clock.advance(30)
    assert guard.end_session(opened.session_id).remaining["day_seconds"] == 2340
    assert codes(guard.ask("kid-1", FeatureQuestion("comment"))) == ["feature.allowed"]
    assert guard.use("kid-1", "comment", use_id="u1").remaining["uses"] == 1
    assert guard.use("kid-1", "comment", use_id="u1").remaining["uses"] == 1
    assert guard.forecast("kid-1", days=2).windows[0].allowance == 2340
    assert guard.usage("kid-1")["by_activity"] == {"video": 60}
    assert [piece["device"] for piece in guard.timeline("kid-1")["intervals"]] == ["tablet"]


def test_a_started_second_is_charged() -> None:
    """Opening and stopping within each second for ever uses all the time that passes."""

    class Fine:
        ns = START * 1_000_000_000

        def now_ns(self) -> int:
            return self.ns

    clock = Fine()
    guard = MinorGuard.open("memory://", policies=BOOK, clock=clock)
    guard.put_subject("kid-1", policy="test")
    for _ in range(100):
        opened = guard.open_session("kid-1", device="tablet")
        clock.ns += 990_000_000
        guard.end_session(opened.session_id)
        clock.ns += 10_000_000
    assert guard.usage("kid-1")["used_seconds"] == 100


def test_freezegun_is_followed() -> None:
    """With a frozen clock around in-process use, everything follows: leases, quotas, curfews."""
    with freeze_time("2026-11-24 08:00:00") as frozen:  # 16:00 in Shanghai
        guard = MinorGuard.open("memory://", policies=BOOK)
        guard.put_subject("kid-1", policy="test")
        opened = guard.open_session("kid-1", device="tablet")
        frozen.tick(timedelta(seconds=45))
        guard.end_session(opened.session_id)
        assert guard.ask("kid-1").remaining["day_seconds"] == 2400 - 45
        frozen.move_to("2026-11-24 14:00:00")  # 22:00
        assert codes(guard.ask("kid-1")) == ["curfew.closed"]


def test_threads_on_one_subject_lose_nothing(guard: MinorGuard) -> None:
    """Thirty-two threads use the last two comments: two are counted, thirty denied."""
    effects: list[str] = []

    def use(number: int) -> None:
        effects.append(guard.use("kid-1", "comment", use_id=f"use-{number}").effect)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(effects) == ["allow"] * 2 + ["deny"] * 30


def test_subjects_and_sessions_that_are_not_there(guard: MinorGuard) -> None:
    """Unknown, erased and foreign are all the same: not found."""
    session = guard.open_session("kid-1", device="tablet").session_id
    other = guard.scoped("other")
    for call in (
        lambda: guard.ask("nobody"),
        lambda: other.ask("kid-1"),
        lambda: other.heartbeat(session, seq=1),
        lambda: guard.heartbeat("nobody~aaaaaaaa", seq=1),
        lambda: guard.end_session("kid-1~aaaaaaaa"),
    ):
        with pytest.raises(NotFound):
            call()
    guard.delete_subject("kid-1")
    guard.delete_subject("kid-1")
    with pytest.raises(NotFound):
        guard.ask("kid-1")


@pytest.mark.parametrize(
    ("where", "call"),
    [
        ("subject", lambda guard: guard.put_subject("kid one", policy="test")),
        ("policy", lambda guard: guard.put_subject("kid", policy="tset")),
        ("age_band", lambda guard: guard.put_subject("kid", policy="test", age_band="16-12")),
        (
            "age_band",
            lambda guard: guard.put_subject("kid", policy="test", age_band="1-2", birth_date=date(2013, 5, 1)),
        ),
        ("device", lambda guard: guard.open_session("kid-1", device="")),
        ("activity", lambda guard: guard.open_session("kid-1", device="tv", activity="a b")),
        ("seq", lambda guard: guard.heartbeat("kid-1~aaaaaaaa", seq=0)),
        ("session_id", lambda guard: guard.heartbeat("kid-1", seq=1)),
        ("seq", lambda guard: guard.heartbeat("kid-1~aaaaaaaa", seq=10**5000)),
        ("amount", lambda guard: guard.use("kid-1", "comment", amount=10**5000)),
        ("birth_date", lambda guard: guard.put_subject("kid", policy="test", birth_date=date(9990, 1, 1))),
        ("date", lambda guard: guard.timeline("kid-1", date.max)),
        ("date", lambda guard: guard.timeline("kid-1", date.min)),
        ("day", lambda guard: guard.give_grant("kid-1", seconds=60, day=date.max)),
        ("settings", lambda guard: guard.set_guardian("kid-1", {"time": date(2026, 11, 24)})),
        ("days", lambda guard: guard.forecast("kid-1", days=61)),
        ("seconds", lambda guard: guard.give_grant("kid-1", seconds=1801)),
        (
            "start",
            lambda guard: guard.report_offline(
                "kid-1", device="tv", intervals=[(datetime(2026, 11, 24), datetime(2026, 11, 24))]
            ),
        ),
    ],
)
def test_bad_input_says_where(guard: MinorGuard, where: str, call: object) -> None:
    """Each wrong argument is named, and nothing is written."""
    with pytest.raises(InvalidInput) as caught:
        call(guard)  # type: ignore[operator]
    assert caught.value.where == where


def test_a_guardian_tightens_and_is_told_what_may_not_be(guard: MinorGuard) -> None:
    """Twenty minutes instead of forty; a setting that is none is refused with its place."""
    guard.set_guardian("kid-1", {"time": {"quota": {"daily": "20m"}}})
    assert guard.ask("kid-1").remaining["day_seconds"] == 1200
    with pytest.raises(PolicyInvalid):
        guard.set_guardian("kid-1", {"time": {"quota": {"dayly": "20m"}}})
    assert guard.ask("kid-1").remaining["day_seconds"] == 1200
    guard.put_subject("kid-1", policy="test", birth_date=date(2013, 5, 1))
    assert guard.ask("kid-1").remaining["day_seconds"] == 1200
    guard.set_guardian("kid-1", {})
    assert guard.ask("kid-1").remaining["day_seconds"] == 2400


def test_a_grant_is_given_once(guard: MinorGuard) -> None:
    """The decision after a grant shows what it brought; the same id brings it once."""
    assert guard.give_grant("kid-1", seconds=600, grant_id="g").remaining["day_seconds"] == 3000
    assert guard.give_grant("kid-1", seconds=600, grant_id="g").remaining["day_seconds"] == 3000
    with pytest.raises(Conflict):
        guard.give_grant("kid-1", seconds=300, grant_id="g")


def test_a_policy_that_is_gone_allows_nothing(guard: MinorGuard) -> None:
    """Its subjects can't be decided about until it is back."""
    guard.use_policies(PolicyBook.of())
    with pytest.raises(PolicyMissing):
        guard.ask("kid-1")
    guard.use_policies(BOOK)
    assert guard.ask("kid-1").allowed


def test_an_invalid_policy_never_opens_a_guard(tmp_path: Path) -> None:
    """All findings are raised, and no store is made."""
    (tmp_path / "bad.yaml").write_text("policy: bad\ntimezone: Asia/Shanghia\n")
    with pytest.raises(PolicyInvalid):
        MinorGuard.open(f"sqlite:///{tmp_path}/guard.db", policies=tmp_path)
    assert not (tmp_path / "guard.db").exists()


def test_a_store_that_is_down_gives_no_lease(clock: ManualClock) -> None:
    """The error is raised, not swallowed: there is no decision that allows."""

    class Down(MemoryStore):
        def load(self, key: str) -> None:  # type: ignore[override]
            raise StoreUnavailable(self.url, "does not answer")

    guard = MinorGuard(Down(), BOOK, clock=clock)
    with pytest.raises(StoreUnavailable):
        guard.open_session("kid-1", device="tablet")


def test_virtual_time_moves_by_seconds_to_an_instant_and_to_the_next_boundary(clock: ManualClock) -> None:
    """A subject on a test clock lives by it alone; the next boundary is the end of its lease, then its stop."""
    guard = MinorGuard(MemoryStore(), BOOK, clock=clock, test_clocks=True)
    guard.clocks.create("qa", at("2026-11-24 21:00"))
    guard.put_subject("kid-1", policy="test", test_clock="qa")
    guard.open_session("kid-1", device="tablet")
    assert guard.advance_clock("qa", to_next_boundary=True).now == at("2026-11-24 21:01")
    assert guard.advance_clock("qa", to_next_boundary=True).now == at("2026-11-24 21:40")
    assert guard.advance_clock("qa", seconds=600).now == at("2026-11-24 21:50")
    guard.advance_clock("qa", to=datetime.fromtimestamp(at("2026-11-24 22:00"), UTC))
    assert codes(guard.ask("kid-1")) == ["curfew.closed"]
    assert guard.advance_clock("qa", to_next_boundary=True).now == at("2026-11-25 06:00")
    with pytest.raises(InvalidInput):
        guard.advance_clock("qa", to=datetime.fromtimestamp(START, UTC))
    with pytest.raises(InvalidInput):
        guard.advance_clock("qa")


def test_virtual_time_is_refused_where_it_may_not_be(clock: ManualClock) -> None:
    """A live guard neither attaches a subject to a test clock nor answers about one that is."""
    store = MemoryStore()
    testing = MinorGuard(store, BOOK, clock=clock, test_clocks=True)
    testing.clocks.create("qa", START)
    testing.put_subject("kid-1", policy="test", test_clock="qa")
    live = MinorGuard(store, BOOK, clock=clock)
    for call in (
        lambda: live.put_subject("kid-2", policy="test", test_clock="qa"),
        lambda: live.ask("kid-1", TimeQuestion()),
        lambda: live.advance_clock("qa", seconds=1),
    ):
        with pytest.raises(TestClockRefused):
            call()


def test_a_subject_keeps_its_clock(clock: ManualClock) -> None:
    """Time never jumps for a subject that exists."""
    guard = MinorGuard(MemoryStore(), BOOK, clock=clock, test_clocks=True)
    guard.clocks.create("qa", START)
    guard.put_subject("kid-1", policy="test")
    with pytest.raises(Conflict):
        guard.put_subject("kid-1", policy="test", test_clock="qa")
    guard.clocks.delete("qa")  # nobody lives by it


def test_erasing_a_subject_erases_it_from_its_clock(clock: ManualClock) -> None:
    """No id of it is left, and a clock without subjects may be deleted; one with subjects may not."""
    guard = MinorGuard(MemoryStore(), BOOK, clock=clock, test_clocks=True)
    guard.clocks.create("qa", START)
    guard.put_subject("kid-1", policy="test", test_clock="qa")
    with pytest.raises(Conflict):
        guard.clocks.delete("qa")
    guard.delete_subject("kid-1")
    assert guard.clocks.get("qa").subjects == ()
    guard.clocks.delete("qa")


def test_settings_fit_the_policy_that_is_the_subjects_when_they_are_written(clock: ManualClock) -> None:
    """The subject gets a policy that leaves a guardian nothing, while settings for the one before are being written."""
    closed = compile_policy(
        "policy: closed\ntimezone: Asia/Shanghai\nguardian: {may_tighten: []}\n"
        "bands: {0-18: {time: {quota: {daily: 40m}}, features: {default: allow}}}\n"
    )
    book = PolicyBook.of(policy("quota: {daily: 40m}"), closed)
    store = MemoryStore()

    class Meddled:
        """Another process moves the subject, once this one has read it and asks for its policy."""

        ids = book.ids
        get = staticmethod(book.get)

        def choose(self, profile: Profile) -> CompiledPolicy | None:
            found = book.choose(profile)
            known = store.load(KEY)
            if known is not None and decode(KEY, known.blob).profile.policy == "test":
                moved = decode(KEY, known.blob)
                moved = replace(moved, profile=replace(moved.profile, policy="closed"))
                store.save(KEY, encode(moved), known.version)
            return found

    guard = MinorGuard(store, Meddled(), clock=clock)
    guard.put_subject("kid-1", policy="test")
    with pytest.raises(PolicyInvalid):
        guard.set_guardian("kid-1", {"time": {"quota": {"daily": "10m"}}})
    assert replace(guard.get_subject("kid-1"), guardian="") == guard.get_subject("kid-1")


@pytest.mark.parametrize("seconds", [10**12, -1])
def test_a_test_clock_stays_where_calendars_reach(clock: ManualClock, seconds: int) -> None:
    """It moves forward only, and not past the year 2200."""
    guard = MinorGuard(MemoryStore(), BOOK, clock=clock, test_clocks=True)
    guard.clocks.create("qa", START)
    with pytest.raises(InvalidInput):
        guard.advance_clock("qa", seconds=seconds)
    with pytest.raises(InvalidInput):
        guard.advance_clock("qa", to=datetime.max.replace(tzinfo=UTC))


def test_a_grant_retried_after_midnight_is_the_same_grant(guard: MinorGuard, clock: ManualClock) -> None:
    """Given at 23:59:59 and sent again a second later: yesterday's, and counted once."""
    clock.set(at("2026-11-24 23:59:59"))
    guard.give_grant("kid-1", seconds=600, grant_id="g")
    clock.advance(1)
    guard.give_grant("kid-1", seconds=600, grant_id="g")
    clock.set(at("2026-11-25 12:00"))
    assert guard.ask("kid-1").remaining["day_seconds"] == 2400


def test_a_new_revision_is_named_also_where_a_guardian_has_settings(guard: MinorGuard) -> None:
    """The same rules under another number: every subject's decisions carry the new one."""
    guard.set_guardian("kid-1", {"time": {"quota": {"daily": "20m"}}})
    assert guard.ask("kid-1").policy.revision == 1
    guard.use_policies(PolicyBook.of(replace(BOOK["test"], revision=7)))
    assert guard.ask("kid-1").policy.revision == 7


def test_emergencies_stay_free_of_whatever_a_guardian_sets(clock: ManualClock) -> None:
    """A guardian's windows and weekly quota stand in for no default, and still leave emergency calls open."""
    book = PolicyBook.of(policy(top="extends: [cn-minor-mode-2024]"))
    guard = MinorGuard(MemoryStore(), book, clock=clock)
    guard.put_subject("kid-1", policy="test", age_band="12-16")
    for rules in ({"quota": {"daily": "0m"}}, {"quota": {"weekly": "0m"}}, {"windows": ["18:00-20:00"]}):
        guard.set_guardian("kid-1", {"time": rules})
        assert not guard.ask("kid-1", TimeQuestion("video")).allowed
        assert guard.ask("kid-1", TimeQuestion("emergency")).allowed


def test_several_questions_are_answered_at_one_instant_with_one_load():
    """As one by one; and as for somebody of a band, of whom nothing is stored."""
    loads = []

    class Counting(MemoryStore):
        def load(self, key):
            loads.append(key)
            return super().load(key)

    text = "policy: p\ntimezone: UTC\nsurfaces: [feed]\nbands:\n  0-12: {content: {max_rating: 8+}}\n"
    text += "  12-18: {content: {max_rating: 12+}}\n"
    guard = MinorGuard(Counting(), PolicyBook.of(compile_policy(text)), clock=ManualClock(0))
    guard.put_subject("kid", policy="p", age_band="12-16")
    asked = [ItemQuestion("feed", ratings=(rating,)) for rating in ("8+", "12+", "16+")]
    loads.clear()
    assert [one.allowed for one in guard.ask_all("kid", asked)] == [True, True, False]
    assert len(loads) == 1
    assert [one.allowed for one in guard.ask_as("p", "8-12", asked)] == [True, False, False]
    assert [one.allowed for one in guard.ask_as("p", None, asked)] == [True, False, False]
    assert len(loads) == 1
    with pytest.raises(InvalidInput):
        guard.ask_as("q", None, asked)
