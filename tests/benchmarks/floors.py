"""What a heartbeat is measured beside, served by the same server: a bare Flask route, and a bare counter in Redis."""

from __future__ import annotations

import os
import threading

from flask import Flask, Response, request

ANSWER = os.environ.get("FLOOR_ANSWER", "{}").encode()


def bare() -> Flask:
    """Floor: a Flask POST route that reads the body and returns the bytes that ours returned."""
    app = Flask("floor")

    @app.post("/v1/heartbeats")
    def beat() -> Response:
        request.get_data()
        return Response(ANSWER, content_type="application/json")

    return app


def synced() -> Flask:
    """Floor: the bare route, and a record of a state's size appended and synced before it answers, one at a time."""
    log, turn = os.open(os.environ["FLOOR_LOG"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), threading.Lock()
    app = bare()
    answer = app.view_functions["beat"]

    def beat() -> Response:
        with turn:
            os.write(log, b"x" * 300)
            os.fsync(log)
        return answer()

    app.view_functions["beat"] = beat
    return app


def limited() -> Flask:
    """Peer: flask-limiter with Redis, fixed window, by the caller's header: a counter with an expiry."""
    from flask_limiter import Limiter

    app = bare()
    limiter = Limiter(
        lambda: request.headers.get("Authorization", ""),
        app=app,
        storage_uri=os.environ["FLOOR_REDIS"],
        strategy="fixed-window",
    )
    limiter.limit("100000000/day")(app.view_functions["beat"])
    return app
