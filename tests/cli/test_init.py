"""``init``: the files to begin with, and never a byte lost."""

import stat

import pytest

from minorguard.policy import PolicyBook
from tests.cli.running import POLICY, run

FILES = [POLICY, "policies/policy.schema.json", "policies/short-video.mgtest.yaml", "minorguard.toml"]


def test_it_writes_what_is_missing(folder):
    """A policy, its schema and tests, and settings, and it says so."""
    done = run("init", "shop", "--json")
    assert (done.code, done.json["written"], done.json["left_alone"]) == (0, [f"shop/{file}" for file in FILES], [])


def test_it_never_overwrites(shop):
    """What somebody wrote stays, and is named."""
    (shop / POLICY).write_text("mine")
    done = run("init", "--json")
    assert ((shop / POLICY).read_text(), done.json["left_alone"]) == ("mine", FILES)


def test_force_overwrites(shop):
    """Asked to, it overwrites."""
    (shop / POLICY).write_text("mine")
    assert run("init", "--force").code == 0
    assert (shop / POLICY).read_text() != "mine"


def test_the_template_has_no_findings(shop):
    """The first policy that anybody sees is sound, warnings included."""
    assert PolicyBook.load(shop / "policies").findings == ()


def test_the_demo_key_is_private_and_works(shop):
    """The key's file is for its owner alone; the second run gives the same key."""
    first, second = run("init", "--demo", "--json").json, run("init", "--demo", "--json").json
    mode = stat.S_IMODE((shop / "demo-key").stat().st_mode)
    assert (mode, first["demo_key"]["made"], second["demo_key"]["made"]) == (0o600, True, False)
    assert first["demo_key"]["key"] == second["demo_key"]["key"] == (shop / "demo-key").read_text().strip()


def test_a_demo_key_that_the_store_forgot_is_made_anew(shop):
    """A new database knows no old keys, so the file gets one that works."""
    before = run("init", "--demo", "--json").json["demo_key"]["key"]
    for file in shop.glob("minorguard.db*"):
        file.unlink()
    after = run("init", "--demo", "--json").json["demo_key"]
    assert (after["made"], after["key"] != before) == (True, True)


def test_a_demo_key_replaces_a_link_and_not_what_it_leads_to(shop):
    """The secret goes into a new file, never where a link leads."""
    (shop / "elsewhere").write_text("kept")
    (shop / "demo-key").symlink_to(shop / "elsewhere")
    run("init", "--demo")
    assert ((shop / "elsewhere").read_text(), (shop / "demo-key").is_symlink()) == ("kept", False)


def test_a_live_deployment_has_no_demo_key(shop):
    """A key in a file is refused where real children are."""
    config = shop / "minorguard.toml"
    config.write_text(config.read_text().replace("live = false", "live = true"))
    done = run("init", "--demo")
    assert (done.code, (shop / "demo-key").exists()) == (2, False)
    assert "refused in a live deployment" in done.err


def test_a_place_that_cannot_be_written_is_said(folder):
    """A file where the folder should be is bad input, not a traceback."""
    (folder / "policies").write_text("a file")
    done = run("init")
    assert (done.code, "cannot be written" in done.err) == (2, True)


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_the_key_is_shown(shop, as_json):
    """Whoever asked for a demo key sees it."""
    assert "mg_test_" in run("init", "--demo", *as_json).out
