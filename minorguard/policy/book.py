"""The policies of a folder, compiled once and found by id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType

from minorguard.errors import PolicyInvalid
from minorguard.model.calendar import Calendar
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Profile
from minorguard.policy.calendar_files import read_calendar
from minorguard.policy.compile import Compiler
from minorguard.policy.document import read_text
from minorguard.policy.documents import Document, Parsed, parse
from minorguard.policy.findings import Finding, Report

_SUFFIXES = {".yaml", ".yml"}
TESTS = (".mgtest.yaml", ".mgtest.yml")
"""How the names of policy tests end; they lie beside the policies, and are none."""
CALENDARS = "calendars"
"""The folder inside a folder of policies that holds calendars."""


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """Compiled policies by id."""

    policies: Mapping[str, CompiledPolicy] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    """Warnings; errors raise."""
    documents: Mapping[str, Document] = field(default_factory=dict)
    """The texts of the policies by id, as far as they were read from files: for those who extend them."""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """The folder's own calendars by name."""

    @classmethod
    def load(cls, path: Path, *, revision: int = 1, today: date | None = None) -> PolicyBook:
        """Read one file, or every `*.yaml` and `*.yml` of a folder; they may name the calendars in its `calendars/`.

        The policies of a folder may extend one another; of one file alone, its neighbours are read if it extends one.
        Raises `PolicyInvalid` with the findings of all files if one of them is an error.
        """
        book = _Loading(path, revision, today)
        book.load()
        if any(finding.severity == "error" for finding in book.findings):
            raise PolicyInvalid(str(path), book.findings)
        documents, calendars = MappingProxyType(book.documents), MappingProxyType(book.calendars)
        return cls(MappingProxyType(book.policies), tuple(book.findings), documents, calendars)

    @classmethod
    def of(cls, *compiled: CompiledPolicy) -> PolicyBook:
        """A book of policies that are compiled already; of two with one id, the later."""
        return cls(MappingProxyType({policy.id: policy for policy in compiled}))

    def get(self, id: str) -> CompiledPolicy | None:
        """The policy with an id, if it is loaded."""
        return self.policies.get(id)

    def choose(self, profile: Profile) -> CompiledPolicy | None:
        """The policy of a subject, unless the subject is pinned to another revision than the one that is loaded."""
        found = self.policies.get(profile.policy)
        return found if found is None or profile.revision in {None, found.revision} else None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all policies, sorted."""
        return tuple(sorted(self.policies))

    def __getitem__(self, id: str) -> CompiledPolicy:
        return self.policies[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.policies)

    def __contains__(self, id: object) -> bool:
        return id in self.policies


@dataclass(slots=True)
class _Loading:
    path: Path
    revision: int
    today: date | None
    policies: dict[str, CompiledPolicy] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)

    def load(self) -> None:
        folder = self.path if self.path.is_dir() else self.path.parent
        for file in _yaml(folder / CALENDARS):
            self._calendar(file)
        files = _yaml(folder) if self.path.is_dir() else [self.path]
        if not files:
            report = Report(str(self.path))
            report.error("book.empty", "", "the folder holds no policy; add a file such as `policy.yaml`")
            self.findings += report.findings
        self._policies([_read(file) for file in files], folder)

    def _calendar(self, file: Path) -> None:
        report = Report(str(file))
        text = read_text(file, report)
        calendar = read_calendar(text, report) if text is not None else None
        self.findings += report.sorted()
        if calendar is None:
            return
        if calendar.name in self.calendars:
            self._twice("calendar.duplicate", "/calendar", "calendar", calendar.name, str(file))
        self.calendars[calendar.name] = calendar
        self.files.setdefault(f"calendar {calendar.name}", str(file))

    def _policies(self, parsed: list[Parsed], folder: Path) -> None:
        compiler = Compiler.of(revision=self.revision, calendars=self.calendars, today=self.today)
        beneath = {name for one in parsed for name in one.extends if name not in compiler.shelf.presets}
        neighbours = [] if self.path.is_dir() or not beneath else [_read(file) for file in _yaml(folder)]
        for one in (*parsed, *neighbours):
            if one.id:
                compiler.shelf.parsed.setdefault(one.id, one)
        for one in parsed:
            policy, findings = compiler.check(one)
            self.findings += findings
            if policy is not None:
                self._policy(policy, one.report.file)
                self.documents.setdefault(policy.id, Document(one.text, one.report.file))

    def _policy(self, policy: CompiledPolicy, file: str) -> None:
        if policy.id in self.policies:
            self._twice("policy.duplicate", "/policy", "policy", policy.id, file)
        self.policies.setdefault(policy.id, policy)
        self.files.setdefault(f"policy {policy.id}", file)

    def _twice(self, code: str, pointer: str, kind: str, id: str, file: str) -> None:
        first = self.files[f"{kind} {id}"]
        message = f"{kind} `{id}` is already in `{first}`; give one of them another id"
        self.findings.append(Finding(code, "error", message, file, 1, 1, pointer))


def _yaml(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    found = (file for file in folder.iterdir() if file.suffix in _SUFFIXES and not file.name.endswith(TESTS))
    return sorted(file for file in found if file.is_file())


def _read(file: Path) -> Parsed:
    report = Report(str(file))
    text = read_text(file, report)
    return Parsed("", None, report) if text is None else parse(Document(text, str(file)))
