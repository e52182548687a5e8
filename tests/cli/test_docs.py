"""Every command of docs/cli.md, run as it stands there."""

import io
import re
import shlex
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from minorguard.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(page):
    """Each command with the lines that follow it."""
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            yield command, expected.strip("\n")


def pattern(expected):
    """A pattern for output in which `…` stands for anything, over lines where it is a line of its own."""
    lines = (r"(?:.*\n)*?" if line == "…" else _line(line) for line in expected.splitlines())
    return re.compile("".join(lines))


def _line(line):
    return ".*".join(re.escape(part) for part in line.split("…")) + r" *\n"


def perform(command, code):
    """The output of a command, and its exit code."""
    if command == "echo $?":
        return f"{code}\n", code
    words = shlex.split(command)
    if words[0] != "minorguard":
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout, 0
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        code = int(main(words[1:]))
    return out.getvalue(), code


def test_the_page_is_true(folder):
    """Every example prints what the page says, one after the other in one folder."""
    code, ran = 0, 0
    for command, expected in commands(PAGE.read_text("utf-8")):
        found, code = perform(command, code)
        assert pattern(expected).fullmatch(found), f"{command}\n--- expected\n{expected}\n--- found\n{found}"
        ran += 1
    assert ran >= 20
    assert Path("minorguard.db").stat().st_mode & 0o777 == 0o600
