"""Two processes and one queue in an SQLite file."""

import os
import subprocess
import sys
from itertools import chain
from pathlib import Path

from minorguard.model.sections import ItemAction
from minorguard.review import Report, ReviewDesk, statistics
from minorguard.storage.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]
CASES = 60
WORK = """
import sys
from minorguard.model.sections import ItemAction
from minorguard.review import ReviewDesk, Ruling
from minorguard.storage.sqlite import SqliteStore
desk = ReviewDesk(SqliteStore(sys.argv[1]), "acme.test")
print("ready", flush=True)
sys.stdin.readline()
while (case := desk.claim(sys.argv[2], 10)) is not None:
    print(case.item, flush=True)
    desk.judge(case.id, sys.argv[2], Ruling(ItemAction.HIDE), 11)
"""


def test_two_processes_never_work_on_the_same_case(tmp_path: Path) -> None:
    """Each case is claimed by one of them, and all are decided, recalled and counted once."""
    path = tmp_path / "state.db"
    store = SqliteStore(path)
    desk = ReviewDesk(store, "acme.test")
    for number in range(CASES):
        desk.open(Report(category="ads", item=f"v-{number}", shown=True), 0)
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", WORK, str(path), name],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("ann", "bob")
    ]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    taken = [child.communicate(timeout=60)[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert all(taken)
    assert sorted(chain(*taken)) == sorted(f"v-{number}" for number in range(CASES))
    assert [entry["action"] for _, entry in desk.recalls.read()] == [ItemAction.HIDE.value] * CASES
    assert statistics(desk, 20)["decided"]["count"] == CASES
    store.close()
