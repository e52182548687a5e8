"""Term lists of a tenant: versions, samples, and what is known of a list before it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from minorguard.content import Lexicon, TextFilter
from minorguard.content.findings import LexiconFinding
from minorguard.content.lint import everyday_words, lint
from minorguard.errors import NotFound
from minorguard.model.ids import check_word
from minorguard.model.sections import TextAction, strictness
from minorguard_service.calls import Answer, Call, invalid
from minorguard_service.content_lists import ListStore, Row
from minorguard_service.content_schemas import (
    LexiconBack,
    LexiconKeptOut,
    LexiconLint,
    LexiconOut,
    LexiconPut,
    LexiconsOut,
    LintOut,
    SampleMadeOut,
    SamplePut,
    SamplesOut,
    SamplesQuery,
    TermsOut,
)
from minorguard_service.operations import CREATED, EDITORS, NO_CONTENT, OK, POLICY_READERS, PUBLISHERS, Group
from minorguard_service.policy_rows import at

calls = Group("lexicons")
MAX_LIST_BYTES = 1 << 24
"""The largest body of the calls that take a list."""
_WRITERS = EDITORS | PUBLISHERS
_TERMS = {"terms": [{"term": "badword", "category": "abuse", "action": "mask"}]}


@calls.call("GET", "/v1/lexicons", roles=POLICY_READERS, answers={OK: LexiconsOut})
def list_lexicons(call: Call) -> Answer:
    """The lists of the tenant, with their versions."""
    head = call.service.content.list_store(call).head()
    return Answer({"lexicons": [_row(id, one) for id, one in sorted(head["lists"].items())]})


@calls.call("GET", "/v1/lexicons/{id}", roles=POLICY_READERS, answers={OK: TermsOut})
def get_lexicon(call: Call, id: str) -> Answer:
    """The version of a list that holds, with its terms."""
    store = call.service.content.list_store(call)
    known = store.head()["lists"].get(id)
    if known is None or known["active"] is None:
        raise NotFound("list", id)
    return Answer({"id": id, "version": known["active"], "terms": store.rows(id, known["active"])})


@calls.call(
    "PUT",
    "/v1/lexicons/{id}",
    roles=_WRITERS,
    body=LexiconPut,
    most_bytes=MAX_LIST_BYTES,
    answers={OK: LexiconKeptOut},
    problems=("conflict",),
    example={**_TERMS, "why": "first words"},
)
def put_lexicon(call: Call, id: str) -> Answer:
    """Put a whole list; it holds in all workers within a second.

    A list with errors is refused, with every finding. So is one with which a sample gets another verdict than it must,
    unless `despite_samples` says otherwise. Without any list the one that ships holds.
    """
    store, rows = call.service.content.list_store(call), call.body["terms"]
    found = _looked_at(store, id, rows)
    if found["samples_failed"] and not call.body["despite_samples"]:
        failed = ", ".join(str(one["id"]) for one in found["samples_failed"][:10])
        problem = f"samples get another verdict than they must: {failed}; mend the list, or send `despite_samples`"
        raise invalid([{"pointer": "/terms", "problem": problem}])
    assert call.caller.who is not None
    store.put(id, rows, by=call.caller.who, why=call.body.get("why", ""), at=call.service.now())
    return Answer({**found, "lexicon": _now(call, id)})


@calls.call(
    "POST",
    "/v1/lexicons/{id}/lint",
    roles=POLICY_READERS,
    body=LexiconLint,
    most_bytes=MAX_LIST_BYTES,
    answers={OK: LintOut},
    example=_TERMS,
)
def lint_lexicon(call: Call, id: str) -> Answer:
    """What putting this list would tell, and which everyday words its terms would hit. Nothing is kept.

    The words are a hundred thousand of Chinese and the short ones of English; those are looked at that hold the
    beginning of a term as it is written.
    """
    found = _looked_at(call.service.content.list_store(call), id, call.body["terms"])
    lexicon = Lexicon.from_terms(call.body["terms"])
    mined = [_finding(one) for one in lint(lexicon, _alike(lexicon.texts))]
    return Answer({**found, "findings": [*found["findings"], *mined]})


@calls.call(
    "POST",
    "/v1/lexicons/{id}/rollback",
    roles=_WRITERS,
    body=LexiconBack,
    answers={OK: LexiconOut},
    retries="the same version again",
    example={"version": 1},
)
def roll_back_lexicon(call: Call, id: str) -> Answer:
    """Let an earlier version of a list hold again."""
    call.service.content.list_store(call).go_back(id, call.body["version"])
    return Answer(_now(call, id))


@calls.call("DELETE", "/v1/lexicons/{id}", roles=_WRITERS, answers={NO_CONTENT: None})
def delete_lexicon(call: Call, id: str) -> Answer:
    """Let no version of a list hold any more; it can be rolled back to.

    When no list is left that holds, the one that ships does.
    """
    call.service.content.list_store(call).remove(id)
    call.service.content.lists.of(call.caller.namespace, fresh=True)
    return Answer(None, NO_CONTENT)


@calls.call("GET", "/v1/samples", roles=POLICY_READERS, query=SamplesQuery, answers={OK: SamplesOut})
def list_samples(call: Call) -> Answer:
    """Texts of which it is known what must become of them."""
    samples = call.service.content.list_store(call).samples(call.query.get("after", -1) + 1, call.query["limit"])
    rows = [{"id": number, **one, "at": at(one["at"])} for number, one in samples]
    return Answer({"samples": rows})


@calls.call(
    "POST",
    "/v1/samples",
    roles=_WRITERS,
    body=SamplePut,
    answers={CREATED: SampleMadeOut},
    retries="the same sample",
    example={"text": "a friendly text", "expected": "allow"},
)
def add_sample(call: Call) -> Answer:
    """Keep a sample: each change of a list is tried with it."""
    who = call.caller.who
    assert who is not None
    store = call.service.content.list_store(call)
    number = store.add_sample(call.body["text"], call.body["expected"], by=who, at=call.service.now())
    return Answer({"id": number}, CREATED)


@calls.call("DELETE", "/v1/samples/{id}", roles=_WRITERS, answers={NO_CONTENT: None})
def delete_sample(call: Call, id: str) -> Answer:
    """Forget a sample; one that is not there is no error."""
    if not id.isascii() or not id.isdigit() or len(id) > 9:
        raise NotFound("sample", id)
    call.service.content.list_store(call).drop_sample(int(id))
    return Answer(None, NO_CONTENT)


def _looked_at(store: ListStore, id: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Findings of a list, and the samples that fail when it holds.

    Raises `LexiconInvalid` for a list with errors.
    """
    check_word("id", id)
    mine = Lexicon.from_terms(rows)
    others = [row for other in store.active(without=id) for row in other]
    samples = list(store.samples())
    judged = TextFilter(Lexicon.from_terms([*others, *rows])).check_many(one["text"] for _, one in samples)
    return {
        "terms": len(rows),
        "findings": [_finding(one) for one in mine.warnings],
        "samples_failed": [
            {"id": number, "expected": one["expected"], "actual": verdict.action.value}
            for (number, one), verdict in zip(samples, judged, strict=True)
            if _fails(TextAction(one["expected"]), verdict.action)
        ],
    }


def _fails(expected: TextAction, actual: TextAction) -> bool:
    """Whether a text is let through further than it must be, or is not let through although it must."""
    innocent = expected is TextAction.ALLOW and actual is not TextAction.ALLOW
    return innocent or strictness(actual) > strictness(expected)


def _alike(terms: Iterable[str]) -> list[str]:
    """The everyday words that hold the first two characters of some term: all of them would take seconds."""
    starts = {term.lower()[:2] for term in terms}
    return [word for word in everyday_words() if any(word[at : at + 2] in starts for at in range(len(word) - 1))]


def _finding(one: LexiconFinding) -> dict[str, Any]:
    return {"code": one.code, "severity": one.severity, "message": one.message, "line": one.line, "help": one.help}


def _now(call: Call, id: str) -> dict[str, Any]:
    """A list as it is stored, after this worker has compiled it."""
    call.service.content.lists.of(call.caller.namespace, fresh=True)
    return _row(id, call.service.content.list_store(call).head()["lists"][id])


def _row(id: str, one: Mapping[str, Any]) -> dict[str, Any]:
    versions = [{**version, "at": at(version["at"])} for version in one["versions"]]
    return {"id": id, "active": one["active"], "versions": versions}
