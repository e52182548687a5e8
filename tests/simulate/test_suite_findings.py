"""What is wrong with a file of policy tests is a finding with its place and the way out, and nothing is run."""

import re

import pytest

from minorguard.simulate import run_suite
from tests.simulate.suites import FILE, house, live, suite

STEPS = {
    # the step, the code, and part of what is said
    "{at: '17:00', bete: tablet}": ("key.unknown", "unknown key `bete`, did you mean `beat`?"),
    "{at: '17:00'}": ("suite.step", "nothing happens in this step; write one of `open`"),
    "{at: '17:00', open: tablet, end: tablet}": ("suite.two_steps", "`open` or `end` are steps of their own"),
    "just words": ("value.shape", "`just words` is not a step"),
    "{at: '25:00', ask: time}": ("suite.at", "`25:00` is not a time; write it like `16:00`"),
    "{at: 16, ask: time}": ("suite.at", "`16` is not a time"),
    "{at: [], ask: time}": ("value.empty", "this list is empty"),
    "{at: '1999-01-01 10:00', ask: time}": ("suite.at", "is not in 2000 to 2099"),
    "{at: '2026-02-30', ask: time}": ("date.bad", "is not a date"),
    "{at: +5, ask: time}": ("suite.at", "`5` is not a time"),
    "{at: '15:00', ask: time}": ("suite.order", "`15:00` is earlier than the step before, at 2026-11-24 16:00:00"),
    "{day: '2026-11-23'}": ("suite.order", "`2026-11-23` is before 2026-11-24"),
    "{day: holiday}": ("suite.day", "calendar `weekends` is sure of no `holiday` after 2026-11-24"),
    "{day: saturdy}": ("suite.day", "`saturdy` is not a day, did you mean `saturday`?"),
    "{beat: tablet}": ("suite.session", "`tablet` was not opened before; open it in a step above. Open by now: none"),
    "{end: tablet}": ("suite.session", "`tablet` was not opened before"),
    "{ask: time, session: mine}": ("suite.session", "`mine` was not opened before"),
    "{ask: tyme}": ("suite.ask", "`tyme` cannot be asked about, did you mean `time`?"),
    "{ask: {amount: 2}}": ("suite.ask", "a question asks about one of"),
    "{ask: time, expect: alow}": ("effect.unknown", "unknown effect `alow`, did you mean `allow`?"),
    "{ask: time, expect: {}}": ("value.empty", "this expects nothing"),
    "{ask: time, expect: {reason: quota.exhaused}}": ("reason.unknown", "did you mean `quota.exhausted`?"),
    "{ask: time, expect: {effekt: allow}}": ("key.unknown", "unknown key `effekt`, did you mean `effect`?"),
    "{ask: time, expect: {remaining: {day: 20}}}": ("duration.unit", "`20` has no unit; write `20m`"),
    "{ask: time, expect: {until: soon}}": ("suite.at", "`soon` is not a time"),
    "{at: ['17:00', '18:00'], ask: time, expect: [allow, deny, deny]}": ("suite.expect", "3 answers are expected at 2"),
    "{use: comment, times: 0}": ("suite.count", "`0` is not a number of times"),
    "{offline: {device: tv, from: '+5m', to: '16:00'}}": ("suite.at", "is counted from nothing here"),
    "{offline: {device: tv, to: '16:00'}}": ("key.missing", "`from` is missing"),
    "{purchase: 5}": ("suite.currency", "the policy counts in no currency, or in several"),
    "{purchase: 5.001, currency: CNY}": ("money.decimals", "is finer than `CNY` can be"),
    "{ask: {purchase: 0, currency: CNY}}": ("suite.count", "a purchase of nothing asks nothing"),
    "{purchase: 5, currency: RMB}": ("currency.unknown", "did you mean `CNY`?"),
}
ROWS = {
    "{beat: tablet, every: 30s}": ("suite.beats", "a row of beats needs `until`"),
    "{beat: tablet, drop: ['16:10']}": ("suite.beats", "a row of beats needs `every` or `until`"),
    "{beat: tablet, every: 30s, until: '16:10', drop: ['16:05:10']}": (
        "suite.beats",
        "no beat is due at `16:05:10`; the first is at 16:00:30",
    ),
    "{beat: tablet, every: 30s, until: '16:10', late: ['16:10']}": ("suite.beats", "no beat comes after `16:10`"),
    "{beat: tablet, every: 5m, until: '+4m'}": ("suite.beats", "no beat is due before `+4m`"),
    "{beat: tablet, every: 1s, until: '2026-12-24'}": ("suite.beats", "these are too many beats"),
}


@pytest.mark.parametrize("step", [*STEPS, *ROWS])
def test_a_bad_step_is_found(step):
    """Each mistake in a step has a code, a place on its line, and words that help."""
    code, words = (STEPS | ROWS)[step]
    steps = f"- {step}" if step in STEPS else f"- {{open: tablet}}\n- {step}"
    result = live(steps)
    (found,) = result.findings
    line = suite(steps).splitlines()[found.line - 1]
    assert (found.code, words in str(found), result.results, result.ok) == (code, True, (), False)
    assert (found.file, step in line, 0 < found.column <= len(line)) == (FILE, True, True)


def run(text):
    """The findings of a suite."""
    result = run_suite(text, FILE, policies={"test": house(), "short-video": house()})
    assert (result.results, result.ok, result.valid) == ((), False, False)
    return [f"{found.line}:{found.column} {found.code}: {found}" for found in result.findings]


HEAD = 'policy: test\nclock: "2026-11-24 16:00"\n'
TEST = "tests: [{name: a, subject: {age: 9}, steps: [{expect: allow}]}]\n"
TWICE = "\n- {name: a, subject: {}, steps: [{expect: allow}]}"
SUITES = {
    "no policy of that name": (
        f"policy: shortvideo\nclock: 2026-11-24\n{TEST}",
        "suite.policy",
        "did you mean `short-video`?",
    ),
    "a key too many": (f"{HEAD}texts: []\n{TEST}", "key.unknown", "unknown key `texts`, did you mean `tests`?"),
    "no tests": (HEAD, "key.missing", "`tests` is missing"),
    "no clock": (f"policy: test\n{TEST}", "suite.clock", "nothing says when this test starts"),
    "a clock without a date": (f"policy: test\nclock: '16:00'\n{TEST}", "suite.clock", "`16:00` has no date"),
    "nobody": (f"{HEAD}tests: [{{name: a, steps: [{{expect: allow}}]}}]", "suite.subject", "a test needs `subject`"),
    "an unknown subject": (
        f"{HEAD}subjects: {{kid: {{age: 9}}}}\ntests: [{{name: a, subject: kit, steps: [{{expect: allow}}]}}]",
        "suite.subject",
        "unknown subject `kit`, did you mean `kid`?",
    ),
    "two ages": (f"{HEAD}subjects: {{kid: {{age: 9, band: 8-12}}}}\n{TEST}", "suite.age", "say one thing twice"),
    "no age": (f"{HEAD}subjects: {{kid: {{age: nine}}}}\n{TEST}", "suite.age", "`nine` is not an age"),
    "one name twice": (
        f"{HEAD}tests:{TWICE * 2}\n",
        "suite.name",
        "`a` is also the name of the test on line 4",
    ),
    "no yaml": ("policy: [", "yaml.syntax", "not valid yaml"),
    "nothing at all": ("", "yaml.empty", "the document is empty"),
    "a guardian who may not": (
        f"{HEAD}subjects: {{kid: {{guardian: {{exempt: [study]}}}}}}\n{TEST.replace('{age: 9}', 'kid')}",
        "exempt.not_allowed",
        "/subjects/kid/guardian/exempt/0",
    ),
}


@pytest.mark.parametrize(("text", "code", "words"), SUITES.values(), ids=SUITES)
def test_a_bad_suite_is_found(text, code, words):
    """Mistakes outside the steps are found at their places too."""
    (found,) = run(text)
    assert (f" {code}: " in found, words in found) == (True, True), found


def test_all_mistakes_are_told_at_once():
    """Whoever writes tests sees every mistake of a file in one run, in the order of the text."""
    text = suite("- {ask: tyme}\n- {use: comment, tims: 2}\n- {ask: time, expect: alow}")
    assert [found.split()[1] for found in run(text)] == ["suite.ask:", "key.unknown:", "effect.unknown:"]


def test_a_file_in_which_too_much_happens_is_found_where_it_does():
    """Beats, uses and subjects count together, once, and are refused before any is lived through."""
    rows = "- {open: tablet}\n- {beat: tablet, every: 1s, until: '+5s'}"
    text = suite(f"{rows}\n- {{use: comment, times: 4}}\n- {{ask: time}}")
    policies = {"test": house()}
    assert run_suite(text, FILE, policies=policies, most_events=11).valid
    (found,) = run_suite(text, FILE, policies=policies, most_events=9).findings
    assert (found.code, found.pointer) == ("suite.too_long", "/tests/0/steps/2")
    twins = text.replace("subject: {age: 13}", "ages: [13, 14]")
    (found,) = run_suite(twins, FILE, policies=policies, most_events=11).findings
    assert (found.code, found.pointer) == ("suite.too_long", "/tests/0/steps/1/until")


WHOLE = suite(
    """
    - {at: "16:00", open: tablet, activity: video, expect: allow}
    - {every: 30s, beat: tablet, until: "16:10", drop: ["16:05"]}
    - {day: next, at: ["09:00", "+1m"], ask: {feature: search}, expect: [allow, {charged: 0m}]}
    - {use: comment, times: 2, expect: {remaining: {uses: 1}, charged: {video: 0m}}}
    - {grant: 5m, id: g, on: 2026-11-26}
    - {offline: [{device: tv, from: "08:00", to: "08:10"}], expect: {until: never}}
    """,
    top="subjects: {kid: {band: 12-16, mode: on, guardian: {time: {quota: {daily: 10m}}}}}\n",
    subject="kid",
)
ODD = ("~", "[[]]", "{a: b}", "99999999999", "1.5", "x" * 300, '"2026-11-24"')


def test_no_value_makes_a_traceback():
    """Whatever stands in the place of any value, the answer is a result, valid or with findings."""
    places = [match.span(1) for match in re.finditer(r"(?:: |[\[ ])([\w.:+\"-]+)(?=[,}\]\n])", WHOLE)]
    assert len(places) > 30
    for start, end in places:
        for odd in ODD:
            result = run_suite(WHOLE[:start] + odd + WHOLE[end:], FILE, policies={"test": house()})
            assert result.valid == (not any(found.severity == "error" for found in result.findings))
