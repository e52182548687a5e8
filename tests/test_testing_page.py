"""docs/testing.md: its app and its tests run as they stand, by a pytest of their own."""

import re
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from minorguard.cli.app import cli

PAGE = Path(__file__).parents[1] / "docs" / "testing.md"


def test_the_examples_pass(tmp_path: Path, monkeypatch) -> None:
    """A QA engineer who copies the files beside a fresh `minorguard init` has three tests that pass."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["init", "."]).exit_code == 0
    files = re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(files) == PAGE.read_text("utf-8").count("```python")
    for name, text in files:
        (tmp_path / name).write_text(text, "utf-8")
    tests = [name for name, _ in files if name.startswith("test_")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", *tests]
    done = subprocess.run(command, capture_output=True, text=True)
    assert "3 passed" in done.stdout, done.stdout
