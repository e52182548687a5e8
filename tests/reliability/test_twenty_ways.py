"""Ways round a minor mode, and the answer to each; one test a way, named after it.

The ways that need guardians' PINs, purchases, publishing or content (7, 11, 13, 19, 20) come with those mechanisms;
forged tokens (12) and old tokens played again (10) are in `tests/service/test_tokens.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from freezegun import freeze_time

from minorguard import FeatureQuestion, ManualClock, MinorGuard, PolicyBook
from minorguard.errors import InvalidInput, NotFound, StoreError, StoreUnavailable
from minorguard.storage.base import Stored
from minorguard.storage.memory import MemoryStore
from tests.build import at, codes, policy

POLICY = policy(
    'quota: {daily: 40m}\ncurfew: ["22:00-06:00"]',
    top="guardian: {may_extend: {daily: 30m, per_day: 60m}}\nfeatures_need_lease: true",
)
BOOK = PolicyBook.of(POLICY)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(at("2026-11-24 16:00"))


@pytest.fixture
def guard(clock: ManualClock) -> Iterator[MinorGuard]:
    guard = MinorGuard.open("memory://", policies=BOOK, clock=clock)
    guard.put_subject("kid", policy="test", age_band="12-16")
    yield guard
    guard.close()


def use(guard: MinorGuard, clock: ManualClock, seconds: int, device: str = "tablet") -> None:
    """Sit for so long, beating at the end of every lease, and stop."""
    opened = guard.open_session("kid", device=device)
    for seq in range(1, seconds // 60 + 1):
        clock.advance(60)
        guard.heartbeat(opened.session_id, seq=seq)
    clock.advance(seconds % 60)
    guard.end_session(opened.session_id)


def test_way_01_the_device_clock_is_moved(guard: MinorGuard, clock: ManualClock) -> None:
    """No call takes the device's time: at 22:00 of the server it is 22:00, and reports of the future are cut off."""
    clock.set(at("2026-11-24 21:59"))
    guard.report_offline(
        "kid",
        device="tablet",
        intervals=[
            (datetime.fromtimestamp(at("2026-11-25 09:00"), UTC), datetime.fromtimestamp(at("2026-11-25 10:00"), UTC))
        ],
    )
    assert guard.usage("kid")["used_seconds"] == 0
    clock.advance(60)
    assert codes(guard.ask("kid")) == ["curfew.closed"]


def test_way_02_the_time_zone_is_switched(guard: MinorGuard) -> None:
    """The zone is the policy's; nothing a device or subject says changes it."""
    with freeze_time("2026-11-24 14:00:00"):  # 22:00 in Shanghai, afternoon in London
        live = MinorGuard.open("memory://", policies=BOOK)
        live.put_subject("kid", policy="test")
        assert codes(live.ask("kid")) == ["curfew.closed"]


def test_way_03_midnight_in_utc(guard: MinorGuard, clock: ManualClock) -> None:
    """At 08:00 in Shanghai a UTC day begins, and the quota does not."""
    clock.set(at("2026-11-24 07:00"))
    use(guard, clock, 2400)
    clock.set(at("2026-11-24 08:00"))
    assert codes(guard.ask("kid")) == ["quota.exhausted"]


def test_way_04_the_clocks_change() -> None:
    """In New York the 25-hour day has one quota, and its curfew lasts through both hours after one."""
    zone = "America/New_York"
    book = PolicyBook.of(policy('quota: {daily: 40m}\ncurfew: ["22:00-01:30"]', zone=zone))
    clock = ManualClock(at("2026-11-01 00:00", zone))
    guard = MinorGuard.open("memory://", policies=book, clock=clock)
    guard.put_subject("kid", policy="test")
    assert guard.ask("kid").again == at("2026-11-01 01:30", zone) + 3600
    clock.set(at("2026-11-01 12:00", zone))
    use(guard, clock, 2400)
    assert guard.ask("kid").again == at("2026-11-02 01:30", zone)


def test_way_05_several_devices(guard: MinorGuard, clock: ManualClock) -> None:
    """A tablet, a phone and a television one after the other have one ledger."""
    for device in ("tablet", "phone", "tv", "watch"):
        use(guard, clock, 600, device)
    assert codes(guard.open_session("kid", device="new").decision) == ["quota.exhausted"]


def test_way_06_the_app_is_installed_anew(guard: MinorGuard, clock: ManualClock) -> None:
    """A fresh install is one more device of the same subject; registering it again keeps what was used."""
    use(guard, clock, 2400)
    guard.put_subject("kid", policy="test", age_band="12-16")
    assert codes(guard.open_session("kid", device="fresh-install").decision) == ["quota.exhausted"]


def test_way_08_the_app_is_killed_before_it_beats(guard: MinorGuard, clock: ManualClock) -> None:
    """Slices are paid ahead: opening and killing forty times uses the forty minutes."""
    for _ in range(40):
        assert guard.open_session("kid", device="tablet").decision.allowed
        clock.advance(60)
    assert codes(guard.open_session("kid", device="tablet").decision) == ["quota.exhausted"]


def test_way_09_heartbeats_are_blocked(guard: MinorGuard, clock: ManualClock) -> None:
    """The lease ends, and features end with it."""
    guard.open_session("kid", device="tablet")
    clock.advance(59)
    assert guard.ask("kid", FeatureQuestion("search")).allowed
    clock.advance(1)
    assert codes(guard.ask("kid", FeatureQuestion("search"))) == ["lease.missing"]


def test_way_14_a_grant_is_replayed_or_stacked(guard: MinorGuard) -> None:
    """One id counts once, one grant has a most, a day has a most, and another day has none of it."""
    for id in ("a", "a", "b", "c", "d"):
        guard.give_grant("kid", seconds=1800, grant_id=id)
    assert guard.ask("kid").remaining["day_seconds"] == (40 + 60) * 60
    with pytest.raises(InvalidInput):
        guard.give_grant("kid", seconds=1801)
    guard.give_grant("kid", seconds=60, day=date(2026, 11, 26))
    assert guard.forecast("kid", days=3).windows[1].allowance == 2400


def test_way_15_open_and_stop_in_a_loop(guard: MinorGuard, clock: ManualClock) -> None:
    """The union counts what passed: two hundred sittings of ten seconds are 2,000 seconds."""
    for _ in range(200):
        use(guard, clock, 10)
    assert guard.usage("kid")["used_seconds"] == 2000


def test_way_16_somebody_elses_session(guard: MinorGuard) -> None:
    """Another tenant's session, an ended one of an erased subject and an invented one are not found, all alike."""
    session = guard.open_session("kid", device="tablet").session_id
    other = guard.scoped("other")
    other.put_subject("kid", policy="test")
    for wrong in (session, "kid~inventedinvented"):
        with pytest.raises(NotFound) as caught:
            other.heartbeat(wrong, seq=1)
        assert str(caught.value) == f"no session `{wrong}`"


def test_way_17_an_outage_is_induced(clock: ManualClock) -> None:
    """With the store down nothing is allowed, and what was used before is there after."""

    class Flaky(MemoryStore):
        down = False

        def load(self, key: str) -> Stored | None:
            if self.down:
                raise StoreUnavailable(self.url, "does not answer")
            return super().load(key)

        def save(self, key: str, blob: bytes, expected: int, *, durable: bool = False, **more: Any) -> int:
            if self.down:
                raise StoreUnavailable(self.url, "does not answer")
            return super().save(key, blob, expected, durable=durable, **more)

    store = Flaky()
    guard = MinorGuard(store, BOOK, clock=clock)
    guard.put_subject("kid", policy="test")
    use(guard, clock, 600)
    store.down = True
    for call in (lambda: guard.ask("kid"), lambda: guard.open_session("kid", device="tablet")):
        with pytest.raises(StoreError):
            call()
    store.down = False
    assert guard.ask("kid").remaining["day_seconds"] == 1800


def test_way_18_lost_updates_and_idle_gaps(guard: MinorGuard, clock: ManualClock) -> None:
    """A gap between beats never counts past the slice, however long it is."""
    session = guard.open_session("kid", device="tablet").session_id
    for seq in range(1, 6):
        clock.advance(3600)
        guard.heartbeat(session, seq=seq)
    clock.advance(600)
    assert guard.usage("kid")["used_seconds"] == 6 * 60


def test_also_a_denied_call_uses_no_time(guard: MinorGuard, clock: ManualClock) -> None:
    """Asking in the curfew a thousand times leaves the whole quota for the morning."""
    clock.set(at("2026-11-24 23:00"))
    for _ in range(1000):
        assert not guard.open_session("kid", device="tablet").decision.allowed
    clock.set(at("2026-11-25 06:00"))
    assert guard.ask("kid").remaining["day_seconds"] == 2400


def test_also_a_birthday_changes_the_band_in_mid_session(guard: MinorGuard, clock: ManualClock) -> None:
    """The eighteenth birthday over, a session that runs is no longer limited; a minute before it is."""
    clock.set(at("2026-11-24 16:00"))
    guard.put_subject("kid", policy="test", birth_date=date(2008, 11, 24))
    assert codes(guard.ask("kid")) == ["time.allowed"]
    clock.set(at("2026-11-25 00:00"))
    assert codes(guard.ask("kid")) == ["age.adult"]
    assert guard.open_session("kid", device="tablet").lease_until == datetime.fromtimestamp(
        at("2026-11-25 00:00"), UTC
    ) + timedelta(seconds=60)
