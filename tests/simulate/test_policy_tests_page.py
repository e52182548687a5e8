"""docs/policy-tests.md is true: its suites pass, its commands print what it shows, its tables are whole."""

import re
from pathlib import Path

import pytest

import minorguard.simulate
from minorguard.simulate import run_file
from minorguard.simulate.suite_schema import STEPS, ExpectSchema, RemainingSchema, SubjectSchema
from tests.cli.conftest import folder, shop  # noqa: F401  # fixtures
from tests.cli.test_docs import commands, pattern, perform

PAGE = (Path(__file__).parents[2] / "docs" / "policy-tests.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_the_suite_passes(shop, text):  # noqa: F811
    """Each suite of the page runs over the policy that `init` writes, and passes."""
    file = shop / "policies" / "page.mgtest.yaml"
    file.write_text(text)
    result = run_file(file)
    assert (result.findings, [list(one.lines()) for one in result.results]) == ((), [[]])


def test_the_commands_print_what_is_shown(shop):  # noqa: F811
    """Every command of the page, one after the other in one folder."""
    code = 0
    for command, expected in commands(PAGE):
        found, code = perform(command, code)
        assert pattern(expected).fullmatch(found), f"{command}\n--- expected\n{expected}\n--- found\n{found}"


def test_the_python_runs(shop):  # noqa: F811
    """The example in Python runs as it stands."""
    (code,) = blocks("python")
    exec(compile(code, "policy-tests.md", "exec"), {"Path": Path})


def test_every_key_is_there():
    """Each key that a step, a subject or an expectation may have is on the page."""
    steps = {key for schema in STEPS.values() for key in schema().fields}
    keys = steps | set(ExpectSchema().fields) | set(RemainingSchema().fields) | set(SubjectSchema().fields)
    assert {key for key in keys if not re.search(rf"[`{{ ]{key}[`:]", PAGE)} == set()


def test_every_code_is_there():
    """The table of findings has the codes of the source, no more and no fewer."""
    sources = Path(minorguard.simulate.__file__).parent.glob("*.py")
    found = {code for source in sources for code in re.findall(r"\"(suite\.[a-z_]+)\"", source.read_text("utf-8"))}
    table = PAGE.partition("## Findings")[2]
    assert found == set(re.findall(r"`(suite\.[a-z_]+)`", table))
