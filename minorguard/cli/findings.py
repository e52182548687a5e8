"""Findings as a compiler shows them: the place, the line, and a caret under it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from minorguard.cli.output import GREY, console

_STYLES = {"error": "bold red", "warning": "bold yellow"}


def render(findings: Iterable[Any]) -> None:
    """Print findings on the error stream."""
    out = console(stderr=True)
    for finding in findings:
        _render(out, finding)


def _render(out: Console, finding: Any) -> None:  # noqa: ANN401  # `PolicyInvalid.findings` holds plain objects
    style = _STYLES[finding.severity]
    place = f"{finding.file}:{finding.line}:{finding.column}" if finding.line else finding.file
    hint = f", did you mean `{finding.suggestion}`?" if finding.suggestion else ""
    label = f"{finding.severity}[{finding.code}]"
    out.print(Text.assemble((f"{place}: ", "bold"), (label, style), f": {finding.message}{hint}"))
    line = source_line(finding.file, finding.line)
    if line is not None:
        _excerpt(out, finding, line, style)


def _excerpt(out: Console, finding: Any, line: str, style: str) -> None:  # noqa: ANN401
    number = f"{finding.line:>5} | "
    out.print(Text.assemble((number, GREY), line))
    out.print(Text.assemble((" " * (len(number) - 2) + "| ", GREY), (caret(line, finding.column), style)))
    if finding.pointer:
        out.print(Text(f"{' ' * (len(number) - 2)}= at {finding.pointer}", GREY))


def source_line(file: str, number: int) -> str | None:
    """A line of a file as it is shown, or None."""
    try:
        lines = Path(file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    return lines[number - 1].replace("\t", " ") if 0 < number <= len(lines) else None


def caret(line: str, column: int) -> str:
    """A caret under a column, counted in characters; wide characters take two cells.

    >>> caret("短视频: x", 6)
    '        ^'
    """
    return " " * cell_len(line[: max(0, column - 1)]) + "^"


def summary(findings: Iterable[Any], files: int) -> str:
    """How many there are of each severity.

    >>> summary([], 1)
    '1 file: no findings'
    """
    counts = Counter(finding.severity for finding in findings)
    found = ", ".join(_many(counts[severity], severity) for severity in _STYLES if counts[severity])
    return f"{_many(files, 'file')}: {found or 'no findings'}"


def _many(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
