"""``doctor`` over Redis: in order, out of order, and never a password."""

import pytest

from tests.cli.running import run
from tests.storage import servers


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Whatever this machine has."""
    program = next(iter(servers.programs().values()))
    with servers.running(servers.Server(program, tmp_path_factory.mktemp("redis"))) as (one,):
        yield one


def test_redis__in_order(shop, server, monkeypatch):
    """A Redis that is fit opens and can be written."""
    monkeypatch.setenv("MINORGUARD_STORE", f"redis://127.0.0.1:{server.port}/0?prefix=kids")
    found = run("doctor", "--json").json
    store = next(result for result in found["results"] if result["check"] == "store")
    assert (store["state"], found["ok"]) == ("ok", True)
    assert store["found"].startswith(f"redis://127.0.0.1:{server.port}/0 opens")


def test_redis__out_of_order__says_what_to_change(shop, server, monkeypatch):
    """One that would lose data fails, with the way out and without the password."""
    monkeypatch.setenv("MINORGUARD_STORE", f"redis://:s3cret@127.0.0.1:{server.port}/0")
    done = run("doctor")
    assert (done.code, "correct user and password" in done.out, "s3cret" in done.out) == (1, True, False)
    monkeypatch.setenv("MINORGUARD_STORE", f"redis://127.0.0.1:{server.port}/0?prefix=kids")
    done = run("doctor")
    assert (done.code, "appendfsync always" in done.out) == (0, True)
    server.ask("CONFIG", "SET", "appendonly", "no")
    done = run("doctor")
    assert (done.code, "appendonly yes" in done.out) == (1, True)
