"""``check``: findings at their places."""

import pytest

from minorguard.cli.findings import caret
from tests.cli.running import POLICY, run

HEAD = "policy: p\ntimezone: Asia/Shanghai\n"
GAP = HEAD + 'bands: {"12-18": {time: {quota: {daily: 40m}}}}\n'


def test_a_finding_stands_under_its_place(folder):
    """The line is shown with a caret under the column, and the likely word beside the message."""
    (folder / "p.yaml").write_text(HEAD + "titel: {en: x}\n")
    done = run("check", "p.yaml")
    assert done.code == 1
    assert "p.yaml:3:1: error[key.unknown]: unknown key `titel`, did you mean `title`?" in done.err
    assert "    3 | titel: {en: x}\n      | ^\n" in done.err


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


@pytest.mark.parametrize("text", [b"\xff\xfe\x00", b"", b"- [", b"a: &x 1\nb: *x\n"])
def test_whatever_a_file_holds_is_a_finding(folder, text):
    """Nothing in a file leads to a traceback."""
    (folder / "p.yaml").write_bytes(text)
    done = run("check", "p.yaml", "--json")
    assert (done.code, bool(done.json["findings"])) == (1, True)


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
