"""Every example in the README and the quickstart runs, and every policy in them compiles."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from minorguard.cli.app import cli
from minorguard.policy import compile_policy
from tests.cli.test_serve import free_port, wait_for

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "README.zh-CN.md", "docs/quickstart.md", "docs/recommendations.md", "docs/python-library.md")


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
    """The blocks of a page run as they stand, one after the other, beside a fresh `minorguard init`."""
    assert blocks(page, "python")
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), names)


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


def pasted(folder: Path, *scripts: str) -> list[dict[str, Any]]:
    """What shell blocks print as JSON that are pasted, one after the other, beside a demo service."""
    address = f"127.0.0.1:{free_port()}"
    script = "\n".join(scripts).replace("127.0.0.1:8000", address).replace(". .venv/bin/activate\n", "")
    command = [sys.executable, "-m", "minorguard.cli", "serve", "--demo", "--workers", "1", "--bind", address]
    with (folder / "out").open("w") as out:
        process = subprocess.Popen(
            [*command, "--config", "var/minorguard.toml"], cwd=folder, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            wait_for(f"http://{address}/readyz", process)
            path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
            done = subprocess.run(
                ["bash", "-euc", script], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
            )
        finally:
            process.terminate()
            process.wait(20)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def test_the_quickstart_can_be_pasted(tmp_path: Path) -> None:
    """Its shell blocks run as they stand, and answer what the page says of them."""
    start, *rest = blocks("docs/quickstart.md", "sh")
    assert start == "make run\n"
    _, _, opened, _, beat, _, late = pasted(tmp_path, *rest)
    at = "2026-11-24T16"
    assert (opened["lease_until"], opened["beat_after_seconds"]) == (f"{at}:01:00+08:00", 30)
    assert (opened["decision"]["valid_until"], beat["decision"]["effect"]) == (f"{at}:25:00+08:00", "allow")
    assert opened["decision"]["remaining"]["day_seconds"] == 2_400
    assert (late["token"], late["decision"]["effect"]) == (None, "deny")
    assert late["decision"]["obligations"][0]["code"] == "end_session"
    assert late["decision"]["retry_at"] == "2026-11-25T06:00:00+08:00"
    assert (tmp_path / "week.svg").is_file()


def test_publishing_by_hand_can_be_pasted(tmp_path: Path) -> None:
    """Anna drafts, Ben publishes revision 2, then the folder's holds again."""
    draft, review, published, back = pasted(tmp_path, *blocks("docs/publishing.md", "sh"))
    assert (draft["base_revision"], review["valid"], "text" in review["diff"]) == (1, True, True)
    assert (published["policy"]["revision"], back["policy"]["revision"]) == (2, 1)


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


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    plain = (re.sub(r"[`*]", "", heading).strip().lower() for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_links_lead_to_headings(page: Path) -> None:
    """Each link to a part of a page names a heading that is there."""
    for target, anchor in re.findall(r"\]\(((?!https?:)[^)#\s]*)#([^)]+)\)", page.read_text("utf-8")):
        assert anchor in anchors(page.parent / target if target else page), (target, anchor)
