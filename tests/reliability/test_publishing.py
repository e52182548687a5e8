"""R13: policies are published under reads, over two service processes on one SQLite file: no torn read, one second."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from minorguard.policy import PolicyBook
from minorguard.storage import StateStore, open_store
from minorguard_service.keys import create_api_key
from minorguard_service.policy_desk import Desk
from minorguard_service.policy_records import Who
from minorguard_service.policy_store import PolicyStore
from minorguard_service.policy_views import Published
from tests.reliability.chaos import often
from tests.reliability.serving import Client, Deployment, Served

PUBLISHED = often(250, 1_000)
OVER_HTTP = often(10, 50)
ROLLBACKS = often(6, 12)
WITHIN_SECONDS = 1.0
READERS = 1
"""Of each process."""
POLICY = "policy: test\ntimezone: Asia/Shanghai\nbands:\n  0-18: {features: {default: deny, allow: [one]}}\n"


def text_of(turn: int) -> str:
    """A policy that no other turn has."""
    time = f"{{quota: {{daily: {60 + turn}m}}}}"
    features = f"{{default: deny, allow: [turn-{turn}]}}"
    return f"policy: test\ntimezone: Asia/Shanghai\nbands:\n  0-18: {{time: {time}, features: {features}}}\n"


@dataclass
class Office:
    """The people who write and publish, in this process and over HTTP."""

    deployment: Deployment
    store: StateStore
    editor: str = field(init=False)
    publisher: str = field(init=False)

    def __post_init__(self) -> None:
        self.editor, self.publisher = (
            create_api_key(self.store, tenant="acme", roles=[role], live=False, name=role, now=0)[0]
            for role in ("policy-editor", "policy-publisher")
        )
        base = PolicyBook.load(self.deployment.folder / "policies")
        self.published = Published(self.store, base, lambda *_: None)

    def desk(self, name: str) -> Desk:
        """Somebody's desk, on the file that the services use."""
        view = lambda: self.published.view("acme.test", fresh=True)  # noqa: E731
        return Desk(PolicyStore(self.store, "acme.test"), view, lambda: 1_800_000_000, Who(name, name))

    def publish(self, turn: int, base: int) -> tuple[int, str]:
        """Publish in this process: the revision and its digest."""
        editor, publisher = self.desk("ed"), self.desk("pat")
        editor.put_draft("test", text_of(turn), tests=None, base=base, replaces=None)
        policy = editor.review("test")[1].policy
        assert policy is not None
        change, _ = publisher.publish("test", digest=policy.digest, why=f"turn {turn}")
        assert change.revision is not None
        return change.revision, policy.digest

    def publish_over_http(self, served: Served, turn: int, base: int) -> tuple[int, str]:
        """The same by calls."""
        editor, publisher = Client(served.port, self.editor), Client(served.port, self.publisher)
        served.clients += [editor, publisher]
        put = editor.call("PUT", "/v1/policies/test/draft", {"text": text_of(turn), "base_revision": base})
        assert put[0] == 200, put
        digest = publisher.call("POST", "/v1/policies/test/draft/validate")[1]["digest"]
        sent = publisher.call("POST", "/v1/policies/test/publish", {"digest": digest, "why": f"turn {turn}"})
        assert sent[0] == 200, sent
        return sent[1]["change"]["revision"], digest


@dataclass
class Reader(threading.Thread):
    """Opens sessions and asks, without a pause, and writes down under which policy it was answered."""

    client: Client
    device: str
    stopped: threading.Event
    seen: list[tuple[int, str]] = field(default_factory=list)
    wrong: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(name=self.device)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Until it is told to stop."""
        opening = {"subject_id": self.device, "device": self.device}
        question = {"subject_id": self.device, "question": {"type": "time"}}
        while not self.stopped.is_set():
            self._opened(*self.client.call("POST", "/v1/sessions", opening))
            for _ in range(4):
                self._answered(*self.client.call("POST", "/v1/checks", question))

    def _opened(self, status: int, body: Any) -> None:
        if status != 201:
            self.wrong.append((status, body))
            return
        claims = claims_of(body["token"])
        policy = body["decision"]["policy"]
        if claims["policy"] != policy["digest"] or features_of(policy["revision"]) != claims["features"]:
            self.wrong.append((claims, policy))
        self._answered(status, body)
        self.client.call("POST", f"/v1/sessions/{body['session_id']}/end")

    def _answered(self, status: int, body: Any) -> None:
        if status not in {200, 201}:
            self.wrong.append((status, body))
            return
        policy = body["decision"]["policy"]
        self.seen.append((policy["revision"], policy["digest"]))


def claims_of(token: str) -> dict[str, Any]:
    """What a token tells an edge; its signature is the matter of other tests."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def features_of(revision: int) -> dict[str, str]:
    """What the token of a revision says of features: revision n was made by turn n - 2."""
    name = "one" if revision == 1 else f"turn-{revision - 2}"
    return {"*": "deny", name: "allow"}


@contextmanager
def reading(*services: Served) -> Iterator[list[list[Reader]]]:
    """Readers of each service; they stop at the end."""
    stopped = threading.Event()
    readers = [
        [Reader(served.client(), f"kid-{port}-{number}", stopped) for number in range(READERS)]
        for port, served in enumerate(services)
    ]
    for reader in (one for several in readers for one in several):
        status, _ = services[0].client().call("PUT", f"/v1/subjects/{reader.device}", {"policy": "test"})
        assert status == 200
        reader.start()
    try:
        yield readers
    finally:
        stopped.set()
        for reader in (one for several in readers for one in several):
            reader.join()


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A folder with a policy and a database."""
    return Deployment(tmp_path / "d", POLICY)


def test_r13_publishings_under_reads_tear_none(deployment: Deployment) -> None:
    """Each answer is wholly of one published revision, no worker goes back, and both end at the newest."""
    digests = {1: PolicyBook.load(deployment.folder / "policies")["test"].digest}
    with deployment.serve() as one, deployment.serve() as two, reading(one, two) as readers:
        store = open_store(deployment.store)
        office = Office(deployment, store)
        for turn in range(PUBLISHED):
            newest = max(digests)
            if turn % (PUBLISHED // OVER_HTTP) == 0:
                revision, digest = office.publish_over_http((one, two)[turn % 40 // 20], turn, newest)
            else:
                revision, digest = office.publish(turn, newest)
            assert revision == newest + 1
            digests[revision] = digest
        assert all(seen_within(served.client(), newest + 1) for served in (one, two))
        store.close()
    assert len(set(digests.values())) == PUBLISHED + 1
    for several in readers:
        assert len({revision for reader in several for revision, _ in reader.seen}) > 10
        for reader in several:
            assert reader.wrong == []
            assert [pair for pair in reader.seen if digests.get(pair[0]) != pair[1]] == []
            assert reader.seen == sorted(reader.seen, key=lambda pair: pair[0])
            assert reader.seen[-1][0] > PUBLISHED // 2


def test_r13_a_rollback_is_seen_by_all_workers_within_a_second(deployment: Deployment) -> None:
    """Again and again, from the moment that the rollback is acknowledged; a service of two workers and one of one."""
    with deployment.serve(workers=2) as one, deployment.serve() as two:
        store = open_store(deployment.store)
        office = Office(deployment, store)
        one.client().call("PUT", "/v1/subjects/kid", {"policy": "test"})
        assert [office.publish(turn, turn + 1)[0] for turn in range(2)] == [2, 3]
        publisher = Client(one.port, office.publisher)
        one.clients.append(publisher)
        clients = [one.client() for _ in range(4)] + [two.client()]
        for turn in range(ROLLBACKS):
            to = turn % 3 + 1
            body = {"to_revision": to, "why": f"turn {turn}"}
            assert publisher.call("POST", "/v1/policies/test/rollback", body)[0] == 200
            at = time.monotonic()
            assert [seen_within(client, to, since=at) for client in clients] == [True] * len(clients)
        store.close()


def seen_within(client: Client, revision: int, *, since: float | None = None) -> bool:
    """Whether a revision decides within a second."""
    since = time.monotonic() if since is None else since
    body = {"subject_id": "kid", "question": {"type": "time"}}
    client.call("PUT", "/v1/subjects/kid", {"policy": "test"})
    while True:
        asked = time.monotonic()
        policy = client.call("POST", "/v1/checks", body)[1]["decision"]["policy"]
        if policy["revision"] == revision:
            return asked - since <= WITHIN_SECONDS
        if asked - since > WITHIN_SECONDS:
            return False
