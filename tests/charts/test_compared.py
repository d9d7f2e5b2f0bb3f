"""Leaderboards and correlations are drawn as they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import charts
from jupyter_wrangler.charts.model import MOST
from jupyter_wrangler.errors import InvalidData, InvalidSpec


def test_the_leaderboard_is_described(board):
    chart = charts.leaderboard(board)
    assert chart.sentence == (
        "'pmm' comes nearest, with errors of 61 % of those of the baseline; 'knn' does "
        "worse than it; 'rf' has no score: It ran out of memory."
    )
    assert chart.notes[-1] == "11 of 12 trials have ended."
    table = chart.to_frame().set_index("method")
    assert table.loc["pmm", "ratio"] == 0.61
    assert table.loc["rf", "error"] == "It ran out of memory."
    assert np.isnan(table.loc["rf", "ratio"])
    # a method without a score keeps its line
    assert chart.panels[0].y.order == ("pmm", "baseline", "knn", "rf")


def test_a_leaderboard_on_which_nothing_wins_says_so(board):
    none, *_ = (one for one in board.methods if one.method == "baseline")
    failed = [one for one in board.methods if one.error]
    twice = (none, *failed, failed[0].model_copy(update={"method": "cart"}))
    chart = charts.leaderboard(board.model_copy(update={"methods": twice}))
    assert chart.sentence == (
        "No method comes nearer than the baseline; 'rf' and 'cart' could not run."
    )
    with pytest.raises(InvalidData, match="11 of 12 trials"):
        charts.leaderboard(board.model_copy(update={"methods": tuple(failed)}))
    with pytest.raises(InvalidSpec, match="A dict was given"):
        charts.leaderboard({})


def test_what_compare_gives_is_drawn(air):
    found = jw.compare(air, ["linear"], repeats=1, n_imputations=2, local=True)
    table = charts.leaderboard(found).to_frame()
    assert set(table["method"]) == {"linear", "baseline"}


def test_correlations_are_those_of_pandas(air):
    real = air.corr()
    chart = charts.correlation(real)
    table = chart.to_frame()
    assert len(table) == 15
    for line in table.itertuples():
        assert line.r == real.loc[line.column, line.other]
    assert "'Ozone' and 'Temp' go together most (0.70)" in chart.sentence


def test_what_correlate_gives_is_drawn(air):
    found = jw.correlate(air, method="pearson")
    chart = charts.correlation(found)
    real = air.corr()
    for line in chart.to_frame().itertuples():
        assert line.r == pytest.approx(real.loc[line.column, line.other])
    assert chart.notes[0] == "Measure: pearson."
    names = [air.columns[i] for i in found.document.order]
    assert list(chart.panels[0].x.order) == names[:-1]


def test_pairs_without_a_number_are_counted():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [1, 3, 2], "c": [1, 1, 1]})
    chart = charts.correlation(frame.corr())
    assert "Not drawn: 2 of 3 pairs without a number." in chart.notes
    assert chart.n_marks == 2  # a mark and its number
    assert chart.sentence == (
        "'a' and 'b' go together most (0.50); of 3 pairs, 1 is at 0.5 or beyond."
    )


def test_of_many_columns_the_strongest_are_drawn():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(50, 90)))
    frame[88] = -frame[3]
    chart = charts.correlation(frame.corr())
    assert chart.n_marks <= MOST
    assert chart.sentence.startswith("'3' and '88' go together most (-1.00)")
    assert "Shown are the 60 columns with the strongest" in chart.notes[0]
    document = jw.correlate(frame.rename(columns=str), method="pearson")
    assert len(charts.correlation(document).panels[0].y.order) == 59


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (pd.DataFrame({"a": [1.0, 2.0]}), InvalidData, "2 rows and 1 columns"),
        (pd.DataFrame([[1, 5], [5, 1]]), InvalidData, "beyond -1 and 1"),
        (pd.DataFrame([[1, 0.5], [0.1, 1]]), InvalidData, "not symmetric"),
        (pd.DataFrame([[1.0]]), InvalidData, "1 columns and no correlation"),
        (pd.DataFrame([[1, np.nan], [np.nan, 1]]), InvalidData, "no correlation"),
        (np.eye(2), InvalidSpec, "ndarray was given"),
    ],
)
def test_what_is_no_correlation_is_refused(given, error, says):
    with pytest.raises(error, match=says):
        charts.correlation(given)
