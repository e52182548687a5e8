"""Questions about content as data and in words: what is to be shown, and what becomes of it under two policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minorguard.model.questions import ContentQuestion, ItemQuestion
from minorguard.model.sections import ContentAction
from minorguard.model.texts import ACTIONS


def wire(question: ContentQuestion) -> dict[str, Any]:
    """The question as data."""
    if isinstance(question, ItemQuestion):
        about: dict[str, Any] = {name: list(getattr(question, name)) for name in ("labels", "ratings", "pools")}
        return {"kind": "item", "surface": question.surface, **about, "unanswered": list(question.unanswered)}
    found = [
        {
            "category": one.category,
            "list_says": None if one.action is None else one.action.value,
            "otherwise": one.otherwise.value,
            "sure": one.sure,
        }
        for one in question.found
    ]
    return {"kind": "text", "surface": question.surface, "categories": found, "unanswered": list(question.unanswered)}


def told(question: ContentQuestion, mine: ContentAction, other: ContentAction) -> dict[str, str]:
    """What is to be shown, and what becomes of it under either policy, in both languages."""
    (here_zh, here), (there_zh, there) = (ACTIONS[action.value] for action in (mine, other))
    return {
        "zh": f"{_spoken(question, zh=True)}：{here_zh}，而非{there_zh}",
        "en": f"{_spoken(question, zh=False)}: {here}, and not {there}",
    }


def _spoken(question: ContentQuestion, *, zh: bool) -> str:
    kind = ("内容", "an item") if isinstance(question, ItemQuestion) else ("文本", "a text")
    parts = list(_parts(question))
    if zh:
        return f"在 {question.surface} 的{kind[0]}" + (f"（{'，'.join(part[0] for part in parts)}）" if parts else "")
    return " ".join([f"on {question.surface}, {kind[1]}", " and ".join(part[1] for part in parts)]).strip()


def _parts(question: ContentQuestion) -> Iterator[tuple[str, str]]:
    if isinstance(question, ItemQuestion):
        for name, zh, en in (
            ("labels", "标签", "labelled"),
            ("ratings", "分级", "rated"),
            ("pools", "属于", "of pools"),
        ):
            if values := ", ".join(getattr(question, name)):
                yield f"{zh} {values}", f"{en} {values}"
    else:
        yield from ((f"{one.category} 类", f"of category {one.category}") for one in question.found)
    if question.unanswered:
        yield "分类器未答复", "not answered by a classifier"
