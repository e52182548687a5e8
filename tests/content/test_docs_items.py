"""The pages on items and on review are true: their examples run, their table of ratings is that of the code."""

import re
from pathlib import Path

import pytest

from minorguard.model.ratings import SCALES
from minorguard.review import Rules

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["content-items.md", "review.md"])
def test_the_examples_run(page: str) -> None:
    """From the first to the last, in one session."""
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    assert blocks
    exec(compile("\n".join(blocks), page, "exec"), {"__name__": page})


def test_the_table_of_ratings_is_that_of_the_code() -> None:
    """Every scale with every mark, its age, and its source."""
    text = (DOCS / "content-items.md").read_text("utf-8")
    for name, scale in SCALES.items():
        (row,) = re.findall(rf"^\| `{name}` \| (.*) \| (.*) \|$", text, re.MULTILINE)
        marks = re.findall(r"`([^`]+)` (\d+)( \(ours)?", row[0])
        assert tuple((mark, int(age)) for mark, age, _ in marks) == scale.ages
        assert {mark for mark, _, ours in marks if ours} == scale.ours
        assert row[1] == scale.source


def test_the_page_says_when_cases_are_due() -> None:
    """As the rules have it by default."""
    text = (DOCS / "review.md").read_text("utf-8")
    minutes = [seconds // 60 for _, seconds in Rules().due_after]
    assert minutes == [15, 2 * 60, 8 * 60, 48 * 60]
    assert "`urgent` 15 minutes, `high` 2 hours, `normal` 8 hours, `low` 48 hours" in text
