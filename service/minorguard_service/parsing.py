"""JSON as it was sent: no key twice, no `NaN`. orjson reads what is surely the same to it, and json the rest.

INVARIANT: orjson's tree is taken only where writing it gives the text that was sent, but for blanks. A text has as many
keys and numbers as its tree then, so none came twice, and each number was written as it is read.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NoReturn

import orjson

_SHOWN = 64
"""Characters of a key."""


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
    except (Malformed, json.JSONDecodeError) as error:
        raise Malformed(str(error)) from None
    except UnicodeDecodeError:
        raise Malformed("it is not UTF-8; send it as UTF-8, and not compressed") from None
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    except ValueError:
        raise Malformed("a number in it has too many digits") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        name = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise Malformed(f"`{name[:_SHOWN]}` comes twice in one object; keep one of the two")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"`{name}` is no JSON number")


_decode = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse_constant).decode
