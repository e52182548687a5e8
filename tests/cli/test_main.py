"""The frame of all commands: help, exit codes, missing packages, and no traceback by surprise."""

import errno
import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

from minorguard.cli import main
from tests.cli.running import POLICY, run

COMMANDS = ("init", "check", "schema", "test", "decide", "forecast", "keys", "serve", "doctor")


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_help_names_every_command_and_the_exit_codes():
    """`--help` is a table of contents."""
    out = run("--help").out
    assert [word for word in (*COMMANDS, "Exit codes", "_MINORGUARD_COMPLETE") if word not in out] == []


@pytest.mark.parametrize(
    "command",
    [
        ("init",),
        ("check",),
        ("schema",),
        ("test",),
        ("decide",),
        ("forecast",),
        ("keys", "create"),
        ("keys", "list"),
        ("keys", "revoke"),
        ("keys", "signing", "list"),
        ("keys", "signing", "stage"),
        ("keys", "signing", "promote"),
        ("keys", "signing", "drop"),
        ("serve",),
        ("doctor",),
    ],
)
def test_every_command_takes_json(command):
    """Programs can read every command."""
    assert "--json" in run(*command, "--help").out


def test_an_unknown_command_is_two():
    """A typing error is wrong usage."""
    assert run("chekc").code == 2


def test_without_click_it_says_how_to_get_it():
    """Without the extra, the entry point is a sentence and 3."""
    done = python("import sys; sys.modules['click'] = None; from minorguard.cli import main; sys.exit(main([]))")
    assert (done.returncode, "pip install 'minorguard[cli]'" in done.stderr, done.stdout) == (3, True, "")


def test_without_the_service_it_says_how_to_get_it(shop, monkeypatch):
    """Commands that need the service name what is missing, and the others go on."""
    monkeypatch.setitem(sys.modules, "minorguard_service.settings", None)
    done = run("keys", "list")
    assert (done.code, "pip install 'minorguard[service]'" in done.err) == (3, True)
    assert [run("doctor").code, run("check", POLICY).code] == [0, 0]


def test_the_service_is_not_imported_before_it_is_needed():
    """Checking a policy needs neither Flask nor gunicorn."""
    done = python("import sys, minorguard.cli.app; print(any(m.startswith('minorguard_service') for m in sys.modules))")
    assert done.stdout.strip() == "False"


def test_a_bug_is_three_and_no_traceback(shop, monkeypatch):
    """What nobody foresaw is one line and 3; the traceback is there for who asks."""
    monkeypatch.setattr("minorguard.engine.decide", lambda *_: 1 / 0)
    ask = ("decide", "--policy", POLICY, "--unknown-age")
    short = run(*ask)
    monkeypatch.setenv("MINORGUARD_TRACEBACK", "1")
    long = run(*ask)
    assert (short.code, "Traceback" in short.err, "Traceback" in long.err) == (3, False, True)


def test_ctrl_c_is_130(shop, monkeypatch):
    """An interrupted command says so, as shells expect."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("minorguard.engine.decide", interrupted)
    assert main(["decide", "--policy", POLICY, "--unknown-age"]) == 130


def test_completion_is_there():
    """The shell learns the commands from the program itself."""
    env = {"_MINORGUARD_COMPLETE": "bash_complete", "COMP_WORDS": "minorguard fo", "COMP_CWORD": "1"}
    code = f"import os; os.environ.update({env}); from minorguard.cli import main; main([])"
    assert python(code).stdout.strip() == "plain,forecast"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_what_the_output_cannot_encode_comes_as_escapes(shop, encoding):
    """An answer for people comes whole, and one for programs is JSON, in whatever locale."""
    asked = ("decide", "--policy", POLICY, "--age", "12", "--at", "2026-11-24T23:00:00")
    for args in (asked, (*asked, "--json")):
        out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        with redirect_stdout(out):
            assert main(list(args)) == 1
        out.flush()
        text = out.buffer.getvalue().decode(encoding)
        assert "curfew.closed" in text
    assert json.loads(text)["effect"] == "deny"


class Full(io.StringIO):
    """A disk without room."""

    def write(self, text):
        raise OSError(errno.ENOSPC, "no space left on device")


@pytest.mark.parametrize(
    "args", [("schema",), ("schema", "--json"), ("decide", "--json"), ("keys", "revoke", "x", "--json")]
)
def test_an_output_that_fails_is_three_and_no_traceback(shop, args):
    """Also where an error is to be told as JSON, and cannot be."""
    err = io.StringIO()
    with redirect_stdout(Full()), redirect_stderr(err):
        assert main(list(args)) == 3
    assert "no space left on device" in err.getvalue().lower()
