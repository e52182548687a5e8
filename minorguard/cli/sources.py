"""Which files a check looks at, and the lines that findings stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from minorguard.policy.book import TESTS
from minorguard.policy.document import MAX_SIZE

_SUFFIXES = {".yaml", ".yml"}
STDIN = "<stdin>"
"""What findings call standard input."""

_BREAK = re.compile("\r\n?|\n")
"""What ends a line to the reader of documents; `str.splitlines` ends them at more."""
_MARK = "\ufeff"
"""A mark of byte order, which the reader does not count as a column."""


@dataclass(slots=True)
class Sources:
    """The lines of texts, each text read once and none longer than a document may be."""

    lines: dict[str, list[str]] = field(default_factory=dict)

    def add(self, file: str, text: str) -> None:
        """Remember a text that cannot be read again."""
        self.lines[file] = _BREAK.split(text.replace(_MARK, "")) if text else []

    def line(self, file: str, number: int) -> str | None:
        """A line, counted from 1; None if it is not there or cannot be read."""
        if file not in self.lines:
            self.add(file, _read(Path(file)))
        lines = self.lines[file]
        return lines[number - 1] if 0 < number <= len(lines) else None


def _read(path: Path) -> str:
    try:
        if not path.is_file():  # a folder; or a pipe, which was read already
            return ""
        with path.open("rb") as file:
            raw = file.read(MAX_SIZE + 1)
        return raw.decode("utf-8-sig") if len(raw) <= MAX_SIZE and b"\0" not in raw else ""
    except (OSError, ValueError):
        return ""


def yaml_files(folder: Path) -> list[Path]:
    """The YAML files of a folder, sorted, without the tests of policies; a folder that is not there has none."""
    if not folder.is_dir():
        return []
    found = (file for file in folder.iterdir() if file.suffix in _SUFFIXES and not file.name.endswith(TESTS))
    return sorted(file for file in found if file.is_file())
