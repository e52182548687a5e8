"""docs/storage.md is true: its commands, its settings of Redis, its ACL, and the ways to restore."""

import contextlib
import re
import shutil
from pathlib import Path

import pytest

from minorguard.errors import StoreUnavailable
from minorguard.storage import Write, open_store
from minorguard.storage.copying import copy, digest
from minorguard.storage.redis import RedisStore
from tests.cli.test_docs import commands, pattern, perform
from tests.storage import servers
from tests.storage.servers import Server, running

PAGE = (Path(__file__).parents[2] / "docs" / "storage.md").read_text("utf-8")


def settings():
    """The blocks of Redis's settings."""
    return re.findall(r"^```conf\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_commands__print_what_the_page_says(program, tmp_path, monkeypatch):
    """Every example, one after the other in one folder, over a server with the settings of the page."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "minorguard.toml").write_text("[service]\n")
    options = tuple(f"--{line}".split()[part] for line in settings()[0].splitlines() for part in (0, 1))
    ran = 0
    with running(Server(program, tmp_path / "redis", (*options, "--save", ""))) as (server,):
        for command, expected in commands(PAGE.replace("127.0.0.1:6379", f"127.0.0.1:{server.port}")):
            found, code = perform(command, 0)
            assert code == 0, found
            assert pattern(expected).fullmatch(found), f"{command}\n{found}"
            ran += 1
    assert ran == 6


def test_acl__is_the_one_that_the_tests_use():
    """The rights on the page are those under which the whole contract passes."""
    line = settings()[1].strip()
    assert line == f"user minorguard on >password ~mg:* &mg:* {servers.RIGHTS}"


@pytest.fixture
def lived_in(program, tmp_path):
    """A server with something in it, and what it held."""
    with running(Server(program, tmp_path / "old")) as (server,):
        store = RedisStore(server.url)
        store.save_many([Write(f"subject/a/{number}", b"x" * number, 0) for number in range(200)])
        held = digest(store)
        store.close()
        yield server, held


def restored(program, folder, options=servers.LOG):
    """What a server on a copy of another's files holds."""
    with running(Server(program, folder, options)) as (server,):
        store = RedisStore(f"redis://127.0.0.1:{server.port}?accept_loss=yes")
        held = digest(store)
        store.close()
        return held


def test_restore__from_the_log(program, lived_in, tmp_path):
    """The log of a server that was killed, copied, is the whole store."""
    server, held = lived_in
    server.kill()
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    assert held == restored(program, tmp_path / "new")


def test_restore__from_a_dump(program, lived_in, tmp_path):
    """So is a dump."""
    server, held = lived_in
    server.ask("SAVE")
    (tmp_path / "new").mkdir()
    shutil.copy(tmp_path / "old" / "dump.rdb", tmp_path / "new")
    assert held == restored(program, tmp_path / "new", servers.NO_LOG)


def test_restore__from_a_file(lived_in, tmp_path):
    """So is a backup in an SQLite file, copied into an empty server."""
    server, held = lived_in
    backup, old = open_store(f"sqlite:///{tmp_path}/backup.db"), RedisStore(server.url)
    copy(old, backup)
    server.ask("FLUSHALL")
    new = RedisStore(server.url)
    assert held == copy(backup, new).target
    for store in (backup, old, new):
        store.close()


def told(store):
    """Whether every server was told to rewrite its log; one that is rewriting refuses."""
    with contextlib.suppress(StoreUnavailable):
        store.compact()
        return True
    return False


def test_compact__erased_bytes__are_gone_from_the_files(program, tmp_path):
    """After an erasure and a rewriting of the logs, no file of the primary or the replica holds the bytes."""
    secret = b"a secret of a child"

    def holding():
        found = [file for file in tmp_path.rglob("*") if file.is_file()]
        return {file.relative_to(tmp_path).parts[0] for file in found if secret in file.read_bytes()}

    with servers.sentinels(program, tmp_path) as watched:
        store = RedisStore(f"{watched.url}&timeout_ms=1000")
        store.delete("subject/a/1", store.save("subject/a/1", secret, 0), durable=True)
        servers.until(lambda: holding() == {"primary", "replica"}, "the logs are written")
        servers.until(lambda: told(store), "the servers are free to rewrite their logs")
        servers.until(lambda: holding() == set(), "the logs are rewritten")
        store.close()
