"""What good documents compile to."""

from datetime import date

import pytest

from minorguard.errors import PolicyInvalid
from minorguard.model.age import AgeBand
from minorguard.model.calendar import Calendar, YearState
from minorguard.model.rules import (
    CurfewRule,
    Devices,
    Enforcement,
    FeaturePeriod,
    Layer,
    Period,
    QuotaRule,
    SittingRule,
    Span,
    Strength,
    Verdict,
    WindowRule,
)
from minorguard.policy import check_policy, compile_policy

SMALL = "policy: p\ntimezone: Asia/Shanghai\n"


def band(policy, label="12-16"):
    return next(band for band in policy.bands if str(band.band) == label)


def rules(policy, slot, layer=Layer.PRODUCT, label="12-16"):
    return [rule for rule in band(policy, label).time if rule.slot == slot and rule.origin.layer is layer]


def one(policy, slot, layer=Layer.PRODUCT, label="12-16"):
    (rule,) = rules(policy, slot, layer, label)
    return rule


def time_of(text):
    return compile_policy(SMALL + "bands: {0-18: {time: " + text + "}}").bands[0].time


def test_the_head_of_the_document(demo):
    """The settings of the whole policy arrive, with times of day as seconds."""
    policy = compile_policy(demo, revision=7)
    actual = (policy.id, policy.revision, policy.days.zone, policy.days.starts_at, policy.days.week_starts_on)
    assert actual == ("short-video", 7, "Asia/Shanghai", 4 * 3600, 0)
    actual = (policy.slice, policy.default_activity, policy.hold_birthday, policy.enforcement, policy.require_lease)
    assert actual == (60, "video", True, Enforcement.ENFORCE, True)
    assert policy.calendar.name == "CN"
    assert frozenset({"video", "study", "emergency", "game", "live"}) == policy.known_activities


def test_defaults_are_the_documented_ones():
    """A document of three keys gets the defaults of the reference."""
    policy = compile_policy(SMALL + "bands: {0-18: {}}")
    assert (policy.slice, policy.default_activity, policy.hold_birthday) == (60, "general", True)
    assert (policy.days.starts_at, policy.days.week_starts_on, policy.calendar.name) == (0, 0, "weekends")
    assert policy.require_lease is False
    assert policy.bands[0].features == ()


def test_a_daily_table_keeps_its_days(demo):
    """A table of days becomes limits by day, with long and short names alike."""
    rule = one(compile_policy(demo), "quota.day")
    assert (rule.period, rule.devices) == (Period.DAY, Devices.EACH)
    assert dict(rule.limits.seconds) == {"school_day": 2400, "weekend": 3600, "fri": 3000, "otherwise": 2400}
    assert rule.origin.rule == "/bands/12-16/time/quota/daily"
    assert (rule.origin.layer, rule.origin.strength) == (Layer.PRODUCT, Strength.PRACTICE)
    assert rule.origin.document == "short-video"


def test_weekly_and_monthly_quotas_are_flat(demo):
    """A week's and a month's limit stand under `otherwise`, and no grant raises them."""
    policy = compile_policy(demo)
    week, month = one(policy, "quota.week"), one(policy, "quota.month")
    assert week.limits.seconds == (("otherwise", 5 * 3600),)
    assert month.limits.seconds == (("otherwise", 20 * 3600),)
    assert (week.raise_at_most, month.raise_at_most) == (0, 0)


def test_a_quota_of_one_activity_rules_that_activity_alone(demo):
    """`per_activity` gives rules with `only` and slots of their own."""
    rule = one(compile_policy(demo), "quota.day.game")
    assert (frozenset({"game"}), 1800) == (rule.only, dict(rule.limits.seconds)["otherwise"])
    assert rule.origin.rule == "/bands/12-16/time/quota/per_activity/game/daily"


def test_may_extend_raises_daily_quotas_and_defaults_but_no_law(demo):
    """Grants raise the product's daily quotas and a preset's defaults as far as `per_day` says."""
    policy = compile_policy(demo)
    assert (one(policy, "quota.day").raise_at_most, one(policy, "quota.day", Layer.LAW).raise_at_most) == (3600, 3600)
    assert (policy.guardian.per_grant_seconds, policy.guardian.per_day_seconds) == (1800, 3600)


def test_spans_wrap_and_name_days(demo):
    """Unquoted times stay times, spans may wrap midnight, and days are words of the model."""
    expected = (
        Span(21 * 3600, 7 * 3600, frozenset({"fri", "weekend"})),
        Span(22 * 3600, 6 * 3600),
    )
    policy = compile_policy(demo)
    rule = one(policy, "curfew")
    assert isinstance(rule, CurfewRule)
    assert expected == rule.spans
    window = one(policy, "windows")
    assert isinstance(window, WindowRule)
    assert (Span(8 * 3600, 86_400, frozenset({"fri", "weekend", "holiday"})),) == window.spans


def test_sitting(demo):
    """Every part of a sitting arrives in seconds."""
    rule = one(compile_policy(demo), "sitting")
    actual = (rule.remind_after, rule.break_after, rule.break_for, rule.resets_after, rule.at_least)
    assert actual == (1800, 3600, 600, 300, 120)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{remind_after: 30m}", 300),
        ("{break_after: 1h, break_for: 2m}", 120),
        ("{break_after: 1h, break_for: 9m}", 300),
    ],
)
def test_resets_after_is_five_minutes_but_not_more_than_the_break(text, expected):
    """Without `resets_after`, the gap that ends a sitting is five minutes, or the break if that is shorter."""
    (rule,) = time_of("{sitting: " + text + "}")
    assert isinstance(rule, SittingRule)
    assert expected == rule.resets_after


def test_warnings_are_sorted_and_grace_is_kept(demo):
    """Thresholds come largest first, whatever the order of writing."""
    found = band(compile_policy(demo))
    assert (found.warn_before, found.grace) == ((600, 300, 60), 60)


def test_exemptions_of_the_product_hold_for_its_rules(demo):
    """An activity is exempt from the kinds of rules that it names, and `all` is every kind."""
    policy = compile_policy(demo)
    assert frozenset({"study", "emergency"}) == one(policy, "quota.day").exempt
    assert frozenset({"emergency"}) == one(policy, "sitting").exempt


def test_exemptions_hold_for_a_preset_where_it_allows_them(demo):
    """A preset's rule takes the product's exemption if it lists the activity, and no other."""
    policy = compile_policy(demo.replace("  study:", "  art: {exempt: [quota]}\n  study:"))
    assert frozenset({"study", "emergency"}) == one(policy, "quota.day", Layer.LAW).exempt
    assert frozenset({"study", "emergency", "art"}) == one(policy, "quota.day").exempt


def test_features(demo):
    """Each feature has its verdict or limit, the default stands apart, and the pointer names the entry."""
    layer = band(compile_policy(demo)).features[-1]
    assert (layer.default.verdict, layer.default.feature) == (Verdict.DENY, "*")
    found = {rule.feature: (rule.verdict, rule.limit, rule.period) for rule in layer.rules}
    assert found["comment"] == (Verdict.ALLOW, 20, FeaturePeriod.DAY)
    assert found["share"] == (Verdict.ALLOW, 3, FeaturePeriod.SITTING)
    assert found["gift.send"][0] == Verdict.DENY
    assert layer.rule_for("follow").origin.rule == "/bands/12-16/features/allow/1"
    assert layer.rule_for("comment").origin.rule == "/bands/12-16/features/limit/comment"


def test_features_without_a_default_deny():
    """A features section without `default` denies what it does not name."""
    policy = compile_policy(SMALL + "bands: {0-18: {features: {allow: [search]}}}")
    assert policy.bands[0].features[0].rule_for("gift.send").verdict is Verdict.DENY


def test_bands_are_cut_where_any_document_cuts(demo):
    """The bands of the result are disjoint and uniform: product and preset edges both cut."""
    policy = compile_policy(demo.replace("  12-16:", "  10-14:"))
    labels = [str(band.band) for band in policy.bands]
    assert labels == ["0-3", "3-8", "8-10", "10-12", "12-14", "14-16", "16-18"]
    assert "quota.week" in {rule.slot for rule in band(policy, "10-12").time}
    assert "quota.week" not in {rule.slot for rule in band(policy, "14-16").time}


def test_ages_of_presets_alone_have_their_rules_and_no_product_word(demo):
    """Where the product has no band, the presets hold and the product says nothing of features."""
    found = band(compile_policy(demo), "16-18")
    assert {Layer.LAW} == {rule.origin.layer for rule in found.time}
    assert {layer.default for layer in found.features} == {None}
    assert (found.grace, found.warn_before) == (0, ())


def test_a_policy_of_presets_alone():
    """A policy without bands that extends a preset is whole."""
    policy = compile_policy(SMALL + "extends: [cn-minor-mode-2024]")
    assert [AgeBand(0, 3), AgeBand(3, 8), AgeBand(8, 12), AgeBand(12, 16), AgeBand(16, 18)] == [
        band.band for band in policy.bands
    ]
    assert dict(one(policy, "quota.day", Layer.LAW).limits.seconds)["otherwise"] == 3600


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("40m", 2400), ("1h", 3600), ("1h30m", 5400), ("90s", 90), ("0m", 0), ("1h1m1s", 3661), ("0s", 0)],
)
def test_durations(text, seconds):
    """Durations are hours, minutes and seconds, in this order."""
    (rule,) = time_of("{quota: {daily: " + text + "}}")
    assert isinstance(rule, QuotaRule)
    assert (("otherwise", seconds),) == rule.limits.seconds


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("00:00-24:00", 0, 86_400),
        ("20:00-00:00", 72_000, 0),
        ("08:00-08:01", 28_800, 28_860),
        ("23:59-00:00", 86_340, 0),
    ],
)
def test_spans(text, opens, closes):
    """A span may cover the whole day, and may close at the next midnight under both of its names."""
    (rule,) = time_of(f"{{windows: [{text}]}}")
    assert (Span(opens, closes),) == rule.spans


def test_a_user_calendar_comes_before_those_that_ship():
    """A calendar given by the caller is found by name, and replaces one that ships under it."""
    mine = Calendar("CN", {2030: YearState.ANNOUNCED})
    policy = compile_policy(SMALL + "calendar: CN\nbands: {0-18: {}}", calendars={"CN": mine})
    assert mine is policy.calendar


WARNED = [
    ("bands: {0-8: {}, 10-18: {}}", "band.gap", "/bands"),
    ("bands: {0-18: {time: {quota: {daily: 25h}}}}", "quota.too_long", "/bands/0-18/time/quota/daily"),
    ("bands: {0-18: {time: {quota: {weekly: 200h}}}}", "quota.too_long", "/bands/0-18/time/quota/weekly"),
    (
        "bands: {0-18: {time: {sitting: {break_after: 1h, break_for: 5m, resets_after: 6m}}}}",
        "sitting.reset",
        "/bands/0-18/time/sitting/resets_after",
    ),
    (
        "activities: {art: {exempt: all}}\nbands: {0-18: {time: {quota: {per_activity: {art: {daily: 5m}}}}}}",
        "exempt.contradiction",
        "/bands/0-18/time/quota/per_activity/art",
    ),
    ("bands: {0-18: {features: {allow: [a, a]}}}", "feature.repeated", "/bands/0-18/features/allow/1"),
    (
        "extends: [cn-minor-mode-2024]\nbands: {0-18: {time: {quota: {daily: 3h}}}}",
        "rule.no_effect",
        "/bands/0-18/time/quota/daily",
    ),
    (
        "extends: [cn-youth-practice]\nactivities: {art: {exempt: [curfew]}}",
        "exempt.no_effect",
        "/activities/art/exempt",
    ),
    ("extends: [cn-live-2022, cn-live-2022]", "preset.repeated", "/extends/1"),
    ("bands: {0-18: {time: {curfew: [{days: [holiday], span: 1:00-02:00}]}}}".replace(" 1:", " 01:"), "day.never",
     "/bands/0-18/time/curfew/0/days"),
    ("extends: [cn-live-2022]\nguardian: {may_extend: {daily: 2h, per_day: 1h}}", "guardian.extend",
     "/guardian/may_extend/daily"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "pointer"), WARNED, ids=[f"{row[1]}-{index}" for index, row in enumerate(WARNED)]
)
def test_doubtful_documents_compile_with_a_warning(text, code, pointer):
    """What cannot have been meant is told, and compiles."""
    policy, findings = check_policy(SMALL + text)
    assert policy is not None
    assert (code, pointer, "warning") in {(found.code, found.pointer, found.severity) for found in findings}


def test_a_preset_of_another_zone_is_told():
    """A Chinese preset in another zone speaks of that zone's hours, and the finding says so."""
    policy, findings = check_policy("policy: p\ntimezone: Europe/Paris\nextends: [cn-live-2022]")
    assert policy is not None
    assert [found.code for found in findings] == ["timezone.preset"]


def test_an_unannounced_year_is_told_for_today_and_the_next():
    """With `today`, the calendar's unknown years are warnings; without it they are not looked at."""
    text = SMALL + "calendar: CN\nbands: {0-18: {}}"
    assert check_policy(text)[1] == ()
    assert check_policy(text, today=date(2025, 5, 1))[1] == ()
    (found,) = check_policy(text, today=date(2026, 5, 1))[1]
    assert (found.code, found.line, found.column, found.severity) == ("calendar.unknown_year", 3, 11, "warning")


def test_errors_raise_with_findings_and_file():
    """`compile_policy` raises every finding at once, each printed with file, line, column, code and pointer."""
    text = SMALL + "bands: {0-18: {time: {curfew: [{days: [sturday], span: 22:00-06:00}], quota: {daily: 40}}}}"
    with pytest.raises(PolicyInvalid) as caught:
        compile_policy(text, "app.yaml")
    day, quota = (str(finding) for finding in caught.value.findings)
    assert day == (
        "app.yaml:3:40: error[day.unknown] /bands/0-18/time/curfew/0/days/0: "
        "unknown day `sturday`, did you mean `saturday`?"
    )
    assert quota.startswith("app.yaml:3:86: error[duration.unit] /bands/0-18/time/quota/daily: `40` has no unit; ")


@pytest.mark.parametrize("name", ["localtime", "Factory", "posixrules", "posix/Asia/Shanghai", "right/Asia/Shanghai"])
def test_a_zone_is_the_same_on_every_machine(name):
    """The machine's own zone, and other files beside the zones, are refused: hours would be others elsewhere."""
    _, findings = check_policy(f"policy: p\ntimezone: {name}\nbands: {{0-18: {{}}}}\n")
    assert [found.code for found in findings] == ["timezone.unknown"]
