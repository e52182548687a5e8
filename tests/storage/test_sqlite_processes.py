"""The store in one SQLite file, used by several processes: races, kills, forks, a full disk."""

import json
import random

import pytest

from minorguard.storage.sqlite import SqliteStore

INCREMENTS = 200
KILLS = 10


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def sound(store):
    return store._db.read("PRAGMA integrity_check") == [("ok",)]


# Races


COUNT = """
from concurrent.futures import ThreadPoolExecutor
from minorguard.storage.contract import increment
store, (times, threads) = SqliteStore(STORE, timeout_seconds=30), map(int, sys.argv[1:])
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(threads) as pool:
    [one.result() for one in [pool.submit(increment, store, "counter", times) for _ in range(threads)]]
store.close()
"""


def start_together(children):
    for process in children:
        process.stdout.readline()
    for process in children:
        process.stdin.write("go\n")
        process.stdin.flush()


@pytest.mark.parametrize("threads", [1, 4])
def test_two_processes__increments_by_compare_and_set__none_is_lost(path, child, threads):
    """Each of many racing increments of two processes, with a thread or several each, counts once."""
    children = [child(COUNT, INCREMENTS // threads, threads) for _ in range(2)]
    start_together(children)
    assert [process.wait(60) for process in children] == [0, 0]
    store = SqliteStore(path)
    assert int(store.load("counter").blob) == 2 * INCREMENTS
    assert sound(store)
    store.close()


def test_many_processes__opening_at_once__make_one_store(path, child):
    """Processes that start together on a file that is not there yet all get the same store."""
    children = [child(COUNT, 5, 1) for _ in range(4)]
    start_together(children)
    assert [process.wait(30) for process in children] == [0] * 4
    store = SqliteStore(path)
    assert int(store.load("counter").blob) == 4 * 5
    store.close()


ECHO = """
store, version = SqliteStore(STORE), 0
for line in sys.stdin:
    version = store.save("k", line.strip().encode(), version)
    print(version, flush=True)
"""


def test_reader__sees_every_acknowledged_write_of_another_process_at_once(path, child):
    """As soon as another process knows of its write, so does this one."""
    writer, store = child(ECHO), SqliteStore(path)
    for number in range(50):
        writer.stdin.write(f"{number}\n")
        writer.stdin.flush()
        version = int(writer.stdout.readline())
        stored = store.load("k")
        assert (b"%d" % number, version) == (stored.blob, stored.version)
    store.close()


# Kills


WRITE = """
store = SqliteStore(STORE)
with store._db.exclusive() as db:
    db.execute("PRAGMA wal_autocheckpoint = 8")  # so that kills hit checkpoints too
rows = {f"k{number}": [0, 0] for number in range(5)}
for key in store.keys("k"):
    stored = store.load(key)
    rows[key] = [stored.version, int(stored.blob[: len(stored.blob) // 400])]
while True:
    for key, (version, count) in rows.items():
        rows[key] = [store.save(key, b"%d" % (count + 1) * 400, version), count + 1]
        print(key, count + 1, flush=True)
"""


WRITE_TOGETHER = """
import threading
store = SqliteStore(STORE)
with store._db.exclusive() as db:
    db.execute("PRAGMA wal_autocheckpoint = 8")

def work(key):
    stored = store.load(key)
    version, count = (stored.version, int(stored.blob[: len(stored.blob) // 400])) if stored else (0, 0)
    while True:
        os.write(1, b"%s %d\\n" % (key.encode(), count))         # first what it found, written and maybe not told
        version, count = store.save(key, b"%d" % (count + 1) * 400, version), count + 1

[threading.Thread(target=work, args=(f"k{number}",)).start() for number in range(6)]
"""


def killed_at_an_odd_moment(writer, lines):
    """Kill a writer after so many acknowledged writes; returns all that it acknowledged."""
    told = [writer.stdout.readline() for _ in range(lines)]
    writer.kill()
    told += writer.stdout.read().splitlines()
    return {key: int(count) for key, count in (line.split() for line in told)}


def holds(store, acknowledged):
    """Whether every acknowledged write is there, whole; one more may have been written and not told."""
    allowed = {key: {b"%d" % count * 400, b"%d" % (count + 1) * 400} for key, count in acknowledged.items() if count}
    return sound(store) and all(store.load(key).blob in blobs for key, blobs in allowed.items())


@pytest.mark.parametrize("beside", ["alone", "beside an open store"])
@pytest.mark.parametrize("code", [WRITE, WRITE_TOGETHER], ids=["one thread", "threads together"])
def test_writer_killed__every_acknowledged_write_is_there(path, child, beside, code):
    """After each of many kills at odd moments, the file is sound and no write that was acknowledged is lost or torn."""
    dice, acknowledged = random.Random(20), {}
    witness = SqliteStore(path) if beside != "alone" else None
    for _ in range(KILLS):
        acknowledged |= killed_at_an_odd_moment(child(code), dice.randint(1, 60))
        if witness:
            assert holds(witness, acknowledged)
        store = SqliteStore(path)
        assert holds(store, acknowledged)
        store.close()
    if witness:
        witness.close()


def test_writer_killed__its_lock_is_free(path, child):
    """A process killed while it holds the lock does not lock others out."""
    holder = child("with SqliteStore(STORE)._db.transaction():\n    print('held', flush=True)\n    sys.stdin.read()")
    holder.stdout.readline()
    holder.kill()
    holder.wait()
    store = SqliteStore(path, timeout_seconds=1)
    store.save("k", b"", 0)
    store.close()


# Forks


FORK = """
store, ready, go = SqliteStore(STORE), os.pipe(), os.pipe()
version = store.save("k", b"before", 0)
assert store.load("k").blob == b"before"
pid = os.fork()
if pid == 0:
    version = store.save("k", b"child 1", version)
    os.write(ready[1], b".")
    os.read(go[0], 1)                                   # the parent, the first to open the file, closes it
    version = store.save("k", b"child 2", version)
    os._exit(0 if store.load("k").blob == b"child 2" else 1)
os.read(ready[0], 1)
assert store.load("k").blob == b"child 1"
store.close()
os.write(go[1], b".")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


def test_fork__parent_and_child__both_go_on_and_nothing_is_lost(path, child):
    """A store opened before a fork works on both sides; one side's closing takes nothing from the other."""
    assert child(FORK).wait(30) == 0
    store = SqliteStore(path)
    assert store.load("k").blob == b"child 2"
    assert sound(store)
    store.close()


FORK_BUSY = """
import threading
store, stop = SqliteStore(STORE, timeout_seconds=30), threading.Event()

def work(key):
    version = 0
    while not stop.is_set():
        version = store.save(key, b"x", version)
        store.load(key)

threads = [threading.Thread(target=work, args=(f"thread {number}",)) for number in range(6)]
[thread.start() for thread in threads]
codes = []
for number in range(10):
    pid = os.fork()
    if pid == 0:
        store.save(f"child {number}", b"", 0)
        os._exit(0)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stop.set()
[thread.join() for thread in threads]
sys.exit(any(codes))
"""


def test_fork__while_threads_write__child_has_a_working_store(path, child):
    """A fork waits for work in progress, so that no child inherits a lock or a half-used connection."""
    assert child("import warnings\nwarnings.simplefilter('ignore')\n" + FORK_BUSY).wait(60) == 0
    store = SqliteStore(path)
    assert [f"child {number}" for number in range(10)] == list(store.keys("child"))
    assert sound(store)
    store.close()


FORK_BEHIND = """
import threading, warnings
from minorguard.storage.filelock import FileLock
warnings.simplefilter("ignore")                         # a fork of a process with threads
store, held, saved = SqliteStore(STORE, timeout_seconds=30), threading.Event(), []

def waiting(number):
    return store._db._writing._taken and len(store._db._writing._waiting) == number

def hold():
    with FileLock(STORE).held(30):                      # as another process would
        held.set()
        while not waiting(4):                           # three writes, and the fork
            pass

threads = [threading.Thread(target=hold)]
threads[0].start()
held.wait()
for number in range(4):
    threads.append(threading.Thread(target=lambda number=number: saved.append(store.save(f"parent {number}", b"", 0))))
    threads[-1].start()
    while not waiting(number):
        pass
pid = os.fork()
if pid == 0:
    store.save("child", b"", store.save("child", b"", 0))
    os._exit(store.load_many([f"parent {number}" for number in range(4)]).count(None))
[thread.join() for thread in threads]
store.save("parent 4", b"", 0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) + 4 - len(saved))
"""


def test_fork__behind_writes_that_wait_for_one_another__both_sides_go_on(path, child):
    """A fork takes its turn; the child waits for nobody who writes in the parent, and nobody's write is lost."""
    assert child(FORK_BEHIND).wait(60) == 0
    store = SqliteStore(path)
    assert list(store.keys("")) == ["child", *(f"parent {number}" for number in range(5))]
    assert sound(store)
    store.close()


FORK_UNSEEN = """
import ctypes
from minorguard.errors import StoreUnavailable
store = SqliteStore(STORE)
version = store.save("k", b"one", 0)
pid = ctypes.CDLL(None).fork()                          # beside Python: its fork hooks do not run
if pid == 0:
    refused = 0
    for use in (lambda: store.load("k"), lambda: store.save("k", b"two", version), store.check):
        try:
            use()
        except StoreUnavailable as error:
            refused += "after the fork" in str(error) or "was closed" in str(error)
    store.close()
    os._exit(refused)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
store.save("k", b"two", version)
"""


def test_fork__unseen_by_python__child_refuses_to_use_what_it_inherited(path, child):
    """A connection made before a fork is never used after it."""
    assert child(FORK_UNSEEN).wait(30) == 0
    store = SqliteStore(path)
    assert store.load("k").blob == b"two"
    store.close()


# A full disk


FILL = """
import json, resource
from minorguard.errors import StoreUnavailable

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def attempt(work):
    try:
        return work()
    except StoreUnavailable:
        return None

store = SqliteStore(STORE)
version = store.save("k", b"first", 0)
saved, refused = {}, 0
limit(64 * 1024)                                        # no file may grow beyond: a full disk, for this process
for number in range(200):
    made = attempt(lambda: store.save(f"fill {number}", b"x" * 1000, 0))
    saved.update({f"fill {number}": made} if made else {})
    refused += made is None
there = store.load("k").blob.decode()
limit(resource.RLIM_INFINITY)
store.check()
store.save("k", b"after", version)
print(json.dumps({"saved": saved, "refused": refused, "there": there}))
"""


def test_disk_full__refuses_writes__and_keeps_every_acknowledged_one(path, child):
    """On a full disk writes are refused, reads go on, and when there is room again everything acknowledged is there."""
    filler = child(FILL)
    told = json.loads(filler.communicate(timeout=30)[0])
    assert filler.returncode == 0
    assert told["refused"] > 50
    assert told["there"] == "first"
    store = SqliteStore(path)
    assert store.load("k").blob == b"after"
    assert told["saved"] == {key: store.load(key).version for key in told["saved"]}
    assert sound(store)
    store.close()
