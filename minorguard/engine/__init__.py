"""The pure core: `reduce` takes a fact, `decide` a question; both take `now` and touch nothing else."""

from minorguard.engine.carry import Carried, carry
from minorguard.engine.course import Course, follow
from minorguard.engine.decide import decide
from minorguard.engine.merge import merge
from minorguard.engine.outlook import forecast, timeline, usage
from minorguard.engine.reduce import Outcome, new_state, reduce
from minorguard.engine.standing import Standing, standing

__all__ = [
    "Carried",
    "Course",
    "Outcome",
    "Standing",
    "carry",
    "decide",
    "follow",
    "forecast",
    "merge",
    "new_state",
    "reduce",
    "standing",
    "timeline",
    "usage",
]
