"""The plugin for pytest, in runs of pytest of its own."""

import subprocess
import sys

import pytest

from tests.simulate.suites import suite

pytest_plugins = "pytester"

POLICY = """\
policy: house
timezone: Asia/Shanghai
bands:
  "0-18":
    time: {curfew: ["22:00-06:00"]}
"""


@pytest.fixture
def run(pytester):
    """Write a suite beside its policy and run pytest over it."""

    def run(steps, *args):
        (pytester.path / "house.yaml").write_text(POLICY)
        text = suite(steps).replace("policy: test", "policy: house.yaml")
        (pytester.path / "house.mgtest.yaml").write_text(text)
        (pytester.path / "other.yaml").write_text("a: [")
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", *args)

    return run


def test_every_test_is_an_item(run):
    """Files of policy tests are collected, one item for each test, and other files are left alone."""
    done = run("- {expect: allow}", "-v")
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["house.mgtest.yaml::a test PASSED*"])


def test_a_failure_is_told_in_our_words(run):
    """The report of a failure is the place, both sides and the decision, without a traceback."""
    done = run("- {ask: time, expect: deny}")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        ["*house.mgtest.yaml:7:29: step 1, Tue 2026-11-24 16:00:00, ask time", "*effect: expected `deny`, was `allow`"]
    )
    done.stdout.no_fnmatch_line("*Traceback*")
    done.stdout.no_fnmatch_line("*runner.py*")


def test_a_bad_file_fails_its_collection(run):
    """What is wrong with a file is told as findings."""
    done = run("- {bete: tablet}")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*house.mgtest.yaml:7:10: error*key.unknown*did you mean `beat`?"])


@pytest.mark.parametrize(("least", "code"), [("10", 0), ("90", 1)])
def test_too_little_coverage_fails_the_run(run, least, code):
    """With the option, what is missing is shown, and too little of it fails a run whose tests all pass."""
    done = run('- {at: "22:00", expect: deny}', "--minorguard-fail-under", least)
    done.stdout.fnmatch_lines(["rules of house that were seen: 33.3% (2 of 6)", "*a question that it lets pass"])
    assert (done.ret, "less than 90%" in done.stdout.str()) == (code, code == 1)


def test_the_plugin_is_cheap_where_nobody_needs_it():
    """In a project without policy tests, neither marshmallow nor the engine is imported."""
    code = "import sys, minorguard.simulate.pytest_plugin; print([m for m in sys.modules if m in %r])"
    heavy = ["marshmallow", "ruamel.yaml", "minorguard.engine", "minorguard.policy", "minorguard.model"]
    done = subprocess.run([sys.executable, "-c", code % heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
