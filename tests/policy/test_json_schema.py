"""The JSON Schemas for editors: true to the compiler, complete, and the ones that ship."""

import copy
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from minorguard.policy import builtin_calendars, builtin_presets, compile_policy
from minorguard.policy import fields as plain
from minorguard.policy.document import read_mapping
from minorguard.policy.findings import Report
from minorguard.policy.json_schema import EXTRAS, POLICY_FILE, as_text, policy_schema, preset_schema
from minorguard.policy.json_shapes import SHAPES
from minorguard.policy.json_writer import Writer
from minorguard.policy.schema import PolicySchema, PresetSchema, load

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
REFERENCE = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "policy-reference.md").read_text("utf-8"), re.DOTALL)[0]
TEMPLATE = (ROOT / "minorguard" / "cli" / "templates" / "short-video.yaml").read_text("utf-8")
PRESETS = {
    entry.name: entry.read_text("utf-8")
    for entry in files("minorguard.policy").joinpath("presets").iterdir()
    if entry.name.endswith(".yaml")
}
POLICY, PRESET = Draft202012Validator(policy_schema()), Draft202012Validator(preset_schema())
EVERY = [
    (kind, Draft202012Validator(schema())) for kind, schema in (("policy", policy_schema), ("preset", preset_schema))
]
SHAPE = re.compile(
    r"^# error (?:key\.(?:unknown|missing)|value\.\w+|(?:word|kind|day|section|strength|currency)\.unknown"
    r"|duration\.unit|(?:duration|time|span|limit|name|rating|percent|number|money)\.bad"
    r"|(?:limit|percent|number)\.range) ",
    re.MULTILINE,
)
"""A finding of the corpus that says of one place that its shape is wrong."""
MISSHAPEN = {
    path.stem: text
    for path, text in ((path, path.read_text("utf-8")) for path in sorted((CORPUS / "broken").glob("*.yaml")))
    if SHAPE.search(text) and "\n# reads: " not in text
}


def read(text):
    """The document of a text."""
    data = read_mapping(text, Report("<text>"))
    assert data is not None
    return data


def told(validator, data):
    """What a schema has against a document."""
    return [f"/{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(data)]


def good_documents():
    """Policies without a finding, by name: those of the docs, of `init`, and of the corpus."""
    texts = {"reference": REFERENCE, "template": TEMPLATE}
    return texts | {path.stem: path.read_text("utf-8") for path in sorted((CORPUS / "good").glob("*.yaml"))}


GOOD = good_documents()


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_good_policies_fit(text):
    """Whatever the compiler takes without a word, an editor takes, too."""
    assert told(POLICY, read(text)) == []


@pytest.mark.parametrize("text", PRESETS.values(), ids=PRESETS)
def test_presets_fit(text):
    """Every preset that ships fits the schema of presets."""
    assert told(PRESET, read(text)) == []


@pytest.mark.parametrize("kind", ["policy", "preset"])
def test_it_is_a_schema(kind):
    """What is generated is a JSON Schema of draft 2020-12."""
    Draft202012Validator.check_schema(dict(EVERY)[kind].schema)


def test_the_file_that_ships_is_the_one_that_is_made():
    """Nobody forgot to write the file anew."""
    shipped = files("minorguard.policy").joinpath(POLICY_FILE).read_text("utf-8")
    hint = "write it anew: `minorguard schema --output minorguard/policy/policy.schema.json`"
    assert shipped == as_text(policy_schema()), hint


def bare(**more):
    return {"policy": "p", "timezone": "UTC", **more}


def band(**sections):
    return bare(bands={"12-16": sections})


@pytest.mark.parametrize(
    "data",
    [
        {"policy": "p"},
        bare(titel={}),
        bare(policy=5),
        bare(policy="a b"),
        bare(enforcement="maybe"),
        bare(hold_birthday="yes"),
        bare(day_starts_at="24:00"),
        bare(slice=60),
        bare(slice="0s"),
        bare(extends="cn-live-2022"),
        bare(extends=[{"switch_on": ["planned"]}]),
        bare(extends=[{"use": "x", "switch_on": ["law"]}]),
        bare(surfaces=[]),
        bare(activities={"study": {"exempt": ["sleep"]}}),
        bare(activities=None),
        bare(bands={"12-20": {}}),
        bare(bands={"12–16": {}}),
        bare(guardian={"may_tighten": "time"}),
        bare(guardian={"exit_mode": "anyone"}),
        band(time={"quota": {"daily": 40}}),
        band(time={"quota": {"daily": {}}}),
        band(time={"quota": {"daily": {"frieday": "40m"}}}),
        band(time={"quota": {"weekly": "5 h"}}),
        band(time={"curfew": "22:00-06:00"}),
        band(time={"curfew": ["22:00"]}),
        band(time={"curfew": [{"days": ["fri"]}]}),
        band(time={"windows": []}),
        band(time={"sitting": {"break_after": "0m"}}),
        band(features={"default": "ask"}),
        band(features={"limit": {"comment": "0/day"}}),
        band(features={"limit": {"comment": "20/year"}}),
        band(features={"limit": {"comment": "1001/day"}}),
        band(features={"allow": ["gift send"]}),
        band(spending={"per_day": 5}),
        band(spending={"currency": "RMB"}),
        band(spending={"currency": "CNY", "per_day": -1}),
        band(spending={"currency": "CNY", "per_day": "5,00"}),
        band(content={"max_rating": "19+"}),
        band(content={"text": {"fraud": "delete"}}),
        band(recommendations={"at_most": {"fun": "101%"}}),
        band(recommendations={"per_author": {"max": 2}}),
        band(recommendations={"per_author": {"max": 2, "within": 0}}),
        band(recommendations={"items_per_sitting": 100_001}),
        band(notifications={"at_most": "3/sitting"}),
        band(sleep={}),
    ],
    ids=lambda data: json.dumps(data)[:60],
)
def test_wrong_shapes_are_marked(data):
    """An editor marks what has the wrong shape, and so does the compiler."""
    report = Report("<text>")
    assert (load(PolicySchema(), data, report), POLICY.is_valid(data)) == (None, False)


def test_a_rule_of_a_preset_speaks_of_one_thing():
    """Two things in one rule, and none, are both marked."""
    (whole,) = [read(text) for name, text in PRESETS.items() if name == "cn-game-2019.yaml"]
    for change in ({"deny": ["x"], "ask": ["x"]}, {}):
        data = copy.deepcopy(whole)
        rule = next(iter(data["rules"].values()))
        for key in ("time", "deny", "ask", "spending"):
            rule.pop(key, None)
        rule.update(change)
        assert (load(PresetSchema(), data, Report("<text>")), PRESET.is_valid(data)) == (None, False)


def test_a_field_that_nobody_taught_it_is_an_error():
    """A new class of fields cannot be forgotten, not even one that only refines another."""

    class Colour(plain.Word):
        """A colour."""

    with pytest.raises(TypeError, match="`Colour`; add it to the shapes"):
        Writer(SHAPES, EXTRAS).field(Colour(("red",)))


def described(schema, path=""):
    """Every key that a schema names, with its schema."""
    for key, inner in schema.get("properties", {}).items():
        yield f"{path}/{key}", inner
    for name, inner in schema.get("$defs", {}).items():
        if name != "days":
            yield from described(inner, f"{path}/{name}")


@pytest.mark.parametrize("kind", ["policy", "preset"])
def test_every_key_is_explained(kind):
    """Hovering over any key shows a sentence, in Markdown where the editor knows it."""
    bare = [
        place
        for place, inner in described(dict(EVERY)[kind].schema)
        if not (inner.get("description") and inner.get("markdownDescription", "").startswith(inner["description"]))
    ]
    assert bare == []


def test_presets_are_offered():
    """Editors complete the ids of the presets that ship."""
    (choice, *_) = policy_schema()["properties"]["extends"]["items"]["anyOf"]
    assert choice["enum"] == list(builtin_presets())


def test_calendars_are_offered():
    """So are the calendars that ship."""
    assert policy_schema()["properties"]["calendar"]["examples"] == [*builtin_calendars(), "none"]


WHOLE = """\
policy: p
timezone: UTC
{top}
bands:
  0-18:
    time: {{quota: {{daily: 40m{quota}}}, sitting: {{break_after: 25m, break_for: 5m{sitting}}}}}
    features: {{allow: [a]{features}}}
guardian: {{may_extend: {{daily: 30m}}{guardian}}}
"""
PLACES = {"Policy": "top", "Quota": "quota", "Sitting": "sitting", "Features": "features", "Guardian": "guardian"}
DEFAULTS = [
    (schema.__name__.removesuffix("Schema"), key, value)
    for schema, extra in EXTRAS.items()
    for key, value in extra.defaults.items()
]


@pytest.mark.parametrize(("schema", "key", "value"), DEFAULTS, ids=lambda given: str(given))
def test_defaults_are_what_holds_without_them(schema, key, value):
    """Writing a default down changes nothing about what a policy means."""
    written = f"{'' if schema == 'Policy' else ', '}{key}: {json.dumps(value)}"
    without = dict.fromkeys(PLACES.values(), "")
    texts = [WHOLE.format(**without), WHOLE.format(**without | {PLACES[schema]: written})]
    assert compile_policy(texts[0]).digest == compile_policy(texts[1]).digest


def test_examples_are_good():
    """Every example that an editor offers is one that it would take, and none is a mapping."""
    schema = policy_schema()
    definitions = [schema, *schema["$defs"].values()]
    shown = [
        (inner, example)
        for definition in definitions
        for inner in definition.get("properties", {}).values()
        for example in inner.get("examples", [])
    ]
    wrong = [
        example
        for inner, example in shown
        if isinstance(example, dict) or told(Draft202012Validator(inner | {"$defs": schema["$defs"]}), example)
    ]
    assert (wrong, len(shown) > 40) == ([], True)


@pytest.mark.parametrize("text", MISSHAPEN.values(), ids=MISSHAPEN)
def test_the_corpus_is_marked(text):
    """Broken documents whose fault is one of shape are marked by editors, too."""
    assert not POLICY.is_valid(read(text))


def test_the_corpus_has_wrong_shapes():
    """The test before this one has something to look at."""
    assert len(MISSHAPEN) > 25
