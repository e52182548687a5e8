"""A policy that comes through standard input, as if it lay in the working folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from minorguard.cli.sources import STDIN, Sources, yaml_files
from minorguard.model.calendar import Calendar
from minorguard.policy import Finding, builtin_presets, check_policy
from minorguard.policy.book import CALENDARS
from minorguard.policy.calendar_files import read_calendar
from minorguard.policy.document import MAX_SIZE, read_text
from minorguard.policy.documents import Document, parse
from minorguard.policy.findings import Problem, Report


def check_stdin(sources: Sources, today: date | None) -> tuple[Finding, ...]:
    """The findings of the text on standard input, and of the calendars beside it; the text goes to `sources`."""
    report = Report(STDIN)
    text = _text(report)
    if text is None:
        return report.sorted()
    sources.add(STDIN, text)
    calendars = {calendar.name: calendar for calendar in _calendars(report)}
    documents = dict(_neighbours(text))
    _, findings = check_policy(text, STDIN, calendars=calendars, documents=documents, today=today)
    return (*report.findings, *findings)


def _text(report: Report) -> str | None:
    raw = b"" if sys.stdin is None else sys.stdin.buffer.read(MAX_SIZE + 1)  # None: it is closed
    if len(raw) > MAX_SIZE:
        report.error("yaml.too_large", "", "the text is larger than 1 MiB; split the policy")
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report.add("", Problem("yaml.encoding", f"the text is not utf-8 (byte {error.start}); send it as utf-8"))
        return None


def _calendars(report: Report) -> Iterator[Calendar]:
    for file in yaml_files(Path(CALENDARS)):
        of_file = Report(str(file))
        text = read_text(file, of_file)
        calendar = read_calendar(text, of_file) if text is not None else None
        report.findings += of_file.sorted()
        if calendar is not None:
            yield calendar


def _neighbours(text: str) -> Iterator[tuple[str, Document]]:
    """The policies of the working folder, if the text extends one that does not ship."""
    if set(parse(Document(text, STDIN)).extends) <= set(builtin_presets()):
        return
    for file in yaml_files(Path()):
        neighbour = read_text(file, Report(str(file)))
        if neighbour is not None:
            document = Document(neighbour, str(file))
            yield parse(document).id, document
