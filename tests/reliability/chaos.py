"""Short and long forms of the same promise. `make chaos` sets `MINORGUARD_CHAOS`, and then each is run in full."""

from __future__ import annotations

import json
import os
import random
import sys

LONG = bool(os.environ.get("MINORGUARD_CHAOS"))
SEED = int(os.environ.get("MINORGUARD_SEED", "20261126"))
"""Of everything that is drawn by chance; a run is repeated by setting the variable."""


def often(short: int, long: int) -> int:
    """How often, in this form."""
    return long if LONG else short


def dice(name: str) -> random.Random:
    """Chance of one's own, by the seed and a name."""
    return random.Random(f"{SEED}/{name}")


def report(promise: str, **figures: object) -> None:
    """What was found, as one line on stderr for the record."""
    sys.stderr.write(json.dumps({"promise": promise, "seed": SEED, "long": LONG, **figures}) + "\n")


def quantile(values: list[float], share: float) -> float:
    """The value below which a share of them lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
