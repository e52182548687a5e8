"""Runs the service under gunicorn (gthread): several processes, a graceful stop, new policies on SIGHUP.

The master never keeps a store open; each worker opens its own after the fork.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from minorguard.clock import Clock, SystemClock, floor_seconds
from minorguard.errors import InvalidInput, MinorGuardError, StoreUnavailable
from minorguard.policy import PolicyBook
from minorguard.storage import open_store
from minorguard.storage.base import Cautious
from minorguard_service.binding import why_not
from minorguard_service.content_desk import webhooks
from minorguard_service.keys import Role, create_api_key
from minorguard_service.settings import Settings

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
REFUSED = 2
"""Exit code of a service that does not start: wrong policies or settings, no store, a port that is taken."""

_WORKER_TIMEOUT_SECONDS = 60
_KEEP_ALIVE_SECONDS = 15
_STORE_TRIES, _STORE_PAUSE_SECONDS = 20, 0.5
_NOT_BOUND = 1
"""gunicorn's exit code after five tries, a second apart, to listen: a predecessor may still be stopping."""
_TRY_AGAIN = 1
"""Exit code of a worker that another one replaces; what a worker raises as it begins would end the whole service."""


def run(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code. Findings and refusals are printed to stderr."""
    try:
        policies = _policies(settings)
        webhooks(settings, SystemClock())  # sooner than in each worker
        _try_store(settings)
    except MinorGuardError as error:
        _say(f"minorguard does not start: {error}")
        return REFUSED
    with _metrics_folder():
        return _serve(settings, policies)


def _policies(settings: Settings) -> PolicyBook:
    now = datetime.fromtimestamp(floor_seconds(SystemClock().now_ns()), UTC)
    book = PolicyBook.load(settings.policies, today=now.date())
    for finding in book.findings:
        _say(str(finding))
    return book


def _try_store(settings: Settings) -> None:
    """Open the store once, and close it before anything forks. Raises `StoreError` and `InvalidInput`."""
    from minorguard_service.logs import service_log

    if settings.store.startswith("memory:") and settings.workers > 1:
        raise InvalidInput("store", "memory is not shared by processes; set `workers` to 1, or name a file")
    with closing(open_store(settings.store)) as store:
        store.check()
        if isinstance(store, Cautious):
            for caution in store.cautions():
                service_log(settings.log_level).warning("store.caution", problem=caution.problem, help=caution.help)
        if settings.demo:
            now = floor_seconds(SystemClock().now_ns())
            roles = [role.value for role in Role]
            text, _ = create_api_key(store, tenant="demo", roles=roles, live=False, name="demo", now=now)
            _say(f"demo key: {text}")


@contextmanager
def _metrics_folder() -> Iterator[None]:
    """Where the processes share their counters. Children of a fork leave this block too, and must not remove it."""
    master, folder = os.getpid(), tempfile.mkdtemp(prefix="minorguard-metrics-")
    os.environ[METRICS_FOLDER] = folder
    try:
        yield
    finally:
        if os.getpid() == master:
            os.environ.pop(METRICS_FOLDER, None)
            shutil.rmtree(folder, ignore_errors=True)


def _serve(settings: Settings, policies: PolicyBook) -> int:
    master, arbiter = os.getpid(), Arbiter(Server(settings, policies))
    try:
        arbiter.run()
    except SystemExit as stop:
        if os.getpid() != master:
            raise  # a worker ends
        if stop.code == _NOT_BOUND and (problem := why_not(settings.bind)) is not None:
            _say(f"minorguard does not start: bind: {problem}")
            return REFUSED
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's application: it keeps the last good policies, and forked workers inherit them."""

    def __init__(self, settings: Settings, policies: PolicyBook, clock: Clock | None = None) -> None:
        self._settings = settings
        self._policies = policies
        self._clock = clock
        super().__init__()

    def load_config(self) -> None:
        """The options; gunicorn's own files and command line are not read."""
        for name, value in self._options().items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI callable
        """The Flask app, in a worker. One that begins while the store is down waits for it."""
        from minorguard_service.app import create_app  # after the fork, and after the folder of metrics is set

        pause = threading.Event()
        for _ in range(_STORE_TRIES):
            try:
                return create_app(self._settings, policies=self._policies, clock=self._clock)
            except StoreUnavailable as error:
                _say(f"a worker waits for its store: {error}")
                pause.wait(_STORE_PAUSE_SECONDS)
        sys.exit(_TRY_AGAIN)

    def reload(self) -> None:
        """On SIGHUP: take the new policies if they are sound, else keep those there are."""
        from minorguard_service.logs import service_log
        from minorguard_service.metrics import count_reload_failure

        super().reload()
        log = service_log(self._settings.log_level)
        try:
            self._policies = _policies(self._settings)
        except Exception as error:  # whatever is in a file, it must not end a service that has good policies
            count_reload_failure()
            log.error("policies.refused", problem=str(error), kept=list(self._policies.ids))
        else:
            log.info("policies.loaded", policies=list(self._policies.ids))

    def _options(self) -> dict[str, Any]:
        from minorguard_service.logs import GunicornLogger

        settings = self._settings
        return {
            "accesslog": None,
            "bind": settings.bind,
            "control_socket_disable": True,
            "forwarder_headers": "",  # no header moves a path, whoever is before us
            "graceful_timeout": settings.stop_seconds,
            "keepalive": _KEEP_ALIVE_SECONDS,
            "logger_class": GunicornLogger,
            "loglevel": settings.log_level,
            "proc_name": "minorguard",
            "threads": settings.threads,
            "timeout": _WORKER_TIMEOUT_SECONDS,
            "worker_class": "gthread",
            "workers": settings.workers,
        }


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
