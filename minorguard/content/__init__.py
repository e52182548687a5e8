"""Content: the text filter and its lists, the item gate, classifiers, and review of what machines cannot decide."""

from minorguard.content.actions import strictest, text_actions
from minorguard.content.lexicon import Lexicon
from minorguard.content.taxonomy import TAXONOMY
from minorguard.content.textfilter import TextFilter
from minorguard.content.verdict import Match, Verdict

__all__ = ["TAXONOMY", "Lexicon", "Match", "TextFilter", "Verdict", "strictest", "text_actions"]
