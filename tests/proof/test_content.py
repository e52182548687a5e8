"""What is proved of content holds for the engine: an item is never shown more where the proof finds no weakness."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from minorguard.proof.comparison import prove
from tests.engine.content_oracle import ORDER
from tests.engine.test_oracle_content import BEFORE, ITEMS, SURFACES, policy_of, said, sections

ON = date(2026, 11, 24)


@given(first=sections(), second=sections(), items=st.lists(ITEMS, min_size=20, max_size=20))
@settings(max_examples=40, deadline=None)
def test_where_no_weakness_is_found_nothing_more_is_shown(
    first: dict[str, Any], second: dict[str, Any], items: list[dict[str, Any]]
) -> None:
    """Over random sections and items; the second beside itself is always proved."""
    a, b = policy_of(first, None), policy_of({**second}, None)
    holds = not any("pool" in one.what for one in prove(a, b, on=ON).weaknesses)
    for item in items:
        more = ORDER.index(said(a, item, BEFORE)) > ORDER.index(said(b, item, BEFORE))
        assert not (holds and more and item["surface"] in SURFACES), item
    assert not any("pool" in one.what for one in prove(b, b, on=ON).weaknesses)
