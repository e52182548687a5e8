"""From rows as people write them to terms, with findings for what does not fit."""

from __future__ import annotations

import difflib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast, get_args

from minorguard.content.findings import MAX_FINDINGS, LexiconFinding, Severity
from minorguard.content.index import skeletons
from minorguard.content.taxonomy import TAXONOMY
from minorguard.content.terms import MAX_TERM, Kind, Term, Where
from minorguard.errors import LexiconInvalid
from minorguard.model.sections import TextAction

FIELDS = ("term", "category", "level", "action", "tags", "language", "where", "note")


class Rows:
    """Collects the rows of one load and their findings; `terms` is what is fit to be looked for."""

    def __init__(self, file: str = "terms") -> None:
        self.file = file
        self.findings: list[LexiconFinding] = []
        self.texts: list[str] = []
        self.kinds: dict[Kind, int] = {}
        self.of: list[int] = []
        self.notes: dict[int, str] = {}
        self._places: list[tuple[str, int]] = []
        self._told: Counter[str] = Counter()
        self._known: dict[tuple[object, ...], Kind | None] = {}
        self._categories: set[str] = set()

    def note(self, code: str, severity: Severity, message: str, line: int, file: str | None = None) -> None:
        """Note a finding; after `MAX_FINDINGS` of a severity the rest is left out."""
        self._told[severity] += 1
        if self._told[severity] <= MAX_FINDINGS:
            self.findings.append(LexiconFinding(code, severity, message, self.file if file is None else file, line))

    def row(self, row: Mapping[str, Any] | Term, line: int) -> None:
        """Take a mapping as people write it, or a term."""
        if isinstance(row, Term):
            self.add(row.text, row.kind, row.note, line)
        elif isinstance(row, Mapping):
            kind = self.kind(row, line)
            if kind is not None:
                self.add(row.get("term"), kind, str(row.get("note") or ""), line)
        else:
            self.note(
                "field.missing", "error", f"a term is a mapping with `term` and `category`, not `{row!r:.40}`", line
            )

    def add(self, text: object, kind: Kind, note: str, line: int) -> None:
        """Take a term; whether its text is fit is looked at in the end, for all at once."""
        if not isinstance(text, str):
            if text is None or isinstance(text, bool) or not isinstance(text, int):
                self.note("field.missing", "error", "a term has a text under `term`", line)
                return
            text = str(text)
        if note:
            self.notes[len(self.texts)] = note
        self.texts.append(text.strip())
        self.of.append(self.kinds.setdefault(kind, len(self.kinds)))
        self._places.append((self.file, line))

    def finish(self) -> tuple[list[str], list[Kind], list[int], dict[int, str]]:
        """Texts, kinds, the kind of each text, and notes; raises `LexiconInvalid` if there is an error."""
        kept: list[int] = []
        seen: dict[tuple[str, int], int] = {}
        kinds = list(self.kinds)
        for number, (text, folded) in enumerate(zip(self.texts, skeletons(self.texts), strict=True)):
            first = seen.setdefault((text, self.of[number]), number)
            if first != number:
                self._at(
                    number, "term.duplicate", "warning", f"`{text}` is there before, in line {self._places[first][1]}"
                )
            elif self._fit(number, text, folded, kinds[self.of[number]]):
                kept.append(number)
        if any(finding.severity == "error" for finding in self.findings):
            raise LexiconInvalid(self.file, self.findings)
        notes = {place: self.notes[number] for place, number in enumerate(kept) if number in self.notes}
        return [self.texts[number] for number in kept], kinds, [self.of[number] for number in kept], notes

    def _fit(self, number: int, text: str, folded: str, kind: Kind) -> bool:
        if not text:
            self._at(number, "term.empty", "warning", "an empty term is left out")
        elif len(text) > MAX_TERM:
            self._at(
                number, "term.too-long", "error", f"`{text[:40]}...` has {len(text)} characters, the most is {MAX_TERM}"
            )
        elif not folded and any(unicodedata.category(char) == "So" for char in text):
            return True
        elif not folded:
            self._at(number, "term.nothing-left", "error", f"`{text}` has no letter, ideograph or figure")
        elif len(text) == 1 and kind.where == "auto" and kind.action is not TextAction.ALLOW:
            self._at(number, "term.one-letter", "warning", f"`{text}` is a single character")
        return bool(folded)

    def _at(self, number: int, code: str, severity: Severity, message: str) -> None:
        file, line = self._places[number]
        self.note(code, severity, message, line, file)

    def kind(self, row: Mapping[str, Any], line: int) -> Kind | None:
        """What a row says beside its text; rows alike are looked at once."""
        tags = row.get("tags")
        key = (row.get("category"), row.get("level"), row.get("action"), tags if isinstance(tags, str) else repr(tags),
               row.get("language"), row.get("where"), len(row))  # fmt: skip
        try:
            if key in self._known and self._known[key] is not None and all(name in FIELDS for name in row):
                return self._known[key]
        except TypeError:
            pass
        kind = self._read(row, line)
        if kind is not None:
            self._known[key] = kind
        return kind

    def _read(self, row: Mapping[str, Any], line: int) -> Kind | None:
        category, level = row.get("category"), row.get("level")
        action, where = row.get("action") or None, row.get("where") or "auto"
        ok = self._fields(row, line)
        if not isinstance(category, str) or not category.strip():
            self.note("field.missing", "error", "a term names its category", line)
            return None
        ok &= self._one_of("action", action, list(TextAction), line) and self._one_of(
            "where", where, get_args(Where), line
        )
        ok &= self._one_of("level", 3 if level in (None, "") else level, (1, 2, 3, 4, 5), line)
        if not ok:
            return None
        self._category(category.strip(), line)
        return Kind(
            category.strip(), int(level or 3), TextAction(action) if action else None, _tags(row.get("tags")),
            str(row.get("language") or ""), cast("Where", where),
        )  # fmt: skip

    def _fields(self, row: Mapping[str, Any], line: int) -> bool:
        unknown = [key for key in row if key not in FIELDS]
        for key in unknown:
            near = difflib.get_close_matches(str(key), FIELDS, n=1)
            hint = f", did you mean `{near[0]}`?" if near else ""
            self.note("field.unknown", "error", f"unknown field `{key}`{hint}", line)
        return not unknown

    def _one_of(self, field: str, value: object, known: Sequence[object], line: int) -> bool:
        if value is None or (not isinstance(value, bool) and str(value) in map(str, known)):
            return True
        self.note("field.invalid", "error", f"{field} `{value}` is none of {_listed(known)}", line)
        return False

    def _category(self, code: str, line: int) -> None:
        """Warn once of a category that looks like a slip for one of the taxonomy."""
        if code not in TAXONOMY and code not in self._categories:
            self._categories.add(code)
            near = difflib.get_close_matches(code, TAXONOMY, n=1, cutoff=0.75)
            if near:
                message = f"category `{code}` is not in the taxonomy, did you mean `{near[0]}`?"
                self.note("category.unknown", "warning", message, line)


def _tags(tags: object) -> tuple[str, ...]:
    if isinstance(tags, str):
        return tuple(tags.replace(",", " ").replace(";", " ").split())
    return tuple(map(str, tags)) if isinstance(tags, Iterable) else ()


def _listed(words: Iterable[object]) -> str:
    *most, last = (f"`{word}`" for word in words)
    return f"{', '.join(most)} and {last}"
