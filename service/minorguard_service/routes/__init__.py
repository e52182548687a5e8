"""The calls, by what they are about; `OPERATIONS` is all of them."""

from __future__ import annotations

from minorguard_service.operations import Operation
from minorguard_service.routes import (
    batches,
    content,
    lexicons,
    policies,
    publishing,
    questions,
    recommendations,
    reviews,
    sessions,
    simulation,
    subjects,
    system,
    testclocks,
)

OPERATIONS: tuple[Operation, ...] = tuple(
    operation
    for module in (
        subjects,
        sessions,
        questions,
        recommendations,
        batches,
        content,
        reviews,
        lexicons,
        policies,
        publishing,
        simulation,
        testclocks,
        system,
    )
    for operation in module.calls.operations
)
"""In the order in which the documentation shows them."""
