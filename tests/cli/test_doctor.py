"""``doctor``: what it finds, and what it says to do."""

import os
from datetime import date
from pathlib import Path

import pytest

from minorguard.cli import checkup
from minorguard.cli.checkup import State
from minorguard.model.calendar import Calendar, YearState
from minorguard.policy import builtin_presets
from tests.cli.running import POLICY, run


def states(done):
    return {(result["check"], result["state"]) for result in done.json["results"]}


def test_a_fresh_folder_is_fit(shop):
    """With the files to begin with nothing fails; the store is still to be made, and is not made by looking."""
    done = run("doctor", "--json")
    assert (done.code, ("store", "warn") in states(done), (shop / "minorguard.db").exists()) == (0, True, False)


def test_the_presets_are_listed(shop):
    """Who misspelt a preset is sent here by the finding, and sees every one."""
    (listed,) = (result["found"] for result in run("doctor", "--json").json["results"] if result["check"] == "presets")
    assert listed.split(", ") == sorted(builtin_presets())


def test_a_store_is_opened_and_read(shop):
    """A store that is there opens, is sound, and is its owner's alone."""
    run("keys", "list")
    assert {("store", "ok"), ("file mode", "ok")} <= states(run("doctor", "--json"))


def test_a_store_that_others_can_read_fails(shop):
    """State about children that anybody may read has to be closed, and it says how."""
    run("keys", "list")
    Path("minorguard.db").chmod(0o644)
    done = run("doctor")
    assert (done.code, "chmod 600" in done.out) == (1, True)


def test_a_store_that_is_none_fails(shop):
    """Something else under the store's name is found."""
    (shop / "minorguard.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    Path("minorguard.db").chmod(0o600)
    assert ("store", "fail") in states(run("doctor", "--json"))


def test_a_broken_policy_fails(shop):
    """Policies that do not load are found before the service is."""
    (shop / POLICY).write_text("policy: p\n")
    done = run("doctor", "--json")
    assert (done.code, ("policies", "fail") in states(done)) == (1, True)


def test_broken_settings_fail_and_the_rest_goes_on(shop):
    """A check-up does not end where something is wrong."""
    (shop / "minorguard.toml").write_text("[service]\nstor = 1\n")
    found = states(run("doctor", "--json"))
    assert {("python", "ok"), ("settings", "fail")} <= found


def test_a_clock_before_the_last_change_fails(shop):
    """A clock that went back is found by the file that it wrote later."""
    run("keys", "list")
    os.utime("minorguard.db", (4e9, 4e9))
    assert ("clock", "fail") in states(run("doctor", "--json"))


@pytest.mark.parametrize(("now", "state"), [(0, State.FAIL), (1_795_492_800, State.OK), (5_000_000_000, State.FAIL)])
def test_a_clock_that_cannot_be_right(now, state):
    """1970 and the next century are not now."""
    assert state is checkup.clock(now).state


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (checkup.python((3, 10, 9)), State.FAIL),
        (checkup.python((3, 11, 0)), State.OK),
        (checkup.sqlite((3, 23, 1)), State.FAIL),
        (checkup.sqlite((3, 24, 0)), State.OK),
        (checkup.zones(("Asia/Nowhere",)), State.FAIL),
        (checkup.zones(("Asia/Shanghai",)), State.OK),
    ],
)
def test_the_machine(result, state):
    """Old versions and missing zones fail, each with something to do."""
    assert (state, state is State.FAIL) == (result.state, bool(result.todo))


def test_a_year_that_is_not_announced_warns():
    """A calendar that knows this year and not the next is good for now, and says what to do for then."""
    calendar = Calendar("CN", {2026: YearState.ANNOUNCED})
    found = list(checkup.years(calendar, date(2026, 11, 24)))
    assert [result.state for result in found] == [State.OK, State.WARN]
