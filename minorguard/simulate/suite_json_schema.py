"""The JSON Schema of policy tests, for editors; it never refuses what a run of the tests takes."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Any

from minorguard.policy.json_schema import EXTRAS as POLICY_EXTRAS
from minorguard.policy.json_writer import Extra, Json, Writer
from minorguard.simulate import suite_schema as suite
from minorguard.simulate.suite_json_shapes import SHAPES

TEST_FILE = "mgtest.schema.json"
"""The file beside this module that holds the schema, for editors that find it in an installed package."""

_STEP = {
    "at": "When it happens: a time of the test's day, or `+30m` after the step before; of several times, each once.",
    "day": "Goes on to a later day first: `next`, the next such weekday or kind of day, or a date.",
    "expect": "What the decision must say; with several times, a list has one for each of them.",
}
_ACTIVITY = "What the time is spent on; default: the policy's `default_activity`."
_SESSION = "Name of a session; default: the latest of the device."
_ID = "Id of what happens; with the same id again, it is the same one again."


_ASKED = (["feature"], ["purchase"], ["text", "surface"], ["item", "surface"])


def _step(**about: str) -> Extra:
    return Extra(about={**_STEP, **about})


EXTRAS: Mapping[type[Any], Extra] = MappingProxyType(
    {
        **POLICY_EXTRAS,
        suite.SuiteSchema: Extra(
            about={
                "policy": "The policy that is tested: its id, or its file.",
                "clock": "When tests start, unless they say so themselves: date and time in the policy's zone.",
                "subjects": "Subjects by name, for tests to share.",
                "terms": "What the texts of this file are looked through for; default: the list that MinorGuard ships.",
                "tests": "The tests.",
            },
        ),
        suite.CaseSchema: Extra(
            keywords={"oneOf": [{"required": ["subject"]}, {"required": ["ages"]}]},
            about={
                "name": "What the test shows; no two tests of a file have one name.",
                "subject": "Who lives through it: one of `subjects`, or a subject of its own.",
                "ages": "Ages in whole years; the test is run once for each of them.",
                "clock": "When it starts: date and time in the policy's zone.",
                "steps": "What happens, in order.",
            },
            examples={"name": ["night begins at ten"], "ages": [[12, 13, 15]]},
        ),
        suite.SubjectSchema: Extra(
            keywords={
                "not": {"anyOf": [{"required": list(pair)} for pair in combinations(("age", "born", "band"), 2)]},
            },
            about={
                "age": "Age in whole years, all through the test.",
                "born": "Date of birth, for tests of birthdays.",
                "band": "Age band; with neither age, nor date of birth, nor band, the age is unknown.",
                "mode": "Whether the minor mode is `on` (default) or `off`.",
                "guardian": "A guardian's settings.",
            },
            defaults={"mode": "on"},
        ),
        suite.ExpectSchema: Extra(
            keywords={"minProperties": 1},
            about={
                "effect": "What is decided: `allow`, `limited` or `deny`.",
                "observed": "Under `enforcement: observe`: what would have been decided.",
                "reason": "Code of the decisive reason, such as `quota.exhausted`.",
                "reasons": "Codes that are all among the reasons.",
                "rule": "Where the decisive reason's rule stands in its document, such as `/bands/12-16/time/curfew`.",
                "document": "Id of the policy or preset that holds the decisive reason's rule.",
                "layer": "Whose rule the decisive reason's is.",
                "source": "A part of the title or article of the decisive reason's legal source.",
                "remaining": "What is left.",
                "charged": "Time used so far on this day: in all, or by activity.",
                "until": "Until when it holds if use goes on; `never` is no end.",
                "retry_at": "When it will be allowed again; `never` is not at all.",
                "lease_until": "When the session's lease ends.",
                "obligations": "The codes of all that the app must do; `[]` is none.",
                "advice": "The codes of all that the app may do; `[]` is none.",
            },
        ),
        suite.RemainingSchema: Extra(
            about={
                "day": "Time left of the day's quota.",
                "week": "Time left of the week's quota.",
                "month": "Time left of the month's quota.",
                "sitting": "Time left of the sitting.",
                "time_left": "Time left until the first stop of any kind.",
                "uses": "Uses left of the feature.",
                "notifications": "Notifications left.",
                "spend_purchase": "Most that one purchase may still cost, in whole units of the currency.",
                "spend_day": "Money left of the day, in whole units of the currency.",
                "spend_month": "Money left of the month, in whole units of the currency.",
            },
        ),
        suite.OpenSchema: _step(
            open="Device on which a session is opened.",
            activity=_ACTIVITY,
            session="A name for the session, for later steps.",
        ),
        suite.BeatSchema: _step(
            beat="Device whose latest session beats, or the name of a session.",
            every="Rhythm of a row of beats.",
            until="When a row of beats ends.",
            drop="Beats of the row that are lost.",
            duplicate="Beats of the row that arrive twice.",
            late="Beats of the row that arrive after the next one.",
            activity="What the time is spent on from now on; default: as before.",
        ),
        suite.EndSchema: _step(end="Device whose latest session is ended, or the name of a session."),
        suite.AskStepSchema: _step(
            ask="What is asked; asking changes nothing.",
            activity=_ACTIVITY,
            device="Device that is asked about.",
            session=_SESSION,
        ),
        suite.AskSchema: Extra(
            keywords={"oneOf": [{"required": list(keys)} for keys in _ASKED]},
            about={
                "feature": "Feature that is asked about.",
                "amount": "How many uses at once; default 1.",
                "purchase": "What a purchase would cost.",
                "currency": "Its currency.",
                "text": "A text that would show; `terms` of this file say what is looked for in it.",
                "item": "An item that would show, by any name.",
                "surface": "Where the text or item would show.",
                "labels": "Labels of the item.",
                "ratings": "Ratings of the item, such as `12+` or `pegi:12`.",
                "pools": "Pools that the item is in.",
            },
        ),
        suite.TermSchema: Extra(
            about={
                "term": "What is looked for, in any disguise.",
                "category": "What it is, such as `gambling`.",
                "action": "What becomes of a text with it, whatever the policy says; default: what the policy says.",
            },
        ),
        suite.UseSchema: _step(
            use="Feature that is used.",
            times="How often it is used; default 1.",
            amount="How many uses at once; default 1.",
            id=_ID,
            session=_SESSION,
        ),
        suite.GrantSchema: _step(
            grant="How much extra time a guardian gives.",
            id=_ID,
            activity="Activity that it is for; default: any.",
            on="Date that it is for; default: the test's day.",
        ),
        suite.OfflineSchema: _step(offline="Use without a connection, reported afterwards."),
        suite.UsedSchema: Extra(
            about={
                "from": "When it began.",
                "to": "When it ended.",
                "device": "Device that was used.",
                "activity": _ACTIVITY,
            },
        ),
        suite.PurchaseSchema: _step(
            purchase="What was spent.", currency="Its currency.", activity="Activity that it was spent in.", id=_ID
        ),
        suite.NotifySchema: _step(notify="`true`: a notification is sent.", times="How many are sent.", id=_ID),
        suite.LookSchema: _step(),
    }
)
"""By marshmallow schema: descriptions, and rules between keys."""


def suite_schema() -> Json:
    """The JSON Schema of policy tests."""
    return Writer(SHAPES, EXTRAS).document(suite.SuiteSchema, "MinorGuard policy tests")
