"""``store``: copies, digests, backups."""

import pytest

from minorguard.storage import ABSENT, open_store
from tests.cli.running import run


@pytest.fixture
def lived_in(folder):
    """An SQLite file with something in it."""
    store = open_store("sqlite:///old.db")
    for number in range(3):
        store.save(f"subject/a/{number}", b"x" * number, ABSENT)
    store.close()
    return folder


def test_copy__verified(lived_in):
    """A copy says what it did, and that both hold the same."""
    done = run("store", "copy", "sqlite:///old.db", "sqlite:///new.db", "--json")
    found = done.json
    assert (done.code, found["written"], found["verified"]) == (0, 3, True)
    assert found["from"] == found["to"]
    again = run("store", "copy", "sqlite:///old.db", "sqlite:///new.db")
    assert (again.code, "0 written, 0 removed, 3 there already" in again.out) == (0, True)
    assert run("store", "digest", "sqlite:///new.db", "--json").json == found["to"]


def test_copy__onto_something_else__is_refused(lived_in):
    """The way out is said."""
    store = open_store("sqlite:///new.db")
    store.save("subject/a/1", b"other", ABSENT)
    store.close()
    done = run("store", "copy", "sqlite:///old.db", "sqlite:///new.db")
    assert (done.code, "`subject/a/1` holds something else" in done.err, "--replace" in done.err) == (2, True, True)
    assert run("store", "copy", "sqlite:///old.db", "sqlite:///new.db", "--replace").code == 0


def test_backup__is_a_store(lived_in):
    """A backup opens as a store and holds the same; it overwrites nothing."""
    done = run("store", "backup", "sqlite:///old.db", "backup.db", "--json")
    assert done.code == 0
    digest = run("store", "digest", "sqlite:///old.db", "--json").json
    assert digest["sha256"] == done.json["sha256"]
    assert run("store", "digest", "sqlite:///backup.db", "--json").json == digest
    assert run("store", "backup", "sqlite:///old.db", "backup.db").code == 2


def test_compact(lived_in):
    """Files are rewritten where there are files."""
    assert run("store", "compact", "sqlite:///old.db").code == 0
    assert run("store", "compact", "memory://").code == 2


@pytest.mark.parametrize("command", [("digest",), ("compact",), ("copy", "sqlite:///other.db"), ("backup", "b.db")])
def test_missing_file__is_refused__and_not_made(folder, command):
    """A name with a slip of the pen makes no empty store."""
    name, *rest = command
    done = run("store", name, "sqlite:///slip.db", *rest)
    assert (done.code, "there is no file `slip.db`" in done.err) == (2, True)
    assert list(folder.iterdir()) == []


def test_urls__from_variables__and_never_with_passwords(lived_in, monkeypatch):
    """A password may come from the environment, and is not repeated."""
    monkeypatch.setenv("MINORGUARD_STORE_FROM", "sqlite:///old.db")
    monkeypatch.setenv("MINORGUARD_STORE_TO", "redis://:s3cret@127.0.0.1:1/0")
    done = run("store", "copy")
    assert (done.code, "redis://127.0.0.1:1/0" in done.err, "s3cret" in done.err + done.out) == (3, True, False)
    assert run("store", "digest", "-").code == 2
    monkeypatch.setenv("MINORGUARD_STORE", "sqlite:///old.db")
    assert run("store", "backup", "-", "backup.db").code == 0
    assert run("store", "digest", "-").code == 0
