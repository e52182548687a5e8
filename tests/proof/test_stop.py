"""A comparison that is told to stop, stops, and proves nothing by that."""

from datetime import date
from itertools import count

from minorguard.policy import compile_policy
from minorguard.proof.comparison import prove

ON = date(2026, 11, 26)
TEXT = "policy: p\ntimezone: Asia/Shanghai\nbands:\n  0-18:\n    time: {quota: {daily: %dm}}\n"


def test_what_was_not_looked_at_is_undecided() -> None:
    """Stopped at the first step nothing is refuted, and nothing holds."""
    proof = prove(compile_policy(TEXT % 60), compile_policy(TEXT % 40), on=ON, stop=lambda: True)
    assert (proof.weaknesses, proof.holds) == ((), False)
    assert "/bands/0-18/time/quota/daily" in {one.rule.rule for one in proof.undecided}


def test_what_was_found_before_is_told() -> None:
    """Stopped later, the cases that were found by then are kept."""
    steps = count()
    proof = prove(compile_policy(TEXT % 60), compile_policy(TEXT % 40), on=ON, stop=lambda: next(steps) > 60)
    assert [one.rule.rule for one in proof.weaknesses] == ["/bands/0-18/time/quota/daily"]
