"""Sessions: open, beat, end. Every allowed answer carries a token that ends with the lease."""

from __future__ import annotations

from typing import Any

from minorguard.model.decisions import Decision, Lease, iso
from minorguard.model.state import Profile
from minorguard_service.answer_schemas import EndAnswer, SessionAnswer
from minorguard_service.calls import Answer, Call, invalid
from minorguard_service.operations import APP, CREATED, OK, Group
from minorguard_service.problems import Problem, not_found, to_json
from minorguard_service.quick import quick
from minorguard_service.schemas import Heartbeat, SessionOpening
from minorguard_service.tokens import LATE_SECONDS, Claims, new_token_id
from minorguard_service.wire import wire

calls = Group("sessions")


@calls.call(
    "POST",
    "/v1/sessions",
    roles=APP,
    body=SessionOpening,
    answers={OK: SessionAnswer, CREATED: SessionAnswer},
    problems=("not-found", "conflict", "policy-missing", "idempotency-key-reused"),
    retries="the same session again",
    example={"subject_id": "kid-1", "device": "tablet", "activity": "video"},
)
def open_session(call: Call) -> Answer:
    """Open a session.

    201 with a session and its token when it is allowed; 200 with the decision and no token when it is denied.
    """
    body, epoch = call.body, call.service.revocations.newest()  # before: what is revoked meanwhile has no good token
    opened = call.guard.open_session(
        body["subject_id"], device=body["device"], activity=body.get("activity"), nonce=call.same_again()
    )
    status = CREATED if opened.decision.allowed else OK
    call.note(opened.decision)
    return Answer(_body(call, opened.decision, opened.profile, opened.session_id, body["device"], epoch), status)


@calls.call(
    "POST",
    "/v1/heartbeats",
    roles=APP,
    body=Heartbeat,
    quick=quick(Heartbeat()),
    by_token=True,
    late_seconds=LATE_SECONDS,
    answers={OK: SessionAnswer},
    problems=(
        "not-found",
        "seq-ahead",
        "policy-missing",
        "test-clock-refused",
    ),
    example={"token": "eyJhbGciOiJFZERTQSJ9…", "seq": 1},
)
def beat(call: Call) -> Answer:
    """Say that a session is still in use.

    Idempotent by session and `seq`. A fresh token comes only with the newest beat, so an old token that is played again
    yields nothing. A token is taken up to 24 hours after its end: a late beat opens a new interval if the rules allow.
    When the token is the only credential, `seq` may be at most that of the token plus 1, and `activity` stays: a device
    could else call its time an exempt one.
    """
    claims, seq = call.session(), call.body["seq"]
    if call.caller.session is not None and call.body.get("activity") is not None:
        raise invalid([{"pointer": "/activity", "problem": "may be changed with an API key only; leave it out"}])
    if call.caller.session is not None and seq > claims.seq + 1:
        raise Problem("seq-ahead", f"with this token `seq` may be at most {claims.seq + 1}; repeat the last beat")
    decision, answer = call.guard.beat(
        claims.session,
        seq=seq,
        activity=call.body.get("activity"),
        prepare=lambda decision, profile: to_json(beaten(call, claims, decision, profile)),
    )
    call.note(decision)
    return Answer(answer)


def beaten(call: Call, claims: Claims, decision: Decision, profile: Profile) -> dict[str, Any]:
    """What a heartbeat is answered; the decision is not counted yet."""
    newest = decision.lease is not None and decision.lease.seq == call.body["seq"]
    return _body(call, decision, profile, claims.session, claims.device, claims.epoch, fresh=newest)


@calls.call(
    "POST",
    "/v1/sessions/{id}/end",
    roles=APP,
    by_token=True,
    late_seconds=LATE_SECONDS,
    answers={OK: EndAnswer},
    problems=("policy-missing", "test-clock-refused"),
)
def end_session(call: Call, id: str) -> Answer:
    """Stop cleanly: what is left of the lease is given back.

    The decision says whether a sitting may be opened again. The credential is an API key, or a token of this session.
    """
    if call.caller.session is not None and call.caller.session.session != id:
        raise not_found()
    return Answer({"session_id": id, "decision": call.decided(call.guard.end_session(id))})


def _body(
    call: Call,
    decision: Decision,
    profile: Profile,
    session: str,
    device: str,
    epoch: int,
    *,
    fresh: bool = True,
) -> dict[str, Any]:
    lease = decision.lease
    token = _token(call, decision, profile, lease, device, epoch) if lease is not None and fresh else None
    until = None if lease is None else iso(lease.until, decision.zone)
    return {
        "session_id": session if decision.allowed else None,
        "token": token,
        "token_expires_at": None if token is None else until,
        "lease_until": until,
        "beat_after_seconds": None if lease is None else lease.beat_after,
        "seq": None if lease is None else lease.seq,
        "decision": wire(decision),
    }


def _token(call: Call, decision: Decision, profile: Profile, lease: Lease, device: str, epoch: int) -> str:
    now = call.guard.standing(profile, decision.decided)
    claims = Claims(
        subject=profile.subject,
        session=lease.session,
        seq=lease.seq,
        device=device,
        tenant=call.caller.tenant,
        live=call.caller.live,
        mode="on" if profile.mode_on else "off",
        bands=now.bands,
        features=now.features,
        policy=decision.policy.digest,
        issued_at=decision.decided,
        expires_at=lease.until,
        id=new_token_id(),
        test_clock=profile.test_clock,
        epoch=epoch,
    )
    return call.service.tokens.issue(claims)
