"""Steps of policy tests do what they say, and expectations see what they name."""

import pytest

from minorguard.simulate import run_suite
from tests.build import policy
from tests.simulate.suites import FILE, HOUSE, house, live, suite, told

PASSING = {
    "a session runs, rests and stops": """
        - {open: tablet, expect: {effect: allow, until: "16:30", lease_until: "16:01", charged: 0m}}
        - {every: 30s, beat: tablet, until: "16:30"}
        - {at: "16:20", expect: {effect: allow, remaining: {day: 20m, sitting: 10m, time_left: 10m}, charged: 20m}}
        - {at: "16:30", expect: {effect: limited, reason: sitting.break, obligations: [finish], until: "16:31"}}
        - {at: "16:31", beat: tablet, expect: {effect: deny, obligations: [end_session], retry_at: "16:41"}}
        - {at: ["16:40:59", "16:41:00"], ask: time, expect: [deny, allow]}
    """,
    "lost, doubled and late beats cost nothing": """
        - {open: tablet}
        - {every: 30s, beat: tablet, until: "16:10", drop: ["16:02"], duplicate: ["16:03"], late: ["16:05", "16:06"]}
        - {at: "16:10", end: tablet, expect: {charged: 10m}}
    """,
    "a row of beats ends when the app is told to stop": """
        - {open: tablet}
        - {every: 60s, beat: tablet, until: "18:00"}
        - {at: "18:00", ask: time, expect: {effect: allow, charged: 31m}}
    """,
    "a row of beats ends with its session, and the next session has its own": """
        - {open: tablet}
        - {every: 30s, beat: tablet, until: "16:20"}
        - {at: "16:05", end: tablet}
        - {at: "16:10", open: tablet, session: second, expect: {charged: 5m}}
        - {at: "16:20", beat: second, expect: {charged: 6m}}
    """,
    "two devices count once": """
        - {open: tablet}
        - {open: phone}
        - {every: 60s, beat: tablet, until: "16:10"}
        - {at: "16:00", ask: time, expect: allow}
        - {every: 60s, beat: phone, until: "16:10"}
        - {at: "16:10", ask: time, expect: {charged: 10m}}
    """,
    "a session by its name is the same one again": """
        - {open: tablet, session: mine}
        - {at: "+30s", open: tablet, session: mine, expect: {lease_until: "16:01"}}
        - {at: "+1s", end: mine}
        - {at: "+1s", open: tablet, session: mine, expect: {effect: deny, reason: session.ended}}
        - {at: "+1s", open: tablet, expect: allow}
    """,
    "activities are charged by name": """
        - {open: tablet, activity: video}
        - {at: "16:00:30", beat: tablet, activity: game}
        - {at: "16:01", end: tablet, expect: {charged: {video: 30s, game: 30s}}}
        - {ask: time, expect: {charged: 1m}}
    """,
    "days go on by date, name and kind": """
        - {at: "22:00", expect: {effect: deny, retry_at: "06:00"}}
        - {day: next, expect: {effect: deny, reason: curfew.closed}}
        - {day: sat, at: "09:00", expect: {effect: allow, remaining: {day: 1h}}}
        - {day: school_day, at: "09:00", expect: {remaining: {day: 40m}}}
        - {day: "2026-12-24", at: "09:00", expect: allow}
        - {at: "2027-01-02 09:00", expect: allow}
    """,
    "a night passes": """
        - {at: "21:59:30", open: tablet}
        - {every: 30s, beat: tablet, until: "22:05"}
        - {at: ["21:59:59", "22:00"], ask: time, expect: [allow, {effect: deny, rule: /bands/0-18/time/curfew}]}
        - {day: next, at: ["05:59:59", "06:00"], ask: time, expect: [deny, allow]}
    """,
    "features are counted": """
        - {use: comment, times: 2, expect: {effect: allow, remaining: {uses: 1}}}
        - {ask: {feature: comment, amount: 2}, expect: {effect: deny, reason: feature.exhausted}}
        - {use: comment, id: once, expect: allow}
        - {use: comment, id: once, expect: allow}
        - {use: comment, expect: {effect: deny, reasons: [feature.exhausted], layer: product, document: test}}
        - {ask: {feature: gift.send}, expect: {reason: feature.denied, rule: /bands/0-18/features/deny/0}}
    """,
    "a grant makes the day longer": """
        - {offline: {device: tv, from: "14:00", to: "14:40"}, expect: {effect: deny, reason: quota.exhausted}}
        - {grant: 30m, id: g1, expect: {effect: allow, remaining: {day: 30m}}}
        - {grant: 30m, id: g1, expect: {remaining: {day: 30m}}}
        - {day: next, at: "09:00", expect: {remaining: {day: 40m}}}
    """,
    "use without a connection counts once": """
        - offline:
          - {device: tv, from: "14:00", to: "14:10", activity: video}
          - {device: phone, from: "14:05", to: "14:15"}
          expect: {charged: 15m, remaining: {day: 25m}}
    """,
    "warnings are heard": """
        - {open: tablet, expect: {advice: []}}
        - {every: 60s, beat: tablet, until: "16:24"}
        - {at: "16:25", beat: tablet, expect: {advice: [time.ending]}}
        - {at: "16:25:30", beat: tablet, expect: {advice: []}}
    """,
}


@pytest.mark.parametrize("steps", PASSING.values(), ids=PASSING)
def test_it_passes(steps):
    """A life that goes as its test says passes, whatever kind of step it has."""
    result = live(steps)
    assert (told(result), result.ok, len(result.results)) == ([], True, 1)


FAILING = {
    "effect: expected `deny`, was `allow`": "{ask: time, expect: deny}",
    "reason: expected `curfew.closed`, was `time.allowed`": "{ask: time, expect: {reason: curfew.closed}}",
    "reasons: expected `mode.off` among them, was `time.allowed`": "{ask: time, expect: {reasons: [mode.off]}}",
    "observed: expected `deny`, was none": "{ask: time, expect: {observed: deny}}",
    "rule: expected `/nowhere`, was `/bands/0-18/time/curfew`": '{at: "22:00", ask: time, expect: {rule: /nowhere}}',
    "document: expected `law`, was `test`": '{at: "22:00", ask: time, expect: {document: law}}',
    "layer: expected `law`, was `product`": '{at: "22:00", ask: time, expect: {layer: law}}',
    "source: expected one with `Article 75`, was none": '{at: "22:00", ask: time, expect: {source: Article 75}}',
    "remaining day: expected 30m, was 40m": "{ask: time, expect: {remaining: {day: 30m}}}",
    "remaining week: expected 30m, was no limit": "{ask: time, expect: {remaining: {week: 30m}}}",
    "remaining uses: expected 5, was 3": "{ask: {feature: comment}, expect: {remaining: {uses: 5}}}",
    "remaining spend_day: expected 5, was no limit": "{ask: time, expect: {remaining: {spend_day: 5.00}}}",
    "charged: expected 1m, was 0s": "{ask: time, expect: {charged: 1m}}",
    "charged game: expected 1m, was 0s": "{ask: time, expect: {charged: {game: 1m}}}",
    "until: expected Wed 2026-11-25 15:59:59, was Tue 2026-11-24 16:30:00": '{ask: time, expect: {until: "15:59:59"}}',
    "retry_at: expected never, was Wed 2026-11-25 06:00:00": '{at: "22:00", ask: time, expect: {retry_at: never}}',
    "lease_until: expected Tue 2026-11-24 16:02:00, was never": "{ask: time, expect: {lease_until: +2m}}",
    "obligations: expected `finish`, was none": "{ask: time, expect: {obligations: [finish]}}",
    "advice: expected `rest.reminder`, was none": "{ask: time, expect: {advice: [rest.reminder]}}",
}


@pytest.mark.parametrize("step", FAILING.values(), ids=FAILING)
def test_it_fails_and_says_why(step):
    """What is not as expected is told with both sides, and where the expectation stands."""
    result = live(f"- {step}")
    (failure,) = result.results[0].failures
    (mismatch,) = map(str, failure.mismatches)
    line = suite(f"- {step}").splitlines()[failure.at.line - 1]
    assert (result.ok, FAILING[mismatch]) == (False, step)
    assert line[failure.at.column - 1 :].strip("}") in step


def test_a_failure_shows_the_decision():
    """Whoever reads a failure sees the decision in words: why, by which rule, until when."""
    (failure,) = live('- {at: "22:00", ask: time, expect: allow}').results[0].failures
    assert list(failure.lines()) == [
        f"{FILE}:7:42: step 1, Tue 2026-11-24 22:00:00, ask time",
        "  effect: expected `allow`, was `deny`",
        "  | deny at Tue 2026-11-24 22:00:00",
        "  | curfew.closed: It is closed now (22:00-06:00).",
        "  |   by test /bands/0-18/time/curfew (product)",
        "  | retry at Wed 2026-11-25 06:00:00",
        "  | remaining day 40m, sitting 30m, time_left 0s",
    ]


def test_a_row_of_beats_fails_once_where_it_first_did():
    """Of a row that is expected to be allowed, the first denied beat is told, and no other."""
    result = live('- {open: tablet}\n- {every: 60s, beat: tablet, until: "17:00", expect: allow}')
    (failure,) = result.results[0].failures
    assert (failure.what, result.results[0].checked) == (
        "Tue 2026-11-24 16:30:00, beat tablet, one every 1m",
        31,
    )


@pytest.mark.parametrize(
    ("end", "row"),
    [
        ("- {end: tablet}", '{every: 60s, beat: tablet, until: "16:05", expect: deny}'),
        ("- {expect: allow}", '{every: 30s, beat: tablet, until: "16:01", drop: ["16:00:30", "16:01"], expect: deny}'),
    ],
)
def test_a_row_of_which_nothing_is_heard_fails_what_is_expected_of_it(end, row):
    """Beats after the end, or all of them lost, are answered by nobody: no expectation is met by that."""
    (failure,) = live(f"- {{open: tablet}}\n{end}\n- {row}").results[0].failures
    assert (failure.step, str(failure.error)[:7]) == (3, "no beat")


def test_a_time_that_comes_twice_is_the_next_that_comes():
    """At the second 01:15 of a night in New York the next 01:30 is in a quarter of an hour, and not a day later."""
    over = policy('curfew: ["22:00-01:30"]', zone="America/New_York")
    steps = """
        - {at: "2026-11-01 01:15", expect: {effect: deny, retry_at: "+75m"}}
        - {at: "+60m", expect: {effect: deny, retry_at: "01:30"}}
        - {at: "+16m", expect: {effect: allow, until: "22:00"}}
    """
    assert told(run_suite(suite(steps).replace("11-24 16:00", "10-31 12:00"), FILE, policies={"test": over})) == []


def test_facts_of_one_instant_are_several_unless_an_id_says_otherwise():
    """Of four comments in one second the fourth is one too many; under one id they are one."""
    each = '["16:00", "16:00", "16:00", "16:00"]'
    assert live(f"- {{at: {each}, use: comment, expect: [allow, allow, allow, deny]}}").ok
    assert live(f"- {{at: {each}, use: comment, id: one, expect: allow}}").ok


REFUSED = {
    "there is no such session: it was never allowed to open, or is long forgotten; open it in a step before": """
        - {at: "22:00", open: tablet}
        - {at: "+30s", beat: tablet}
        """,
    "this cannot be done: the policy lets a guardian give at most 30m at once; give less, or raise `may_extend`": """
        - {grant: 45m}
        """,
    "this cannot be done: use must end after it starts, and before it is reported; change `from`": """
        - {offline: {device: tv, from: "15:00", to: "17:00"}}
        """,
    "this cannot be done: id: this id was used for another grant; use a new one": """
        - {grant: 10m, id: g}
        - {grant: 20m, id: g}
        """,
}


@pytest.mark.parametrize("steps", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_fails_the_test(steps):
    """A step that the core refuses is a failure at that step, and never a traceback."""
    (failure,) = live(steps).results[0].failures
    assert (REFUSED[str(failure.error)], failure.mismatches) == (steps, ())


def test_subjects_of_every_kind():
    """A birth date, a band, an unknown age, a mode that is off, and a guardian's settings all count."""
    text = """\
policy: test
clock: "2026-11-24 16:00"
subjects:
  adult: {born: 2000-01-01}
  off: {age: 9, mode: off}
  held: {age: 9, guardian: {time: {quota: {daily: 10m}}}}
tests:
  - {name: grown up, subject: adult, steps: [{expect: {reason: age.adult}}]}
  - {name: without the mode, subject: off, steps: [{expect: {reason: mode.off}}]}
  - {name: with a guardian, subject: held, steps: [{expect: {remaining: {day: 10m}}}]}
  - {name: by band, subject: {band: 12-16}, steps: [{expect: {remaining: {day: 40m}}}]}
  - {name: unknown, subject: {}, steps: [{expect: {remaining: {day: 40m}}}]}
  - {name: at every age, ages: [3, 17, 18], steps: [{at: "22:00", expect: {until: never}}]}
"""
    result = run_suite(text, FILE, policies={"test": house()})
    passed = {one.name: one.ok for one in result.results}
    assert (told(result), passed.pop("at every age (age 3)")) == ([], True)
    assert set(passed.values()) == {True}


def test_an_age_is_never_a_birthday():
    """A subject of thirteen is thirteen for months around the test, so that no band changes in it by accident."""
    bands = policy(HOUSE)
    steps = '- {expect: {remaining: {day: 40m}}}\n- {day: "2027-04-30", at: "09:00", expect: {remaining: {day: 40m}}}'
    assert told(live(steps, bands, subject="{age: 17}")) == []


def test_money_and_notifications():
    """Purchases are written in whole units, in the policy's currency, and counted; notifications are counted."""
    sections = "{default: allow}\n    spending: {currency: CNY, per_purchase: 50, per_day: 80}"
    sections += '\n    notifications: {quiet: ["21:00-08:00"], at_most: 2/day}'
    steps = """
        - {purchase: 50, expect: {effect: allow, remaining: {spend_day: 30.00, spend_purchase: 50}}}
        - {ask: {purchase: "50.01"}, expect: {effect: deny, reason: spending.per_purchase}}
        - {purchase: 30.5, activity: game, expect: {effect: deny, reason: spending.per_day, retry_at: "00:00"}}
        - {purchase: 30, currency: USD, expect: {effect: deny, reason: spending.currency}}
        - {purchase: 30, id: p, expect: allow}
        - {purchase: 30, id: p, expect: {effect: allow, remaining: {spend_day: 0}}}
        - {ask: notification, expect: {effect: allow, remaining: {notifications: 2}}}
        - {notify: true, times: 2, expect: {remaining: {notifications: 0}}}
        - {notify: true, expect: {effect: deny, reason: notification.exhausted}}
        - {at: "21:00", ask: notification, expect: {effect: deny, reasons: [notification.quiet]}}
    """
    assert told(live(steps, policy("{}", features=sections))) == []


def test_tests_are_chosen_by_name():
    """Only the tests that are asked for are run."""
    text = suite("- {expect: allow}") + "  - {name: night, subject: {}, steps: [{expect: deny}]}\n"
    result = run_suite(text, FILE, policies={"test": house()}, select=lambda name: name != "night")
    assert ([one.name for one in result.results], result.ok) == (["a test"], True)


def test_a_run_is_the_same_every_time():
    """Nothing of a run depends on anything but its text and its policy."""
    text = suite(PASSING["a night passes"])
    first, second = (run_suite(text, FILE, policies={"test": house()}).to_dict() for _ in range(2))
    assert first == second


def test_observed_policies_say_what_would_have_been():
    """Under `observe` everything passes, and a test can look at what would have been."""
    over = policy('curfew: ["15:00-17:00"]', top="enforcement: observe")
    assert told(live("- {expect: {effect: allow, observed: deny}}", over)) == []
