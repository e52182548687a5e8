"""Policy tests that ask about texts and items: what is found in a text, what an item is, and which goals they reach."""

import pytest

from minorguard.simulate import run_suite
from tests.build import compile_policy
from tests.simulate.suites import FILE, live, suite, told

CONTENT = "{max_rating: 12+, block: [violence], pools: [youth], text: {gambling: block, ads: review, abuse: mask}}"
TERMS = """\
terms:
  - {term: 赌球, category: gambling}
  - {term: 加微信, category: ads}
  - {term: idiot, category: abuse}
"""
CONTENT_AT = "/bands/0-18/content"


def shown():
    """A policy that shows things on one surface."""
    head = "policy: test\ntimezone: Asia/Shanghai\nsurfaces: [feed]\n"
    return compile_policy(f"{head}bands:\n  0-18: {{features: {{default: allow}}, content: {CONTENT}}}\n")


PASSING = {
    "a text without a term": "{ask: {text: 你好, surface: feed}, expect: allow}",
    "a term in disguise": "{ask: {text: 赌-球, surface: feed}, expect: {effect: deny, reason: text.found}}",
    "a term for a person to look at": "{ask: {text: 加微信, surface: feed}, expect: {obligations: [content.review]}}",
    "a term that is covered": "{ask: {text: Idiot, surface: feed}, expect: {obligations: [content.mask]}}",
    "an item that fits": "{ask: {item: a, surface: feed, ratings: [8+], pools: [youth]}, expect: allow}",
    "an item of a label below a blocked one": (
        "{ask: {item: a, surface: feed, ratings: [8+], pools: [youth], labels: [violence.graphic]}, "
        "expect: {effect: deny, reason: item.label, rule: /bands/0-18/content}}"
    ),
    "an item without a rating": "{ask: {item: a, surface: feed, pools: [youth]}, expect: {reason: item.unrated}}",
    "an item outside the pool": "{ask: {item: a, surface: feed, ratings: [8+]}, expect: {reason: item.outside_pool}}",
    "a surface that nobody declared": "{ask: {text: 你好, surface: attic}, expect: {reason: surface.unknown}}",
}


@pytest.mark.parametrize("step", PASSING.values(), ids=PASSING)
def test_what_is_asked_is_decided_by_the_rules_of_content(step):
    """A text is looked through for the file's terms, an item is what the step says of it, and the engine decides."""
    assert told(live(f"- {step}", shown(), top=TERMS)) == []


def test_without_terms_the_shipped_list_is_looked_for():
    """A file that names no terms asks about what the shipped list knows."""
    step = "- {ask: {text: 我们去网赌吧, surface: feed}, expect: {effect: deny, reason: text.found}}"
    assert told(live(step, shown())) == []


REFUSED = {
    "{ask: {text: 你好}}": ("suite.ask", "say on which `surface` it would show"),
    "{ask: {feature: x, surface: feed}}": ("suite.ask", "leave `surface` out"),
    "{ask: {text: 你好, surface: feed, labels: [x]}}": ("suite.ask", "`labels` are said of an `item`"),
    "{ask: {text: 你好, item: a, surface: feed}}": ("suite.ask", "a question asks about one of"),
}


@pytest.mark.parametrize(("step", "finding"), REFUSED.items(), ids=REFUSED)
def test_half_a_question_is_a_finding(step, finding):
    """A question about content says what is shown and where, and nothing of other things."""
    (found,) = live(f"- {step}", shown()).findings
    assert (found.code, finding[1] in found.message) == (finding[0], True)


def test_a_term_that_nothing_can_be_found_by_is_a_finding_where_it_stands():
    """A term of signs alone is refused at its line; nothing of the file is run."""
    text = suite("- {expect: allow}", top=TERMS + '  - {term: "!!", category: ads}\n')
    result = run_suite(text, FILE, policies={"test": shown()})
    (found,) = result.findings
    assert (found.code, found.pointer, found.line, result.results) == ("suite.terms", "/terms/3", 7, ())


def test_what_is_missing_of_a_rule_of_content():
    """A rule of content wants an item held back, one let pass, and a text of each category that it does not allow."""
    steps = """\
    - {ask: {item: a, surface: feed, ratings: [16+]}, expect: deny}
    - {ask: {text: 加微信, surface: feed}, expect: deny}
    """
    (report,) = live(steps, shown(), top=TERMS).coverage.reports()
    (rule,) = (rule for rule in report.rules if rule.key.pointer == CONTENT_AT)
    assert (rule.seen, set(rule.missing)) == (
        2,
        {"an item that it lets pass", "a text of `gambling`", "a text of `abuse`"},
    )
