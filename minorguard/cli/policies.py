"""``minorguard check``: are these policies sound?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from minorguard.cli.exits import Exit
from minorguard.cli.findings import render, summary
from minorguard.cli.options import DateType, json_option
from minorguard.cli.output import emit, finding_body, say
from minorguard.errors import PolicyInvalid
from minorguard.model.calendar import Calendar
from minorguard.policy import Finding, PolicyBook, check_policy, load_calendar
from minorguard.policy.book import CALENDARS
from minorguard.policy.document import read_text
from minorguard.policy.findings import Report

_SUFFIXES = {".yaml", ".yml"}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--today", type=DateType(), help="Warn of this year and the next if the calendar does not know them.")
@json_option
def check(paths: Sequence[Path], *, strict: bool, today: date | None, as_json: bool) -> int:
    """Check policies and show every finding.

    PATH is a policy file, or a folder of policies. Fails (1) on errors, with --strict on warnings too.
    """
    findings = [finding for path in paths for finding in findings_of(path, today)]
    failed = any(strict or finding.severity == "error" for finding in findings)
    files = sum(_count(path) for path in paths)
    if as_json:
        emit({"ok": not failed, "files": files, "findings": [finding_body(finding) for finding in findings]})
    else:
        render(findings)
        say(summary(findings, files))
    return Exit.FAILED if failed else Exit.OK


def findings_of(path: Path, today: date | None = None) -> tuple[Finding, ...]:
    """All findings of a file, or of a folder of policies and its calendars."""
    try:
        return PolicyBook.load(path, today=today).findings if path.is_dir() else _of_file(path, today)
    except PolicyInvalid as error:
        return tuple(finding for finding in error.findings if isinstance(finding, Finding))


def _of_file(file: Path, today: date | None) -> tuple[Finding, ...]:
    report = Report(str(file))
    text = read_text(file, report)
    report.raise_if_failed()
    assert text is not None
    return check_policy(text, str(file), calendars=dict(_calendars(file.parent / CALENDARS)), today=today)[1]


def _calendars(folder: Path) -> Iterator[tuple[str, Calendar]]:
    """The calendars that lie beside a policy file, for checking it alone."""
    for file in _yaml(folder):
        calendar = load_calendar(file.read_text("utf-8"), str(file))
        yield calendar.name, calendar


def _yaml(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.suffix in _SUFFIXES and file.is_file())


def _count(path: Path) -> int:
    return len(_yaml(path)) + len(_yaml(path / CALENDARS)) if path.is_dir() else 1
