"""Every code of a finding: what it says and the way out. `Finding.help`, docs/findings.md and SARIF read this table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from minorguard.policy.codes_meaning import MEANING
from minorguard.policy.codes_shape import SHAPE

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Code:
    """One code. An `error` refuses the document; a `warning` does not."""

    code: str
    severity: Severity
    title: str
    """What it says, in a few words."""
    help: str
    """The way out, in one line."""


def _codes(table: str) -> Iterator[Code]:
    """The codes of a table of lines ``severity code | title | help``; lines without a bar are headings."""
    for line in filter(lambda line: "|" in line, table.splitlines()):
        head, title, help = (part.strip() for part in line.split("|"))
        severity, code = head.split()
        yield Code(code, "error" if severity == "error" else "warning", title, help)


CODES = MappingProxyType({code.code: code for code in _codes(SHAPE + MEANING)})
"""Every code, in the order of the page."""


_HEAD = """\
# Findings

What `minorguard check` may say of a document. A finding is printed as
`file:line:column: error[code] /pointer: message`, with `did you mean …?` where a word is near. An **error** refuses the
document: it is never published, and never replaces one that is in force. A **warning** is doubtful, and passes; it
speaks of what the document itself says, so that there is always something to change in it. Warnings that compare rules
with one another are looked for in documents of up to 3,000 keys and values.

Codes are stable: one is never used for something else.
"""


def findings_page() -> str:
    """The page of findings, in Markdown; docs/findings.md is this text."""
    return "\n".join([_HEAD, *_sections(SHAPE + MEANING)])


def _sections(table: str) -> Iterator[str]:
    heading = ""
    for block in table.strip().split("\n\n"):
        heading, _, rows = block.partition("\n")
        yield f"## {heading}\n"
        yield from _rows(_codes(rows))
        yield ""


def _rows(codes: Iterable[Code]) -> Iterator[str]:
    yield "| code | severity | says | what to do |\n|---|---|---|---|"
    for code in codes:
        yield f"| `{code.code}` | {code.severity} | {code.title} | {code.help} |"
