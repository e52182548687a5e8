"""The reference page is true: its examples load, its tables are complete."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import minorguard.policy
from minorguard.model.rules import FeaturePeriod
from minorguard.policy import (
    builtin_presets,
    check_policy,
    compile_policy,
    load_calendar,
    with_guardian,
)
from minorguard.policy.schema import (
    FeaturesSchema,
    GuardianSchema,
    PolicySchema,
    QuotaSchema,
    SittingSchema,
    TimeSchema,
)

PAGE = (Path(__file__).parents[2] / "docs" / "policy-reference.md").read_text("utf-8")
POLICY, SETTINGS, CALENDAR = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SOURCES = sorted(Path(minorguard.policy.__file__).parent.glob("*.py"))


def test_the_example_compiles_without_a_finding():
    """The whole example is a good policy."""
    policy, findings = check_policy(POLICY)
    assert policy is not None
    assert findings == ()


def test_the_settings_and_the_calendar_load():
    """The guardian's settings fit the example, and the calendar is one."""
    policy = compile_policy(POLICY)
    settings = YAML(typ="safe", pure=True).load(SETTINGS)
    assert policy.digest != with_guardian(policy, settings).digest
    assert load_calendar(CALENDAR).name == "HK"


def codes_in_source():
    dynamic = {"day.unknown", "kind.unknown", "word.unknown"}
    calls = re.compile(r"(?:fail|error|warning|Problem|Finding|_note|_stop|_twice)\(\s*(?:at, )?\"([a-z]+\.[a-z_]+)\"")
    return dynamic | {code for path in SOURCES for code in calls.findall(path.read_text("utf-8"))}


def test_every_code_is_documented_and_every_documented_code_exists():
    """The table of findings has the codes of the source, no more and no fewer."""
    table = PAGE.partition("## Findings")[2]
    documented = {
        code
        for row in table.splitlines()
        if row.startswith("| `")
        for code in re.findall(r"`([a-z.\_]+)`", row.split("|")[1])
    }
    assert codes_in_source() == documented


@pytest.mark.parametrize(
    ("schema", "prefix"),
    [
        (PolicySchema, ""),
        (TimeSchema, ""),
        (QuotaSchema, "quota."),
        (SittingSchema, "sitting."),
        (FeaturesSchema, ""),
        (GuardianSchema, ""),
    ],
)
def test_every_key_is_documented(schema, prefix):
    """Each key that the schemas know is on the page."""
    for key in schema().fields:
        assert re.search(rf"`{prefix}{key}[.`]", PAGE), key


def test_every_preset_rule_is_in_the_table():
    """The table of presets names each rule of each preset with its strength and evidence."""
    table = PAGE.partition("## Presets")[2].partition("## Calendars")[0]
    for preset in builtin_presets().values():
        rows = table.partition(f"| `{preset.id}`")[2]
        for rule in preset.rules:
            row = next(row for row in rows.splitlines() if f"| `{rule.id}` |" in row)
            assert f"| {rule.origin.strength} |" in row
            assert rule.origin.source.verified in row
            for day in (rule.origin.effective_from, rule.origin.effective_to):
                assert day is None or day.isoformat() in row


def test_every_period_is_documented():
    """The periods of limits are named."""
    assert all(f"`{period}`" in PAGE for period in FeaturePeriod)
