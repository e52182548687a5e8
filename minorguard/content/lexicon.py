"""A term list as a value: it never changes; adding and removing give a new one."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from minorguard.content import blob
from minorguard.content.index import Index
from minorguard.content.rows import Rows
from minorguard.content.sources import read
from minorguard.content.terms import Kind, Term

if TYPE_CHECKING:
    from minorguard.content.findings import LexiconFinding


class Lexicon:
    """Deny and allow terms with an index to find them by. Immutable, so any number of threads may share it.

    `Lexicon.from_terms` and `Lexicon.load` refuse bad terms with `LexiconInvalid`, whose findings say where they stand;
    what was doubtful but let in is in `warnings`.
    """

    __slots__ = ("__dict__", "kinds", "notes", "of", "texts", "warnings")

    def __init__(
        self,
        texts: Sequence[str],
        kinds: Sequence[Kind],
        of: Sequence[int],
        notes: Mapping[int, str] | None = None,
        warnings: Sequence[LexiconFinding] = (),
    ) -> None:
        self.texts, self.kinds, self.of = texts, kinds, of
        self.notes = dict(notes or {})
        self.warnings = tuple(warnings)

    @classmethod
    def from_terms(cls, terms: Iterable[Mapping[str, Any] | Term]) -> Self:
        """A list of terms, or of mappings with `term`, `category` and, as wanted, the other fields of `rows.FIELDS`."""
        rows = Rows()
        for number, row in enumerate(terms, 1):
            rows.row(row, number)
        return cls(*rows.finish(), rows.findings)

    @classmethod
    def load(cls, *paths: str | Path, category: str = "other") -> Self:
        """Read lists from files or folders of them: YAML, JSON, CSV, or plain text with one term a line.

        `category` is for terms that name none, as in plain text and the lists of naughty words.
        """
        rows = Rows()
        read([Path(path) for path in paths], category, rows)
        return cls(*rows.finish(), rows.findings)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Term]:
        return map(self.term, range(len(self.texts)))

    def term(self, number: int) -> Term:
        """The term at a place of the list."""
        return Term(self.texts[number], self.kinds[self.of[number]], self.notes.get(number, ""))

    def add(self, *terms: Mapping[str, Any] | Term) -> Self:
        """A new list that also has these; one that was there with the same text is replaced."""
        added = list(type(self).from_terms(terms))
        replaced = {term.text for term in added}
        return self.from_terms([*(term for term in self if term.text not in replaced), *added])

    def remove(self, *texts: str) -> Self:
        """A new list without the terms of these texts; those that are not there change nothing."""
        gone = set(texts)
        return self.from_terms(term for term in self if term.text not in gone)

    @cached_property
    def digest(self) -> str:
        """What the list says, as `sha256:…`: equal for equal terms in the same order."""
        seal = hashlib.sha256("\n".join(self.texts).encode("utf-8", "surrogatepass"))
        seal.update(repr([tuple(kind) for kind in self.kinds]).encode())
        seal.update(array("I", self.of).tobytes() + repr(sorted(self.notes.items())).encode("utf-8", "surrogatepass"))
        return f"sha256:{seal.hexdigest()}"

    @cached_property
    def index(self) -> Index:
        """What the filter scans with; built at the first use, read by `open`."""
        return Index.build(self)

    def save(self, path: str | Path) -> None:
        """Write the list and its index as one file that `open` reads in a moment; the file is replaced in one step."""
        terms = list(self.texts), list(self.kinds), self.of, self.notes
        blob.write(Path(path), terms, self.digest, self.index)

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Read what `save` wrote; a file that is not whole, or of another version, raises `LexiconInvalid`."""
        terms, digest, index = blob.read(Path(path))
        self = cls(*terms)
        self.__dict__.update(index=index, digest=digest)
        return self
