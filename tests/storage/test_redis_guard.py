"""The whole guard over Redis: what races on several machines would race for is counted once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from minorguard import ManualClock, MinorGuard, PolicyBook, TimeQuestion
from minorguard.errors import NotFound
from minorguard.storage import open_store
from minorguard.storage.copying import copy
from tests.build import at, policy

BOOK = PolicyBook.of(policy("quota: {daily: 40m}", features="{default: deny, limit: {comment: 20/day}}"))
THREADS, TRIES = 4, 15


@pytest.fixture(params=["one_server", "on_a_cluster"])
def url(request, prefix, one_server, on_a_cluster):
    """Of either kind; a busy machine gets more time."""
    where = {"one_server": one_server, "on_a_cluster": on_a_cluster}[request.param]
    return f"{where.url}&prefix={prefix}&timeout_ms=3000"


def test_uses__from_several_machines__are_counted_once(url):
    """Of many uses at once exactly as many are allowed as the limit says, and all see the same rest."""
    clock = ManualClock(at("2026-11-24 16:00"))
    guards = [MinorGuard.open(url, policies=BOOK, clock=clock) for _ in range(THREADS)]
    guards[0].put_subject("kid", policy="test", age_band="12-16")

    def use(number):
        return sum(guards[number].use("kid", "comment").allowed for _ in range(TRIES))

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(use, range(THREADS))) == 20
    for guard in guards:
        assert not guard.use("kid", "comment").allowed
        guard.close()


def test_sessions__on_two_machines__share_one_quota(url):
    """Use on a tablet and a phone, kept by two processes, is one set of time."""
    clock = ManualClock(at("2026-11-24 16:00"))
    one, other = (MinorGuard.open(url, policies=BOOK, clock=clock) for _ in range(2))
    one.put_subject("kid", policy="test", age_band="12-16")
    tablet = one.open_session("kid", device="tablet").session_id
    phone = other.open_session("kid", device="phone").session_id
    for seq in range(1, 11):
        clock.advance(60)
        assert one.heartbeat(tablet, seq=seq).allowed
        assert other.heartbeat(phone, seq=seq).allowed
    assert other.ask("kid", TimeQuestion()).remaining["day_seconds"] == 1800
    one.delete_subject("kid")
    for guard in (one, other):
        guard.close()


def test_moving_house__a_session_goes_on__and_nothing_is_forgotten(url, tmp_path):
    """A child who plays while the store moves from SQLite to Redis, and back, notices nothing; every second counts."""
    clock = ManualClock(at("2026-11-24 16:00"))
    file = f"sqlite:///{tmp_path}/minorguard.db"
    guard = MinorGuard.open(file, policies=BOOK, clock=clock)
    guard.put_subject("kid", policy="test", age_band="12-16")
    guard.put_subject("moved-away", policy="test", age_band="12-16")
    session, seq = guard.open_session("kid", device="tablet").session_id, 0

    def play(guard):
        nonlocal seq
        for _ in range(4):
            clock.advance(30)
            seq += 1
            assert guard.heartbeat(session, seq=seq).allowed

    play(guard)
    with closing(open_store(file)) as old, closing(open_store(url)) as new:
        copy(old, new)  # while serving
    play(guard)
    guard.delete_subject("moved-away")
    guard.close()
    with closing(open_store(file)) as old, closing(open_store(url)) as new:
        assert copy(old, new, replace=True).verified
    guard = MinorGuard.open(url, policies=BOOK, clock=clock)
    play(guard)
    with pytest.raises(NotFound):
        guard.ask("moved-away")
    guard.close()
    with closing(open_store(file)) as old, closing(open_store(url)) as new:
        assert copy(new, old, replace=True).verified
    guard = MinorGuard.open(file, policies=BOOK, clock=clock)
    play(guard)
    assert guard.end_session(session).remaining["day_seconds"] == 2400 - 4 * 120
    guard.close()
