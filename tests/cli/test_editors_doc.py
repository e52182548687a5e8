"""The page on editors and CI: its commands run, its files parse, its patterns match."""

import io
import json
import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from minorguard.policy import check_policy
from tests.cli.running import run
from tests.cli.test_docs import commands, pattern, perform

PAGE = (Path(__file__).parents[2] / "docs" / "editors.md").read_text("utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def test_its_commands_print_what_it_says(shop):
    """Every console example is true."""
    shown = list(commands(PAGE))
    for command, expected in shown:
        assert pattern(expected).fullmatch(perform(command, 0)[0]), command
    assert len(shown) == 2


def test_its_files_parse():
    """Settings are JSON, workflows and hooks are YAML, and the policy is one."""
    (settings,) = (json.loads(block) for block in blocks("json"))
    policy, *others = blocks("yaml")
    assert list(settings) == ["yaml.schemas"]
    assert check_policy(policy)[0] is not None
    assert [min(YAML(typ="safe").load(io.StringIO(other))) for other in others] == ["jobs", "jobs", "repos"]


@pytest.mark.parametrize("command", re.findall(r"(?:run|entry): (minorguard [^>\n]*)", PAGE))
def test_its_jobs_pass_for_what_init_writes(shop, command):
    """Each command of a workflow or hook is one that there is, and a fresh deployment passes it."""
    assert run(*shlex.split(command)[1:]).code == 0


def test_its_schema_paths_exist(shop):
    """The files that settings name are those that the page has written."""
    for command, _ in commands(PAGE):
        perform(command, 0)
    (settings,) = (json.loads(block) for block in blocks("json"))
    assert [path for path in settings["yaml.schemas"] if not (shop / path).is_file()] == []


def test_its_error_format_matches(shop):
    """A finding has the form that the page gives to editors: file, line, column, severity, code, message."""
    (shop / "policies" / "p.yaml").write_text("policy: p\ntimezone: UTC\ntitel: {}\n")
    first = run("check", "policies").err.splitlines()[0]
    assert re.fullmatch(r"(\S+?):(\d+):(\d+): (error|warning)\[[^\]]+\]: .+", first)
