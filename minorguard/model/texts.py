"""What reasons, obligations and advice say to people, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reason_text(code: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a code, filled with its data."""
    return {"zh": code, "en": code}
