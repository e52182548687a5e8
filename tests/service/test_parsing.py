"""Bodies are parsed as the standard library parses them, sooner, and refused where a key comes twice."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minorguard_service import parsing
from minorguard_service.parsing import Malformed, parsed

BLANK = st.sampled_from(["", "", " ", "  ", "\n", "\t"])
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(["-0", "0", "1.0", "1e5", "1E+5", "1.10", "1e400", "9" * 40, "9" * 5000, "01", "NaN", "-Infinity"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
STRINGS = st.one_of(
    st.sampled_from(
        ['"a"', '"b"', '"a b"', '" a"', '"ab"', '""', '"\\u0061"', '"\\/"', '"\\ud800"', '":"', '"é"', '"\x7f"']
    ),
    st.text(max_size=4).map(json.dumps),
    st.text(st.characters(codec="utf-8"), max_size=4).map(lambda text: json.dumps(text, ensure_ascii=False)),
)
WORDS = st.sampled_from(["true", "false", "null", "nul", ""])


@st.composite
def _list(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    return "[" + ",".join(draw(BLANK) + one + draw(BLANK) for one in draw(st.lists(inner, max_size=4))) + "]"


@st.composite
def _object(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    pairs = draw(st.lists(st.tuples(STRINGS, inner), max_size=4))
    return "{" + ",".join(f"{draw(BLANK)}{name}{draw(BLANK)}:{draw(BLANK)}{one}" for name, one in pairs) + "}"


TEXTS = st.recursive(st.one_of(NUMBERS, STRINGS, WORDS), lambda inner: st.one_of(_list(inner), _object(inner)))


def outcome(data: bytes, careful: bool) -> str:
    """What a text is parsed as, types and all; or what is wrong with it."""
    try:
        return repr(parsing._carefully(data) if careful else parsed(data))
    except Malformed as error:
        return f"malformed: {error}"


@settings(max_examples=1500, deadline=None)
@given(TEXTS, st.sampled_from(["", "\ufeff", " ", "x"]), st.sampled_from(["", " ", "\n", "]", "\x00"]))
@example('{"a b":1,"ab":2}', "", "")
@example('{"a" : 1, "a":2}', "", "")
@example('{"a":1E5,"a":1}', "", "")
@example("[" * 300 + "]" * 300, "", "")
@example("[" * 1500 + "]" * 1500, "", "")
def test_a_text_is_parsed_as_the_standard_library_parses_it(text: str, before: str, after: str) -> None:
    """The same value of the same types, or the same complaint, whatever is written and however it is spaced."""
    data = (before + text + after).encode("utf-8", "surrogatepass")
    assert outcome(data, careful=True) == outcome(data, careful=False)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_what_clients_send_is_not_parsed_twice(separators: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Compact JSON and Python's own spacing are proved sound at once, also with blanks in texts."""
    body = {"checks": [{"token": "t" * 700, "question": {"type": "feature", "feature": "a b"}, "amount": 3}] * 3}
    monkeypatch.setattr(parsing, "_carefully", lambda _data: None)
    assert parsed(json.dumps(body, separators=separators, ensure_ascii=False).encode()) == body
