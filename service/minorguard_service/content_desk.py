"""What a process holds for content: lists that live, classifiers, the desks of its tenants, who is told of recalls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import Full, Queue
from typing import TYPE_CHECKING, Any

from minorguard.clock import Clock
from minorguard.content import Lexicon
from minorguard.content.classifiers import Classifiers
from minorguard.content.webhook import NoAnswer, Webhook, WebhookClassifier
from minorguard.errors import InvalidInput
from minorguard.review import Complaints, ReviewDesk
from minorguard.storage import StateStore
from minorguard_service.content_lists import ListStore, LiveLists
from minorguard_service.policy_rows import at
from minorguard_service.settings import Settings

if TYPE_CHECKING:
    from minorguard_service.calls import Call

MOST_UNSENT = 1000
"""Recalls that wait to be told; more are dropped, since whoever is told also polls."""


class Herald:
    """Tells a webhook of recalls, beside the calls. What it cannot deliver, the list of recalls still holds."""

    def __init__(self, webhook: Webhook | None, log: Any) -> None:  # noqa: ANN401 - a structlog logger
        self._webhook = webhook
        self._log = log
        self._unsent: Queue[dict[str, Any]] = Queue(MOST_UNSENT)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def tell(self, recall: dict[str, Any]) -> None:
        """Tell of a recall as soon as may be; returns at once."""
        if self._webhook is None:
            return
        try:
            self._unsent.put_nowait(recall)
        except Full:
            self._log.error("recall.dropped", reason="too many wait to be told")
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, args=(self._webhook,), name="herald", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Until all that was told has been sent, or tried."""
        self._unsent.join()

    def _work(self, webhook: Webhook) -> None:
        while True:
            recall = self._unsent.get()
            try:
                webhook.send(recall)
            except NoAnswer as error:
                self._log.error("recall.untold", problem=str(error))
            finally:
                self._unsent.task_done()


@dataclass(frozen=True, slots=True)
class ContentDesk:
    """Wired once, in `minorguard_service.app`; shared by all threads."""

    store: StateStore
    lists: LiveLists
    classifiers: Classifiers
    herald: Herald

    @classmethod
    def of(
        cls,
        settings: Settings,
        store: StateStore,
        clock: Clock,
        log: Any,  # noqa: ANN401 - a structlog logger
        starter: Callable[[], Lexicon],
    ) -> ContentDesk:
        """As the settings say. Raises `InvalidInput` for webhooks that cannot be."""
        asked, told = webhooks(settings, clock)
        classifiers = Classifiers(() if asked is None else (WebhookClassifier("webhook", asked),))
        return cls(store, LiveLists(store, starter), classifiers, Herald(told, log))

    def desk(self, call: Call) -> ReviewDesk:
        """The reviews of a caller's namespace; the webhook is told of its recalls."""
        namespace = call.caller.namespace
        return ReviewDesk(self.store, namespace, lambda recall: self.herald.tell(_told(namespace, recall)))

    def complaints(self, call: Call) -> Complaints:
        """The complaints of a caller's namespace."""
        return Complaints(self.store, call.caller.namespace, self.desk(call))

    def list_store(self, call: Call) -> ListStore:
        """The lists of a caller's namespace, as they are stored."""
        return ListStore(self.store, call.caller.namespace)


def _told(namespace: str, recall: dict[str, Any]) -> dict[str, Any]:
    named = {name: recall[name] for name in ("digest", "action", "category")}
    return {"type": "recall", "namespace": namespace, "item_id": recall["item"], **named, "at": at(recall["at"])}


def webhooks(settings: Settings, clock: Clock) -> tuple[Webhook | None, Webhook | None]:
    """Who is asked of content, and who is told of recalls. Raises `InvalidInput` for what cannot be."""
    return _webhook("classifier_url", settings, clock), _webhook("recall_url", settings, clock)


def _webhook(name: str, settings: Settings, clock: Clock) -> Webhook | None:
    url: str = getattr(settings, name)
    if not url:
        return None
    try:
        return Webhook(url, settings.webhook_secret, clock=clock)
    except InvalidInput as error:
        raise InvalidInput("webhook_secret" if error.where == "secret" else name, error.problem) from None
