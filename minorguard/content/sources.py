"""Reads term lists from files: YAML, JSON, CSV, plain text, and the lists of naughty words that circulate."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from minorguard.content.rows import FIELDS, Rows
from minorguard.content.terms import Kind

FORMATS = (".csv", ".json", ".tsv", ".txt", ".yaml", ".yml", "")
SLOW = 5_000
"""YAML lists longer than this are warned of."""


def read(paths: Iterable[Path], category: str, rows: Rows) -> None:
    """Read every file, and every file of a folder that is in a known format, into `rows`."""
    for path in paths:
        try:
            files = listed(path)
        except OSError as error:
            _unread(path, error, rows)
            continue
        for file in files:
            if file == path or (file.is_file() and file.suffix in FORMATS and not file.name.startswith(".")):
                _file(file, category, rows)


def listed(path: Path) -> list[Path]:
    """What a folder holds, in order, or the path itself. Raises `OSError`."""
    return sorted(path.iterdir()) if path.is_dir() else [path]


def _unread(path: Path, error: OSError, rows: Rows) -> None:
    rows.file = str(path)
    rows.note("file.missing", "error", f"it can't be read: {error.strerror or error}", 0)


def _file(path: Path, category: str, rows: Rows) -> None:
    rows.file = str(path)
    if path.suffix not in FORMATS:
        rows.note("file.format", "error", f"`{path.suffix}` is no format of lists", 0)
        return
    try:
        data = path.read_bytes()
    except OSError as error:
        _unread(path, error, rows)
        return
    text = _decoded(data, rows)
    if text is not None:
        _parsed(path.suffix, text, category, rows)


def _decoded(data: bytes, rows: Rows) -> str | None:
    """UTF-8, with or without a mark; anything else is a finding with the line at which it ceases to be."""
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        rows.note("file.encoding", "error", f"it is not UTF-8: byte {error.start} is {data[error.start]:#04x}", line)
        return None


def _parsed(suffix: str, text: str, category: str, rows: Rows) -> None:
    if suffix in {".csv", ".tsv"}:
        _csv(text, "\t" if suffix == ".tsv" else ",", category, rows)
    elif suffix == ".json":
        _json(text, category, rows)
    elif suffix in {".yaml", ".yml"}:
        _yaml(text, category, rows)
    else:
        _plain(text, Kind(category), rows)


def _plain(text: str, kind: Kind, rows: Rows) -> None:
    """One term a line; what begins with ``#`` is a comment."""
    for line, term in enumerate(text.splitlines(), 1):
        if term.strip() and not term.startswith("#"):
            rows.add(term, kind, "", line)


def _csv(text: str, delimiter: str, category: str, rows: Rows) -> None:
    """The first line names the columns; rows that differ in term and note alone are of one kind, looked at once."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        names = next(reader, [])
        if "term" not in names:
            rows.note("field.missing", "error", f"the first line names the columns, of {', '.join(FIELDS)}", 1)
            return
        term, note = names.index("term"), names.index("note") if "note" in names else -1
        kinds: dict[tuple[str, ...], Kind | None] = {}
        for values in reader:
            if len(values) != len(names):
                if values:
                    rows.note("file.syntax", "error", f"{len(values)} values for {len(names)} columns", reader.line_num)
                continue
            key = tuple(value for number, value in enumerate(values) if number not in (term, note))
            if key not in kinds:
                kinds[key] = rows.kind({"category": category} | _filled(names, values), reader.line_num)
            kind = kinds[key]
            if kind is not None:
                rows.add(values[term], kind, values[note] if note >= 0 else "", reader.line_num)
    except csv.Error as error:
        rows.note("file.syntax", "error", str(error), reader.line_num)


def _filled(names: list[str], values: list[str]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value}


def _json(text: str, category: str, rows: Rows) -> None:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        rows.note("file.syntax", "error", error.msg.lower(), error.lineno)
        return
    except RecursionError:
        rows.note("file.syntax", "error", "it is nested too deeply", 0)
        return
    _document(document, category, rows)


def _yaml(text: str, category: str, rows: Rows) -> None:
    try:
        document = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        rows.note("file.syntax", "error", (error.problem or "it is no YAML").lower(), line)
        return
    _document(document, category, rows)
    if len(rows.texts) > SLOW:
        rows.note("file.slow", "warning", f"it has more than {SLOW} terms", 0)


def _document(document: object, category: str, rows: Rows) -> None:
    """A list of terms; or a mapping with `terms` and, beside them, what holds for all; or lists by category."""
    if isinstance(document, Mapping) and "terms" in document:
        shared = {key: value for key, value in document.items() if key in FIELDS}
        unknown = [key for key in document if key not in {*FIELDS, "terms", "version", "licence", "about"}]
        for key in unknown:
            rows.note("field.unknown", "error", f"unknown field `{key}`", 0)
        _terms(document["terms"], {"category": category} | shared, rows)
    elif isinstance(document, Mapping):
        for name, terms in document.items():
            _terms(terms, {"category": str(name)}, rows)
    else:
        _terms(document, {"category": category}, rows)


def _terms(terms: object, shared: Mapping[str, Any], rows: Rows) -> None:
    if not isinstance(terms, list):
        rows.note("file.syntax", "error", "terms are a list", 0)
        return
    lines = getattr(terms, "lc", None)
    for number, term in enumerate(terms):
        line = lines.item(number)[0] + 1 if lines is not None else number + 1
        if isinstance(term, Mapping):
            rows.row({**shared, **term}, line)
        else:
            rows.row({**shared, "term": term}, line)
