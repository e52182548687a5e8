"""One world per test."""

import pytest

from tests.service.world import World


@pytest.fixture
def world() -> World:
    """A service with nobody in it."""
    return World.make()
