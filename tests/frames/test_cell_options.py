"""What is said of cells travels with the data, and comes back as it went in."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler import frames
from jupyter_wrangler.frames import CellOptions, read_cell_options


@pytest.fixture
def df():
    return pd.DataFrame({"x": [1.0, None, 3.0], 7: ["a", "b", None]}, index=list("pqr"))


def packed(df, **said):
    return frames.to_parquet(df, cell_options=CellOptions(**said).pack())


def test_cells_and_start_come_back(df):
    where = np.array([[True, False], [True, True], [False, True]])
    start = pd.DataFrame({"x": [None, 2.5, None]}, index=list("pqr"))
    found = read_cell_options(packed(df, where=where, start=start).data)
    np.testing.assert_array_equal(found.where, where)
    pd.testing.assert_frame_equal(found.start, start)


def test_the_data_are_the_same_and_their_digest_another(df):
    plain, said = frames.to_parquet(df), packed(df, where=np.ones((3, 2), dtype=bool))
    assert plain.sha256 != said.sha256
    pd.testing.assert_frame_equal(frames.from_parquet(said.data), df)
    assert frames.shape_of(said.data) == (3, 2)
    assert (
        frames.to_parquet(df, cell_options=CellOptions().pack()).sha256 == plain.sha256
    )


def test_nothing_was_said(df):
    found = read_cell_options(frames.to_parquet(df).data)
    assert found.where is None
    assert found.start is None
