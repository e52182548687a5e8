"""Findings as a compiler shows them: the place, the line, a caret under it, and the way out."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from minorguard.cli.output import GREY, console
from minorguard.cli.sources import Sources

_STYLES = {"error": "bold red", "warning": "bold yellow"}
_GUTTER = 5
"""Columns of a line's number."""
_BEFORE, _AFTER = 80, 80
"""How many characters of a long line are shown before and after the place."""


def render(findings: Iterable[Any], sources: Sources | None = None) -> None:
    """Print findings on the error stream."""
    out, sources = console(stderr=True), sources or Sources()
    for finding in findings:
        _render(out, finding, sources.line(finding.file, finding.line))


def _render(out: Console, finding: Any, line: str | None) -> None:  # noqa: ANN401  # `PolicyInvalid.findings` holds plain objects
    style = _STYLES[finding.severity]
    place = f"{finding.file}:{finding.line}:{finding.column}" if finding.line else finding.file
    label = f"{finding.severity}[{finding.code}]"
    out.print(Text.assemble((f"{printable(place)}: ", "bold"), (label, style), f": {printable(message(finding))}"))
    margin = " " * (_GUTTER + 1)
    if line is not None:
        shown, column = window(printable(line), finding.column)
        out.print(Text.assemble((f"{finding.line:>{_GUTTER}} | ", GREY), shown))
        out.print(Text.assemble((f"{margin}| ", GREY), (caret(shown, column), style)))
    for word, note in (("at", finding.pointer), ("help:", getattr(finding, "help", None))):
        if note:
            out.print(Text(f"{margin}= {word} {printable(note)}", GREY))


def message(finding: Any) -> str:  # noqa: ANN401
    """The message with the likely word, if there is one."""
    return f"{finding.message}, did you mean `{finding.suggestion}`?" if finding.suggestion else str(finding.message)


def printable(text: str) -> str:
    r"""A text of one line that does nothing to a terminal: each tab a space, other control characters a mark.

    >>> printable("a\tb\x1b[31m") == "a b\N{REPLACEMENT CHARACTER}[31m"
    True
    """
    return "".join(" " if c == "\t" else "\ufffd" if _controls(c) else c for c in text)


def _controls(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def window(line: str, column: int) -> tuple[str, int]:
    """The part of a line around a column, and where the column is in it; a short line is left whole.

    >>> window("ab", 2)
    ('ab', 2)
    """
    start, end = max(0, column - 1 - _BEFORE), column - 1 + _AFTER
    if start < 2 and len(line) < end + 2:
        return line, column
    before, after = "… " if start else "", " …" if end < len(line) else ""
    return f"{before}{line[start:end]}{after}", column - start + len(before)


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
