"""``minorguard preview``: what is allowed when, for a child with some use: a week in the terminal, as SVG, as data."""

from __future__ import annotations

from pathlib import Path

import click

from minorguard.cli.exits import Exit
from minorguard.cli.output import console, emit, say
from minorguard.cli.situation import Situation, planned_situation_options
from minorguard.cli.week import lines
from minorguard.errors import InvalidInput
from minorguard.simulate.chart import to_svg
from minorguard.simulate.previews import MOST_DAYS
from minorguard.simulate.previews import preview as previewed


@click.command()
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=7, show_default=True, help="How many days.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Write a chart to this file, too.")
@click.option("--device", help="Ask about this device; use that is made up was on the device `cli`. [default: any]")
@planned_situation_options
def preview(situation: Situation, *, days: int, svg: Path | None, device: str | None, as_json: bool) -> int:
    """Show what is allowed when, day by day.

    From the day of --at on. What --session and --used put counts at the instants after it, wherever it lies.
    """
    policy, now = situation.policy, situation.now
    first = policy.days.day_of(now)
    found = previewed(policy, situation.state, first, days=days, activity=situation.activity, device=device, now=now)
    if svg is not None:
        _write(svg, to_svg(found))
    if as_json:
        emit({**found.to_dict(), "assumed": situation.assumed()})
        return Exit.OK
    out = console()
    for line in lines(found, out.width):
        out.print(line)
    if svg is not None:
        say(f"\nwrote {svg}")
    return Exit.OK


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        problem = f"`{file}` cannot be written ({error.strerror}); name a file in a folder that is there"
        raise InvalidInput("--svg", problem) from None
