"""The digest names the whole meaning, and nothing but the meaning."""

import re

import pytest

from minorguard.model.calendar import Calendar, YearState
from minorguard.policy import compile_policy, with_guardian


def digest(text, **options):
    return compile_policy(text, **options).digest


def test_the_form_of_a_digest(demo):
    """A digest is `sha256:` and 64 hexadecimal digits, the same each time."""
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest(demo))
    assert digest(demo) == digest(demo)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("enforcement: enforce\n", "# a comment\n\nenforcement:   'enforce'\n"),
        ("enforcement: enforce\n", ""),
        ("slice: 60s", "slice: 1m"),
        ("[cn-minor-mode-2024, cn-live-2022]", "[cn-live-2022, cn-minor-mode-2024]"),
        ("title: {zh: 短视频, en: Short video}\n", ""),
        ("weekly: 5h", "weekly: 300m"),
        ("week_starts_on: monday", "week_starts_on: mon"),
        ("days: [friday, weekend]", "days: [weekend, fri]"),
        ("allow: [search, follow]", "allow: [follow, search]"),
        ("warn_before: [1m, 10m, 5m]", "warn_before: [10m, 5m, 60s]"),
        ("{school_day: 40m, weekend: 60m,", "{weekend: 1h, school_day: 40m,"),
        ("default: deny\n", "default: deny # as always\n"),
        ("22:00-06:00,", '"22:00-06:00",'),
    ],
)
def test_what_does_not_change_the_meaning(demo, old, new):
    """Comments, order, quoting, titles, units and written-out defaults leave the digest alone."""
    assert old in demo
    assert digest(demo) == digest(demo.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("policy: short-video", "policy: long-video"),
        ("[cn-minor-mode-2024, cn-live-2022]", "[cn-minor-mode-2024]"),
        ("enforcement: enforce", "enforcement: observe"),
        ("timezone: Asia/Shanghai", "timezone: Asia/Urumqi"),
        ("day_starts_at: 04:00", "day_starts_at: 05:00"),
        ("week_starts_on: monday", "week_starts_on: sunday"),
        ("calendar: CN\n", ""),
        ("slice: 60s", "slice: 61s"),
        ("hold_birthday: true", "hold_birthday: false"),
        ("features_need_lease: true", "features_need_lease: false"),
        ("exempt: [quota, curfew]", "exempt: [quota]"),
        ("weekend: 60m", "weekend: 61m"),
        ("devices: each", "devices: union"),
        ("22:00-06:00", "22:00-06:01"),
        ("grace: 60s", "grace: 59s"),
        ("1m, 10m", "2m, 10m"),
        ("20/day", "21/day"),
        ("20/day", "20/hour"),
        ("allow: [search, follow]", "allow: [search]"),
        ("per_day: 60m", "per_day: 61m"),
        ("may_exempt: [study]", "may_exempt: []"),
    ],
)
def test_what_changes_the_meaning(demo, old, new):
    """Every setting that can change a decision changes the digest."""
    assert old in demo
    assert digest(demo) != digest(demo.replace(old, new))


def test_the_calendar_is_part_of_the_meaning(demo):
    """A policy whose calendar learns a year has another digest."""
    known = Calendar("CN", {2030: YearState.ANNOUNCED})
    assert digest(demo) != digest(demo, calendars={"CN": known})


def test_the_revision_and_the_file_are_not(demo):
    """The same text under another name or revision means the same."""
    assert digest(demo) == digest(demo, revision=9, file="other.yaml")


def test_guardian_settings_are_part_of_the_meaning(demo):
    """Other settings, another digest; the same settings, the same."""
    policy = compile_policy(demo)
    settings = [{"time": {"quota": {"daily": daily}}} for daily in ("20m", "1200s", "21m")]
    digests = [with_guardian(policy, setting).digest for setting in settings]
    assert digests[0] == digests[1]
    assert len({policy.digest, *digests}) == 3
