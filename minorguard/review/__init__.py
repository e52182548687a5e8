"""Human review: cases that machines cannot decide, who works on them, and what people ruled."""

from minorguard.review.cases import Case, CaseKind, Content, Priority, Rules, Ruling
from minorguard.review.complaints import Complaint, Complaints
from minorguard.review.desk import Report, ReviewDesk
from minorguard.review.stats import statistics
from minorguard.review.topics import Standing, digest_of

__all__ = [
    "Case",
    "CaseKind",
    "Complaint",
    "Complaints",
    "Content",
    "Priority",
    "Report",
    "ReviewDesk",
    "Rules",
    "Ruling",
    "Standing",
    "digest_of",
    "statistics",
]
