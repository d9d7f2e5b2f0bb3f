"""A profile is drawn without its data, and as they would be."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import jupyter_wrangler as jw
from jupyter_wrangler import errors

DATA = Path(__file__).parent.parent.parent / "notebooks" / "data"
CHARTS = {
    "missing": jw.charts.missing_bar,
    "patterns": jw.charts.missing_patterns,
    "heatmap": jw.charts.missing_heatmap,
    "flux": jw.charts.influx_outflux,
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("data", ["penguins", "airquality"])
def test_a_profile_is_drawn_as_its_data_are(name, data):
    df = pd.read_csv(DATA / f"{data}.csv")
    drawn = getattr(jw.profile(df).plot, name)()
    expected = CHARTS[name](df)
    assert drawn.sentence == expected.sentence
    assert_frame_equal(drawn.to_frame(), expected.to_frame())
    assert drawn.to_vegalite() == expected.to_vegalite()


def test_a_profile_that_lists_some_patterns_only_says_so():
    rng = np.random.default_rng(0)
    df = pd.DataFrame(rng.normal(size=(200, 8))).mask(rng.random((200, 8)) < 0.5)
    with pytest.raises(errors.InvalidSpec, match="lists 5 of"):
        _ = jw.profile(df, max_patterns=5).plot


def test_correlations_and_leaderboards_draw_themselves():
    df = pd.read_csv(DATA / "airquality.csv")
    found = jw.correlate(df)
    assert found.plot().sentence == jw.charts.correlation(found).sentence
    board = jw.compare(df, ["knn"], repeats=1, local=True)
    assert board.plot().sentence == jw.charts.leaderboard(board).sentence
    assert "MissingPlots: .missing, .patterns" in repr(jw.profile(df).plot)
