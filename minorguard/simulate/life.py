"""Living through the actions of a test: the pure core, one subject, and a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass, field

from minorguard import engine
from minorguard.errors import InvalidInput
from minorguard.model.decisions import Decision
from minorguard.model.events import (
    Event,
    FeatureUsed,
    GrantGiven,
    HeartbeatReceived,
    NotificationSent,
    OfflineUseReported,
    PurchaseMade,
    SessionEnded,
    SessionOpened,
)
from minorguard.model.ids import Instant
from minorguard.model.questions import (
    FeatureQuestion,
    ItemQuestion,
    NotificationQuestion,
    Question,
    SpendQuestion,
    TextQuestion,
    TimeQuestion,
)
from minorguard.model.rules import CompiledPolicy
from minorguard.model.state import Grant, SubjectState
from minorguard.simulate.decision_words import duration
from minorguard.simulate.plan import Action, Fate
from minorguard.simulate.prices import price
from minorguard.simulate.reader import Reader
from minorguard.simulate.scenario import Step
from minorguard.simulate.suite_steps import OF_ITEMS


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision, the question that it answers, and the memory of which that was asked."""

    decision: Decision
    question: Question
    state: SubjectState


@dataclass(slots=True)
class _Session:
    """What an app remembers of a session."""

    id: str
    seq: int = 0
    held: int | None = None
    """The number of a beat that is late."""
    rows_over: set[int] = field(default_factory=set)
    """The steps whose rows of beats are over; all of them once it was ended."""
    ended: bool = False


@dataclass(slots=True)
class Life:
    """A subject's memory and its apps. What the core refuses is raised as the `MinorGuardError` that it is."""

    policy: CompiledPolicy
    state: SubjectState
    reader: Reader
    """Of the texts that are asked about."""
    sessions: dict[str, _Session] = field(default_factory=dict)
    """The latest by name, and by device."""
    rows: dict[int, _Session] = field(default_factory=dict)
    """The session of each row of beats, by step: a row stays with the session that it began with."""
    opened: int = 0
    facts: int = 0
    """How many uses, purchases, notifications and grants were given an id here."""

    def perform(self, action: Action) -> Answer | None:
        """Do what an action says; None for a beat that nobody hears or sends."""
        step, now = action.step, action.at
        match step.kind:
            case "open":
                return self._open(step, now)
            case "beat":
                return self._beat(action)
            case "end":
                return self._end(step, now)
            case "use":
                return self._use(step, now)
            case "purchase":
                return self._purchase(step, now)
            case "notify":
                return self._notify(step, now)
            case "grant":
                return self._grant(step, now)
            case "offline":
                return self._offline(step, now)
            case "ask":
                return self._ask(self._asked(step), now)
            case _:
                return self._ask(self._going_on(now), now)

    def _open(self, step: Step, now: Instant) -> Answer:
        device, name = step.data["open"], step.data.get("session")
        session = self.sessions.get(name) if name is not None else None
        if session is None:
            self.opened += 1
            session = _Session(f"{name or device}~{self.opened}")
        self.sessions |= {device: session, name or device: session}
        activity = step.data.get("activity")
        return self._tell(SessionOpened(session.id, device, activity), TimeQuestion(activity, device), now)

    def _beat(self, action: Action) -> Answer | None:
        step = action.step
        session = self.sessions[step.data["beat"]]
        if action.row:
            session = self.rows.setdefault(step.number, session)
            if session.ended or step.number in session.rows_over:
                return None
        session.seq += 1
        if action.fate is Fate.LOST:
            return None
        if action.fate is Fate.LATE:
            session.held = session.seq
            return None
        answer = self._heard(session, session.seq, step, action.at)
        if action.fate is Fate.DOUBLED:
            self._heard(session, session.seq, step, action.at)
        if session.held is not None:
            self._heard(session, session.held, step, action.at)
            session.held = None
        if not answer.decision.allowed:  # a good app stops when it is told to
            session.rows_over.add(step.number)
        return answer

    def _heard(self, session: _Session, seq: int, step: Step, now: Instant) -> Answer:
        activity = step.data.get("activity")
        return self._tell(HeartbeatReceived(session.id, seq, activity), TimeQuestion(activity, session=session.id), now)

    def _end(self, step: Step, now: Instant) -> Answer:
        session = self.sessions[step.data["end"]]
        session.ended = True
        decision = self._reduce(SessionEnded(session.id), now)
        assert decision is not None
        return Answer(decision, TimeQuestion(), self.state)

    def _use(self, step: Step, now: Instant) -> Answer:
        data = step.data
        session = self._id(data.get("session"))
        question = FeatureQuestion(data["use"], data.get("amount", 1), session)
        times: int = data.get("times", 1)
        for number in range(times):
            given = data.get("id")
            id = self._new() if given is None else given if times == 1 else f"{given}-{number}"
            answer = self._tell(FeatureUsed(id, question.feature, question.amount, session), question, now)
        return answer

    def _purchase(self, step: Step, now: Instant) -> Answer:
        question = SpendQuestion(*price(step.data, self.policy), step.data.get("activity"))
        id = step.data.get("id") or self._new()
        event = PurchaseMade(id, question.amount, question.currency, question.activity)
        return self._tell(event, question, now)

    def _notify(self, step: Step, now: Instant) -> Answer:
        for _ in range(step.data.get("times", 1)):
            id = step.data.get("id") or self._new()
            answer = self._tell(NotificationSent(id), NotificationQuestion(), now)
        return answer

    def _grant(self, step: Step, now: Instant) -> Answer:
        most, seconds = self.policy.guardian.per_grant_seconds, step.data["grant"]
        if seconds > most:
            limit = f"the policy lets a guardian give at most {duration(most)} at once"
            raise InvalidInput("grant", f"{limit}; give less, or raise `may_extend`")
        day = step.data.get("on", self.policy.days.day_of(now))
        activity = step.data.get("activity")
        grant = Grant(step.data.get("id") or self._new(), day, seconds, activity, now)
        self._reduce(GrantGiven(grant), now)
        return self._ask(TimeQuestion(activity), now)

    def _offline(self, step: Step, now: Instant) -> Answer:
        zone = self.policy.days.zone
        today = self.policy.days.local_date(now)
        for used in step.data["offline"]:
            start, end = (used[edge].on(zone, today) for edge in ("from", "to"))
            if not start < end <= now:
                raise InvalidInput("offline", "use must end after it starts, and before it is reported; change `from`")
            activity = used.get("activity")
            decision = self._reduce(OfflineUseReported(used["device"], ((start, end),), activity), now)
        assert decision is not None
        return Answer(decision, TimeQuestion(activity, used["device"]), self.state)

    def _asked(self, step: Step) -> Question:
        data, about = step.data, step.data["ask"]
        session = self._id(data.get("session"))
        if "feature" in about:
            return FeatureQuestion(about["feature"], about.get("amount", 1), session)
        if "purchase" in about:
            return SpendQuestion(*price(about, self.policy), data.get("activity"))
        if "notification" in about:
            return NotificationQuestion()
        if "text" in about:
            return TextQuestion(about["surface"], self.reader.read(about["text"]), session=session)
        if "item" in about:
            labels, ratings, pools = (tuple(about.get(key, ())) for key in OF_ITEMS)
            return ItemQuestion(about["surface"], labels, ratings, pools, item=about["item"], session=session)
        return TimeQuestion(data.get("activity"), data.get("device"), session)

    def _going_on(self, now: Instant) -> Question:
        """What is looked at when nothing is asked: the one session that runs, or else whether one may be opened.

        One runs until a slice after its lease has ended: by then a beat would have come.
        """
        last = now - self.policy.slice
        running = [record.id for record in self.state.sessions if not record.closed and record.end >= last]
        return TimeQuestion(session=running[0] if len(running) == 1 else None)

    def _new(self) -> str:
        """An id for a fact that is given none: every one is another."""
        self.facts += 1
        return f"fact~{self.facts}"

    def _id(self, name: str | None) -> str | None:
        return None if name is None else self.sessions[name].id

    def _ask(self, question: Question, now: Instant) -> Answer:
        return Answer(engine.decide(self.policy, self.state, question, now), question, self.state)

    def _tell(self, event: Event, question: Question, now: Instant) -> Answer:
        before = self.state
        decision = self._reduce(event, now)
        assert decision is not None
        return Answer(decision, question, before)

    def _reduce(self, event: Event, now: Instant) -> Decision | None:
        outcome = engine.reduce(self.policy, self.state, event, now)
        self.state = outcome.state
        return outcome.decision
