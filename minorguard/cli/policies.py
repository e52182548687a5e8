"""``minorguard check``: are these policies sound?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from minorguard.cli.exits import Exit
from minorguard.cli.findings import render, summary
from minorguard.cli.options import json_option
from minorguard.cli.output import emit, finding_body, say
from minorguard.errors import PolicyInvalid
from minorguard.model.calendar import Calendar
from minorguard.policy import Finding, PolicyBook, check_policy, load_calendar
from minorguard.policy.book import CALENDARS

_SUFFIXES = {".yaml", ".yml"}


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@json_option
def check(paths: Sequence[Path], *, strict: bool, as_json: bool) -> int:
    """Check policies and show every finding.

    PATH is a policy file, or a folder of policies. Fails (1) on errors, with --strict on warnings too.
    """
    findings = [finding for path in paths for finding in findings_of(path)]
    failed = any(strict or finding.severity == "error" for finding in findings)
    files = sum(_count(path) for path in paths)
    if as_json:
        emit({"ok": not failed, "files": files, "findings": [finding_body(finding) for finding in findings]})
    else:
        render(findings)
        say(summary(findings, files))
    return Exit.FAILED if failed else Exit.OK


def findings_of(path: Path) -> tuple[Finding, ...]:
    """All findings of a file, or of a folder of policies and its calendars."""
    if path.is_dir():
        return _of_book(path)
    calendars = dict(_calendars(path.parent / CALENDARS))
    if not calendars:
        return _of_book(path)
    return check_policy(path.read_text("utf-8"), str(path), calendars=calendars)[1]


def _of_book(path: Path) -> tuple[Finding, ...]:
    try:
        return PolicyBook.load(path).findings
    except PolicyInvalid as error:
        return tuple(finding for finding in error.findings if isinstance(finding, Finding))


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
