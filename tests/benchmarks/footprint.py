"""`python -m tests.benchmarks.footprint [subjects]`: what a subject weighs in Redis after a month, and on the wire."""

from __future__ import annotations

import json
import sys
import tempfile
import tracemalloc
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import redis as client

from minorguard import TimeQuestion
from minorguard.engine import decide
from minorguard.storage import StateStore, Write, open_store
from minorguard.storage.codec import decode, encode
from tests.benchmarks.__main__ import POLICY, history
from tests.benchmarks.http import redis
from tests.benchmarks.servers import BEAT, Ours
from tests.build import Life

SUBJECTS = 20_000
PIECE = 1000


def cpu_of_saves(store: StateStore, link: client.Redis, blob: bytes, number: int = 5000) -> float:
    """Microseconds that the server runs for one save, its network included."""
    version = store.save("subject/acme.live/kid", blob, 0)

    def cpu() -> float:
        found = link.info("cpu")
        return found["used_cpu_user"] + found["used_cpu_sys"]

    before = cpu()
    for _ in range(number):
        version = store.save("subject/acme.live/kid", blob, version)
    return (cpu() - before) / number * 1e6


def remembered(blob: bytes, number: int = 500) -> float:
    """Bytes of a worker's memory for each subject that it remembers."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [decode("k", blob[:7] + blob[7:]) for _ in range(number)]
    found = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    tracemalloc.stop()
    return found


def kept_answers(number: int = 500) -> float:
    """Bytes of a worker's memory for each answer that it keeps: a night's denial, the largest there is."""
    state, night = history(1)[0], Life(POLICY).at("2026-01-01 23:30")
    subjects = [replace(state, profile=replace(state.profile, subject=f"kid-{one}")) for one in range(number)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for subject in subjects * 2:  # what is asked once is not kept
        decide(POLICY, subject, TimeQuestion(), night)
    found = (tracemalloc.get_traced_memory()[0] - before) / number
    tracemalloc.stop()
    return found


def main() -> None:
    """Print bytes a subject, and bytes a beat."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else SUBJECTS
    for days in (1, 30, 365):
        print(f"state after {days:>3} day(s) of three sittings a day: {len(encode(history(days)[0]))} bytes")
    blob = encode(history(30)[0])
    with tempfile.TemporaryDirectory() as folder, redis(Path(folder)) as url:
        store = open_store(url)
        link = client.Redis(port=urlsplit(url).port or 0)
        before = link.info("memory")["used_memory"]
        for start in range(0, number, PIECE):
            store.save_many([Write(f"subject/acme.live/kid-{start + i:09}", blob, 0) for i in range(PIECE)])
        used = link.info("memory")["used_memory"] - before
        print(f"{number} subjects after a month in Redis: {used / number:.0f} bytes each")
        print(f"Redis's own CPU: {cpu_of_saves(store, link, blob):.1f} µs a compare-and-set")
        store.close()
        link.close()
    print(f"a subject that a worker remembers: {remembered(encode(history(1)[0])):.0f} bytes, and its days apart")
    print(f"an answer that a worker keeps: {kept_answers():.0f} bytes")
    head = Ours.head(type("Sample", (), {"key": "mg_live_0123456789abcdef_" + "x" * 32})(), "/v1/heartbeats")
    token = "t" * 700
    print(f"a beat's request: {len(head) + 7 + len(BEAT) + len(token) + 20} bytes with a token of {len(token)}")
    print(json.dumps({"beats_a_second_per_million_children": round(1_000_000 / 30)}))


if __name__ == "__main__":
    main()
