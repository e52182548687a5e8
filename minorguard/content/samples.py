"""The sample library: texts that people have judged, kept and judged again on each change of a list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from minorguard.content.actions import STRICTNESS
from minorguard.content.textfilter import TextFilter
from minorguard.content.verdict import Verdict
from minorguard.errors import InvalidInput
from minorguard.model.sections import TextAction


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and what people decided of it."""

    text: str
    action: TextAction
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A sample that the filter now judges otherwise."""

    sample: Sample
    verdict: Verdict

    @property
    def laxer(self) -> bool:
        """Whether it is let through further than people decided."""
        return STRICTNESS[self.verdict.action] < STRICTNESS[self.sample.action]


def run_samples(filter: TextFilter, samples: Iterable[Sample]) -> tuple[Change, ...]:
    """The samples of which the filter says something else than people did; empty is as it should be."""
    kept = list(samples)
    verdicts = filter.check_many(sample.text for sample in kept)
    return tuple(
        Change(sample, verdict)
        for sample, verdict in zip(kept, verdicts, strict=True)
        if verdict.action is not sample.action
    )


def load_samples(path: str | Path) -> list[Sample]:
    """Read a library: JSON lines of `text`, `action` and perhaps `note`. Raises `InvalidInput` with the line."""
    samples = []
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(str(path), f"it can't be read as UTF-8: {error}") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            samples.append(_sample(line, f"{path}:{number}"))
    return samples


def _sample(line: str, where: str) -> Sample:
    try:
        row = json.loads(line)
        return _of(row)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(where, f"a sample is {{`text`, `action`, `note`}} of JSON in one line ({error})") from None


def _of(row: Mapping[str, Any]) -> Sample:
    if not isinstance(row["text"], str):
        raise TypeError("`text` is no text")
    return Sample(row["text"], TextAction(row["action"]), str(row.get("note", "")))


def save_samples(path: str | Path, samples: Iterable[Sample]) -> None:
    """Write a library, one sample a line, so that changes of it can be read."""
    lines = (json.dumps(asdict(sample), ensure_ascii=False) + "\n" for sample in samples)
    Path(path).write_text("".join(lines), "utf-8")
