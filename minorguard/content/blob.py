"""A compiled list as one file: the columns of its terms, and its patterns with their automaton."""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, overload

from minorguard.content import automata
from minorguard.content.findings import LexiconFinding
from minorguard.content.glance import United
from minorguard.content.index import Index, Patterns
from minorguard.content.terms import Kind
from minorguard.errors import LexiconInvalid
from minorguard.model.sections import TextAction

_MAGIC = b"minorguard lexicon 3\n"
_SEAL = 32


Columns = tuple[Sequence[str], list[Kind], Sequence[int], dict[int, str]]
"""Texts, kinds, the kind of each text, and notes."""


def write(path: Path, terms: Columns, digest: str, index: Index) -> None:
    """Write a list and its index; the file appears whole or not at all."""
    texts, kinds, of, notes = terms
    plain, sounds, united = index.plain, index.sounds, index.unite(texts)
    columns = [
        *(*_lines(texts), _numbers(of)),
        *(*_lines(plain.texts), _numbers(plain.first), plain.scan.dump()),
        *(*_lines(sounds.texts), _numbers(sounds.first), sounds.scan.dump() if sounds.texts else b""),
        united.scan.dump() if united else b"",
        *map(_json, (index.spelled, index.initials, list(index.heard))),
        *map(_json, (list(index.pairs.texts), list(index.pairs.first), list(index.wholes))),
    ]
    head = {
        "automaton": automata.NAME,
        "sizes": [len(column) for column in columns],
        "digest": digest,
        "kinds": [list(kind) for kind in kinds],
        "notes": sorted(notes.items()),
        "more": [sorted(plain.more.items()), sorted(sounds.more.items())],
        "signs": index.signs,
        "first_pair": united.first_pair if united else 0,
    }
    head_bytes = _json(head)
    body = b"".join([len(head_bytes).to_bytes(8, "big"), head_bytes, *columns])
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(b"".join([_MAGIC, hashlib.blake2b(body, digest_size=_SEAL).digest(), body]))
    temporary.replace(path)


def read(path: Path) -> tuple[Columns, str, Index]:
    """The list, its digest and its index as `write` wrote them; raises `LexiconInvalid` for anything else."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _refused(path, "file.missing", f"it can't be read: {error.strerror or error}") from None
    if not data.startswith(_MAGIC):
        raise _refused(path, "blob.unreadable", "it is no compiled list of this version")
    body = memoryview(data)[len(_MAGIC) + _SEAL :]
    if hashlib.blake2b(body, digest_size=_SEAL).digest() != data[len(_MAGIC) : len(_MAGIC) + _SEAL]:
        raise _refused(path, "blob.unreadable", "it is damaged: its checksum does not fit")
    size = int.from_bytes(body[:8], "big")
    head = json.loads(bytes(body[8 : 8 + size]))
    columns, at = [], 8 + size
    for size in head["sizes"]:
        columns.append(bytes(body[at : at + size]))
        at += size
    kinds = [
        Kind(category, level, TextAction(action) if action else None, tuple(tags), language, where)
        for category, level, action, tags, language, where in head["kinds"]
    ]
    return (
        (Lines(columns[0], _array(columns[1])), kinds, _array(columns[2]), dict(head["notes"])),
        head["digest"],
        _index(head, columns[3:]),
    )


def _index(head: dict[str, Any], columns: list[bytes]) -> Index:
    same = head["automaton"] == automata.NAME
    plain, sounds = (
        Patterns(Lines(texts, _array(ends)), _array(first), dict(more), dump if same else b"")
        for (texts, ends, first, dump), more in zip((columns[:4], columns[4:8]), head["more"], strict=True)
    )
    spellings, initials, heard, pairs, first, wholes = map(json.loads, columns[9:])
    spelled = [(number, spelling, way) for number, spelling, way in spellings]
    signs = [(number, sign) for number, sign in head["signs"]]
    united = United(automata.automaton((), columns[8]), head["first_pair"]) if same and columns[8] else None
    return Index(plain, spelled, initials, sounds, heard, signs, Patterns(pairs, first), wholes, united=united)


class Lines(Sequence[str]):
    """Texts that are decoded one by one when they are asked for, so that a list of any size is there at once."""

    def __init__(self, data: bytes, ends: Sequence[int]) -> None:
        self._data, self._ends = data, ends

    def __len__(self) -> int:
        return len(self._ends)

    def __iter__(self) -> Iterator[str]:
        start, data = 0, self._data
        for end in self._ends:
            yield data[start:end].decode("utf-8")
            start = end

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        number = range(len(self))[number]
        return self._data[self._ends[number - 1] if number else 0 : self._ends[number]].decode("utf-8")


def _lines(texts: Sequence[str]) -> tuple[bytes, bytes]:
    """What `Lines` reads: the texts, and where each ends."""
    written = [text.encode("utf-8") for text in texts]
    return b"".join(written), _numbers(list(accumulate(map(len, written))))


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def _numbers(numbers: Sequence[int]) -> bytes:
    return array("I", numbers).tobytes()


def _array(data: bytes) -> array[int]:
    numbers = array("I")
    numbers.frombytes(data)
    return numbers


def _refused(path: Path, code: str, message: str) -> LexiconInvalid:
    return LexiconInvalid(str(path), [LexiconFinding(code, "error", message, str(path))])
