"""From the text of a suite of policy tests to its values, or to findings with positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from minorguard.policy.document import read_mapping
from minorguard.policy.findings import Report, likely, shown
from minorguard.policy.positions import join
from minorguard.policy.schema_base import load
from minorguard.simulate.scenario import Case, Expectation, Moment, Step, Subject, Suite
from minorguard.simulate.suite_schema import SuiteSchema


def read_suite(text: str, report: Report) -> Suite | None:
    """The suite that a text holds; None with findings in `report` if something is wrong with it."""
    data = read_mapping(text, report)
    loaded = load(SuiteSchema(), data, report) if data is not None else None
    if loaded is None:
        return None
    subjects = {name: _subject(entry, join("/subjects", name)) for name, entry in loaded.get("subjects", {}).items()}
    cases = tuple(_cases(loaded, subjects, report))
    if report.failed:
        return None
    return Suite(report.file, loaded["policy"], cases, report.positions, tuple(loaded.get("terms", ())))


def _cases(loaded: Mapping[str, Any], subjects: Mapping[str, Subject], report: Report) -> Iterator[Case]:
    first: dict[str, int] = {}
    for index, entry in enumerate(loaded["tests"]):
        pointer, name = join("/tests", index), entry["name"]
        if name in first:
            message = f"{shown(name)} is also the name of the test on line {first[name]}; give it one of its own"
            report.error("suite.name", join(pointer, "name"), message)
        first.setdefault(name, report.positions.value(join(pointer, "name")).line)
        clock = entry.get("clock") or loaded.get("clock")
        if clock is None:
            message = "nothing says when this test starts; write `clock` here or at the top of the file"
            report.error("suite.clock", pointer, message)
        cases = tuple(_who(entry, pointer, subjects, report))
        yield Case(name, pointer, clock or Moment(""), cases, _steps(entry, pointer, report))


def _who(
    entry: Mapping[str, Any], pointer: str, subjects: Mapping[str, Subject], report: Report
) -> Iterator[tuple[str, Subject]]:
    for age in entry.get("ages", ()):
        yield f" (age {age})", Subject(age=age, pointer=join(pointer, "ages"))
    subject, place = entry.get("subject"), join(pointer, "subject")
    if isinstance(subject, str) and subject not in subjects:
        near = likely(subject, subjects)
        known = "" if near else f"; those of this file: {', '.join(f'`{name}`' for name in subjects) or 'none'}"
        report.error("suite.subject", place, f"unknown subject {shown(subject)}{known}", near)
    elif subject is not None:
        yield "", subjects[subject] if isinstance(subject, str) else _subject(subject, place)


def _subject(entry: Mapping[str, Any], pointer: str) -> Subject:
    return Subject(
        age=entry.get("age"),
        born=entry.get("born"),
        band=entry.get("band"),
        mode_on=entry.get("mode", True),
        guardian=entry.get("guardian", {}),
        pointer=pointer,
    )


def _steps(entry: Mapping[str, Any], pointer: str, report: Report) -> tuple[Step, ...]:
    return tuple(
        _step(index, kind, data, join(pointer, "steps", index), report)
        for index, (kind, data) in enumerate(entry["steps"])
    )


def _step(index: int, kind: str, data: Mapping[str, Any], pointer: str, report: Report) -> Step:
    at: tuple[Moment, ...] = data.get("at", ())
    expect = tuple(_expectations(data, join(pointer, "expect"), report))
    if len(expect) > 1 and len(expect) != len(at):
        message = f"{len(expect)} answers are expected at {len(at) or 1} time(s)"
        report.error("suite.expect", join(pointer, "expect"), f"{message}; write one for each time, or one for all")
    rest = {key: value for key, value in data.items() if key not in {"at", "day", "expect"}}
    return Step(index + 1, pointer, kind, rest, at, data.get("day"), expect)


def _expectations(data: Mapping[str, Any], pointer: str, report: Report) -> Iterator[Expectation]:
    wanted = data.get("expect", ())
    listed = join(pointer, 0) in report.positions.values
    for index, one in enumerate(wanted):
        yield Expectation(join(pointer, index) if listed else pointer, one)
