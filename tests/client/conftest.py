"""A client of the shared stack, and data with missing values."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.client.session import Client
from jupyter_wrangler.client.verbs import connect


@pytest.fixture
def client(stack_env, monkeypatch):
    """The default client of the verbs, new for each test."""
    assert stack_env
    made = Client()
    monkeypatch.setattr(connect, "_default", made)
    yield made
    made.close()


@pytest.fixture
def patients():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(
        {
            "age": rng.normal(50, 10, 60).round(),
            "chol": rng.normal(200, 30, 60),
            "ward": pd.Categorical(rng.choice(["A&E", "B"], 60)),
            "smokes": pd.array(rng.choice([True, False], 60), dtype="boolean"),
        },
        index=pd.Index([f"p{i}" for i in range(60)], name="patient"),
    )
    for i, column in enumerate(df):
        df.loc[df.index[[3 + i, 20 + 2 * i]], column] = None
    return df


@pytest.fixture
def long_work():
    """Data on which a job runs for a minute and more."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60_000, 40))
    x[rng.random(x.shape) < 0.2] = np.nan
    return pd.DataFrame(x).add_prefix("x")
