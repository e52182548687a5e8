"""``minorguard serve``: the service in the foreground."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from minorguard.cli.demo import NIGHT, DemoKey, Trial, ensure_demo_key, trial
from minorguard.cli.deployment import CONFIG, load_settings, service_packages
from minorguard.cli.init import lay_out
from minorguard.cli.options import config_option, json_option
from minorguard.cli.output import GREY, emit, say
from minorguard.errors import InvalidInput

if TYPE_CHECKING:
    from minorguard_service.settings import Settings


@click.command()
@config_option
@click.option("--bind", help="host:port or unix:/path, instead of the settings'.")
@click.option("--workers", type=click.IntRange(1, 64), help="How many processes, instead of the settings'.")
@click.option("--demo", is_flag=True, help="Write what is missing to begin with, and show what to try.")
@json_option
def serve(*, config: Path | None, bind: str | None, workers: int | None, demo: bool, as_json: bool) -> int:
    """Run the HTTP service in the foreground.

    Ctrl-C or SIGTERM stops it; SIGHUP loads the policies anew.
    """
    with service_packages():
        from minorguard_service.binding import why_not
        from minorguard_service.server import run
    path = config or Path(CONFIG)
    if demo:
        lay_out(path.parent, force=False, config=path.name)
    settings = _overridden(load_settings(config), bind, workers)
    if demo:
        if (problem := why_not(settings.bind)) is not None:  # before calls are shown that another service would get
            raise InvalidInput("bind", problem)
        _show(settings, ensure_demo_key(settings, path.parent), as_json=as_json)
    return run(settings)


def _overridden(settings: Settings, bind: str | None, workers: int | None) -> Settings:
    given = {"bind": bind, "workers": workers}
    return replace(settings, **{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]


def _show(settings: Settings, key: DemoKey, *, as_json: bool) -> None:
    what = trial(settings, key)
    if as_json:
        emit({**what.to_dict(), "demo_key": key.to_dict()})
    else:
        _tell(what, key)


def _tell(what: Trial, key: DemoKey) -> None:
    say(("MinorGuard ", "bold"), what.url, (f"  (test key in {key.file})", GREY))
    say(("\nRegister a child of thirteen and open a session for it:\n", GREY))
    say(" &&\n".join(what.commands))
    say((f"\n{NIGHT}", GREY))
    say(("Every call, to read and to try: ", GREY), what.docs)
    say(("Ctrl-C stops the service.\n", GREY))
