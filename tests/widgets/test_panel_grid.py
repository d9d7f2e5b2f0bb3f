"""Pages of rows as text."""

import numpy as np
import pandas as pd

from jupyter_wrangler.widgets.panel.grid import (
    MOST_COLUMNS,
    MOST_ROWS,
    RowGrid,
    cell_text,
)


def test_a_page_holds_text_and_what_each_cell_is():
    df = pd.DataFrame({"a": [1.5, None, 3.25], "<script>": ["x", "y", None]})
    grid = RowGrid(df, {0: np.array([2])})
    page = grid.page(1, 10, 0, 10)
    assert page["positions"] == [1, 2]
    assert page["columns"] == ["a", "<script>"]
    assert page["cells"] == [["", "y"], ["3.25", ""]]
    assert page["marks"] == [[1, 0], [2, 1]]
    assert grid.is_imputed(2, 0)
    assert not grid.is_imputed(1, 0)


def test_only_the_page_is_turned_into_text():
    df = pd.DataFrame({f"x{i}": np.arange(1_000_000.0) for i in range(3)})
    page = RowGrid(df).page(999_950, 10**9, 0, 10**9)
    assert [row[0] for row in page["cells"]][-1] == "999999"
    assert page["rows"] == 1_000_000
    assert len(page["cells"]) == 50
    wide = RowGrid(pd.DataFrame(np.zeros((1000, 5000)))).page(0, 10**9, 0, 10**9)
    assert len(wide["cells"]) == MOST_ROWS
    assert len(wide["cells"][0]) == MOST_COLUMNS


def test_only_incomplete_rows():
    df = pd.DataFrame({"a": [1.0, None, 3.0], "b": [None, 2.0, 3.0]})
    grid = RowGrid(df)
    before = grid.version
    grid.only_incomplete(on=True)
    assert grid.page(0, 9, 0, 9)["positions"] == [0, 1]
    assert grid.version > before
    grid.only_incomplete(on=False)
    assert grid.n_rows == 3
    done = RowGrid(df.fillna(0.0), {0: np.array([1])})
    done.only_incomplete(on=True)
    assert done.page(0, 9, 0, 9)["positions"] == [1]


def test_odd_labels_and_empty_frames_have_pages():
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert RowGrid(twice).page(0, 5, 0, 5)["cells"] == [["1", "2"]]
    labels = pd.DataFrame([[1, 2]], columns=pd.Index([0, ("x", 1)], dtype=object))
    assert RowGrid(labels).page(0, 5, 0, 5)["columns"] == ["0", "('x', 1)"]
    assert RowGrid(pd.DataFrame({"a": []})).page(0, 5, 0, 5)["cells"] == []
    assert RowGrid(pd.DataFrame(index=[0])).page(0, 5, 0, 5)["cells"] == [[]]


def test_long_text_is_cut():
    assert len(cell_text("x" * 10_000)) <= 80
