"""From a row as people write it to a term, with findings for what does not fit."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from minorguard.content.findings import MAX_FINDINGS, LexiconFinding
from minorguard.content.fold import skeleton
from minorguard.content.taxonomy import TAXONOMY
from minorguard.content.terms import MAX_TERM, Kind, Term, Where
from minorguard.errors import LexiconInvalid
from minorguard.model.sections import TextAction

FIELDS = ("term", "category", "level", "action", "tags", "language", "where", "note")


class Problems:
    """The findings of one load; after `MAX_FINDINGS` of a severity the rest is only counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.line = 0
        self.findings: list[LexiconFinding] = []
        self.left_out = 0
        self._unknown: set[str] = set()

    def error(self, code: str, message: str, line: int | None = None) -> None:
        """Note an error at a line, or at the line that is being read."""
        self._note(LexiconFinding(code, "error", message, self.file, self.line if line is None else line))

    def warning(self, code: str, message: str, line: int | None = None) -> None:
        """Note a warning."""
        self._note(LexiconFinding(code, "warning", message, self.file, self.line if line is None else line))

    def category(self, code: str) -> None:
        """Warn once of a category that the taxonomy does not have, if it looks like one that it has."""
        if code not in TAXONOMY and code not in self._unknown:
            self._unknown.add(code)
            near = difflib.get_close_matches(code, TAXONOMY, n=1, cutoff=0.75)
            if near:
                self.warning("category.unknown", f"category `{code}` is not in the taxonomy, did you mean `{near[0]}`?")

    def _note(self, finding: LexiconFinding) -> None:
        if sum(other.severity == finding.severity for other in self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.left_out += 1

    @property
    def warnings(self) -> tuple[LexiconFinding, ...]:
        """What was doubtful."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    def raise_if_failed(self) -> None:
        """Raise `LexiconInvalid` with every finding if one of them is an error."""
        if any(finding.severity == "error" for finding in self.findings):
            raise LexiconInvalid(self.file, self.findings)


def term_of(row: Mapping[str, Any] | Term, number: int, problems: Problems) -> Term | None:
    """A term from a row; None with a finding if it is none."""
    problems.line = number
    if isinstance(row, Term):
        return checked(row.text, row.kind, row.note, problems)
    if not isinstance(row, Mapping):
        problems.error("field.missing", f"a term is a mapping with `term` and `category`, not `{row!r:.40}`")
        return None
    kind = kind_of(row, problems)
    return None if kind is None else checked(row.get("term"), kind, str(row.get("note") or ""), problems)


def checked(text: object, kind: Kind, note: str, problems: Problems) -> Term | None:
    """A term whose text can be looked for; empty ones are left out with a warning, impossible ones are errors."""
    if text is None or not isinstance(text, str | int):
        problems.error("field.missing", "a term has a text under `term`")
        return None
    text = str(text).strip()
    if not text:
        problems.warning("term.empty", "an empty term is left out")
        return None
    if len(text) > MAX_TERM:
        problems.error("term.too-long", f"`{text[:40]}...` has {len(text)} characters, the most is {MAX_TERM}")
        return None
    left = skeleton(text)
    if not left:
        problems.error("term.nothing-left", f"`{text}` has no letter, ideograph or digit")
        return None
    if len(left) == 1 and kind.where == "auto" and kind.action is not TextAction.ALLOW:
        problems.warning("term.one-letter", f"`{text}` is a single character")
    return Term(text, kind, note)


def kind_of(row: Mapping[str, Any], problems: Problems) -> Kind | None:
    """What a row says beside its text."""
    ok = _known_fields(row, problems)
    category = row.get("category")
    if not isinstance(category, str) or not category.strip():
        problems.error("field.missing", "a term names its category")
        return None
    category = category.strip()
    problems.category(category)
    action, where = row.get("action") or None, row.get("where") or "auto"
    ok &= _one_of("action", action, [None, *TextAction], problems) and _one_of("where", where, get_args(Where), problems)
    level = _level(row.get("level"), problems)
    if not ok or level is None:
        return None
    tags = row.get("tags") or ()
    tags = tuple(tags.replace(",", " ").replace(";", " ").split()) if isinstance(tags, str) else tuple(map(str, tags))
    return Kind(category, level, TextAction(action) if action else None, tags, str(row.get("language") or ""), where)


def _known_fields(row: Mapping[str, Any], problems: Problems) -> bool:
    unknown = [key for key in row if key not in FIELDS]
    for key in unknown:
        near = difflib.get_close_matches(str(key), FIELDS, n=1)
        problems.error("field.unknown", f"unknown field `{key}`" + (f", did you mean `{near[0]}`?" if near else ""))
    return not unknown


def _one_of(field: str, value: object, known: Iterable[object], problems: Problems) -> bool:
    known = list(known)
    if value in known:
        return True
    problems.error("field.invalid", f"{field} `{value}` is none of {', '.join(f'`{word}`' for word in known if word)}")
    return False


def _level(value: object, problems: Problems) -> int | None:
    if value in (None, ""):
        return 3
    text = str(value).strip()
    if not isinstance(value, bool) and text in {"1", "2", "3", "4", "5"}:
        return int(text)
    problems.error("field.invalid", f"level `{value}` is not a whole number from 1 to 5")
    return None
