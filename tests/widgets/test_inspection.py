"""The frames of a notebook are listed without running anything of the user."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from jupyter_wrangler.widgets import inspection
from jupyter_wrangler.widgets.inspection import frames_in

DATA = {"a": [1.0, None, 3.0, 4.0], "b": ["x", None, "z", None]}


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (pd.DataFrame(DATA), "pandas"),
        (pl.DataFrame(DATA), "polars"),
        (pa.table(DATA), "pyarrow"),
    ],
)
def test_each_kind_of_frame_tells_shape_and_share_missing(frame, kind):
    (found,) = frames_in({"df": frame}).items
    assert found == {
        "name": "df",
        "kind": kind,
        "n_rows": 4,
        "n_columns": 2,
        "missing": 3 / 8,
    }


def test_nan_is_missing_in_polars_too():
    (found,) = frames_in({"df": pl.DataFrame({"a": [1.0, float("nan")]})}).items
    assert found["missing"] == 0.5


def test_nothing_of_the_user_runs():
    class Mine(pd.DataFrame):
        @property
        def shape(self):
            raise AssertionError

    class Meta(type):
        def __eq__(cls, other):
            raise AssertionError

        __hash__ = type.__hash__

    class Nosy(metaclass=Meta):
        def __eq__(self, other):
            raise AssertionError

        __hash__ = object.__hash__

    inside = pd.DataFrame({"a": [Nosy(), None]})
    found = frames_in({"mine": Mine(), "nosy": Nosy(), "inside": inside}).items
    assert [(one["name"], one["missing"]) for one in found] == [("inside", 0.5)]


def test_duplicate_column_names_and_empty_frames_are_listed():
    twice = pd.DataFrame([[1.0, np.nan]], columns=["a", "a"])
    found = frames_in({"twice": twice, "none": pd.DataFrame()}).items
    assert [one["missing"] for one in found] == [0.5, None]


def test_what_is_too_large_to_count_is_listed_without_a_share(monkeypatch):
    monkeypatch.setattr(inspection, "MOST_CELLS", 3)
    (found,) = frames_in({"df": pd.DataFrame({"a": [None] * 4})}).items
    assert (found["n_rows"], found["missing"]) == (4, None)


def test_at_most_fifty_are_listed():
    frames = {f"df{k}": pd.DataFrame({"a": [1]}) for k in range(80)}
    assert len(frames_in(frames).items) == 50


def test_it_loads_no_frame_library():
    code = (
        "import sys; from jupyter_wrangler.widgets.inspection import frames_in; "
        "frames_in({'a': 1}); "
        "assert not {'pandas', 'polars', 'pyarrow', 'ipywidgets'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
