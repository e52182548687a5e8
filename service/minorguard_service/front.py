"""The hottest calls, answered in front of Flask: the answers are the same, only its routing and contexts are spared.

What is not plain, and whatever fails, goes to Flask; an error is handed over as it is, so that nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from minorguard_service.answered import headers_of, note_answer, request_id_of
from minorguard_service.calls import FAILED, NOTHING, Call, caller_of, cut_off, read_body
from minorguard_service.operations import Operation
from minorguard_service.problems import to_json
from minorguard_service.service import Service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HOT = ("/v1/heartbeats", "/v1/checks", "/v1/heartbeats/batch", "/v1/checks/batch")
_STATUS = {200: "200 OK"}


class Front:
    """A WSGI application before another."""

    def __init__(self, app: WSGIApplication, service: Service, operations: Iterable[Operation]) -> None:
        self._app = app
        self._service = service
        self._hot = {one.path: one for one in operations if one.path in HOT and one.method == "POST"}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or leave it to the application behind."""
        operation = self._hot.get(environ.get("PATH_INFO", ""))
        length = None if operation is None else _plain_length(environ, operation)
        if operation is None or length is None:
            return self._app(environ, start_response)
        started = self._service.monotonic()
        request_id = request_id_of(environ.get("HTTP_X_REQUEST_ID", ""))
        try:
            body, facts = self._answer(operation, environ, length, request_id)
        except Exception as error:  # told by Flask, which knows every problem
            environ[FAILED] = error
            return self._app(environ, start_response)
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **headers_of(request_id),
            "Cache-Control": "no-store",
        }
        note_answer(
            self._service,
            method="POST",
            route=operation.path,
            status=200,
            seconds=self._service.monotonic() - started,
            request_id=request_id,
            facts=facts,
        )
        start_response(_STATUS[200], list(headers.items()))
        return [body]

    def _answer(
        self, operation: Operation, environ: WSGIEnvironment, length: int, request_id: str
    ) -> tuple[bytes, dict[str, Any]]:
        service = self._service
        caller = caller_of(service, operation, environ.get("HTTP_AUTHORIZATION", ""))
        data = _read(environ["wsgi.input"].read, length)
        guard = service.scoped(caller.namespace, live=caller.live)
        facts = {"tenant": caller.tenant}
        call = Call(service, operation, caller, guard, read_body(operation, data), NOTHING, None, facts, request_id)
        body = operation.view(call).body
        return body if type(body) is bytes else to_json(body), call.facts


def _plain_length(environ: WSGIEnvironment, operation: Operation) -> int | None:
    """The length of a body that is sent as the clients send it; None: Flask is to look at it."""
    length = environ.get("CONTENT_LENGTH", "")
    plain = (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("CONTENT_TYPE") == "application/json"
        and not environ.get("QUERY_STRING")
        and "HTTP_IDEMPOTENCY_KEY" not in environ
        and "HTTP_TRANSFER_ENCODING" not in environ
        and length.isascii()
        and length.isdigit()
        and len(length) < 9
    )
    return int(length) if plain and 0 < int(length) <= operation.most_bytes else None


def _read(read: Callable[[int], bytes], length: int) -> bytes:
    data = b""
    while len(data) < length:
        try:
            more = read(length - len(data))
        except Exception:  # each server has its own for a connection that breaks
            more = b""
        if not more:
            raise cut_off()
        data += more
    return data
