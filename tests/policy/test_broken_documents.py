# ruff: noqa: E501  # the table reads best with one document a row
"""Broken documents: each is refused with a code, a place and a pointer, and never with a traceback."""

import pytest

from minorguard.errors import PolicyInvalid
from minorguard.policy import check_policy, compile_policy

HEAD = "policy: p\ntimezone: Asia/Shanghai\n"
IN_TIME = HEAD + "bands:\n  0-18:\n    time:\n"
IN_FEATURES = HEAD + "bands:\n  0-18:\n    features:\n"

IN_BAND = HEAD + "bands:\n  0-18:\n"

BROKEN = [
    ("an empty text", "", "yaml.empty", 0, 0, ""),
    ("a list at the top", "- a\n", "yaml.shape", 1, 1, ""),
    ("a word at the top", "policy\n", "yaml.shape", 1, 1, ""),
    ("a tab as indent", "bands:\n\t0-18: {}\n", "yaml.syntax", 2, 1, ""),
    ("an open quote", "policy: 'x\n", "yaml.syntax", 2, 1, ""),
    ("a control character", "policy: \x01\n", "yaml.syntax", 1, 9, ""),
    ("two documents", "policy: p\n---\npolicy: q\n", "yaml.many_documents", 2, 1, ""),
    ("an anchor", "policy: &a p\n", "yaml.alias", 1, 9, ""),
    ("an alias", "policy: *a\n", "yaml.alias", 1, 9, ""),
    ("a tag", "policy: !!python/object:os.system x\n", "yaml.tag", 1, 9, ""),
    ("a merge key", HEAD + "<<: {slice: 60s}\n", "key.unknown", 3, 1, "/<<"),
    ("a mapping as key", "{a: 1}: 2\n", "yaml.key", 1, 1, ""),
    ("no key", HEAD + ": 2\n", "yaml.key", 3, 1, "/"),
    ("deep nesting", "a: " + "[" * 30 + "]" * 30, "yaml.too_deep", 1, 27, "/a" + "/0" * 22),
    ("a bomb of brackets", "a: " + "[" * 100_000, "yaml.too_deep", 0, 0, ""),
    ("ten mebibytes of one key", "policy: " + "x" * (10 << 20), "yaml.too_large", 0, 0, ""),
    ("a zero byte", "policy: p\x00\n", "yaml.syntax", 1, 10, ""),
    ("more than a mebibyte", "#" * ((1 << 20) + 1), "yaml.too_large", 0, 0, ""),
    ("a key twice", HEAD + "policy: q\n", "key.duplicate", 3, 1, "/policy"),
    ("a band twice", HEAD + "bands:\n  0-18: {}\n  0-18: {}\n", "key.duplicate", 5, 3, "/bands/0-18"),
    ("no id", "timezone: Asia/Shanghai\nbands: {0-18: {}}\n", "key.missing", 1, 1, "/policy"),
    ("a number as id", "policy: 7\ntimezone: UTC\n", "value.text", 1, 9, "/policy"),
    ("a zero byte that is escaped", HEAD + 'title: {zh: "a\\0b"}\n', "value.text", 3, 13, "/title/zh"),
    ("half a surrogate that is escaped", HEAD + 'title: {zh: "\\ud800"}\n', "value.text", 3, 13, "/title/zh"),
    ("a mark that turns text around", HEAD + "title: {en: a\u202eb}\n", "value.text", 3, 13, "/title/en"),
    ("a title that is too long", HEAD + f"title: {{en: {'x' * 201}}}\n", "value.text", 3, 13, "/title/en"),
    ("a bad id", "policy: a b\ntimezone: UTC\n", "name.bad", 1, 9, "/policy"),
    ("a misspelt key", HEAD + "extnds: []\n", "key.unknown", 3, 1, "/extnds"),
    ("a section outside a band", HEAD + "spending: {}\n", "key.unknown", 3, 1, "/spending"),
    ("a feature asked for and allowed", IN_FEATURES + "      ask: [dm]\n      allow: [dm]\n", "feature.contradiction", 6, 13, "/bands/0-18/features/ask/0"),
    ("a null", HEAD + "calendar:\n", "value.null", 3, 1, "/calendar"),
    ("an unknown zone", "policy: p\ntimezone: Asia/Shangai\nbands: {0-18: {}}\n", "timezone.unknown", 2, 11, "/timezone"),
    ("a zone with dots", "policy: p\ntimezone: ../etc\nbands: {0-18: {}}\n", "timezone.unknown", 2, 11, "/timezone"),
    ("an unknown calendar", HEAD + "calendar: cn\nbands: {0-18: {}}\n", "calendar.unknown", 3, 11, "/calendar"),
    ("an unknown preset", HEAD + "extends: [cn-game-2012]\n", "preset.unknown", 3, 11, "/extends/0"),
    ("no bands, no presets", HEAD, "bands.missing", 1, 1, ""),
    ("NO as a flag", HEAD + "hold_birthday: NO\n", "value.flag", 3, 16, "/hold_birthday"),
    ("an unknown enforcement", HEAD + "enforcement: enforced\n", "word.unknown", 3, 14, "/enforcement"),
    ("a slice too short", HEAD + "slice: 1s\n", "duration.range", 3, 8, "/slice"),
    ("a slice too long", HEAD + "slice: 11m\n", "duration.range", 3, 8, "/slice"),
    ("a day that starts at 24:00", HEAD + "day_starts_at: 24:00\n", "time.bad", 3, 16, "/day_starts_at"),
    ("bands that overlap", HEAD + "bands:\n  0-12: {}\n  11-18: {}\n", "band.overlap", 5, 10, "/bands/11-18"),
    ("a band without ages", HEAD + "bands:\n  16-12: {}\n", "band.bad", 4, 3, "/bands/16-12"),
    ("a band with zeros", HEAD + "bands:\n  03-8: {}\n", "band.bad", 4, 3, "/bands/03-8"),
    ("a band of adults", HEAD + "bands:\n  16-21: {}\n", "band.adult", 4, 3, "/bands/16-21"),
    ("bands as a list", HEAD + "bands: [0-18]\n", "value.shape", 3, 8, "/bands"),
    ("a quota without unit", IN_TIME + "      quota: {daily: 40}\n", "duration.unit", 6, 22, "/bands/0-18/time/quota/daily"),
    ("a quoted number", IN_TIME + "      quota: {daily: '40'}\n", "duration.unit", 6, 22, "/bands/0-18/time/quota/daily"),
    ("more spans than anybody means", IN_TIME + f"      curfew: [{', '.join(['22:00-06:00'] * 41)}]\n", "value.many", 6, 15, "/bands/0-18/time/curfew"),
    ("digits of another script", IN_TIME + "      quota: {daily: ４０m}\n", "duration.bad", 6, 22, "/bands/0-18/time/quota/daily"),
    ("a wrong unit", IN_TIME + "      quota: {daily: 40min}\n", "duration.bad", 6, 22, "/bands/0-18/time/quota/daily"),
    ("a negative quota", IN_TIME + "      quota: {daily: -5m}\n", "duration.bad", 6, 22, "/bands/0-18/time/quota/daily"),
    ("an endless quota", IN_TIME + "      quota: {daily: 99999h}\n", "duration.range", 6, 22, "/bands/0-18/time/quota/daily"),
    ("a table with holes", IN_TIME + "      quota: {daily: {weekend: 1h}}\n", "daily.incomplete", 6, 22, "/bands/0-18/time/quota/daily"),
    ("an unknown day", IN_TIME + "      quota: {daily: {fryday: 1h}}\n", "day.unknown", 6, 23, "/bands/0-18/time/quota/daily/fryday"),
    ("a day twice", IN_TIME + "      quota: {daily: {fri: 1h, friday: 2h}}\n", "day.repeated", 6, 22, "/bands/0-18/time/quota/daily"),
    ("an empty table", IN_TIME + "      quota: {daily: {}}\n", "value.empty", 6, 22, "/bands/0-18/time/quota/daily"),
    ("a span of nothing", IN_TIME + "      curfew: [22:00-22:00]\n", "span.empty", 6, 16, "/bands/0-18/time/curfew/0"),
    ("half a span", IN_TIME + "      curfew: ['22:00']\n", "span.bad", 6, 16, "/bands/0-18/time/curfew/0"),
    ("a time out of the day", IN_TIME + "      curfew: [22:00-25:00]\n", "time.bad", 6, 16, "/bands/0-18/time/curfew/0"),
    ("24:00 as opening", IN_TIME + "      curfew: [24:00-06:00]\n", "time.bad", 6, 16, "/bands/0-18/time/curfew/0"),
    ("a span entry without span", IN_TIME + "      curfew: [{days: [fri]}]\n", "key.missing", 6, 16, "/bands/0-18/time/curfew/0/span"),
    ("an unknown day of a span", IN_TIME + "      curfew: [{days: [sturday], span: 22:00-06:00}]\n", "day.unknown", 6, 24, "/bands/0-18/time/curfew/0/days/0"),
    ("no days of a span", IN_TIME + "      curfew: [{days: [], span: 22:00-06:00}]\n", "value.empty", 6, 23, "/bands/0-18/time/curfew/0/days"),
    ("a curfew as text", IN_TIME + "      curfew: 22:00-06:00\n", "value.shape", 6, 15, "/bands/0-18/time/curfew"),
    ("windows without an entry", IN_TIME + "      windows: []\n", "value.empty", 6, 16, "/bands/0-18/time/windows"),
    ("a break without length", IN_TIME + "      sitting: {break_after: 1h}\n", "sitting.break", 6, 16, "/bands/0-18/time/sitting"),
    ("a warning at zero", IN_TIME + "      warn_before: [0m]\n", "duration.range", 6, 21, "/bands/0-18/time/warn_before/0"),
    ("a grace of an hour", IN_TIME + "      grace: 1h\n", "duration.range", 6, 14, "/bands/0-18/time/grace"),
    ("a limit of none", IN_FEATURES + "      limit: {a: 0/day}\n", "limit.range", 6, 18, "/bands/0-18/features/limit/a"),
    ("a limit of too many", IN_FEATURES + "      limit: {a: 1001/day}\n", "limit.range", 6, 18, "/bands/0-18/features/limit/a"),
    ("a limit without period", IN_FEATURES + "      limit: {a: 5}\n", "limit.bad", 6, 18, "/bands/0-18/features/limit/a"),
    ("a limit by dya", IN_FEATURES + "      limit: {a: 5/dya}\n", "limit.bad", 6, 18, "/bands/0-18/features/limit/a"),
    ("a feature with a space", IN_FEATURES + "      allow: ['a b']\n", "name.bad", 6, 15, "/bands/0-18/features/allow/0"),
    ("a feature allowed and denied", IN_FEATURES + "      allow: [a]\n      deny: [a]\n", "feature.contradiction", 7, 14, "/bands/0-18/features/deny/0"),
    ("a feature denied and limited", IN_FEATURES + "      deny: [a]\n      limit: {a: 1/day}\n", "feature.contradiction", 7, 18, "/bands/0-18/features/limit/a"),
    ("an exemption from nothing known", HEAD + "activities: {a: {exempt: [quotas]}}\n", "kind.unknown", 3, 27, "/activities/a/exempt/0"),
    ("asking as default", IN_FEATURES + "      default: ask\n", "word.unknown", 6, 16, "/bands/0-18/features/default"),
    ("an unknown currency", IN_BAND + "    spending: {currency: RMB, per_day: 5}\n", "currency.unknown", 5, 26, "/bands/0-18/spending/currency"),
    ("spending without currency", IN_BAND + "    spending: {per_day: 5}\n", "key.missing", 5, 15, "/bands/0-18/spending/currency"),
    ("a negative amount", IN_BAND + "    spending: {currency: CNY, per_day: -5}\n", "money.range", 5, 40, "/bands/0-18/spending/per_day"),
    ("an amount too large", IN_BAND + "    spending: {currency: CNY, per_day: 1000000001}\n", "money.range", 5, 40, "/bands/0-18/spending/per_day"),
    ("half a fen", IN_BAND + "    spending: {currency: CNY, per_day: 5.005}\n", "money.decimals", 5, 40, "/bands/0-18/spending/per_day"),
    ("half a yen", IN_BAND + "    spending: {currency: JPY, per_day: '5.5'}\n", "money.decimals", 5, 40, "/bands/0-18/spending/per_day"),
    ("an amount with its currency", IN_BAND + "    spending: {currency: CNY, per_day: 5元}\n", "money.bad", 5, 40, "/bands/0-18/spending/per_day"),
    ("an amount with a comma", IN_BAND + "    spending: {currency: EUR, per_day: '5,00'}\n", "money.bad", 5, 40, "/bands/0-18/spending/per_day"),
    ("a flag as amount", IN_BAND + "    spending: {currency: CNY, per_day: true}\n", "money.bad", 5, 40, "/bands/0-18/spending/per_day"),
    ("spending of no activity", IN_BAND + "    spending: {currency: CNY, per_day: 5, only: []}\n", "value.empty", 5, 49, "/bands/0-18/spending/only"),
    ("a rating without plus", IN_BAND + "    content: {max_rating: 12}\n", "rating.bad", 5, 27, "/bands/0-18/content/max_rating"),
    ("a rating of adults", IN_BAND + "    content: {max_rating: 21+}\n", "rating.bad", 5, 27, "/bands/0-18/content/max_rating"),
    ("an unknown action", IN_BAND + "    content: {text: {ads: hide}}\n", "word.unknown", 5, 27, "/bands/0-18/content/text/ads"),
    ("a category twice", IN_BAND + "    content: {text: {ads: mask, ads: block}}\n", "key.duplicate", 5, 33, "/bands/0-18/content/text/ads"),
    ("a surface that is not declared", HEAD + "surfaces: [feed]\nbands:\n  0-18:\n    content: {surfaces: [feeds], block: [a]}\n", "surface.unknown", 6, 26, "/bands/0-18/content/surfaces/0"),
    ("NO as a flag of a section", IN_BAND + "    recommendations: {personalised: NO}\n", "value.flag", 5, 37, "/bands/0-18/recommendations/personalised"),
    ("a share without per cent", IN_BAND + "    recommendations: {at_most: {a: 40}}\n", "percent.bad", 5, 36, "/bands/0-18/recommendations/at_most/a"),
    ("more than all", IN_BAND + "    recommendations: {at_most: {a: 101%}}\n", "percent.range", 5, 36, "/bands/0-18/recommendations/at_most/a"),
    ("shares of more than all", IN_BAND + "    recommendations: {at_least: {a: 60%, b: 50%}}\n", "percent.sum", 5, 33, "/bands/0-18/recommendations/at_least"),
    ("at least more than at most", IN_BAND + "    recommendations: {at_most: {a: 10%}, at_least: {a.b: 20%}}\n", "topic.contradiction", 5, 58, "/bands/0-18/recommendations/at_least/a.b"),
    ("at least some of what is blocked", IN_BAND + "    recommendations: {block: [a], at_least: {a.b: 20%}}\n", "topic.contradiction", 5, 51, "/bands/0-18/recommendations/at_least/a.b"),
    ("half an author", IN_BAND + "    recommendations: {per_author: {max: 0.5, within: 10}}\n", "number.bad", 5, 41, "/bands/0-18/recommendations/per_author/max"),
    ("a window of none", IN_BAND + "    recommendations: {per_author: {max: 0, within: 0}}\n", "number.range", 5, 52, "/bands/0-18/recommendations/per_author/within"),
    ("notifications by sitting", IN_BAND + "    notifications: {at_most: 3/sitting}\n", "limit.bad", 5, 30, "/bands/0-18/notifications/at_most"),
    ("quiet all day long", IN_BAND + "    notifications: {quiet: [22:00-22:00]}\n", "span.empty", 5, 29, "/bands/0-18/notifications/quiet/0"),
    ("an unknown section to tighten", HEAD + "guardian: {may_tighten: [times]}\n", "section.unknown", 3, 26, "/guardian/may_tighten/0"),
    ("a section as a word", HEAD + "guardian: {may_tighten: time}\n", "section.unknown", 3, 25, "/guardian/may_tighten"),
    ("an unknown way out", HEAD + "guardian: {exit_mode: anyone}\n", "word.unknown", 3, 23, "/guardian/exit_mode"),
    ("a strength that is never off", HEAD + "extends: [{use: cn-live-2022, switch_on: [law]}]\n", "strength.unknown", 3, 43, "/extends/0/switch_on/0"),
    ("switching on without what", HEAD + "extends: [{switch_on: [planned]}]\n", "key.missing", 3, 11, "/extends/0/use"),
    ("a policy that extends itself", HEAD + "extends: [p]\n", "extends.cycle", 3, 11, "/extends/0"),
    ("an exemption as a word", HEAD + "activities: {a: {exempt: quota}}\n", "kind.unknown", 3, 26, "/activities/a/exempt"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "line", "column", "pointer"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN]
)
def test_a_broken_document_is_refused_at_its_place(text, code, line, column, pointer):
    """The error has the expected code, line, column and pointer, and the policy does not compile."""
    policy, findings = check_policy(text, "f.yaml")
    assert policy is None
    errors = {(found.code, found.line, found.column, found.pointer) for found in findings if found.severity == "error"}
    assert (code, line, column, pointer) in errors
    with pytest.raises(PolicyInvalid) as caught:
        compile_policy(text, "f.yaml")
    assert findings == caught.value.findings


@pytest.mark.parametrize("text", [row[1] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_messages_keep_the_rules_of_prose(text):
    """Messages are lower case, have no final stop, and name no type of the program."""
    for finding in check_policy(text)[1]:
        assert finding.message == finding.message.strip().rstrip(".")
        assert finding.message[0] == "`" or finding.message[0].islower() or not finding.message[0].isalpha()
        assert not {"str", "int", "dict", "NoneType", "None"} & set(finding.message.split())
        assert "\n" not in finding.message


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("extnds: []\n", "extends"),
        ("calendar: cn\nbands: {0-18: {}}\n", "CN"),
        ("extends: [cn-minor-mode]\n", "cn-minor-mode-2024"),
        ("bands: {0-18: {time: {curfw: []}}}\n", "curfew"),
        ("bands: {0-18: {time: {curfew: [{days: [sturday], span: 22:00-06:00}]}}}\n", "saturday"),
        ("bands: {0-18: {features: {limit: {a: 2/dya}}}}\n", "day"),
        ("activities: {a: {exempt: [curfews]}}\n", "curfew"),
        ("enforcement: observed\n", "observe"),
        ("week_starts_on: mondey\n", "monday"),
        ("bands: {0-18: {spending: {currency: RMB}}}\n", "CNY"),
        ("bands: {0-18: {spending: {currency: cny}}}\n", "CNY"),
        ("bands: {0-18: {content: {max_rating: 12}}}\n", "12+"),
        ("surfaces: [feed]\nbands: {0-18: {content: {surfaces: [feeds]}}}\n", "feed"),
        ("guardian: {may_tighten: [spendings]}\n", "spending"),
        ("bands: {0-18: {recomendations: {}}}\n", "recommendations"),
    ],
)
def test_the_likely_word_is_offered(text, word):
    """A misspelt word comes with the one that was probably meant."""
    assert word in {found.suggestion for found in check_policy(HEAD + text)[1]}


def test_all_errors_of_a_document_come_at_once():
    """Errors in different places of one document are told together, in the order of the text."""
    text = IN_TIME + "      quota: {daily: 5}\n      curfew: [5]\n    extra: 1\nslice: x\n"
    codes = [finding.code for finding in check_policy(text)[1]]
    assert codes == ["duration.unit", "span.bad", "key.unknown", "duration.bad"]


def test_many_warnings_never_hide_an_error():
    """Findings are capped by kind, so that an error after hundreds of warnings still refuses the document."""
    repeated = ", ".join(["a"] * 500)
    policy, findings = check_policy(IN_FEATURES + f"      allow: [{repeated}]\n      deny: [a]\n")
    assert policy is None
    assert "feature.contradiction" in {found.code for found in findings}
    assert len(findings) <= 400


def test_a_document_of_too_many_values_is_refused_early():
    """Hundreds of thousands of short entries are one finding, soon."""
    (finding,) = check_policy("policy: [" + "a," * 400_000 + "]")[1]
    assert finding.code == "yaml.too_large"
