"""Asking servers, until all have answered or the time is over: redirections, lost scripts, lost replies, failovers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)

from minorguard.errors import StoreUnavailable
from minorguard.storage.base import Meanwhile
from minorguard.storage.redis_node import Command, Link, Node, Reply, Unanswered, read, send
from minorguard.storage.redis_topology import Topology

ROUNDS = 8
"""Redirections and repetitions of one call."""
TRIES = 2
"""Connections that may break or hang under one call; each try gets an equal share of its time."""
ITEM_SECONDS = 0.001
"""More time for each further command of a batch."""


@dataclass(slots=True, eq=False)
class Ask:
    """Commands on one key, sent together; the first one's reply decides what happens next.

    A further one may stay without a reply, such as a question to replicas that hang: then its reply is None.
    """

    name: bytes
    commands: list[Command]
    plain: Command | None = None
    """The first command in the form that needs no script on the server."""
    replies: Sequence[Reply] = ()
    unsure: bool = False
    """Whether an earlier try may have been done."""
    asking: Node | None = None
    refused: ResponseError | None = None
    """Why the last try went elsewhere."""

    @property
    def reply(self) -> Reply:
        """To the first command."""
        return self.replies[0]


class Router:
    """Runs asks against a topology, all within the time of one call."""

    def __init__(self, topology: Topology, url: str, timeout_seconds: float, monotonic: Callable[[], float]) -> None:
        self.topology = topology
        self.url = url
        self._timeout = timeout_seconds
        self._monotonic = monotonic

    def deadline(self, items: int = 1) -> float:
        """When a call that begins now must be over."""
        return self._monotonic() + self._timeout + (items - 1) * ITEM_SECONDS

    def run(self, asks: Sequence[Ask], meanwhile: Meanwhile | None = None) -> None:
        """Get a reply to each; `meanwhile` is called when all are under way.

        Raises `StoreUnavailable`; those with `unsure` may have been done all the same.
        """
        deadline = self.deadline(len(asks))
        pending, failures = list(asks), 0
        for _ in range(ROUNDS):
            soon = self._monotonic() + (deadline - self._monotonic()) / (TRIES - failures)
            problem, meanwhile = self._round(pending, soon, meanwhile), None
            pending = [ask for ask in pending if self._again(ask)]
            if not pending:
                return
            failures += problem is not None
            if failures >= TRIES or self._monotonic() >= deadline:
                break
        raise StoreUnavailable(self.url, str(problem or pending[0].refused))

    def tell(self, node: Node, command: Command) -> Reply:
        """The reply of one server to a command that may be repeated. Raises `StoreUnavailable`."""
        for tries_left in range(TRIES - 1, -1, -1):
            try:
                (reply,) = node.exchange([command], self.deadline())
            except Unanswered as error:
                node.forget()
                if not tries_left:
                    raise StoreUnavailable(self.url, str(error)) from None
                continue
            if isinstance(reply, ResponseError):
                raise StoreUnavailable(self.url, f"{node} refused: {reply}")
            return reply
        raise AssertionError

    def _round(self, asks: Sequence[Ask], deadline: float, meanwhile: Meanwhile | None) -> Unanswered | None:
        """Send all that is pending and read what comes back; returns what kept some from being answered."""
        groups: dict[Node, list[Ask]] = {}
        for ask in asks:
            groups.setdefault(ask.asking or self.topology.route(ask.name, deadline), []).append(ask)
        opened, problem = self._send(groups, deadline)
        if meanwhile is not None:
            meanwhile()
        for node, link in opened.items():
            try:
                self._read(node, link, groups[node], deadline)
            except Unanswered as error:
                problem = error
        return problem

    def _send(self, groups: dict[Node, list[Ask]], deadline: float) -> tuple[dict[Node, Link], Unanswered | None]:
        """To every server, before any reply is waited for."""
        opened: dict[Node, Link] = {}
        problem = None
        for node, asks in groups.items():
            if not node.breaker.allows():
                self.topology.doubt()
                problem = Unanswered(f"{node} did not answer; it is tried again soon", sent=False)
                continue
            try:
                link = node.take(deadline - self._monotonic())
                send(link, _commands(asks, node), deadline - self._monotonic())
                opened[node] = link
            except Unanswered as error:
                problem = self._failed(node, asks, error)
        return opened, problem

    def _read(self, node: Node, link: Link, asks: list[Ask], deadline: float) -> None:
        for ask in asks:
            try:
                if ask.asking is node:
                    read(link, deadline - self._monotonic())
                ask.replies = [read(link, deadline - self._monotonic())]
            except Unanswered as error:
                raise self._failed(node, asks, error) from None
            if len(ask.commands) > 1 and not self._read_more(link, ask, deadline):
                return
        node.give(link)
        node.breaker.worked()

    def _read_more(self, link: Link, ask: Ask, deadline: float) -> bool:
        """Whether a reply came to the further command, too; if not, the connection is closed."""
        try:
            ask.replies = [*ask.replies, read(link, deadline - self._monotonic())]
        except Unanswered:
            ask.replies = [*ask.replies, None]
            return False
        return True

    def _failed(self, node: Node, asks: Sequence[Ask], error: Unanswered) -> Unanswered:
        node.forget()
        if error.grave:
            node.breaker.failed()
        self.topology.doubt()
        for ask in asks:
            ask.asking = None
            ask.unsure = ask.unsure or (error.sent and not ask.replies)
        return error

    def _again(self, ask: Ask) -> bool:
        """Whether an ask must be sent (once more); if not, its first reply is final."""
        if not ask.replies:
            return True
        reply, ask.asking = ask.replies[0], None
        if not isinstance(reply, ResponseError):
            return False
        self._redirect(ask, reply)
        ask.refused, ask.replies = reply, ()
        return True

    def _redirect(self, ask: Ask, error: ResponseError) -> None:
        """Where to send an ask again. Raises `StoreUnavailable` if that is no use."""
        match error:
            case NoScriptError() if ask.plain is not None:
                ask.commands[0], ask.plain = ask.plain, None
            case MovedError():
                self.topology.moved(error)
            case AskError():
                ask.asking = self.topology.at((error.host, error.port))
            case ReadOnlyError() | TryAgainError() | ClusterDownError():
                self.topology.doubt()
            case OutOfMemoryError():
                way_out = "give it more `maxmemory`, and keep the policy `noeviction`"
                raise StoreUnavailable(self.url, f"is full ({error}); {way_out}")
            case _:
                raise StoreUnavailable(self.url, f"refused: {error}")


def _commands(asks: Sequence[Ask], node: Node) -> list[Command]:
    commands: list[Command] = []
    for ask in asks:
        if ask.asking is node:
            commands.append(("ASKING",))
        commands.extend(ask.commands)
    return commands
