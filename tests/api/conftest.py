"""Clients for the REST API."""

import pytest

from tests.api.client import ApiClient
from tests.world import World


@pytest.fixture
def alice(world: World) -> ApiClient:
    """Alice's program, with all the rights of an administrator."""
    return ApiClient(world.alice)
