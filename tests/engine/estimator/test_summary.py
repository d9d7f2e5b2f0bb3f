import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.contract import ImputationSpec, ImputationSummary
from jupyter_wrangler.engine.estimator.summary import CELL, summarise


def test_every_column_is_summed_up(mixed, run):
    df = mixed().assign(nothing=np.nan, name=[f"person {k}" for k in range(120)])
    spec = ImputationSpec(n_imputations=3)
    imputations = [run(df, k) for k in range(3)]
    found = summarise(df, spec, imputations)
    assert (found.n_rows, found.n_columns) == df.shape
    assert found.n_missing == df.isna().sum().sum()
    assert found.n_imputed == found.n_missing - 120
    columns = {column.name: column for column in found.columns}
    assert list(columns) == list(df.columns)
    one = columns["float"]
    assert (one.level, one.method) == ("continuous", "pmm")
    assert one.observed["mean"] == df["float"].mean()
    assert one.observed["sd"] == pytest.approx(df["float"].std())
    drawn = np.concatenate([i.values["float"] for i in imputations])  # noqa: PD011
    assert one.imputed["mean"] == drawn.mean()
    assert columns["str"].observed["top"] == df["str"].mode()[0]
    assert 0 < columns["str"].imputed["share"] <= 1
    nothing = columns["nothing"]
    assert (nothing.method, nothing.n_imputed, nothing.imputed) == ("", 0, {})
    assert columns["name"].level == "text"
    assert ImputationSummary.model_validate_json(found.model_dump_json()) == found


def test_what_all_imputations_logged_is_said_once(mixed, run):
    df = mixed().assign(nothing=np.nan)
    imputations = [run(df, k) for k in range(3)]
    events = summarise(df, ImputationSpec(), imputations).events
    (event,) = [event for event in events if event.column == "nothing"]
    assert event.imputation is None
    assert len({event.model_dump_json() for event in events}) == len(events)


def test_preview_shows_the_first_rows_with_missing_values(run):
    df = pd.DataFrame(
        {f"c{k}": np.arange(20.0) for k in range(14)}
        | {"x": [0.5] * 3 + [None] * 17, "s": ["word " * 9, "b"] * 10},
        index=pd.date_range("2020-01-01", periods=20),
    )
    found = summarise(df, ImputationSpec(method="mean"), [run(df, method="mean")])
    shown = found.preview
    assert shown.index == tuple(f"2020-01-{day:02}" for day in range(4, 14))
    assert len(shown.columns) == 12
    assert "x" in shown.columns
    k = shown.columns.index("x")
    assert {row[k] for row in shown.cells} == {"0.5"}
    assert all(row[k] for row in shown.imputed)
    assert sum(map(sum, shown.imputed)) == 10
    assert all(len(cell) <= CELL for row in shown.cells for cell in row)


@pytest.mark.parametrize("seed", range(5))
def test_preview_and_figures_are_those_of_the_plain_formulas(run, seed):
    """The summary takes shortcuts: it looks at few rows, and orders in place."""
    rng = np.random.default_rng(seed)
    x = rng.normal(1e6, 1.0, size=(400, 6))
    x[rng.random(x.shape) < rng.uniform(0.0, 0.03, size=6)] = np.nan
    df = pd.DataFrame(x).add_prefix("x")
    before = df.copy()
    done = run(df, method="mean")
    found = summarise(df, ImputationSpec(method="mean"), [done])
    incomplete = np.flatnonzero(df.isna().any(axis=1))[:10]
    assert found.preview.index == tuple(map(str, incomplete))
    marks = df.isna().iloc[incomplete].to_numpy().tolist()
    assert [list(row) for row in found.preview.imputed] == marks
    for column in found.columns:
        y = df[column.name].dropna().to_numpy()
        assert column.observed == {
            "mean": y.mean(),
            "sd": y.std(ddof=1),
            "median": np.median(y),
            "min": y.min(),
            "max": y.max(),
        }
    pd.testing.assert_frame_equal(df, before)


def test_columns_that_keep_their_missing_values_show_them_empty(run):
    df = pd.DataFrame({"x": [1.0, None, 3.0], "y": [None, 2.0, 4.0]})
    spec = {"method": "mean", "columns": ("x",)}
    found = summarise(df, ImputationSpec(**spec), [run(df, **spec)])
    assert found.preview.cells == (("2", "2"),)
    assert found.preview.imputed == ((True, False),)
    assert [column.n_imputed for column in found.columns] == [1, 0]


def test_without_missing_values_there_is_no_preview(run):
    df = pd.DataFrame({"x": [1.0]})
    found = summarise(df, ImputationSpec(), [run(df)])
    assert found.preview is None
    assert found.columns[0].observed["sd"] is None


def test_dates_are_summed_up_as_text(run):
    df = pd.DataFrame({"d": pd.to_datetime(["2020-01-01", None, "2020-01-05"])})
    spec = {"method": "median"}
    (column,) = summarise(df, ImputationSpec(**spec), [run(df, **spec)]).columns
    assert column.observed == {
        "median": "2020-01-01",
        "min": "2020-01-01",
        "max": "2020-01-05",
    }


def test_chains_are_summed_up(mixed, run):
    df, spec = mixed(), ImputationSpec(n_imputations=3)
    imputations = [run(df, k) for k in range(3)]
    columns = {c.name: c for c in summarise(df, spec, imputations).columns}
    one = columns["float"].convergence
    assert one.rounds == 10
    assert 0.5 < one.rhat < 3
    assert -1 < one.autocorrelation < 1
    for k in range(3):
        chain = imputations[k].chains["float"]
        assert one.chain_mean[k] == tuple(chain[:, 0])
        assert one.chain_var[k] == tuple(chain[:, 1])
    assert columns["complete"].convergence is None
    simple = summarise(df, ImputationSpec(method="mean"), [run(df, method="mean")])
    assert all(column.convergence is None for column in simple.columns)


def test_what_cannot_be_said_of_chains_is_none(run):
    df = pd.DataFrame({"x": [1.0, 2.0, None, 5.0, 4.0], "y": [1.0, 2, 3, 4, 5]})
    spec = {"max_iter": 2, "donors": 2}
    (one, _) = summarise(df, ImputationSpec(**spec), [run(df, **spec)]).columns
    found = one.convergence
    assert (found.rounds, found.rhat, found.autocorrelation) == (2, None, None)
    assert found.chain_var == ((None, None),)


def test_too_many_traces_are_left_out(mixed, run):
    df, spec = mixed(), ImputationSpec(n_imputations=2)
    imputations = [run(df, k) for k in range(2)]
    column = summarise(df, spec, imputations, most=10).columns[0]
    assert column.convergence.rhat is not None
    assert column.convergence.chain_mean == ()


def test_a_summary_of_an_earlier_version_is_read(mixed, run):
    df = mixed()
    found = summarise(df, ImputationSpec(), [run(df)]).model_dump(mode="json")
    for column in found["columns"]:
        del column["convergence"]
    assert ImputationSummary.model_validate(found).columns[0].convergence is None
