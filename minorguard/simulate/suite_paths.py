"""Policy tests on disk: finding the files, and the policies beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from minorguard.model.rules import CompiledPolicy
from minorguard.policy.book import CALENDARS, TESTS, PolicyBook
from minorguard.policy.document import read_mapping, read_text
from minorguard.policy.findings import Finding, Report
from minorguard.policy.positions import Positions
from minorguard.simulate.coverage import Coverage
from minorguard.simulate.results import SuiteResult
from minorguard.simulate.runner import Test, read_tests, run_tests

_YAML = (".yaml", ".yml")


def suites_in(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files of policy tests: those that are named, and in named folders all at any depth, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else (path,)
        found.update(dict.fromkeys(sorted(file for file in inside if path == file or _holds_tests(file))))
    return tuple(found)


def _holds_tests(file: Path) -> bool:
    return file.name.endswith(TESTS) and file.is_file()


def run_file(
    path: Path, *, coverage: Coverage | None = None, select: Callable[[str], bool] | None = None
) -> SuiteResult:
    """Run the tests of a file, whose policy lies beside it. What they see of the policy is added to `coverage`."""
    coverage = Coverage() if coverage is None else coverage
    tests, findings = load_tests(path, coverage)
    return run_tests(tests, findings, str(path), coverage, select=select)


def load_tests(path: Path, coverage: Coverage) -> tuple[tuple[Test, ...], tuple[Finding, ...]]:
    """The tests of a file, and the findings; their policy is watched by `coverage`, with the places of its rules."""
    report = Report(str(path))
    text = read_text(path, report)
    if text is None:
        return (), report.sorted()
    beside = PoliciesBeside(path.parent)
    tests, findings = read_tests(text, str(path), policies=beside)
    if tests and (file := beside.file(tests[0].suite.policy)) is not None:
        coverage.watch(tests[0].policy, str(file), _positions(file))
    return tests, findings


def _positions(file: Path) -> Positions:
    report = Report(str(file))
    text = read_text(file, report)
    if text is not None:
        read_mapping(text, report)
    return report.positions


class PoliciesBeside(Mapping[str, CompiledPolicy]):
    """The policies of a folder by file and by id, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, name: str) -> Path | None:
        """The file of a policy; None if there is none."""
        if name.endswith(_YAML):
            file = self._folder / name
            return file if file.is_file() else None
        return next((file for file in self._files() if _id(file) == name), None)

    def __getitem__(self, name: str) -> CompiledPolicy:
        file = self.file(name)
        if file is None:
            raise KeyError(name)
        book = PolicyBook.load(file)
        return book[book.ids[0]]

    def __iter__(self) -> Iterator[str]:
        for file in self._files():
            yield file.name

    def __len__(self) -> int:
        return len(self._files())

    def _files(self) -> list[Path]:
        return sorted(file for file in self._folder.glob("*") if file.suffix in _YAML and not _holds_tests(file))


def _id(file: Path) -> str | None:
    """The id that a file says it has, without reading all of it."""
    text = read_text(file, Report(str(file))) or ""
    match = re.search(r"""^policy:\s*["']?([^\s"'#]+)""", text, re.MULTILINE)
    return match[1] if match else None


def sources(files: Iterable[Path]) -> frozenset[Path]:
    """Every file whose change may change a result: the tests, the policies beside them, and their calendars."""
    found: set[Path] = set()
    for file in files:
        found.add(file)
        for folder in (file.parent, file.parent / CALENDARS):
            found.update(path for path in folder.glob("*") if path.suffix in _YAML)
    return frozenset(found)
