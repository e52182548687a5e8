"""Many questions or beats at once: one load and one write of all their subjects, and each answered on its own.

What one of them does to another is what it would do one after the other. Where a subject changed under a batch, its
beats are told one by one, as single ones are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from minorguard.engine import Carried, Outcome
from minorguard.errors import MinorGuardError, NotFound, StoreUnavailable, VersionConflict
from minorguard.model.decisions import Decision
from minorguard.model.events import HeartbeatReceived
from minorguard.model.ids import Instant
from minorguard.model.questions import Question
from minorguard.model.state import SubjectState
from minorguard.recent import Known
from minorguard.shell import Shell
from minorguard.storage import ABSENT, Write
from minorguard.storage.codec import encode

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat of a batch, and whose it is."""

    subject: str
    event: HeartbeatReceived


def ask_many(shell: Shell, asked: Sequence[tuple[str, Question]]) -> list[Decision | Carried | MinorGuardError]:
    """What each question is answered, or fails with, at one instant. Raises `StoreUnavailable` for all of them."""
    found = _load_many(shell, (subject for subject, _ in asked))
    now = shell.real_now()
    answers: list[Decision | Carried | MinorGuardError] = []
    answer = shell.answer_soon
    for subject, question in asked:
        known = found[subject]
        try:
            if isinstance(known, Known):
                answers.append(answer(known, question, now))
            else:
                raise NotFound("subject", subject) if known is None else known
        except StoreUnavailable:
            raise
        except MinorGuardError as error:
            answers.append(error)
    return answers


def beat_many(shell: Shell, beats: Sequence[Beat]) -> list[Outcome | MinorGuardError]:
    """What follows from each beat, or what it fails with. After `StoreUnavailable` any of them may have counted."""
    runs: dict[str, _Run] = {}
    for place, beat in enumerate(beats):
        runs.setdefault(beat.subject, _Run(beat.subject)).places.append(place)
    with ExitStack() as held:
        for lock in sorted({shell.lock(subject) for subject in runs}, key=id):  # in one order, so none waits in a ring
            held.enter_context(lock)
        _try(shell, beats, list(runs.values()))
    answers: dict[int, Outcome | MinorGuardError] = {}
    for run in runs.values():
        answers |= _witnessed(shell, beats, run) if run.done else _one_by_one(shell, beats, run)
    return [answers[place] for place in range(len(beats))]


@dataclass(slots=True)
class _Run:
    """The beats of one subject, in order."""

    subject: str
    places: list[int] = field(default_factory=list)
    after: Known | None = None
    """What is to be remembered."""
    outcomes: list[tuple[SubjectState, Instant, Outcome]] = field(default_factory=list)
    done: bool = False


def _try(shell: Shell, beats: Sequence[Beat], runs: list[_Run]) -> None:
    """Tell the core of all beats, and write what follows at once; what can't be told so is left undone."""
    cold = [run.subject for run in runs if _recent(shell, run.subject) is None]
    _load_many(shell, cold)
    ready = [run for run in runs if _tell(shell, beats, run)]
    writes = [
        Write(shell.key(run.subject), encode(run.after.state), run.after.version)
        for run in ready
        if run.after is not None
    ]
    for run, write, saved in zip(ready, writes, shell.store.save_many(writes) if writes else (), strict=True):
        assert run.after is not None
        if isinstance(saved, VersionConflict):
            _or_error(shell.read, write.key, saved.current) if saved.known else shell.recent.forget(write.key)
        else:
            shell.recent.put(write.key, Known(saved, run.after.state, run.after.course))
            run.done = True


def _tell(shell: Shell, beats: Sequence[Beat], run: _Run) -> bool:
    """Whether every beat changes what is known of its subject, so that the compare-and-set proves that it is true."""
    known = _recent(shell, run.subject)
    for place in run.places:
        if known is None:
            return False
        try:
            now, outcome = shell.told(known, beats[place].event)
        except StoreUnavailable:
            raise
        except MinorGuardError:
            return False
        if outcome.state is known.state:
            return False
        run.outcomes.append((known.state, now, outcome))
        known = Known(known.version, outcome.state, outcome.course)
    run.after = known
    return True


def _witnessed(shell: Shell, beats: Sequence[Beat], run: _Run) -> dict[int, Outcome | MinorGuardError]:
    for place, (before, now, outcome) in zip(run.places, run.outcomes, strict=True):
        if shell.witness is not None:
            shell.witness(before, beats[place].event, now, outcome.decision)
    return {place: outcome for place, (_, _, outcome) in zip(run.places, run.outcomes, strict=True)}


def _one_by_one(shell: Shell, beats: Sequence[Beat], run: _Run) -> dict[int, Outcome | MinorGuardError]:
    def tell(beat: Beat) -> Outcome:
        return shell.change(beat.subject, beat.event, as_session=beat.event.session)

    return {place: _or_error(tell, beats[place]) for place in run.places}


def _load_many(shell: Shell, subjects: Iterable[str]) -> dict[str, Known | MinorGuardError | None]:
    """What the store says of each; what is known in the version that stands there is not read again."""
    named = {subject: shell.key(subject) for subject in subjects}
    if not named:
        return {}
    keys = list(named.values())
    known = shell.recent.get_many(keys)
    stored = shell.store.load_changed(keys, [ABSENT if one is None else one.version for one in known])
    return {
        subject: before if isinstance(one, int) else _or_error(shell.read, key, one)
        for (subject, key), one, before in zip(named.items(), stored, known, strict=True)
    }


def _recent(shell: Shell, subject: str) -> Known | None:
    return shell.recent.get(shell.key(subject))


def _or_error(call: Callable[..., Found], *arguments: object) -> Found | MinorGuardError:
    try:
        return call(*arguments)
    except StoreUnavailable:
        raise
    except MinorGuardError as error:
        return error
