"""Small suites of policy tests, run over small policies."""

from __future__ import annotations

import textwrap

from minorguard.model.rules import CompiledPolicy
from minorguard.simulate import SuiteResult, run_suite
from tests.build import policy

FILE = "house.mgtest.yaml"
HOUSE = """\
quota: {daily: {weekend: 60m, otherwise: 40m}}
curfew: ["22:00-06:00"]
sitting: {break_after: 30m, break_for: 10m, resets_after: 5m}
warn_before: [5m]
grace: 60s
"""
FEATURES = "{default: deny, allow: [search], limit: {comment: 3/day}, deny: [gift]}"
GUARDIAN = "{may_extend: {daily: 30m, per_day: 60m}}"


def house() -> CompiledPolicy:
    """A policy with a rule of most kinds: 40 minutes a day, 60 on weekends; closed at night."""
    return policy(HOUSE, top=f"calendar: none\nguardian: {GUARDIAN}\n", features=FEATURES)


def suite(steps: str, *, top: str = "", subject: str = "{age: 13}") -> str:
    """The text of a suite of one test, which starts on Tuesday 2026-11-24 at 16:00."""
    body = textwrap.indent(textwrap.dedent(steps).strip(), "      ")
    return (
        f'policy: test\nclock: "2026-11-24 16:00"\n{top}tests:\n'
        f"  - name: a test\n    subject: {subject}\n    steps:\n{body}\n"
    )


def live(steps: str, over: CompiledPolicy | None = None, **options: str) -> SuiteResult:
    """Run one test."""
    return run_suite(suite(steps, **options), FILE, policies={"test": over or house()})


def told(result: SuiteResult) -> list[str]:
    """What was not as expected, and why the file cannot be used."""
    failures = [line for one in result.results for line in one.lines() if not line.startswith("  |")]
    return [*map(str, result.findings), *failures]
