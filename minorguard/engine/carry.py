"""Answers about a session on its course, not yet carried to the instant of the question.

While nothing turns, an answer is the one that was drawn, with so many seconds less of all that is left. Who writes many
answers can write what was drawn once, and after that the numbers alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from minorguard.engine.course import Course, carried
from minorguard.engine.decide import feature_drawn
from minorguard.model.decisions import Decision
from minorguard.model.ids import Instant
from minorguard.model.questions import FeatureQuestion, Question, TimeQuestion
from minorguard.model.quickly import quickly
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import SubjectState


@quickly
@dataclass(frozen=True, slots=True)
class Carried:
    """An answer as it was drawn, and the instant that it is to be carried to."""

    drawn: Decision
    now: Instant

    def whole(self) -> Decision:
        """The answer at that instant."""
        return carried(self.drawn, self.now)


def carry(
    policy: CompiledPolicy, state: SubjectState, question: Question, now: Instant, course: Course
) -> Carried | None:
    """What `decide` answers with this course, if the course alone says it; None: `decide` is to be asked."""
    if type(question) is FeatureQuestion:
        drawn = feature_drawn(policy, state, question, now, course)
        return None if drawn is None else Carried(drawn, now)
    if type(question) is TimeQuestion:
        record = course.holds(policy, state, question.session, now)
        if record is not None and question.activity in {None, record.activity}:
            return Carried(course.drawn.decision, now)
    return None
