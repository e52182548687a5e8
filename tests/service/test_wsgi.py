"""The factory for other servers, and the unit files that name it."""

from __future__ import annotations

import configparser
import importlib
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from minorguard.cli.app import cli
from minorguard_service.wsgi import create

PAGE = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text("utf-8")
UNITS = re.findall(r"```ini\n(.*?)```", PAGE, re.DOTALL)


def test_the_factory_reads_the_file_that_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app over the store and the policies of the file, and it answers."""
    policy = "policy: p\ntimezone: Asia/Shanghai\nbands:\n  0-18:\n    time: {quota: {daily: 40m}}\n"
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.yaml").write_text(policy)
    (tmp_path / "minorguard.toml").write_text("[service]\n")
    monkeypatch.setenv("MINORGUARD_CONFIG", str(tmp_path / "minorguard.toml"))
    app = create()
    try:
        assert app.test_client().get("/readyz").status_code == 200
        assert (tmp_path / "minorguard.db").exists()
    finally:
        app.extensions["minorguard"].store.close()


@pytest.mark.parametrize("unit", UNITS, ids=["gunicorn", "granian"])
def test_units_start_what_there_is(unit: str) -> None:
    """Each unit of the page is one, and its command names a command or a factory of ours."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(unit.replace("\\\n", " "))
    command = parser["Service"]["ExecStart"]
    assert parser["Service"]["Restart"] == "always"
    if "granian" in command:
        module, _, name = re.search(r"(\S+:\S+) ", command).group(1).partition(":")
        assert callable(getattr(importlib.import_module(module), name))
    else:
        assert "--config" in command
        assert "--config" in CliRunner().invoke(cli, ["serve", "--help"]).output
