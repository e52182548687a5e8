"""Texts and items of one call: what lists, classifiers and people say of them, and what the policy makes of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minorguard.content.classifiers import Asked, Material
from minorguard.content.gate import actions_by_category, found_in, item_action, masked, text_action
from minorguard.content.verdict import Verdict
from minorguard.errors import InvalidInput
from minorguard.model.decisions import Decision
from minorguard.model.questions import ItemQuestion, Question, TextFound, TextQuestion
from minorguard.model.sections import ItemAction, TextAction, dotted
from minorguard.review import Content, Report, Standing, digest_of
from minorguard_service import metrics
from minorguard_service.calls import Call, invalid
from minorguard_service.content_lists import Filter
from minorguard_service.content_schemas import Wrong

REVIEWERS = "review"
"""Among the unanswered: people who have yet to decide."""
LENGTH = "length"
"""Likewise: the text holds more than the filter looks at."""
UNCLASSIFIED = "unclassified"
"""The category of a case that no reason names one for."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is to see it: a subject, with the session that is named, or somebody of a band."""

    subject: str | None
    session: str | None = None
    policy: str = ""
    age_band: str | None = None

    @classmethod
    def of(cls, call: Call) -> Viewer:
        """Whom a call is about. Raises `Problem` if it says nobody, or two."""
        body = call.body
        if call.caller.session is None and "token" not in body:
            if "subject_id" in body:
                return cls(body["subject_id"], body.get("session_id"))
            if "policy" in body:
                return cls(None, None, body["policy"], body.get("age_band"))
            problem = "is missing; add it, the session's `token`, or a `policy` and `age_band`"
            raise invalid([{"pointer": "/subject_id", "problem": problem}])
        claims = call.session()
        for name in ("subject_id", "policy"):
            if name in body:
                raise invalid([{"pointer": f"/{name}", "problem": "the token says it already; leave it out"}])
        return cls(claims.subject, claims.session)

    def ask(self, call: Call, questions: Sequence[Question]) -> list[Decision]:
        """What is decided of each."""
        if self.subject is not None:
            return call.guard.ask_all(self.subject, questions)
        return call.guard.ask_as(self.policy, self.age_band, questions)


# Texts


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    id: str | None
    digest: str
    standing: Standing
    verdict: Verdict
    asked: Asked


def check_texts(call: Call) -> list[dict[str, Any]]:
    """The verdicts of the texts of a call, in their order."""
    viewer, current = Viewer.of(call), call.service.content.lists.of(call.caller.namespace)
    texts = _looked_at(call, [one for one in call.body["texts"] if not isinstance(one, Wrong)], current)
    questions = [
        _text_question(one, call.body["surface"], viewer, found_in(one.verdict.matches, current.own)) for one in texts
    ]
    decisions = viewer.ask(call, questions)
    rows = iter([_text_row(call, viewer, one, decision) for one, decision in zip(texts, decisions, strict=True)])
    return [_wrong_text(one) if isinstance(one, Wrong) else next(rows) for one in call.body["texts"]]


def _looked_at(call: Call, sent: Sequence[Mapping[str, Any]], current: Filter) -> list[_Text]:
    """Texts with what people, lists and classifiers say of them; what people ruled on is not classified."""
    topics = call.service.content.desk(call).topics
    digests = [digest_of(one["text"]) for one in sent]
    standings = topics.standings([(None, digest) for digest in digests])
    looked = list(zip(sent, digests, standings, strict=True))
    namespace = call.caller.namespace
    materials = [
        Material(digest, text=one["text"], namespace=namespace) if standing.ruling is None else None
        for one, digest, standing in looked
    ]
    judged = current.texts.check_many([one["text"] for one in sent])
    said = zip(looked, judged, _ask(call, materials), strict=True)
    return [
        _Text(one["text"], one.get("id"), digest, standing, verdict, asked)
        for (one, digest, standing), verdict, asked in said
    ]


def _text_question(one: _Text, surface: str, viewer: Viewer, found: tuple[TextFound, ...]) -> TextQuestion:
    ruling = one.standing.ruling
    if ruling is not None:
        verdict = TextAction.ALLOW if ruling.action is ItemAction.SHOW else TextAction.BLOCK
        labelled = tuple(TextFound(label, otherwise=TextAction.ALLOW) for label in ruling.labels or ())
        return TextQuestion(surface, labelled, _pending(one.standing), verdict, viewer.session)
    said = tuple(TextFound(label) for label in one.asked.labels)
    unanswered = (*one.asked.unanswered, *_pending(one.standing), *((LENGTH,) if one.verdict.bounded else ()))
    return TextQuestion(surface, (*found, *said), unanswered, None, viewer.session)


def _pending(standing: Standing) -> tuple[str, ...]:
    return (REVIEWERS,) if standing.held or standing.changed else ()


def _text_row(call: Call, viewer: Viewer, one: _Text, decision: Decision) -> dict[str, Any]:
    action, by_category = text_action(decision), actions_by_category(decision)
    matches = [
        {
            "start": match.start,
            "end": match.end,
            "term": match.term,
            "category": match.category,
            "level": match.level,
            "found": match.found,
            "action": by_category.get(match.category, TextAction.ALLOW).value,
        }
        for match in one.verdict.matches
    ]
    case = None
    if action is TextAction.REVIEW and call.body["open_cases"]:
        content = Content(text=one.text, found=tuple(matches), subject=viewer.subject)
        report = Report(category=_category(decision), digest=one.digest, surface=call.body["surface"], content=content)
        case = _opened(call, report)
    metrics.count_content(decision.policy.id, _declared(call, decision), "text", action.value)
    passes = action is TextAction.ALLOW
    return {
        "id": one.id,
        "verdict": action.value,
        "masked": one.text if passes else _masked(one, by_category),
        "matches": matches,
        "by_person": one.standing.ruling is not None,
        "case_id": case,
        "decision": call.decided(decision),
        "errors": [],
    }


def _masked(one: _Text, by_category: Mapping[str, TextAction]) -> str:
    """With its matches starred out; all of it where a classifier named a category, which stands nowhere in it."""
    places = {match.category for match in one.verdict.matches}
    if any(action is not TextAction.ALLOW for category, action in by_category.items() if category not in places):
        return "*" * len(one.text)
    return masked(one.text, one.verdict.matches, by_category)


def _opened(call: Call, report: Report) -> str | None:
    """The case, or none where the subject has as many as there may be: the verdicts are answered all the same."""
    try:
        return call.service.content.desk(call).open(report, call.service.now()).id
    except InvalidInput as error:
        call.service.log.warning("review.unopened", problem=str(error))
        return None


def _category(decision: Decision) -> str:
    """What a case is about: the category or label of the first reason that asks for a person."""
    asking = [reason.data for reason in decision.reasons if reason.data.get("action") == "review"]
    named = (data.get("category") or data.get("label") for data in asking)
    return next((name for name in named if name), UNCLASSIFIED)


def _wrong_text(wrong: Wrong) -> dict[str, Any]:
    return {**_wrong(wrong, TextAction.BLOCK.value), "masked": None, "matches": []}


def _wrong(wrong: Wrong, verdict: str) -> dict[str, Any]:
    """What could not be read is not shown."""
    return {
        "id": wrong.id,
        "verdict": verdict,
        "by_person": False,
        "case_id": None,
        "decision": None,
        "errors": list(wrong.problems),
    }


# Items


def check_items(call: Call) -> list[dict[str, Any]]:
    """The verdicts of the items of a call, in their order."""
    viewer, good = Viewer.of(call), [one for one in call.body["items"] if not isinstance(one, Wrong)]
    topics = call.service.content.desk(call).topics
    standings = topics.standings([(one["id"], content_digest(one, one["id"])) for one in good])
    namespace = call.caller.namespace
    asked = _ask(call, [_material(one, standing, namespace) for one, standing in zip(good, standings, strict=True)])
    surface = call.body["surface"]
    questions = [
        _item_question(one, standing, said, surface, viewer.session)
        for one, standing, said in zip(good, standings, asked, strict=True)
    ]
    decisions = viewer.ask(call, questions)
    answered = zip(good, standings, questions, decisions, strict=True)
    rows = iter([_item_row(call, *each) for each in answered])
    return [_wrong(one, ItemAction.HIDE.value) if isinstance(one, Wrong) else next(rows) for one in call.body["items"]]


def content_digest(sent: Mapping[str, Any], item: str | None) -> str | None:
    """Of content: as it is sent, else of its text, unless that is but the title of an item with a URL."""
    if "digest" in sent or "text" not in sent or (item is not None and "url" in sent):
        return sent.get("digest")
    return digest_of(sent["text"])


def _material(one: dict[str, Any], standing: Standing, namespace: str) -> Material | None:
    """What classifiers are shown: nothing that a person has ruled on, and nothing without content."""
    digest = content_digest(one, one["id"])
    if standing.ruling is not None or digest is None or not one.keys() & {"text", "url"}:
        return None
    return Material(digest, one.get("text"), one.get("url"), one["id"], namespace)


def _item_question(
    one: dict[str, Any], standing: Standing, asked: Asked, surface: str, session: str | None
) -> ItemQuestion:
    """A person's ruling takes the place of what machines say; the rules still hold of what the person said."""
    labels, ratings, pools = tuple(one["labels"]), tuple(one["ratings"]), tuple(one["pools"])
    ruling = standing.ruling
    if ruling is not None:
        labels = labels if ruling.labels is None else ruling.labels
        ratings = ratings if ruling.ratings is None else ruling.ratings
        return ItemQuestion(surface, labels, ratings, pools, one["id"], _pending(standing), ruling.action, session)
    labels = tuple(dict.fromkeys((*labels, *asked.labels)))
    ratings = tuple(dict.fromkeys((*ratings, *asked.ratings)))
    unanswered = (*asked.unanswered, *_pending(standing))
    return ItemQuestion(surface, labels, ratings, pools, one["id"], unanswered, None, session)


def _item_row(
    call: Call, one: dict[str, Any], standing: Standing, question: ItemQuestion, decision: Decision
) -> dict[str, Any]:
    action, case = item_action(decision), None
    if action is ItemAction.REVIEW and call.body["open_cases"]:
        content = Content(
            text=one.get("text"),
            url=one.get("url"),
            labels=question.labels,
            ratings=question.ratings,
        )
        report = Report(
            category=_category(decision),
            item=one["id"],
            digest=content_digest(one, one["id"]),
            surface=question.surface,
            content=content,
            shown=one["shown"],
        )
        case = _opened(call, report)
    metrics.count_content(decision.policy.id, _declared(call, decision), "item", action.value)
    return {
        "id": one["id"],
        "verdict": action.value,
        "by_person": standing.ruling is not None,
        "case_id": case,
        "decision": call.decided(decision),
        "errors": [],
    }


def _declared(call: Call, decision: Decision) -> str | None:
    """The declared surface that the one which was sent is, or is below."""
    policy = call.service.published.view(call.caller.namespace).get(decision.policy.id)
    surfaces = () if policy is None else policy.surfaces
    return next((name for name in dotted(call.body["surface"]) if name in surfaces), None)


def _ask(call: Call, materials: Sequence[Material | None]) -> list[Asked]:
    """What the classifiers say of each that there is something to say of."""
    classifiers = call.service.content.classifiers
    if not classifiers.names:
        return [Asked() for _ in materials]
    known = iter(classifiers.ask_many([one for one in materials if one is not None]))
    return [Asked() if one is None else next(known) for one in materials]


__all__ = ["LENGTH", "REVIEWERS", "UNCLASSIFIED", "Viewer", "check_items", "check_texts", "content_digest"]
