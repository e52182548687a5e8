"""What people ruled, by item and by content: the gate asks here before machines are believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from minorguard.errors import InvalidInput
from minorguard.model.ids import Instant
from minorguard.model.sections import ItemAction
from minorguard.review.cases import Case, Ruling, stricter
from minorguard.review.cells import Body, Cells
from minorguard.storage.base import StateStore

MOST_SUBJECT_CASES = 10_000
_FRESH: Body = {"number": 0, "open": False, "hold": False, "ruled": 0, "digest": None, "ruling": None, "at": None}


def digest_of(text: str) -> str:
    """The digest of a text; images and other bytes bring their own, of any form."""
    return f"sha256:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What people say of something now."""

    ruling: Ruling | None = None
    at: Instant | None = None
    held: bool = False
    """Not to be shown while it is looked at again."""
    changed: bool = False
    """It was hidden, and its content is another one since: somebody must look again."""


def topic_of(item: str | None, digest: str | None) -> str:
    """The name under which something is known: its item, else its content. Raises `InvalidInput` without both."""
    if item is None and digest is None:
        raise InvalidInput("item", "name the item, or give its text or digest")
    known = f"item\0{item}" if item is not None else f"digest\0{digest}"
    return sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Topics:
    """The rulings of one namespace. Every method may raise `StoreError`."""

    def __init__(self, store: StateStore, prefix: str) -> None:
        self._cells = Cells(store, f"{prefix}/topic", "review-topic")
        self._subjects = Cells(store, f"{prefix}/subject", "review-subject")

    def standing(self, item: str | None, digest: str | None) -> Standing:
        """What people say of an item with this content: of the item first, else of the content wherever it is.

        A ruling is about the content that was looked at. With another one the item is as unknown as before, but for one
        that was hidden: that waits for a person. Where the digest was not or is not said, only what takes away holds.
        """
        return self.standings([(item, digest)])[0]

    def standings(self, asked: Sequence[tuple[str | None, str | None]]) -> list[Standing]:
        """The same of many, each an item and a digest, in one round trip."""
        names = [(item and topic_of(item, None), digest and topic_of(None, digest)) for item, digest in asked]
        wanted = list(dict.fromkeys(name for pair in names for name in pair if name))
        known = dict(zip(wanted, self._cells.read_many(wanted), strict=True))
        return [
            _of_both(known.get(item or ""), known.get(content or ""), digest)
            for (item, content), (_, digest) in zip(names, asked, strict=True)
        ]

    def begin(self, topic: str, *, hold: bool) -> str:
        """The id of the case that is open about a topic; a new one if none is."""

        def begun(body: Body | None) -> Body:
            known = body or _FRESH
            number = known["number"] if known["open"] else known["number"] + 1
            return {**known, "number": number, "open": True, "hold": hold or known["hold"]}

        body = self._cells.change(topic, begun, durable=hold)
        assert body is not None
        return f"{topic}-{body['number']}"

    def changes(self, case: Case) -> bool:
        """Whether the outcome of a case is another one than what is ruled so far; without a ruling, it was shown."""
        topic, number = _parts(case.id)
        known = self._cells.read(topic) or _FRESH
        before = ItemAction.SHOW if known["ruling"] is None else ItemAction(known["ruling"]["action"])
        return case.outcome is not None and known["ruled"] < number and case.outcome.ruling.action is not before

    def close(self, case: Case) -> None:
        """Keep the outcome of a case that has ended, unless a later one is kept."""
        topic, number = _parts(case.id)

        def closed(body: Body | None) -> Body:
            known = body or _FRESH
            held = known["hold"] and case.outcome is None  # erased: nobody has looked, so the next case is held, too
            after = {**known, "open": False, "hold": held} if known["number"] == number else dict(known)
            return after if known["ruled"] >= number else {**after, **_kept(case), "ruled": number}

        self._cells.change(topic, closed, durable=True)
        if case.item is not None and case.digest is not None and case.outcome is not None:
            alias, at = topic_of(None, case.digest), case.outcome.at

            def newer(body: Body | None) -> Body:
                known = body or _FRESH
                return known if known["at"] is not None and known["at"] > at else {**known, **_kept(case)}

            self._cells.change(alias, newer, durable=True)

    # Whose cases

    def about(self, subject: str, case: str) -> None:
        """Note that a case holds something of a subject. Raises `InvalidInput` for more than there may be."""

        def noted(body: Body | None) -> Body:
            cases = [] if body is None else body["cases"]
            if case in cases:
                return {"cases": cases}
            if len(cases) >= MOST_SUBJECT_CASES:
                raise InvalidInput("subject", f"has {MOST_SUBJECT_CASES} cases already; send it without the subject")
            return {"cases": [*cases, case]}

        self._subjects.change(subject, noted)

    def cases_of(self, subject: str) -> Iterator[str]:
        """The cases that hold something of a subject."""
        body = self._subjects.read(subject)
        return iter([] if body is None else body["cases"])

    def no_longer_about(self, subject: str, case: str) -> None:
        """The case holds nothing of the subject any more."""

        def without(body: Body | None) -> Body | None:
            left = [one for one in (body or {"cases": []})["cases"] if one != case]
            return {"cases": left} if left else None

        self._subjects.change(subject, without)


def _parts(case: str) -> tuple[str, int]:
    topic, _, number = case.rpartition("-")
    return topic, int(number)


def _kept(case: Case) -> dict[str, Any]:
    if case.outcome is None:
        return {}
    ruling = case.to_dict()["outcome"]["ruling"]
    return {"digest": case.digest, "ruling": {**ruling, "note": ""}, "at": case.outcome.at}


def _of_both(item: Body | None, content: Body | None, digest: str | None) -> Standing:
    """The ruling on the item, else the one on its content; held or changed if either is."""
    one, other = _standing(item or _FRESH, digest), _standing(content or _FRESH, digest)
    said = other if one.ruling is None else one
    return replace(said, held=one.held or other.held, changed=said.ruling is None and one.changed)


def _standing(body: Body, digest: str | None) -> Standing:
    """A ruling on content that is not known for the same holds only if it takes away."""
    ruling = None if body["ruling"] is None else Ruling.of(body["ruling"])
    if ruling is None or digest == body["digest"]:
        return Standing(ruling, body["at"], body["hold"])
    strict = stricter(ruling.action, ItemAction.WARN_BEFORE)
    if strict and None in {digest, body["digest"]}:
        return Standing(ruling, body["at"], body["hold"])
    return Standing(held=body["hold"], changed=strict)
