"""`python -m tests.benchmarks`: the in-process figures of docs/performance.md."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from time import perf_counter_ns

from limits import RateLimitItemPerDay
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from minorguard import FeatureQuestion, ManualClock, MinorGuard, PolicyBook, TimeQuestion
from minorguard.engine import Course, decide, reduce
from minorguard.engine.decide import decide_feature, decide_opening
from minorguard.engine.look import Look
from minorguard.model.events import HeartbeatReceived, SessionEnded, SessionOpened
from minorguard.model.questions import Question
from minorguard.model.state import SubjectState
from minorguard.storage.codec import decode, encode
from tests.benchmarks.pairs import pair, show
from tests.benchmarks.peers import peers
from tests.build import Life, policy

POLICY = policy(
    """
    quota: {daily: {weekend: 60m, holiday: 60m, otherwise: 40m}, per_activity: {game: {daily: 30m}}}
    curfew: ["22:00-06:00"]
    sitting: {remind_after: 20m, break_after: 30m, break_for: 10m, at_least: 2m}
    warn_before: [10m, 5m, 1m]
    grace: 60s
    """,
    top="extends: [cn-minor-mode-2024]\ncalendar: CN",
    features="{default: deny, allow: [search], limit: {comment: 20/day}}",
)
SESSION = "kid~x-------"
PLAYS = ("video", "tablet")


def history(days: int) -> tuple[SubjectState, int]:
    """A subject after so many days of three sittings of ten minutes each, with a session open; and a minute later."""
    life = Life(POLICY)
    day = life.at("2026-01-01 00:00")
    for number in range(days):
        date = life.local(day + number * 86_400)[:10]
        for hour, activity in ((15, "video"), (17, "game"), (19, "video")):
            life.play(f"{date} {hour}:00", f"{date} {hour}:10", activity=activity)
    life.open(f"{date} 20:00", session="x")
    return life.state, life.at(f"{date} 20:00") + 30


def counter() -> Callable[[], object]:
    """Floor: a bare counter under a lock, which remembers nothing else and explains nothing."""
    lock, counts = threading.Lock(), {"kid": 0}

    def hit() -> None:
        with lock:
            counts["kid"] += 1

    return hit


def limits_hit() -> Callable[[], object]:
    """Peer: `limits`, memory storage, fixed window: a counter with an expiry."""
    limiter, item = FixedWindowRateLimiter(MemoryStorage()), RateLimitItemPerDay(10**9)
    return lambda: limiter.hit(item, "kid")


def kept(state: SubjectState, question: Question, now: int, course: Course | None = None) -> Callable[[], object]:
    """A question that was asked before, asked some seconds later."""
    for _ in range(2):
        decide(POLICY, state, question, now, course)
    return lambda: decide(POLICY, state, question, now + 7, course)


def denied() -> list[tuple[str, Callable[[], object]]]:
    """What a child's app asks again and again: in the evening's curfew, and when the day's quota is used up."""
    life, question, feature = Life(POLICY), TimeQuestion(*PLAYS), FeatureQuestion("comment")
    for start, stop in (("16:00", "16:28"), ("17:00", "17:12")):
        life.play(f"2026-01-05 {start}", f"2026-01-05 {stop}", activity="video")
    state, used_up, night = life.state, life.at("2026-01-05 18:00"), life.at("2026-01-05 22:30")
    assert decide(POLICY, state, question, used_up).reason.code == "quota.exhausted"
    assert decide(POLICY, state, question, night).reason.code == "curfew.closed"
    return [
        ("decide: denied, the quota is used up", kept(state, question, used_up)),
        ("decide: the same, anew", lambda: decide_opening(Look(POLICY, state, *PLAYS), used_up)),
        ("decide: denied by two curfews and the quota", kept(replace(state), question, night)),
        ("decide: the same, anew", lambda: decide_opening(Look(POLICY, state, *PLAYS), night)),
        ("reduce: a session that may not be opened", refused(night)),
        ("decide: a feature, denied by the three", kept(replace(state), feature, night)),
        ("decide: the same, anew", lambda: decide_feature(POLICY, state, feature, night)),
    ]


def refused(night: int) -> Callable[[], object]:
    """An app that tries to open a session, though the curfew has begun."""
    opening = SessionOpened("kid~y-------", *reversed(PLAYS))
    state = reduce(POLICY, Life(POLICY).state, opening, night).state
    reduce(POLICY, state, opening, night)
    return lambda: reduce(POLICY, state, opening, night + 7)


def pure() -> None:
    """The pure core: on a course (a session that goes on), and asked anew."""
    state, now = history(1)
    begun = reduce(POLICY, state, HeartbeatReceived(SESSION, 1), now)
    state, course, now = begun.state, begun.course, now + 30
    beat = HeartbeatReceived(SESSION, 2)
    may_go_on, may_open = TimeQuestion(session=SESSION), TimeQuestion(*PLAYS)
    feature, at_rest = FeatureQuestion("comment", 1, SESSION), FeatureQuestion("comment")
    rested = reduce(POLICY, state, SessionEnded(SESSION), now).state
    later = now + 600
    rows: list[tuple[str, Callable[[], object]]] = [
        ("reduce: an allowed beat, on its course", lambda: reduce(POLICY, state, beat, now, course)),
        ("decide: may a session go on, on its course", lambda: decide(POLICY, state, may_go_on, now, course)),
        ("decide: a limited feature, on a course", lambda: decide(POLICY, state, feature, now, course)),
        ("reduce: an allowed beat, anew", lambda: reduce(POLICY, state, beat, now)),
        ("decide: a limited feature, anew", lambda: decide_feature(POLICY, state, feature, now)),
        ("decide: may a sitting be opened, anew", lambda: decide_opening(Look(POLICY, rested, *PLAYS), later)),
        ("decide: the same, of a subject at rest", kept(rested, may_open, later)),
        ("decide: a limited feature, at rest", kept(rested, at_rest, later)),
        ("decide: a game beside it, session not named", kept(state, TimeQuestion("game", "phone"), now, course)),
        ("decide: the same, anew", lambda: decide_opening(Look(POLICY, state, "game", "phone"), now)),
        ("decide: a feature, session not named", kept(state, at_rest, now, course)),
        ("decide: the same, anew", lambda: decide_feature(POLICY, state, at_rest, now)),
        *denied(),
    ]
    for peer, ask in peers():
        for name, call in (rows[2], next(row for row in rows if "curfews" in row[0])):
            show(name, peer, pair(call, ask, ours_number=200, floor_number=200))
    for name, call in rows:
        show(name, "bare counter under a lock", pair(call, counter(), ours_number=200, floor_number=20_000))
        show(name, "limits 5, memory, fixed window", pair(call, limits_hit(), ours_number=200, floor_number=4_000))


def beating(url: str) -> Callable[[], object]:
    """A guard whose subject beats every 30 s of virtual time, day after day."""
    clock = ManualClock(Life(POLICY).at("2026-01-01 08:00"))
    guard = MinorGuard.open(url, policies=PolicyBook.of(POLICY), clock=clock)
    guard.put_subject("kid", policy="test", age_band="12-16")
    session = guard.open_session("kid", device="tablet").session_id
    seq = 0

    def beat() -> None:
        nonlocal seq, session
        seq += 1
        clock.advance(30)
        if not guard.heartbeat(session, seq=seq).allowed:
            clock.advance(int(timedelta(hours=4).total_seconds()))

    return beat


def whole() -> None:
    """Beats through the façade: load, decode, reduce, encode, compare-and-set."""
    state, _ = history(1)
    blob = encode(state)
    floor = pair(beating("memory://"), lambda: decode("k", encode(state)), ours_number=200, floor_number=200)
    show("beat through the guard, memory", f"its codec alone ({len(blob)} bytes)", floor)
    with tempfile.TemporaryDirectory() as folder:
        show(
            "beat through the guard, SQLite FULL",
            "the same bytes written and fsynced",
            pair(
                beating(f"sqlite:///{folder}/a.db"),
                fsynced(folder, blob),
                ours_number=20,
                floor_number=20,
                clock=perf_counter_ns,
            ),
        )


def fsynced(folder: str, blob: bytes) -> Callable[[], object]:
    """Floor: one append and fsync, what a durable write can't go below."""
    log = os.open(f"{folder}/floor.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

    def write() -> None:
        os.write(log, blob)
        os.fsync(log)

    return write


def growth() -> None:
    """One subject's beat on day 365 beside the same on day 1, codec included."""
    rows = []
    for days in (365, 1):
        state, now = history(days)
        blob = encode(state)
        rows.append(
            lambda blob=blob, now=now: encode(
                reduce(POLICY, decode("k", blob), HeartbeatReceived(SESSION, 1), now).state
            )
        )
        print(f"  state after {days} day(s): {len(blob)} bytes")
    show("beat on day 365", "the same beat on day 1", pair(rows[0], rows[1], ours_number=200, floor_number=200))


def main() -> None:
    """Print the table."""
    machine = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "machine": platform.machine(),
        "system": sys.platform,
        "cores": os.cpu_count(),
    }
    print(json.dumps(machine))
    print(f"{'ours':<44} {'median':>12}   {'floor or peer':<34} {'median':>11}   ratio (10 %-90 %)")
    pure()
    whole()
    growth()


if __name__ == "__main__":
    main()
