"""Client of the MinorGuard service. Fail closed: `Unreachable` is a denial from the end of the lease on."""

from minorguard_client.batches import Beat, Check
from minorguard_client.client import MinorGuardClient
from minorguard_client.errors import ClientError, Problem, Unreachable
from minorguard_client.lists import Candidate, RankedList, Recommended
from minorguard_client.retry import RetryPlan
from minorguard_client.session import SessionHandle
from minorguard_client.values import (
    Decision,
    Forecast,
    Gap,
    Interval,
    Note,
    PolicyRef,
    Quota,
    Reason,
    Session,
    Source,
    Subject,
    TestClock,
    Timeline,
    Usage,
    Window,
)

__version__ = "0.1.0"

__all__ = [
    "Beat",
    "Candidate",
    "Check",
    "ClientError",
    "Decision",
    "Forecast",
    "Gap",
    "Interval",
    "MinorGuardClient",
    "Note",
    "PolicyRef",
    "Problem",
    "Quota",
    "RankedList",
    "Reason",
    "Recommended",
    "RetryPlan",
    "Session",
    "SessionHandle",
    "Source",
    "Subject",
    "TestClock",
    "Timeline",
    "Unreachable",
    "Usage",
    "Window",
]
