"""Ages, bands and birthdays. Bands are half-open: ``12-16`` is 12, 13, 14 and 15 (Civil Code of the PRC, Art. 1259)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from minorguard.errors import InvalidInput

ADULT = 18
"""Age of majority (Law of the PRC on the Protection of Minors, Art. 2)."""

_BAND = re.compile(r"(\d{1,2})-(\d{1,2})")


@dataclass(frozen=True, slots=True, order=True)
class AgeBand:
    """Ages ``[from_age, below_age)`` in whole years.

    >>> AgeBand.parse("12-16").overlaps(AgeBand(14, 18))
    True
    """

    from_age: int
    below_age: int

    @classmethod
    def parse(cls, text: str) -> AgeBand:
        """Read ``"12-16"``. Raises `InvalidInput`."""
        match = _BAND.fullmatch(text)
        if match is None:
            raise InvalidInput(
                "age_band", f"`{text}` is not an age band; write it like `12-16` (12 up to, not including, 16)"
            )
        band = cls(int(match[1]), int(match[2]))
        if not 0 <= band.from_age < band.below_age <= 99:
            raise InvalidInput("age_band", f"`{text}` holds no age; the first number must be the smaller")
        return band

    def overlaps(self, other: AgeBand) -> bool:
        """Whether some age lies in both."""
        return self.from_age < other.below_age and other.from_age < self.below_age

    def __str__(self) -> str:
        return f"{self.from_age}-{self.below_age}"


def birthday(born: date, age: int) -> date:
    """The date on which someone born on `born` becomes `age`; 29 February falls on 1 March of a common year.

    >>> birthday(date(2012, 2, 29), 13)
    datetime.date(2025, 3, 1)
    """
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
