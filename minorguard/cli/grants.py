"""Extra time on the command line: `2026-11-28=30m`, or `2026-11-28=30m:game` for one activity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import click

from minorguard.cli.options import DateType, DurationType
from minorguard.errors import InvalidInput
from minorguard.model.ids import Instant, Seconds, check_word
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Grant


@dataclass(frozen=True, slots=True)
class GivenTime:
    """A grant as it was written."""

    day: date
    seconds: Seconds
    activity: str | None


class GrantType(click.ParamType[Any]):
    """`DAY=DURATION`, and `:ACTIVITY` if it is for one."""

    name = "day=time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> GivenTime:  # noqa: ANN401
        """Read one."""
        if isinstance(value, GivenTime):
            return value
        day, separator, rest = value.partition("=")
        if not separator:
            self.fail(f"`{value}` is not a grant; write it like `2026-11-28=30m`, or `2026-11-28=30m:game`", param, ctx)
        length, _, activity = rest.partition(":")
        seconds = DurationType().convert(length, param, ctx)
        return GivenTime(DateType().convert(day, param, ctx), seconds, activity or None)


def grants(policy: CompiledPolicy, given: Sequence[GivenTime], now: Instant) -> tuple[Grant, ...]:
    """The grants, as a guardian could give them. Raises `InvalidInput` for more than the policy lets one give."""
    for one in given:
        _check(policy, one)
    found = (Grant(f"grant-{place}", one.day, one.seconds, one.activity, now) for place, one in enumerate(given, 1))
    return tuple(sorted(found, key=lambda grant: (grant.day, grant.id)))


def _check(policy: CompiledPolicy, one: GivenTime) -> None:
    most = policy.guardian.per_grant_seconds
    if not most:
        raise InvalidInput("--grant", "this policy lets guardians give no time; see `guardian.may_extend`")
    if not 1 <= one.seconds <= most:
        raise InvalidInput("--grant", f"`{one.seconds}s` must be 1s to {most}s, the most that one grant may give")
    if one.activity is not None:
        check_word("--grant", one.activity)
