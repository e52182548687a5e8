"""``minorguard doctor``: is this machine fit, and is the deployment in order?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from minorguard.cli import checkup
from minorguard.cli.checkup import Result, State, guarded
from minorguard.cli.deployment import load_settings, present
from minorguard.cli.exits import Exit, ServiceMissing
from minorguard.cli.options import config_option, json_option
from minorguard.cli.output import GREY, emit, say
from minorguard.storage.open import without_secrets

_STYLES = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red"}


@click.command()
@config_option
@json_option
def doctor(*, config: Path | None, as_json: bool) -> int:
    """Check the machine and the deployment.

    Says what to do where something is not right, and fails (1) if something has to be done.
    """
    results = list(_results(config))
    failed = any(result.state is State.FAIL for result in results)
    if as_json:
        emit({"ok": not failed, "results": [_body(result) for result in results]})
    else:
        for result in results:
            _tell(result)
    return Exit.FAILED if failed else Exit.OK


def _results(config: Path | None) -> Iterator[Result]:
    now = present()
    yield from checkup.machine(now)
    yield from guarded("settings", lambda: _deployment(config, now))


def _deployment(config: Path | None, now: int) -> Iterator[Result]:
    try:
        settings = load_settings(config)
    except ServiceMissing as error:
        yield Result("service", State.WARN, str(error), "without it there is no service to look at")
        return
    yield Result(
        "settings",
        State.OK,
        f"store {without_secrets(settings.store)}, policies `{settings.policies}`, live {settings.live}",
    )
    yield from checkup.deployment(settings, now)


def _body(result: Result) -> dict[str, str]:
    return {"check": result.check, "state": result.state.value, "found": result.found, "todo": result.todo}


def _tell(result: Result) -> None:
    say((f"{result.state.value:<5}", _STYLES[result.state]), f"{result.check}: {result.found}")
    if result.todo:
        say((f"      → {result.todo}", GREY))
