"""Lint: what is doubtful is told, what is meant is let pass, and its bounds hold against the engine itself."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minorguard.engine import decide
from minorguard.model.calendar import wall_instants
from minorguard.model.questions import TimeQuestion
from minorguard.policy import builtin_calendars, check_policy
from minorguard.policy.lint import LARGEST
from minorguard.policy.lint_bounds import Bounds
from minorguard.policy.lint_days import MINUTES, Day, before, days_of, longest_open, open_minutes
from minorguard.policy.lint_ground import Ground
from tests.build import SHANGHAI, child, policy

TODAY = date(2025, 6, 1)


def codes(text, today=TODAY):
    compiled, findings = check_policy("policy: p\ntimezone: Asia/Shanghai\n" + text, today=today)
    assert compiled is not None, findings
    return [finding.code for finding in findings]


def of_time(time, top=""):
    return codes(f'{top}bands: {{"0-18": {{time: {time}, features: {{default: allow}}}}}}\n')


CN = "calendar: CN\n"
GRANTS = "guardian: {may_extend: {daily: 30m, per_day: 30m}}\n"
FREE_CHAT = "activities: {chat: {exempt: all}}\n"
NO_QUOTA = "activities: {study: {exempt: [quota]}}\n"
NO_CURFEW = "activities: {study: {exempt: [curfew]}}\n"
NO_WINDOWS = "activities: {study: {exempt: [windows]}}\n"
BREAK = "sitting: {break_after: 40m, break_for: 5m}"
NIGHT = 'curfew: ["22:00-06:00"]'


@pytest.mark.parametrize(
    ("time", "top", "told"),
    [
        ("{quota: {daily: 40m, weekly: 279m}}", "", []),
        ("{quota: {daily: 40m, weekly: 280m}}", "", ["quota.never_binds"]),
        ("{quota: {daily: 40m, weekly: 280m}}", GRANTS, []),
        ("{quota: {daily: 40m, weekly: 490m}}", GRANTS, ["quota.never_binds"]),
        ("{quota: {daily: {weekend: 2h, otherwise: 0m}, weekly: 239m}}", "", []),
        ("{quota: {daily: {weekend: 2h, otherwise: 0m}, weekly: 4h}}", "", ["quota.never_binds"]),
        ("{quota: {daily: {weekend: 2h, otherwise: 0m}, weekly: 4h}}", CN, ["quota.never_binds"]),
        ("{quota: {daily: {weekend: 2h, holiday: 2h, otherwise: 0m}, weekly: 4h}}", CN, []),
        ("{quota: {daily: {weekend: 1h, otherwise: 0m}, monthly: 599m}}", "", []),
        ("{quota: {daily: {weekend: 1h, otherwise: 0m}, monthly: 600m}}", "", ["quota.never_binds"]),
        ("{quota: {daily: 40m, per_activity: {game: {daily: 39m}}}}", "", []),
        ("{quota: {daily: 40m, per_activity: {game: {daily: 40m}}}}", FREE_CHAT, ["quota.never_binds"]),
        ("{quota: {daily: {sat: 30m, otherwise: 1h}, per_activity: {game: {daily: 45m}}}}", "", []),
        ("{quota: {daily: 2h, weekly: 10h, monthly: 40h}}", "", []),
        ("{quota: {daily: 2h, weekly: 2h}}", "", ["quota.never_binds"]),
        ("{quota: {daily: 119m, weekly: 2h}}", "", []),
        ("{quota: {daily: {weekend: 2h, otherwise: 1h}, weekly: 2h}}", "", []),
        ("{quota: {daily: {weekend: 3h, otherwise: 2h}, monthly: 2h}}", "", ["quota.never_binds"]),
        ("{quota: {per_activity: {game: {daily: 2h, weekly: 1h}}}}", "", ["quota.never_binds"]),
    ],
)
def test_a_quota_that_another_always_reaches_first(time, top, told):
    """A quota is doubted from the very minute on from which it can never bind, extra time and calendars included."""
    assert of_time(time, top) == told


@pytest.mark.parametrize(
    ("time", "top", "told"),
    [
        ('{curfew: ["22:00-06:00", {days: [fri], span: "23:00-07:00"}]}', "", []),
        ('{curfew: ["22:00-06:00", {days: [fri], span: "23:00-06:00"}]}', "", ["curfew.covered"]),
        ('{curfew: ["22:00-24:00", "00:00-06:00", {days: [fri], span: "22:30-05:00"}]}', "", ["curfew.covered"]),
        ('{windows: ["08:00-20:00", "19:00-20:00"]}', "", ["window.covered"]),
        ('{windows: ["08:00-20:00", "08:00-20:00"]}', "", ["window.covered"]),
        ('{windows: ["08:00-20:00", "19:00-20:01"]}', "", []),
        ('{windows: ["08:00-20:00", {days: [holiday], span: "21:00-22:00"}]}', "", ["day.never"]),
        ('{curfew: ["20:00-21:00"], windows: ["08:00-20:00"]}', "", ["curfew.outside_windows"]),
        ('{curfew: ["19:59-21:00"], windows: ["08:00-20:00"]}', "", []),
        ('{curfew: ["20:00-21:00"], windows: ["08:00-20:00"]}', NO_WINDOWS, []),
        ('{curfew: ["21:00-23:00"], windows: ["08:00-20:00", "21:30-22:00"]}', "", ["window.dead"]),
        ('{curfew: ["21:00-23:00"], windows: ["08:00-20:00", "21:30-22:00"]}', NO_CURFEW, []),
        ('{windows: ["08:00-20:00", "22:30-23:00"]}', "extends: [cn-minor-mode-2024]\ncalendar: CN\n", []),
        ('{windows: ["08:00-20:00", "22:30-23:00"]}', "extends: [cn-youth-practice]\n", []),
        (
            '{windows: ["08:00-20:00", "22:30-23:00"]}',
            "extends: [cn-youth-practice]\nactivities: {emergency: {exempt: all}}\n",
            ["window.dead"],
        ),
    ],
)
def test_spans_that_change_nothing(time, top, told):
    """A span is doubted only if no activity, on no day, would notice its absence; a guardian may lift defaults."""
    assert of_time(time, top) == told


@pytest.mark.parametrize(
    ("time", "top", "told"),
    [
        ('{windows: [{days: [school_day], span: "17:00-20:00"}]}', "", ["time.never"]),
        ('{windows: [{days: [fri], span: "20:00-02:00"}]}', "", []),
        ('{windows: [{days: [fri, weekend], span: "17:00-20:00"}]}', "", []),
        ('{windows: [{days: [weekend], span: "17:00-20:00"}], quota: {daily: {weekend: 1h, otherwise: 0m}}}', "", []),
        ('{windows: [{days: [weekend, holiday], span: "17:00-20:00"}]}', CN, ["time.never"]),
        ('{curfew: ["00:00-24:00"]}', "", ["time.never"]),
        ('{curfew: [{days: [mon], span: "00:00-24:00"}]}', "", []),
        ('{curfew: ["12:00-13:00"]}', "extends: [cn-game-2021]\ncalendar: CN\ndefault_activity: game\n", []),
    ],
)
def test_days_that_never_open(time, top, told):
    """A kind of day without an open minute is told, unless a quota of nothing says so, or the law alone does it."""
    assert of_time(time, top) == told


@pytest.mark.parametrize(
    ("time", "top", "told"),
    [
        ('{windows: ["18:00-19:00"], quota: {daily: 60m}}', "", []),
        ('{windows: ["18:00-19:00"], quota: {daily: 61m}}', "", ["quota.longer_than_window"]),
        ('{windows: ["18:00-19:00"], quota: {daily: 61m}}', NO_WINDOWS, []),
        ('{windows: ["18:00-19:00", {days: [sat], span: "18:00-20:00"}], quota: {daily: 61m}}', "", []),
        ('{windows: ["23:00-01:00"], quota: {daily: 90m}}', "", []),
        ('{windows: ["23:00-01:00"], quota: {daily: 121m}}', "", ["quota.longer_than_window"]),
        ('{windows: ["23:00-01:00"], quota: {daily: 2h}}', "day_starts_at: 04:00\n", []),
        ('{curfew: ["06:00-24:00", "00:00-05:30"], quota: {daily: 40m}}', "", ["quota.longer_than_window"]),
        ('{windows: [{days: [weekend], span: "18:00-19:00"}], quota: {daily: {weekend: 1h, otherwise: 0m}}}', "", []),
        ('{windows: ["18:00-19:00"], quota: {weekly: 7h}}', "", []),
        ('{windows: ["18:00-19:00"], quota: {weekly: 421m}}', "", ["quota.longer_than_window"]),
        ('{windows: ["18:00-19:00"], quota: {weekly: 421m}}', NO_WINDOWS, []),
    ],
)
def test_quotas_that_are_longer_than_the_day_is_open(time, top, told):
    """A quota is measured against the open time of its own days, from the start of the policy day on."""
    assert [code for code in of_time(time, top) if code != "time.night_only"] == told


@pytest.mark.parametrize(
    ("time", "top", "told"),
    [
        ("{quota: {daily: 40m}, sitting: {break_after: 40m, break_for: 5m}}", "", []),
        ("{quota: {daily: 40m}, sitting: {break_after: 80m, break_for: 5m}}", "", ["sitting.break_never"]),
        (f"{{quota: {{daily: 40m}}, {NIGHT}, {BREAK}}}", "", ["sitting.break_never"]),
        (f"{{quota: {{daily: 40m}}, {NIGHT}, {BREAK}}}", GRANTS, []),
        (f"{{quota: {{daily: 40m, devices: each}}, {NIGHT}, {BREAK}}}", "", []),
        (f"{{quota: {{daily: 40m}}, {NIGHT}, sitting: {{remind_after: 39m}}}}", "", []),
        (f"{{quota: {{daily: 40m}}, {NIGHT}, sitting: {{remind_after: 40m}}}}", "", ["reminder.never"]),
        (f"{{quota: {{daily: 40m}}, {NIGHT}, sitting: {{remind_after: 40m}}}}", NO_QUOTA, []),
        ('{windows: ["10:00-10:30", "10:34-11:00"], sitting: {remind_after: 40m}}', "", []),
        ('{windows: ["10:00-10:30", "10:35-11:00"], sitting: {remind_after: 40m}}', "", ["reminder.never"]),
        ("{sitting: {break_after: 20m, break_for: 5m, at_least: 20m}}", "", []),
        ("{sitting: {break_after: 20m, break_for: 5m, at_least: 21m}}", "", ["sitting.never_opens"]),
        ("{quota: {daily: {sat: 5m, otherwise: 1h}}, sitting: {at_least: 10m}}", "", []),
        ("{quota: {daily: {weekend: 5m, otherwise: 1h}}, sitting: {at_least: 10m}}", "", ["sitting.never_opens"]),
        ("{quota: {daily: {weekend: 0m, otherwise: 1h}}, sitting: {at_least: 10m}}", "", []),
    ],
)
def test_sittings_that_never_come_to_it(time, top, told):
    """Breaks, reminders and openings are doubted only if no use can ever reach them, over midnights and devices too."""
    assert of_time(time, top) == told


@pytest.mark.parametrize(
    ("time", "top", "told"),
    [
        (f"{{quota: {{daily: 40m}}, {NIGHT}, warn_before: [39m]}}", "", []),
        (f"{{quota: {{daily: 40m}}, {NIGHT}, warn_before: [40m]}}", "", ["warning.at_once"]),
        (f"{{quota: {{daily: 40m}}, {NIGHT}, warn_before: [40m]}}", GRANTS, []),
        ("{quota: {daily: 40m}, warn_before: [79m]}", "", []),
        ("{sitting: {break_after: 10m, break_for: 5m}, warn_before: [10m]}", "", ["warning.at_once"]),
        ('{windows: ["18:00-19:00"], warn_before: [1h]}', "", ["warning.at_once"]),
        ("{sitting: {remind_after: 10m}, warn_before: [5m]}", "", ["warning.never"]),
        ("{quota: {daily: 40m}, warn_before: [10m, 5m, 1m]}", "", []),
        ("{quota: {daily: 40m}, warn_before: [5m, 10m]}", "", ["warning.order"]),
        ("{quota: {daily: 40m}, warn_before: [10m, 10m]}", "", ["warning.order"]),
        ("{quota: {daily: 0m}, warn_before: [10m]}", "", ["quota.zero"]),
        ("{quota: {daily: 0m}, warn_before: [10m]}", GRANTS, []),
    ],
)
def test_warnings_that_warn_of_nothing(time, top, told):
    """A warning must lie between the opening and the end of use."""
    assert of_time(time, top) == told


def two(younger, older, top=""):
    return codes(f'{top}bands: {{"0-12": {{{younger}}}, "12-18": {{{older}}}}}\n')


LOOSER = ["band.younger_looser"]


@pytest.mark.parametrize(
    ("younger", "older", "told"),
    [
        ("time: {quota: {daily: 40m}}", "time: {quota: {daily: 40m}}", []),
        ("time: {quota: {daily: 41m}}", "time: {quota: {daily: 40m}}", LOOSER),
        ("time: {}", "time: {quota: {weekly: 4h}}", LOOSER),
        ("time: {quota: {daily: 20m}}", "time: {quota: {weekly: 4h}}", []),
        ("time: {quota: {daily: 0m}}", 'time: {curfew: ["22:00-06:00"]}', []),
        ('time: {curfew: ["22:00-06:00"]}', 'time: {curfew: ["23:00-06:00"]}', []),
        ('time: {curfew: ["21:00-05:59"]}', 'time: {curfew: ["22:00-06:00"]}', LOOSER),
        ('time: {windows: ["18:00-19:00"]}', 'time: {curfew: ["22:00-06:00"]}', []),
        ("time: {quota: {daily: 15m}}", "time: {sitting: {break_after: 20m, break_for: 5m}}", []),
        ("time: {quota: {daily: 25m}}", "time: {sitting: {break_after: 20m, break_for: 5m}}", LOOSER),
        ("features: {allow: [search]}", "features: {allow: [search, comment]}", []),
        ("features: {allow: [search]}", "features: {ask: [search]}", LOOSER),
        ("features: {limit: {like: 5/day}}", "features: {limit: {like: 4/day}}", LOOSER),
        ("features: {limit: {like: 5/hour}}", "features: {limit: {like: 119/day}}", LOOSER),
        ("features: {limit: {like: 5/hour}}", "features: {limit: {like: 120/day}}", []),
        ("features: {limit: {like: 5/day}}", "features: {limit: {like: 4/hour}}", []),
        ("features: {limit: {like: 5/sitting}}", "features: {limit: {like: 4/day}}", []),
        ("features: {default: allow}", "features: {default: allow, deny: [comment]}", LOOSER),
        ("features: {default: allow, deny: [gift]}", "features: {default: allow, deny: [gift.send]}", []),
        ("spending: {currency: CNY, per_purchase: 0}", "spending: {currency: CNY, per_month: 20}", []),
        ("spending: {currency: CNY, per_purchase: 5}", "spending: {currency: CNY, per_month: 20}", LOOSER),
        ("spending: {currency: CNY, per_day: 1}", "spending: {currency: CNY, per_month: 31}", []),
        ("spending: {currency: CNY, per_month: 20}", "spending: {currency: CNY, per_purchase: 20, per_day: 20}", []),
        ("spending: {currency: CNY, per_month: 21}", "spending: {currency: CNY, per_day: 20}", LOOSER),
        ("content: {max_rating: 8+}", "content: {max_rating: 12+}", []),
        ("content: {block: [violence]}", "content: {block: [violence.graphic]}", []),
        ("content: {block: [violence.graphic]}", "content: {block: [violence]}", LOOSER),
        ("content: {pools: [kids]}", "content: {pools: [youth]}", []),
        ("content: {text: {default: mask}}", "content: {text: {abuse: mask}}", []),
        ("content: {text: {abuse: mask}}", "content: {text: {abuse: block}}", LOOSER),
        ("recommendations: {autoplay: true}", "recommendations: {autoplay: false}", LOOSER),
        ("recommendations: {at_most: {games: 10%}}", "recommendations: {at_most: {games: 20%}}", []),
        ("notifications: {at_most: 0/day}", 'notifications: {quiet: ["21:00-08:00"], at_most: 3/day}', []),
        ('notifications: {quiet: ["22:00-08:00"]}', 'notifications: {quiet: ["21:00-08:00"]}', LOOSER),
    ],
)
def test_a_younger_child_that_may_do_more(younger, older, told):
    """Each section is compared by what it comes to, not by how it is written."""
    assert two(younger, older) == told


def test_what_only_a_preset_makes_stricter_for_the_older_is_not_told():
    """The guide's hour under sixteen binds ages that the document does not cut; its own bands are compared alone."""
    top = "extends: [cn-minor-mode-2024]\ncalendar: CN\n"
    assert two("time: {quota: {daily: 60m}}", "time: {sitting: {remind_after: 15m}}", top) == []
    assert codes(f'{top}bands: {{"0-16": {{time: {{}}}}, "16-18": {{time: {{quota: {{daily: 50m}}}}}}}}\n') == LOOSER


def test_the_message_names_both_bands_and_what():
    """Who has more, who has less, and how much of what, at the place of the younger band."""
    text = 'policy: p\ntimezone: Asia/Shanghai\nbands:\n  "0-8": {time: {quota: {daily: 1h}}}\n'
    (finding,) = check_policy(text + '  "8-18": {time: {quota: {daily: {sat: 2h, otherwise: 40m}}}}\n')[1]
    assert finding.pointer == "/bands/0-8/time/quota/daily"
    assert finding.message == (
        "`0-8` may use it for `1h` a day on `school_day`, `8-18` only for `40m`; "
        "tighten the younger band or loosen the older"
    )


@pytest.mark.parametrize(
    ("features", "told"),
    [
        ("{allow: [gift.send]}", ["feature.no_effect"]),
        ("{limit: {gift.send: 1/day}}", ["feature.no_effect"]),
        ("{ask: [gift.send]}", ["feature.no_effect"]),
        ("{deny: [gift.send]}", []),
        ("{allow: [gift]}", []),
        ("{allow: [livestream.broadcast]}", []),
        ("{allow: [livestream.brodcast]}", ["name.near"]),
        ("{allow: [level1, level2]}", []),
    ],
)
def test_features_beside_a_preset(features, told):
    """What a preset denies at every age of the band has no effect; a name that is nearly one of its own is told."""
    text = f'extends: [cn-live-2022]\ncalendar: CN\nbands: {{"0-18": {{features: {features}}}}}\n'
    assert codes(text) == told


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("{allow: [comment]}", "{allow: [comments]}", []),
        ("{allow: [comment, like]}", "{allow: [comment, bike]}", []),
        ("{allow: [comment]}", "{allow: [comment], deny: [comments]}", ["name.near"]),
        ("{allow: [comment]}", "{allow: [comment], deny: [commnet]}", ["name.near"]),
        ("{allow: [level.1]}", "{allow: [level.1], deny: [level.2]}", []),
        ("{allow: [comment]}", "{allow: [comment], deny: [moment]}", []),
    ],
)
def test_names_that_are_nearly_another(first, second, told):
    """Only a name that stands alone and is one slip away from one that stands more often is told."""
    text = f'bands: {{"0-12": {{features: {first}}}, "12-18": {{features: {second}}}}}\n'
    assert [code for code in codes(text) if code != "band.younger_looser"] == told


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("activities: {study: {}}\nguardian: {may_exempt: [studdy]}\n", ["study"]),
        ("activities: {study: {}}\nguardian: {may_exempt: [study]}\n", []),
        ("activities: {video: {}, videos: {}}\n", []),
        ("surfaces: [hotsearch]\nextends: [cn-minors-regs-2024]\n", ["hot_search"]),
        ('extends: [cn-youth-practice]\nbands: {"0-18": {content: {pools: [youht]}}}\n', ["youth"]),
        ("surfaces: [hot_search]\nextends: [cn-minors-regs-2024]\n", []),
    ],
)
def test_activities_surfaces_and_pools_that_are_nearly_another(text, near):
    """An activity is near one that the document lists; a surface or pool near one that a preset's rule names."""
    bands = "" if "bands" in text else 'bands: {"0-18": {content: {block: [gore]}}}\n'
    _, findings = check_policy(f"policy: p\ntimezone: Asia/Shanghai\n{bands}{text}", today=TODAY)
    assert [finding.suggestion for finding in findings if finding.code == "name.near"] == near


@pytest.mark.parametrize(
    ("name", "told"), [("game.chess", ["activity.apart"]), ("games.chess", []), ("game", []), ("video.game", [])]
)
def test_an_activity_that_only_looks_like_part_of_another(name, told):
    """The law's hours of `game` do not hold for `game.chess`, and whoever writes that name is told."""
    text = f'extends: [cn-game-2021]\ncalendar: CN\nactivities: {{{name}: {{}}}}\nbands: {{"0-18": {{}}}}\n'
    assert codes(text) == told


LAW = [
    ("cn-live-2022", "features: {allow: [gift.send]}", "feature.no_effect", "tipping by minors"),
    ("cn-game-2019", "spending: {currency: CNY, per_purchase: 500, only: [game]}", "rule.no_effect", "paid services"),
    ("cn-minor-mode-2024", "time: {quota: {daily: 3h}}", "rule.no_effect", "unless a guardian loosens it"),
    ("vn-decree-147", "time: {quota: {per_activity: {game: {daily: 61m}}}}", "rule.no_effect", "Arts. 39(1)(e)"),
    ("vn-decree-147", "time: {quota: {per_activity: {game: {daily: 60m}}}}", None, ""),
    ("cn-may-affect-2026", "recommendations: {at_least: {may-affect.values: 1%}}", "topic.no_effect", "Art. 9"),
    ("cn-may-affect-2026", "recommendations: {at_least: {may-affect.values: 0%}}", None, ""),
]


@pytest.mark.parametrize(("preset", "section", "code", "words"), LAW)
def test_what_is_laxer_than_the_law_is_told_with_the_clause(preset, section, code, words):
    """What would loosen a preset's rule has no effect, and the warning names the preset and its clause."""
    zone = "Asia/Ho_Chi_Minh" if preset.startswith("vn") else "Asia/Shanghai"
    text = f'policy: p\ntimezone: {zone}\nextends: [{preset}]\nbands: {{"0-18": {{{section}}}}}\n'
    found = [one for one in check_policy(text, today=date(2026, 11, 1))[1] if one.code.endswith("no_effect")]
    assert {one.code for one in found} == ({code} if code else set())
    assert all(f"`{preset}` (" in one.message and words in " ".join(each.message for each in found) for one in found)


def test_a_document_beyond_measure_is_not_compared_with_itself():
    """Doubts compare everything with everything, so they are not looked for in a document of thousands of entries."""
    names = ", ".join(f"f{number}" for number in range(LARGEST))
    assert codes(f'features: [search]\nbands: {{"0-18": {{features: {{allow: [{names}]}}}}}}\n') == []


clocks = st.integers(0, 23).map(lambda hour: f"{hour:02}:00") | st.integers(0, 95).map(
    lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}"
)
words = st.sampled_from(["mon", "fri", "sat", "sun", "school_day", "weekend", "holiday", "makeup_workday"])
spans = st.builds(
    lambda opens, closes, days: f'{{days: [{", ".join(days)}], span: "{opens}-{closes}"}}',
    clocks,
    clocks,
    st.lists(words, min_size=1, max_size=4, unique=True),
).filter(lambda text: text.split('"')[1][:5] != text.split('"')[1][6:])
hours = st.lists(spans, min_size=1, max_size=3)
FIRST = date(2026, 9, 18)
"""Three weeks with a make-up workday, the Mid-Autumn Festival and the National Day of 2026."""


@settings(max_examples=10, deadline=None)
@given(hours, hours, st.booleans(), st.integers(0, 44))
def test_open_minutes_are_those_of_the_engine(curfew, windows, with_windows, first):
    """In every hour of three real weeks, a minute is open here exactly if the engine lets use begin in it."""
    time = f"curfew: [{', '.join(curfew)}]" + (f"\nwindows: [{', '.join(windows)}]" if with_windows else "")
    compiled, state = policy(time, top="calendar: CN"), child()
    for offset in range(21):
        today, eve = (day_of(FIRST + timedelta(days=offset + shift)) for shift in (0, -1))
        minutes = open_minutes(compiled.bands[0].time, today, eve)
        for minute in range(first, MINUTES, 45):
            now = wall_instants(SHANGHAI, FIRST + timedelta(days=offset), minute * 60)[0]
            decision = decide(compiled, state, TimeQuestion(), now)
            assert bool(minutes >> minute & 1) == decision.allowed


def day_of(day):
    (kind,) = builtin_calendars()["CN"].kinds(day)
    return Day(day.weekday(), kind)


@settings(max_examples=40, deadline=None)
@given(hours, st.integers(1, 1_440), st.integers(0, 95))
@example(['{days: [mon], span: "00:00-01:00"}'], 1_440, 0)  # a quota that never ends use
def test_no_more_time_is_ever_left_than_the_bound(curfew, daily, quarter):
    """Whatever the hour at which a fresh day's use begins, the engine never leaves more time than the bound says."""
    compiled, state = policy(f"curfew: [{', '.join(curfew)}]\nquota: {{daily: {daily}m}}", top="calendar: CN"), child()
    ground = Ground({"bands": {}}, compiled)
    bound = Bounds.of(ground, compiled.bands[0], frozenset({"general"})).left()
    for offset in range(21):
        now = wall_instants(SHANGHAI, FIRST + timedelta(days=offset), quarter * 900)[0]
        decision = decide(compiled, state, TimeQuestion(), now)
        if decision.allowed:
            assert bound is None or decision.remaining["time_left_seconds"] <= bound


def test_the_days_of_a_calendar():
    """Every weekday has its own kind and may be a holiday; only weekend days may be worked; without one, nothing is."""
    days = days_of(builtin_calendars()["CN"])
    assert [sum(day.weekday == weekday for day in days) for weekday in range(7)] == [2, 2, 2, 2, 2, 3, 3]
    assert {day.weekday for day in before(days[0], days)} == {6}
    assert len(days_of(policy("{}").calendar)) == 7


@pytest.mark.parametrize(
    ("curfew", "gap", "longest"),
    [
        ("22:00-06:00", 0, 16 * 3600),
        ("23:58-00:02", 0, 86_400 - 240),
        ("23:58-00:02", 300, None),
        ("23:58-00:02", 240, 86_400 - 240),
        ("12:00-13:00", 0, 23 * 3600),
        ("12:00-13:00", 3601, None),
    ],
)
def test_the_longest_stretch_that_is_open(curfew, gap, longest):
    """Stretches are joined over midnight, and over closed ones that are too short to end a sitting."""
    compiled = policy(f'curfew: ["{curfew}"]')
    assert longest == longest_open(compiled.bands[0].time, days_of(compiled.calendar), gap=gap)
