"""Identifiers, and the two scalar units of the core: instants and seconds."""

from __future__ import annotations

import re

from minorguard.errors import InvalidInput

Instant = int
"""Whole seconds since 1970-01-01T00:00:00Z. Every interval is half-open: ``[start, end)``."""

Seconds = int
"""A duration in whole seconds, never negative."""

_SUBJECT = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
SESSION_SEPARATOR = "~"


def check_subject(subject: str) -> str:
    """A pseudonymous subject id. Raises `InvalidInput` with what is allowed."""
    if not _SUBJECT.fullmatch(subject):
        raise InvalidInput("subject", "must be 1 to 128 of `A-Z a-z 0-9 . _ : @ -`, a pseudonym rather than a name")
    return subject


def check_word(where: str, word: str) -> str:
    """A device, activity or feature name: 1 to 64 characters, letters and digits with `. _ : -` inside."""
    if not _WORD.fullmatch(word):
        raise InvalidInput(where, "must be 1 to 64 of `A-Z a-z 0-9 . _ : -`, beginning with a letter or digit")
    return word


def session_id(subject: str, nonce: str) -> str:
    """The id of a session carries its subject, so that one blob and one compare-and-set cover both."""
    if not _NONCE.fullmatch(nonce):
        raise InvalidInput("session_id", "its random part must be 8 to 64 of `A-Z a-z 0-9 _ -`")
    return f"{check_subject(subject)}{SESSION_SEPARATOR}{nonce}"


def split_session_id(session: str) -> tuple[str, str]:
    """The (subject, random part) of a session id. Raises `InvalidInput` if it is not one."""
    subject, separator, nonce = session.rpartition(SESSION_SEPARATOR)
    if not separator or not _NONCE.fullmatch(nonce) or not _SUBJECT.fullmatch(subject):
        raise InvalidInput("session_id", "is not a session id; use the one that opening a session returned")
    return subject, nonce
