"""What became of a run of policy tests: passed or not, and why, with the place of each expectation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from minorguard.policy.findings import Finding
from minorguard.policy.positions import Position
from minorguard.simulate.coverage import Coverage


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that was not as expected, both sides in words."""

    what: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}, was {self.actual}"


@dataclass(frozen=True, slots=True)
class Failure:
    """A step whose decision was not as expected, or that could not be done at all."""

    file: str
    at: Position
    step: int
    what: str
    """The step in words, with its time."""
    mismatches: tuple[Mismatch, ...]
    decision: tuple[str, ...] = ()
    """The decision in words; none if there was none."""
    error: str | None = None

    @property
    def place(self) -> str:
        """``file:line:column``."""
        return f"{self.file}:{self.at.line}:{self.at.column}"

    def lines(self) -> Iterator[str]:
        """All of it, as lines of text."""
        yield f"{self.place}: step {self.step}, {self.what}"
        if self.error is not None:
            yield f"  {self.error}"
        yield from (f"  {mismatch}" for mismatch in self.mismatches)
        yield from (f"  | {line}" for line in self.decision)

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "file": self.file,
            "line": self.at.line,
            "column": self.at.column,
            "step": self.step,
            "what": self.what,
            "error": self.error,
            "mismatches": [
                {"what": one.what, "expected": one.expected, "actual": one.actual} for one in self.mismatches
            ],
            "decision": list(self.decision),
        }


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test, for one of its subjects."""

    __test__ = False  # not a pytest class

    name: str
    file: str
    at: Position
    failures: tuple[Failure, ...] = ()
    checked: int = 0
    """How many decisions were held against what is expected of them."""

    @property
    def ok(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures

    def lines(self) -> Iterator[str]:
        """Its failures as lines of text."""
        for failure in self.failures:
            yield from failure.lines()

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "name": self.name,
            "file": self.file,
            "line": self.at.line,
            "column": self.at.column,
            "ok": self.ok,
            "checked": self.checked,
            "failures": [failure.to_dict() for failure in self.failures],
        }


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One file of tests. With an error among the findings nothing was run."""

    file: str
    results: tuple[TestResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    """What was seen of the rules of the policy."""

    @property
    def valid(self) -> bool:
        """Whether the file, and the policy that it tests, could be read."""
        return not any(finding.severity == "error" for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Whether it is valid and every test passed."""
        return self.valid and all(result.ok for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        fields = ("code", "severity", "message", "file", "line", "column", "pointer", "suggestion", "help")
        return {
            "file": self.file,
            "ok": self.ok,
            "tests": [result.to_dict() for result in self.results],
            "findings": [{name: getattr(finding, name) for name in fields} for finding in self.findings],
            "coverage": [report.to_dict() for report in self.coverage.reports()],
        }
