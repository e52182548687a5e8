"""The plugin for pytest: every test of a ``*.mgtest.yaml`` is an item.

pytest imports this in every project where MinorGuard is installed, so that nothing else is imported before there is a
file of policy tests to collect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from minorguard.simulate.coverage import Coverage
    from minorguard.simulate.results import TestResult
    from minorguard.simulate.runner import Test

_SUFFIXES = (".mgtest.yaml", ".mgtest.yml")
_FAIL_UNDER = "minorguard_fail_under"
_COVERAGE: pytest.StashKey[Coverage] = pytest.StashKey()


@pytest.fixture(scope="session")
def minorguard_surfaces() -> Iterator[Callable[[Any, Iterable[str]], Any]]:
    """Wraps guards, as `minorguard_surfaces(guard, surfaces)`; fails the run if a surface was never asked about."""
    from minorguard.content.surfaces import SurfaceRecorder

    made = []

    def record(guard: Any, surfaces: Iterable[str]) -> Any:  # noqa: ANN401  # keeps the plugin light
        made.append(SurfaceRecorder(guard, surfaces))
        return made[-1]

    yield record
    for one in made:
        one.check()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    parser.getgroup("minorguard").addoption(
        "--minorguard-fail-under",
        dest=_FAIL_UNDER,
        type=float,
        default=None,
        metavar="N",
        help="fail if policy tests see less than N per cent of the rules of a policy, and show what is missing",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PolicyTestFile | None:
    """Collect files of policy tests, and no others."""
    if not file_path.name.endswith(_SUFFIXES):
        return None
    file: PolicyTestFile = PolicyTestFile.from_parent(parent, path=file_path)
    return file


class PolicyTestFailed(Exception):
    """A policy test failed; its result says why."""

    def __init__(self, result: TestResult) -> None:
        super().__init__(result.name)
        self.result = result


class PolicyTestFile(pytest.File):
    """A file of policy tests. What is wrong with it, or with its policy, fails its collection."""

    def collect(self) -> Iterator[PolicyTestItem]:
        """Every test of the file."""
        from minorguard.simulate.suite_paths import load_tests

        tests, findings = load_tests(self.path, coverage_of(self.config))
        if any(finding.severity == "error" for finding in findings):
            raise self.CollectError("\n".join(str(finding) for finding in findings))
        for test in tests:
            yield PolicyTestItem.from_parent(self, name=test.name, test=test)


class PolicyTestItem(pytest.Item):
    """One policy test."""

    def __init__(self, *, test: Test, **others: Any) -> None:  # noqa: ANN401  # pytest's own
        super().__init__(**others)
        self.test = test

    def runtest(self) -> None:
        """Run it. Raises `PolicyTestFailed`."""
        coverage = coverage_of(self.config)
        result = self.test.run(coverage)
        if not result.ok:
            raise PolicyTestFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:  # noqa: ANN401  # pytest's own
        """Why it failed, in our words."""
        if isinstance(excinfo.value, PolicyTestFailed):
            return "\n".join(excinfo.value.result.lines())
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands."""
        line = self.test.suite.positions.value(self.test.case.pointer).line
        return self.path, max(0, line - 1), self.name


def coverage_of(config: pytest.Config) -> Coverage:
    """What the policy tests of this run have seen."""
    from minorguard.simulate.coverage import Coverage

    return config.stash.setdefault(_COVERAGE, Coverage())


def _short(config: pytest.Config) -> list[str]:
    """The policies of which too little was seen."""
    least: float | None = config.getoption(_FAIL_UNDER)
    if least is None or _COVERAGE not in config.stash:
        return []
    reports = config.stash[_COVERAGE].reports()
    return [f"{report.policy} ({report.percent}%)" for report in reports if report.percent < least]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Too little coverage fails a run that is otherwise good."""
    if exitstatus == pytest.ExitCode.OK and _short(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What was seen of the rules, if that was asked for."""
    if config.getoption(_FAIL_UNDER) is None or _COVERAGE not in config.stash:
        return
    from minorguard.simulate.suite_reports import coverage_lines

    terminalreporter.section("rules seen by policy tests")
    for line in coverage_lines(config.stash[_COVERAGE]):
        terminalreporter.write_line(line)
    if short := _short(config):
        least = config.getoption(_FAIL_UNDER)
        terminalreporter.write_line(f"less than {least:g}% of the rules was seen of {', '.join(short)}", red=True)
