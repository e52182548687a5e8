"""How much of a policy its tests have seen, rule by rule, and what is missing, in words.

Only questions whose answer a test looks at count: a decision that nobody checks proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from minorguard.model.ids import Instant
from minorguard.model.questions import Question
from minorguard.model.rules import CompiledPolicy, Origin
from minorguard.model.state import SubjectState
from minorguard.policy.positions import Position, Positions
from minorguard.simulate.goals import Ages, RuleKey, ages_of, goals, reached


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """What was seen of one rule."""

    key: RuleKey
    goals: tuple[str, ...]
    missing: tuple[str, ...]
    at: Position | None = None
    """Where it stands in the policy's own file; None for rules of presets and of other documents."""

    @property
    def seen(self) -> int:
        """How many goals were reached."""
        return len(self.goals) - len(self.missing)

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "document": self.key.document,
            "rule": self.key.pointer,
            "band": self.key.band,
            "line": None if self.at is None else self.at.line,
            "seen": self.seen,
            "goals": len(self.goals),
            "missing": list(self.missing),
        }


@dataclass(frozen=True, slots=True)
class PolicyCoverage:
    """What was seen of one policy."""

    policy: str
    file: str
    rules: tuple[RuleCoverage, ...]
    resting: tuple[RuleKey, ...] = ()
    """Rules that were not in force whenever something was asked; they are not counted."""

    @property
    def seen(self) -> int:
        """How many goals were reached."""
        return sum(rule.seen for rule in self.rules)

    @property
    def goals(self) -> int:
        """How many there are."""
        return sum(len(rule.goals) for rule in self.rules)

    @property
    def percent(self) -> float:
        """How much was seen, 0 to 100, rounded down to a tenth; of a policy without rules all."""
        return 100.0 if not self.goals else self.seen * 1000 // self.goals / 10

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "policy": self.policy,
            "file": self.file,
            "percent": self.percent,
            "seen": self.seen,
            "goals": self.goals,
            "rules": [rule.to_dict() for rule in self.rules],
            "not_in_force": [key._asdict() for key in self.resting],
        }


@dataclass(slots=True)
class _Seen:
    policy: CompiledPolicy
    file: str
    positions: Positions
    ages: Ages
    goals: set[tuple[RuleKey, str]] = field(default_factory=set)
    dates: set[date] = field(default_factory=set)


@dataclass(slots=True)
class Coverage:
    """Collects what questions see of policies; several files of tests may share one."""

    _seen: dict[str, _Seen] = field(default_factory=dict)

    def watch(self, policy: CompiledPolicy, file: str = "", positions: Positions | None = None) -> None:
        """Count the rules of a policy; `positions` are those of its own file."""
        if policy.digest not in self._seen:
            self._seen[policy.digest] = _Seen(policy, file, positions or Positions(), ages_of(policy))

    def note(
        self, policy: CompiledPolicy, personal: CompiledPolicy, state: SubjectState, question: Question, now: Instant
    ) -> None:
        """A question was asked under `personal`: the watched policy, with a guardian's settings or without."""
        seen = self._seen[policy.digest]
        seen.dates.add(policy.days.local_date(now))
        seen.goals.update(reached(personal, seen.ages, state, question, now))

    def add(self, other: Coverage) -> None:
        """What another one saw is seen by this one, too."""
        for digest, seen in other._seen.items():
            own = self._seen.setdefault(digest, _Seen(seen.policy, seen.file, seen.positions, seen.ages))
            own.goals |= seen.goals
            own.dates |= seen.dates

    def reports(self) -> tuple[PolicyCoverage, ...]:
        """One for each policy, by id."""
        return tuple(_report(seen) for seen in sorted(self._seen.values(), key=lambda seen: seen.policy.id))


def _report(seen: _Seen) -> PolicyCoverage:
    wanted: dict[RuleKey, dict[str, None]] = {}
    resting: dict[RuleKey, None] = {}
    for key, origin, words in goals(seen.policy):
        if _in_force(origin, seen.dates):
            wanted.setdefault(key, {}).update(dict.fromkeys(words))
        else:
            resting[key] = None
    return PolicyCoverage(seen.policy.id, seen.file, tuple(_rules(seen, wanted)), tuple(resting))


def _rules(seen: _Seen, wanted: Mapping[RuleKey, Mapping[str, None]]) -> Iterator[RuleCoverage]:
    for key, words in wanted.items():
        missing = tuple(word for word in words if (key, word) not in seen.goals)
        own = key.document == seen.policy.id and key.pointer in seen.positions.values
        at = seen.positions.key(key.pointer) if own else None
        if words:
            yield RuleCoverage(key, tuple(words), missing, at)


def _in_force(origin: Origin, dates: set[date]) -> bool:
    """Whether a rule holds on some day on which something was asked; where nothing was, every rule counts."""
    return not dates or any(
        (origin.effective_from is None or origin.effective_from <= day)
        and (origin.effective_to is None or day < origin.effective_to)
        for day in dates
    )
