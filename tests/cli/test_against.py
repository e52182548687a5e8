"""`minorguard check --against` and `minorguard diff`: outcomes, formats, exit codes."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from minorguard.cli.app import cli, run
from minorguard.cli.exits import Exit

ON = ["--on", "2026-11-26"]
PAGE = Path(__file__).parents[2] / "docs" / "proof.md"


def of(daily: str, curfew: str = "22:00-06:00", id: str = "app") -> str:
    return (
        f"policy: {id}\ntimezone: Asia/Shanghai\ncalendar: CN\nbands:\n  0-18:\n"
        f'    time: {{quota: {{daily: {daily}}}, curfew: ["{curfew}"]}}\n    features: {{default: allow}}\n'
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(of("30m"))
    (tmp_path / "b.yaml").write_text(of("40m", id="other"))
    (tmp_path / "c.yaml").write_text(of("20m", "23:00-06:00", id="night"))
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, standalone_mode=False)


def test_a_policy_of_a_file_is_proved_against(folder: Path) -> None:
    """Thirty minutes are at least as strict as forty, and not the other way round: then it fails, with the clause."""
    proved = call("check", "a.yaml", "--against", "b.yaml", *ON)
    assert proved.return_value == Exit.OK
    assert "proved  app is at least as strict as other" in proved.output
    failed = call("check", "b.yaml", "--against", "a.yaml", *ON)
    assert failed.return_value == Exit.FAILED
    assert "after 30 min of general" in failed.output
    assert "denied by app: app/bands/0-18/time/quota/daily" in failed.output


def test_against_as_data(folder: Path) -> None:
    """Each pair with its cases: age, instant, history, question and clause with its source."""
    result = call("check", "a.yaml", "--against", "cn-game-2019", "--against", "b.yaml", "--json", *ON)
    assert result.return_value == Exit.FAILED
    body = json.loads(result.output)
    game, other = body["against"]
    assert (body["ok"], game["at_least_as_strict"], other["at_least_as_strict"]) == (False, False, True)
    night = next(one for one in game["weaknesses"] if one["clause"]["rule"] == "/rules/night/time/curfew")
    assert night["question"] == {"kind": "time", "activity": "game", "opening": False}
    assert (night["at"], night["used"]) == ("2026-12-22T06:00:00+08:00", [])
    assert night["clause"]["source"]["article"]


def test_diff_says_which_way_and_what_changed(folder: Path) -> None:
    """Stricter is 0; laxer and both are 1, with each difference and each change."""
    assert call("diff", "a.yaml", "b.yaml", *ON).return_value == Exit.OK
    both = call("diff", "c.yaml", "a.yaml", "--json", *ON)
    assert both.return_value == Exit.FAILED
    body = json.loads(both.output)
    assert (body["relation"], body["at_least_as_strict"]) == ("both", False)
    assert [one["clause"]["rule"] for one in body["laxer"]] == ["/bands/0-18/time/curfew"]
    assert [one["clause"]["rule"] for one in body["stricter"]] == ["/bands/0-18/time/quota/daily"]
    said = {(one["kind"], one["was"]["en"], one["now"]["en"]) for one in body["changes"]}
    assert ("changed", "closed 22:00–06:00", "closed 23:00–06:00") in said
    shown = call("diff", "c.yaml", "a.yaml", *ON).output
    assert "night is in some cases stricter, in others laxer than app" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "a.yaml", "--against", "cn-minor-mode-204"], "did you mean `cn-minor-mode-2024`?"),
        (["check", "a.yaml", "--against", "us-va-sb854"], "`--switch-on enjoined`"),
        (["check", "a.yaml", "--on", "2026-11-26"], "add `--against PRESET`"),
        (["check", "a.yaml", "--against", "b.yaml", "--format", "sarif"], "`pretty` or `json`"),
        (["check", "a.yaml", "--against", "b.yaml", "--on", "9999-12-31"], "is not in 2000 to 2099"),
        (["diff", "a.yaml", "b.yaml", "--on", "0001-01-01"], "is not in 2000 to 2099"),
        (["check", "-", "--against", "b.yaml"], "takes files and folders"),
        (["diff", "a.yaml", "."], "holds 3 policies"),
        (["diff", "cn-live-2022", "us-coppa"], "two presets"),
    ],
)
def test_wrong_usage_is_told_with_a_way_out(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """An unknown preset, one that is off, options that do not go together: 2, and what to write instead."""
    assert run(arguments) == Exit.USAGE
    assert said in " ".join("".join(capsys.readouterr()).split())


def test_a_broken_policy_is_not_proved(folder: Path) -> None:
    """Its findings are told, and nothing else."""
    (folder / "a.yaml").write_text(of("30x"))
    result = call("check", "a.yaml", "--against", "b.yaml", "--json", *ON)
    assert result.return_value == Exit.FAILED
    assert json.loads(result.output)["against"] == []


def test_the_examples_of_the_page_are_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a fresh `minorguard init`, each command prints what the page shows, and the Python block runs."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["init", "."]).exit_code == 0
    text = PAGE.read_text("utf-8")
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        command, *lines = block.rstrip("\n").split("\n")
        printed = call(*shlex.split(command.removeprefix("$ minorguard "))).output
        assert [line.rstrip() for line in printed.splitlines()] == lines
    (block,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    exec(compile(block, "docs/proof.md", "exec"), {})
