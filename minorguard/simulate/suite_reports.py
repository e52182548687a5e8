"""Results of policy tests for people, for CI and for programs: text, JUnit XML, GitHub annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from minorguard.simulate.coverage import Coverage, PolicyCoverage, RuleCoverage
from minorguard.simulate.results import SuiteResult, TestResult

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def summary(suites: Sequence[SuiteResult]) -> str:
    """How it went, in one line.

    >>> summary([])
    '0 tests in 0 files: nothing was run'
    """
    results = [result for suite in suites for result in suite.results]
    failed = sum(not result.ok for result in results)
    invalid = sum(not suite.valid for suite in suites)
    said = [f"{failed} failed" if failed else "", f"{_many(invalid, 'file')} invalid" if invalid else ""]
    verdict = ", ".join(part for part in said if part) or ("all passed" if results else "nothing was run")
    return f"{_many(len(results), 'test')} in {_many(len(suites), 'file')}: {verdict}"


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def pretty(suites: Iterable[SuiteResult]) -> Iterator[str]:
    """Each file, its tests, and why those failed that did; findings are shown apart."""
    for suite in suites:
        yield suite.file
        for result in suite.results:
            yield f"  {'ok  ' if result.ok else 'FAIL'} {result.name}"
            yield from (f"       {line}" for line in result.lines())


def coverage_lines(coverage: Coverage) -> Iterator[str]:
    """A table of the rules of each policy, then what is missing of each rule, in words."""
    for report in coverage.reports():
        yield f"rules of {report.policy} that were seen: {report.percent}% ({report.seen} of {report.goals})"
        yield from _table(report)
        yield from _missing(report)


def _table(report: PolicyCoverage) -> Iterator[str]:
    rows = [(f"{rule.seen}/{len(rule.goals)}", rule.key.band, _name(rule, report)) for rule in report.rules]
    width = max((len(row[0]) for row in rows), default=0)
    for seen, band, name in rows:
        yield f"  {seen:>{width}}  {band:<5}  {name}"
    for key in report.resting:
        yield f"  {'-':>{width}}  {key.band:<5}  {key.document} {key.pointer} (not in force on any day of the tests)"


def _missing(report: PolicyCoverage) -> Iterator[str]:
    short = [rule for rule in report.rules if rule.missing]
    if short:
        yield "missing:"
    for rule in short:
        yield f"  {_name(rule, report)}, band {rule.key.band}:"
        yield from (f"    - {words}" for words in rule.missing)


def _name(rule: RuleCoverage, report: PolicyCoverage) -> str:
    where = "" if rule.at is None else f" ({report.file}:{rule.at.line})"
    return f"{rule.key.document} {rule.key.pointer}{where}"


def junit(suites: Iterable[SuiteResult]) -> str:
    """JUnit XML. Tests live by a virtual clock and take no time, so that every `time` is 0.000."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<testsuites name="minorguard">']
    for suite in suites:
        lines += _junit_suite(suite)
    return "\n".join([*lines, "</testsuites>", ""])


def _junit_suite(suite: SuiteResult) -> Iterator[str]:
    failed = sum(not result.ok for result in suite.results)
    errors = [finding for finding in suite.findings if finding.severity == "error"]
    counts = f'tests="{len(suite.results) + len(errors)}" failures="{failed}" errors="{len(errors)}" skipped="0"'
    yield f'  <testsuite name={_attribute(suite.file)} {counts} time="0.000">'
    for finding in errors:
        yield f'    <testcase classname={_attribute(suite.file)} name={_attribute(finding.code)} time="0.000">'
        yield f"      <error message={_attribute(finding.message)}>{_text(str(finding))}</error>"
        yield "    </testcase>"
    for result in suite.results:
        yield from _junit_case(result)
    yield "  </testsuite>"


def _junit_case(result: TestResult) -> Iterator[str]:
    place = f'file={_attribute(result.file)} line="{result.at.line}"'
    head = f'    <testcase classname={_attribute(result.file)} name={_attribute(result.name)} {place} time="0.000"'
    if result.ok:
        yield f"{head}/>"
        return
    yield f"{head}>"
    message = str(result.failures[0].error or result.failures[0].mismatches[0])
    yield f"      <failure message={_attribute(message)}>{_text(chr(10).join(result.lines()))}</failure>"
    yield "    </testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def github(suites: Iterable[SuiteResult]) -> Iterator[str]:
    """Annotations of GitHub's workflow commands, one for each finding and each failure."""
    for suite in suites:
        for finding in suite.findings:
            title = f"policy test {finding.code}"
            yield _annotation(finding.severity, finding.file, finding.line, finding.column, title, finding.message)
        for result in suite.results:
            for failure in result.failures:
                at = failure.at
                body = "\n".join(failure.lines())
                yield _annotation("error", failure.file, at.line, at.column, f"policy test: {result.name}", body)


def _annotation(level: str, file: str, line: int, column: int, title: str, body: str) -> str:
    place = f"file={_property(file)},line={max(line, 1)},col={max(column, 1)},title={_property(title)}"
    return f"::{level} {place}::{_data(body)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
