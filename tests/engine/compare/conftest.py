"""Running parts of a comparison to their end, and data with known missing values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ComparisonSpec
from jupyter_wrangler.engine.compare.ranking import combine
from jupyter_wrangler.engine.compare.run import cell

DATA = Path(__file__).parents[3] / "notebooks" / "data"


def _trial(df, spec, k):
    """Run one part."""
    steps = cell(df, spec, k)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def _board(df, *methods, **spec):
    """Run a whole comparison."""
    asked = ComparisonSpec(methods=methods, **spec)
    return combine(asked, [_trial(df, asked, k) for k in range(len(asked.cells()))])


def _scores(board, method):
    """Scores of one method by column."""
    (one,) = (one for one in board.methods if one.method == method)
    return {score.column: score for score in one.scores}


def _dependent(n=2_000, seed=0):
    """`y` and `z` are missing together where `x` is large; `w` is missing anywhere."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    df = pd.DataFrame({"x": x, "y": x + rng.normal(size=n), "z": rng.normal(size=n)})
    df["w"] = rng.normal(size=n)
    both = rng.random(n) < 1 / (1 + np.exp(2 - 2 * x))
    df.loc[both, ["y", "z"]] = np.nan
    df.loc[rng.random(n) < 0.1, "w"] = np.nan
    return df


@pytest.fixture(scope="session")
def trial():
    return _trial


@pytest.fixture(scope="session")
def board():
    return _board


@pytest.fixture(scope="session")
def scores():
    return _scores


@pytest.fixture(scope="session")
def dependent():
    return _dependent


@pytest.fixture(scope="session")
def air():
    return pd.read_csv(DATA / "airquality.csv")
