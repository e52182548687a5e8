"""Counters for Prometheus, across processes when `PROMETHEUS_MULTIPROC_DIR` is set. No label names a subject."""

from __future__ import annotations

import os
from collections import Counter as Counted
from collections.abc import Sequence
from functools import lru_cache

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from minorguard.model.decisions import Decision, Effect

__all__ = [
    "CONTENT_TYPE_LATEST",
    "count_content",
    "count_decision",
    "count_decisions",
    "count_policy_refused",
    "count_reload_failure",
    "count_request",
    "count_shadow",
    "count_store_error",
    "expose",
]

_REGISTRY = CollectorRegistry()
_METHODS = frozenset({"DELETE", "GET", "HEAD", "POST", "PUT"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

_DECISIONS = Counter(
    "minorguard_decisions",
    "Decisions, by effect and decisive reason",
    ("effect", "reason", "policy"),
    registry=_REGISTRY,
)
_CONTENT = Counter(
    "minorguard_content",
    "Items and texts that were judged, by surface (`unknown`: one that the policy does not declare) and verdict",
    ("policy", "surface", "kind", "verdict"),
    registry=_REGISTRY,
)
_REQUESTS = Counter("minorguard_requests", "Answered calls", ("method", "route", "status"), registry=_REGISTRY)
_SECONDS = Histogram(
    "minorguard_request_seconds", "How long calls took", ("route",), buckets=_BUCKETS, registry=_REGISTRY
)
_STORE_ERRORS = Counter("minorguard_store_errors", "Calls that the store failed", ("error",), registry=_REGISTRY)
_UNKNOWN_YEARS = Counter(
    "minorguard_calendar_unknown_year",
    "Decisions in a year that the calendar is not sure of",
    ("calendar",),
    registry=_REGISTRY,
)
_RELOAD_FAILURES = Counter(
    "minorguard_policy_reload_failures", "Reloads refused for invalid policies", registry=_REGISTRY
)
_OBSERVED = Counter(
    "minorguard_observed",
    "Decisions under `observe` that passed and would not have, by what would have been",
    ("policy", "effect", "reason"),
    registry=_REGISTRY,
)
_SHADOW = Counter(
    "minorguard_shadow",
    "Decisions of a shadow beside the policy that holds, by how they differ",
    ("policy", "outcome", "reason"),
    registry=_REGISTRY,
)
_POLICY_REFUSED = Counter(
    "minorguard_policy_refused", "Published revisions that a process could not compile", ("policy",), registry=_REGISTRY
)


def count_content(policy: str, surface: str | None, kind: str, verdict: str) -> None:
    """Count an `item` or `text` that was judged; a declared surface that never comes up is never gated.

    `surface`: as the policy declares it, never as it was sent; None: it declares none of the kind.
    """
    _CONTENT.labels(policy, surface or "unknown", kind, verdict).inc()


def count_decision(decision: Decision) -> None:
    """Count a decision, what it would have been without `observe`, and the alarm of a year that no calendar knows."""
    _decisions(decision.effect._value_, decision.reason.code, decision.policy.id).inc()
    _count_notes(decision)


def _count_notes(decision: Decision) -> None:
    if decision.observed_effect not in {None, Effect.ALLOW}:
        _OBSERVED.labels(decision.policy.id, decision.observed_effect, decision.reason.code).inc()
    for note in decision.advice:
        if note.code == "calendar.unknown_year":
            _UNKNOWN_YEARS.labels(note.data["calendar"]).inc()


def count_decisions(decisions: Sequence[Decision]) -> None:
    """As `count_decision` for each; the alike ones at once."""
    found = Counted([(one.effect._value_, one.reasons[0].code, one.policy.id) for one in decisions])
    for labels, number in found.items():
        _decisions(*labels).inc(number)
    for decision in [one for one in decisions if one.advice or one.observed_effect is not None]:
        _count_notes(decision)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answered call by its route's template; a method that no call has is `other`."""
    _requests(method if method in _METHODS else "other", route, str(status)).inc()
    _seconds(route).observe(seconds)


# Children by their labels: looking one up takes longer than counting.
_decisions = lru_cache(maxsize=4096)(_DECISIONS.labels)
_requests = lru_cache(maxsize=1024)(_REQUESTS.labels)
_seconds = lru_cache(maxsize=256)(_SECONDS.labels)


def count_store_error(error: Exception) -> None:
    """Count a call that failed closed."""
    _STORE_ERRORS.labels(type(error).__name__).inc()


def count_shadow(policy: str, outcome: str, reason: str) -> None:
    """Count a decision of a shadow: `same`, `stricter`, `laxer` or `error`."""
    _SHADOW.labels(policy, outcome, reason).inc()


def count_policy_refused(policy: str) -> None:
    """Count a published revision that does not compile in this process."""
    _POLICY_REFUSED.labels(policy).inc()


def count_reload_failure() -> None:
    """Count a reload whose policies were refused."""
    _RELOAD_FAILURES.inc()


def expose() -> bytes:
    """All counters, of all processes, in Prometheus' text form."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(_REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
