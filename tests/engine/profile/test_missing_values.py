"""Missing values by bits, against the tables that are made of whole frames."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jupyter_wrangler.engine.missingness.patterns import flux, md_pairs, md_pattern
from jupyter_wrangler.engine.profile import missing_values as module
from jupyter_wrangler.engine.profile.missing_values import (
    flux_of,
    missing_cells_of,
    pairs_of,
    patterns_of,
)

masks = hnp.arrays(
    bool, st.tuples(st.integers(1, 30), st.integers(1, 8)), elements=st.booleans()
)


def frame_of(mask):
    return pd.DataFrame(
        np.where(mask, np.nan, 1.0), columns=[f"x{k}" for k in range(mask.shape[1])]
    )


def missing_cells(mask):
    names = tuple(f"x{k}" for k in range(mask.shape[1]))
    return missing_cells_of(names, len(mask), mask.T)


def as_table(found):
    return [
        (pattern.n_rows, tuple(found.columns[k] for k in pattern.missing))
        for pattern in found.listed
    ]


def as_md(df):
    found = md_pattern(df)
    columns = np.array(found.table.columns)
    return [
        (int(n), tuple(columns[~line]))
        for n, line in zip(found.rows, found.table.to_numpy(), strict=True)
    ], found


@given(masks)
def test_patterns_are_those_of_md_pattern(mask):
    found = patterns_of(missing_cells(mask), 1_000)
    wanted, md = as_md(frame_of(mask))
    assert as_table(found) == wanted
    assert list(found.columns) == list(md.table.columns)
    assert list(found.n_missing) == md.missing.tolist()
    assert found.monotone == md.monotone
    assert found.n_patterns == len(wanted)


def test_patterns_of_more_columns_than_a_word_has_bits():
    rng = np.random.default_rng(0)
    mask = rng.random((300, 150)) < rng.random(150) * 0.02
    assert as_table(patterns_of(missing_cells(mask), 1_000)) == as_md(frame_of(mask))[0]


def test_of_too_many_patterns_the_most_frequent_are_listed():
    rng = np.random.default_rng(1)
    mask = rng.random((400, 6)) < 0.3
    wanted, _ = as_md(frame_of(mask))
    found = patterns_of(missing_cells(mask), 5)
    assert found.n_patterns == len(wanted) > 5
    listed = as_table(found)
    # In the same order, and none left out is more frequent than one that is listed.
    assert listed == [line for line in wanted if line in listed]
    assert min(n for n, _ in listed) >= max(
        n for n, names in wanted if (n, names) not in listed
    )


@given(masks, st.integers(1, 4), st.randoms(use_true_random=False))
def test_what_is_listed_does_not_depend_on_the_order_of_the_rows(mask, most, random):
    rows = list(range(len(mask)))
    random.shuffle(rows)
    assert patterns_of(missing_cells(mask), most) == patterns_of(
        missing_cells(mask[rows]), most
    )


@given(masks)
def test_flux_is_that_of_whole_frames(mask):
    wanted = flux(frame_of(mask))
    for one in flux_of(missing_cells(mask)):
        line = wanted.loc[one.column]
        assert one.observed == line["observed"]
        for name in ("influx", "outflux", "inbound", "outbound", "incomplete"):
            reported = getattr(one, name)
            if np.isfinite(line[name]):
                assert reported == pytest.approx(line[name]), name
            else:
                assert reported is None, name


@given(masks)
def test_pairs_are_those_of_whole_frames(mask):
    found = pairs_of(missing_cells(mask))
    wanted = md_pairs(frame_of(mask)).rr
    names = list(found.columns)
    assert names == [name for name in wanted if mask[:, int(name[1:])].any()]
    assert np.array_equal(
        np.array(found.both, dtype=int).reshape(len(names), len(names)),
        wanted.loc[names, names],
    )


def test_correlations_are_those_of_the_indicators():
    rng = np.random.default_rng(2)
    mask = rng.random((200, 4)) < 0.3
    mask[:, 3] = mask[:, 0]
    wanted = np.corrcoef(mask.T)
    found = pairs_of(missing_cells(mask)).correlation
    assert np.array(found) == pytest.approx(wanted)
    assert found[0][3] == 1.0


def test_a_column_without_any_value_correlates_with_nothing():
    mask = np.array([[True, True], [True, False]])
    assert pairs_of(missing_cells(mask)).correlation == ((None, None), (None, 1.0))


def test_long_frames_are_counted_in_blocks():
    rng = np.random.default_rng(3)
    mask = rng.random((module.BLOCK + 1_001, 3)) < 0.2
    found = pairs_of(missing_cells(mask))
    assert np.array_equal(found.both, (~mask).T.astype(int) @ (~mask).astype(int))
    total = sum(
        pattern.n_rows for pattern in patterns_of(missing_cells(mask), 8).listed
    )
    assert total == len(mask)


def test_airquality(airquality):
    # mice: md.pattern(airquality); naniar: n_miss and n_case_complete of it.
    names = tuple(airquality)
    found = missing_cells_of(names, 153, airquality.isna().to_numpy().T)
    assert as_table(patterns_of(found, 100)) == [
        (111, ()),
        (35, ("Ozone",)),
        (5, ("Solar.R",)),
        (2, ("Solar.R", "Ozone")),
    ]
    assert found.missing.sum() == 44
