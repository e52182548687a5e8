"""The presets that ship, as data: what every rule carries, that each compiles, what `presets` and `describe` give.

What the rules say is tested in the words of each law under `tests/policy/presets`.
"""

from datetime import date

import pytest

from minorguard.errors import NotFound, PolicyInvalid
from minorguard.model.rules import SECTIONS, Layer, QuotaRule, Strength, Verdict
from minorguard.policy import builtin_presets, check_policy, compile_policy, describe, load_preset, presets

SMALL = "policy: p\ntimezone: Asia/Shanghai\ncalendar: CN\n"
IDS = list(builtin_presets())
OFF = {Strength.PLANNED, Strength.ENJOINED}
RULES = [(preset, rule) for preset in builtin_presets().values() for rule in preset.rules]
NAMED = [f"{preset.id}-{rule.id}" for preset, rule in RULES]


@pytest.mark.parametrize(("preset", "rule"), RULES, ids=NAMED)
def test_every_rule_has_its_source_and_evidence(preset, rule):
    """A preset's rule, and all that is made of it, is of the law's layer, with source, article, evidence and day."""
    parts = [part for section in SECTIONS for part in getattr(rule, section)]
    assert parts
    for origin in (rule.origin, *(part.origin for part in parts)):
        assert (origin.layer, origin.document, origin.source.verified_on) == (Layer.LAW, preset.id, "2026-11-24")
        assert origin.rule.startswith(f"/rules/{rule.id}")
        assert origin.source.title
        assert origin.source.article
        assert origin.source.verified in {"primary", "secondary", "weak"}


@pytest.mark.parametrize(("preset", "rule"), RULES, ids=NAMED)
def test_strength_status_and_dates_fit_one_another(preset, rule):
    """What is planned or enjoined says so twice, what is superseded has an end, and nothing ends before it begins."""
    origin = rule.origin
    assert (origin.strength in OFF) == (origin.source.status in {"planned", "enjoined"})
    assert origin.strength not in OFF or origin.strength.value == origin.source.status
    assert (origin.source.status == "superseded") == (origin.effective_to is not None)
    assert (origin.effective_from or date.min) < (origin.effective_to or date.max)


@pytest.mark.parametrize(("preset", "rule"), RULES, ids=NAMED)
def test_who_may_change_a_rule(preset, rule):
    """Defaults are a guardian's, practice is the product's, and all else is nobody's."""
    changeable = {Strength.DEFAULT: ("guardian",), Strength.PRACTICE: ("product",)}
    assert rule.origin.changeable_by == changeable.get(rule.origin.strength, ())


def test_one_weak_report_makes_no_limit_of_use():
    """Rules in force on weak evidence keep content from places, and neither time, money nor features."""
    weak = [rule for _, rule in RULES if rule.origin.source.verified == "weak" and rule.origin.strength not in OFF]
    assert [rule.section for rule in weak] == ["content"]


@pytest.mark.parametrize(
    "preset", ["us-va-sb854", "us-ca-sb976", "us-ny-safe", "uk-under-16-planned", "au-under-16", "in-dpdp-s9"]
)
def test_volatile_rules_say_so(preset):
    """Where courts and parliaments are at work, the note says it first."""
    assert all(rule.note.startswith("volatile; ") for rule in builtin_presets()[preset].rules)


@pytest.mark.parametrize("preset", IDS)
def test_every_preset_says_where_it_is_law(preset):
    """Titles in Chinese and English, a jurisdiction that fits the id, and a calendar where rules speak of holidays."""
    found = builtin_presets()[preset]
    assert set(found.title) == {"zh", "en"}
    codes = {"cn": "CN", "us": "US", "eu": "EU", "uk": "GB", "au": "AU", "vn": "VN", "in": "IN"}
    assert found.jurisdiction.split("-")[0] == codes[preset.split("-")[0]]
    assert (found.calendar == "CN") == (preset in {"cn-game-2019", "cn-game-2021"})


def switched_on(preset):
    strengths = sorted({rule.origin.strength for rule in builtin_presets()[preset].rules} & OFF)
    return f"{{use: {preset}, switch_on: [{', '.join(strengths)}]}}" if strengths else preset


@pytest.mark.parametrize("preset", IDS)
def test_every_preset_compiles_alone_for_its_zone(preset):
    """Extended by itself, everything switched on, a preset has no finding, and every rule of it is somewhere."""
    found = builtin_presets()[preset]
    calendar = f"calendar: {found.calendar}\n" if found.calendar else ""
    policy, findings = check_policy(
        f"policy: p\ntimezone: {found.timezone}\n{calendar}extends: [{switched_on(preset)}]\n"
    )
    assert findings == ()
    parts = {part for band in policy.bands for section in SECTIONS for part in getattr(band, section)}
    origins = {part.origin.rule for part in parts if hasattr(part, "origin")}
    origins |= {rule.origin.rule for band in policy.bands for layer in band.features for rule in layer.rules}
    assert {path.split("/")[2] for path in origins} == {rule.id for rule in found.rules}


@pytest.mark.parametrize("preset", [name for name in IDS if switched_on(name) != name])
def test_planned_and_enjoined_rules_are_off(preset):
    """Extended without switching on, nothing of them is in the policy."""
    found = builtin_presets()[preset]
    text = f"policy: p\ntimezone: {found.timezone}\nextends: [{preset}]\nbands: {{0-18: {{}}}}\n"
    policy, findings = check_policy(text)
    assert [finding.code for finding in findings] == ["preset.off"]
    assert all(getattr(band, section) == () for band in policy.bands for section in SECTIONS)


def test_all_chinese_presets_together_compile_without_a_finding():
    """The presets of one country fit one another."""
    policy, findings = check_policy(SMALL + f"extends: [{', '.join(name for name in IDS if name.startswith('cn-'))}]\n")
    assert policy is not None
    assert findings == ()


def test_all_presets_together_are_warned_of_their_zones_alone():
    """Presets that speak of hours warn in another zone; those that do not, do not."""
    _, findings = check_policy(SMALL + f"extends: [{', '.join(map(switched_on, IDS))}]\n")
    assert {finding.code for finding in findings} == {"timezone.preset"}
    warned = {IDS[int(finding.pointer.split("/")[2])] for finding in findings}
    assert warned == {"us-va-sb854", "us-ca-sb976", "us-ny-safe", "uk-under-16-planned", "vn-decree-147"}


def test_law_is_never_extended():
    """No grant raises a limit of strength law, whatever the product lets."""
    text = SMALL + f"extends: [{', '.join(IDS)}]\nguardian: {{may_extend: {{daily: 1h, per_day: 2h}}}}\n"
    quotas = [rule for band in compile_policy(text).bands for rule in band.time if isinstance(rule, QuotaRule)]
    assert {rule.raise_at_most for rule in quotas if rule.origin.strength is Strength.LAW} == {0}


def test_presets_are_listed():
    """`presets` gives ids and titles."""
    assert set(presets()) == set(IDS)
    assert set(presets()["cn-live-2022"]) == {"zh", "en"}


@pytest.mark.parametrize("preset", IDS)
def test_presets_are_described(preset):
    """`describe` gives every rule in order, with all that is known of it."""
    found, described = builtin_presets()[preset], describe(preset)
    assert (described["preset"], described["title"]) == (preset, dict(found.title))
    assert (described["jurisdiction"], described["timezone"]) == (found.jurisdiction, found.timezone)
    assert described["calendar"] == found.calendar
    for entry, rule in zip(described["rules"], found.rules, strict=True):
        origin = rule.origin
        assert (entry["id"], entry["ages"], entry["section"]) == (rule.id, str(rule.ages), rule.section)
        assert (entry["source"], entry["article"]) == (origin.source.title, origin.source.article)
        assert (entry["status"], entry["strength"]) == (origin.source.status, origin.strength.value)
        assert (entry["verified"], entry["verified_on"]) == (origin.source.verified, "2026-11-24")
        dates = [day and day.isoformat() for day in (origin.effective_from, origin.effective_to)]
        assert [entry["effective_from"], entry["effective_to"]] == dates
        assert (entry["note"], entry["exemptable"]) == (rule.note, sorted(rule.exemptable))
        asked = [feature.feature for feature in rule.features if feature.verdict is Verdict.ASK]
        denied = [feature.feature for feature in rule.features if feature.verdict is Verdict.DENY]
        assert (entry["asked_features"], entry["denied_features"]) == (asked, denied)


def test_an_unknown_preset_is_not_described():
    """A preset that does not ship is not found."""
    with pytest.raises(NotFound):
        describe("cn-game-2012")


@pytest.mark.parametrize(
    ("old", "new", "code", "pointer"),
    [
        ("source: a", "source: b", "preset.source", "/rules/r/source"),
        ("strength: law", "strength: lore", "word.unknown", "/rules/r/strength"),
        ("    article: x\n", "", "key.missing", "/rules/r/article"),
        ("    deny: [f]\n", "", "preset.rule", "/rules/r"),
    ],
)
def test_broken_presets_are_refused(old, new, code, pointer):
    """A rule without a source, or of no kind, is a finding."""
    good = (
        "preset: q\ntitle: {en: Q}\ntimezone: UTC\nsources: {a: {title: A}}\n"
        "rules:\n  r:\n    ages: 0-18\n    source: a\n"
        "    article: x\n    status: in force\n    strength: law\n    verified: primary\n    verified_on: 2026-01-01\n"
        "    deny: [f]\n"
    )
    assert load_preset(good).id == "q"
    with pytest.raises(PolicyInvalid) as caught:
        load_preset(good.replace(old, new), "q.yaml")
    assert [(code, pointer)] == [(found.code, found.pointer) for found in caught.value.findings]


def test_an_enjoined_rule_is_described_and_never_applied():
    """What a court has stopped is data for readers, not a rule."""
    preset = load_preset(
        "preset: va\ntitle: {en: V}\ntimezone: UTC\nsources: {a: {title: A}}\n"
        "rules:\n  r:\n    ages: 0-16\n    source: a\n    article: x\n    status: enjoined\n    strength: enjoined\n"
        "    verified: primary\n    verified_on: 2026-01-01\n"
        "    time: {quota: {daily: 1h}}\n"
    )
    text = "policy: p\ntimezone: UTC\nextends: [va]\nbands: {0-18: {}}\n"
    policy = compile_policy(text, presets={"va": preset})
    assert policy.bands[0].time == ()
