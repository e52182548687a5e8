"""Every example in the README and the quickstart runs, and every policy in them compiles."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from minorguard.cli.app import cli
from minorguard.policy import compile_policy

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "README.zh-CN.md", "docs/quickstart.md", "docs/recommendations.md")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `minorguard init` makes, and a policy with the mistake that the README shows."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["init", "."]).exit_code == 0
    bands = 'bands:\n  "12-16":\n    time:\n      quota: {daily: {weekand: 60m, otherwise: 40m}}\n'
    (tmp_path / "mistaken.yaml").write_text(f"policy: short-video\ntimezone: Asia/Shanghai\ncalendar: CN\n{bands}")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_python_examples_run(page: str, folder: Path) -> None:
    """Each block runs as it stands, beside a fresh `minorguard init`."""
    assert blocks(page, "python")
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), {})


@pytest.mark.parametrize("page", PAGES[:2])
def test_policies_compile(page: str) -> None:
    """The policy that is shown is a policy."""
    (block,) = blocks(page, "yaml")
    assert compile_policy(block).id == "short-video"


@pytest.mark.parametrize("page", PAGES[:2])
def test_transcripts_are_what_the_command_prints(page: str, folder: Path) -> None:
    """Each line that is shown is printed, in this order; a note after ← is not."""
    for block in blocks(page, "console"):
        command, *lines = block.rstrip("\n").split("\n")
        program, *arguments = shlex.split(command.removeprefix("$ "))
        assert program == "minorguard"
        result = CliRunner().invoke(cli, arguments)
        printed = iter([line.rstrip() for line in result.output.splitlines()])
        for line in lines:
            shown = line.split("←")[0].rstrip()
            assert any(shown == candidate for candidate in printed), (shown, result.output)


def test_both_readmes_show_the_same_commands() -> None:
    """The Chinese page keeps up with the English one."""
    for language in ("sh", "console", "python"):
        strip = [re.sub(r" *[#←].*", "", block) for block in blocks("README.md", language)]
        same = [re.sub(r" *[#←].*", "", block) for block in blocks("README.zh-CN.md", language)]
        assert strip[: len(same)] == same


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link of each page names a file that is there."""
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
