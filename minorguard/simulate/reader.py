"""What a filter finds in the texts of policy tests: by the terms of the file, or else by the list that is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from minorguard.content import Lexicon, TextFilter
from minorguard.content.gate import OwnActions, found_in, own_actions
from minorguard.content.starter import starter_lexicon
from minorguard.model.questions import TextFound


class Reader:
    """Reads texts for questions about them. The list is built when the first text is read."""

    def __init__(self, terms: tuple[Mapping[str, Any], ...] = ()) -> None:
        self._terms = terms
        self._made: tuple[TextFilter, OwnActions] | None = None

    def read(self, text: str) -> tuple[TextFound, ...]:
        """What was found, each thing once. Raises `LexiconInvalid` for terms that nothing can be found by."""
        if self._made is None:
            self._made = _made(Lexicon.from_terms(self._terms)) if self._terms else _shipped()
        judge, own = self._made
        return found_in(judge.check(text).matches, own)


def _made(lexicon: Lexicon) -> tuple[TextFilter, OwnActions]:
    return TextFilter(lexicon), own_actions(lexicon)


@cache
def _shipped() -> tuple[TextFilter, OwnActions]:
    return _made(starter_lexicon())
