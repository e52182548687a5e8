"""``minorguard diff``: how does one policy stand to another, and what changed?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import click

from minorguard.cli.against import against, on_option, show_case, side, today
from minorguard.cli.exits import Exit
from minorguard.cli.options import json_option
from minorguard.cli.output import GREY, emit, say
from minorguard.model.rules import CompiledPolicy
from minorguard.policy import builtin_presets
from minorguard.proof.changes import Change
from minorguard.proof.counterexample import Counterexample, Undecided
from minorguard.proof.report import Comparison, compare

FORMATS = ("pretty", "json")
_MARKS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@on_option
@click.option("--format", "form", type=click.Choice(FORMATS), help="[default: pretty]")
@json_option
def diff(a: str, b: str, *, on: date | None, form: str | None, as_json: bool) -> int:
    """Compare policy A with policy B: same, stricter, laxer, or both.

    Each is a policy file; one of them may be a preset. With what changed rule by rule, and the smallest case for each
    difference. Fails (1) unless A is proved to be at least as strict as B.
    """
    if as_json and form not in {None, "json"}:
        raise click.UsageError(f"--json is short for --format json; leave it or `--format {form}` out")
    found = compare(*_sides(a, b), on=on or today())
    if as_json or form == "json":
        emit(found.to_dict())
    else:
        _show(found)
    return Exit.OK if found.at_least_as_strict else Exit.FAILED


def _sides(a: str, b: str) -> tuple[CompiledPolicy, CompiledPolicy]:
    presets = builtin_presets()
    if a in presets and b in presets:
        raise click.UsageError("two presets have no hours of their own; compare policies that extend them")
    if a in presets:
        other = side(b, "B")
        return against(a, other), other
    mine = side(a, "A")
    return mine, against(b, mine) if b in presets else side(b, "B")


def _show(found: Comparison) -> None:
    say((found.text()["en"], "bold"), f" (from {found.on})")
    if found.changes:
        say("\nwhat changed, from B to A:")
        for change in found.changes:
            _show_change(change)
    _show_cases("laxer", found.laxer.weaknesses, found.laxer.undecided, found.a, found.b)
    _show_cases("stricter", found.stricter.weaknesses, found.stricter.undecided, found.b, found.a)


def _show_change(change: Change) -> None:
    mark, style = _MARKS[change.kind]
    low, below = change.ages
    was, now = (None if text is None else text["en"] for text in (change.was, change.now))
    said = f"{was} → {now}" if was and now else was or now or ""
    say((f"  {mark} ", style), f"{change.section}, {low}-{below}: {said}", (f"  {change.origin.document}", GREY))


def _show_cases(
    word: str, cases: Iterable[Counterexample], undecided: Iterable[Undecided], lax: str, strict: str
) -> None:
    cases, undecided = tuple(cases), tuple(undecided)
    if cases:
        say(f"\n{word}:")
    for number, one in enumerate(cases, 1):
        show_case(number, one, lax, strict)
    for unknown in undecided:
        say((f"  ?  {word}: ", "bold yellow"), f"{unknown.why['en']}: {unknown.rule.document} {unknown.rule.rule}")
