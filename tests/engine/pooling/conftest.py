"""Completed data sets that models of other packages are fitted to."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def frames():
    """Three completed data sets with a duration and whether it ended."""
    rng = np.random.default_rng(0)
    n = 150
    df = pd.DataFrame({"z": rng.normal(size=n), "g": rng.integers(0, 10, n)})
    df["time"] = rng.exponential(np.exp(-df["z"]))
    df["event"] = (rng.random(n) < 0.6).astype(int)
    made = []
    for _ in range(3):
        x = df["z"] / 2 + rng.normal(size=n)
        made.append(df.assign(x=x, y=x - df["z"] + rng.normal(size=n)))
    return made
