"""Whole correlations: blocks are parts of them, laws hold, bad data are reported."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from jupyter_wrangler import errors
from jupyter_wrangler.contract import (
    BLOCK,
    CorrelationDocument,
    CorrelationSpec,
)
from jupyter_wrangler.engine.correlate.choice import MEASURES
from jupyter_wrangler.engine.correlate.findings import findings
from jupyter_wrangler.engine.correlate.run import block, combine, correlate
from jupyter_wrangler.engine.models.normal_fit import em


def drain(steps):
    reported = []
    while True:
        try:
            reported.append(next(steps))
        except StopIteration as stop:
            return stop.value, reported


def found(df, **spec):
    return drain(correlate(df, CorrelationSpec(**spec)))[0]


def matrix(document):
    p = len(document.columns)
    out = np.eye(p)
    upper = np.triu_indices(p, 1)
    out[upper] = np.array(document.r, dtype=float)
    out.T[upper] = np.array(document.back or document.r, dtype=float)
    return out


def reason(document, k=0):
    at = document.reason[k]
    return "" if at < 0 else document.reasons[at]


# ── parts and the whole ──


@pytest.mark.parametrize("method", ["auto", "spearman"])
def test_blocks_computed_apart_are_the_whole(method, correlated, mixed):
    wide = correlated(60, BLOCK + 9, 0.1)
    df = (
        wide
        if method == "spearman"
        else pd.concat([mixed(60).reset_index(drop=True), wide], axis=1)
    )
    spec = CorrelationSpec(method=method)
    parts = [
        json.loads(json.dumps(drain(block(df, spec, k))[0]))
        for k in range(spec.n_parts(df.shape[1]))
    ]
    assert len(parts) == 2
    whole = found(df, method=method)
    assert combine(df, spec, parts) == whole
    assert CorrelationDocument.model_validate_json(whole.model_dump_json()) == whole


def test_blocks_of_columns_that_are_left_out_are_empty():
    names = [f"t{k}" for k in range(BLOCK)]
    df = pd.DataFrame({n: [f"{n}{i}" for i in range(5)] for n in names})
    df["x"], df["y"] = np.arange(5.0), [1.0, 3.0, 2.0, 5.0, 4.0]
    assert found(df).r == pytest.approx((0.8,))


@pytest.mark.parametrize("spec", [{}, {"use": "em"}, {"method": "kendall"}])
def test_progress_rises_to_the_end(spec, correlated):
    df = correlated(80, 6, 0.2)
    _, steps = drain(correlate(df, CorrelationSpec(**spec)))
    done = [step.done / step.total for step in steps]
    assert len(done) >= 6
    assert all(0 <= share <= 1 for share in done)
    assert all(step.message for step in steps)


# ── values over rows that both have ──


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
@pytest.mark.parametrize("share", [0.0, 0.25])
def test_values_are_those_of_scipy(method, share, correlated):
    df = correlated(70, 5, share).round(1)
    # two columns with the same missing values, which need not be ranked again
    df["x4"] = df["x4"].where(df["x3"].notna())
    df["x3"] = df["x3"].where(df["x4"].notna())
    document = found(df, method=method)
    scipys = {
        "pearson": stats.pearsonr,
        "spearman": stats.spearmanr,
        "kendall": stats.kendalltau,
    }[method]
    k = 0
    for i in range(5):
        for j in range(i + 1, 5):
            both = df.iloc[:, [i, j]].dropna()
            wanted = scipys(both.iloc[:, 0], both.iloc[:, 1])
            assert document.r[k] == pytest.approx(wanted.statistic, abs=1e-10)
            assert document.p[k] == pytest.approx(wanted.pvalue, rel=1e-6)
            assert document.n[k] == len(both)
            k += 1


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_complete_data_agree_with_pandas(method, correlated):
    df = correlated(50, 4, 0.0)
    wanted = df.corr(method=method).to_numpy()
    np.testing.assert_allclose(matrix(found(df, method=method)), wanted, atol=1e-12)


def test_levels_choose_the_measure(mixed):
    document = found(mixed()[["float", "boolean", "str", "ordered", "Int8"]])
    reported = [document.measures[m] for m in document.measure]
    assert reported == [
        "pearson",  # float with boolean
        "correlation_ratio",
        "spearman",
        "pearson",
        "cramers_v",  # boolean with str
        "spearman",
        "pearson",
        "cramers_v",  # str with ordered
        "correlation_ratio",
        "spearman",
    ]


def test_dates_correlate_in_every_zone():
    days = pd.date_range("2024-01-01", periods=40, tz="Europe/Berlin")
    df = pd.DataFrame({"when": days, "y": np.arange(40.0)})
    df.loc[3:5, "when"] = pd.NaT
    document = found(df)
    assert document.r == pytest.approx((1.0,))
    assert document.n == (37,)


def test_likelihood_is_that_of_em_and_knows_more_than_pairs():
    rng = np.random.default_rng(5)
    x = rng.normal(size=1_000)
    y = x + rng.normal(size=1_000)
    # y is missing where x is large: the rows that have both see a part of x only
    df = pd.DataFrame({"x": x, "y": np.where(x < 0, y, np.nan)})
    document = found(df, use="em")
    fitted = em(df.to_numpy())
    wanted = fitted.cov[0, 1] / np.sqrt(fitted.cov[0, 0] * fitted.cov[1, 1])
    assert document.r[0] == pytest.approx(wanted, abs=1e-6)
    assert document.r[0] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=0.05)
    assert found(df).r[0] < document.r[0] - 0.1
    assert document.n == found(df).n


def test_likelihood_of_mixed_columns_leaves_classes_to_pairs(mixed):
    df = mixed()[["float", "single", "str", "ordered"]]
    em_, pairs = found(df, use="em"), found(df)
    assert em_.r[0] != pairs.r[0]
    assert em_.r[1:] == pairs.r[1:]
    assert em_.measure == pairs.measure


def test_likelihood_says_when_it_has_not_come_to_rest():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(12, 3)), columns=list("abc"))
    df.loc[:5, "a"] = np.nan
    df.loc[6:, "b"] = np.nan
    document = found(df, use="em")
    assert document.r[0] is None
    assert reason(document) == "Fewer than 3 rows have both."


def test_missing_together_is_reported():
    df = pd.DataFrame(
        np.random.default_rng(1).normal(size=(60, 3)), columns=list("abc")
    )
    df.loc[:20, ["a", "b"]] = np.nan
    df.loc[40:, "c"] = np.nan
    df["name"] = [f"n{i}" for i in range(55)] + [None] * 5
    together = found(df).missing
    assert together.columns == ("a", "b", "c", "name")
    wanted = df[list(together.columns)].isna().corr().to_numpy()
    np.testing.assert_allclose(together.r, wanted[np.triu_indices(4, 1)], atol=1e-12)
    assert together.p[0] < 1e-9 <= together.p_adjusted[0] or together.p[0] < 1e-9
    assert any("'a' and 'b' (phi 1.00)" in one for one in found(df).findings)


@pytest.mark.parametrize("method", ["distance", "mutual_info"])
def test_long_data_are_sampled_and_this_is_reported(method):
    rng = np.random.default_rng(2)
    x = rng.normal(size=4_000)
    df = pd.DataFrame({"x": x, "y": x + rng.normal(size=4_000)})
    document = found(df, method=method)
    assert document.n_sampled == 2_000 == document.n[0]
    assert any("a sample of 2,000 of the 4,000 rows" in s for s in document.findings)
    assert found(df, method=method) == document
    assert found(df, method=method, random_state=1).r != document.r


# ── laws ──

numbers = hnp.arrays(
    np.float64,
    st.tuples(st.integers(3, 25), st.integers(2, 4)),
    elements=st.one_of(st.integers(-5, 5).map(float), st.just(np.nan)),
)
METHODS = ["auto", *(m for m in MEASURES if m != "mutual_info")]


@settings(max_examples=25, deadline=None)
@given(values=numbers, method=st.sampled_from(METHODS), seed=st.integers(0, 99))
def test_neither_the_order_of_rows_nor_names_of_classes_matter(values, method, seed):
    df = pd.DataFrame(values, columns=[f"x{k}" for k in range(values.shape[1])])
    df["class"] = pd.Categorical.from_codes(
        np.arange(len(df)) % 3, categories=["a", "b", "c"]
    )
    document = found(df, method=method)
    rows = np.random.default_rng(seed).permutation(len(df))
    renamed = df.assign(**{"class": df["class"].cat.rename_categories(["z", "y", "x"])})
    other = found(renamed.iloc[rows], method=method)
    for name in ("r", "p", "back"):
        mine, theirs = (
            np.array(getattr(one, name), dtype=float) for one in (document, other)
        )
        # roots of numbers that are zero up to rounding
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
    assert document.n == other.n
    assert document.reason == other.reason


@settings(max_examples=25, deadline=None)
@given(values=numbers, method=st.sampled_from(METHODS))
def test_numbers_keep_their_bounds_and_reasons_stand_for_what_is_not_there(
    values, method
):
    df = pd.DataFrame(values, columns=[f"x{k}" for k in range(values.shape[1])])
    df["class"] = pd.Categorical.from_codes(
        np.arange(len(df)) % 2, categories=["a", "b"]
    )
    document = found(df, method=method)
    low = -1.0 if method in {"auto", "pearson", "spearman", "kendall"} else 0.0
    assert all(v is None or low <= v <= 1.0 for v in (*document.r, *document.back))
    assert all(v is None or 0.0 <= v <= 1.0 for v in document.p)
    for k, (r, p, adjusted) in enumerate(
        zip(document.r, document.p, document.p_adjusted, strict=True)
    ):
        assert (r is None) == bool(reason(document, k))
        assert p is None or p <= adjusted
    assert sorted(document.order) == list(range(len(document.columns)))


@settings(max_examples=20, deadline=None)
@given(values=numbers, method=st.sampled_from(["pearson", "spearman", "distance"]))
def test_the_order_of_columns_does_not_matter(values, method):
    df = pd.DataFrame(values).add_prefix("x")
    mine = matrix(found(df, method=method))
    theirs = matrix(found(df.iloc[:, ::-1], method=method))
    np.testing.assert_allclose(mine, theirs[::-1, ::-1], atol=1e-6)


# ── bad data ──


def test_what_is_not_defined_has_a_reason():
    x = np.arange(6.0)
    df = pd.DataFrame(
        {
            "x": x,
            "empty": np.full(6, np.nan),
            "same": 7.0,
            "few": [1.0, 2.0, *[np.nan] * 4],
            "same_here": [1.0, 5.0, 5.0, 5.0, 5.0, np.nan],
            "late": [np.nan, 2.0, 3.0, 5.0, 4.0, 1.0],
        }
    )
    document = found(df)
    reported = dict(
        zip(
            [(i, j) for i in range(6) for j in range(i + 1, 6)],
            [reason(document, k) for k in range(15)],
            strict=True,
        )
    )
    assert reported[0, 1] == "One of the two has no observed value."
    assert reported[0, 2].startswith("One of the two has a single value")
    assert reported[0, 3] == "Fewer than 3 rows have both."
    assert reported[0, 4] == ""
    assert reported[4, 5].startswith("One of the two has a single value")
    assert any(
        "5 pairs are not defined. One of the two has no" in s for s in document.findings
    )


def test_a_measure_that_fits_a_pair_not_says_so():
    df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [2.0, 1.0, 4.0, 3.0]})
    document = found(df, method="correlation_ratio")
    assert "classes on one side" in reason(document)
    assert document.measures == ()


def test_texts_keys_and_what_does_not_fit_are_left_out_with_the_reason():
    df = pd.DataFrame(
        {
            "x": [1.0, 2.0, 3.0, 5.0],
            "name": ["Ann", "Bob", "Cy", "Di"],
            "key": pd.Categorical(["a", "b", "c", "d"]),
            "sex": ["f", "m", "f", "m"],
            "nothing": pd.Series([None] * 4, dtype=object),
        }
    )
    left = {one.name: one.reason for one in found(df, method="pearson").left_out}
    assert set(left) == {"name", "key", "sex", "nothing"}
    assert "as names and keys do" in left["name"]
    assert "as names and keys do" in left["key"]
    assert left["sex"].startswith("It is nominal, and 'pearson' is for numbers")
    assert left["nothing"] == "It has no observed value."
    assert {one.name for one in found(df, method="theils_u").left_out} == {
        *("x", "name", "key", "nothing")
    }


@pytest.mark.parametrize(
    ("df", "error", "words"),
    [
        (pd.DataFrame({"a": [1.0, np.inf]}), errors.InfiniteValues, "infinite"),
        (pd.DataFrame({"a": [[1], [2]]}), errors.UnsupportedFrame, "list"),
        (pd.DataFrame({"a": [1, "x", None]}), errors.MixedTypes, "mixes"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), errors.DuplicateColumns, "unique"),
        (pd.DataFrame(), errors.EmptyFrame, "0 rows"),
        (pd.DataFrame(np.zeros((2, 10_000))), errors.InvalidData, "49,995,000 pairs"),
        ([1, 2], errors.UnsupportedFrame, "DataFrame is wanted"),
    ],
)
def test_bad_data_are_refused_with_what_to_do(df, error, words):
    with pytest.raises(error, match=words):
        found(df)


def test_columns_can_be_named_so_that_bad_ones_do_not_matter():
    df = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 10_000)))
    document = found(df, columns=("5", "7"))
    assert [one.name for one in document.columns] == ["5", "7"]
    bad = pd.DataFrame({"a": [[1], [2], [3]], "x": [1.0, 2, 3], "y": [1.0, 2, 4]})
    assert len(found(bad, columns=("x", "y")).r) == 1
    with pytest.raises(errors.UnknownColumn, match="'z'"):
        found(bad, columns=("z",))


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        ({"method": "pearsson"}, errors.UnknownMethod, "Choose one of auto, pearson"),
        ({"method": "kendall", "use": "em"}, errors.InvalidSpec, "use='pairwise'"),
    ],
)
def test_a_wrong_question_is_refused(spec, error, words):
    with pytest.raises(error, match=words):
        found(pd.DataFrame({"a": [1.0, 2.0]}), **spec)


def test_one_column_and_one_row_make_an_empty_answer():
    assert found(pd.DataFrame({"a": [1.0]})).r == ()
    assert found(pd.DataFrame({"t": ["x", "y"]})).columns == ()


def test_a_million_different_strings_are_left_out():
    df = pd.DataFrame({"t": np.arange(200_000).astype(str), "x": np.arange(2e5)})
    assert found(df).left_out[0].name == "t"


def test_classes_with_thousands_of_values_need_no_table_of_them():
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 5_000, size=(2, 20_000))
    df = pd.DataFrame({k: pd.Categorical(codes[i]) for i, k in enumerate("ab")})
    assert found(df).r[0] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("method", ["spearman", "kendall", "distance"])
def test_what_is_constant_where_both_are_seen_is_not_defined(method):
    df = pd.DataFrame(
        {
            "x": [1.0, 5.0, 5.0, 5.0, 5.0, np.nan],
            "y": [np.nan, 2.0, 3.0, 5.0, 4.0, 1.0],
        }
    )
    document = found(df, method=method)
    assert document.r == (None,)
    assert "a single value in the rows" in reason(document)


def test_likelihood_of_one_column_of_numbers_is_that_of_pairs():
    df = pd.DataFrame({"x": [1.0, 2.0, 4.0, 3.0], "c": ["a", "a", "b", "b"]})
    assert found(df, use="em").r == found(df).r


def test_classes_as_many_as_rows_where_both_are_seen_are_not_defined():
    df = pd.DataFrame({"a": ["x", "y", "z", "x"], "b": ["p", "q", "r", None]})
    document = found(df, method="cramers_v", columns=("a", "b"))
    assert [one.name for one in document.columns] == ["a"]
    df = pd.DataFrame({"a": [*"xyzxyz"], "b": ["p", "q", "r", None, None, "p"]})
    df.loc[5, "a"] = None
    document = found(df, method="cramers_v")
    assert reason(document) == "There are as many classes as rows."


def test_what_em_has_not_finished_is_reported(correlated):
    document = found(correlated(30, 3, 0.1))
    said = findings(document, converged=False)
    assert any("EM had not come to rest" in one for one in said)
    assert findings(document, converged=True) == document.findings


def test_three_rows_have_a_distance_correlation_without_a_test():
    document = found(
        pd.DataFrame({"x": [1.0, 2, 4], "y": [3.0, 1, 2]}), method="distance"
    )
    assert 0 < document.r[0] <= 1
    assert document.p == (None,)


def test_a_single_pair_is_spoken_of_as_one():
    x = np.arange(9.0)
    assert (
        found(pd.DataFrame({"x": x, "y": x}))
        .findings[0]
        .startswith("The only pair is related beyond chance")
    )
    y = [1.0, -1, 1, -1, 1, -1, 1, -1, 1]
    assert (
        found(pd.DataFrame({"x": x, "y": y}))
        .findings[0]
        .startswith("The only pair is not related beyond chance")
    )
