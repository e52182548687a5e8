"""The commands, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
import traceback
from itertools import pairwise

import click

import minorguard
from minorguard.cli import diff, doctor, init, keys, lexicon, policies, policy_tests, preview, questions, schema, serve
from minorguard.cli.exits import EPILOG, Exit, ServiceMissing, exit_code
from minorguard.cli.findings import render
from minorguard.cli.output import complain, emit, error_body, print_anything
from minorguard.cli.stores import store
from minorguard.errors import MinorGuardError, PolicyInvalid

TRACEBACK = "MINORGUARD_TRACEBACK"


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(minorguard.__version__, prog_name="minorguard")
def cli() -> None:
    """Minor mode for apps: write policies, ask what they decide, and run the service.

    Every command takes --json.
    """


for command in (
    init.init,
    policies.check,
    diff.diff,
    schema.schema,
    policy_tests.policy_tests,
    questions.decide,
    questions.forecast,
    preview.preview,
    lexicon.lexicon,
    keys.keys,
    store,
    serve.serve,
    doctor.doctor,
):
    cli.add_command(command)


def run(args: list[str] | None = None) -> int:
    """Run a command line and return the exit code."""
    given = sys.argv[1:] if args is None else args
    print_anything()
    try:
        return _run(given)
    except OSError as error:  # the output itself fails
        complain(f"cannot write the answer ({error.strerror})")
        return Exit.INTERNAL


def _run(given: list[str]) -> int:
    try:
        result = cli.main(given, prog_name="minorguard", standalone_mode=False)
    except click.ClickException as error:
        _misused(error, as_json=_wants_json(given))
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:  # the last resort: an exit code, never a traceback by surprise
        return _failed(error, as_json=_wants_json(given))
    return int(result) if isinstance(result, int) else Exit.OK


def _wants_json(given: list[str]) -> bool:
    return "--json" in given or "--format=json" in given or ("--format", "json") in pairwise(given)


def _misused(error: click.ClickException, *, as_json: bool) -> None:
    if as_json:
        emit({"error": {"kind": "usage", "message": error.format_message()}})
    else:
        error.show()


def _failed(error: Exception, *, as_json: bool) -> int:
    if TRACEBACK in os.environ:
        traceback.print_exception(error)
    if as_json:
        emit(error_body(error))
    elif isinstance(error, PolicyInvalid):
        render(error.findings)
        complain(f"`{error.where}` cannot be used; correct it")
    elif isinstance(error, MinorGuardError | ServiceMissing):
        complain(str(error))
    else:
        complain(f"internal error: {error!r}; set {TRACEBACK}=1 to see where, and report it")
    return exit_code(error)
