"""``test``: its reports and exit codes."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from minorguard.cli import policy_tests
from tests.cli.running import POLICY, run

TESTS = "policies/short-video.mgtest.yaml"


def write(*steps, name="a test"):
    """A suite of one test beside the policy."""
    lines = "".join(f"      - {step}\n" for step in steps)
    head = f'policy: short-video.yaml\nclock: "2026-11-24 16:00"\ntests:\n  - name: {name}\n'
    Path(TESTS).write_text(f"{head}    subject: {{age: 13}}\n    steps:\n{lines}")


def test_the_template_passes(shop):
    """What `init` writes is a suite that passes over the policy that it writes."""
    done = run("test", "policies")
    assert (done.code, done.err, done.out.splitlines()[0]) == (0, "", TESTS)
    assert done.out.splitlines()[-1].endswith("tests in 1 file: all passed")


CODES = {
    "passes": (("{expect: allow}",), (), 0),
    "fails": (("{expect: deny}",), (), 1),
    "is invalid": (("{exepct: deny}",), (), 2),
    "covers too little": (("{expect: allow}",), ("--fail-under", "90"), 2),
    "covers enough": (("{expect: allow}",), ("--fail-under", "0.1"), 0),
    "is not chosen": (("{expect: allow}",), ("-k", "another"), 2),
    "is chosen wrongly": (("{expect: allow}",), ("-k", "and"), 2),
    "is in no format": (("{expect: allow}",), ("--format", "html"), 2),
    "fails, whatever it covers": (("{expect: deny}",), ("--fail-under", "90"), 1),
}


@pytest.mark.parametrize(("steps", "options", "code"), CODES.values(), ids=CODES)
@pytest.mark.parametrize("as_json", [(), ("--json",)], ids=["pretty", "json"])
def test_exit_codes(shop, steps, options, code, as_json):
    """0 passed, 1 failed, 2 invalid or too little coverage; with and without JSON."""
    write(*steps)
    done = run("test", "policies", *options, *(() if "--format" in options else as_json))
    assert (done.code, "Traceback" in done.err) == (code, False)


def test_a_folder_without_tests(shop):
    """A folder in which nothing is tested is a mistake, and said."""
    Path(TESTS).unlink()
    done = run("test", "policies")
    assert (done.code, "their names end in `.mgtest.yaml`" in done.err) == (2, True)


def test_a_finding_is_shown_at_its_place(shop):
    """A mistake in a suite is shown like one in a policy: the line, a caret, the likely word."""
    write("{bete: tablet}")
    done = run("test", TESTS)
    assert f"{TESTS}:7:10: error[key.unknown]: unknown key `bete`, did you mean `beat`?" in done.err
    assert "    7 |       - {bete: tablet}" in done.err


def test_coverage_is_shown(shop):
    """The table has a line for each rule with its place, and what is missing is in words."""
    write('{at: "22:00", ask: time, expect: deny}')
    out = run("test", "policies", "--coverage").out
    assert "/bands/12-16/time/curfew (policies/short-video.yaml:" in out
    assert "    - a question in the last minute before 22:00" in out


def test_json(shop):
    """Programs get every test, every failure with both sides, and the coverage of all files together."""
    write("{ask: time, expect: {charged: 5m}}")
    done = run("test", "policies", "--format", "json")
    (suite,) = done.json["suites"]
    (test,) = suite["tests"]
    assert (done.code, done.json["ok"], suite["file"], test["name"]) == (1, False, TESTS, "a test")
    assert test["failures"][0]["mismatches"] == [{"what": "charged", "expected": "5m", "actual": "0s"}]
    assert [report["policy"] for report in done.json["coverage"]] == ["short-video"]


def test_junit_goes_to_a_file(shop):
    """The report goes where it is asked to go, and people still see how it went."""
    write("{expect: allow}")
    done = run("test", "policies", "--format", "junit", "--output", "report.xml")
    assert (done.code, done.out) == (0, "1 test in 1 file: all passed\n")
    assert ET.parse("report.xml").getroot().find("testsuite").get("tests") == "1"


def test_junit_on_standard_output_is_nothing_else(shop):
    """What is for programs stays readable for programs: the rest goes to the error stream."""
    write("{expect: deny}")
    done = run("test", "policies", "--format", "junit", "--coverage")
    assert ET.fromstring(done.out.encode()).find("testsuite").get("failures") == "1"
    assert "1 test in 1 file: 1 failed" in done.err


def test_github(shop):
    """In a workflow, each failure is an annotation at its line."""
    write("{expect: deny}")
    done = run("test", "policies", "--format", "github")
    assert done.out.startswith(f"::error file={TESTS},line=7,col=18,title=policy test%3A a test::")


def test_a_report_that_cannot_be_written(shop):
    """A place that can't be written is bad input."""
    done = run("test", "policies", "--output", "nowhere/report.txt")
    assert (done.code, "cannot be written" in done.err) == (2, True)


def test_watching(shop, monkeypatch):
    """It runs again when the policy changes, says so each time, and ends with Ctrl-C and the last run's code."""
    write("{expect: {remaining: {day: 40m}}}")

    def ticks():
        yield
        policy = Path(POLICY)
        policy.write_text(policy.read_text().replace("otherwise: 40m", "otherwise: 30m", 1))
        yield
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr(policy_tests, "ticks", ticks)
    done = run("test", "policies", "--watch")
    verdicts = [line for line in done.out.splitlines() if " in 1 file" in line]
    assert (done.code, verdicts) == (1, ["1 test in 1 file: all passed", "1 test in 1 file: 1 failed"])


def test_watching_goes_on_when_there_is_nothing_yet(shop, monkeypatch):
    """An empty folder is said, and watching goes on until there is a test."""
    Path(TESTS).unlink()

    def ticks():
        yield
        write("{expect: allow}")
        yield

    monkeypatch.setattr(policy_tests, "ticks", ticks)
    done = run("test", "policies", "--watch")
    assert (done.code, "holds no policy tests" in done.err) == (0, True)


def test_both_formats_say_the_same(shop):
    """What people read and what programs read tells of the same failure."""
    write("{ask: time, expect: deny}")
    pretty, body = run("test", "policies").out, json.loads(run("test", "policies", "--json").out)
    failure = body["suites"][0]["tests"][0]["failures"][0]
    assert f"{failure['file']}:{failure['line']}:{failure['column']}: step 1" in pretty
