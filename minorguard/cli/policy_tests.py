"""``minorguard test``: do the policies do what their tests say?"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from minorguard.cli.exits import Exit
from minorguard.cli.findings import render
from minorguard.cli.options import json_option
from minorguard.cli.output import console, say
from minorguard.errors import InvalidInput
from minorguard.simulate.coverage import Coverage
from minorguard.simulate.results import SuiteResult
from minorguard.simulate.select import chooser
from minorguard.simulate.suite_paths import run_file, sources, suites_in
from minorguard.simulate.suite_reports import coverage_lines, github, junit, pretty, summary
from minorguard.simulate.watch import watch

_FORMATS = ("pretty", "junit", "json", "github")
_STYLES = {"  ok  ": "green", "  FAIL": "bold red"}
_PAUSE = 0.5
"""Seconds between two looks at the files."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options ask for."""

    paths: Sequence[Path]
    select: Callable[[str], bool] | None
    format: str
    output: Path | None
    coverage: bool
    fail_under: float | None


@dataclass(slots=True)
class Ran:
    """One run of all files."""

    suites: list[SuiteResult] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)

    def to_dict(self, code: Exit) -> dict[str, Any]:
        """The wire form; the coverage is that of all files together."""
        suites = [{key: value for key, value in suite.to_dict().items() if key != "coverage"} for suite in self.suites]
        coverage = [report.to_dict() for report in self.coverage.reports()]
        return {"ok": code is Exit.OK, "suites": suites, "coverage": coverage}


@click.command("test")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("-k", "expression", metavar="EXPR", help="Only tests by name, such as 'night and not study'.")
@click.option("--format", type=click.Choice(_FORMATS), default="pretty", show_default=True, help="Of the report.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to this file.")
@click.option("--coverage", is_flag=True, help="Show how much of the rules the tests see, and what is missing.")
@click.option("--fail-under", type=click.FloatRange(0, 100), help="Fail (2) if they see less per cent of a policy.")
@click.option("--watch", "watching", is_flag=True, help="Run again whenever a file changes, until Ctrl-C.")
@json_option
def policy_tests(
    paths: Sequence[Path],
    *,
    expression: str | None,
    format: str,
    watching: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401  # what goes into `Wanted` as it is
) -> int:
    """Run the policy tests of files and folders.

    PATH is a file, or a folder in which all `*.mgtest.yaml` are run. Fails (1) if a test does, and (2) if a file cannot
    be used or too little of the rules was seen.
    """
    select = None if expression is None else chooser(expression)
    wanted = Wanted(paths, select, "json" if as_json else format, **options)
    return _watch(wanted) if watching else run_once(wanted)


def run_once(wanted: Wanted) -> int:
    """Run everything and report; the exit code."""
    files = suites_in(wanted.paths)
    if not files:
        raise InvalidInput("PATH", "holds no policy tests; their names end in `.mgtest.yaml`")
    ran = Ran()
    ran.suites = [run_file(file, coverage=ran.coverage, select=wanted.select) for file in files]
    code = _code(ran, wanted)
    _report(ran, wanted, code)
    return code


def _code(ran: Ran, wanted: Wanted) -> Exit:
    if not all(suite.valid for suite in ran.suites):
        return Exit.USAGE
    if not all(suite.ok for suite in ran.suites):
        return Exit.FAILED
    if not any(suite.results for suite in ran.suites):
        return Exit.USAGE
    return Exit.USAGE if _short(ran, wanted) else Exit.OK


def _short(ran: Ran, wanted: Wanted) -> list[str]:
    """The policies of which too little was seen."""
    least = wanted.fail_under
    reports = () if least is None else ran.coverage.reports()
    return [f"{report.policy} ({report.percent}%)" for report in reports if report.percent < (least or 0)]


def _report(ran: Ran, wanted: Wanted, code: Exit) -> None:
    lines = _lines(ran, wanted, code)
    if wanted.output is None:
        _print(lines, wanted.format)
    else:
        _write(wanted.output, "\n".join(lines) + "\n")
    if wanted.format == "json":
        return
    aside = wanted.output is None and wanted.format != "pretty"  # the report itself is for programs
    if wanted.format != "github" or wanted.output is not None:
        render(finding for suite in ran.suites for finding in suite.findings)
    if wanted.coverage:
        _tell(coverage_lines(ran.coverage), stderr=aside)
    _tell([summary(ran.suites)], stderr=aside)
    if short := _short(ran, wanted):
        _tell([f"less than {wanted.fail_under:g}% of the rules was seen of {', '.join(short)}"], stderr=True)


def _lines(ran: Ran, wanted: Wanted, code: Exit) -> list[str]:
    match wanted.format:
        case "json":
            return [json.dumps(ran.to_dict(code), ensure_ascii=False, indent=2)]
        case "junit":
            return junit(ran.suites).rstrip("\n").split("\n")
        case "github":
            return list(github(ran.suites))
        case _:
            return list(pretty(ran.suites))


def _print(lines: list[str], format: str) -> None:
    if format != "pretty":
        click.echo("\n".join(lines))
        return
    for line in lines:
        style = _STYLES.get(line[:6])
        say((line[:6], style), line[6:]) if style else say(line)


def _tell(lines: Iterator[str] | list[str], *, stderr: bool) -> None:
    out = console(stderr=stderr)
    for line in lines:
        out.print(line)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput("--output", f"`{file}` cannot be written ({error.strerror}); name another file") from None


def _watch(wanted: Wanted) -> int:
    last: int = Exit.OK

    def run() -> None:
        nonlocal last
        try:
            last = run_once(wanted)
        except InvalidInput as error:
            last = Exit.USAGE
            _tell([str(error)], stderr=True)

    with suppress(KeyboardInterrupt):  # that is how watching ends
        watch(lambda: sources(suites_in(wanted.paths)), run, ticks())
    return last


def ticks() -> Iterator[None]:
    """A tick now, and one after every pause, for ever."""
    pause = threading.Event()
    while True:
        yield
        pause.wait(_PAUSE)
