"""Reading YAML 1.2 with positions."""

import pytest

from minorguard.policy.document import MAX_SIZE, read_mapping, read_text, resolve
from minorguard.policy.findings import MAX_FINDINGS, Report
from minorguard.policy.positions import NOWHERE, Position


def read(text):
    report = Report("f.yaml")
    return read_mapping(text, report), report


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:00", "22:00"),
        ("22:00-06:00", "22:00-06:00"),
        ("190:20:30", "190:20:30"),
        ("NO", "NO"),
        ("off", "off"),
        ("y", "y"),
        ("2026-10-01", "2026-10-01"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("9" * 30, "9" * 30),
        ("017", 17),
        ("40", 40),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ("'40'", "40"),
        ('"true"', "true"),
    ],
)
def test_scalars_follow_yaml_1_2(text, value):
    """Times, dates, `NO` and odd numbers stay the text that was written; quoted words are always text."""
    data, report = read(f"a: {text}\n")
    assert {"a": value} == data
    assert type(value) is type(data["a"])
    assert report.findings == []


def test_a_yaml_1_1_directive_does_not_bring_sexagesimals_back():
    """A `%YAML 1.1` line does not change how times are read."""
    assert read("%YAML 1.1\n---\na: 22:00\nb: no\n")[0] == {"a": "22:00", "b": "no"}


def test_resolve_keeps_what_is_no_plain_number():
    """Text that merely looks like a number stays text."""
    assert [resolve(text) for text in ("1e", "--1", "1.2.3", "+", ".")] == ["1e", "--1", "1.2.3", "+", "."]


def test_every_key_and_value_has_a_position():
    """Positions count from 1, and pointers escape slashes and tildes."""
    _, report = read("a/b~:\n  - x\n  - {c: 1}\n")
    assert Position(1, 1) == report.positions.key("/a~1b~0")
    assert Position(2, 3) == report.positions.value("/a~1b~0")
    assert Position(3, 6) == report.positions.key("/a~1b~0/1/c")
    assert Position(3, 9) == report.positions.value("/a~1b~0/1/c")
    assert Position(2, 5) == report.positions.key("/a~1b~0/0")


def test_what_is_not_there_stands_at_its_nearest_parent():
    """A pointer without a position of its own takes its parent's, and data without text stands nowhere."""
    _, report = read("a: {b: 1}\n")
    assert report.positions.value("/a") == report.positions.value("/a/x/y")
    assert Report("f").positions.value("/a") == NOWHERE


def test_values_under_a_doubled_key_are_dropped_and_the_first_stays():
    """A duplicate key is an error with its own place, and does not hide the first one's position."""
    data, report = read("a: 1\nb: {c: 1}\na: {d: 2}\n")
    assert data == {"a": 1, "b": {"c": 1}}
    assert [(found.code, found.line, found.column) for found in report.findings] == [("key.duplicate", 3, 1)]
    assert Position(1, 4) == report.positions.value("/a")


def test_keys_under_a_doubled_key_stand_where_they_were_written_first():
    """What is wrong in the first is not told at the second."""
    _, report = read("a:\n  b: 1\na:\n  b: 2\n")
    assert Position(2, 3) == report.positions.key("/a/b")


@pytest.mark.parametrize("mark", ["\x00", "\x07", "\x85", "\u2028", "\u2029", "\ud800"])
def test_what_cannot_be_seen_is_refused_where_it_stands(mark):
    """A control character, or a line break that editors show within a comment, hides no keys."""
    data, report = read(f"a: 1\r\nb: 2\n# seen as one line{mark}c: 3\n")
    assert data is None
    (found,) = report.findings
    assert (found.code, found.line, found.column) == ("yaml.syntax", 3, 19)
    assert f"U+{ord(mark):04X}" in found.message


def test_no_more_doubled_keys_are_told_than_other_findings():
    """A file of one line over and over is no answer of a megabyte."""
    _, report = read("a: 1\n" * 1000)
    assert len(report.findings) == MAX_FINDINGS


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor():
    """Anchors are refused before anything is expanded."""
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    data, report = read(bomb)
    assert data is None
    assert [found.code for found in report.findings] == ["yaml.alias"]


def test_files_are_read_as_utf_8_with_or_without_a_mark(tmp_path):
    """A byte order mark is dropped; another encoding is a finding."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_text(path, Report("a")) == "a: 1\n"
    path.write_bytes("a: 短".encode("gbk"))
    report = Report("a")
    assert read_text(path, report) is None
    assert [found.code for found in report.findings] == ["yaml.encoding"]


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        ("policy: p\n".encode("utf-16"), 1, "utf-16"),
        ("policy: p\n".encode("utf-16-le"), 1, "utf-16"),
        (b"policy: p\n# " + "短".encode("gbk") + b"\n", 2, "byte 12"),
        ("a: 短\nb: ".encode() + "é".encode("latin-1"), 2, "byte 10"),
        (b"\x89PNG\r\n\x1a\n\x00", 1, "binary"),
    ],
)
def test_other_encodings_are_told_with_their_place(tmp_path, raw, line, words):
    """UTF-16, mixed encodings and binaries are one finding at the line of the first wrong byte."""
    path = tmp_path / "a.yaml"
    path.write_bytes(raw)
    report = Report("a")
    assert read_text(path, report) is None
    (found,) = report.findings
    assert (found.code, found.line, words in found.message) == ("yaml.encoding", line, True)


def test_large_and_missing_files_are_findings(tmp_path):
    """A file over a mebibyte is not read further, and a missing one is told."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * (MAX_SIZE + 1))
    report = Report("a")
    assert read_text(path, report) is None
    assert read_text(tmp_path / "none.yaml", report) is None
    assert [found.code for found in report.findings] == ["yaml.too_large", "file.unreadable"]
