"""A client of the shared stack."""

import pytest

from tests.client.conftest import client, long_work

__all__ = ["client", "long_work"]


@pytest.fixture(autouse=True)
def _own_client(client):
    """Use a new default client in each test."""
    return client
