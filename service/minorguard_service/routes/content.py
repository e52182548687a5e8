"""Content: texts and items, judged for whoever is to see them on a surface."""

from __future__ import annotations

from minorguard_service.calls import Answer, Call
from minorguard_service.content_checks import check_items, check_texts
from minorguard_service.content_schemas import ItemsCheck, ItemVerdictsOut, TextsCheck, TextVerdictsOut
from minorguard_service.operations import APP, OK, Group

calls = Group("content")
MAX_CONTENT_BYTES = 1 << 21
"""The largest body of the calls that take content."""
_PROBLEMS = (
    "not-found",
    "conflict",
    "policy-missing",
    "test-clock-refused",
)


@calls.call(
    "POST",
    "/v1/content/texts",
    roles=APP,
    by_token=True,
    body=TextsCheck,
    most_bytes=MAX_CONTENT_BYTES,
    answers={OK: TextVerdictsOut},
    problems=_PROBLEMS,
    example={"subject_id": "kid-1", "surface": "comments", "texts": [{"text": "hello"}]},
)
def check_content_texts(call: Call) -> Answer:
    """Judge texts: allow, mask, review or block.

    Lists, classifiers and people say what a text holds; the policy says what becomes of it on this surface, for this
    subject. What goes to review is not shown, and becomes a case for reviewers. A text that cannot be read is blocked,
    with its errors; the others are answered all the same.
    """
    return Answer({"verdicts": check_texts(call)})


@calls.call(
    "POST",
    "/v1/content/items",
    roles=APP,
    by_token=True,
    body=ItemsCheck,
    most_bytes=MAX_CONTENT_BYTES,
    answers={OK: ItemVerdictsOut},
    problems=_PROBLEMS,
    example={
        "subject_id": "kid-1",
        "surface": "feed",
        "items": [{"id": "v-1", "labels": ["sport"], "ratings": ["8+"], "pools": ["youth"]}],
    },
)
def check_content_items(call: Call) -> Answer:
    """Judge items by label, rating and pool: show, warn_before, blur, review or hide.

    A label or rating that is not known hides the item from minors. What a person ruled takes the place of what machines
    say. An item that cannot be read is hidden, with its errors; the others are answered all the same.
    """
    return Answer({"verdicts": check_items(call)})
