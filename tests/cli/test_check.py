"""``check``: findings at their places."""

import io
import sys

import pytest
from rich.cells import cell_len as cells

from minorguard.cli import sources
from minorguard.cli.findings import caret
from tests.cli.running import POLICY, run

HEAD = "policy: p\ntimezone: Asia/Shanghai\n"
GAP = HEAD + 'bands: {"12-18": {time: {quota: {daily: 40m}}}}\n'
WRONG = HEAD + "titel: {en: x}\n"


@pytest.fixture
def typed(folder, monkeypatch):
    """Puts bytes on standard input."""

    def typed(raw):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), "utf-8"))

    return typed


def test_a_finding_stands_under_its_place(folder):
    """The line is shown with a caret under the column, and the likely word beside the message."""
    (folder / "p.yaml").write_text(HEAD + "titel: {en: x}\n")
    done = run("check", "p.yaml")
    assert done.code == 1
    assert "p.yaml:3:1: error[key.unknown]: unknown key `titel`, did you mean `title`?" in done.err
    assert "    3 | titel: {en: x}\n      | ^\n      = at /titel\n      = help: " in done.err


def test_a_standard_input_that_is_closed_is_empty(folder, monkeypatch):
    """As `check - <&-` has it."""
    monkeypatch.setattr(sys, "stdin", None)
    done = run("check", "-", "--json")
    assert (done.code, done.json["findings"][0]["code"]) == (1, "yaml.empty")


def test_a_finding_in_a_folder_stands_under_its_place(folder):
    """The line of the right file is shown, in a file with carriage returns and a mark of its encoding, too."""
    (folder / "policies").mkdir()
    (folder / "policies" / "a.yaml").write_text(GAP)
    raw = (HEAD.replace("policy: p", "policy: q") + "title: {en: 短视频, zn: x}\n").replace("\n", "\r\n").encode()
    (folder / "policies" / "b.yaml").write_bytes(b"\xef\xbb\xbf" + raw)
    done = run("check", "policies")
    assert "policies/b.yaml:3:18: error[key.unknown]" in done.err
    assert "    3 | title: {en: 短视频, zn: x}\n      |                     ^\n" in done.err


@pytest.mark.parametrize("inside", ["\x85", "\u2028", "\u2029"])
def test_a_line_ends_where_the_reader_of_documents_ends_it(folder, inside):
    """Characters that end a line elsewhere are refused, and move neither the line nor the caret."""
    (folder / "p.yaml").write_text(f"policy: p\ntimezone: UTC # {inside}\n", "utf-8")
    place, line, under = run("check", "p.yaml").err.split("\n")[:3]
    assert place.startswith("p.yaml:2:17: error[yaml.syntax]")
    assert (line[:23], under.index("^")) == ("    2 | timezone: UTC #", 24)


@pytest.mark.parametrize("inside", ["\u200b", "\ufeff", "\u3000"])
def test_what_takes_no_room_moves_no_caret(folder, inside):
    """Characters that take no room, or two cells of it, move neither the line nor the caret."""
    text = f'policy: p\ntimezone: UTC # {inside}\ntitle: {{en: "a{inside}b", zn: x}}\n'
    (folder / "p.yaml").write_text(text, "utf-8")
    told = run("check", "p.yaml").err.split("\n")
    at = next(number for number, line in enumerate(told) if "unknown key `zn`" in line)
    place, line, under = told[at : at + 3]
    assert place.startswith("p.yaml:3:")
    assert (line[:15], cells(under[: under.index("^")])) == ("    3 | title: ", cells(line[: line.index("zn")]))


def test_a_long_line_is_cut_around_the_place(folder):
    """A document on one line of a thousand characters is shown where it is wrong."""
    text = "{policy: p, timezone: UTC, activities: {" + ", ".join(f"a{i}: {{}}" for i in range(120)) + ", b: 1, c: {}}}"
    (folder / "p.yaml").write_text(text)
    shown, under = run("check", "p.yaml").err.splitlines()[1:3]
    assert (shown[8], shown[under.index("^")], len(shown) < 180) == ("…", "1", True)


def test_nothing_in_a_file_reaches_the_terminal(folder):
    """Escape characters of a document, also those that its text spells, are shown as marks."""
    (folder / "p.yaml").write_text('policy: "\\e[2J"\ntimezone: UTC\n# \u202e\n')
    done = run("check", "p.yaml")
    assert (done.code, "\x1b" in done.err, "`\ufffd[2J`" in done.err) == (1, False, True)


def test_a_caret_knows_wide_characters():
    """Chinese characters are two cells wide, and the caret still stands under its column."""
    assert caret("短视频: x", 6) == " " * 8 + "^"


def test_the_same_as_json(folder):
    """Programs get the same findings as data."""
    (folder / "p.yaml").write_text(HEAD + "titel: {en: x}\n")
    done = run("check", "--json", "p.yaml")
    found = [(one["code"], one["line"], one["column"], one["suggestion"]) for one in done.json["findings"]]
    assert (done.code, done.json["ok"], found[0]) == (1, False, ("key.unknown", 3, 1, "title"))


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--strict",), 1)])
def test_warnings_fail_only_when_strict(folder, options, code):
    """A doubtful policy passes, unless doubts are not allowed."""
    (folder / "p.yaml").write_text(GAP)
    done = run("check", "p.yaml", *options)
    assert (code, True) == (done.code, "warning[band.gap]" in done.err)


def test_a_folder_is_checked_whole(shop):
    """Every policy of a folder is looked at, and two of one id are found."""
    (shop / "policies" / "z.yaml").write_bytes((shop / POLICY).read_bytes())
    done = run("check", "policies", "--json")
    assert (done.code, done.json["files"], [f["code"] for f in done.json["findings"]]) == (1, 2, ["policy.duplicate"])


def test_a_file_is_checked_with_the_calendars_beside_it(shop):
    """A policy that names the folder's own calendar is sound by itself, too."""
    (shop / "policies" / "calendars").mkdir()
    calendar = "calendar: OURS\nyears: {2026: {state: announced, source: us}}\n"
    (shop / "policies" / "calendars" / "ours.yaml").write_text(calendar)
    (shop / POLICY).write_text((shop / POLICY).read_text().replace("calendar: CN", "calendar: OURS"))
    assert [run("check", POLICY).code, run("check", "policies").code] == [0, 0]


def test_several_paths_are_counted(shop):
    """Files and folders may be given side by side."""
    assert run("check", POLICY, "policies").out == "2 files: no findings\n"


BAD = {
    "bytes": b"\xff\xfe\x00",
    "nothing": b"",
    "bracket": b"- [",
    "alias": b"a: &x 1\nb: *x\n",
    "ten megabytes": b"# " + b"x" * 10_000_000,
    "utf-16": WRONG.encode("utf-16"),
    "half a character": b'policy: "\\ud800"\ntimezone: UTC\n',
    "zeros": b"\0" * 2_000,
}


@pytest.mark.parametrize("form", ["pretty", "json", "sarif", "github"])
@pytest.mark.parametrize("raw", BAD.values(), ids=BAD)
def test_whatever_a_file_holds_is_a_finding(typed, folder, raw, form):
    """Nothing in a file or on standard input leads to a traceback, in no format."""
    (folder / "p.yaml").write_bytes(raw)
    typed(raw)
    by_file, by_stdin = run("check", "p.yaml", "--format", form), run("check", "-", "--format", form)
    assert [by_file.code, by_stdin.code] == [1, 1]
    for done in (by_file, by_stdin):
        assert "error" in done.out
        assert "internal" not in done.err
        assert (done.out + done.err).encode()


def test_standard_input_is_checked(typed):
    """`-` is a policy on standard input; its findings stand under their places, too."""
    typed(WRONG.encode())
    done = run("check", "-")
    assert (done.code, done.out) == (1, "1 file: 1 error\n")
    assert "<stdin>:3:1: error[key.unknown]" in done.err
    assert "    3 | titel: {en: x}\n      | ^\n" in done.err


def test_standard_input_knows_what_lies_beside_it(typed, folder):
    """Policies and calendars of the working folder may be named, and what is wrong with the calendars is told."""
    (folder / "calendars").mkdir()
    (folder / "calendars" / "ours.yaml").write_text("calendar: OURS\nyears: {2026: {state: announced, source: us}}\n")
    (folder / "house.yaml").write_text("policy: house\ntimezone: UTC\ncalendar: OURS\nbands: {0-18: {}}\n")
    good = b"policy: p\ntimezone: UTC\ncalendar: OURS\nextends: [house]\n"
    typed(good)
    assert run("check", "-", "--json").json["findings"] == []
    (folder / "calendars" / "theirs.yaml").write_text("calendar: THEIRS\n")
    typed(good)
    assert [found["file"] for found in run("check", "-", "--json").json["findings"]] == ["calendars/theirs.yaml"]


def test_a_finding_is_told_once(folder):
    """A file that is named twice, by itself and with its folder, is looked at and told of once."""
    (folder / "policies").mkdir()
    (folder / "policies" / "p.yaml").write_text(WRONG)
    assert len(run("check", "policies", "policies/p.yaml", "policies", "--json").json["findings"]) == 1


def test_a_folder_that_cannot_be_read_is_a_finding(folder, monkeypatch):
    """Rights that are missing are said, and not an internal error."""
    (folder / "policies").mkdir()

    def denied(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("minorguard.cli.policies.PolicyBook.load", denied)
    done = run("check", "policies")
    assert (done.code, "error[file.unreadable]: it cannot be read (Permission denied)" in done.err) == (1, True)


def test_a_file_that_is_gone_has_no_lines(folder):
    """A finding is told also where its line can no longer be read."""
    assert [sources.Sources().line(name, 1) for name in ("gone.yaml", ".", "a\0b")] == [None, None, None]


def test_an_empty_folder_is_a_finding(folder):
    """A folder without policies is not sound."""
    (folder / "none").mkdir()
    assert run("check", "none").code == 1


def test_a_path_that_is_not_there_is_wrong_usage(folder):
    """A typing error in the path is not a pass."""
    done = run("check", "nowhere", "--json")
    assert (done.code, done.json["error"]["kind"]) == (2, "usage")


def test_a_broken_calendar_beside_a_file_is_a_finding(shop):
    """A file is not sound while the calendars beside it are not."""
    (shop / "policies" / "calendars").mkdir()
    (shop / "policies" / "calendars" / "ours.yaml").write_text("calendar: OURS\n")
    done = run("check", POLICY, "--json")
    assert (done.code, done.json["findings"][0]["code"]) == (1, "key.missing")


def test_a_year_that_the_calendar_does_not_know_is_a_warning_when_asked(shop):
    """By late 2026 the holidays of 2027 are missing: `--today` says so, and only `--strict` fails for it."""
    done = run("check", POLICY, "--today", "2026-11-24", "--json")
    assert [(finding["code"], finding["severity"]) for finding in done.json["findings"]] == [
        ("calendar.unknown_year", "warning")
    ]
    assert [done.code, run("check", POLICY, "--today", "2026-11-24", "--strict").code] == [0, 1]
