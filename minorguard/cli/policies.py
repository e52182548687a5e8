"""``minorguard check``: are these policies sound?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import click

from minorguard.cli.against import Proven, against_option, on_option, prove_all, show, switch_option
from minorguard.cli.exits import Exit
from minorguard.cli.findings import render, summary
from minorguard.cli.options import DateType, json_option
from minorguard.cli.output import emit, finding_body, say
from minorguard.cli.reports import github, sarif
from minorguard.cli.sources import Sources, yaml_files
from minorguard.cli.stdin import check_stdin
from minorguard.errors import PolicyInvalid
from minorguard.policy import Finding, PolicyBook
from minorguard.policy.book import CALENDARS
from minorguard.policy.findings import Report

FORMATS = ("pretty", "json", "sarif", "github")
_STDIN = Path("-")


@dataclass(slots=True)
class Checked:
    """What was looked at, and what was found."""

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    sources: Sources = field(default_factory=Sources)

    def look(self, path: Path, today: date | None) -> None:
        """Look at a file, a folder, or standard input (`-`)."""
        found = check_stdin(self.sources, today) if path == _STDIN else findings_of(path, today)
        self.findings += (finding for finding in found if finding not in self.findings)
        self.files += _count(path)

    def failed(self, *, strict: bool) -> bool:
        """Whether there is an error, or anything at all if that is asked for."""
        return any(strict or finding.severity == "error" for finding in self.findings)


@click.command()
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="PATH...",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--today", type=DateType(), help="Warn of this year and the next if the calendar does not know them.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Of the findings. [default: pretty]")
@against_option
@switch_option
@on_option
@json_option
def check(
    paths: Sequence[Path],
    *,
    strict: bool,
    today: date | None,
    form: str | None,
    against: Sequence[str],
    switched: Sequence[str],
    on: date | None,
    as_json: bool,
) -> int:
    """Check policies and show every finding.

    PATH is a policy file, a folder of policies, or - for a policy on standard input. Fails (1) on errors, with --strict
    on warnings too, and with --against unless it is proved.
    """
    form = _form(form, as_json=as_json)
    _check_options(paths, form, against=against, alone=bool(switched or on))
    checked = Checked()
    for path in dict.fromkeys(paths):
        checked.look(path, today)
    failed = checked.failed(strict=strict)
    sound = not checked.failed(strict=False)
    proven = list(prove_all(tuple(dict.fromkeys(paths)), against, switched, on)) if against and sound else []
    failed = failed or not all(one.proof.holds for one in proven)
    _report(checked, form, failed=failed, proven=proven if against else None)
    return Exit.FAILED if failed else Exit.OK


def _form(form: str | None, *, as_json: bool) -> str:
    if as_json and form not in {None, "json"}:
        raise click.UsageError(f"--json is short for --format json; leave it or `--format {form}` out")
    return "json" if as_json else form or "pretty"


def _check_options(paths: Sequence[Path], form: str, *, against: Sequence[str], alone: bool) -> None:
    if against and form not in {"pretty", "json"}:
        raise click.UsageError(f"--against is told as `pretty` or `json`; leave it or `--format {form}` out")
    if against and _STDIN in paths:
        raise click.UsageError("--against takes files and folders; write the policy to a file")
    if alone and not against:
        raise click.UsageError("--on and --switch-on say what to prove; add `--against PRESET`")


def _report(checked: Checked, form: str, *, failed: bool, proven: Sequence[Proven] | None) -> None:
    findings = checked.findings
    match form:
        case "json":
            body = {"ok": not failed, "files": checked.files, "findings": [finding_body(found) for found in findings]}
            emit(body if proven is None else {**body, "against": [one.to_dict() for one in proven]})
        case "sarif":
            emit(sarif(findings))
        case "github":
            for line in github(findings):
                click.echo(line)
        case _:
            render(findings, checked.sources)
            say(summary(findings, checked.files))
            for one in proven or ():
                show(one)


def findings_of(path: Path, today: date | None = None) -> tuple[Finding, ...]:
    """All findings of a file, or of a folder of policies, and of the calendars beside them."""
    try:
        return PolicyBook.load(path, today=today).findings
    except PolicyInvalid as error:
        return tuple(finding for finding in error.findings if isinstance(finding, Finding))
    except OSError as error:
        report = Report(str(path))
        report.error("file.unreadable", "", f"it cannot be read ({error.strerror}); check its path and rights")
        return report.sorted()


def _count(path: Path) -> int:
    return len(yaml_files(path)) + len(yaml_files(path / CALENDARS)) if path.is_dir() else 1
