"""Content over two service processes on one SQLite file: lists that live, and reviewers who claim at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from minorguard.storage import open_store
from minorguard_service.keys import create_api_key
from tests.reliability.serving import Client, Deployment, Served

WITHIN_SECONDS = 1.0
CHANGES = 6
CASES = 40
POLICY = """\
policy: test
timezone: Asia/Shanghai
surfaces: [comments]
bands:
  0-18: {content: {labels: {default: show}, text: {other: block}}}
"""


@dataclass
class House:
    """Two services, and keys for who works there."""

    services: list[Served]
    keys: dict[str, str] = field(default_factory=dict)

    def client(self, service: int, role: str) -> Client:
        """A connection of somebody to one of the services."""
        client = Client(self.services[service].port, self.keys[role])
        self.services[service].clients.append(client)
        return client


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Both running, and a child registered."""
    deployment = Deployment(tmp_path_factory.mktemp("content") / "house", POLICY)
    roles = {"editor": "policy-editor", "ann": "reviewer", "bob": "reviewer", "app": "app"}
    store = open_store(deployment.store)
    keys = {
        name: create_api_key(store, tenant="acme", roles=[role], live=False, name=name, now=0)[0]
        for name, role in roles.items()
    }
    store.close()
    with ExitStack() as stack:
        house = House([stack.enter_context(deployment.serve()) for _ in range(2)], keys)
        put = house.client(0, "app").call("PUT", "/v1/subjects/kid", {"policy": "test", "age_band": "8-12"})
        assert put[0] == 200, put
        yield house


@dataclass
class Reader(threading.Thread):
    """Asks one service about a marker of every version, without a pause."""

    client: Client
    stopped: threading.Event
    seen: list[tuple[float, int, list[str]]] = field(default_factory=list)
    """When it was asked, the status, and the verdict of each version's marker."""

    def __post_init__(self) -> None:
        super().__init__()

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Until it is told to stop."""
        texts = [{"text": f"marker{number}x"} for number in range(CHANGES)]
        body = {"subject_id": "kid", "surface": "comments", "texts": texts, "open_cases": False}
        while not self.stopped.is_set():
            asked = time.monotonic()
            status, answer = self.client.call("POST", "/v1/content/texts", body)
            self.seen.append((asked, status, [one["verdict"] for one in answer["verdicts"]] if status == 200 else []))


def test_a_list_holds_in_every_process_within_a_second(house: House) -> None:
    """Each answer is by one whole version, and none by an older one more than a second after it was put."""
    editor, stopped = house.client(0, "editor"), threading.Event()
    put_at: list[float] = []

    def put(number: int) -> None:
        terms = [{"term": f"marker{number}x", "category": "other"}]
        status, answer = editor.call("PUT", "/v1/lexicons/words", {"terms": terms})
        assert status == 200, answer
        put_at.append(time.monotonic())

    put(0)
    readers = [Reader(house.client(service, "app"), stopped) for service in (0, 1)]
    for reader in readers:
        reader.start()
    for number in range(1, CHANGES):
        stopped.wait(WITHIN_SECONDS)
        put(number)
    stopped.wait(WITHIN_SECONDS * 2)
    stopped.set()
    for reader in readers:
        reader.join()
    for reader in readers:
        assert {status for _, status, _ in reader.seen} == {200}
        for asked, _, verdicts in reader.seen:
            blocked = [number for number, verdict in enumerate(verdicts) if verdict == "block"]
            oldest = max(number for number, at in enumerate(put_at) if number == 0 or at + WITHIN_SECONDS < asked)
            assert len(blocked) == 1
            assert blocked[0] >= oldest
        assert reader.seen[-1][2][-1] == "block"


def test_reviewers_at_two_services_never_share_a_case(house: House) -> None:
    """Each case is claimed once, and every ruling is on the recall list once."""
    app = house.client(0, "app")
    for number in range(CASES):
        body = {"item_id": f"v-{number}", "category": "abuse", "shown": True}
        assert app.call("POST", "/v1/reviews", body)[0] == 201
    taken: list[str] = []

    def work(service: int, name: str) -> None:
        client = house.client(service, name)
        while (case := _case(client.call("POST", "/v1/reviews/claims", {}))) is not None:
            taken.append(case["item_id"])
            decided = client.call("POST", f"/v1/reviews/{case['id']}/decide", {"action": "hide"})
            assert decided[0] == 200, decided

    threads = [threading.Thread(target=work, args=(service, name)) for service, name in enumerate(("ann", "bob"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(f"v-{number}" for number in range(CASES))
    recalls = app.call("GET", "/v1/recalls?limit=500")[1]["recalls"]
    assert sorted(one["item_id"] for one in recalls) == sorted(taken)


def _case(answered: tuple[int, Any]) -> dict[str, Any] | None:
    status, body = answered
    assert status == 200, body
    found: dict[str, Any] | None = body["case"]
    return found
