"""The JSON Schemas for editors never refuse what the compiler takes: documents with changes, and single values."""

import copy
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from marshmallow import ValidationError

from minorguard.policy import fields as plain
from minorguard.policy import section_fields as section
from minorguard.policy.findings import Report
from minorguard.policy.json_shapes import SHAPES
from minorguard.policy.json_writer import Writer
from minorguard.policy.schema import MayExtend, PolicySchema, load, nested
from minorguard.policy.schema_base import DocumentSchema
from minorguard.policy.schema_time import SpanSchema
from tests.policy.test_json_schema import GOOD, POLICY, read, told


def parts(data, path=()):
    """Every part of a document, by the kind of place that it stands at."""
    yield path, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from parts(value, (*path, "*" if path and path[-1] in FREE else key))
    elif isinstance(data, list):
        for value in data:
            yield from parts(value, (*path, "*"))


FREE = {"bands", "activities", "per_activity", "limit", "text", "at_most", "at_least"}
KIND = defaultdict(list)
for _text in GOOD.values():
    for _place, _value in parts(read(_text)):
        KIND[_place].append(_value)
ODD = st.sampled_from(
    ["0m", "00m", "1h0m0s", "24h", "8784h", " 22:00 - 06:00 ", "00:00-24:00", "20 / day", "0001/week", "0/day", "050%",
     "5 %", "-0", "-0.00", "50.505", 0, -0.0, 1e3, 7, 0.5, True, False, None, "all", "product", "none", "0+", "18+",
     "x", "X.y_z:0-1", "0-18", [], {}, ["all"], ["quota"], {"fri": "1m"}, {"use": "x"}, {"span": "01:00-02:00"}]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_it_never_refuses_what_the_compiler_takes(data):
    """Good documents with parts taken out, exchanged, put in, or oddly spelt: what can be read fits the schema."""
    document = read(data.draw(st.sampled_from(list(GOOD.values()))))
    for _ in range(data.draw(st.integers(1, 3))):
        change(document, data)
    if load(PolicySchema(), document, Report("<text>")) is not None:
        assert told(POLICY, document) == []


def change(document, data):
    """Change one place of a document."""
    places = [(holder, key, place) for holder, key, place in spots(document) if len(place) > 1 or place[0] != "policy"]
    if not places:
        return
    holder, key, place = data.draw(st.sampled_from(places))
    other = st.sampled_from(KIND[place]) if place in KIND else ODD
    match data.draw(st.sampled_from(["take out", "exchange", "odd", "put in"])):
        case "take out":
            del holder[key]
        case "exchange":
            holder[key] = copy.deepcopy(data.draw(other))
        case "odd":
            holder[key] = copy.deepcopy(data.draw(ODD))
        case _ if isinstance(holder, dict):
            beside = sorted({found for found in KIND if found and found[:-1] == place[:-1] and found[-1] != "*"})
            added = data.draw(st.sampled_from(beside or [place]))
            name = added[-1] if added[-1] != "*" else key
            holder[name] = copy.deepcopy(data.draw(st.sampled_from(KIND.get(added, [holder[key]]))))
        case _:
            holder.append(copy.deepcopy(holder[key]))


def spots(data, path=()):
    """Each place of a document that can be changed: what holds it, its key there, and what kind of place it is."""
    keys = list(data) if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        place = (*path, "*" if isinstance(data, list) or (path and path[-1] in FREE) else key)
        yield data, key, place
        yield from spots(data[key], place)


FIELDS = [
    plain.Text(),
    plain.PolicyId(),
    plain.Name(),
    plain.Word(("all", "x")),
    plain.DayWord("otherwise"),
    plain.Flag(),
    plain.Duration(),
    plain.Duration(least=1),
    plain.Clock(),
    plain.SpanText(),
    plain.SpanEntry(nested(SpanSchema)),
    plain.Exemption(("quota", "all")),
    plain.Sections(("time",)),
    plain.DayTable(),
    plain.Extended(nested(DocumentSchema)),
    plain.UseLimit(),
    plain.UseLimit(least=0),
    plain.Band(),
    plain.Day(),
    section.Currency(),
    section.Money(),
    section.Rating(),
    section.Percent(),
    section.Count(0, 5),
    MayExtend(),
    plain.Table(keys=plain.Name(), values=plain.Flag()),
    plain.Table(keys=plain.Band(), values=plain.Flag()),
    plain.Table(keys=plain.DayWord(), values=plain.Flag()),
    plain.Entries(plain.Flag()),
    plain.Entries(plain.Flag(), empty=False),
]
PIECES = st.sampled_from(
    ["0", "1", "2", "5", "12", "16", "18", "24", "59", "100", "2026", "h", "m", "s", ":", "-", "/", "%", "+", ".", " ",
     "\t", "day", "week", "sitting", "fri", "all", "product", "CNY", "a", "_", "22:00", "06:00", "e"]
)  # fmt: skip
WRITTEN = st.one_of(
    st.lists(PIECES, max_size=7).map("".join),
    st.integers(-2, 20),
    st.floats(-1, 1e12),
    st.booleans(),
    ODD,
)


def test_every_class_of_fields_is_tried():
    """The next test leaves no field out."""
    assert {type(field) for field in FIELDS} == set(SHAPES)


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
        assert told(validator, value) == []

    tried()
