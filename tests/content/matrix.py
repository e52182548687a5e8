"""The adversarial matrix: disguises by class, what is expected of them, innocent texts, and the page's tables."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from minorguard.content import Lexicon, TextFilter, Verdict

HERE = Path(__file__).parent
OUTCOMES = {"block": "caught", "mask": "caught", "review": "review", "allow": "missed"}


class Case(NamedTuple):
    """A disguised text; `expect` is `caught` or `review`."""

    name: str
    lang: str
    expect: str
    text: str


@cache
def filter() -> TextFilter:
    """The filter over the matrix' own terms, all of them to be blocked."""
    return TextFilter(Lexicon.load(HERE / "matrix_terms.json"))


@cache
def cases() -> tuple[Case, ...]:
    """Every case."""
    rows = map(json.loads, (HERE / "matrix.jsonl").read_text("utf-8").splitlines())
    return tuple(Case(row["class"], row["lang"], row["expect"], row["text"]) for row in rows)


@cache
def innocents() -> tuple[str, ...]:
    """Texts that hold no term, however much some look like it."""
    return tuple((HERE / "innocent.txt").read_text("utf-8").splitlines())


def outcome(verdict: Verdict) -> str:
    """`caught`, `review` or `missed`."""
    return OUTCOMES[verdict.action]


def table() -> str:
    """By class, how many were caught, sent to review, and missed."""
    counts: dict[str, Counter[str]] = {}
    for case in cases():
        counts.setdefault(case.name, Counter())[outcome(filter().check(case.text))] += 1
    rows = [f"| {name} | {c['caught']} | {c['review']} | {c['missed']} |" for name, c in counts.items()]
    whole = sum(counts.values(), Counter())
    name = f"**{len(cases())} cases, {len(counts)} classes**"
    total = f"| {name} | {whole['caught']} | {whole['review']} | {whole['missed']} |"
    return "\n".join(["| class | caught | review | missed |", "|---|---:|---:|---:|", *rows, total])


def flagged() -> str:
    """The innocent texts that are flagged all the same, and why."""
    verdicts = [(text, filter().check(text)) for text in innocents()]
    rows = [
        f"| `{text}` | {v.action} | `{v.matches[0].term}`, {v.matches[0].found} |" for text, v in verdicts if v.matches
    ]
    head = [f"{len(innocents())} texts, {len(rows)} flagged:", "", "| text | action | for |", "|---|---|---|"]
    return "\n".join([*head, *rows])
