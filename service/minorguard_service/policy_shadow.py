"""Shadows: another policy is decided beside the one that holds, counted, and has no effect whatever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from minorguard import engine
from minorguard.model.decisions import Decision, Effect
from minorguard.model.events import Event, HeartbeatReceived, SessionOpened
from minorguard.model.ids import Instant
from minorguard.model.questions import Question
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import SubjectState
from minorguard.shell import personal
from minorguard_service import metrics
from minorguard_service.policy_views import View

_FACTS = (SessionOpened, HeartbeatReceived)
_ORDER = tuple(Effect)
"""Strictest first."""


@dataclass(frozen=True, slots=True)
class ShadowWitness:
    """Decides the shadow of a view beside openings, beats and questions, from the very same state and instant."""

    view: View
    report: Callable[[str, str, Exception], None]
    """Told of a shadow that failed: namespace, policy, error."""

    def __call__(self, state: SubjectState, what: Event | Question, now: Instant, decision: Decision | None) -> None:
        """Count how the shadow's answer differs. Never raises."""
        id = state.profile.policy
        slot = self.view.head.slots.get(id)
        if slot is None or slot.shadow is None or decision is None:
            return
        try:
            shadow = self.view.shadow(id)
            beside = None if shadow is None else _decide(personal(shadow, state.profile), state, what, now)
        except Exception as error:  # a shadow must never touch the answer, whatever it does
            metrics.count_shadow(id, "error", type(error).__name__)
            self.report(self.view.namespace, id, error)
            return
        if beside is not None:
            metrics.count_shadow(id, *_compared(decision, beside))


def _decide(policy: CompiledPolicy, state: SubjectState, what: Event | Question, now: Instant) -> Decision | None:
    if isinstance(what, _FACTS):
        return engine.reduce(policy, state, what, now).decision
    return engine.decide(policy, state, what, now) if isinstance(what, Question) else None


def _compared(holds: Decision, beside: Decision) -> tuple[str, str]:
    """Whether the shadow is `same`, `stricter` or `laxer`, and the reason of the stricter of the two."""
    ours, theirs = (_ORDER.index(one.observed_effect or one.effect) for one in (holds, beside))
    if theirs < ours:
        return "stricter", beside.reason.code
    return ("laxer" if theirs > ours else "same"), holds.reason.code
