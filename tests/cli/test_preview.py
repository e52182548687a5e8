"""``preview``: a week in the terminal, as a chart, as data."""

import re
import unicodedata
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

import minorguard
from minorguard.cli.situation import born_for
from minorguard.cli.week import CELLS, GLYPHS, lines, strip
from minorguard.model.age import birthday
from minorguard.model.state import Profile, SubjectState
from minorguard.policy import compile_policy
from minorguard.simulate.previews import preview
from minorguard.simulate.week import Kind
from tests.build import child, policy
from tests.cli.running import POLICY, run

PAGE = Path(__file__).parents[2] / "docs" / "preview.md"
MONDAY = "2026-11-23T09:00:00"
CHILD = ("--policy", POLICY, "--age", "13", "--at", MONDAY)
USED = ("--session", "2026-11-24T16:00/2026-11-24T16:25", "--session", "2026-11-24T17:00/2026-11-24T17:15")


def test_a_row_a_day(shop):
    """Seven days from the day of `--at` on, each with its strip of half hours, its limit and what is left."""
    done = run("preview", *CHILD, *USED)
    rows = [line for line in done.out.splitlines() if re.match(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) 2026-\d\d-\d\d ", line)]
    assert (done.code, [row[4:14] for row in rows]) == (0, [f"2026-11-{day}" for day in range(23, 30)])
    assert "xxxxxxxxxx░░░░" in rows[1]
    assert rows[1].split()[-3:] == ["40m", "40m", "0s"]


def test_a_grant_opens_the_evening(shop):
    """`--grant` gives time for its day, and what it opens is told apart."""
    done = run("preview", *CHILD, *USED, "--grant", "2026-11-24=30m")
    assert (done.code, "40m+30m" in done.out, "++++++++" in done.out) == (0, True, True)
    body = run("preview", *CHILD, *USED, "--grant", "2026-11-24=30m", "--json").json
    assert body["assumed"]["grants"] == [{"day": "2026-11-24", "seconds": 1800, "activity": None}]


def test_data_is_one_document(shop):
    """`--json` prints one JSON document, with the chart written all the same."""
    done = run("preview", *CHILD, "--days", "2", "--json", "--svg", "week.svg")
    assert (done.code, len(done.json["days"]), done.json["subject"]["age"]) == (0, 2, 13)
    assert ElementTree.parse("week.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_rules_features_and_sections_are_told_with_their_sources(shop):
    """What a row can't say stands below it, in both languages."""
    out = run("preview", *CHILD).out
    for part in (
        "移动互联网未成年人模式建设指南",
        "daily limit",
        "每天限时",
        "direct_message",
        "ask a guardian",
        "spending",
        "quiet",
    ):
        assert part in out, part


@pytest.mark.parametrize("width", [80, 100, 111, 112, 120, 200])
def test_lines_fit_the_terminal(width):
    """No line is wider than the terminal, whatever is in it."""
    compiled = compile_policy((Path(minorguard.__file__).parent / "cli/templates/short-video.yaml").read_text("utf-8"))
    state = SubjectState(Profile("kid", compiled.id, born=date(2010, 11, 25)))
    found = list(lines(preview(compiled, state, date(2026, 11, 23)), width))
    assert max(line.cell_len for line in found) <= width
    assert sum("▐▐▐▐" in line.plain for line in found) == 7


def test_marks_of_the_strip_are_one_column_wide_everywhere():
    """No mark is of ambiguous width, which terminals set to Chinese draw in two columns; no two are the same."""
    marks = [mark for mark, _ in GLYPHS.values()]
    assert {unicodedata.east_asian_width(mark) for mark in marks} <= {"N", "Na"}
    assert (set(GLYPHS), len(set(marks))) == (set(Kind), len(Kind))


@pytest.mark.parametrize(("day", "expected"), [("2026-03-08", [4, 5]), ("2026-11-01", []), ("2026-06-01", [])])
def test_a_strip_is_the_wall_clock(day, expected):
    """Every day has 48 half hours of the wall clock; those that the clock skips are empty."""
    found = preview(
        policy('curfew: ["22:00-06:00"]', zone="America/New_York"), child(), date.fromisoformat(day), days=1
    )
    cells = strip(found, found.days[0])
    assert (len(cells), [place for place, kind in enumerate(cells) if kind is None]) == (CELLS, expected)
    assert (cells[11], cells[12], cells[43], cells[44]) == (Kind.CURFEW, Kind.OPEN, Kind.OPEN, Kind.CURFEW)


def test_the_page_of_the_docs_runs(shop):
    """The Python example of docs/preview.md does what it says."""
    (block,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    exec(compile(block, str(PAGE), "exec"), {})
    assert Path("week.svg").exists()


@pytest.mark.parametrize("age", [0, 7, 13, 17])
@pytest.mark.parametrize("on", [date(2024, 2, 29), date(2026, 8, 31), date(2026, 11, 24), date(2028, 8, 30)])
def test_an_age_is_that_age_for_half_a_year(age, on):
    """`--age` means a birth date whose birthday is about half a year from the day on both sides."""
    born = born_for(age, on)
    assert birthday(born, age) <= on < birthday(born, age + 1)
    assert 180 <= (birthday(born, age + 1) - on).days <= 184


@pytest.mark.parametrize("command", ["decide", "forecast"])
def test_ages_and_grants_are_for_every_question(shop, command):
    """`--age` and `--grant` make up a situation for the other commands, too."""
    more = ("--used", "10m", "--grant", "2026-11-24=30m", "--json")
    found = run(command, "--policy", POLICY, "--age", "13", "--at", "2026-11-24T16:00:00", *more).json
    years = datetime.fromisoformat("2026-11-24").year - date.fromisoformat(found["assumed"]["birth_date"]).year
    assert (years in {13, 14}, found["assumed"]["grants"][0]["seconds"]) == (True, 1800)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--days", "0"), "--days"),
        (("--days", "63"), "--days"),
        (("--age-band", "12-16"), "exactly one of"),
        (("--birth-date", "2013-05-01"), "exactly one of"),
        (("--grant", "2026-11-24"), "2026-11-28=30m"),
        (("--grant", "tuesday=30m"), "2013-05-01"),
        (("--grant", "2026-11-24=30"), "`30`"),
        (("--grant", "2026-11-24=31m"), "the most that one grant may give"),
        (("--grant", "2026-11-24=30m:a b"), "--grant"),
        (("--session", "2026-11-24T16:00/2026-11-24T15:00"), "ends before it starts"),
        (("--svg", "nowhere/week.svg"), "nowhere/week.svg"),
        (("--device", "a b"), "device"),
        (("--activity", ""), "--activity"),
    ],
)
def test_wrong_input_is_two_and_says_the_way_out(shop, options, says):
    """What cannot be meant is refused with a sentence that names it."""
    done = run("preview", *CHILD, *options, "--json")
    assert (done.code, says in done.json["error"]["message"]) == (2, True), done.out


def test_a_policy_without_grants_says_so(folder):
    """Extra time is refused where guardians may give none."""
    Path("p.yaml").write_text("policy: p\ntimezone: Asia/Shanghai\nextends: [cn-minor-mode-2024]\n", "utf-8")
    done = run("preview", "--policy", "p.yaml", "--age", "13", "--at", MONDAY, "--grant", "2026-11-24=30m")
    assert (done.code, "guardian.may_extend" in done.err) == (2, True)


@pytest.mark.parametrize("age", [("--unknown-age",), ("--age-band", "8-12"), ("--age", "40")])
def test_any_age_may_be_asked_about(shop, age):
    """Unknown ages, bands and adults have a week, too."""
    assert run("preview", "--policy", POLICY, *age, "--at", MONDAY).code == 0
