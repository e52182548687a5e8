"""``minorguard check --against``: are these policies at least as strict as a preset, or as another policy?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from minorguard.cli.options import YEARS, DateType
from minorguard.cli.output import GREY, say
from minorguard.clock import SystemClock, floor_seconds
from minorguard.errors import InvalidInput
from minorguard.model.rules import CompiledPolicy, Strength
from minorguard.policy import PolicyBook, builtin_presets
from minorguard.policy.findings import likely
from minorguard.proof.comparison import Proof, prove
from minorguard.proof.counterexample import Counterexample, Undecided
from minorguard.proof.reference import reference

F = TypeVar("F", bound=Callable[..., Any])
OFF = (Strength.PLANNED.value, Strength.ENJOINED.value)

against_option: Callable[[F], F] = click.option(
    "--against",
    multiple=True,
    metavar="PRESET",
    help="Prove that the policies are at least as strict as a preset, or as the policy of a file. Repeatable.",
)
switch_option: Callable[[F], F] = click.option(
    "--switch-on",
    "switched",
    multiple=True,
    type=click.Choice(OFF),
    help="Prove against a preset's rules of this strength too. Repeatable.",
)
on_option: Callable[[F], F] = click.option(
    "--on", type=DateType(YEARS), help="With the rules that hold from this date on. [default: today]"
)


@dataclass(frozen=True, slots=True)
class Proven:
    """One policy beside what it was proved against."""

    policy: CompiledPolicy
    other: CompiledPolicy
    on: date
    proof: Proof

    def to_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "policy": self.policy.id,
            "against": self.other.id,
            "on": self.on.isoformat(),
            "at_least_as_strict": self.proof.holds,
            "weaknesses": [one.to_dict() for one in self.proof.weaknesses],
            "undecided": [one.to_dict() for one in self.proof.undecided],
        }


def today() -> date:
    """The date of now, in UTC."""
    return datetime.fromtimestamp(floor_seconds(SystemClock().now_ns()), UTC).date()


def prove_all(
    paths: Sequence[Path], names: Sequence[str], switched: Sequence[str], on: date | None
) -> Iterator[Proven]:
    """Each policy of some paths against each preset or policy that is named."""
    switched_on, on = frozenset(map(Strength, switched)), on or today()
    policies = [book[id] for path in paths for book in (PolicyBook.load(path),) for id in book.ids]
    for name in dict.fromkeys(names):
        others = [against(name, policy, switched_on) for policy in policies]
        for policy, other in zip(policies, others, strict=True):
            yield Proven(policy, other, on, prove(policy, other, on=on))


def against(name: str, policy: CompiledPolicy, switched_on: frozenset[Strength] = frozenset()) -> CompiledPolicy:
    """What a policy is proved against: a preset by its id, or the policy of a file. Raises `InvalidInput`."""
    preset = builtin_presets().get(name)
    if preset is None:
        return side(name, "--against")
    found = reference(preset, policy, switched_on=switched_on)
    if not any(rule.counts(switched_on) for rule in preset.rules):
        strengths = sorted({rule.origin.strength.value for rule in preset.rules})
        way = " or ".join(f"`--switch-on {one}`" for one in strengths)
        raise InvalidInput("--against", f"all of `{name}` is switched off; switch it on with {way}")
    return found


def side(name: str, option: str) -> CompiledPolicy:
    """The policy of a file or folder. Raises `InvalidInput`."""
    path = Path(name)
    if not path.exists():
        near = likely(name, builtin_presets())
        hint = f", did you mean `{near}`?" if near else "; name a preset, or the file of a policy"
        raise InvalidInput(option, f"`{name}` is neither a preset nor a file{hint}")
    book = PolicyBook.load(path)
    if len(book) != 1:
        raise InvalidInput(option, f"`{name}` holds {len(book)} policies; name the file of one")
    return book[book.ids[0]]


def show(proven: Proven) -> None:
    """The outcome in words."""
    proof, names = proven.proof, f"{proven.policy.id} is {{}} at least as strict as {proven.other.id}"
    since = f" (from {proven.on})"
    if proof.holds:
        say(("proved  ", "bold green"), names.replace("{} ", "") + since)
        return
    told = "not" if proof.weaknesses else "not proved to be"
    say(("failed  ", "bold red"), names.format(told) + since)
    sides = proven.policy.id, proven.other.id
    for number, one in enumerate(proof.weaknesses, 1):
        show_case(number, one, *sides)
    for unknown in proof.undecided:
        say(("  ?  ", "bold yellow"), unknown.why["en"])
        say((f"     {_clause(unknown)}", GREY))


def show_case(number: int, found: Counterexample, lax: str, strict: str) -> None:
    """A counterexample: the case, who allows and who denies it, and the clause with its source."""
    mine, other = found.what.get("action", ("allowed", "denied"))
    say((f"{number:>3}  ", "bold"), found.text()["en"])
    say(("     ", ""), (f"{mine} by {lax}, {other} by {strict}", "bold"), f": {_clause(found)}")


def _clause(found: Counterexample | Undecided) -> str:
    rule = found.rule
    place = f"{rule.document}{rule.rule}" if rule.rule.startswith("/") else rule.document
    source = "" if rule.source is None else f", {rule.source.article}, {rule.source.title}"
    dates = f", from {rule.effective_from}" if rule.effective_from else ""
    return f"{place} ({rule.strength.value}){source}{dates}"
