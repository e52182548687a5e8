"""`python -m tests.benchmarks.redis_store`: the store in Redis beside floors, at two sizes, and on a cluster.

Servers are started on loopback, each kind that the machine has. `MINORGUARD_SUBJECTS` chooses the larger size.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import redis

from minorguard import ManualClock, MinorGuard, PolicyBook
from minorguard.storage.base import Write
from minorguard.storage.memory import MemoryStore
from minorguard.storage.redis import RedisStore
from tests.benchmarks.__main__ import POLICY
from tests.benchmarks.pairs import pair, show
from tests.build import at
from tests.storage import servers

FEW, MANY = 1_000, int(os.environ.get("MINORGUARD_SUBJECTS", "100000"))
BATCH = 500
DAYS = 30
KINDS_OF_MONTHS = 12
PATIENT = "&timeout_ms=5000"
"""A bench must not fail because others use the machine."""


def month(seed: int) -> bytes:
    """The state of a subject after thirty days of nought to four sittings of up to 25 minutes each."""
    chance, store = random.Random(seed), MemoryStore()
    clock, subject = ManualClock(at("2026-01-01 00:00")), f"kid-{seed:06d}"
    guard = MinorGuard(store, PolicyBook.of(POLICY), clock=clock, namespace="acme.live")
    guard.put_subject(subject, policy="test", age_band="12-16")
    for day in range(DAYS):
        for number in range(chance.choice([0, 1, 2, 2, 3, 3, 4])):
            until(clock, at("2026-01-01 00:00") + day * 86_400 + (8 + number * 3) * 3600 + chance.randrange(3600))
            sit(guard, clock, subject, chance)
        guard.use(subject, "comment")
    until(clock, at("2026-01-01 09:00") + DAYS * 86_400)
    guard.open_session(subject, device="tablet", activity="video")
    stored = store.load(f"subject/acme.live/{subject}")
    assert stored is not None
    return stored.blob


def until(clock: ManualClock, instant: int) -> None:
    """Move a clock forward."""
    clock.advance(max(0, instant - clock.now_ns() // 10**9))


def sit(guard: MinorGuard, clock: ManualClock, subject: str, chance: random.Random) -> None:
    """One sitting, with a beat each 30 s."""
    device, activity = chance.choice(["tablet", "tablet", "phone"]), chance.choice(["video", "video", "game", "study"])
    opened = guard.open_session(subject, device=device, activity=activity)
    left, seq = chance.randrange(60, 1500), 0
    while opened.decision.allowed and left > 0:
        clock.advance(min(30, left))
        left, seq = left - 30, seq + 1
        if left > 0 and not guard.heartbeat(opened.session_id, seq=seq).allowed:
            break
    if opened.decision.allowed:
        guard.end_session(opened.session_id)


def filled(store: RedisStore, subjects: int, blobs: list[bytes]) -> dict[str, int]:
    """The versions of so many subjects, written."""
    keys = [f"subject/acme.live/kid-{number:07d}" for number in range(subjects)]
    versions: dict[str, int] = {}
    for start in range(0, subjects, BATCH):
        page = keys[start : start + BATCH]
        writes = [Write(key, blobs[place % len(blobs)], 0) for place, key in enumerate(page)]
        versions.update(zip(page, store.save_many(writes), strict=True))  # type: ignore[arg-type]
    return versions


def beating(store: RedisStore, versions: dict[str, int], blobs: list[bytes]) -> Callable[[], object]:
    """A warm beat's write on a subject by chance."""
    chance, keys = random.Random(1), list(versions)

    def beat() -> None:
        key = keys[chance.randrange(len(keys))]
        versions[key] = store.save(key, blobs[0], versions[key])

    return beat


def counter(server: servers.Server) -> Callable[[], object]:
    """Floor: redis-py's own INCR, a counter that knows nothing."""
    client = redis.Redis(port=server.port)
    return lambda: client.incr("counter")


def bench(name: str, program: str, folder: Path, blobs: list[bytes]) -> None:
    """All rows of one kind of server."""
    with (
        servers.running(servers.Server(program, folder / "one")) as (one,),
        servers.cluster(program, folder) as many,
        servers.sentinels(program, folder) as pair_of,
    ):
        few = RedisStore(f"{one.url}&prefix=few{PATIENT}")
        few_beat = beating(few, filled(few, FEW, blobs), blobs)
        show(f"{name}: a write, {FEW} subjects", "redis-py INCR", pair(few_beat, counter(one), **times(200)))
        cluster = RedisStore(f"{many.url}&prefix=few{PATIENT}")
        cluster_beat = beating(cluster, filled(cluster, FEW, blobs), blobs)
        show(f"{name}: a write, cluster of 3", "the same on one", pair(cluster_beat, few_beat, **times(200)))
        copied = RedisStore(f"{pair_of.primary.url}&prefix=few{PATIENT}")
        copied_beat = beating(copied, filled(copied, FEW, blobs), blobs)
        show(f"{name}: a write, cluster of 3", "on one with a replica", pair(cluster_beat, copied_beat, **times(200)))
        keys = [f"subject/acme.live/kid-{number:07d}" for number in range(100)]
        show(
            f"{name}: 100 loads, cluster of 3",
            "the same on one",
            pair(lambda: cluster.load_many(keys), lambda: few.load_many(keys), **times(10)),
        )
        before = one.client().info("memory")["used_memory"]
        large = RedisStore(f"{one.url}&prefix=mg{PATIENT}")
        large_beat = beating(large, filled(large, MANY, blobs), blobs)
        used = one.client().info("memory")["used_memory"] - before
        show(f"{name}: a write, {MANY} subjects", f"the same, {FEW}", pair(large_beat, few_beat, **times(200)))
        print(f"  {used / MANY:.0f} bytes a subject after a month of use, all told; {len(blobs[0])} of them state")
        for store in (few, cluster, copied, large):
            store.close()


def times(number: int) -> dict[str, int]:
    """As often on both sides."""
    return {"ours_number": number, "floor_number": number}


def main() -> None:
    """Print the table."""
    blobs = [month(seed) for seed in range(KINDS_OF_MONTHS)]
    for name, program in servers.programs().items():
        with tempfile.TemporaryDirectory() as folder:
            bench(name, program, Path(folder), blobs)


if __name__ == "__main__":
    main()
