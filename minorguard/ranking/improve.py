"""Making a list better, step by step: items change places, one that was left out comes in, or one comes sooner."""

from __future__ import annotations

from bisect import insort

from minorguard.ranking.task import Task, Work, bits, discounts

_SLACK = 1e-12
"""What floating-point sums may differ by."""
_EXCHANGE = 30
"""What it costs to look at one exchange, in places."""


def improve(task: Task, order: list[int], work: Work, *, most: int) -> list[int]:
    """A list that is worth as much or more, and keeps all that the given one keeps; pinned items stay where they are.

    About `most` places are looked at, and no more than there is work left for.
    """
    left = before = min(most, work.left)
    while left > 0:
        better = _Improver(task, order, left - len(task.kinds))
        done = not (better.exchange() or better.rotate())
        order, left = better.order, better.work
        if done:
            break
    work.spend(before - left)
    return order


class _Improver:
    def __init__(self, task: Task, order: list[int], work: int) -> None:
        self.task = task
        self.order = list(order)
        self.work = work
        self.weights = discounts(task.shown + len(order) + 1)[task.shown :]
        self.unused = sorted(set(range(len(task.kinds))) - set(order) - set(task.pins))
        self.places = [list(places) for places in task.recent]
        """By group: where it stands, in order."""
        for place, item in enumerate(order, 1):
            for group in task.groups[item]:
                self.places[group].append(place)
        self.spare = [self._spare(demand) for demand in range(len(task.needs))]
        """By demand and place: how many more than needed there are."""

    def _spare(self, demand: int) -> list[int]:
        have, spare = 0, [0]
        for place, item in enumerate(self.order, 1):
            have += self.task.serves[self.task.kinds[item]] >> demand & 1
            spare.append(have - self.task.needs[demand][place])
        return spare

    def exchange(self) -> bool:
        """Whether any exchange was found, going once through the list."""
        better = False
        for place in range(1, len(self.order) + 1):
            if self.order[place - 1] not in self.task.pins:
                better |= self._replaced(place) or self._exchanged(place)
        return better

    def _replaced(self, place: int) -> bool:
        """Whether a better item that was left out could take this place."""
        old = self.order[place - 1]
        tried: set[tuple[int, tuple[int, ...]]] = set()
        for position, new in enumerate(self.unused):
            self.work -= 1
            if new > old or self.work <= 0:
                return False
            sort = (self.task.kinds[new], self.task.groups[new])
            if sort in tried:
                continue
            tried.add(sort)
            self.work -= _EXCHANGE
            if self._allowed(place, old, new, None):
                self._set(place, old, new, len(self.order) + 1)
                del self.unused[position]
                insort(self.unused, old)
                return True
        return False

    def _exchanged(self, place: int) -> bool:
        """Whether a better item from further down could change places with this one."""
        done, scores = False, self.task.scores
        for later in range(place + 1, len(self.order) + 1):
            old, new = self.order[place - 1], self.order[later - 1]
            self.work -= 1
            if new in self.task.pins or scores[new] <= scores[old]:
                continue
            self.work -= _EXCHANGE
            if self.work > 0 and self._allowed(place, old, new, later):
                self._set(place, old, new, later)
                self._move(new, old, later)
                self.order[later - 1] = old
                done = True
        return done

    def _allowed(self, place: int, old: int, new: int, later: int | None) -> bool:
        """Whether `new` may stand at `place`, and `old` at `later` (None: nowhere)."""
        task = self.task
        lost = task.serves[task.kinds[old]] & ~task.serves[task.kinds[new]]
        if any(min(self.spare[demand][place:later]) < 1 for demand in bits(lost)):
            return False
        mine, its = task.groups[old], task.groups[new]
        return all(self._room(group, later, place) for group in its if group not in mine) and (
            later is None or all(self._room(group, place, later) for group in mine if group not in its)
        )

    def _room(self, group: int, without: int | None, place: int) -> bool:
        """Whether a group may stand at `place` when it no longer stands at `without`."""
        most, within = self.task.most[group], self.task.within[group]
        near = [p for p in self.places[group] if place - within < p < place + within and p != without]
        if len(near) < most:
            return True
        insort(near, place)
        return most > 0 and all(last - first >= within for first, last in zip(near, near[most:], strict=False))

    def _set(self, place: int, old: int, new: int, later: int) -> None:
        """`new` stands at `place` instead of `old`, up to `later`."""
        task = self.task
        self._move(old, new, place)
        self.order[place - 1] = new
        was, comes = task.serves[task.kinds[old]], task.serves[task.kinds[new]]
        for demand in bits(was ^ comes):
            change = 1 if comes >> demand & 1 else -1
            spare = self.spare[demand]
            for at in range(place, min(later, len(spare))):
                spare[at] += change

    def _move(self, old: int, new: int, place: int) -> None:
        for group in self.task.groups[old]:
            self.places[group].remove(place)
        for group in self.task.groups[new]:
            insort(self.places[group], place)

    def rotate(self) -> bool:
        """Whether an item could come sooner, all between one place later."""
        if self.task.pins:
            return False
        for later in range(3, len(self.order) + 1):
            for place in range(1, later - 1):
                if self.work <= 0:
                    return False
                if self._gain(place, later) > _SLACK and self._rotated(place, later):
                    return True
        return False

    def _gain(self, place: int, later: int) -> float:
        self.work -= later - place
        scores, weights, order = self.task.scores, self.weights, self.order
        gain = scores[order[later - 1]] * (weights[place - 1] - weights[later - 1])
        for at in range(place, later):
            gain += scores[order[at - 1]] * (weights[at] - weights[at - 1])
        return gain

    def _rotated(self, place: int, later: int) -> bool:
        self.work -= len(self.order) * (1 + len(self.task.needs))
        order = list(self.order)
        order.insert(place - 1, order.pop(later - 1))
        if keeps(self.task, order):
            self.order = order
            return True
        return False


def keeps(task: Task, order: list[int]) -> bool:
    """Whether a list keeps every demand and every window."""
    have, places = [0] * len(task.needs), [list(known) for known in task.recent]
    for place, item in enumerate(order, 1):
        for demand in bits(task.serves[task.kinds[item]]):
            have[demand] += 1
        if any(need[place] > number for need, number in zip(task.needs, have, strict=True)):
            return False
        for group in task.groups[item]:
            most, known = task.most[group], places[group]
            if most == 0 or (len(known) >= most and known[-most] + task.within[group] > place):
                return False
            known.append(place)
    return True
