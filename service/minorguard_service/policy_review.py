"""What is known of a draft before it is published: findings, tests, and what it changes. All of it is an answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from typing import Any

from minorguard.model.ids import Instant
from minorguard.model.rules import CompiledPolicy
from minorguard.policy import Finding
from minorguard.proof.report import compare
from minorguard.simulate import SuiteResult, run_suite
from minorguard_service.policy_records import Draft
from minorguard_service.policy_texts import Documents, check_text, finding_row
from minorguard_service.policy_views import View

MOST_WORK = 20_000
"""How many cases a call may look at, each way."""
MOST_SECONDS = 0.7
"""How long a call may look at cases, each way: a draft may be made so that every case is slow."""
MOST_EVENTS = 20_000
"""How much may happen in the tests of a draft: a second or two of a worker's time, which is everybody's."""


@dataclass(frozen=True, slots=True)
class Review:
    """A draft, compiled and tested."""

    policy: CompiledPolicy | None
    """None: it has errors."""
    findings: tuple[Finding, ...]
    tests: SuiteResult | None
    """None: it has no tests, or it has errors."""
    documents: Mapping[str, str] = field(default_factory=dict)
    """The texts of the policies that it extends."""

    @property
    def ok(self) -> bool:
        """Whether it may be published: no errors, and no test that fails."""
        return self.policy is not None and (self.tests is None or self.tests.ok)

    def problems(self) -> Iterator[tuple[str, str]]:
        """What keeps it from being published: `findings` or `tests`, and what is wrong."""
        yield from (("findings", str(finding)) for finding in self.findings if finding.severity == "error")
        if self.tests is not None:
            yield from (("tests", str(finding)) for finding in self.tests.findings if finding.severity == "error")
            failed = (result for result in self.tests.results if not result.ok)
            yield from (("tests", f"{one.name}: {'; '.join(map(str.strip, one.lines()))}") for one in failed)

    def to_dict(self) -> dict[str, Any]:
        """Findings, tests and digest as data."""
        return {
            "valid": self.ok,
            "digest": None if self.policy is None else self.policy.digest,
            "findings": [finding_row(finding) for finding in self.findings],
            "tests": None if self.tests is None else self.tests.to_dict(),
        }


def review(id: str, draft: Draft, view: View, now: Instant) -> Review:
    """Compile a draft beside the policies of a view, and run its tests. Raises `StoreError`."""
    policy, findings, documents = compile_beside(id, draft.text, view, now)
    tests = None
    if policy is not None and draft.tests is not None:
        policies = _Policies(view.ids, view.get, {id: policy})
        tests = run_suite(draft.tests, f"{id}.test.yaml", policies=policies, most_events=MOST_EVENTS)
    return Review(policy, findings, tests, documents)


def compile_beside(
    id: str, text: str, view: View, now: Instant
) -> tuple[CompiledPolicy | None, tuple[Finding, ...], Mapping[str, str]]:
    """Compile a text beside the policies of a view: policy, findings, and the texts that it extends, by id."""
    documents = Documents((other for other in view.ids if other != id), view.text)
    policy, findings = check_text(id, text, documents, view.library.base, today=day_of(now))
    return policy, findings, documents.used


def difference(a: CompiledPolicy, b: CompiledPolicy, on: date) -> dict[str, Any]:
    """How a policy stands to another from a date on, as data; what takes more work than a call may is undecided."""
    return compare(a, b, on=on, most_work=MOST_WORK, begin=_begin).to_dict()


def _begin(monotonic: Callable[[], float] = time.monotonic) -> Callable[[], bool]:
    end = monotonic() + MOST_SECONDS
    return lambda: monotonic() >= end


def day_of(now: Instant) -> date:
    """The date of an instant, in UTC."""
    return datetime.fromtimestamp(now, UTC).date()


class _Policies(Mapping[str, CompiledPolicy]):
    """Policies by id, compiled when they are asked for. A file ``policies/x.yaml``, as tests may name it, is `x`."""

    def __init__(
        self, ids: tuple[str, ...], get: Callable[[str], CompiledPolicy | None], known: dict[str, CompiledPolicy]
    ) -> None:
        self._ids = frozenset(ids) | frozenset(known)
        self._get = get
        self._known = known

    def __getitem__(self, id: str) -> CompiledPolicy:
        path = PurePosixPath(id)
        name = path.stem if path.suffix in {".yaml", ".yml"} else id
        found = self._known.get(name) or (self._get(name) if name in self._ids else None)
        if found is None:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._ids))

    def __len__(self) -> int:
        return len(self._ids)
