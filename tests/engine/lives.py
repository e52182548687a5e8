"""A life with money and notifications in it, and policies of one band that rule them."""

from __future__ import annotations

from minorguard.model.decisions import Decision
from minorguard.model.events import NotificationSent, PurchaseMade
from minorguard.model.questions import NotificationQuestion, SpendQuestion
from minorguard.model.rules import CompiledPolicy
from minorguard.policy import compile_policy
from tests.build import SHANGHAI, Life


def ruled(section: str, rules: str, *, top: str = "", zone: str = SHANGHAI) -> CompiledPolicy:
    """A policy of one band, 0-18, with one section beside features that are all allowed."""
    return compile_policy(
        f"policy: test\ntimezone: {zone}\n{top}\n"
        f'bands:\n  "0-18":\n    features: {{default: allow}}\n    {section}: {rules}\n'
    )


class Spender(Life):
    """A subject that spends money and is sent notifications."""

    def buy(
        self, when: str, amount: int, activity: str | None = None, id: str | None = None, currency: str = "CNY"
    ) -> Decision:
        """One purchase, in minor units."""
        id = id or f"buy-{len(self.state.purchases)}-{when}"
        return self._do(PurchaseMade(id, amount, currency, activity), when)

    def may_buy(self, when: str, amount: int, activity: str | None = None, currency: str = "CNY") -> Decision:
        """May this purchase be made?"""
        return self.ask(when, SpendQuestion(amount, currency, activity))

    def notify(self, when: str, id: str | None = None) -> Decision:
        """One notification."""
        return self._do(NotificationSent(id or f"push-{len(self.state.notifications)}-{when}"), when)

    def may_notify(self, when: str) -> Decision:
        """May a notification be sent?"""
        return self.ask(when, NotificationQuestion())
