"""Health, metrics, keys and documentation: no credential, nothing of any tenant."""

from __future__ import annotations

from minorguard_service import metrics
from minorguard_service.answer_schemas import JwksOut, StatusOut
from minorguard_service.calls import Answer
from minorguard_service.operations import OK, Group
from minorguard_service.pages import docs_page
from minorguard_service.problems import Problem
from minorguard_service.service import Service

calls = Group("system")
KEYS_MAX_AGE_SECONDS = 60
_PAGE_POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


@calls.call("GET", "/livez", roles=frozenset(), answers={OK: StatusOut})
def livez(_service: Service) -> Answer:
    """Whether the process answers."""
    return Answer({"status": "ok"})


@calls.call("GET", "/readyz", roles=frozenset(), answers={OK: StatusOut}, problems=("not-ready",))
def readyz(service: Service) -> Answer:
    """Whether it can decide: the store, the policies and the signing key are there."""
    failing = service.failing()
    if failing:
        errors = [{"check": name, "problem": problem} for name, problem in failing.items()]
        raise Problem("not-ready", f"not ready: {', '.join(failing)}", errors=errors, headers={"Retry-After": "1"})
    return Answer({"status": "ok"})


@calls.call("GET", "/metrics", roles=frozenset(), answers={OK: None}, media_type="text/plain")
def get_metrics(_service: Service) -> Answer:
    """Counters for Prometheus."""
    return Answer(metrics.expose(), media_type=metrics.CONTENT_TYPE_LATEST)


@calls.call("GET", "/.well-known/jwks.json", roles=frozenset(), answers={OK: JwksOut}, problems=("store-unavailable",))
def get_jwks(service: Service) -> Answer:
    """The public keys of session tokens, for edges that verify offline."""
    return Answer(service.signing.jwks(), headers={"Cache-Control": f"public, max-age={KEYS_MAX_AGE_SECONDS}"})


@calls.call("GET", "/openapi.json", roles=frozenset(), answers={OK: None})
def get_openapi(service: Service) -> Answer:
    """The contract as an OpenAPI document."""
    return Answer(service.openapi)


@calls.call("GET", "/docs", roles=frozenset(), answers={OK: None}, media_type="text/html")
def get_docs(service: Service) -> Answer:
    """The contract as a page."""
    headers = {"Content-Security-Policy": _PAGE_POLICY}
    return Answer(docs_page(service.openapi), headers=headers, media_type="text/html; charset=utf-8")
