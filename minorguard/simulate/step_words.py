"""A step of a test in a few words, as it was written."""

from __future__ import annotations

from minorguard.simulate.decision_words import duration
from minorguard.simulate.scenario import Step


def step_words(step: Step) -> str:
    """What happens or is asked in a step."""
    data = step.data
    match step.kind:
        case "ask":
            about = data["ask"]
            return "ask " + " ".join(_asked(key, value) for key, value in about.items())
        case "grant":
            return f"grant {duration(data['grant'])}"
        case "beat":
            rhythm = f", one every {duration(data['every'])}" if "every" in data else ""
            return f"beat {data['beat']}{rhythm}"
        case "offline":
            return "offline " + ", ".join(used["device"] for used in data["offline"])
        case "look":
            return "expect"
        case "notify":
            return "notify"
        case kind:
            times = f", {data['times']} times" if "times" in data else ""
            return f"{kind} {data[kind]}{times}"


def _asked(key: str, value: object) -> str:
    if value is True:
        return key
    return f"{key} {', '.join(map(str, value)) if isinstance(value, list) else value}"
