"""Frames to look at, and a way to look to the end."""

from pathlib import Path

import pandas as pd
import pytest

from jupyter_wrangler.contract import AnalysisSpec
from jupyter_wrangler.engine.profile.run import profile

DATA = Path(__file__).parent.parent.parent.parent / "notebooks" / "data"


def _look(df, **spec):
    """Pull all steps; give the document."""
    steps = profile(df, AnalysisSpec(**spec))
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


@pytest.fixture(scope="session")
def look():
    return _look


@pytest.fixture(scope="session")
def airquality():
    return pd.read_csv(DATA / "airquality.csv")
