"""Running policy tests: pure, by a virtual clock, the same every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from minorguard.content import Lexicon
from minorguard.content.findings import LexiconFinding
from minorguard.engine import new_state
from minorguard.errors import InvalidInput, LexiconInvalid, MinorGuardError, NotFound, PolicyInvalid
from minorguard.model.rules import CompiledPolicy
from minorguard.policy.findings import Finding, Report, likely, shown
from minorguard.policy.guardian import with_guardian
from minorguard.policy.positions import join
from minorguard.simulate.coverage import Coverage
from minorguard.simulate.decision_words import decision_words, wall_time
from minorguard.simulate.expectations import Found, compare
from minorguard.simulate.life import Answer, Life
from minorguard.simulate.plan import MOST_EVENTS, Action, Room, plan
from minorguard.simulate.reader import Reader
from minorguard.simulate.results import Failure, SuiteResult, TestResult
from minorguard.simulate.scenario import Case, Subject, Suite
from minorguard.simulate.step_words import step_words
from minorguard.simulate.suite_files import read_suite

_UNHEARD = "no beat of this row is sent and heard, so that nothing is answered; begin it before the session ends"


@dataclass(frozen=True, slots=True)
class Test:
    """A test that is ready to run, for one of its subjects."""

    __test__ = False  # not a pytest class

    name: str
    suite: Suite
    case: Case
    subject: Subject
    policy: CompiledPolicy
    personal: CompiledPolicy
    """The policy under the subject's guardian's settings."""
    actions: tuple[Action, ...]
    reader: Reader

    def run(self, coverage: Coverage | None = None) -> TestResult:
        """Live through it. What its questions see of the policy goes to `coverage`."""
        return _Run(self, coverage).run()


def run_suite(
    text: str,
    file: str,
    *,
    policies: Mapping[str, CompiledPolicy],
    select: Callable[[str], bool] | None = None,
    most_events: int = MOST_EVENTS,
) -> SuiteResult:
    """Run the tests of a text. `policies` are found by what `policy:` says, a file or an id.

    `select` says by name which tests are run. A text in which more than `most_events` happen is a finding.
    """
    tests, findings = read_tests(text, file, policies=policies, most_events=most_events)
    return run_tests(tests, findings, file, Coverage(), select=select)


def run_tests(
    tests: Iterable[Test],
    findings: tuple[Finding, ...],
    file: str,
    coverage: Coverage,
    *,
    select: Callable[[str], bool] | None = None,
) -> SuiteResult:
    """Run tests that were read before, and collect in `coverage` what they see of their policies."""
    results = []
    for test in tests:
        coverage.watch(test.policy)
        if select is None or select(test.name):
            results.append(test.run(coverage))
    return SuiteResult(file, tuple(results), findings, coverage)


def read_tests(
    text: str, file: str, *, policies: Mapping[str, CompiledPolicy], most_events: int = MOST_EVENTS
) -> tuple[tuple[Test, ...], tuple[Finding, ...]]:
    """The tests of a text, ready to run, and the findings; with an error there are none."""
    report = Report(file)
    suite = read_suite(text, report)
    policy = None if suite is None else _policy(suite, policies, report)
    if suite is None or policy is None:
        return (), report.sorted()
    room, reader = Room(most_events), _reader(suite, report)
    tests = tuple(test for case in suite.cases for test in _tests(suite, case, policy, report, room, reader))
    return (() if report.failed else tests), report.sorted()


def _policy(suite: Suite, policies: Mapping[str, CompiledPolicy], report: Report) -> CompiledPolicy | None:
    try:
        policy = policies.get(suite.policy)
    except PolicyInvalid as error:  # policies that are read when they are asked for
        report.findings += [found for found in error.findings if isinstance(found, Finding)]
        return None
    if policy is None:
        near = likely(suite.policy, policies)
        known = "" if near else f"; known here: {', '.join(f'`{name}`' for name in policies) or 'none'}"
        report.error("suite.policy", "/policy", f"unknown policy {shown(suite.policy)}{known}", near)
    return policy


def _reader(suite: Suite, report: Report) -> Reader:
    """The reader of texts; terms that nothing can be found by are findings where they stand."""
    for index, term in enumerate(suite.terms):
        try:
            Lexicon.from_terms([term])
        except LexiconInvalid as error:
            found = error.findings[0]
            assert isinstance(found, LexiconFinding)
            report.error("suite.terms", join("/terms", index), f"{found.message}; {found.help}")
    return Reader(suite.terms)


def _tests(
    suite: Suite, case: Case, policy: CompiledPolicy, report: Report, room: Room, reader: Reader
) -> Iterator[Test]:
    actions = plan(case, policy, report, room)
    for added, subject in case.subjects:
        personal = _personal(policy, subject, report)
        if personal is not None:
            yield Test(case.name + added, suite, case, subject, policy, personal, actions, reader)


def _personal(policy: CompiledPolicy, subject: Subject, report: Report) -> CompiledPolicy | None:
    """The policy under a subject's guardian's settings; what is wrong with them is found where they stand."""
    if not subject.guardian:
        return policy
    try:
        return with_guardian(policy, subject.guardian)
    except PolicyInvalid as error:
        for found in error.findings:
            assert isinstance(found, Finding)
            pointer = f"{subject.pointer}/guardian{found.pointer}"
            at = report.positions.value(pointer)
            here = replace(found, file=report.file, line=at.line, column=at.column, pointer=pointer)
            if here not in report.findings:
                report.findings.append(here)
        return None


class _Run:
    """One run of one test."""

    def __init__(self, test: Test, coverage: Coverage | None) -> None:
        self.test = test
        self.coverage = coverage
        clock, policy = test.case.clock, test.personal
        assert clock.day is not None
        self.life = Life(policy, new_state(test.subject.profile(policy.id, clock.day)), test.reader)
        self.failures: dict[int, Failure] = {}
        self.checked = 0

    def run(self) -> TestResult:
        unseen = {action.expect.pointer: action for action in reversed(self.test.actions) if action.expect is not None}
        for action in self.test.actions:
            try:
                answer = self.life.perform(action)
            except MinorGuardError as error:
                self._fail(action, _refused(error))
                break
            if answer is not None and action.expect is not None:
                unseen.pop(action.expect.pointer, None)
                self._check(action, answer)
        else:
            for action in unseen.values():
                self._fail(action, _UNHEARD)
        suite = self.test.suite
        at = suite.positions.value(self.test.case.pointer)
        return TestResult(self.test.name, suite.file, at, tuple(self.failures.values()), self.checked)

    def _check(self, action: Action, answer: Answer) -> None:
        assert action.expect is not None
        self.checked += 1
        if self.coverage is not None:
            self.coverage.note(self.test.policy, self.test.personal, answer.state, answer.question, action.at)
        found = compare(action.expect, Found(self.test.personal, self.life.state, answer.decision, answer.question))
        if not found or action.step.number in self.failures:
            return
        positions = self.test.suite.positions
        self.failures[action.step.number] = Failure(
            file=self.test.suite.file,
            at=positions.value(f"{action.expect.pointer}/{found[0][0]}"),
            step=action.step.number,
            what=self._words(action),
            mismatches=tuple(mismatch for _, mismatch in found),
            decision=decision_words(answer.decision),
        )

    def _fail(self, action: Action, error: str) -> None:
        at = self.test.suite.positions.value(action.step.pointer)
        self.failures[action.step.number] = Failure(
            self.test.suite.file, at, action.step.number, self._words(action), (), error=error
        )

    def _words(self, action: Action) -> str:
        return f"{wall_time(action.at, self.test.policy.days.zone)}, {step_words(action.step)}"


def _refused(error: MinorGuardError) -> str:
    """Why a step could not be done."""
    if isinstance(error, NotFound) and error.kind == "session":
        return "there is no such session: it was never allowed to open, or is long forgotten; open it in a step before"
    return f"this cannot be done: {error.problem if isinstance(error, InvalidInput) else error}"
