"""The JSON Schema of policy tests: true to what reads them, complete, and the one that ships."""

import copy
from importlib.resources import files

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import ValidationError

from minorguard.policy.document import read_mapping
from minorguard.policy.findings import Report
from minorguard.policy.json_schema import as_text
from minorguard.policy.json_writer import Writer
from minorguard.simulate import suite_fields as suite
from minorguard.simulate.suite_json_schema import EXTRAS, TEST_FILE, suite_schema
from minorguard.simulate.suite_json_shapes import SHAPES
from minorguard.simulate.suite_schema import SuiteSchema

TEMPLATE = files("minorguard.cli").joinpath("templates", "short-video.mgtest.yaml").read_text("utf-8")
EVERYTHING = """\
policy: short-video
clock: 2026-11-24 16:00
terms:
  - {term: 加微信, category: ads, action: block}
subjects:
  kid: {age: 13, guardian: {time: {quota: {daily: 20m}}, approve: [direct_message]}}
  born: {born: 2013-05-01, mode: off}
  band: {band: 12-16}
tests:
  - name: a day
    subject: kid
    clock: 2026-11-24
    steps:
      - {at: "16:00", open: tablet, activity: video, session: s1, expect: allow}
      - {beat: tablet, every: 30s, until: "16:20", drop: ["16:05"], duplicate: [+30s], late: ["16:10:30"]}
      - {at: ["17:00", "18:00"], day: next, ask: {feature: comment, amount: 2}, device: tablet, expect: [allow, deny]}
      - {at: +1h30m, ask: {purchase: 6.00, currency: CNY}, expect: {effect: deny, reason: feature.denied}}
      - {ask: {text: 你好, surface: comments}}
      - {ask: {item: clip, surface: feed, labels: [violence], ratings: [12+], pools: [youth]}}
      - {use: comment, times: 3, amount: 1, id: u1}
      - {grant: 30m, id: g1, activity: video, on: 2026-11-25}
      - {offline: {device: phone, from: "12:00", to: 2026-11-24 12:30, activity: game}}
      - {offline: [{device: phone, from: "12:00", to: "12:30"}]}
      - {purchase: "6.00", currency: CNY, activity: game, id: p1}
      - {notify: true, times: 2, id: n1}
      - {end: tablet}
      - {day: holiday}
      - at: 2026-12-01 09:00:30
        expect:
          effect: limited
          observed: allow
          reasons: [sitting.break, curfew.closed]
          rule: /bands/12-16/time/curfew
          document: short-video
          layer: product
          source: Art. 1
          remaining:
            {day: 0m, sitting: 5m, uses: 0, notifications: 3, spend_purchase: 1, spend_day: 5, spend_month: "0.50"}
          charged: {video: 30m}
          until: "22:00"
          retry_at: never
          lease_until: "21:00"
          obligations: [finish]
          advice: []
  - {name: ages, ages: [8, 13], steps: [{ask: notification, expect: {charged: 30m}}, {ask: time}]}
"""
GOOD = {"template": TEMPLATE, "everything": EVERYTHING}
SCHEMA = suite_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def read(text):
    data = read_mapping(text, Report("<text>"))
    assert data is not None
    return data


def fits(data):
    """Whether what reads tests takes a document's shape."""
    try:
        SuiteSchema().load(data)
    except ValidationError:
        return False
    return True


def told(data):
    return [f"/{'/'.join(map(str, error.path))}: {error.message}" for error in VALIDATOR.iter_errors(data)]


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_good_tests_fit(text):
    """Whatever can be run, an editor takes; the second document uses every key that there is."""
    assert (fits(read(text)), told(read(text))) == (True, [])


def test_every_key_is_tried():
    """The second document leaves no key of the tests' own out."""

    def keys(data):
        if isinstance(data, dict):
            return set(data).union(*(keys(value) for value in data.values()))
        return set().union(*(keys(value) for value in data)) if isinstance(data, list) else set()

    own = {key for schema in EXTRAS if "simulate" in schema.__module__ for key in schema().fields}
    assert own - keys(read(EVERYTHING)) <= {"week", "month", "time_left"}


def test_it_is_a_schema_and_the_one_that_ships():
    """What is generated is a JSON Schema of draft 2020-12, and nobody forgot to write its file anew."""
    Draft202012Validator.check_schema(SCHEMA)
    shipped = files("minorguard.simulate").joinpath(TEST_FILE).read_text("utf-8")
    hint = "write it anew: `minorguard schema test --output minorguard/simulate/mgtest.schema.json`"
    assert shipped == as_text(SCHEMA), hint


WRONG = {
    "no tests": {"tests": []},
    "a clock without a date": {"clock": "16:00"},
    "a word that is no time": {"clock": "never"},
    "an unknown key": {"test": []},
    "nobody": {"tests": [{"name": "x", "steps": [{"ask": "time"}]}]},
    "two of somebody": {"tests": [{"name": "x", "subject": "kid", "ages": [3], "steps": [{"ask": "time"}]}]},
    "an age in words": {"subjects": {"kid": {"age": "thirteen"}}},
    "two ages": {"subjects": {"kid": {"age": 13, "band": "12-16"}}},
    "a bad guardian": {"subjects": {"kid": {"guardian": []}}},
}
STEPS = [
    {"at": "16:00"},
    {"ask": "age"},
    {"ask": {"amount": 2}},
    {"ask": "time", "open": "tablet"},
    {"ask": "time", "expect": "maybe"},
    {"ask": "time", "expect": {}},
    {"ask": "time", "expect": []},
    {"ask": "time", "expect": {"reason": "no.such"}},
    {"ask": "time", "at": "25:00"},
    {"ask": "time", "at": "+0m"},
    {"day": "someday"},
    {"use": "comment", "times": 0},
    {"grant": "0m"},
    {"offline": {"device": "phone", "from": "+1m", "to": "12:00"}},
    {"offline": []},
    {"purchase": "six"},
]


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_wrong_documents_are_marked(change):
    """An editor marks what has the wrong shape, and so does what reads tests."""
    data = read(EVERYTHING) | change
    assert (fits(data), told(data) == []) == (False, False)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_wrong_steps_are_marked(step):
    """A step of the wrong shape is marked, whatever its kind."""
    data = read(EVERYTHING)
    data["tests"][0]["steps"] = [step]
    assert (fits(data), told(data) == []) == (False, False)


ODD = st.sampled_from(
    ["16:00", "16:00:30", "2026-11-24 16:00", "2026-11-24", "+30m", "never", "24:00", "next", "fri", "holiday", "time",
     "allow", "curfew.closed", "kid", "0m", "-0.00", "CNY", 0, 1, 1_000, 99, 2.5, True, None, [], {}, ["16:00"],
     {"feature": "x"}, {"purchase": 1}, {"effect": "deny"}, ["allow", {"layer": "law"}], {"video": "1m"}, {"age": 3}]
)  # fmt: skip
KEYS = st.sampled_from(sorted({key for schema in EXTRAS if "simulate" in schema.__module__ for key in schema().fields}))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_it_never_refuses_what_can_be_read(data):
    """Good tests with parts taken out, put in, or oddly spelt: what can be read fits the schema."""
    document = read(data.draw(st.sampled_from(list(GOOD.values()))))
    for _ in range(data.draw(st.integers(1, 2))):
        holder, key = data.draw(st.sampled_from(list(spots(document)) or [(document, "policy")]))
        match data.draw(st.sampled_from(["take out", "odd", "put in"])):
            case "take out":
                del holder[key]
            case "put in" if isinstance(holder, dict):
                holder[data.draw(KEYS)] = copy.deepcopy(data.draw(ODD))
            case _:
                holder[key] = copy.deepcopy(data.draw(ODD))
    if fits(document):
        assert told(document) == []


def spots(data):
    """Each place of a document that can be changed, apart from a guardian's settings."""
    keys = list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        if key != "guardian":
            yield data, key
            yield from spots(data[key])


FIELDS = [
    suite.MomentField(),
    suite.MomentField(never=True),
    suite.MomentField(dated=True),
    suite.MomentField(relative=False),
    suite.Moments(),
    suite.NextDay(),
    suite.Age(),
    suite.Count(),
    suite.Number(),
    suite.Amount(),
    suite.Charged(),
    suite.OneOrMore(suite.Age()),
]
PIECES = st.sampled_from(
    ["2026-11-24", "16", "00", "30", "59", "60", ":", " ", "T", "+", "h", "m", "s", "1", "0", "fri"]
)
WRITTEN = st.lists(PIECES, max_size=7).map("".join) | ODD


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: type(field).__name__)
def test_a_field_fits_wherever_it_reads(field):
    """Whatever a single field reads, its schema takes."""
    writer = Writer(SHAPES, {})
    schema = writer.field(field)
    validator = Draft202012Validator(schema | {"$defs": writer.definitions})

    @settings(max_examples=150, deadline=None, database=None)
    @given(WRITTEN | st.lists(WRITTEN, max_size=2) | st.dictionaries(PIECES, WRITTEN, max_size=2))
    def tried(value):
        try:
            field.deserialize(value)
        except ValidationError:
            return
        assert list(validator.iter_errors(value)) == []

    tried()


def test_nothing_is_said_of_keys_that_are_not_there():
    """A description of a key that was taken away or renamed does not outlive it."""
    stale = [
        (schema.__name__, key)
        for schema, extra in EXTRAS.items()
        for key in {*extra.about, *extra.defaults, *extra.examples}
        - {f.data_key or n for n, f in schema().fields.items()}
    ]
    assert stale == []


def test_every_key_is_explained():
    """Hovering over any key shows a sentence."""
    bare = [
        f"{name}/{key}"
        for name, definition in {"": SCHEMA, **SCHEMA["$defs"]}.items()
        for key, inner in definition.get("properties", {}).items()
        if name != "days" and not (inner.get("description") and inner.get("markdownDescription"))
    ]
    assert bare == []
