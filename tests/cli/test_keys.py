"""``keys``: made, listed, revoked, rotated."""

from contextlib import closing

import pytest

from minorguard.storage import open_store
from minorguard_service.keys import authenticate
from tests.cli.running import POLICY, run


def test_a_key_is_made_listed_and_revoked(shop):
    """The text is shown once; the list knows the key and not its text; revoked, it opens nothing."""
    made = run("keys", "create", "--tenant", "shop", "--role", "auditor", "--live", "--name", "x", "--json").json
    listed = run("keys", "list", "--json")
    with closing(open_store("sqlite:///minorguard.db")) as store:
        before = authenticate(store, made["key"])
        revoked = run("keys", "revoke", made["id"], "--json").json["revoked"]
        after = authenticate(store, made["key"])
    assert ("mg_live_", ["auditor"], made["id"], True, None) == (
        made["key"][:8],
        made["roles"],
        before.id,
        revoked,
        after,
    )
    assert made["key"] not in listed.out


@pytest.mark.parametrize("columns", [30, 80])
def test_a_narrow_terminal_cuts_nothing_off(shop, monkeypatch, columns):
    """The id of a key is needed whole, to revoke it; what does not fit goes on in the next line."""
    name = "the backend of the shop in Hangzhou, staging"
    made = run("keys", "create", "--tenant", "a-rather-long-tenant", "--role", "auditor", "--name", name, "--json").json
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    listed = run("keys", "list").out
    told = run("forecast", "--policy", POLICY, "--age", "12", "--at", "2026-11-24T21:00:00").out
    assert made["id"] in listed
    assert "…" not in listed + told


def test_a_key_is_for_tests_and_apps_unless_said(shop):
    """The careless default is harmless."""
    made = run("keys", "create", "--tenant", "shop", "--name", "x", "--json").json
    assert (made["live"], made["roles"]) == (False, ["app"])


def test_the_key_alone_is_on_the_standard_output(shop):
    """A script keeps it by `KEY=$(minorguard keys create …)`; what is said of it goes to the error stream."""
    made = run("keys", "create", "--tenant", "shop", "--name", "x")
    with closing(open_store("sqlite:///minorguard.db")) as store:
        assert authenticate(store, made.out.strip()) is not None
    assert "not shown again" in made.err


def test_a_folder_without_settings_is_said(tmp_path, monkeypatch):
    """A key that is made in the wrong folder goes into a store that no service has; so it is said."""
    monkeypatch.chdir(tmp_path)
    wrong = run("keys", "create", "--tenant", "shop", "--name", "x")
    monkeypatch.setenv("MINORGUARD_STORE", "sqlite:///minorguard.db")
    meant = run("keys", "create", "--tenant", "shop", "--name", "x")
    assert ["no `minorguard.toml` here" in done.err for done in (wrong, meant)] == [True, False]


def test_wrong_keys_are_refused_with_a_way_out(shop):
    """An unknown role, tenant or id is bad input."""
    role = run("keys", "create", "--tenant", "shop", "--role", "king", "--name", "x")
    tenant = run("keys", "create", "--tenant", "a b", "--name", "x")
    id = run("keys", "revoke", "nobody", "--json")
    assert ([role.code, tenant.code, id.code], id.json["error"]["kind"]) == ([2, 2, 2], "not_found")
    assert "known: `app`" in role.err


def test_signing_keys_turn_in_two_phases(shop):
    """Staged, then signing while the old one retires, then the old one is dropped."""

    def states(*words):
        return [key["state"] for key in run("keys", "signing", *words, "--json").json["keys"]]

    now = ("promote", "--at-once")
    found = [states("list"), states("stage"), states(*now), states("stage"), states(*now)]
    oldest = run("keys", "signing", "list", "--json").json["keys"][0]["kid"]
    assert found == [[], ["staged"], ["signing"], ["signing", "staged"], ["retired", "signing"]]
    assert states("drop", oldest) == ["signing"]


def test_a_timer_turns_the_signing_keys(shop):
    """`rotate` stages, then waits for the edges; `promote` says how long, and nothing has changed."""

    def states(*words):
        return [key["state"] for key in run("keys", "signing", *words, "--json").json["keys"]]

    found = [states("rotate"), states("rotate")]
    early = run("keys", "signing", "promote")
    assert (found, early.code) == ([["staged"], ["staged"]], 2)
    assert "edges may not know the staged key yet; wait 1" in early.err


def test_what_cannot_be_turned_is_two(shop):
    """Promoting nothing, staging twice and dropping the unknown are refused."""
    codes = [run("keys", "signing", *words).code for words in (("promote",), ("stage",), ("stage",), ("drop", "x"))]
    assert codes == [2, 0, 2, 2]


def test_a_store_that_does_not_open_is_three(shop, monkeypatch):
    """A broken deployment is not the caller's bad input."""
    monkeypatch.setenv("MINORGUARD_STORE", "sqlite:////nowhere/at/all.db")
    done = run("keys", "list", "--json")
    assert (done.code, done.json["error"]["kind"]) == (3, "store_unavailable")


@pytest.mark.parametrize("id", ["nobody", "../x", "\udcff", ""])
def test_what_is_no_key_is_not_revoked(shop, id):
    """Whatever it is that was typed."""
    done = run("keys", "revoke", id)
    assert (done.code, done.err.startswith("minorguard: no API key")) == (2, True)
