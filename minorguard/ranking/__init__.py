"""Constrained re-ranking: the best list that a minor's mode permits, with a certificate. Pure."""

from minorguard.ranking.build import constraints_of
from minorguard.ranking.candidates import Candidate, Traits
from minorguard.ranking.checker import verify
from minorguard.ranking.constraints import (
    BreakEvery,
    Constraints,
    Gate,
    Kind,
    Pin,
    Refusal,
    Share,
    Total,
    Window,
)
from minorguard.ranking.rank import constrain
from minorguard.ranking.results import BreakSlot, Certificate, Placed, Ranked, Relaxed, Statement

__all__ = [
    "BreakEvery",
    "BreakSlot",
    "Candidate",
    "Certificate",
    "Constraints",
    "Gate",
    "Kind",
    "Pin",
    "Placed",
    "Ranked",
    "Refusal",
    "Relaxed",
    "Share",
    "Statement",
    "Total",
    "Traits",
    "Window",
    "constrain",
    "constraints_of",
    "verify",
]
