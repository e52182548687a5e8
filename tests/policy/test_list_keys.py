"""The keys of `recommendations` that speak of lists: read, checked, and told in words."""

import pytest

from minorguard.model.sections import WindowCap
from minorguard.policy import compile_policy

SAID = (
    "recommendations: {per_topic: {sport: {max: 1, within: 4}, art: {max: 2, within: 5}}, personal_at_most: 30%, "
    "items_per_day: 300, break_every: {items: 20, play: 10m}}"
)


def document(section):
    """A policy with a section."""
    return f"policy: lists\ntimezone: Asia/Shanghai\nbands:\n  0-18:\n    {section}\n"


def test_keys__are_read():
    """Topics sorted, shares in whole per cent, play in seconds."""
    (rule,) = compile_policy(document(SAID)).bands[0].recommendations
    assert rule.per_topic == (("art", WindowCap(2, 5)), ("sport", WindowCap(1, 4)))
    assert (rule.personal_at_most, rule.items_per_day) == (30, 300)
    assert (rule.break_every_items, rule.break_every_seconds) == (20, 600)


@pytest.mark.parametrize(
    ("said", "instead"),
    [("300", "301"), ("30%", "31%"), ("within: 4", "within: 3"), ("items: 20", "items: 21"), ("10m", "11m")],
)
def test_each_number__is_part_of_the_digest(said, instead):
    """Two policies that mean different lists have different digests."""
    assert compile_policy(document(SAID)).digest != compile_policy(document(SAID.replace(said, instead, 1))).digest
