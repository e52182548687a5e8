"""The reference page is true: its examples load, its tables are complete."""

import ast
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import minorguard.policy
from minorguard.model.rules import FeaturePeriod
from minorguard.policy import (
    check_policy,
    compile_policy,
    load_calendar,
    with_guardian,
)
from minorguard.policy.codes import CODES, findings_page
from minorguard.policy.schema import (
    ContentSchema,
    FeaturesSchema,
    GuardianSchema,
    NotificationsSchema,
    PolicySchema,
    QuotaSchema,
    RecommendationsSchema,
    SittingSchema,
    SpendingSchema,
    TimeSchema,
)

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "policy-reference.md").read_text("utf-8")
CODE = re.compile(r"[a-z]+\.[a-z_]+")
POLICY, SETTINGS, CALENDAR = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SOURCES = sorted(
    path for path in Path(minorguard.policy.__file__).parent.glob("*.py") if not path.name.startswith("codes")
)


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
    """Every code that some module spells out, and those that fields and lints put together."""
    together = {f"{what}.unknown" for what in ("day", "kind", "section", "strength", "word")}
    together |= {f"{what}.undeclared" for what in ("feature", "label")}
    calls = re.compile(r"(?:fail|refused|error|warning|Problem|Finding|Doubt)\(\s*\"([a-z]+\.[a-z_]+)\"")
    texts = [path.read_text("utf-8") for path in SOURCES]
    families = {code.partition(".")[0] for code in CODES}
    words = {word for path in SOURCES for word in words_of(path) if CODE.fullmatch(word)} - {"quota.day"}
    return (
        together
        | {code for text in texts for code in calls.findall(text)}
        | {word for word in words if word.partition(".")[0] in families}
    )


def words_of(path):
    """The texts of a module, apart from its docstrings and the parts of longer texts."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_code_is_documented_and_every_documented_code_exists():
    """The table of codes has those of the source, no more and no fewer."""
    assert codes_in_source() == set(CODES)


def test_severities_are_those_of_the_source():
    """A code that the source calls an error or a warning is one in the table."""
    said = re.compile(r"report\.(error|warning)\(\s*\"([a-z]+\.[a-z_]+)\"")
    found = [match for path in SOURCES for match in said.findall(path.read_text("utf-8"))]
    assert len(found) > 40
    assert [(CODES[code].severity, code) for _, code in found] == found


def test_the_page_of_findings_is_the_table():
    """docs/findings.md is what the table renders; write it anew when the table changes."""
    assert (DOCS / "findings.md").read_text("utf-8") == findings_page()
    assert re.findall(r"^\| `([a-z_.]+)` \|", findings_page(), re.MULTILINE) == list(CODES)


@pytest.mark.parametrize(
    ("schema", "prefix"),
    [
        (PolicySchema, ""),
        (TimeSchema, ""),
        (QuotaSchema, "quota."),
        (SittingSchema, "sitting."),
        (FeaturesSchema, ""),
        (GuardianSchema, ""),
        (SpendingSchema, "spending."),
        (ContentSchema, "content."),
        (RecommendationsSchema, "recommendations."),
        (NotificationsSchema, "notifications."),
    ],
)
def test_every_key_is_documented(schema, prefix):
    """Each key that the schemas know is on the page."""
    for key in schema().fields:
        assert re.search(rf"`{prefix}{key}[.`]", PAGE), key


def test_every_period_is_documented():
    """The periods of limits are named."""
    assert all(f"`{period}`" in PAGE for period in FeaturePeriod)
