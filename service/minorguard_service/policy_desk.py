"""The work on a tenant's policies: drafts, publishing by a second person, rollback, rollouts, shadows.

Each change of what holds is one entry of the history and one save of the head. Refusals are `Problem`s.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import wraps
from itertools import islice
from typing import Concatenate, NoReturn, ParamSpec, cast

from minorguard.errors import StoreError
from minorguard.model.ids import Instant, check_word
from minorguard_service.policy_records import Change, Draft, Kind, Retry, Revision, Rollout, Shadow, Slot, Who
from minorguard_service.policy_review import Review, review
from minorguard_service.policy_store import PolicyStore
from minorguard_service.policy_views import View
from minorguard_service.problems import Problem, not_found

_LOOKED_BACK = 32
"""In how many changes a retry is looked for."""

_Changed = tuple[Change, Slot]
_P = ParamSpec("_P")


def _once(make: Callable[Concatenate[Desk, str, _P], _Changed]) -> Callable[Concatenate[Desk, str, _P], _Changed]:
    """Answer a retry with the change that it is of, also if that was made while the retry was tried."""

    @wraps(make)
    def once(desk: Desk, id: str, /, *about: _P.args, **more: _P.kwargs) -> _Changed:
        retry = cast("Retry | None", more.get("retry"))
        done = desk._done(id, retry)
        if done is not None:
            return done
        try:
            return make(desk, id, *about, **more)
        except Problem:
            done = desk._done(id, retry)
            if done is None:
                raise
            return done

    return once


@dataclass(frozen=True, slots=True)
class Desk:
    """One namespace's policies, as one person works on them. Every method may raise `StoreError` and `Problem`."""

    store: PolicyStore
    view: Callable[[], View]
    """The policies as they are now."""
    now: Callable[[], Instant]
    who: Who

    # Drafts

    def put_draft(self, id: str, text: str, *, tests: str | None, base: int, replaces: int | None) -> Draft:
        """Begin a draft, or change it. The same again is no change."""
        check_word("id", id)
        self._check_base(id, self.view(), base)

        def put(before: Draft | None, edit: int) -> Draft:
            if before is not None:
                if self._same(before, text, tests, base):
                    return before
                if replaces != before.edit:
                    last = before.editors[-1].name
                    _conflict(
                        f"there is a draft, edit {before.edit}, last changed by `{last}`; read it, and send "
                        f"`replaces`: {before.edit} to replace it"
                    )
            elif replaces is not None:
                _conflict("there is no draft that could be replaced; leave `replaces` out to begin one")
            known = () if before is None else tuple(one for one in before.editors if one.key != self.who.key)
            return Draft(text, tests, base, edit, (*known, self.who), self.now())

        draft = self.store.change_draft(id, put)
        assert draft is not None
        return draft

    def draft(self, id: str) -> Draft:
        """The draft that is worked on. `not-found` if there is none."""
        found = self.store.draft(check_word("id", id))
        if found is None:
            raise not_found()
        return found

    def delete_draft(self, id: str) -> None:
        """Throw the draft away; none is no error."""
        check_word("id", id)
        self.store.change_draft(id, lambda _before, _edit: None)

    def review(self, id: str) -> tuple[Draft, Review]:
        """What is known of the draft: findings, tests, digest."""
        draft = self.draft(id)
        return draft, self._review(id, draft, self.view())

    # What holds

    @_once
    def publish(
        self, id: str, *, digest: str, why: str, percent: int | None = None, retry: Retry | None = None
    ) -> tuple[Change, Slot]:
        """Publish the draft: for all at once, or for `percent` of the subjects.

        By somebody who never edited it, as it was reviewed, on top of what it was begun from, without errors, and with
        all tests passing.
        """
        draft, view = self.draft(id), self.view()
        self._check_second(draft)
        self._check_base(id, view, draft.base)
        found = self._review(id, draft, view)
        if not found.ok or found.policy is None:
            raise refused(found)
        if found.policy.digest != digest:
            _conflict(f"the draft means `{found.policy.digest}` by now; validate it, and review it again")
        if percent is not None and draft.base == 0:
            _conflict("nobody has this policy yet, so it can't be rolled out to a part; leave `rollout_percent` out")
        seen = view.head.slots.get(id)
        last = (seen or Slot()).last
        number = self.store.add(id, self._revision(last + 1, draft, found, digest, why))
        part = None if percent == 100 else percent

        def published(slot: Slot) -> Slot:
            slot = replace(slot, last=number, void=(*slot.void, *range(last + 1, number)))
            if part is not None:
                return replace(slot, rollout=Rollout(number, part))
            return replace(slot, active=number, previous=slot.active if draft.base else None, rollout=None)

        published_now = self._change(id, seen, published, Kind.PUBLISH, why, number, part, retry)
        with suppress(StoreError):  # it is published; a draft that stays is a conflict with that
            self.store.change_draft(id, lambda before, _edit: None if before == draft else before)
        return published_now

    @_once
    def rollback(self, id: str, to: int, *, why: str, retry: Retry | None = None) -> tuple[Change, Slot]:
        """Make an earlier revision the active one, and end a rollout. Nobody else is needed."""
        view = self.view()
        seen = view.head.slots.get(id)
        if seen is None or (to != seen.active and view.revision(id, to) is None):
            _conflict(f"there is no revision {to} that compiles here; see the list of revisions")

        def back(slot: Slot) -> Slot:
            return replace(slot, active=to, previous=slot.active, rollout=None)

        if to == seen.active and seen.rollout is None and seen.latest is not None:
            return seen.latest, seen
        return self._change(id, seen, back, Kind.ROLLBACK, why, to, None, retry)

    @_once
    def set_rollout(self, id: str, percent: int, *, why: str, retry: Retry | None = None) -> tuple[Change, Slot]:
        """Change the share of a rollout; 0 ends it, 100 makes its revision the active one."""
        seen = self.view().head.slots.get(id)
        if seen is None or seen.rollout is None:
            _conflict("nothing is being rolled out; publish with `rollout_percent`")
        revision = seen.rollout.revision

        def moved(slot: Slot) -> Slot:
            if percent == 100:
                return replace(slot, active=revision, previous=slot.active, rollout=None)
            return replace(slot, rollout=Rollout(revision, percent) if percent else None)

        return self._change(id, seen, moved, Kind.ROLLOUT, why, revision, percent, retry)

    @_once
    def set_shadow(
        self, id: str, *, why: str, revision: int | None = None, draft: bool = False, retry: Retry | None = None
    ) -> tuple[Change, Slot]:
        """Decide a revision, or the draft as it is now, beside the active revision; with neither, stop that."""
        view = self.view()
        if view.get(id) is None:
            raise not_found()
        shadow = self._shadow(id, view, revision, draft=draft)
        seen = view.head.slots.get(id)
        return self._change(
            id, seen, lambda slot: replace(slot, shadow=shadow), Kind.SHADOW, why, revision, None, retry
        )

    def _shadow(self, id: str, view: View, revision: int | None, *, draft: bool) -> Shadow | None:
        if draft:
            known, found = self.review(id)
            if found.policy is None:
                raise refused(found)
            self.store.keep(id, self._revision(known.edit, known, found, found.policy.digest, "a shadow"))
            return Shadow(edit=known.edit)
        if revision is not None and view.revision(id, revision) is None:
            _conflict(f"there is no revision {revision} that compiles here; see the list of revisions")
        return None if revision is None else Shadow(revision=revision)

    # Parts

    def _review(self, id: str, draft: Draft, view: View) -> Review:
        return review(id, draft, view, self.now())

    def _revision(self, number: int, draft: Draft, found: Review, digest: str, why: str) -> Revision:
        return Revision(
            number, draft.text, draft.tests, found.documents, digest, draft.editors, self.who, why, self.now()
        )

    def _change(
        self,
        id: str,
        seen: Slot | None,
        to: Callable[[Slot], Slot],
        kind: Kind,
        why: str,
        revision: int | None,
        percent: int | None,
        retry: Retry | None,
    ) -> tuple[Change, Slot]:
        """One save: what `to` makes of the slot, with its entry. Raises `conflict` if it is not as it was seen."""

        def changed(slot: Slot | None) -> Slot:
            if slot != seen:
                _conflict("somebody changed this policy at the same moment; read it, and decide anew")
            after = to(slot or Slot())
            number = after.changes + 1
            entry = Change(number, kind, self.who, why, self.now(), after.active, revision, percent, retry)
            return replace(after, latest=entry)

        slot = self.store.change(id, changed)
        assert slot.latest is not None
        return slot.latest, slot

    def _done(self, id: str, retry: Retry | None) -> tuple[Change, Slot] | None:
        """The change that a retry is of, if it was made."""
        slot = self.view().head.slots.get(check_word("id", id))
        if retry is None or slot is None:
            return None
        for change in islice(self.store.history(id, slot), _LOOKED_BACK):
            if change.retry is not None and change.retry.id == retry.id:
                if change.retry.body != retry.body:
                    detail = "this `Idempotency-Key` was used for another call; use a new one"
                    raise Problem("idempotency-key-reused", detail)
                return change, slot
        return None

    def _check_second(self, draft: Draft) -> None:
        if any(editor.key == self.who.key for editor in draft.editors):
            detail = "this key edited the draft; it takes a second person, with a key of their own, to publish it"
            raise Problem("second-person-required", detail)

    @staticmethod
    def _check_base(id: str, view: View, base: int) -> None:
        problem = conflict_of(view, id, base)
        if problem is not None:
            _conflict(problem)

    @staticmethod
    def _same(before: Draft, text: str, tests: str | None, base: int) -> bool:
        return (before.text, before.tests, before.base) == (text, tests, base)


def base_of(view: View, id: str) -> int:
    """The revision that a draft has to start from; 0: there is none."""
    slot = view.head.slots.get(id)
    if slot is not None:
        return slot.newest
    return Slot().newest if id in view.library.base else 0


def conflict_of(view: View, id: str, base: int) -> str | None:
    """What is in the way of a draft of some revision, and the way out; None: nothing."""
    newest = base_of(view, id)
    if base == newest:
        return None
    return (
        f"revision {newest} is the newest that holds, and the draft is of {base}; take over what changed, and put the "
        f"draft with `base_revision`: {newest}"
    )


def refused(found: Review) -> Problem:
    """Why a draft can't be published."""
    errors = [{"check": check, "problem": problem} for check, problem in found.problems()]
    return Problem("draft-refused", f"the draft has {len(errors)} problem(s): {errors[0]['problem']}", errors=errors)


def _conflict(detail: str) -> NoReturn:
    raise Problem("conflict", detail)
