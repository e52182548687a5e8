"""States and small JSON values as bytes.

`fixtures/state-v<schema>-<name>.bin` are blobs as that schema wrote them, for ever; the `.json` beside says what is in
them. A new schema adds fixtures and changes none.
"""

import contextlib
import dataclasses
import json
from datetime import date
from itertools import accumulate
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minorguard.errors import StateCorrupt, StateTooNew
from minorguard.model.age import AgeBand
from minorguard.model.state import (
    DeviceRecord,
    FoldedDay,
    Grant,
    Profile,
    Purchase,
    Sent,
    SessionRecord,
    SubjectState,
    Use,
)
from minorguard.storage import codec
from minorguard.storage.codec import SCHEMA_VERSION, decode, decode_json, encode, encode_json
from minorguard.storage.packing import deflate, inflate

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("state-v*.bin"))

NOON = 1_790_000_000
TYPICAL = SubjectState(
    Profile("app/kid-3f9a2c", "short-video", date(2013, 5, 1)),
    (SessionRecord("app/kid-3f9a2c~Zk3v9QpX1r", "tablet", "video", NOON, NOON + 60, 17),),
    tuple((track, ((NOON - 9000, NOON - 8000), (NOON - 5000, NOON - 10))) for track in (("a", "b"), ("c", "d"))),
    devices=(DeviceRecord("tablet", NOON, 1200),),
)

untimed = settings(deadline=None)

# Strategies

texts = st.text(st.characters(), max_size=20)  # lone surrogates too
instants = st.integers(-(2**40), 2**40)
seconds = st.integers(0, 2**40)
dates = st.dates()
tracks = st.tuples(texts, texts)


@st.composite
def bands(draw):
    low = draw(st.integers(0, 97))
    return AgeBand(low, draw(st.integers(low + 1, 99)))


@st.composite
def intervals(draw):
    steps = draw(st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)), max_size=8))
    edges = list(accumulate((step for pair in steps for step in pair), initial=draw(instants)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@st.composite
def sessions(draw):
    start, grace = draw(instants), draw(st.none() | instants)
    words = draw(texts), draw(texts), draw(texts)
    return SessionRecord(*words, start, start + draw(seconds), draw(st.integers(0)), draw(st.booleans()), grace)


def tuples_of(strategy):
    return st.lists(strategy, max_size=4).map(tuple)


profiles = st.builds(
    Profile,
    texts,
    texts,
    st.none() | dates,
    st.none() | bands(),
    st.booleans(),
    texts,
    st.none() | texts,
    st.none() | st.integers(1),
)
atoms = st.tuples(st.frozensets(tracks, max_size=3), seconds)
states = st.builds(
    SubjectState,
    profiles,
    tuples_of(sessions()),
    tuples_of(st.tuples(tracks, intervals())),
    tuples_of(st.builds(FoldedDay, instants, instants, tuples_of(atoms))),
    tuples_of(st.builds(DeviceRecord, texts, instants, st.none() | seconds, st.none() | instants)),
    tuples_of(st.builds(Use, texts, texts, instants, st.integers())),
    tuples_of(st.builds(Grant, texts, dates, seconds, st.none() | texts, instants)),
    tuples_of(st.builds(Purchase, texts, instants, st.integers(), texts, texts)),
    tuples_of(st.builds(Sent, texts, instants, st.integers())),
    tuples_of(st.builds(Sent, texts, instants, st.integers())),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def framed(payload, format=1):
    """Bytes with the right checksum around any payload."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    head = b"MG" + bytes([format])
    return head + crc32(head + body).to_bytes(4, "big") + body


def packed(first, days=b""):
    """Bytes in the format of states, around any two parts; days that are none are packed as they are."""
    first, days = deflate(first), deflate(days) if days[:1] == b"[" else days
    return framed(len(first).to_bytes(3, "big") + first + days, format=2)


def parts(blob):
    """The JSON of a state, and its packed days."""
    end = 10 + int.from_bytes(blob[7:10], "big")
    return inflate(blob[10:end]), blob[end:]


# Round trips


@untimed
@given(states)
def test_state__encoded_and_decoded__is_the_same(state):
    """Nothing of a state is lost or changed, and equal states give equal bytes."""
    blob = encode(state)
    assert state == decode("k", blob)
    assert blob == encode(decode("k", blob))


def test_fields__are_all_stored():
    """A field that is added to the model must be added to the codec: this list is what version 3 stores."""
    stored = [Profile, SessionRecord, DeviceRecord, FoldedDay, Use, Grant, Purchase, Sent, SubjectState]
    assert {kind.__name__: len(dataclasses.fields(kind)) for kind in stored} == {
        "Profile": 8,
        "SessionRecord": 8,
        "DeviceRecord": 4,
        "FoldedDay": 3,
        "Use": 4,
        "Grant": 5,
        "Purchase": 5,
        "Sent": 3,
        "SubjectState": 10,
    }


def test_typical_state__is_small():
    """A child with one session, two tracks and one device takes a few hundred bytes."""
    assert len(encode(TYPICAL)) < 250


@untimed
@given(texts, json_values)
def test_json__encoded_and_decoded__is_the_same(kind, value):
    """Any JSON value comes back, under the kind that it was given."""
    assert value == decode_json("k", kind, encode_json(kind, value))


@untimed
@given(texts, texts, json_values)
def test_json__asked_for_as_another_kind__is_corrupt(kind, other, value):
    """One kind of value is never taken for another, nor for a state."""
    assume(kind != other)
    blob = encode_json(kind, value)
    with pytest.raises(StateCorrupt):
        decode_json("k", other, blob)
    with pytest.raises(StateCorrupt):
        decode("k", blob)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", {1, 2}])
def test_json__what_is_not_json__is_refused(value):
    """What could not be read back is not written."""
    with pytest.raises((TypeError, ValueError)):
        encode_json("kind", value)


# Damage


def refused(blob):
    """Whether decoding refuses the blob as corrupt or too new; any other exception fails the test."""
    outcomes = []
    for read in (lambda: decode("k", blob), lambda: decode_json("k", "kind", blob)):
        try:
            read()
        except (StateCorrupt, StateTooNew) as error:
            outcomes.append(error.key == "k")
        else:
            outcomes.append(False)
    return all(outcomes)


@untimed
@given(st.binary() | st.binary().map(lambda tail: b"MG\x01" + tail))
def test_random_bytes__are_corrupt(blob):
    """No bytes raise anything else."""
    assert refused(blob)


@untimed
@given(st.data())
def test_changed_bytes__are_corrupt(data):
    """A changed, cut or grown blob is never read as a state."""
    blob = encode(data.draw(states))
    place = data.draw(st.integers(0, len(blob) - 1))
    changed = data.draw(st.integers(1, 255).map(lambda bits: bytes([blob[place] ^ bits])))
    assert refused(blob[:place] + changed + blob[place + 1 :])
    assert refused(blob[:place])
    assert refused(blob + data.draw(st.binary(min_size=1)))


@untimed
@given(st.binary() | json_values)
def test_right_checksum_around_anything__raises_nothing_else(payload):
    """Even bytes that were framed well but are no state are refused in the same way."""
    assert refused(framed(payload))


@untimed
@given(st.data())
def test_right_checksum_around_a_mangled_state__is_a_state_or_corrupt(data):
    """A payload of the right form with wrong values inside raises nothing but `StateCorrupt`."""
    first, days = parts(encode(data.draw(states)))
    payload = json.loads(first.decode("utf-8", "surrogatepass"))
    payload[data.draw(st.sampled_from(sorted(payload)))] = data.draw(json_values)
    mangled = json_values.map(lambda value: json.dumps(value).encode())
    table = data.draw(st.just(b"[]") | st.just(b'[["a","b"]]') | mangled)
    days = data.draw(st.sampled_from([b"", days]) | st.text("0123ab+=:- ").map(str.encode).map(table.__add__))
    with contextlib.suppress(StateCorrupt, StateTooNew):
        assert isinstance(decode("k", framed(json.dumps(payload).encode() + b"\n" + data.draw(mangled))), SubjectState)
    with contextlib.suppress(StateCorrupt, StateTooNew):
        assert isinstance(decode("k", packed(json.dumps(payload).encode(), days)), SubjectState)


@untimed
@given(st.binary())
def test_right_checksum_around_anything_packed__is_corrupt(payload):
    """Neither lengths that lie nor bytes that do not inflate break out."""
    assert refused(framed(payload, format=2))
    assert refused(packed(payload))


@pytest.mark.parametrize("payload", [b"[" * 100_000, b'{"state":' * 100_000, b'{"state":NaN}', b'{"state":1e999}'])
def test_hostile_json__is_corrupt(payload):
    """Neither depth nor odd numbers break out."""
    assert refused(framed(payload))


# Versions


def test_newer_schema__is_too_new():
    """A state that a newer MinorGuard wrote is refused, with what to do."""
    with pytest.raises(StateTooNew, match="upgrade MinorGuard") as refusal:
        decode("k", framed({"state": SCHEMA_VERSION + 1, "something": "new"}))
    assert (refusal.value.key, refusal.value.found, refusal.value.known) == ("k", SCHEMA_VERSION + 1, SCHEMA_VERSION)


def test_newer_format__is_too_new():
    """A frame that a newer MinorGuard wrote is told from a damaged one by its checksum."""
    with pytest.raises(StateTooNew):
        decode_json("k", "kind", framed(b"whatever", format=3))


@pytest.mark.parametrize("version", [0, -1, "1", None, 1.5, [1]])
def test_schema_that_never_was__is_corrupt(version):
    """A version that no MinorGuard wrote is damage."""
    with pytest.raises(StateCorrupt):
        decode("k", framed({"state": version, "who": ["s", "p", None, None, 1, "", None, None]}))


def test_upcasters__lift_an_old_payload_step_by_step(monkeypatch):
    """A payload of version 1 goes through every upcaster up to today's version."""
    old = framed({"state": 1, "name": "kid-1", "rules": "short-video"})
    monkeypatch.setattr(codec, "SCHEMA_VERSION", 3)
    monkeypatch.setitem(codec.UPCASTERS, 1, lambda p: {"who": [p["name"], p["rules"]]})
    monkeypatch.setitem(codec.UPCASTERS, 2, lambda p: {"who": [*p["who"], None, [12, 16], 1, "", None, None]})
    assert SubjectState(Profile("kid-1", "short-video", band=AgeBand(12, 16))) == decode("k", old)
    assert b'"state":3' in parts(encode(decode("k", old)))[0]


def test_upcaster_that_fails_or_is_missing__is_corrupt(monkeypatch):
    """A state that cannot be lifted is refused, not guessed."""
    old = framed({"state": 1})
    monkeypatch.delitem(codec.UPCASTERS, 1)
    with pytest.raises(StateCorrupt):
        decode("k", old)
    monkeypatch.setitem(codec.UPCASTERS, 1, lambda p: {"who": p["name"]})
    with pytest.raises(StateCorrupt):
        decode("k", old)


def test_upcasters__cover_every_older_schema():
    """Each version up to today's can be lifted."""
    assert set(range(1, SCHEMA_VERSION)) == set(codec.UPCASTERS)


def readable(value):
    """A state as JSON for people: every field by its name."""
    if dataclasses.is_dataclass(value):
        return {field.name: readable(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, frozenset):
        return sorted(readable(item) for item in value)
    if isinstance(value, tuple):
        return [readable(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


ADDED_SINCE = {
    1: ({"revision": None}, {"purchases": [], "notifications": []}),
    2: ({}, {"items": []}),
}
"""What later schemas added to the profile and to the state: a blob of that version has none of it."""


def of_today(version, expected):
    """What a blob of an old schema holds, with what has been added since."""
    for old in range(version, SCHEMA_VERSION):
        profile, state = ADDED_SINCE[old]
        expected = {**expected, **state, "profile": {**expected["profile"], **profile}}
    return expected


def version_of(path):
    """The schema that wrote a fixture."""
    return int(path.stem.split("-")[1].removeprefix("v"))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_kept_blob__still_decodes_to_the_same_values(path):
    """A blob that some version wrote is read by this one as what it was."""
    expected = of_today(version_of(path), json.loads(path.with_suffix(".json").read_text("utf-8")))
    assert expected == readable(decode(path.stem, path.read_bytes()))


def test_kept_blobs__are_there_for_every_schema():
    """Each schema version left its fixtures, and what is in today's form is written anew as it was."""
    assert set(range(1, SCHEMA_VERSION + 1)) == {version_of(path) for path in FIXTURES}
    for path in FIXTURES:
        blob = path.read_bytes()
        if version_of(path) == SCHEMA_VERSION and blob[2] == 2:
            assert parts(blob)[0] == parts(encode(decode(path.stem, blob)))[0]
