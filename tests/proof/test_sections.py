"""Recommendations, settings, reminders: what is no question to the engine, part by part; and what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any

import pytest

from minorguard.model.decisions import Effect
from minorguard.model.rules import CompiledPolicy, Layer, Origin, RecommendationRule, Strength
from minorguard.model.sections import WindowCap
from minorguard.policy import Document, compile_policy, load_calendar
from minorguard.proof.allotment import Counter, allot
from minorguard.proof.changes import changes
from minorguard.proof.comparison import prove
from minorguard.proof.recommendations import most_of_one
from minorguard.proof.report import compare

ON = date(2026, 11, 26)


def of(band: str = "{}", more: str = "") -> CompiledPolicy:
    return compile_policy(
        f'policy: app\ntimezone: UTC\n{more}\nbands: {{"0-18": {{features: {{default: allow}}, {band}}}}}\n'
    )


@pytest.mark.parametrize(
    ("strict", "lax", "what"),
    [
        ("recommendations: {personalised: false}", "recommendations: {autoplay: false}", {"personalised": True}),
        ("recommendations: {autoplay: false}", "recommendations: {personalised: false}", {"autoplay": True}),
        (
            "recommendations: {personal_at_most: 30%}",
            "recommendations: {personal_at_most: 31%}",
            {"personal_at_most": [31, 30]},
        ),
        ("recommendations: {personalised: false}", "recommendations: {personal_at_most: 1%}", {"personalised": True}),
        ("recommendations: {block: [idol]}", "recommendations: {block: [idol.chasing]}", {"topic": "idol"}),
        ("recommendations: {at_most: {fun: 40%}}", "recommendations: {at_most: {fun: 41%}}", {"at_most": [41, 40]}),
        ("recommendations: {at_least: {edu: 20%}}", "recommendations: {at_least: {edu: 19%}}", {"at_least": [19, 20]}),
        (
            "recommendations: {per_author: {max: 2, within: 5}}",
            "recommendations: {per_author: {max: 2, within: 4}}",
            {"places": [1, 2, 5]},
        ),
        (
            "recommendations: {items_per_sitting: 60}",
            "recommendations: {items_per_sitting: 61}",
            {"items_per_sitting": [61, 60]},
        ),
        (
            "recommendations: {per_topic: {fun: {max: 1, within: 5}}}",
            "recommendations: {per_topic: {fun: {max: 1, within: 4}, fun.pranks: {max: 1, within: 5}}}",
            {"topic": "fun", "places": [1, 5]},
        ),
        ("recommendations: {items_per_day: 60}", "recommendations: {items_per_day: 61}", {"items_per_day": [61, 60]}),
        (
            "recommendations: {break_every: {items: 20}}",
            "recommendations: {break_every: {items: 30, play: 1m}}",
            {"break_every_items": [21, 20]},
        ),
        (
            "recommendations: {break_every: {play: 10m}}",
            "recommendations: {break_every: {play: 11m}}",
            {"break_every_seconds": [601, 600]},
        ),
        (
            "time: {sitting: {remind_after: 30m}}",
            "time: {sitting: {remind_after: 31m}}",
            {"remind_after_seconds": 1800},
        ),
    ],
)
def test_each_part_of_a_rule_is_decided(strict: str, lax: str, what: dict[str, object]) -> None:
    """What the laxer lets be is told as data, and the other way round it is proved."""
    proof = prove(of(lax), of(strict), on=ON)
    (weakness,) = proof.weaknesses
    assert what.items() <= weakness.what.items()
    assert weakness.text()["zh"]
    tighter = prove(of(strict), of(lax), on=ON)
    assert not [one for one in tighter.weaknesses if set(one.what) == set(weakness.what)]


@pytest.mark.parametrize(
    ("strict", "lax"),
    [
        ("features_need_lease: true", ""),
        ("guardian: {exit_mode: never}", ""),
        ("guardian: {may_tighten: all}", "guardian: {may_tighten: [time]}"),
        ("enforcement: enforce", "enforcement: observe"),
    ],
)
def test_settings_of_the_whole_policy_are_compared(strict: str, lax: str) -> None:
    """Each setting is laxer one way and proved the other way."""
    a, b = of("time: {}", lax), of("time: {}", strict)
    assert prove(a, b, on=ON).weaknesses
    assert prove(b, a, on=ON).holds


def test_what_a_law_says_of_a_list_only_a_law_keeps() -> None:
    """A product's window may give way where no list keeps everything, and a law's may not; blocked topics never do."""

    def held(strength: Strength, **said: Any) -> CompiledPolicy:
        rule = RecommendationRule(origin=Origin("/r", Layer.LAW, "p", strength), **said)
        policy = of("time: {}")
        return replace(policy, bands=tuple(replace(band, recommendations=(rule,)) for band in policy.bands))

    window = {"per_topic": (("fun", WindowCap(1, 9)),), "at_most": (("fun", 10),), "per_author": WindowCap(1, 3)}
    law, practice = held(Strength.LAW, **window), held(Strength.PRACTICE, **window)
    assert prove(law, practice, on=ON).holds
    (found,) = prove(practice, law, on=ON).weaknesses
    assert found.what == {"topic": "fun", "at_most": [100, 10]}
    share = held(Strength.LAW, at_most=(("fun", 10),))
    assert prove(held(Strength.PRACTICE, block=frozenset({"fun"})), share, on=ON).holds


@pytest.mark.parametrize("caps", [[(2, 4)], [(1, 3)], [(2, 4), (3, 7)], [(2, 3), (3, 5)], [(0, 2)], []])
def test_the_most_of_one_author_is_that_of_every_list(caps: list[tuple[int, int]]) -> None:
    """Beside all subsets of eight places."""
    for within in range(1, 9):
        fitting = (
            places
            for size in range(within + 1)
            for places in combinations(range(within), size)
            if all(
                sum(start <= place < start + width for place in places) <= most
                for most, width in caps
                for start in range(within)
            )
        )
        best = max(map(len, fitting))
        assert len(most_of_one([WindowCap(most, width) for most, width in caps], within)) == best


def test_more_work_than_allowed_is_undecided_and_says_why() -> None:
    """A bound that is too small proves nothing."""
    proof = prove(of("time: {quota: {daily: 30m}}"), of("time: {quota: {daily: 31m}}"), on=ON, most_work=1)
    assert not proof.holds
    assert {one.rule.rule for one in proof.undecided} >= {"/bands/0-18/time/quota/daily"}
    assert "too many combinations" in proof.undecided[0].why["en"]


def test_other_zones_are_refuted_and_never_proved() -> None:
    """The same hours in another zone are other hours."""
    other = compile_policy('policy: b\ntimezone: Asia/Tokyo\nbands: {"0-18": {features: {default: allow}}}\n')
    proof = prove(of("time: {}"), other, on=ON)
    assert (proof.weaknesses, [one.rule.rule for one in proof.undecided]) == ((), ["/timezone"])


def test_scopes_that_cross_in_a_ring_are_bounded_from_both_sides() -> None:
    """Three counters of two kinds each: what is found never passes the bound, and a gap is seen."""
    kinds = [("d", "x"), ("d", "y"), ("d", "z")]
    rooms = [Counter(0, frozenset({kinds[index], kinds[(index + 1) % 3]}), 1) for index in range(3)]
    found = allot(kinds, 0, 100, rooms, 2, timed=False)
    assert (found.most, found.reaches(2), found.reaches(1)) == (2, False, True)


def test_changes_are_told_by_rule_and_ages() -> None:
    """A limit that changed, a rule that came, in both languages; ages that change alike together."""
    before = of("time: {quota: {daily: 40m}}")
    after = of('time: {quota: {daily: 30m}, curfew: ["22:00-06:00"]}')
    found = compare(after, before, on=ON)
    assert (found.relation, found.at_least_as_strict) == ("stricter", True)
    assert [(one.kind, one.ages) for one in found.changes] == [("added", (0, 18)), ("changed", (0, 18))]
    assert found.changes[1].was == {"zh": "每天限时：40分钟", "en": "daily limit: 40 min"}


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (("time: {}", ""), ("time: {}", "slice: 30s")),
        (("time: {}", ""), ("time: {}", "enforcement: observe")),
        (("time: {}", ""), ("time: {}", "default_activity: study")),
        (("time: {}", ""), ("time: {}", "hold_birthday: false")),
        (("time: {}", ""), ("time: {}", "day_starts_at: 04:00")),
        (("time: {}", ""), ("time: {}", "calendar: CN")),
        (("time: {}", ""), ("time: {}", "surfaces: [feed]")),
        (("time: {}", ""), ("time: {}", "guardian: {may_exempt: [study]}")),
        (("time: {}", ""), ("time: {}", "guardian: {may_extend: {daily: 30m}}")),
        (("time: {}", ""), ("time: {}", "guardian: {exit_mode: never}")),
        (("time: {}", ""), ("time: {}", "activities: {study: {exempt: [quota]}}")),
        (("time: {}", ""), ("time: {grace: 1m}", "")),
        (("time: {}", ""), ("time: {warn_before: [5m]}", "")),
        (("time: {quota: {daily: 1h}}", ""), ("time: {quota: {daily: 1h}}", "activities: {study: {exempt: [quota]}}")),
        (("time: {sitting: {remind_after: 1h}}", ""), ("time: {sitting: {remind_after: 1h, resets_after: 6m}}", "")),
    ],
)
def test_no_change_of_the_meaning_goes_untold(was: tuple[str, str], now: tuple[str, str]) -> None:
    """Settings, and what the words of a rule leave out, are changes of their own; the same policy has none."""
    before, after = of(*was), of(*now)
    found = changes(after, before)
    assert before.digest != after.digest
    assert found
    assert all(one.was != one.now for one in found)
    assert [one.kind for one in changes(before, after)] != []
    assert changes(after, after) == ()


def test_a_rule_beside_another_of_the_same_place_is_told() -> None:
    """What a policy adds to one that it extends is told, though that has a rule in the same place."""
    base = "policy: base\ntimezone: UTC\nbands: {0-18: {features: {default: allow}, time: {quota: {daily: 1h}}}}\n"
    more = "policy: app\ntimezone: UTC\nextends: [base]\nbands: {0-18: {time: {quota: {daily: 30m}}}}\n"
    under = compile_policy(base)
    over = compile_policy(more, documents={"base": Document(base)})
    (added,) = [one for one in changes(over, under) if one.section == "time"]
    assert (added.kind, added.now) == ("added", {"zh": "每天限时：30分钟", "en": "daily limit: 30 min"})
    (removed,) = [one for one in changes(under, over) if one.section == "time"]
    assert (removed.kind, removed.was) == ("removed", added.now)


def test_calendars_of_one_name_and_other_days_are_refuted_and_never_proved() -> None:
    """A holiday in one of them is a school day in the other."""
    text = "calendar: HK\nyears: {2026: {state: announced, source: test, holidays: [%s]}}\n"
    body = "policy: app\ntimezone: UTC\ncalendar: HK\nbands: {0-18: {features: {default: allow}}}\n"
    a, b = (compile_policy(body, calendars={"HK": load_calendar(text % day)}) for day in ("2026-12-01", "2026-12-02"))
    assert [one.rule.rule for one in prove(a, b, on=ON).undecided] == ["/timezone"]
    assert prove(a, a, on=ON).holds


@pytest.mark.parametrize(
    "section",
    [
        "time: {quota: {daily: 1h}}",
        "time: {curfew: ['01:00-02:00']}",
        "features: {default: deny}",
        "features: {default: allow, limit: {gift: 1/day}}",
        "spending: {currency: CNY, per_day: 1}",
        "notifications: {at_most: 1/day}",
    ],
)
@pytest.mark.parametrize("starts", ["00:00", "04:00"])
def test_a_birthday_is_a_date_whenever_days_begin(section: str, starts: str) -> None:
    """Rules that hold through the eighteenth birthday are missed where they do not, and the case replays."""
    head = f"timezone: UTC\nday_starts_at: {starts}\nsurfaces: [feed]\n"
    more = "" if section.startswith("features") else "features: {default: allow}, "
    bands = f"bands: {{0-18: {{{more}{section}}}}}\n"
    held = compile_policy(f"policy: held\n{head}{bands}")
    ended = compile_policy(f"policy: ended\n{head}hold_birthday: false\n{bands}")
    place = "/bands/0-18/" + section.split(":")[0]
    (found,) = [one for one in prove(ended, held, on=ON).weaknesses if one.rule.rule.startswith(place)]
    assert (found.age.age, found.age.on_birthday) == (18, True)
    replayed = found.replay(ended, held)
    assert replayed is not None
    assert [one.effect for one in replayed] == [Effect.ALLOW, Effect.DENY]


def test_what_both_say_costs_next_to_nothing() -> None:
    """A long policy beside one that differs in a word is compared within the work of a call of the service."""
    tables = "{school_day: 40m, holiday: 2h, otherwise: 1h}"
    quotas = ", ".join(f"{name}: {{daily: {tables}, weekly: 5h, monthly: 20h}}" for name in ("game", "video", "live"))
    time = f"time: {{quota: {{daily: {tables}, weekly: 8h, per_activity: {{{quotas}}}}}, curfew: ['22:00-06:00']}}"
    band = (
        f"{time}, spending: {{currency: CNY, per_day: 50}}, notifications: {{at_most: 3/day, quiet: ['21:00-08:00']}}"
    )
    before, after = (of(band.replace("22:00", opens), "calendar: CN") for opens in ("22:00", "21:30"))
    assert prove(after, before, on=ON, most_work=300).holds
    (night,) = prove(before, after, on=ON, most_work=300).weaknesses
    assert night.rule.rule == "/bands/0-18/time/curfew"


def test_items_are_counted_in_the_same_days_and_sittings() -> None:
    """The same number in other days is laxer; in sittings that may be shorter undecided, in longer ones proved."""
    day, sitting = "recommendations: {items_per_day: 5}", "recommendations: {items_per_sitting: 5}"
    (found,) = prove(of(day, "day_starts_at: 04:00"), of(day), on=ON).weaknesses
    assert found.what == {"items_per_day": [6, 5]}
    none = "recommendations: {items_per_day: 0}"
    assert not prove(of(none, "day_starts_at: 04:00"), of(day), on=ON).weaknesses
    longer = sitting + ", time: {sitting: {remind_after: 1h, resets_after: 30m}}"
    assert [one.rule.rule for one in prove(of(sitting), of(longer), on=ON).undecided] == ["/bands/0-18/recommendations"]
    assert prove(of(longer), of(sitting), on=ON).holds
