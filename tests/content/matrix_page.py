"""`python -m tests.content.matrix_page`: renew the tables of docs/content-filter.md."""

from __future__ import annotations

import re
from pathlib import Path

from tests.content import matrix

PAGE = Path(__file__).parents[2] / "docs" / "content-filter.md"


def main() -> None:
    """Write the tables between their marks."""
    page = PAGE.read_text("utf-8")
    for name, text in (("matrix", matrix.table()), ("innocent", matrix.flagged())):
        mark = rf"(<!-- {name} -->\n)(?:.*?)(<!-- end -->)"
        page = re.sub(mark, lambda found, text=text: f"{found[1]}{text}\n{found[2]}", page, count=1, flags=re.DOTALL)
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
