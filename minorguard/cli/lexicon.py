"""``minorguard lexicon``: check, lint and build term lists, and try texts on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from minorguard.cli.exits import Exit
from minorguard.cli.options import json_option
from minorguard.cli.output import emit, say
from minorguard.content import Lexicon, TextFilter
from minorguard.content.findings import LexiconFinding
from minorguard.content.lint import lint as mined
from minorguard.content.samples import load_samples, run_samples
from minorguard.content.source import COMPILED
from minorguard.content.starter import starter_path
from minorguard.errors import InvalidInput, LexiconInvalid

_lists = click.argument("lists", nargs=-1, type=click.Path(path_type=Path))
_category = click.option("--category", default="other", help="The category of terms that name none.")


@click.group()
def lexicon() -> None:
    """Check, lint and build term lists. Without a list, the starter list is meant."""


@lexicon.command()
@_lists
@_category
@json_option
def check(lists: tuple[Path, ...], *, category: str, as_json: bool) -> int:
    """Read lists and say what is wrong or doubtful in them."""
    try:
        found: Sequence[LexiconFinding] = _loaded(lists, category).warnings
    except LexiconInvalid as error:
        found = [finding for finding in error.findings if isinstance(finding, LexiconFinding)]
    return _told(found, as_json=as_json)


@lexicon.command()
@_lists
@_category
@click.option(
    "--words", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Innocent words, one a line."
)
@click.option(
    "--samples", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A sample library to judge."
)
@json_option
def lint(lists: tuple[Path, ...], *, category: str, words: Path | None, samples: Path | None, as_json: bool) -> int:
    """Mine false positives: the innocent words in which a term is found, and samples that are judged otherwise."""
    loaded = _loaded(lists, category)
    found = [*mined(loaded, _lines(words) if words else None)]
    for change in run_samples(TextFilter(loaded), load_samples(samples)) if samples else ():
        message = f"`{change.sample.text:.40}` was {change.sample.action}, is {change.verdict.action}"
        found.append(LexiconFinding("sample.changed", "error" if change.laxer else "warning", message, str(samples)))
    return _told(found, as_json=as_json)


@lexicon.command()
@_lists
@_category
@click.option("--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help=f"Ends in {COMPILED}.")
@json_option
def build(lists: tuple[Path, ...], *, category: str, output: Path, as_json: bool) -> int:
    """Compile lists into one file that is read in a moment."""
    loaded = _loaded(lists, category)
    try:
        loaded.save(output)
    except OSError as error:
        raise InvalidInput("--output", f"`{output}` cannot be written ({error.strerror}); name another file") from None
    if as_json:
        emit({"written": str(output), "terms": len(loaded), "digest": loaded.digest})
    else:
        say(("wrote  ", "green"), f"{output}: {len(loaded)} terms, {loaded.digest}")
    return Exit.OK


@lexicon.command()
@click.argument("text")
@_lists
@_category
@json_option
def match(text: str, lists: tuple[Path, ...], *, category: str, as_json: bool) -> int:
    """Judge a text by lists."""
    verdict = TextFilter(_loaded(lists, category)).check(text)
    found = [
        {"start": one.start, "end": one.end, "term": one.term, "category": one.category, "level": one.level,
         "action": one.action, "found": one.found, "tags": list(one.tags)}
        for one in verdict.matches
    ]  # fmt: skip
    if as_json:
        emit({"action": verdict.action, "masked": verdict.masked, "matches": found, "lexicon": verdict.lexicon})
    else:
        say((f"{verdict.action}  ", "green" if verdict.action == "allow" else "red"), verdict.masked)
        for one in verdict.matches:
            say((f"       {one.start}-{one.end} ", "dim"), f"`{one.term}` {one.category}: {one.action} ({one.found})")
    return Exit.OK if verdict.action == "allow" else Exit.FAILED


def _loaded(lists: tuple[Path, ...], category: str) -> Lexicon:
    if len(lists) == 1 and lists[0].suffix == COMPILED:
        return Lexicon.open(lists[0])
    return Lexicon.load(*(lists or [starter_path()]), category=category)


def _lines(words: Path) -> list[str]:
    try:
        return words.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("--words", f"`{words}` cannot be read as UTF-8 ({error})") from None


def _told(found: Sequence[LexiconFinding], *, as_json: bool) -> int:
    if as_json:
        fields = ("file", "line", "code", "severity", "message", "help")
        emit({"findings": [{name: getattr(one, name) for name in fields} for one in found]})
    for one in () if as_json else found:
        say((str(one), "red" if one.severity == "error" else "yellow"))
        say(("       ", ""), one.help)
    if not as_json and not found:
        say(("ok     ", "green"), "nothing found")
    return Exit.FAILED if any(one.severity == "error" for one in found) else Exit.OK
