"""Options that commands share, and how durations and instants are read from the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from marshmallow import ValidationError

from minorguard.model.calendar import zone
from minorguard.model.ids import Instant
from minorguard.policy.fields import Duration

F = TypeVar("F", bound=Callable[..., Any])

json_option: Callable[[F], F] = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
config_option: Callable[[F], F] = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The settings. [default: ./minorguard.toml if it is there]",
)


YEARS = range(2000, 2100)
"""The years that may be asked about, as in the HTTP contract."""


class DurationType(click.ParamType[Any]):
    """`40m`, `1h30m`, `90s`, as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """Read one, by the rules of policy documents."""
        if isinstance(value, int):
            return value
        try:
            return int(Duration().deserialize(value))
        except ValidationError as error:
            self.fail(str(error.messages[0] if isinstance(error.messages, list) else error), param, ctx)


@dataclass(frozen=True, slots=True)
class WallTime:
    """An instant as it was written: with an offset, or to be read in a zone that is not known yet."""

    at: datetime

    def instant(self, zone_name: str) -> Instant:
        """The instant; without an offset it is the wall clock of the zone, the first of two where clocks go back."""
        aware = self.at if self.at.tzinfo else self.at.replace(tzinfo=zone(zone_name))
        return int(aware.timestamp())


class WallTimeType(click.ParamType[Any]):
    """`2026-11-24T21:59:00`, with or without an offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> WallTime:  # noqa: ANN401
        """Read one."""
        if isinstance(value, WallTime):
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"`{value}` is not a time; write it like `2026-11-24T21:59:00`", param, ctx)
        if at.year not in YEARS:
            self.fail(f"`{value}` is not in {YEARS[0]} to {YEARS[-1]}", param, ctx)
        return WallTime(at)


class WallSpanType(click.ParamType[Any]):
    """`START/END`, two times."""

    name = "start/end"

    def convert(
        self,
        value: Any,  # noqa: ANN401
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[WallTime, WallTime]:
        """Read one."""
        if isinstance(value, tuple):
            return value
        start, separator, end = value.partition("/")
        if not separator:
            self.fail(f"`{value}` is not a span; write it like `2026-11-24T20:00/2026-11-24T20:30`", param, ctx)
        times = WallTimeType()
        return times.convert(start, param, ctx), times.convert(end, param, ctx)


class DateType(click.ParamType[Any]):
    """`2013-05-01`, of the years that are given, if any are."""

    name = "date"

    def __init__(self, years: range | None = None) -> None:
        self._years = years

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Read one."""
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"`{value}` is not a date; write it like `2013-05-01`", param, ctx)
        if self._years is not None and day.year not in self._years:
            self.fail(f"`{value}` is not in {self._years[0]} to {self._years[-1]}", param, ctx)
        return day
