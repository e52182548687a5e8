"""The numbers of the law presets, article by article."""

from datetime import date, timedelta

import pytest

from minorguard.errors import NotFound, PolicyInvalid
from minorguard.model.rules import Layer, QuotaRule, Span, Strength, Verdict
from minorguard.policy import (
    builtin_calendars,
    builtin_presets,
    check_policy,
    compile_policy,
    describe,
    load_preset,
    presets,
)

HOUR = 3600
SMALL = "policy: p\ntimezone: Asia/Shanghai\ncalendar: CN\n"


def of(*names):
    return compile_policy(SMALL + f"extends: [{', '.join(names)}]\n")


def at(policy, age):
    return next(band for band in policy.bands if band.band.from_age <= age < band.band.below_age)


def rule(policy, age, slot):
    (found,) = [rule for rule in at(policy, age).time if rule.slot == slot]
    return found


def denied(policy, age, feature):
    found = [layer.rule_for(feature) for layer in at(policy, age).features]
    return any(rule is not None and rule.verdict is Verdict.DENY for rule in found)


@pytest.mark.parametrize(("age", "minutes"), [(0, 60), (7, 60), (15, 60), (16, 120), (17, 120)])
def test_minor_mode_guide_2024__daily_total_by_age(age, minutes):
    """Under 16 an hour a day, at 16 and 17 two hours; a guardian may change it."""
    quota = rule(of("cn-minor-mode-2024"), age, "quota.day")
    assert (("otherwise", minutes * 60),) == quota.limits.seconds
    assert (quota.origin.strength, quota.origin.changeable_by) == (Strength.DEFAULT, ("guardian",))


def test_minor_mode_guide_2024__under_8_has_no_limit_of_its_own():
    """The 40 minutes for under 8 of the 2023 draft are not in force."""
    limits = {rule(of("cn-minor-mode-2024"), age, "quota.day").limits for age in range(16)}
    assert len(limits) == 1


def test_minor_mode_guide_2024__reminder_and_curfew():
    """A reminder after 30 minutes that stops nothing, and no use from 22:00 to 06:00."""
    policy = of("cn-minor-mode-2024")
    sitting, curfew = rule(policy, 10, "sitting"), rule(policy, 10, "curfew")
    assert (sitting.remind_after, sitting.break_after) == (1800, None)
    assert (Span(22 * HOUR, 6 * HOUR),) == curfew.spans
    assert Strength.DEFAULT is curfew.origin.strength
    assert date(2024, 11, 15) == curfew.origin.effective_from


def test_minor_mode_guide_2024__emergency_is_exempt_from_everything():
    """Necessary communication is neither stopped nor counted, whatever the product says."""
    assert all(not rule.binds("emergency") for band in of("cn-minor-mode-2024").bands for rule in band.time)


def test_minors_law_article_75__no_games_from_22_to_8():
    """Games rest from 22:00 to 08:00; nobody may change that, and other activities are not spoken of."""
    curfew = rule(of("cn-game-2021"), 14, "curfew.game")
    assert (Span(22 * HOUR, 8 * HOUR),) == curfew.spans
    assert (curfew.origin.strength, curfew.origin.changeable_by) == (Strength.LAW, ())
    assert (curfew.origin.source.article, curfew.origin.source.verified) == ("Art. 75", "primary")
    assert (curfew.binds("game"), curfew.binds("video")) == (True, False)


def test_game_notice_2021__fridays_weekends_and_breaks_from_20_to_21():
    """Games open for one hour, on days that the notice names, by law."""
    window = rule(of("cn-game-2021"), 14, "windows.game")
    assert (Span(20 * HOUR, 21 * HOUR, frozenset({"fri", "weekend", "holiday"})),) == window.spans
    assert Strength.LAW is window.origin.strength
    assert date(2021, 9, 1) == window.origin.effective_from


def may_play(day):
    calendar = builtin_calendars()["CN"]
    spans = rule(of("cn-game-2021"), 14, "windows.game").spans
    return any(all(span.opens_on(day, kind) for kind in calendar.kinds(day)) for span in spans)


@pytest.mark.parametrize(("year", "expected"), [(2024, 163), (2025, 165), (2026, 163)])
def test_game_notice_2021__game_days_of_a_year(year, expected):
    """A 14-year-old's game days in a year, as the published calendars count them."""
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    assert expected == sum(may_play(day) for day in days if day.year == year)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 5, 4), True),  # a Monday inside the break
        (date(2026, 5, 9), False),  # a Saturday that is worked
        (date(2026, 5, 8), True),  # a Friday that is worked as usual
        (date(2026, 5, 7), False),
        (date(2026, 5, 16), True),
        (date(2027, 10, 1), True),  # a Friday of an unknown year
        (date(2027, 10, 4), False),  # a Monday that nobody announced
        (date(2027, 10, 9), False),  # a Saturday that may yet be worked
    ],
)
def test_game_notice_2021__single_days(day, expected):
    """Breaks are in, make-up weekends are out, and an unknown year allows nothing by a guess."""
    assert expected == may_play(day)


def test_game_notice_2019__daily_limits_ended_with_the_notice_of_2021():
    """An hour and a half, three hours on holidays, until 2021-09-01; the night hours have no end."""
    policy = of("cn-game-2019")
    daily, night = rule(policy, 14, "quota.day.game"), rule(policy, 14, "curfew.game")
    assert dict(daily.limits.seconds) == {"holiday": 3 * HOUR, "otherwise": 90 * 60}
    assert ("superseded", date(2019, 11, 1), date(2021, 9, 1)) == (
        daily.origin.source.status,
        daily.origin.effective_from,
        daily.origin.effective_to,
    )
    assert (Span(22 * HOUR, 8 * HOUR),) == night.spans
    assert night.origin.effective_to is None


def test_live_opinions_2022__offline_after_22():
    """Live streams end at 22:00 by law, for no guardian to change; other activities are not spoken of."""
    curfew = rule(of("cn-live-2022"), 17, "curfew.live")
    assert (Span(22 * HOUR, 6 * HOUR),) == curfew.spans
    assert Strength.LAW is curfew.origin.strength
    assert (curfew.binds("live"), curfew.binds("video")) == (True, False)


@pytest.mark.parametrize(("age", "expected"), [(8, True), (15, True), (16, False), (17, False)])
def test_minors_law_article_76__no_broadcasting_under_16(age, expected):
    """Under 16 nobody broadcasts; at 16 and 17 the preset leaves it to the product."""
    assert expected == denied(of("cn-live-2022"), age, "livestream.broadcast")


@pytest.mark.parametrize("age", [0, 12, 17])
def test_live_opinions_2022__no_tipping_by_minors(age):
    """No minor sends gifts."""
    assert denied(of("cn-live-2022"), age, "gift.send")


def test_youth_practice__forty_minutes_and_no_money_or_live():
    """The practice of youth modes: 40 minutes, 22:00 to 06:00, no tipping, top-up, withdrawal or live streams."""
    policy = of("cn-youth-practice")
    assert rule(policy, 10, "quota.day").limits.seconds == (("otherwise", 2400),)
    assert (Span(22 * HOUR, 6 * HOUR),) == rule(policy, 10, "curfew").spans
    assert Strength.PRACTICE is rule(policy, 10, "curfew").origin.strength
    for feature in ("gift.send", "wallet.top_up", "wallet.withdraw", "livestream.watch", "livestream.broadcast"):
        assert denied(policy, 10, feature)
    assert not denied(policy, 10, "search")


def test_every_rule_has_its_source_and_evidence():
    """Every rule of every preset is of the law's layer, and says its source, article, evidence and day of checking."""
    for preset in builtin_presets().values():
        for entry in preset.rules:
            for origin in (entry.origin, *(rule.origin for rule in (*entry.time, *entry.features))):
                assert (Layer.LAW, preset.id) == (origin.layer, origin.document)
                assert origin.source.title
                assert origin.source.article
                assert origin.source.verified in {"primary", "secondary"}
                assert origin.source.verified_on == "2026-11-24"


def test_law_is_never_extended():
    """No grant raises a limit of strength law, whatever the product lets."""
    text = SMALL + f"extends: [{', '.join(builtin_presets())}]\nguardian: {{may_extend: {{daily: 1h, per_day: 2h}}}}\n"
    for band in compile_policy(text).bands:
        for found in band.time:
            if isinstance(found, QuotaRule) and found.origin.strength is Strength.LAW:
                assert found.raise_at_most == 0


def test_all_presets_together_compile_without_a_finding():
    """The presets that ship fit one another."""
    policy, findings = check_policy(SMALL + f"extends: [{', '.join(builtin_presets())}]\n")
    assert policy is not None
    assert findings == ()


def test_presets_are_listed_and_described():
    """`presets` gives ids and titles, `describe` the rules with their sources."""
    assert set(builtin_presets()) == set(presets())
    assert {"zh", "en"} == set(presets()["cn-live-2022"])
    described = describe("cn-game-2021")
    assert [entry["id"] for entry in described["rules"]] == ["windows", "night"]
    assert described["rules"][0]["effective_from"] == "2021-09-01"
    with pytest.raises(NotFound):
        describe("cn-game-2012")


@pytest.mark.parametrize(
    ("old", "new", "code", "pointer"),
    [
        ("source: a", "source: b", "preset.source", "/rules/r/source"),
        ("strength: law", "strength: lore", "word.unknown", "/rules/r/strength"),
        ("    article: x\n", "", "key.missing", "/rules/r/article"),
        ("    deny: [f]\n", "", "preset.rule", "/rules/r"),
    ],
)
def test_broken_presets_are_refused(old, new, code, pointer):
    """A rule without a source, or of no kind, is a finding."""
    good = (
        "preset: q\ntitle: {en: Q}\ntimezone: UTC\nsources: {a: {title: A}}\n"
        "rules:\n  r:\n    ages: 0-18\n    source: a\n"
        "    article: x\n    status: in force\n    strength: law\n    verified: primary\n    verified_on: 2026-01-01\n"
        "    deny: [f]\n"
    )
    assert load_preset(good).id == "q"
    with pytest.raises(PolicyInvalid) as caught:
        load_preset(good.replace(old, new), "q.yaml")
    assert [(code, pointer)] == [(found.code, found.pointer) for found in caught.value.findings]


def test_an_enjoined_rule_is_described_and_never_applied():
    """What a court has stopped is data for readers, not a rule."""
    preset = load_preset(
        "preset: va\ntitle: {en: V}\ntimezone: UTC\nsources: {a: {title: A}}\n"
        "rules:\n  r:\n    ages: 0-16\n    source: a\n    article: x\n    status: enjoined\n    strength: enjoined\n"
        "    verified: primary\n    verified_on: 2026-01-01\n"
        "    time: {quota: {daily: 1h}}\n"
    )
    text = "policy: p\ntimezone: UTC\nextends: [va]\nbands: {0-18: {}}\n"
    policy = compile_policy(text, presets={"va": preset})
    assert policy.bands[0].time == ()
