"""Missing-data patterns against the published tables of mice."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import jupyter_wrangler as jw
from jupyter_wrangler.engine.missingness.patterns import flux, md_pairs, md_pattern
from jupyter_wrangler.errors import EmptyFrame

NHANES = """age,bmi,hyp,chl
1,,,
2,22.7,1,187
1,,1,187
3,,,
1,20.4,1,113
3,,,184
1,22.5,1,118
1,30.1,1,187
2,22,1,238
2,,,
1,,,
2,,,
3,21.7,1,206
2,28.7,2,204
1,29.6,1,
1,,,
3,27.2,2,284
2,26.3,2,199
1,35.3,1,218
3,25.5,2,
1,,,
1,33.2,1,229
1,27.5,1,131
3,24.9,1,
2,27.4,1,186
"""
COLUMNS = ["age", "bmi", "hyp", "chl"]


@pytest.fixture(scope="module")
def nhanes():
    """Schafer (1997), table 6.14, as mice carries it."""
    return pd.read_csv(io.StringIO(NHANES))


def test_they_are_public_names():
    assert jw.md_pattern is md_pattern
    assert jw.md_pairs is md_pairs
    assert jw.flux is flux


def test_MD_PATTERN_nhanes(nhanes):
    # mice docs/reference/md.pattern.html
    found = md_pattern(nhanes)
    assert list(found.table) == ["age", "hyp", "bmi", "chl"]
    assert found.rows.tolist() == [13, 3, 1, 1, 7]
    assert found.table.to_numpy(int).tolist() == [
        [1, 1, 1, 1],
        [1, 1, 1, 0],
        [1, 1, 0, 1],
        [1, 0, 0, 1],
        [1, 0, 0, 0],
    ]
    assert found.missing.tolist() == [0, 8, 9, 10]
    assert found.n_missing == 27
    assert found.to_frame()["missing"].tolist() == [0, 1, 1, 2, 3, 27]
    assert not found.monotone
    assert "".join(repr(found).splitlines()[-1].split()) == "missing0891027"
    assert "<table" in found._repr_html_()


def test_MD_PATTERN_every_row_has_its_pattern(nhanes):
    found = md_pattern(nhanes)
    again = found.table.iloc[found.of_row].to_numpy()
    np.testing.assert_array_equal(again, nhanes[list(found.table)].notna())
    np.testing.assert_array_equal(np.bincount(found.of_row), found.rows)


def test_MD_PATTERN_without_missing_values_and_without_values():
    found = md_pattern(pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    assert found.rows.tolist() == [2]
    assert found.n_missing == 0
    assert found.monotone
    empty = md_pattern(pd.DataFrame({"a": [None, None], "b": [1, 2]}))
    assert list(empty.table) == ["b", "a"]
    assert empty.table.to_numpy().tolist() == [[True, False]]
    with pytest.raises(EmptyFrame):
        md_pattern(pd.DataFrame())


def test_MD_PATTERN_monotone():
    assert md_pattern(pd.DataFrame({"a": [1, 2, None], "b": [1, None, None]})).monotone


@given(hnp.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 20))))
def test_MD_PATTERN_counts_rows_and_missing_values(r):
    df = pd.DataFrame(np.where(r, 1.0, np.nan)).rename(columns=str)
    found = md_pattern(df)
    assert found.rows.sum() == len(df)
    assert len(found.table.drop_duplicates()) == len(found.table)
    assert ((~found.table).mul(found.rows, axis=0).sum() == found.missing).all()
    missing_cells = (~found.table).sum(axis=1)
    assert missing_cells.is_monotonic_increasing


def test_MD_PAIRS_nhanes(nhanes):
    # mice docs/reference/md.pairs.html
    found = md_pairs(nhanes)
    assert list(found.rr) == COLUMNS
    assert found.rr.to_numpy().tolist() == [
        [25, 16, 17, 15],
        [16, 16, 16, 13],
        [17, 16, 17, 14],
        [15, 13, 14, 15],
    ]
    assert found.rm.to_numpy().tolist() == [
        [0, 9, 8, 10],
        [0, 0, 0, 3],
        [0, 1, 0, 3],
        [0, 2, 1, 0],
    ]
    assert found.mr.to_numpy().tolist() == found.rm.to_numpy().T.tolist()
    assert found.mm.to_numpy().tolist() == [
        [0, 0, 0, 0],
        [0, 9, 8, 7],
        [0, 8, 8, 7],
        [0, 7, 7, 10],
    ]
    assert ((found.rr + found.rm + found.mr + found.mm) == 25).all(axis=None)
    assert found.usable.loc["bmi", "age"] == 1.0


def test_FLUX_nhanes_by_the_definitions_of_the_book(nhanes):
    # van Buuren (2018), section 4.1.3, cell by cell
    r = nhanes.notna().to_numpy()
    found = flux(nhanes)
    for j, name in enumerate(COLUMNS):
        rest = [k for k in range(4) if k != j]
        into = sum((~r[:, j] & r[:, k]).sum() for k in rest)
        out = sum((r[:, j] & ~r[:, k]).sum() for k in rest)
        row = found.loc[name]
        assert row["observed"] == r[:, j].mean()
        assert row["influx"] == pytest.approx(into / r.sum())
        assert row["outflux"] == pytest.approx(out / (~r).sum())
        if (~r[:, j]).any():
            shares = [r[~r[:, j], k].mean() for k in rest]
            assert row["inbound"] == pytest.approx(np.mean(shares))
        shares = [(~r[r[:, j], k]).mean() for k in rest]
        assert row["outbound"] == pytest.approx(np.mean(shares))
        assert row["incomplete"] == pytest.approx((~r[r[:, j]]).any(axis=1).mean())


def test_FLUX_of_complete_and_empty_columns():
    # 0 and 1 of a complete column, 1 and 0 of an empty one (mice's flux page)
    found = flux(pd.DataFrame({"all": [1.0, 2.0, 3.0], "none": [np.nan] * 3}))
    assert found["influx"].tolist() == [0.0, 1.0]
    assert found["outflux"].tolist() == [1.0, 0.0]
    whole = flux(pd.DataFrame({"a": [1.0, 2.0]}))
    assert np.isnan(whole.loc["a", "outflux"])
    assert whole.loc["a", "inbound"] == 0.0
