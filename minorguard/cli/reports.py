"""Findings for programs: annotations of GitHub Actions, and SARIF 2.1.0."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import minorguard
from minorguard.cli.findings import message
from minorguard.cli.sources import STDIN
from minorguard.policy.codes import CODES, Code
from minorguard.policy.findings import Finding

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "minorguardFinding/v1"
"""The name of a result's fingerprint: code, file and pointer, so that it stays the same when lines move."""


def github(findings: Iterable[Finding]) -> Iterator[str]:
    """A workflow command of GitHub Actions for each finding."""
    for finding in findings:
        place = {"file": relative(finding.file)}
        if finding.line:
            place |= {"line": str(finding.line), "col": str(finding.column)}
        properties = {**place, "title": finding.code}
        listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
        said = "\n".join(filter(None, (message(finding), finding.help and f"help: {finding.help}")))
        yield f"::{finding.severity} {listed}::{_data(said)}"


def _data(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode()
    return whole.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def relative(file: str) -> str:
    """A file as it is named from the working folder, with `/`; one outside it with its whole path."""
    if file == STDIN:
        return file
    path = Path(os.path.abspath(file))  # noqa: PTH100  # `resolve` would follow links, and lead out of the folder
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()


def sarif(findings: Iterable[Finding]) -> dict[str, Any]:
    """A SARIF log with one run; columns count characters."""
    rules = [_rule(code) for code in CODES.values()]
    driver = {"name": "MinorGuard", "semanticVersion": minorguard.__version__, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": list(_results(findings))}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.code,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": f"{code.title}: {code.help}"},  # code scanning demands it
        "help": {"text": code.help},
        "defaultConfiguration": {"level": code.severity},
    }


def _results(findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    index = {code: number for number, code in enumerate(CODES)}
    alike = Counter[str]()
    for finding in findings:
        identity = "\n".join((finding.code, uri(finding.file), finding.pointer))
        alike[identity] += 1
        whole = f"{identity}\n{alike[identity]}".encode("utf-8", "backslashreplace")
        yield {
            "ruleId": finding.code,
            **({"ruleIndex": index[finding.code]} if finding.code in index else {}),
            "level": finding.severity,
            "message": {"text": message(finding)},
            "locations": [_location(finding)],
            "partialFingerprints": {FINGERPRINT: hashlib.sha256(whole).hexdigest()},
        }


def _location(finding: Finding) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri(finding.file)}}
    if finding.line:
        physical["region"] = {"startLine": finding.line, "startColumn": finding.column}
    if not finding.pointer:
        return {"physicalLocation": physical}
    logical = {"name": finding.pointer.rpartition("/")[2], "fullyQualifiedName": finding.pointer}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def uri(file: str) -> str:
    """A file as a URI: relative to the working folder, or absolute where it is outside."""
    name = relative(file)
    return Path(name).as_uri() if Path(name).is_absolute() else quote(name, errors="surrogateescape")
