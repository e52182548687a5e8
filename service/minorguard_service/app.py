"""The one place where the service is wired."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask, Response, g, request

from minorguard.clock import Clock, SystemClock
from minorguard.content.starter import starter_lexicon
from minorguard.errors import StoreError
from minorguard.guard import MinorGuard
from minorguard.policy import PolicyBook
from minorguard.recent import Recent
from minorguard.storage import open_store
from minorguard.storage.base import StateStore
from minorguard_service import metrics
from minorguard_service.answered import headers_of, note_answer, request_id_of
from minorguard_service.calls import MAX_BODY_BYTES, current, handler
from minorguard_service.content_desk import ContentDesk
from minorguard_service.failures import problem_of
from minorguard_service.front import Front
from minorguard_service.keys import KeyCache
from minorguard_service.logs import service_log
from minorguard_service.openapi import document
from minorguard_service.operations import Operation
from minorguard_service.policy_views import Published
from minorguard_service.problems import Problem
from minorguard_service.revocations import Revocations
from minorguard_service.routes import OPERATIONS
from minorguard_service.service import Service
from minorguard_service.settings import Settings
from minorguard_service.signing import SigningKeys
from minorguard_service.tokens import Tokens

EXTENSION = "minorguard"


def create_app(
    settings: Settings,
    *,
    store: StateStore | None = None,
    clock: Clock | None = None,
    policies: PolicyBook | None = None,
    log: Any = None,  # noqa: ANN401 - a structlog logger
) -> Flask:
    """The WSGI app. What is not given is made by the settings.

    Raises `PolicyInvalid` with every finding before the store is opened, then `StoreError` if that does not open.
    """
    policies = PolicyBook.load(settings.policies) if policies is None else policies
    clock = clock or SystemClock()
    store = open_store(settings.store) if store is None else store
    signing = SigningKeys(store, clock=clock)
    log = log or service_log(settings.log_level, clock=clock)
    service = Service(
        settings=settings,
        store=store,
        clock=clock,
        policies=policies,
        published=Published(store, policies, lambda *told: _refused(log, *told)),
        guard=MinorGuard(store, policies, clock=clock, recent=Recent(settings.remember)),
        api_keys=KeyCache(store),
        signing=signing,
        tokens=Tokens(signing, issuer=settings.issuer, audience=settings.audience, remember=settings.remember),
        revocations=Revocations(store, clock),
        content=ContentDesk.of(settings, store, clock, log, starter_lexicon),
        log=log,
        openapi=_openapi(),
    )
    signing.ensure(service.now())
    service.revocations.listen()
    return _flask(service)


@cache
def _openapi() -> dict[str, Any]:
    """The document of all calls: the same for every app of a process, and never changed."""
    return document(OPERATIONS)


def _refused(log: Any, namespace: str, policy: str, revision: int, problem: str) -> None:  # noqa: ANN401
    metrics.count_policy_refused(policy)
    log.error("policy.refused", namespace=namespace, policy=policy, revision=revision, problem=problem)


def _flask(service: Service) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES + 1  # of calls that say no other size
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    app.extensions[EXTENSION] = service
    for operation in OPERATIONS:
        _route(app, service, operation)
    by_endpoint = {operation.id: operation for operation in OPERATIONS}
    app.before_request(lambda: _begin(service))
    app.after_request(lambda response: _end(service, response))
    app.register_error_handler(Exception, lambda error: _failed(service, by_endpoint, error))
    if service.settings.front:
        app.wsgi_app = Front(app.wsgi_app, service, OPERATIONS)  # type: ignore[method-assign]
    return app


def _route(app: Flask, service: Service, operation: Operation) -> None:
    app.add_url_rule(
        operation.rule,
        endpoint=operation.id,
        view_func=handler(service, operation),
        methods=[operation.method],
        provide_automatic_options=False,
    )


def _begin(service: Service) -> None:
    sent, about = current()
    about.started = service.monotonic()
    about.request_id = request_id_of(sent.headers.get("X-Request-Id", ""))


def _failed(service: Service, by_endpoint: dict[str, Operation], error: Exception) -> Response:
    problem = problem_of(error, by_endpoint.get(request.endpoint or ""))
    if problem is None:
        service.log.error("unexpected", request_id=g.request_id, route=g.get("route"), exc_info=error)
        problem = Problem("internal", "something went wrong here; report the request id, and treat this as a denial")
    elif isinstance(error, StoreError):
        service.log.error("store", request_id=g.request_id, problem=str(error))
    g.problem = problem.code
    return problem.response(g.request_id)


def _end(service: Service, response: Response) -> Response:
    sent, about = current()
    response.headers.update(headers_of(about.request_id))
    response.headers.setdefault("Cache-Control", "no-store")
    problem = {"problem": about.problem} if "problem" in about else {}
    note_answer(
        service,
        method=sent.method,
        route=sent.url_rule.rule.replace("<", "{").replace(">", "}") if sent.url_rule else "unmatched",
        status=response.status_code,
        seconds=service.monotonic() - about.started,
        request_id=about.request_id,
        facts={**about.get("facts", {}), **problem},
    )
    return response
