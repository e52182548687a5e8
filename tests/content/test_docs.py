"""Every example of docs/content-filter.md runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minorguard.content import Lexicon

PAGE = (Path(__file__).parents[2] / "docs" / "content-filter.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_python_examples_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's examples stand on one another, and hold."""
    monkeypatch.chdir(tmp_path)
    shared: dict[str, object] = {}
    assert len(blocks("python")) == 4
    for block in blocks("python"):
        exec(compile(block, "content-filter.md", "exec"), shared)


def test_list_that_is_shown_is_a_list(tmp_path: Path) -> None:
    """The YAML of the page loads without a finding."""
    (block,) = blocks("yaml")
    (tmp_path / "list.yaml").write_text(block, "utf-8")
    lexicon = Lexicon.load(tmp_path / "list.yaml")
    assert lexicon.warnings == ()
    assert [(term.text, term.category) for term in lexicon][:2] == [("加微信", "contact"), ("snapchat me", "contact")]
