"""``minorguard init``: the files to begin with."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import click

from minorguard.cli.demo import DemoKey, ensure_demo_key
from minorguard.cli.deployment import CONFIG, load_settings
from minorguard.cli.exits import Exit
from minorguard.cli.options import json_option
from minorguard.cli.output import GREY, emit, say
from minorguard.errors import InvalidInput

TEMPLATES = {"short-video.yaml": "policies/short-video.yaml", CONFIG: CONFIG}
"""Where each template goes."""


@dataclass(slots=True)
class Laid:
    """What was written, and what was there already and left alone."""

    written: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)


@click.command()
@click.argument("directory", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option("--demo", is_flag=True, help="Also make a test key and keep it in the file demo-key.")
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@json_option
def init(directory: Path, *, demo: bool, force: bool, as_json: bool) -> int:
    """Write a first policy and the settings.

    They go into DIRECTORY. What is there already is left alone, unless --force says otherwise.
    """
    laid = lay_out(directory, force=force)
    key = ensure_demo_key(load_settings(directory / CONFIG), directory, force=force) if demo else None
    if as_json:
        emit({"written": laid.written, "left_alone": laid.left_alone, "demo_key": key.to_dict() if key else None})
    else:
        _tell(laid, key, directory)
    return Exit.OK


def lay_out(directory: Path, *, force: bool, config: str = CONFIG) -> Laid:
    """Write the templates that are not there yet, or all of them. Raises `InvalidInput` if that cannot be done."""
    laid = Laid()
    for name, place in {**TEMPLATES, CONFIG: config}.items():
        target = directory / place
        if target.exists() and not force:
            laid.left_alone.append(str(target))
            continue
        _write(target, files("minorguard.cli").joinpath("templates", name).read_text("utf-8"))
        laid.written.append(str(target))
    return laid


def _write(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(str(target), f"cannot be written ({error.strerror}); choose another folder") from None


def _tell(laid: Laid, key: DemoKey | None, directory: Path) -> None:
    for path in laid.written:
        say(("wrote  ", "green"), path)
    for path in laid.left_alone:
        say(("left   ", GREY), f"{path} (it is there already; --force overwrites it)")
    if key is not None:
        say(("wrote  ", "green") if key.made else ("left   ", GREY), f"{key.file} (a test key, for this machine only)")
        say(f"\n{key.text}\n")
    policies = directory / "policies"
    say(("next   ", GREY), f"minorguard check {policies}")
    say(("       ", GREY), f"minorguard serve --config {directory / CONFIG}")
