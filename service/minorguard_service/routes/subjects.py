"""Subjects, and what they used."""

from __future__ import annotations

from typing import Any

from minorguard.errors import NotFound
from minorguard.model.state import Profile
from minorguard_service.answer_schemas import (
    DecisionAnswer,
    ForecastOut,
    PinOut,
    RevocationOut,
    SubjectOut,
    TimelineOut,
    UsageOut,
)
from minorguard_service.calls import Answer, Call, forbidden
from minorguard_service.keys import Role
from minorguard_service.operations import APP, KEEPERS, NO_CONTENT, OK, PINNERS, READERS, Group
from minorguard_service.schemas import ForecastQuery, OfflineUse, PinPut, SubjectPut, TimelineQuery

calls = Group("subjects")
_ERASERS = frozenset({Role.APP, Role.GUARDIAN_AGENT, Role.OPERATOR})


@calls.call(
    "PUT",
    "/v1/subjects/{id}",
    roles=KEEPERS,
    body=SubjectPut,
    answers={OK: SubjectOut},
    problems=("conflict", "test-clock-refused", "not-found"),
    example={"birth_date": "2013-05-01", "policy": "short-video"},
)
def put_subject(call: Call, id: str) -> Answer:
    """Register a subject, or change it.

    Its usage stays. What is left out takes its default, so a mode that was off is on again and a pinned revision of the
    policy is let go; only a test clock stays.
    Setting `mode` to `off` needs the role `guardian-agent`. A `policy_revision` that is not the one that is stored, of
    the same policy, needs `policy-publisher` or `operator`. A subject that enters or leaves the mode loses its session
    tokens, so that what follows is opened anew. Without birth date and band the age is unknown, and the
    strictest rules hold.
    """
    body = call.body
    if body["mode"] == "off" and Role.GUARDIAN_AGENT not in call.caller.roles:
        raise forbidden(Role.GUARDIAN_AGENT)
    known, mode_on = _known(call, id), body["mode"] == "on"
    _check_pin(call, known, body["policy"], body.get("policy_revision"))

    def leave(was: Profile) -> None:
        if was.mode_on != mode_on:  # before it is written, so that a retry does what failed
            call.service.revocations.revoke(call.caller.namespace, id)

    profile = call.guard.put_subject(
        id,
        policy=body["policy"],
        birth_date=body.get("birth_date"),
        age_band=body.get("age_band"),
        mode_on=mode_on,
        test_clock=body.get("test_clock") or (None if known is None else known.test_clock),
        policy_revision=body.get("policy_revision"),
        before=leave,
    )
    return Answer(_subject(profile))


@calls.call(
    "PUT",
    "/v1/subjects/{id}/pin",
    roles=PINNERS,
    body=PinPut,
    answers={OK: PinOut},
    problems=("policy-missing",),
    example={"policy_revision": 3},
)
def put_pin(call: Call, id: str) -> Answer:
    """Hold a subject to a revision of its policy, or let it go.

    To any that was ever published, also one that was rolled back: for a support case or a study. The answer has nothing
    else of the subject.
    """
    profile = call.guard.pin_subject(id, call.body["policy_revision"])
    return Answer({"subject_id": id, "policy": profile.policy, "policy_revision": profile.revision})


@calls.call("GET", "/v1/subjects/{id}", roles=READERS, answers={OK: SubjectOut})
def get_subject(call: Call, id: str) -> Answer:
    """Who a subject is."""
    return Answer(_subject(call.guard.get_subject(id)))


@calls.call("DELETE", "/v1/subjects/{id}", roles=_ERASERS, answers={NO_CONTENT: None})
def delete_subject(call: Call, id: str) -> Answer:
    """Erase all that is remembered of a subject, and what reviews hold of it.

    Its session tokens are refused from then on. Erasing one that is not there is no error.
    """
    call.guard.delete_subject(id)
    call.service.revocations.revoke(call.caller.namespace, id)  # after, so that no session is opened in between
    call.service.content.desk(call).erase_subject(id, call.service.now())
    return Answer(None, NO_CONTENT)


@calls.call("POST", "/v1/subjects/{id}/revocations", roles=_ERASERS, answers={OK: RevocationOut})
def revoke_tokens(call: Call, id: str) -> Answer:
    """Refuse all session tokens that a subject has.

    Every worker refuses them within a second, with `token-revoked`; sessions that are opened afterwards have good ones.
    No beat extends a lease any more, and an edge that verifies offline lets a token go when its lease ends.
    """
    call.guard.get_subject(id)
    return Answer({"subject_id": id, "epoch": call.service.revocations.revoke(call.caller.namespace, id)})


@calls.call("GET", "/v1/subjects/{id}/usage", roles=READERS, answers={OK: UsageOut}, problems=("policy-missing",))
def get_usage(call: Call, id: str) -> Answer:
    """What a subject used today, by activity and by quota."""
    return Answer(call.guard.usage(id))


@calls.call(
    "GET",
    "/v1/subjects/{id}/timeline",
    roles=READERS,
    query=TimelineQuery,
    answers={OK: TimelineOut},
    problems=("policy-missing",),
)
def get_timeline(call: Call, id: str) -> Answer:
    """A policy day as intervals of use."""
    return Answer(call.guard.timeline(id, call.query.get("date")))


@calls.call(
    "GET",
    "/v1/subjects/{id}/forecast",
    roles=READERS,
    query=ForecastQuery,
    answers={OK: ForecastOut},
    problems=("policy-missing",),
)
def get_forecast(call: Call, id: str) -> Answer:
    """When use is allowed in the next days, and why not between."""
    query = call.query
    forecast = call.guard.forecast(id, days=query["days"], activity=query.get("activity"), device=query.get("device"))
    return Answer(forecast.to_dict())


@calls.call(
    "POST",
    "/v1/subjects/{id}/offline-use",
    roles=APP,
    body=OfflineUse,
    answers={OK: DecisionAnswer},
    problems=("policy-missing",),
    example={
        "device": "tablet",
        "intervals": [{"started_at": "2026-11-24T10:00:00+08:00", "ended_at": "2026-11-24T10:20:00+08:00"}],
    },
)
def report_offline_use(call: Call, id: str) -> Answer:
    """Add use that happened without a connection.

    Each interval is cut to the time since the device's last contact, at most 48 hours back, and to now. Use is a set of
    time, so reporting twice counts once. The decision says whether a sitting may be opened.
    """
    body = call.body
    intervals = [(one["started_at"], one["ended_at"]) for one in body["intervals"]]
    decision = call.guard.report_offline(id, device=body["device"], activity=body.get("activity"), intervals=intervals)
    return Answer({"decision": call.decided(decision)})


def _known(call: Call, id: str) -> Profile | None:
    try:
        return call.guard.get_subject(id)
    except NotFound:
        return None


def _check_pin(call: Call, known: Profile | None, policy: str, revision: int | None) -> None:
    """Raises `Problem` for a pin that is not the one on record, from a key that may set none."""
    same = known is not None and (known.policy, known.revision) == (policy, revision)
    if revision is not None and not same and not call.caller.roles & PINNERS:
        raise forbidden(*sorted(PINNERS))


def _subject(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.subject,
        "policy": profile.policy,
        "birth_date": None if profile.born is None else profile.born.isoformat(),
        "age_band": None if profile.band is None else str(profile.band),
        "mode": "on" if profile.mode_on else "off",
        "test_clock": profile.test_clock,
        "policy_revision": profile.revision,
    }
