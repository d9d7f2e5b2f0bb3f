"""A client of the shared stack."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs import connect


@pytest.fixture(autouse=True)
def client(stack_env, monkeypatch):
    """The default client of the verbs, new for each test."""
    assert stack_env
    made = Client()
    monkeypatch.setattr(connect, "_default", made)
    yield made
    made.close()


@pytest.fixture
def long_work():
    """Data on which a job runs for a minute and more."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60_000, 40))
    x[rng.random(x.shape) < 0.2] = np.nan
    return pd.DataFrame(x).add_prefix("x")
