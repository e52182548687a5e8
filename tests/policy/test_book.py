"""A folder of policies as a book."""

from datetime import date

import pytest

from minorguard.errors import PolicyInvalid
from minorguard.policy import PolicyBook, compile_policy

SMALL = "policy: {id}\ntimezone: Asia/Shanghai\nbands: {{0-18: {{}}}}\n"
CALENDAR = "calendar: HK\nyears: {2026: {state: announced, source: gazette, holidays: [2026-01-01]}}\n"


def codes(error):
    return [(finding.code, finding.file.rpartition("/")[2]) for finding in error.value.findings]


def test_a_folder_is_read_whole(tmp_path):
    """Every yaml file of the folder is a policy; other files and folders are left alone."""
    (tmp_path / "b.yaml").write_text(SMALL.format(id="b"))
    (tmp_path / "a.yml").write_text(SMALL.format(id="a"))
    (tmp_path / "notes.txt").write_text("not a policy")
    (tmp_path / "old.yaml").mkdir()
    book = PolicyBook.load(tmp_path, revision=3)
    assert ("a", "b") == book.ids == tuple(book)
    assert book.get("a").revision == 3
    assert book.get("c") is None
    assert ("a" in book, "c" in book, len(book)) == (True, False, 2)
    assert book["b"] is book.get("b")


def test_one_file_is_a_book_of_one(tmp_path):
    """A path to a file loads that policy."""
    file = tmp_path / "a.yaml"
    file.write_text(SMALL.format(id="a"))
    assert PolicyBook.load(file).ids == ("a",)


def test_calendars_of_the_folder_are_known_to_its_policies(tmp_path):
    """A calendar in `calendars/` may be named by the policies beside it."""
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "hk.yaml").write_text(CALENDAR)
    (tmp_path / "a.yaml").write_text(SMALL.format(id="a") + "calendar: HK\n")
    assert date(2026, 1, 1) in PolicyBook.load(tmp_path).get("a").calendar.holidays


def test_the_errors_of_all_files_come_together(tmp_path):
    """Two broken policies, a broken calendar and a doubled id are told at once, each with its file."""
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "x.yaml").write_text("calendar: X\n")
    (tmp_path / "calendars" / "y.yaml").write_text(CALENDAR)
    (tmp_path / "calendars" / "z.yaml").write_text(CALENDAR)
    (tmp_path / "a.yaml").write_text(SMALL.format(id="a"))
    (tmp_path / "b.yaml").write_text(SMALL.format(id="a"))
    (tmp_path / "c.yaml").write_text("policy: c\n")
    (tmp_path / "d.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyInvalid) as caught:
        PolicyBook.load(tmp_path)
    assert codes(caught) == [
        ("key.missing", "x.yaml"),
        ("calendar.duplicate", "z.yaml"),
        ("policy.duplicate", "b.yaml"),
        ("key.missing", "c.yaml"),
        ("yaml.encoding", "d.yaml"),
    ]


def test_an_empty_folder_and_a_missing_file_are_told(tmp_path):
    """There is no book without a policy."""
    with pytest.raises(PolicyInvalid) as caught:
        PolicyBook.load(tmp_path)
    assert [code for code, _ in codes(caught)] == ["book.empty"]
    with pytest.raises(PolicyInvalid) as caught:
        PolicyBook.load(tmp_path / "none.yaml")
    assert codes(caught) == [("file.unreadable", "none.yaml")]


def test_warnings_are_kept(tmp_path):
    """What is doubtful does not stop the book, and is in its findings."""
    (tmp_path / "a.yaml").write_text(SMALL.format(id="a") + "calendar: CN\n")
    assert PolicyBook.load(tmp_path).findings == ()
    assert [found.code for found in PolicyBook.load(tmp_path, today=date(2026, 1, 1)).findings] == [
        "calendar.unknown_year"
    ]


def test_a_book_of_compiled_policies():
    """`of` makes a book of what is compiled already."""
    policy = compile_policy(SMALL.format(id="a"))
    book = PolicyBook.of(policy)
    assert (book.ids, book.findings) == (("a",), ())
    assert policy is book.get("a")
