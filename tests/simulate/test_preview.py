"""The preview says at every instant what the engine decides there, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

import minorguard
from minorguard import simulate
from minorguard.engine import decide, new_state, reduce
from minorguard.engine.features import judge_feature
from minorguard.engine.look import Look
from minorguard.errors import Conflict, InvalidInput, NotFound
from minorguard.model.age import AgeBand
from minorguard.model.calendar import Calendar, YearState
from minorguard.model.questions import TimeQuestion
from minorguard.model.rules import Enforcement, Layer, Origin, Strength
from minorguard.model.state import Grant, Profile, SubjectState
from minorguard.policy import compile_policy
from minorguard.simulate.chart import to_svg
from minorguard.simulate.previews import MOST_DAYS, preview
from minorguard.simulate.wall import Axis
from minorguard.simulate.week import Kind
from minorguard.simulate.week_words import origin_words, wall
from tests.build import at, child, local, policy
from tests.engine.strategies import ACTIVITIES, DEVICES, HOURS, MINUTES, QUARTERS, SECONDS, cases, stories

MONDAY = date(2026, 11, 23)
TEMPLATE = Path(minorguard.__file__).parent / "cli/templates/short-video.yaml"


def lived(case):
    """The state after a case's events."""
    state = new_state(case.profile)
    for now, happening in case.events:
        try:
            state = reduce(case.policy, state, happening, now).state
        except (Conflict, NotFound):
            continue
    return state


def told(reasons):
    return [(one.code, one.origin.rule) for one in reasons if one.origin is not None]


def agrees(found, case, state, question, instant):
    """The segment that holds an instant says what the engine decides there."""
    day = next(day for day in found.days if day.start <= instant < day.end)
    segment = next(one for one in day.segments if one.start <= instant < one.end)
    decision = decide(case.policy, state, question, instant)
    assert segment.kind.is_open == decision.allowed, (segment, decision)
    if not segment.kind.is_open:
        assert told(segment.reasons) == told(decision.reasons)
    elif instant == segment.start:
        assert segment.allowance == (None if decision.until is None else decision.until - instant)
    return segment.kind


def compare(case, data):
    state = lived(case)
    question = TimeQuestion(
        data.draw(st.sampled_from((None, *ACTIVITIES))), data.draw(st.sampled_from((None, *DEVICES)))
    )
    first = case.policy.days.day_of(data.draw(st.integers(case.world.origin, case.end))) - timedelta(days=1)
    found = preview(case.policy, state, first, days=3, activity=question.activity, device=question.device)
    edges = {edge for day in found.days for one in day.segments for edge in (one.start, one.end)}
    near = {edge + by for edge in edges for by in (-1, 0, 1)}
    some = data.draw(st.lists(st.integers(found.start, found.end - 1), max_size=8))
    for instant in sorted({*near, *some}):
        if found.start <= instant < found.end:
            event(agrees(found, case, state, question, instant).value)
    for day in found.days:
        for tiles in (day.segments, day.clock):
            assert [day.start, *(one.end for one in tiles)] == [*(one.start for one in tiles), day.end]


@given(stories(SECONDS), st.data())
@cases(0.05)
def test_to_the_second(case, data):
    """Rules of seconds: the preview is `decide` at its edges, a second to either side, and anywhere else."""
    compare(case, data)


@given(stories(MINUTES), st.data())
@cases(0.05)
def test_by_minutes(case, data):
    """The same over hours of use."""
    compare(case, data)


@given(stories(QUARTERS), st.data())
@cases(0.05)
def test_by_quarters(case, data):
    """The same over days, across changes of clocks."""
    compare(case, data)


@given(stories(HOURS), st.data())
@cases(0.05)
def test_by_hours(case, data):
    """The same over weeks and months."""
    compare(case, data)


EVENING = """
    quota: {daily: {weekend: 60m, otherwise: 40m}, weekly: 2h}
    curfew: ["22:00-06:00"]
    sitting: {break_after: 25m, break_for: 5m, resets_after: 5m, at_least: 2m}
"""
GIVES = "guardian: {may_extend: {daily: 30m, per_day: 60m}}"


def used(*spans, activity="general", device="cli", zone="Asia/Shanghai", **more):
    """A child of thirteen with this use."""
    ledger = (((device, activity), tuple((at(low, zone), at(high, zone)) for low, high in spans)),) if spans else ()
    return SubjectState(Profile("kid", "test", band=AgeBand(12, 16)), ledger=ledger, **more)


def shown(day, zone="Asia/Shanghai"):
    return [(local(one.start, zone)[11:], local(one.end, zone)[11:], one.kind.value) for one in day.segments]


def test_a_day_without_use():
    """The clock alone: the curfew, open time, and the two minutes before the curfew in which nothing is begun."""
    day = preview(policy(EVENING), used(), MONDAY, days=1).days[0]
    assert shown(day) == [
        ("00:00:00", "06:00:00", "curfew"),
        ("06:00:00", "21:58:01", "open"),
        ("21:58:01", "22:00:00", "short"),
        ("22:00:00", "00:00:00", "curfew"),
    ]
    assert [(one.kind.value, one.end - one.start) for one in day.clock] == [
        ("curfew", 21600),
        ("open", 57600),
        ("curfew", 7200),
    ]
    assert (day.segments[1].allowance, day.daily.limit, day.left, day.used_seconds) == (1500, 2400, 2400, 0)


def test_what_is_used_closes_the_rest_of_the_day_and_the_clock_does_not_see_it():
    """Forty minutes used: closed until midnight by the quota, then by the curfew beside it; the clock stays open."""
    state = used(("2026-11-23 15:00", "2026-11-23 15:20"), ("2026-11-23 16:00", "2026-11-23 16:20"))
    day = preview(policy(EVENING), state, MONDAY, days=1).days[0]
    assert ("16:20:00", "22:00:00", "quota") in shown(day)
    assert [[r.code for r in one.reasons] for one in day.segments[-1:]] == [["curfew.closed", "quota.exhausted"]]
    assert [one.kind.value for one in day.clock] == ["curfew", "open", "curfew"]
    assert [(line.limit, line.used, line.left) for line in day.quotas] == [(2400, 2400, 0), (7200, 2400, 4800)]


def test_a_break_is_shown_where_use_has_led_to_it():
    """Twenty-five minutes on end: five of a break, and two before it in which a sitting would be too short."""
    day = preview(policy(EVENING), used(("2026-11-23 16:00", "2026-11-23 16:25")), MONDAY, days=1).days[0]
    assert shown(day)[2:4] == [("16:23:01", "16:25:00", "short"), ("16:25:00", "16:30:00", "break")]
    assert next(one for one in day.segments if one.start == at("2026-11-23 16:30")).allowance == 900


def test_a_grant_shows_what_it_opens_and_why_it_would_be_closed():
    """Time that only a grant leaves open is told apart, with the quota that would close it."""
    state = used(
        ("2026-11-23 15:00", "2026-11-23 15:20"),
        ("2026-11-23 16:00", "2026-11-23 16:20"),
        grants=(Grant("g", MONDAY, 1800),),
    )
    day = preview(policy(EVENING, top=GIVES), state, MONDAY, days=2).days[0]
    granted = next(one for one in day.segments if one.kind is Kind.GRANT)
    assert (granted.reasons[0].code, granted.kind.is_open) == ("quota.exhausted", True)
    assert (day.daily.limit, day.daily.granted, day.left) == (4200, 1800, 1800)


def test_a_grant_for_another_activity_or_day_adds_nothing():
    """A grant counts for its day and its activity only."""
    grants = (Grant("a", MONDAY, 600, "game"), Grant("b", MONDAY + timedelta(days=1), 600))
    found = preview(policy(EVENING, top=GIVES), used(grants=grants), MONDAY, days=2)
    assert [day.daily.granted for day in found.days] == [0, 600]


def test_the_week_is_limited_across_its_days():
    """What Monday used is missing from the week's limit on Tuesday, and no longer on the next Monday."""
    state = used(("2026-11-23 15:00", "2026-11-23 15:20"))
    found = preview(policy("quota: {weekly: 1h}"), state, MONDAY, days=8)
    assert [found.days[place].quotas[0].used for place in (0, 6, 7)] == [1200, 1200, 0]
    assert [found.days[place].left for place in (0, 6, 7)] == [2400, 2400, 3600]


def test_windows_that_wrap_belong_to_the_days_they_fall_on():
    """A window of Saturday evening shows its last hour on Sunday."""
    found = preview(policy('windows: [{days: [sat], span: "20:00-01:00"}]'), used(), date(2026, 11, 28), days=2)
    spans = [(local(one.start)[5:16], local(one.end)[5:16]) for day in found.days for one in day.windows]
    assert spans == [("11-28 20:00", "11-29 00:00"), ("11-29 00:00", "11-29 01:00")]
    assert [one.kind.value for day in found.days for one in day.segments] == ["window", "open", "open", "window"]


@pytest.mark.parametrize(
    ("first", "hours", "skipped", "twice"),
    [
        (date(2026, 3, 8), 23, ((7200, 10800),), ()),
        (date(2026, 11, 1), 25, (), ((3600, 7200),)),
        (date(2026, 6, 1), 24, (), ()),
    ],
)
def test_days_of_23_and_25_hours(first, hours, skipped, twice):
    """A day is as long as it is; its axis lacks the hour that is skipped, and has two lanes where one comes twice."""
    zone = "America/New_York"
    found = preview(policy('curfew: ["22:00-06:00"]', zone=zone), used(), first, days=1)
    day = found.days[0]
    axis = Axis(zone, day.date, 0, day.start, day.end)
    assert (hours, skipped, twice) == ((day.end - day.start) // 3600, axis.skipped(), axis.twice())
    assert (hours != 24) == any(mark.code == "clock.changed" for mark in day.marks)
    pieces = list(axis.pieces(day.start, day.end))
    assert hours * 3600 == sum(piece.high - piece.low for piece in pieces)
    assert ([0, 1, 2, 0] if twice else [0] * len(pieces)) == [piece.lane for piece in pieces]


def test_a_time_that_comes_twice_is_told_with_its_offset():
    """01:30 of the first pass and of the second are told apart; any other time is plain."""
    zone = "America/New_York"
    times = [at("2026-11-01 00:30", zone) + hours * 3600 for hours in (0, 1, 2, 3)]
    assert [wall(time, zone) for time in times] == ["00:30", "01:30 -0400", "01:30 -0500", "02:30"]


def test_a_date_that_a_zone_skips_has_no_row():
    """Samoa had no 30 December 2011: two days are shown of three, and of that one alone nothing can be."""
    samoa = policy("quota: {daily: 1h}", zone="Pacific/Apia")
    found = preview(samoa, used(), date(2011, 12, 29), days=3)
    assert [day.date.day for day in found.days] == [29, 31]
    with pytest.raises(InvalidInput, match="skipped by `Pacific/Apia`"):
        preview(samoa, used(), date(2011, 12, 30), days=1)


def test_a_day_that_begins_at_four():
    """With `day_starts_at` a row begins there, and its quota lasts until then."""
    state = used(("2026-11-24 01:00", "2026-11-24 01:40"))
    found = preview(policy("quota: {daily: 40m}", top='day_starts_at: "04:00"'), state, MONDAY, days=2)
    assert shown(found.days[0]) == [("04:00:00", "01:40:00", "open"), ("01:40:00", "04:00:00", "quota")]
    assert [day.daily.used for day in found.days] == [2400, 0]


BANDS = """
policy: test
timezone: Asia/Shanghai
bands:
  "12-16": {time: {quota: {daily: 40m}}, features: {default: deny, allow: [search], limit: {comment: 20/day}}}
  "16-18": {time: {quota: {daily: 60m}}, features: {default: deny, allow: [search, comment], deny: [gift]}}
"""


def test_a_birthday_is_marked_and_both_bands_hold_on_it():
    """On the sixteenth birthday the stricter of both bands holds; from the next day on the older one does."""
    found = preview(compile_policy(BANDS), child(born=date(2010, 11, 25)), MONDAY)
    assert [day.daily.limit // 60 for day in found.days[:4]] == [40, 40, 40, 60]
    assert [day.bands for day in found.days[1:4]] == [("12-16",), ("12-16", "16-18"), ("16-18",)]
    assert [(mark.code, local(mark.at)[5:10]) for mark in found.marks] == [
        ("age.birthday", "11-25"),
        ("band.changed", "11-25"),
        ("band.changed", "11-26"),
    ]
    assert found.age == 15


def test_features_change_with_the_band():
    """One line for a verdict that stays, two for one that changes, and the rules behind each."""
    found = preview(compile_policy(BANDS), child(born=date(2010, 11, 25)), MONDAY)
    lines = [(line.feature, line.verdict, line.limits, local(line.start)[5:10]) for line in found.features]
    assert lines == [
        ("comment", "limit", ((20, "day"),), "11-23"),
        ("comment", "allow", (), "11-26"),
        ("gift", "deny", (), "11-23"),
        ("search", "allow", (), "11-23"),
        ("*", "deny", (), "11-23"),
    ]
    assert [origin.rule for origin in found.features[2].origins] == [
        "/bands/12-16/features/default",
        "/bands/16-18/features/deny/0",
    ]


@pytest.mark.parametrize("age", [None, *range(19)])
def test_verdicts_are_those_of_the_engine(age):
    """What the table says of each feature, at each end of its stretch, is what the engine judges there."""
    compiled = compile_policy(TEMPLATE.read_text("utf-8"))
    state = child(born=None if age is None else date(2026 - age, 11, 25), band=None)
    found = preview(compiled, state, MONDAY)
    assert len(found.features) > (5 if age != 18 else 0)
    for line in found.features:
        for instant in (line.start, line.end - 1):
            name = "unheard.of" if line.feature == "*" else line.feature
            answer = judge_feature(Look(compiled, state, None, None), name, 1, instant)
            codes = {"feature.denied": "deny", "feature.unknown": "deny", "feature.ask": "ask"}
            allowed = "allow" if answer.left is None else "limit"
            assert line.verdict == (codes[answer.denials[0].code] if answer.denials else allowed)


def test_adulthood_ends_it_all():
    """From the day after the eighteenth birthday nothing is limited, and the features' table ends."""
    found = preview(compile_policy(BANDS), child(born=date(2008, 11, 24)), MONDAY, days=3)
    assert [[one.kind.value for one in day.segments] for day in found.days] == [["open"], ["open"], ["free"]]
    assert {at("2026-11-25 00:00")} == {line.end for line in found.features}
    assert [one.code for one in found.days[2].segments[0].reasons] == ["age.adult"]


def test_a_mode_that_is_off_limits_nothing():
    """With the mode off every day is free, and no rule is listed."""
    state = replace(used(), profile=Profile("kid", "test", mode_on=False))
    found = preview(policy(EVENING), state, MONDAY)
    assert {"free"} == {one.kind.value for day in found.days for one in (*day.segments, *day.clock)}
    assert (found.rules, found.features, found.sections) == ((), (), ())


def test_under_observe_the_preview_shows_what_would_hold():
    """`observe` lets everything pass; the preview says what it observes."""
    compiled = policy(EVENING, top="enforcement: observe")
    found = preview(compiled, used(), MONDAY, days=1)
    assert (found.enforcement, found.days[0].segments[0].kind.value) == (Enforcement.OBSERVE, "curfew")
    assert decide(compiled, used(), TimeQuestion(), found.start).observed_effect == "deny"


def test_a_preset_that_comes_into_effect_is_marked():
    """On the first day of the guide of 2024 its rules begin: marked, and held from then on."""
    compiled = compile_policy("policy: test\ntimezone: Asia/Shanghai\nextends: [cn-minor-mode-2024]\n")
    found = preview(compiled, used(), date(2024, 11, 14), days=2)
    begins = [mark for mark in found.marks if mark.code == "rule.begins"]
    assert {"2024-11-15 00:00:00"} == {local(mark.at) for mark in begins}
    assert "/rules/curfew/time/curfew" in {mark.data["rule"] for mark in begins}
    assert [len(day.segments) for day in found.days] == [1, 3]


def test_an_unannounced_year_is_marked_and_has_two_kinds():
    """A Saturday of a year that is not known may be a workday: both kinds, the stricter limit, a mark."""
    compiled = replace(policy(EVENING), calendar=Calendar("CN", {2026: YearState.ANNOUNCED}))
    found = preview(compiled, used(), date(2026, 12, 26), days=8)
    assert [(len(found.days[p].kinds), found.days[p].daily.limit // 60) for p in (0, 7)] == [(1, 60), (2, 40)]
    assert {"calendar.unknown_year"} == {mark.code for mark in found.marks}


def test_every_other_section_is_said_in_both_languages():
    """The template's rules of spending, content, recommendations and notifications, and the quiet hours of a day."""
    found = preview(compile_policy(TEMPLATE.read_text("utf-8")), child(), MONDAY, days=1)
    assert list(dict.fromkeys(line.section for line in found.sections)) == [
        "spending",
        "content",
        "recommendations",
        "notifications",
    ]
    assert all(line.text["zh"] and line.text["en"] and line.text["zh"] != line.text["en"] for line in found.sections)
    assert {"ask"} == {line.verdict for line in found.features if line.feature == "direct_message"}
    assert found.days[0].quiet


def test_the_device_that_is_asked_about():
    """Under a limit for each device the tablet's use leaves the phone free; of an unknown device all counts."""
    compiled = policy("quota: {daily: 40m, devices: each}")
    state = used(("2026-11-23 15:00", "2026-11-23 15:40"), device="tablet")
    left = [
        preview(compiled, state, MONDAY, days=1, device=device).days[0].left for device in ("tablet", "phone", None)
    ]
    assert left == [0, 2400, 0]


def test_it_is_data():
    """`to_dict` is JSON through and through, tells status, reasons and sources, and is the same each time."""
    compiled = compile_policy("policy: test\ntimezone: Asia/Shanghai\nextends: [cn-minor-mode-2024]\n")
    state = used(("2026-11-23 15:00", "2026-11-23 15:40"))
    body = json.loads(json.dumps(preview(compiled, state, MONDAY, now=at("2026-11-23 18:00")).to_dict()))
    closed = body["days"][0]["segments"][0]
    assert (closed["status"], closed["kind"], closed["reasons"][0]["layer"]) == ("closed", "curfew", "law")
    assert closed["reasons"][0]["source"]["title"].startswith("移动互联网未成年人模式建设指南")
    assert (len(body["days"]), body["days"][0]["used_seconds"], body["now"]) == (7, 2400, "2026-11-23T18:00:00+08:00")
    assert body == json.loads(json.dumps(preview(compiled, state, MONDAY, now=at("2026-11-23 18:00")).to_dict()))


@pytest.mark.parametrize(
    ("first", "more", "where"),
    [
        (MONDAY, {"days": 0}, "days"),
        (MONDAY, {"days": MOST_DAYS + 1}, "days"),
        (date(1999, 12, 31), {}, "start"),
        (date(9999, 12, 31), {}, "start"),
        (MONDAY, {"activity": "a b"}, "activity"),
        (MONDAY, {"device": ""}, "device"),
    ],
)
def test_what_cannot_be_asked_is_refused(first, more, where):
    """Bad days and names raise `InvalidInput` that names them."""
    with pytest.raises(InvalidInput) as raised:
        preview(policy(EVENING), used(), first, **more)
    assert where == raised.value.where


def test_the_door_is_the_function():
    """`minorguard.simulate.preview` is the function, whichever module was imported first."""
    assert simulate.preview is preview
    assert simulate.to_svg is to_svg


@pytest.mark.parametrize(
    ("layer", "strength", "words"),
    [
        (Layer.LAW, Strength.DEFAULT, "法规 law · 默认值 default"),
        (Layer.LAW, Strength.PRACTICE, "惯例 practice"),
        (Layer.PRODUCT, Strength.PRACTICE, "产品 product"),
    ],
)
def test_no_custom_is_called_law(layer: Layer, strength: Strength, words: str) -> None:
    """A preset that no law stands behind says so."""
    assert origin_words(Origin("/r", layer, "p", strength)) == f"p /r · {words}"
