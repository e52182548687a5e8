"""`python -m tests.benchmarks.policies`: check, compile, proof and diff of policies, each beside a named floor."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date

from ruamel.yaml import YAML

from minorguard.engine.decide import decide_opening
from minorguard.engine.look import Look
from minorguard.model.state import Profile, SubjectState
from minorguard.policy import builtin_presets, check_policy, compile_policy
from minorguard.proof.comparison import prove
from minorguard.proof.reference import reference
from minorguard.proof.report import compare
from tests.benchmarks.pairs import Pair, pair
from tests.build import at

ON = date(2026, 11, 26)
PRESETS = ("cn-minor-mode-2024", "cn-youth-practice", "cn-game-2021", "cn-game-2019", "cn-minors-law", "cn-live-2022")


def text(minutes: int = 40, extends: tuple[str, ...] = PRESETS, activities: int = 0) -> str:
    """A policy of five bands over presets; with so many activities of a quota of their own in each."""
    own = "".join(f", a{index}: {{daily: {20 + index}m}}" for index in range(activities))
    bands = "\n".join(
        f'  "{ages}":\n    time:\n      quota: {{daily: {{holiday: 60m, otherwise: {minutes}m}}, '
        f"per_activity: {{game: {{daily: 30m}}{own}}}}}\n"
        f'      curfew: ["22:00-06:00"]\n      sitting: {{break_after: 30m, break_for: 10m}}\n'
        f"    features: {{default: deny, allow: [search, like], limit: {{comment: 20/day}}}}"
        for ages in ("0-3", "3-8", "8-12", "12-16", "16-18")
    )
    return f"policy: bench\ntimezone: Asia/Shanghai\ncalendar: CN\nextends: [{', '.join(extends)}]\nbands:\n{bands}\n"


def rules_of(document: str) -> int:
    """How many rules a document has when it is compiled."""
    bands = compile_policy(document).bands
    return sum(len(band.time) + sum(len(layer.rules) for layer in band.features) for band in bands)


def parsed(document: str) -> Callable[[], object]:
    """Floor: the YAML reader alone, over the same text."""
    return lambda: YAML(typ="rt", pure=True).load(document)


def asked(document: str) -> Callable[[], object]:
    """Floor: one decision under the same policy, every rule asked."""
    policy, state = compile_policy(document), SubjectState(Profile("kid", "bench", born=date(2013, 5, 1)))
    now = at("2026-11-24 16:00")
    return lambda: decide_opening(Look(policy, state, "game", "phone"), now)


def row(name: str, floor: str, measured: Pair) -> None:
    """One row: milliseconds."""
    spread = f"{measured.low:.1f}-{measured.high:.1f}"
    print(
        f"{name:<58} {measured.ours / 1000:>9.1f} ms   {floor:<28} {measured.floor / 1000:>8.2f} ms   "
        f"{measured.ratio:>8.1f} ({spread})"
    )


def main(rounds: int) -> None:
    """Print the table."""
    large, small, laxer = text(activities=60), text(), text(50)
    a, b = compile_policy(small), compile_policy(laxer)
    game = reference(builtin_presets()["cn-game-2021"], a)
    wide, wider = compile_policy(text(activities=8)), compile_policy(text(50, activities=8))
    rows: list[tuple[str, Callable[[], object], str, Callable[[], object], int]] = [
        (f"check, {rules_of(large)} rules", lambda: check_policy(large), "ruamel.yaml alone", parsed(large), 1),
        (f"check, {rules_of(small)} rules", lambda: check_policy(small), "ruamel.yaml alone", parsed(small), 1),
        (f"compile, {rules_of(small)} rules", lambda: compile_policy(small), "ruamel.yaml alone", parsed(small), 1),
        ("proof against a preset that is kept", lambda: prove(a, game, on=ON), "one decision", asked(small), 20),
        ("proof against one's own revision, laxer", lambda: prove(b, a, on=ON), "one decision", asked(small), 20),
        ("diff of two revisions over six presets", lambda: compare(a, b, on=ON), "one decision", asked(small), 20),
        ("the same with 8 more activities", lambda: compare(wide, wider, on=ON), "one decision", asked(small), 20),
    ]
    for name, ours, floor, other, number in rows:
        row(name, floor, pair(ours, other, ours_number=1, floor_number=number, rounds=rounds))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
