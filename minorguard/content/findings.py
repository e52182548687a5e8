"""What is wrong or doubtful in a list, where, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Severity = Literal["error", "warning"]

MAX_FINDINGS = 200
"""How many findings of one load are told."""

CODES = MappingProxyType(
    {
        "term.empty": "write a term, or leave the line out",
        "term.nothing-left": "it is made of signs that the filter takes for separators; write letters or figures",
        "term.too-long": "look for a shorter part of it",
        "term.one-letter": "one character stands in many innocent words; add a companion, or say `where: word`",
        "term.duplicate": "leave one of them out; the stricter action holds",
        "term.common-word": "it is an everyday word; make it longer, or let it go to `review`",
        "term.hits-words": "allow the innocent words beside it, or make it longer",
        "field.missing": "name it",
        "field.unknown": "correct its spelling; there are term, category, level, action, tags, language, where, note",
        "field.invalid": "write one of the values that are named",
        "category.unknown": "a category of your own is fine; a slip of the pen is not",
        "sample.changed": "change the list, or the sample if people now judge otherwise",
        "file.missing": "check the path",
        "file.empty": "write a term; an empty list lets everything pass",
        "file.encoding": "save it as UTF-8",
        "file.syntax": "mend the file; `minorguard lexicon check` reads it again",
        "file.format": "use .yaml, .yml, .json, .csv, .tsv or .txt",
        "file.slow": "keep long lists as CSV, JSON or plain text; YAML is read slowly",
        "blob.unreadable": "build it again with `minorguard lexicon build`",
    }
)
"""Every code and its way out; codes are stable."""


@dataclass(frozen=True, slots=True)
class LexiconFinding:
    """One thing: an `error` refuses the list, a `warning` does not. Lines count from 1; 0 is the file as a whole."""

    code: str
    severity: Severity
    message: str
    file: str
    line: int = 0

    @property
    def help(self) -> str:
        """What to do about it, in one line."""
        return CODES[self.code]

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity}[{self.code}]: {self.message}"
