"""Findings: what is wrong with a document, where, and the way out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from minorguard.errors import PolicyInvalid
from minorguard.policy.codes import CODES, Severity
from minorguard.policy.meant import plain, wide_mark
from minorguard.policy.positions import Positions

MAX_FINDINGS = 200
"""How many errors, and how many warnings, of one file are told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (`error`) or doubtful (`warning`) in a document.

    `line` and `column` count from 1; 0 means that the document has no text, such as settings that came as a mapping.
    """

    code: str
    severity: Severity
    message: str
    file: str
    line: int = 0
    column: int = 0
    pointer: str = ""
    """JSON pointer of the place; empty is the whole document."""
    suggestion: str | None = None
    """The likely word."""

    @property
    def help(self) -> str | None:
        """What to do about findings of this code, in one line; None for a code that is not in the table."""
        code = CODES.get(self.code)
        return code.help if code is not None else None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        where = f" {self.pointer}" if self.pointer else ""
        hint = f", did you mean `{self.suggestion}`?" if self.suggestion else ""
        return f"{place}: {self.severity}[{self.code}]{where}: {self.message}{hint}"


class Problem(str):
    """A message with its code, as the schemas raise it; the place is added where it is caught."""

    __slots__ = ("at_key", "code", "suggestion")
    code: str
    suggestion: str | None
    at_key: bool

    def __new__(cls, code: str, message: str, suggestion: str | None = None, *, at_key: bool = False) -> Problem:
        """A problem of the value, or, with `at_key`, of its key."""
        self = super().__new__(cls, message)
        self.code, self.suggestion, self.at_key = code, suggestion, at_key
        return self

    def format(self, *_args: object, **_values: object) -> Problem:
        """Itself: it is a message, not a template."""
        return self


@dataclass(slots=True)
class Report:
    """Collects the findings of one file."""

    file: str
    positions: Positions = field(default_factory=Positions)
    findings: list[Finding] = field(default_factory=list)

    def add(self, pointer: str, problem: Problem, severity: Severity = "error") -> None:
        """Note a problem at a pointer; a pointer that is not in the file stands at its nearest parent.

        After `MAX_FINDINGS` the rest is left out.
        """
        if sum(finding.severity == severity for finding in self.findings) >= MAX_FINDINGS:
            return
        at = self.positions.key(pointer) if problem.at_key else self.positions.value(pointer)
        message = str(problem) + _of_marks(problem)
        finding = Finding(
            problem.code, severity, message, self.file, at.line, at.column, pointer, suggestion=problem.suggestion
        )
        if finding not in self.findings:
            self.findings.append(finding)

    def error(self, code: str, pointer: str, message: str, suggestion: str | None = None) -> None:
        """Note an error."""
        self.add(pointer, Problem(code, message, suggestion))

    def warning(self, code: str, pointer: str, message: str, suggestion: str | None = None) -> None:
        """Note a warning."""
        self.add(pointer, Problem(code, message, suggestion), "warning")

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return any(finding.severity == "error" for finding in self.findings)

    def sorted(self) -> tuple[Finding, ...]:
        """The findings in the order of the text."""
        return tuple(sorted(self.findings, key=lambda found: (found.line, found.column, found.pointer, found.code)))

    def raise_if_failed(self) -> None:
        """Raise `PolicyInvalid` with every finding if one of them is an error."""
        if self.failed:
            raise PolicyInvalid(self.file, self.sorted())


def _of_marks(problem: Problem) -> str:
    """What to add where a full-width mark is quoted: the likeliest mistake at a Chinese keyboard, and hard to see."""
    mark = wide_mark("".join(re.findall(r"`([^`]*)`", problem)))
    told = problem.suggestion is not None and not problem.at_key
    return f"; write `{plain(mark)}` for `{mark}`" if mark and not told else ""


def likely(word: object, words: Iterable[str]) -> str | None:
    """The one of `words` that was probably meant, if one is near."""
    by_lower = {candidate.lower(): candidate for candidate in words}
    near = difflib.get_close_matches(str(word).lower()[:80], by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else None


def shown(value: object) -> str:
    """Input as a message shows it: as it was written, one line, in backticks, cut after 60 characters."""
    if isinstance(value, bool | None):
        return {True: "`true`", False: "`false`", None: "`null`"}[value]
    if isinstance(value, int) and value.bit_length() > 64:
        return "this number"
    line = " ".join(str(value)[:200].replace("`", "'").split())
    return f"`{line if len(line) <= 60 else line[:57] + '...'}`"


def listed(words: Iterable[str]) -> str:
    """Words for a message: `a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
