"""The policies that hold, their revisions and their history. Reading only; `publishing` changes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice

from minorguard.model.ids import check_word
from minorguard_service.calls import Answer, Call
from minorguard_service.operations import ANYBODY, OK, POLICY_READERS, Group
from minorguard_service.policy_records import FOLDER_REVISION, Slot
from minorguard_service.policy_rows import change_row, folder_row, policy_body, policy_row, revision_row
from minorguard_service.policy_schemas import (
    HistoryOut,
    PageQuery,
    PoliciesOut,
    PolicyOut,
    RevisionOut,
    RevisionsOut,
    ShadowAnswer,
)
from minorguard_service.policy_views import View
from minorguard_service.problems import not_found

calls = Group("policies")


@calls.call("GET", "/v1/policies", roles=ANYBODY, answers={OK: PoliciesOut})
def list_policies(call: Call) -> Answer:
    """The policies that hold, with their revisions and digests.

    Those of the folder, and over them what was published for the subjects of this tenant: of its test keys and of its
    live keys apart.
    """
    view = call.view()
    return Answer({"policies": [policy_row(view, id) for id in view.ids]})


@calls.call("GET", "/v1/policies/{id}", roles=POLICY_READERS, answers={OK: PolicyOut})
def get_policy(call: Call, id: str) -> Answer:
    """How a policy stands: what is active, rolled out, shadowed, drafted."""
    view, draft = call.view(), call.policies().draft(check_word("id", id))
    if id not in view.ids and draft is None:
        raise not_found()
    return Answer(policy_body(view, id, draft))


@calls.call("GET", "/v1/policies/{id}/revisions", roles=POLICY_READERS, query=PageQuery, answers={OK: RevisionsOut})
def list_revisions(call: Call, id: str) -> Answer:
    """What was published, the newest first; the folder's is number 1."""
    view, store = _known(call, id), call.policies()
    limit = call.query["limit"]
    numbers = list(islice(_numbers(view, id, call.query.get("before")), limit + 1))
    found = (store.revision(id, number) for number in numbers[:limit])
    rows = [folder_row(view, id) if revision is None else revision_row(revision) for revision in found]
    return Answer({"revisions": rows, "next_before": numbers[limit - 1] if len(numbers) > limit else None})


@calls.call("GET", "/v1/policies/{id}/revisions/{revision}", roles=POLICY_READERS, answers={OK: RevisionOut})
def get_revision(call: Call, id: str, revision: str) -> Answer:
    """A revision with its text, its tests, and the policies that it extends as they were."""
    view, number = _known(call, id), _number(revision)
    if number == FOLDER_REVISION and id in view.library.base:
        known = view.library.base.documents.get(id)
        text = None if known is None else known.text
        return Answer({**folder_row(view, id), "text": text, "tests": None, "documents": {}})
    found = call.policies().revision(id, number) if view.head.slots.get(id, Slot()).has(number) else None
    if found is None:
        raise not_found()
    texts = {"text": found.text, "tests": found.tests, "documents": dict(found.documents)}
    return Answer({**revision_row(found), **texts})


@calls.call("GET", "/v1/policies/{id}/history", roles=POLICY_READERS, query=PageQuery, answers={OK: HistoryOut})
def get_history(call: Call, id: str) -> Answer:
    """Who changed what holds, when and why, the newest first."""
    view = _known(call, id)
    found = call.policies().history(id, view.head.slots.get(id, Slot()), call.query.get("before"))
    changes = list(islice(found, call.query["limit"]))
    more = changes and changes[-1].number > 1
    return Answer(
        {"changes": [change_row(one) for one in changes], "next_before": changes[-1].number if more else None}
    )


@calls.call("GET", "/v1/policies/{id}/shadow", roles=POLICY_READERS, answers={OK: ShadowAnswer})
def get_shadow(call: Call, id: str) -> Answer:
    """What is decided beside the active revision, without effect."""
    slot = _known(call, id).head.slots.get(id, Slot())
    return Answer({"shadow": None if slot.shadow is None else asdict(slot.shadow)})


def _known(call: Call, id: str) -> View:
    """The view, if it has the policy."""
    view = call.view()
    if check_word("id", id) not in view.ids:
        raise not_found()
    return view


def _numbers(view: View, id: str, before: int | None) -> Iterator[int]:
    """Of all revisions, the newest first."""
    slot = view.head.slots.get(id, Slot())
    first = slot.last if before is None else min(before - 1, slot.last)
    yield from (number for number in range(first, FOLDER_REVISION, -1) if slot.has(number))
    if first >= FOLDER_REVISION and id in view.library.base:
        yield FOLDER_REVISION


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise not_found()
    return int(text)
