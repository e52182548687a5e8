"""``decide`` and ``forecast``: a policy asked at an instant."""

import pytest

from tests.cli.running import POLICY, run

CHILD = ("--policy", POLICY, "--age-band", "12-16")


def decide(*options):
    return run("decide", *CHILD, "--json", *options)


def test_allowed_is_zero_and_denied_is_one(shop):
    """The exit code is the answer."""
    codes = [decide("--at", f"2026-11-24T{time}").code for time in ("16:00:00", "22:00:00", "06:00:00", "05:59:59")]
    assert codes == [0, 1, 0, 1]


def test_at_is_the_policys_zone_unless_it_says_otherwise(shop):
    """16:00 in Shanghai and 08:00 in UTC are the same question."""
    times = ("2026-11-24T16:00:00", "2026-11-24T08:00:00+00:00", "2026-11-24T08:00:00Z")
    assert {"2026-11-24T16:00:00+08:00"} == {decide("--at", at).json["decided_at"] for at in times}


def test_used_ends_a_second_before(shop):
    """`--used` is one stretch right before `--at`, and what was made up is said."""
    found = decide("--at", "2026-11-24T16:00:00", "--used", "10m").json
    used = [{"start": "2026-11-24T15:49:59+08:00", "end": "2026-11-24T15:59:59+08:00"}]
    assert (used, 1800, 900) == (
        found["assumed"]["used"],
        found["remaining"]["day_seconds"],
        found["remaining"]["sitting_seconds"],
    )


def test_sessions_are_a_set_of_time(shop):
    """Overlapping sessions count once."""
    spans = ("2026-11-24T15:00/2026-11-24T15:20", "2026-11-24T15:10/2026-11-24T15:30")
    found = decide("--at", "2026-11-24T16:00:00", *(part for span in spans for part in ("--session", span))).json
    assert (len(found["assumed"]["used"]), found["remaining"]["day_seconds"]) == (1, 600)


def test_an_exhausted_quota_names_its_rule_and_the_way_out(shop):
    """A denial says which rule, of which layer, who may change it, and when to come again."""
    spans = [f"2026-11-24T{hour}:00/2026-11-24T{hour}:20" for hour in (10, 12)]
    found = decide("--at", "2026-11-24T16:00:00", *(part for span in spans for part in ("--session", span))).json
    reason = found["reasons"][0]
    assert (
        reason["code"],
        reason["rule"],
        reason["layer"],
        found["retry_at"],
    ) == ("quota.exhausted", "/bands/12-16/time/quota/daily", "product", "2026-11-25T06:00:00+08:00")


def test_an_activity_may_be_exempt(shop):
    """Study does not count toward the quota."""
    used = ("--used", "10m", "--at", "2026-11-24T16:00:00")
    assert "day_seconds" not in decide(*used, "--activity", "study").json["remaining"]


@pytest.mark.parametrize(("feature", "code"), [("comment", 0), ("search", 0), ("direct_message", 1), ("gift.send", 1)])
def test_features(shop, feature, code):
    """A feature is asked about by its name."""
    assert code == decide("--at", "2026-11-24T16:00:00", "--feature", feature).code


def test_weekends_give_more(shop):
    """The same question on a Saturday has sixty minutes."""
    assert decide("--at", "2026-11-28T16:00:00").json["remaining"]["day_seconds"] == 3600


def test_unknown_age_is_the_strictest(shop):
    """Nothing known about a child's age: every band holds, and the youngest's bedtime with it."""
    done = run("decide", "--policy", POLICY, "--unknown-age", "--at", "2026-11-24T20:00:00", "--json")
    assert (done.code, done.json["reasons"][0]["code"]) == (1, "curfew.closed")


def test_people_read_texts_in_both_languages(shop):
    """Without `--json` it is explained, in Chinese and English, with the rule and the source."""
    out = run("decide", *CHILD, "--at", "2026-11-24T22:00:00").out
    for part in ("deny at", "curfew.closed", "休息时段", "closed", "cn-minor-mode-2024 /rules/curfew", "retry at"):
        assert part in out


@pytest.mark.parametrize(
    "options",
    [
        ("--policy", POLICY),
        (*CHILD, "--unknown-age"),
        (*CHILD, "--at", "noon"),
        (*CHILD, "--at", "0001-01-01"),
        (*CHILD, "--at", "9999-12-31T23:59:59"),
        (*CHILD, "--used", "35"),
        (*CHILD, "--session", "2026-11-24T15:00"),
        (*CHILD, "--at", "2026-11-24T15:00", "--session", "2026-11-24T14:00/2026-11-24T15:01"),
        (*CHILD, "--at", "2026-11-24T15:00", "--session", "2026-11-24T14:00/2026-11-24T13:00"),
        (*CHILD, "--activity", "a b"),
        (*CHILD, "--feature", ""),
        ("--policy", POLICY, "--age-band", "16-12"),
        ("--policy", POLICY, "--birth-date", "13"),
    ],
)
def test_wrong_input_is_two_and_says_the_way_out(shop, options):
    """What cannot be meant is refused with a sentence."""
    done = run("decide", *options, "--json")
    assert (done.code, bool(done.json["error"]["message"])) == (2, True)


def test_a_broken_policy_is_two_with_its_findings(shop):
    """A policy with errors decides nothing, and the findings come with the refusal."""
    (shop / POLICY).write_text("policy: p\n")
    done = decide("--at", "2026-11-24T16:00:00")
    assert (
        done.code,
        done.json["error"]["kind"],
        done.json["error"]["findings"][0]["code"],
    ) == (2, "policy_invalid", "key.missing")


def test_a_folder_of_several_policies_is_refused(shop):
    """Which policy is asked must be clear."""
    text = (shop / POLICY).read_text()
    (shop / "policies" / "z.yaml").write_text(text.replace("policy: short-video", "policy: other"))
    done = run("decide", "--policy", "policies", "--unknown-age")
    assert (done.code, "name the file of one" in done.err) == (2, True)


def test_forecast_has_the_windows_of_the_days(shop):
    """Two weeks have fifteen windows from the evening on: today's, and one of each day after."""
    found = run("forecast", *CHILD, "--at", "2026-11-24T20:00:00", "--json").json
    assert (len(found["windows"]), found["windows"][0]["allowance_seconds"]) == (15, 1500)


def test_forecast_shows_a_birthday(shop):
    """On the day after the sixteenth birthday the older band's sitting shows."""
    born = ("--policy", POLICY, "--birth-date", "2010-11-25", "--at", "2026-11-24T20:00:00", "--days", "3")
    windows = run("forecast", *born, "--json").json["windows"]
    assert [window["allowance_seconds"] for window in windows[:3]] == [1500, 1500, 2700]


def test_forecast_says_that_it_is_closed_now(shop):
    """Asked at night, the table begins with why it is closed."""
    done = run("forecast", *CHILD, "--at", "2026-11-24T23:00:00", "--days", "1")
    assert (done.code, "closed now" in done.out, "curfew.closed" in done.out) == (0, True, True)
