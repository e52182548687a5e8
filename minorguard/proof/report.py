"""How one policy stands to another, both ways: the relation, what changed, and the smallest case of each difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from minorguard.model.rules import CompiledPolicy
from minorguard.proof.arena import Stop
from minorguard.proof.changes import Change, changes
from minorguard.proof.comparison import MOST_WORK, Proof, Relation, prove
from minorguard.proof.counterexample import Counterexample, Undecided

_WORDS = {
    Relation.SAME: ("与之相同", "as strict as"),
    Relation.STRICTER: ("更严格", "stricter than"),
    Relation.LAXER: ("更宽松", "laxer than"),
    Relation.BOTH: ("有严有宽", "in some cases stricter, in others laxer than"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The first policy beside the second, from a date on."""

    a: str
    b: str
    on: date
    laxer: Proof
    """Where the first is laxer."""
    stricter: Proof
    """Where it is stricter: the second proved against the first."""
    changes: tuple[Change, ...]

    @property
    def relation(self) -> Relation | None:
        """What is known of the two; None: a side is undecided, and it hangs on that."""
        unknown = (bool(side.undecided) and not side.weaknesses for side in (self.laxer, self.stricter))
        if any(unknown):
            return None
        return Relation.of(laxer=bool(self.laxer.weaknesses), stricter=bool(self.stricter.weaknesses))

    @property
    def at_least_as_strict(self) -> bool:
        """Whether it is proved that the first denies whatever the second denies."""
        return self.laxer.holds

    def text(self) -> dict[str, str]:
        """The relation in a line of either language."""
        relation = self.relation
        if relation is None:
            return {
                "zh": f"{self.a} 与 {self.b} 相比：未能判定",
                "en": f"how {self.a} stands to {self.b} is undecided",
            }
        zh, en = _WORDS[relation]
        return {"zh": f"{self.a} 与 {self.b} 相比：{zh}", "en": f"{self.a} is {en} {self.b}"}

    def to_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "a": self.a,
            "b": self.b,
            "on": self.on.isoformat(),
            "relation": None if self.relation is None else self.relation.value,
            "text": self.text(),
            "at_least_as_strict": self.at_least_as_strict,
            "laxer": _differences(self.laxer.weaknesses),
            "stricter": _differences(self.stricter.weaknesses),
            "undecided": {"laxer": _unknown(self.laxer.undecided), "stricter": _unknown(self.stricter.undecided)},
            "changes": [one.to_dict() for one in self.changes],
        }


def _differences(found: tuple[Counterexample, ...]) -> list[dict[str, Any]]:
    return [one.to_dict() for one in found]


def _unknown(found: tuple[Undecided, ...]) -> list[dict[str, Any]]:
    return [one.to_dict() for one in found]


def compare(
    a: CompiledPolicy,
    b: CompiledPolicy,
    *,
    on: date,
    most_work: int = MOST_WORK,
    begin: Callable[[], Stop] | None = None,
) -> Comparison:
    """Compare two policies both ways, from a date on.

    Each way looks at no more than `most_work` cases, and ends when that says so which `begin` gave at its start.
    """
    names = (a.id, b.id) if a.id != b.id else (f"{a.id} (a)", f"{b.id} (b)")
    laxer, stricter = (
        prove(*pair, on=on, most_work=most_work, stop=None if begin is None else begin()) for pair in ((a, b), (b, a))
    )
    return Comparison(*names, on, laxer, stricter, changes(a, b))
