"""Reports for people, CI and programs; choosing tests by name; running again when files change."""

import xml.etree.ElementTree as ET

import pytest

from minorguard.errors import InvalidInput
from minorguard.simulate import run_file
from minorguard.simulate.select import chooser
from minorguard.simulate.suite_paths import sources, suites_in
from minorguard.simulate.suite_reports import github, junit, pretty, summary
from minorguard.simulate.watch import watch
from tests.simulate.suites import live, suite

GOOD, BAD = "- {expect: allow}", '- {ask: time, expect: {effect: deny, rule: /a<b>&"c"%}}'
POLICY = 'policy: test\ntimezone: Asia/Shanghai\nbands:\n  "0-18":\n    time: {quota: {daily: 40m}}\n'


def test_pretty():
    """Each test on a line, and beneath those that failed why."""
    lines = list(pretty([live(GOOD), live("- {ask: time, expect: deny}")]))
    assert lines[:4] == ["house.mgtest.yaml", "  ok   a test", "house.mgtest.yaml", "  FAIL a test"]
    assert lines[4] == "       house.mgtest.yaml:7:29: step 1, Tue 2026-11-24 16:00:00, ask time"


def test_summary_counts():
    """One line says how it went."""
    assert [summary([live(GOOD)]), summary([live(GOOD), live(BAD), live("- {}")])] == [
        "1 test in 1 file: all passed",
        "2 tests in 3 files: 1 failed, 1 file invalid",
    ]


def test_junit_is_xml_that_means_the_same():
    """Whatever is in a name or a message, the XML reads back as it was; failures and findings are told apart."""
    root = ET.fromstring(junit([live(GOOD), live(BAD), live('- {open: "a\u0001b"}')]).encode())
    cases = root.findall("testsuite/testcase")
    assert [[child.tag for child in case] for case in cases] == [[], ["failure"], ["error"]]
    message = cases[1].find("failure").get("message")
    assert message == "effect: expected `deny`, was `allow`"
    assert '  rule: expected `/a<b>&"c"%`, was `/bands/0-18/time/sitting`' in cases[1].find("failure").text
    assert [part.attrib["time"] for part in (*root, *cases)] == ["0.000"] * 6
    counts = [(part.get("tests"), part.get("failures"), part.get("errors")) for part in root]
    assert counts == [("1", "0", "0"), ("1", "1", "0"), ("1", "0", "1")]


def test_github_escapes():
    """An annotation is one line whose commas, colons, percent signs and ends of lines can't end it early."""
    (line,) = github([live(BAD)])
    head, body = line[2:].split("::", 1)
    assert head == "error file=house.mgtest.yaml,line=7,col=38,title=policy test%3A a test"
    assert (body.count("%0A") > 3, "\n" in body, '"c"%25`' in body) == (True, False, True)
    (found,) = github([live("- {}")])
    assert found.startswith("::error file=house.mgtest.yaml,line=7,col=9,title=policy test suite.step::nothing")


NAMES = ["Forty minutes on a school day", "forty on a weekend", "night"]
CHOICES = {
    "forty": [0, 1],
    "FORTY and not weekend": [0],
    "not (school day or weekend)": [2],
    "night or school day": [0, 2],
    "not not night": [2],
}


@pytest.mark.parametrize(("expression", "chosen"), CHOICES.items(), ids=CHOICES)
def test_choosing_by_name(expression, chosen):
    """Pieces of names with `and`, `or`, `not` and brackets, in any case."""
    select = chooser(expression)
    assert [number for number, name in enumerate(NAMES) if select(name)] == chosen


@pytest.mark.parametrize("expression", ["", "and", "a and", "(a", "a)", "not", "a b " * 60])
def test_no_expression(expression):
    """What is no expression is refused with a way out."""
    with pytest.raises(InvalidInput, match="-k"):
        chooser(expression)


def test_files_are_found(tmp_path):
    """Named files are taken as they are; of folders, those whose names say that they are tests."""
    for name in ("a.mgtest.yaml", "b.mgtest.yml", "policy.yaml", "deep/c.mgtest.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    found = suites_in([tmp_path, tmp_path / "policy.yaml", tmp_path / "a.mgtest.yaml"])
    assert [str(file.relative_to(tmp_path)) for file in found] == [
        "a.mgtest.yaml",
        "b.mgtest.yml",
        "deep/c.mgtest.yaml",
        "policy.yaml",
    ]


@pytest.mark.parametrize("named", ["house.yaml", "test", "../policies/house.yaml"])
def test_the_policy_lies_beside(named, tmp_path):
    """A suite names its policy by file or by id; its rules have lines, and other broken files do no harm."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "house.yaml").write_text(POLICY)
    (folder / "broken.yaml").write_text("policy: [")
    (folder / "house.mgtest.yaml").write_text(suite(GOOD).replace("policy: test", f"policy: {named}"))
    result = run_file(folder / "house.mgtest.yaml")
    (report,) = result.coverage.reports()
    assert (result.ok, result.findings, [rule.at.line for rule in report.rules]) == (True, (), [5])


def test_a_broken_policy_is_found(tmp_path):
    """What is wrong with the policy is told where it stands in the policy."""
    (tmp_path / "house.yaml").write_text(POLICY.replace("daily", "dayly"))
    (tmp_path / "house.mgtest.yaml").write_text(suite(GOOD).replace("policy: test", "policy: house.yaml"))
    result = run_file(tmp_path / "house.mgtest.yaml")
    assert [(found.code, found.file, found.line) for found in result.findings] == [
        ("key.unknown", str(tmp_path / "house.yaml"), 5)
    ]


def test_a_missing_file_is_found(tmp_path):
    """A file that can't be read is a finding, too."""
    assert [found.code for found in run_file(tmp_path / "none.mgtest.yaml").findings] == ["file.unreadable"]


def test_watching_runs_again_when_a_file_changes(tmp_path):
    """It runs at the start and whenever a file has come, gone or changed, and not otherwise."""
    test, other = tmp_path / "house.mgtest.yaml", tmp_path / "house.yaml"
    test.write_text("1")
    runs = []

    def ticks():
        yield
        yield
        other.write_text("2")
        yield
        test.write_text("longer")
        yield
        yield
        other.unlink()
        yield

    watch(lambda: sources([test]), lambda: runs.append(len(sources([test]))), ticks())
    assert runs == [1, 2, 2, 1]
