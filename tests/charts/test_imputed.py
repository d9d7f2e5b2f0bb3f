"""Charts of what was imputed tell what the imputations hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import charts
from jupyter_wrangler.charts import Plots
from jupyter_wrangler.charts.model import MOST
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import Imputations, impute_m
from jupyter_wrangler.engine.pooling.convergence import rhat
from jupyter_wrangler.engine.types import Imputation
from jupyter_wrangler.errors import InvalidData, InvalidSpec, UnknownColumn

OF_A_COLUMN = [
    charts.overlay,
    charts.strip,
    charts.box,
    charts.trace,
    charts.propensity,
]
OF_NUMBERS = [charts.strip, charts.box, charts.propensity]


@pytest.fixture(scope="module")
def many():
    """More rows and imputations than a chart shows."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=6_000)
    frame = pd.DataFrame({"x": x, "y": x + rng.normal(size=6_000)})
    frame.loc[::2, "y"] = np.nan
    return jw.Imputer("norm", max_iter=1).impute(frame, 45)


@pytest.mark.parametrize("draw", OF_A_COLUMN)
def test_a_column_without_imputed_cells_is_refused(draw, imputed):
    for column in ("Wind", "no such"):
        with pytest.raises(UnknownColumn, match=column):
            draw(imputed, column)


@pytest.mark.parametrize("draw", [*OF_A_COLUMN, charts.rhat])
def test_a_frame_is_not_what_was_imputed(draw, air):
    more = () if draw is charts.rhat else ("Ozone",)
    with pytest.raises(InvalidSpec, match=r"DataFrame was given.*job\.result"):
        draw(air, *more)


@pytest.mark.parametrize("draw", OF_NUMBERS)
def test_classes_are_refused_where_numbers_are_wanted(draw, penguins):
    with pytest.raises(InvalidSpec, match="'sex' holds classes"):
        draw(penguins, "sex")


def test_a_column_without_observed_values_is_refused():
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [np.nan, np.nan]})
    found = jw.Imputer("constant", fill_value=0.0).impute(frame, 1)
    with pytest.raises(InvalidData, match="'y' has no observed value"):
        charts.overlay(found, "y")


@pytest.mark.parametrize("draw", OF_A_COLUMN)
def test_many_stay_within_the_limit_and_say_so(draw, many):
    chart = draw(many, "y")
    assert chart.n_marks <= MOST
    if draw is not charts.propensity:
        assert any(note.startswith("Shown are") for note in chart.notes)
    chart.plot()


def test_curves_are_those_of_the_values(imputed):
    chart = charts.overlay(imputed, "Ozone")
    draws = imputed.draws("Ozone")
    seen = imputed.data["Ozone"].dropna()
    apart = draws.to_numpy().mean() - seen.mean()
    assert f"{abs(apart):.3g} {'higher' if apart > 0 else 'lower'}" in chart.sentence
    assert "37 cells in 5 imputations" in chart.sentence
    table = chart.to_frame()
    assert set(table["which"]) == {"", "0", "1", "2", "3", "4"}
    assert table["value"].min() == min(seen.min(), draws.min(axis=None))
    for k in draws:
        curve = table[table["which"] == str(k)]
        middle = np.average(curve["value"], weights=curve["density"])
        assert abs(middle - draws[k].mean()) < 4


@pytest.mark.parametrize("column", ["Ozone", "Solar.R"])
def test_section_5_density_is_the_same_chart_as_overlay(imputed, column):
    plots = charts.Plots(imputed)
    assert plots.density(column).to_vegalite() == plots.overlay(column).to_vegalite()


def test_shares_of_classes_are_those_of_pandas(penguins):
    table = charts.overlay(penguins, "sex").to_frame()
    seen = table[table["what"] == "observed"].set_index("class")["share"]
    real = penguins.data["sex"].value_counts(normalize=True)
    assert seen.to_dict() == pytest.approx(real.to_dict())
    draws = penguins.draws("sex")
    for k in draws:
        made = table[(table["what"] == "imputed") & (table["which"] == str(k))]
        assert made["n"].sum() == len(draws)
        assert made.set_index("class")["n"]["male"] == (draws[k] == "male").sum()


def test_equal_means_are_said_to_be_equal():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1.0, 3.0, np.nan]})
    chart = charts.overlay(jw.Imputer("mean").impute(frame, 1), "y")
    assert "is the same on average as observed" in chart.sentence


def test_strip_shows_every_value_of_few(imputed):
    chart = charts.strip(imputed, "Ozone")
    table = chart.to_frame()
    assert (table["what"] == "observed").sum() == imputed.data["Ozone"].notna().sum()
    for k in range(imputed.m):
        made = np.sort(table["value"][table["imputation"] == k])
        assert np.array_equal(made, np.sort(imputed.draws("Ozone")[k]))
    assert "lie within the observed range, 1 to 168" in chart.sentence


def test_strip_says_what_lies_outside(many):
    draws, seen = many.draws("y").to_numpy(), many.data["y"].dropna()
    beyond = int(((draws < seen.min()) | (draws > seen.max())).sum())
    sentence = charts.strip(many, "y").sentence
    assert beyond > 0
    assert sentence.startswith(f"{beyond} imputed value")
    assert "outside the observed range" in sentence


def test_boxes_are_quantiles(imputed):
    chart = charts.box(imputed, "Ozone")
    table = chart.to_frame().set_index("imputation")
    heads = ["low", "q1", "median", "q3", "high"]
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    seen = imputed.data["Ozone"].quantile(levels)
    assert table.loc[-1, heads].tolist() == pytest.approx(seen.tolist())
    draws = imputed.draws("Ozone")
    for k in draws:
        assert table.loc[k, heads].tolist() == pytest.approx(
            draws[k].quantile(levels).tolist()
        )
    medians = draws.median()
    assert f"between {medians.min():g} and {medians.max():g}" in chart.sentence


def test_pairs_are_those_of_the_completed_data(imputed):
    chart = charts.xy(imputed, "Temp", "Ozone", k=2)
    table, done = chart.to_frame(), imputed.complete(2)
    missing = imputed.data["Ozone"].isna()
    assert (table["what"] == "imputed").sum() == missing.sum()
    assert sorted(table["y"]) == sorted(done["Ozone"])
    seen = imputed.data["Temp"].corr(imputed.data["Ozone"])
    made = done["Temp"][missing].corr(done["Ozone"][missing])
    assert f"by {seen:.2f} in 116 observed rows" in chart.sentence
    assert f"by {made:.2f} in 37 imputed ones" in chart.sentence
    assert chart.notes == ("Imputation 2 of 5, counted from 0.",)


def test_a_constant_does_not_correlate():
    frame = pd.DataFrame({"x": [1.0, 1.0, 1.0], "y": [1.0, 3.0, np.nan]})
    chart = charts.xy(jw.Imputer("mean").impute(frame, 1), "x", "y")
    assert "by an unknown number in 1 imputed one." in chart.sentence


@pytest.mark.parametrize("draw", [charts.xy, charts.propensity])
def test_an_imputation_that_is_not_there_is_refused(draw, imputed):
    more = ("Ozone", "Temp")[: 2 if draw is charts.xy else 1]
    with pytest.raises(InvalidSpec, match="no imputation 5; there are 0 to 4"):
        draw(imputed, *more, k=5)


def test_pairs_without_imputed_cells_are_refused(imputed, penguins, many):
    with pytest.raises(UnknownColumn, match=r"'Temp'.*'Ozone', 'Solar.R'"):
        charts.xy(imputed, "Temp", "Wind")
    with pytest.raises(UnknownColumn, match="no column 'no'"):
        charts.xy(imputed, "Temp", "no")
    with pytest.raises(InvalidSpec, match="'species' holds classes"):
        charts.xy(penguins, "species", "body_mass_g")
    assert charts.xy(many, "x", "y").n_marks <= MOST


def test_chains_are_those_of_the_imputations(imputed):
    chart = charts.trace(imputed, "Ozone")
    table = chart.to_frame().set_index(["imputation", "round"])
    assert np.array_equal(table["mean"], imputed.chain_mean["Ozone"])
    assert np.allclose(table["sd"] ** 2, imputed.chain_var["Ozone"])
    value = rhat(imputed.chain_mean["Ozone"].unstack().to_numpy())  # noqa: PD010
    assert f"is {value:.2f}:" in chart.sentence


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        (np.tile([0.0, 1.0], (4, 100)), "the chains have mixed"),
        (np.arange(4)[:, None] + np.tile([0.0, 0.1], 100), "have not mixed"),
        (np.zeros((4, 10)), "the chains do not vary"),
        (np.ones((4, 2)), "at least 4 rounds are wanted"),
    ],
)
def test_chains_are_judged(chain, words):
    from jupyter_wrangler.charts.chains import _sentence

    assert words in _sentence("y", chain)


def test_rhat_is_that_of_the_diagnostics(imputed):
    chart = charts.rhat(imputed)
    table = chart.to_frame().set_index("column")
    real = imputed.diagnostics
    assert np.array_equal(table["rhat_mean"], real["rhat_mean"])
    highest = np.nanmax(real[["rhat_mean", "rhat_var"]].to_numpy())
    assert f"{highest:.2f}" in chart.sentence


def test_too_few_rounds_have_no_rhat(many):
    with pytest.raises(InvalidData, match="1 chained column and 1 round"):
        charts.rhat(many)


def test_simple_rules_have_no_chains():
    found = jw.Imputer("mean").impute(pd.DataFrame({"x": [1.0, None]}), 1)
    with pytest.raises(InvalidData, match="0 chained columns"):
        charts.rhat(found)
    with pytest.raises(UnknownColumn):
        charts.trace(found, "x")


def test_rows_alike_are_compared(imputed):
    chart = charts.propensity(imputed, "Ozone", k=1)
    table = chart.to_frame()
    sizes = table.groupby("what")["n"].sum()
    assert sizes.to_dict() == {"imputed": 37, "observed": 116}
    assert (table["from"] <= table["to"]).all()
    ends = table.drop_duplicates("group")
    assert (ends["to"].to_numpy()[:-1] <= ends["from"].to_numpy()[1:]).all()
    wide = table.pivot_table(index="group", columns="what", values="median")
    worst = (wide["imputed"] - wide["observed"]).abs().idxmax()
    line = wide.loc[worst]
    assert f"{line['imputed']:g} imputed and {line['observed']:g}" in chart.sentence


def test_known_values_are_held_against_their_imputations():
    lines = {
        "true": [1.0, 2.0, 3.0, np.nan],
        "estimate": [1.5, 2.0, 9.0, 1.0],
        "low": [0.0, 1.0, 8.0, 0.0],
        "high": [2.0, 3.0, 10.0, 2.0],
    }
    chart = charts.overimpute(pd.DataFrame(lines))
    assert chart.sentence == (
        "Intervals of 90 % hold 2 of 3 hidden values (67 %); estimates are off by 2.17 "
        "on average."
    )
    assert chart.to_frame()["covered"].tolist() == [True, True, False]
    long = charts.overimpute(pd.concat([pd.DataFrame(lines)] * 900))
    assert "Shown are 1,500 of 2,700 values, drawn at random." in long.notes
    assert long.n_marks <= MOST
    with pytest.raises(InvalidData, match="lacks low, high"):
        charts.overimpute(pd.DataFrame(lines)[["true", "estimate"]])
    with pytest.raises(InvalidData, match="No line"):
        charts.overimpute(pd.DataFrame(lines).iloc[3:])


def test_methods_of_plots_are_the_charts(imputed):
    plot = Plots(imputed)
    for name in ("overlay", "strip", "box", "trace", "propensity"):
        found = getattr(plot, name)("Ozone")
        assert found.sentence == getattr(charts, name)(imputed, "Ozone").sentence
    assert plot.xy("Temp", "Ozone", k=1).sentence == (
        charts.xy(imputed, "Temp", "Ozone", k=1).sentence
    )
    assert plot.rhat().sentence == charts.rhat(imputed).sentence
    assert repr(plot).startswith("Plots: .overlay, .density, .strip")


def test_plots_take_what_holds_imputations(imputed):
    class Held:
        imputations = imputed

    assert Plots(Held()).box("Ozone").sentence == (
        charts.box(imputed, "Ozone").sentence
    )
    with pytest.raises(InvalidSpec):
        Plots(object()).rhat()


def made_of(chains):
    """Two imputations of two cells with these chains, by column (m, rounds)."""
    frame = pd.DataFrame({name: [1.0, np.nan] for name in chains})
    made = [
        Imputation(
            values={name: np.array([1.0]) for name in chains},
            rows={name: np.array([1]) for name in chains},
            events=(),
            n_iter=len(next(iter(chains.values()))[k]),
            chains={
                name: np.column_stack([lines[k], lines[k] ** 2])
                for name, lines in chains.items()
            },
        )
        for k in range(2)
    ]
    return Imputations(frame, made)


def test_the_worst_chains_are_named_and_none_is_lost():
    rng = np.random.default_rng(0)
    mixed = rng.normal(size=(2, 40))
    chains = {
        "mixed": mixed,
        "apart": mixed + np.array([[0.0], [9.0]]),
        "still": np.zeros((2, 40)),
        "far": np.repeat([[1.0], [2.0]], 40, axis=1),
    }
    chart = charts.rhat(made_of(chains))
    assert "R-hat is above 1.2 for 'far' and 'apart', at most inf" in chart.sentence
    assert "Not reported, as nothing varies or too few rounds: 'still'." in chart.notes
    assert "Infinite, as their chains stand still apart: 'far'." in chart.notes
    assert set(chart.to_frame()["column"]) == set(chains)
    drawn = chart.panels[0].layers[1].data
    assert np.isfinite(drawn["rhat"]).all()
    alone = charts.rhat(made_of({"mixed": mixed}))
    assert "no R-hat is above 1.2" in alone.sentence


def test_chains_of_many_columns_and_rounds_are_thinned():
    rng = np.random.default_rng(0)
    chains = {f"x{k}": rng.normal(size=(2, 4)) for k in range(70)}
    chart = charts.rhat(made_of(chains))
    assert "Shown are the 60 highest of 70." in chart.notes
    long = made_of({"x": rng.normal(size=(2, 2_000))})
    chart = charts.trace(long, "x")
    assert "Shown is one round in 2." in chart.notes
    assert len(chart.to_frame()) == 4_000
    assert chart.n_marks <= MOST


def test_columns_with_missing_values_do_not_decide_which_rows_are_similar(air):
    frame = air.assign(other=air["Wind"].where(air.index % 3 > 0))
    found = impute_m(frame, ImputationSpec(columns=("Ozone",), n_imputations=2))
    notes = charts.propensity(found, "Ozone").notes
    assert "Not used for them: 'Solar.R' and 'other'." in notes


def test_groups_without_a_likeness_say_so():
    x = np.arange(20.0)
    frame = pd.DataFrame({"x": x // 10, "y": np.where(x > 9, np.nan, x)})
    chart = charts.propensity(jw.Imputer("mean").impute(frame, 1), "y")
    assert len(chart.to_frame()) == 2
    assert "No group of rows has both" in chart.sentence
