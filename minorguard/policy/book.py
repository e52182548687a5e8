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
from minorguard.policy.calendar_files import read_calendar
from minorguard.policy.compile import check_policy
from minorguard.policy.document import read_text
from minorguard.policy.findings import Finding, Report

_SUFFIXES = {".yaml", ".yml"}
CALENDARS = "calendars"
"""The folder inside a folder of policies that holds calendars."""


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """Compiled policies by id."""

    policies: Mapping[str, CompiledPolicy] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    """Warnings; errors raise."""

    @classmethod
    def load(cls, path: Path, *, revision: int = 1, today: date | None = None) -> PolicyBook:
        """Read one file, or every `*.yaml` and `*.yml` of a folder and the calendars in its `calendars/`.

        Raises `PolicyInvalid` with the findings of all files if one of them is an error.
        """
        book = _Loading(path, revision, today)
        book.load()
        if any(finding.severity == "error" for finding in book.findings):
            raise PolicyInvalid(str(path), book.findings)
        return cls(MappingProxyType(book.policies), tuple(book.findings))

    @classmethod
    def of(cls, *compiled: CompiledPolicy) -> PolicyBook:
        """A book of policies that are compiled already; of two with one id, the later."""
        return cls(MappingProxyType({policy.id: policy for policy in compiled}))

    def get(self, id: str) -> CompiledPolicy | None:
        """The policy with an id, if it is loaded."""
        return self.policies.get(id)

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

    def load(self) -> None:
        for file in self._yaml(self.path / CALENDARS):
            self._calendar(file)
        files = self._yaml(self.path) if self.path.is_dir() else [self.path]
        if not files:
            report = Report(str(self.path))
            report.error("book.empty", "", "the folder holds no policy; add a file such as `policy.yaml`")
            self.findings += report.findings
        for file in files:
            self._policy(file)

    def _yaml(self, folder: Path) -> list[Path]:
        if not folder.is_dir():
            return []
        return sorted(file for file in folder.iterdir() if file.suffix in _SUFFIXES and file.is_file())

    def _calendar(self, file: Path) -> None:
        report = Report(str(file))
        text = read_text(file, report)
        calendar = read_calendar(text, report) if text is not None else None
        self.findings += report.sorted()
        if calendar is None:
            return
        if calendar.name in self.calendars:
            self._twice("calendar.duplicate", "/calendar", "calendar", calendar.name, file)
        self.calendars[calendar.name] = calendar
        self.files.setdefault(f"calendar {calendar.name}", str(file))

    def _policy(self, file: Path) -> None:
        report = Report(str(file))
        text = read_text(file, report)
        self.findings += report.findings
        if text is None:
            return
        policy, findings = check_policy(
            text, str(file), revision=self.revision, calendars=self.calendars, today=self.today
        )
        self.findings += findings
        if policy is None:
            return
        if policy.id in self.policies:
            self._twice("policy.duplicate", "/policy", "policy", policy.id, file)
        self.policies.setdefault(policy.id, policy)
        self.files.setdefault(f"policy {policy.id}", str(file))

    def _twice(self, code: str, pointer: str, kind: str, id: str, file: Path) -> None:
        first = self.files[f"{kind} {id}"]
        message = f"{kind} `{id}` is already in `{first}`; give one of them another id"
        self.findings.append(Finding(code, "error", message, str(file), 1, 1, pointer))
