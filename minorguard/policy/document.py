"""Reading YAML 1.2: text to plain data with the position of every key and value, or findings; never a traceback.

The text is read as a stream of parser events, so that its depth, size, aliases and tags are bounded before anything is
built. Scalars follow the YAML 1.2 core schema: `22:00` and `NO` are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as ev
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from minorguard.policy.findings import MAX_FINDINGS, Finding, Report, shown
from minorguard.policy.meant import plain, wide_mark
from minorguard.policy.positions import Position, join

MAX_SIZE = 1 << 20
"""The largest document, in bytes."""
MAX_DEPTH = 24
"""How deep lists and mappings may nest."""
MAX_NODES = 20_000
"""How many keys and values a document may have."""
_MAX_FLOW = 2_000
"""How many opening brackets may stand in a text: the scanner's work grows with the square of it."""

_UNSEEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML has no place for, and three line breaks that it knew once: editors show what follows as the same line."""

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,30}|[0-9]{1,30}(?:\.[0-9]{0,30})?)(?:[eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}


class _Stop(Exception):  # not an error: the finding is already noted
    """Reading cannot go on."""


def resolve(text: str) -> str | int | float | bool | None:
    """A plain scalar by the YAML 1.2 core schema, without hexadecimal, octal and infinite numbers.

    >>> resolve("22:00"), resolve("NO"), resolve("40"), resolve("true")
    ('22:00', 'NO', 40, True)
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) and not text.lstrip("+-").isdigit() else text


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read."""

    pointer: str
    data: list[object] | dict[str, object]
    key: str | None = None
    skipping: bool = False
    """Whether the value to come is thrown away, its key being wrong."""


@dataclass(slots=True)
class _Reader:
    report: Report
    stack: list[_Open] = field(default_factory=list)
    result: object = None
    documents: int = 0
    nodes: int = 0

    def read(self, events: Iterator[ev.Event]) -> object:
        for event in events:
            self._on(event)
        return self.result

    def _on(self, event: ev.Event) -> None:
        at = Position(event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case ev.DocumentStartEvent():
                self._document(at)
            case ev.AliasEvent():
                self._stop(at, "yaml.alias", f"aliases such as `*{event.anchor}` are refused; write the value out")
            case ev.ScalarEvent():
                self._check_node(event, at)
                value = resolve(event.value) if event.implicit[0] else event.value
                self._scalar(value, event.value, at)
            case ev.SequenceStartEvent() | ev.MappingStartEvent():
                self._check_node(event, at)
                self._begin([] if isinstance(event, ev.SequenceStartEvent) else {}, at)
            case ev.SequenceEndEvent() | ev.MappingEndEvent():
                self.stack.pop()
            case _:
                pass

    def _document(self, at: Position) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(at, "yaml.many_documents", "a file holds one document; put this one into a file of its own")

    def _check_node(self, event: ev.ScalarEvent | ev.CollectionStartEvent, at: Position) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._stop(
                at, "yaml.too_large", f"the document has more than {MAX_NODES} keys and values; split the policy"
            )
        if event.anchor is not None:
            self._stop(at, "yaml.alias", f"anchors such as `&{event.anchor}` are refused; write the value out")
        if event.tag is not None:
            self._stop(at, "yaml.tag", f"tags such as {shown(event.tag)} are refused; write the plain value")

    def _scalar(self, value: object, text: str, at: Position) -> None:
        if self.stack and isinstance(self.stack[-1].data, dict) and self.stack[-1].key is None:
            self._key(value, text, at)
        else:
            self._place(value, at)

    def _key(self, value: object, text: str, at: Position) -> None:
        top = self.stack[-1]
        top.key, pointer = text, join(top.pointer, text)
        top.skipping = text in top.data
        if top.skipping:
            first = self.report.positions.key(pointer)
            message = f"{shown(text)} is written twice, first on line {first.line}; remove one of them"
            self._note(at, "key.duplicate", message, pointer)
        else:
            self.report.positions.keys.setdefault(pointer, at)
        if value is None:
            self._note(at, "yaml.key", "a key is missing here; write a word before the colon", pointer)

    def _begin(self, data: list[object] | dict[str, object], at: Position) -> None:
        if len(self.stack) >= MAX_DEPTH:
            self._stop(at, "yaml.too_deep", f"lists and mappings nest deeper than {MAX_DEPTH}; flatten the document")
        if self.stack and isinstance(self.stack[-1].data, dict) and self.stack[-1].key is None:
            self._stop(at, "yaml.key", "a list or mapping cannot be a key; write a word")
        pointer = self._place(data, at)
        self.stack.append(_Open(pointer, data))

    def _place(self, value: object, at: Position) -> str:
        """Put a value into what is open, and return its pointer."""
        if not self.stack:
            self.result = value
            self.report.positions.values[""] = at
            return ""
        top = self.stack[-1]
        if isinstance(top.data, list):
            pointer = join(top.pointer, len(top.data))
            top.data.append(value)
        else:
            assert top.key is not None
            pointer = join(top.pointer, top.key)
            if not top.skipping:
                top.data[top.key] = value
            top.key = None
        self.report.positions.values.setdefault(pointer, at)
        return pointer

    def _note(self, at: Position, code: str, message: str, pointer: str = "") -> None:
        if len(self.report.findings) < MAX_FINDINGS:
            self.report.findings.append(Finding(code, "error", message, self.report.file, at.line, at.column, pointer))

    def _stop(self, at: Position, code: str, message: str) -> None:
        self._note(at, code, message, self.stack[-1].pointer if self.stack else "")
        raise _Stop


def read_mapping(text: str, report: Report) -> dict[str, Any] | None:
    """The mapping that a YAML text holds, with positions in `report`; None with findings there if it holds none."""
    if not _fits(text, report):
        return None
    try:
        data = _Reader(report).read(YAML(typ="safe", pure=True).parse(text))
    except _Stop:
        return None
    except (YAMLError, ValueError, RecursionError, OverflowError) as error:
        _syntax(error, text, report)
        return None
    return _mapping(data, report)


def _fits(text: str, report: Report) -> bool:
    if len(text) > MAX_SIZE or len(text.encode("utf-8", "replace")) > MAX_SIZE:
        report.error("yaml.too_large", "", "the document is larger than 1 MiB; split the policy")
        return False
    if text.count("[") + text.count("{") > _MAX_FLOW:
        message = f"the document has more than {_MAX_FLOW} opening brackets; write it in block style"
        report.error("yaml.too_deep", "", message)
        return False
    return _seen(text, report)


def _seen(text: str, report: Report) -> bool:
    unseen = _UNSEEN.search(text)
    if unseen is None:
        return True
    rows = re.split(r"\r\n|\r|\n", text[: unseen.start()])
    message = f"the invisible character U+{ord(unseen[0]):04X} cannot stand here; remove it"
    report.findings.append(Finding("yaml.syntax", "error", message, report.file, len(rows), len(rows[-1]) + 1))
    return False


def _mapping(data: object, report: Report) -> dict[str, Any] | None:
    if isinstance(data, dict):
        return data
    if data is None:
        report.error("yaml.empty", "", "the document is empty; begin with `policy: <id>`")
    else:
        report.error("yaml.shape", "", "the document is not a mapping; write it as `key: value` lines")
    return None


def _syntax(error: Exception, text: str, report: Report) -> None:
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    problem = error.problem if isinstance(error, MarkedYAMLError) else None
    message = _prose(problem or str(error).splitlines()[0] if str(error) else "unreadable")
    row = "".join(text.splitlines()[line - 1 : line])
    if wide := wide_mark(row):
        message += f"; outside of texts write `{plain(wide)}` for `{wide}`"
    report.findings.append(Finding("yaml.syntax", "error", message, report.file, line, column))


_PLAINLY = {
    "\\t": "a tab cannot indent; use spaces",
    "expected <block end>": "this does not fit under the lines above; give it the indent of those that it belongs with",
    "mapping values are not allowed": "a colon does not fit here; mind the indent, and quote text that has a colon",
    "could not find expected ':'": "a colon and a space are missing after a key, here or just above",
    "expected ',' or": "a comma or a closing bracket is missing before this, or just above",
}
"""What the parser says, and the same for people who never saw its words."""


def _prose(problem: str) -> str:
    plainly = next((words for part, words in _PLAINLY.items() if part in problem), None)
    if plainly:
        return plainly
    text = " ".join(problem.replace("`", "'").split())
    return f"not valid yaml: {text[:120].rstrip('.')}; check the quotes, colons and indents here"


def read_text(path: Path, report: Report) -> str | None:
    """The text of a file; None with a finding if it is unreadable, too large or not UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_SIZE + 1)
        if len(raw) > MAX_SIZE:
            report.error("yaml.too_large", "", "the file is larger than 1 MiB; split the policy")
            return None
        return _decoded(raw, report)
    except OSError as error:
        report.error("file.unreadable", "", f"the file cannot be read ({error.strerror}); check its path and rights")
    return None


def _decoded(raw: bytes, report: Report) -> str | None:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = error.start
    else:
        wrong = raw.find(b"\0")
        if wrong < 0:
            return text
    line = raw.count(b"\n", 0, wrong) + 1
    what = "utf-16 or binary" if b"\0" in raw[:200] else f"not utf-8 at byte {wrong}"
    message = f"the file is {what}; save it as utf-8"
    report.findings.append(Finding("yaml.encoding", "error", message, report.file, line, 1))
    return None
