"""The picture in the docs is what the ranker makes."""

from tests.ranking.picture import FILE, picture


def test_picture__is_that_of_today():
    """`python -m tests.ranking.picture` draws it anew when lists change."""
    assert FILE.read_text("utf-8") == picture()
