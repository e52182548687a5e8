"""The page of presets is true: its tables are complete, its names are those of the rules, its examples compile."""

import re
from pathlib import Path

import pytest

from minorguard.policy import builtin_presets, check_policy

PAGE = (Path(__file__).parents[3] / "docs" / "presets.md").read_text("utf-8")
RULES = [(preset, rule) for preset in builtin_presets().values() for rule in preset.rules]
NAMES = PAGE.partition("## Names\n")[2].partition("## Exemptions")[0]


def row_of(preset, rule):
    rows = PAGE.partition(f"\n| `{preset.id}` |")
    return next(row for row in (rows[1] + rows[2]).splitlines() if f"| `{rule.id}` |" in row)


@pytest.mark.parametrize(("preset", "rule"), RULES, ids=[f"{preset.id}-{rule.id}" for preset, rule in RULES])
def test_every_rule_is_in_a_table(preset, rule):
    """A rule's row has its article, strength, evidence and dates."""
    *_, article, strength, evidence, dates, _ = (cell.strip() for cell in row_of(preset, rule).split("|"))
    origin = rule.origin
    assert origin.source.article.startswith(article)
    assert (strength, evidence) == (origin.strength, origin.source.verified)
    known = [day.isoformat() for day in (origin.effective_from, origin.effective_to) if day is not None]
    assert dates == ", ".join(known)


def test_no_row_is_of_a_rule_that_is_gone():
    """Tables have as many rows as presets have rules."""
    tables = PAGE.partition("## China\n")[2].partition("## Names\n")[0]
    rows = re.findall(r"^\| (?:`[^`]+`)? ?\| `[^`]+` \|", tables, re.MULTILINE)
    assert len(rows) == len(RULES)


def names_of(rule):
    yield from (found.feature for found in rule.features)
    for found in (*rule.time, *rule.spending):
        yield from found.only or ()
    for found in rule.time:
        yield from found.exempt
    yield from rule.exemptable - {"guardian"}
    for found in (*rule.content, *rule.recommendations):
        yield from found.block
    for found in rule.content:
        yield from found.surfaces or ()
        yield from found.pools or ()


def test_the_names_are_those_of_the_rules():
    """Each name that a rule uses has a row, and no other name has."""
    cells = [row.split("|")[2] for row in NAMES.splitlines() if row.startswith("|")]
    explained = {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
    assert explained == {name for _, rule in RULES for name in names_of(rule)}


def test_the_examples_compile():
    """The policies that are shown have no error."""
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        policy, findings = check_policy(block)
        assert policy is not None
        assert findings == ()
