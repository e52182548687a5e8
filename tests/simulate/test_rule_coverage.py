"""Coverage of rules: what counts as seen, what is missing in words, and that nothing else counts."""

from dataclasses import replace

import pytest

from minorguard.model.age import AgeBand
from minorguard.simulate import Coverage, run_suite
from minorguard.simulate.suite_reports import coverage_lines
from tests.build import policy
from tests.simulate.suites import FILE, house, live, suite, told

NIGHT = "/bands/0-18/time/curfew"
DAILY = "/bands/0-18/time/quota/daily"
SITTING = "/bands/0-18/time/sitting"


def missing(result, pointer):
    """What no question has seen of a rule."""
    (report,) = result.coverage.reports()
    (rule,) = (rule for rule in report.rules if rule.key.pointer == pointer)
    return list(rule.missing)


def test_nothing_is_seen_of_what_nobody_looks_at():
    """A decision without an expectation proves nothing, and counts for nothing."""
    result = live('- {at: ["21:59:59", "22:00"], ask: time}')
    (report,) = result.coverage.reports()
    assert (report.seen, report.percent) == (0, 0.0)


CURFEW = {
    "12:00": "a question that it lets pass",
    "21:58:59": "a question that it lets pass",
    "21:59:00": "a question in the last minute before 22:00",
    "21:59:59": "a question in the last minute before 22:00",
    "22:00:00": "a question in the first minute from 22:00 on",
    "22:00:59": "a question in the first minute from 22:00 on",
    "22:01:00": "a question that it denies",
    "05:59:59": "a question in the last minute before 06:00",
    "06:00:00": "a question in the first minute from 06:00 on",
}


@pytest.mark.parametrize(("time", "words"), CURFEW.items(), ids=CURFEW)
def test_edges_of_a_curfew(time, words):
    """A question sees the side of the edge on which it is asked, within a minute, and whether it was denied."""
    effect = "deny" if time >= "22" or time < "06" else "allow"
    text = suite(f'- {{day: next, at: "{time}", ask: time, expect: {effect}}}')
    result = run_suite(text, FILE, policies={"test": house()})
    before = missing(live("- {day: next}"), NIGHT)
    seen = [one for one in before if one not in missing(result, NIGHT)]
    passed = "a question that it denies" if effect == "deny" else "a question that it lets pass"
    assert (told(result), seen) == ([], [one for one in before if one in {passed, words}])


def offline(used):
    return f'- {{at: "18:00", offline: {{device: tv, from: "12:00", to: "{used}"}}, expect: {{charged: {{}}}}}}'


QUOTA = {
    "12:38:59": [],
    "12:39:00": ["a question in the minute before 40m of use"],
    "12:39:59": ["a question in the minute before 40m of use"],
    "12:40:00": ["a question after 40m of use"],
    "13:30:00": ["a question after 40m of use"],
}


@pytest.mark.parametrize(("used", "words"), QUOTA.items(), ids=QUOTA)
def test_edges_of_a_quota(used, words):
    """Each number of a quota has two sides: the last minute before it, and itself; other days' numbers are others."""
    result = live(offline(used))
    every = [
        f"a question {side} {limit} of use" for limit in ("40m", "1h") for side in ("in the minute before", "after")
    ]
    assert missing(result, DAILY) == [one for one in every if one not in words]


def test_a_grant_moves_the_edge():
    """The edge of a quota that a grant raised is where it is now."""
    steps = offline("12:40:00") + "\n- {grant: 30m, expect: allow}"
    assert "a question after 40m of use" not in missing(live(steps), DAILY)
    late = '- {grant: 30m}\n- {at: "18:00", offline: {device: tv, from: "12:00", to: "12:40"}, expect: allow}'
    assert "a question after 40m of use" in missing(live(late), DAILY)


def test_edges_of_a_sitting():
    """A break is seen in the minute before it and while it lasts; so is a reminder."""
    over = policy("sitting: {remind_after: 10m, break_after: 20m, break_for: 5m, at_least: 2m}")
    steps = """
        - {open: tablet}
        - {every: 30s, beat: tablet, until: "16:20"}
        - {at: ["16:09:00", "16:10:00", "16:19:00"], expect: allow}
        - {at: "16:19:30", ask: time, expect: deny}
    """
    result = live(steps, over)
    assert (told(result), missing(result, SITTING)) == (
        [],
        ["a question after 20m on end", "an opening with 2m to 3m left"],
    )


def test_features_are_seen_by_what_is_asked():
    """A rule of a feature is seen when it speaks, and a denial also by a feature that it spares."""
    steps = """
        - {ask: {feature: gift.send}, expect: deny}
        - {ask: {feature: search}, expect: allow}
        - {ask: {feature: fly}, expect: deny}
        - {use: comment, times: 2}
        - {use: comment, expect: allow}
    """
    (report,) = live(steps).coverage.reports()
    features = {rule.key.pointer: list(rule.missing) for rule in report.rules if "features" in rule.key.pointer}
    assert features == {
        "/bands/0-18/features/allow/0": [],
        "/bands/0-18/features/default": [],
        "/bands/0-18/features/deny/0": [],
        "/bands/0-18/features/limit/comment": ["a question that it denies"],
    }


MONEY = "{default: allow}\n    spending: {currency: CNY, per_purchase: 50, per_day: 80}"
NOTES = '{default: allow}\n    notifications: {quiet: ["21:00-08:00"], at_most: 2/day}'


def test_money_and_notifications_are_seen():
    """A cap is seen by the purchase that just fits and by the one that just does not; a number likewise."""
    steps = "- {purchase: 50, expect: allow}\n- {purchase: 50.01, expect: deny}\n- {purchase: 30, expect: allow}"
    result = live(steps, policy("{}", features=MONEY))
    assert missing(result, "/bands/0-18/spending") == ["a purchase above CNY 80.00 a day, by CNY 1.00 at most"]
    steps = """
        - {notify: true, expect: allow}
        - {notify: true, expect: allow}
        - {at: ["20:59:59", "21:00"], ask: notification, expect: deny}
    """
    result = live(steps, policy("{}", features=NOTES))
    assert missing(result, "/bands/0-18/notifications") == [
        "a notification in the last minute before 08:00",
        "a notification in the first minute from 08:00 on",
    ]


def test_ages_with_the_same_rules_are_tested_once():
    """A band that only a preset's ages cut in two is still one band to test."""
    whole = house()
    (band,) = whole.bands
    cut = replace(whole, bands=(replace(band, band=AgeBand(0, 12)), replace(band, band=AgeBand(12, 18))))
    (report,) = live("- {expect: allow}", cut).coverage.reports()
    assert {rule.key.band for rule in report.rules} == {"0-18"}


def test_rules_that_were_never_in_force_rest():
    """A rule that had ended before the first question is named, and not counted."""
    over = policy("{}", top="extends: [cn-game-2019, cn-game-2021]")
    now = live('- {at: "20:30", ask: time, activity: game, expect: deny}', over)
    (report,) = now.coverage.reports()
    assert {key.pointer for key in report.resting} >= {"/rules/daily/time/quota/daily"}
    assert not {key.pointer for key in report.resting} & {rule.key.pointer for rule in report.rules}


def test_adults_see_nothing():
    """Where no rule applies, none is seen."""
    (report,) = live('- {at: "22:00", expect: allow}', subject="{age: 20}").coverage.reports()
    assert report.seen == 0


def test_a_guardian_s_settings_do_not_hide_the_policy_s_rules():
    """Under a guardian's settings the policy's own rules are still seen, and the guardian's are not counted."""
    result = live('- {at: "22:00", expect: deny}', subject="{age: 9, guardian: {time: {quota: {daily: 10m}}}}")
    (report,) = result.coverage.reports()
    assert {rule.key.document for rule in report.rules} == {"test"}
    assert "a question in the first minute from 22:00 on" not in missing(result, NIGHT)


def test_files_add_up():
    """What several files see of one policy counts together, and the report says what is missing."""
    both = Coverage()
    for steps in ('- {at: "21:59:59", expect: allow}', '- {at: "22:00", expect: deny}'):
        both.add(live(steps).coverage)
    (report,) = both.reports()
    lines = list(coverage_lines(both))
    assert lines[0] == f"rules of test that were seen: {report.percent}% ({report.seen} of {report.goals})"
    assert lines[1:3] == [f"  0/4  0-18   test {DAILY}", f"  4/6  0-18   test {NIGHT}"]
    assert lines[lines.index(f"  test {NIGHT}, band 0-18:") + 1 :][:2] == [
        "    - a question in the last minute before 06:00",
        "    - a question in the first minute from 06:00 on",
    ]


def test_everything_can_be_seen():
    """A suite that asks every question reaches a hundred per cent."""
    over = policy('curfew: ["22:00-06:00"]\nquota: {daily: 40m}', features="{default: deny, allow: [search]}")
    steps = """
        - {at: ["21:59:59", "22:00:00"], ask: time, expect: [allow, deny]}
        - {day: next, at: ["05:59:59", "06:00:00"], ask: time, expect: [deny, allow]}
        - {at: "09:00", offline: {device: tv, from: "07:00", to: "07:39:30"}, expect: allow}
        - {at: "10:00", offline: {device: pad, from: "07:39:30", to: "07:40"}, expect: deny}
        - {ask: {feature: search}, expect: deny}
        - {ask: {feature: fly}, expect: deny}
    """
    result = live(steps, over)
    (report,) = result.coverage.reports()
    assert (told(result), report.percent, [line for line in coverage_lines(result.coverage) if "missing" in line]) == (
        [],
        100.0,
        [],
    )
