"""What the filter survives, what it spares, and that the page says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.content import matrix

PAGE = Path(__file__).parents[2] / "docs" / "content-filter.md"
KNOWN = {"黄片糖", "反赌博士兵", "吸毒蛇的毒液", "杀人鲸", "做爱好的事", "读博之路", "度波", "C:\\Users\\dick.txt"}
"""The innocent texts that are flagged; the page says why."""


@pytest.mark.parametrize("case", matrix.cases(), ids=lambda case: f"{case.name}-{case.text!a}")
def test_disguises_are_caught_or_sent_to_review(case: matrix.Case) -> None:
    """Each disguise has the outcome that its line of the matrix expects."""
    assert matrix.outcome(matrix.filter().check(case.text)) == case.expect


def test_innocent_texts_are_spared() -> None:
    """No innocent text is flagged but those that are known to be."""
    flagged = {text for text in matrix.innocents() if matrix.filter().check(text).matches}
    assert flagged == KNOWN


def test_sets_are_as_large_as_promised() -> None:
    """There are at least 150 disguises in both languages, and 150 innocent texts, none twice."""
    assert len(matrix.cases()) >= 150
    assert {case.lang for case in matrix.cases()} == {"zh", "en"}
    assert len(matrix.innocents()) == len(set(matrix.innocents())) >= 150


@pytest.mark.parametrize("part", [matrix.table, matrix.flagged])
def test_page_shows_what_was_found(part: object) -> None:
    """The tables of the page are those that the matrix gives now; `python -m tests.content.matrix_page` renews them."""
    assert part() in PAGE.read_text("utf-8")  # type: ignore[operator]


def test_batches_agree_with_single_checks() -> None:
    """`check_many` gives for each text what `check` does, over everything in the two sets."""
    texts = [*(case.text for case in matrix.cases()), *matrix.innocents()]
    assert matrix.filter().check_many(texts) == [matrix.filter().check(text) for text in texts]
