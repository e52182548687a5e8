"""JSON as it was sent: no key twice, no `NaN`. orjson reads what is surely the same to it, and json the rest.

INVARIANT: orjson's tree is taken only where writing it gives the text that was sent, but for blanks. A text has as many
keys and numbers as its tree then, so none came twice, and each number was written as it is read.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson


class Malformed(ValueError):
    """Not JSON, or not as we take it; the text says what is wrong."""


def parsed(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value that `data` is. Raises `Malformed`."""
    try:
        found = orjson.loads(data)
        if _same(orjson.dumps(found), data):
            return found
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        pass  # the standard library says what is wrong, if anything is
    return _carefully(data)


def _same(written: bytes, sent: bytes) -> bool:
    """But for blanks, also in strings: where those stand says nothing of keys and numbers."""
    return written == sent or written.replace(b" ", b"") == sent.replace(b" ", b"")


def _carefully(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return _decode(data.decode())
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error) if isinstance(error, json.JSONDecodeError) else "it cannot be read") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key comes twice in one object; keep one of the two")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"`{name}` is no JSON number")


_decode = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse_constant).decode
