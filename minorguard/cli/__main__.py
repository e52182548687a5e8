"""``python -m minorguard.cli``."""

import sys

from minorguard.cli import main

if __name__ == "__main__":
    sys.exit(main())
