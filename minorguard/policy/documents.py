"""Policy documents as texts, read once each, and everything that they may refer to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from minorguard.model.calendar import Calendar
from minorguard.policy.document import read_mapping
from minorguard.policy.findings import Report
from minorguard.policy.preset_files import Preset
from minorguard.policy.schema import PolicySchema, load


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a policy document, and the name that findings give its file."""

    text: str
    file: str = "<text>"


@dataclass(slots=True, eq=False)
class Parsed:
    """A document whose text has been read; `loaded` is None when its shape is wrong, and `report` says why."""

    id: str
    loaded: Mapping[str, Any] | None
    report: Report
    text: str = ""

    @property
    def extends(self) -> tuple[str, ...]:
        """The ids that it extends, as written."""
        return tuple(entry["use"] for entry in (self.loaded or {}).get("extends", ()))


def parse(document: Document) -> Parsed:
    """Read a document; its id is empty if it has none."""
    report = Report(document.file)
    data = read_mapping(document.text, report)
    loaded = load(PolicySchema(), data, report) if data is not None else None
    id = (data or {}).get("policy")
    return Parsed(id if isinstance(id, str) else "", loaded, report, document.text)


@dataclass(slots=True)
class Shelf:
    """What a document may refer to: presets, calendars, and other documents by id."""

    presets: Mapping[str, Preset]
    calendars: Mapping[str, Calendar]
    documents: Mapping[str, Document] = field(default_factory=dict)
    parsed: dict[str, Parsed] = field(default_factory=dict)

    def find(self, id: str) -> Parsed | None:
        """The document of an id, which is read at most once."""
        if id not in self.parsed and id in self.documents:
            self.parsed[id] = parse(self.documents[id])
        return self.parsed.get(id)

    @property
    def ids(self) -> frozenset[str]:
        """Every id that may be extended."""
        return frozenset({*self.presets, *self.documents, *self.parsed})

    def way_back(self, base: str, home: str) -> tuple[str, ...] | None:
        """The shortest way along `extends` from `base` to `home`; None: there is none."""
        return next((way for way in self._ways(base) if way[-1] == home), None)

    def beneath(self, base: str) -> int:
        """How many documents `base` leads to, itself included."""
        return sum(1 for _ in self._ways(base))

    def _ways(self, base: str) -> Iterator[tuple[str, ...]]:
        """To each document that `base` leads to, a shortest way."""
        queue: deque[tuple[str, ...]] = deque([(base,)])
        seen = {base}
        while queue:
            way = queue.popleft()
            yield way
            found = self.find(way[-1])
            for name in found.extends if found is not None else ():
                if name not in seen and name not in self.presets:
                    seen.add(name)
                    queue.append((*way, name))
