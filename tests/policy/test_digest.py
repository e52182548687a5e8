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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{use: cn-minor-mode-2024}", "cn-minor-mode-2024"),
        ("features: [search, call]\n", ""),
        ("features: [search, call]", "features: [call, search, like]"),
        ("labels: [gambling, violence.graphic]\n", ""),
        ("surfaces: [feed, search]\nf", "surfaces: [search, feed]\nf"),
        ("per_purchase: 50.00", "per_purchase: '50'"),
        ('per_month: "200.00"', "per_month: 200.0"),
        ("block: [gambling, violence.graphic]", "block: [violence.graphic, gambling]"),
        ("text: {fraud: block, abuse: mask,", "text: {abuse: mask, fraud: block,"),
        ("at_most: {entertainment: 40%}", "at_most: {entertainment: 40 %}"),
        ("at_most: 3/day", "at_most: 3 / day"),
        ("[time, spending]", "[spending, time]"),
    ],
)
def test_what_does_not_change_the_meaning_of_a_full_document(full, old, new):
    """Vocabularies, order and spelling of the later sections leave the digest alone."""
    assert old in full
    assert digest(full) == digest(full.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("surfaces: [feed, search]\nf", "surfaces: [feed, search, detail]\nf"),
        ("ask: [call]", "ask: [call, like.ask]"),
        ("currency: CNY", "currency: HKD"),
        ("per_purchase: 50.00", "per_purchase: 50.01"),
        ("per_day: 80", "per_day: 81"),
        ('per_month: "200.00"', "per_month: 201"),
        ("only: [game]", "only: [game, live]"),
        ("      surfaces: [feed, search]\n", ""),
        ("max_rating: 12+", "max_rating: 11+"),
        ("block: [gambling,", "block: [gambling, idol,"),
        ("pools: [youth]", "pools: [young]"),
        ("abuse: mask", "abuse: block"),
        ("personalised: false", "personalised: true"),
        ("autoplay: false", "autoplay: true"),
        ("block: [idol.chasing]", "block: [idol]"),
        ("entertainment: 40%", "entertainment: 41%"),
        ("education: 20%", "education: 21%"),
        ("max: 2,", "max: 1,"),
        ("within: 10", "within: 11"),
        ("items_per_sitting: 60", "items_per_sitting: 61"),
        ("21:00-08:00", "21:00-07:59"),
        ("at_most: 3/day", "at_most: 3/hour"),
        ("[time, spending]", "[time]"),
        ("exit_mode: never", "exit_mode: verified"),
    ],
)
def test_what_changes_the_meaning_of_a_full_document(full, old, new):
    """Every setting of the later sections changes the digest."""
    assert old in full
    assert digest(full) != digest(full.replace(old, new, 1))
