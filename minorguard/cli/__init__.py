"""The command line. It needs the extra `cli`; without it, `main` says how to get it."""

from __future__ import annotations

import sys

_INSTALL = "the command line needs click and rich; install them with `pip install 'minorguard[cli]'`"


def main(args: list[str] | None = None) -> int:
    """Run a command and return its exit code; 3 without the packages that it needs."""
    try:
        from minorguard.cli.app import run
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        sys.stderr.write(f"minorguard: {_INSTALL}\n")
        return 3
    except KeyboardInterrupt:
        return 130
    return run(args)
