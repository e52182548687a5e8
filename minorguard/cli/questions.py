"""``minorguard decide`` and ``minorguard forecast``: what a policy means at an instant, and in the days after it."""

from __future__ import annotations

import click
from rich.table import Table

from minorguard import engine
from minorguard.cli.exits import Exit
from minorguard.cli.explain import clock_time, code_line, decision_lines, duration, used_line
from minorguard.cli.output import console, emit, say
from minorguard.cli.situation import Situation, situation_options
from minorguard.model.decisions import Forecast, ForecastGap
from minorguard.model.ids import check_word
from minorguard.model.questions import FeatureQuestion, Question, TimeQuestion


@click.command()
@click.option("--feature", help="Ask about this feature instead of time.")
@situation_options
def decide(situation: Situation, *, feature: str | None, as_json: bool) -> int:
    """Ask a policy for a decision, explained.

    Exits with 0 when allowed, and with 1 when denied.
    """
    question = _question(situation, feature)
    decision = engine.decide(situation.policy, situation.state, question, situation.now)
    if as_json:
        emit({**decision.to_dict(), "assumed": situation.assumed()})
    else:
        for line in (*used_line(situation), *decision_lines(decision)):
            say(*line)
    return Exit.OK if decision.allowed else Exit.FAILED


def _question(situation: Situation, feature: str | None) -> Question:
    if feature is None:
        return TimeQuestion(activity=situation.activity)
    return FeatureQuestion(check_word("--feature", feature))


@click.command()
@click.option("--days", type=click.IntRange(1, 60), default=14, show_default=True, help="How far to look.")
@situation_options
def forecast(situation: Situation, *, days: int, as_json: bool) -> int:
    """Show when use is possible, and why not.

    The windows in which a sitting may be opened in the days to come, if nothing is used meanwhile.
    """
    found = engine.forecast(situation.policy, situation.state, situation.now, days=days, activity=situation.activity)
    if as_json:
        emit({**found.to_dict(), "assumed": situation.assumed()})
        return Exit.OK
    for line in used_line(situation):
        say(*line)
    console().print(_table(found))
    return Exit.OK


def _table(found: Forecast) -> Table:
    table = Table(title=f"when a sitting may be opened ({found.zone})", title_justify="left", pad_edge=False)
    for heading in ("opens", "until", "lasts at most", "then closed because"):
        table.add_column(heading, overflow="fold")
    gaps = {gap.start: gap for gap in found.gaps}
    if (first := gaps.get(found.start)) is not None:
        table.add_row("closed now", clock_time(first.end, found.zone), "", _why(first))
    for window in found.windows:
        opens, closes = clock_time(window.start, found.zone), clock_time(window.end, found.zone)
        table.add_row(opens, closes, duration(window.allowance), _why(gaps.get(window.end)))
    return table


def _why(gap: ForecastGap | None) -> str:
    """The codes of a gap's reasons, each once."""
    return "" if gap is None else "\n".join(dict.fromkeys(map(code_line, gap.reasons)))
