"""Real data, imputed once, and one chart of each kind over them."""

from __future__ import annotations

import json
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import charts
from jupyter_wrangler.contract import (
    ComparisonSpec,
    ImputationSpec,
    LeaderboardDocument,
    RankedMethod,
)
from jupyter_wrangler.engine.estimator.judgement.sensitivity import sensitivity

DATA = Path(__file__).parents[2] / "notebooks" / "data"
SCHEMA = Path(alt.__file__).parent / "vegalite/v5/schema/vega-lite-schema.json"


@pytest.fixture(scope="session")
def schema():
    return json.loads(SCHEMA.read_text("utf-8"))


@pytest.fixture(scope="session")
def air():
    return pd.read_csv(DATA / "airquality.csv")


@pytest.fixture(scope="session")
def nhanes():
    """Schafer (1997), p. 237: age, bmi, hypertension and cholesterol."""
    nan = np.nan
    bmi = [nan, 22.7, nan, nan, 20.4, nan, 22.5, 30.1, 22.0, nan, nan, nan, 21.7]
    bmi += [28.7, 29.6, nan, 27.2, 26.3, 35.3, 25.5, nan, 33.2, 27.5, 24.9, 27.4]
    hyp = [nan, 1, 1, nan, 1, nan, 1, 1, 1, nan, nan, nan, 1]
    hyp += [2, 1, nan, 2, 2, 1, 2, nan, 1, 1, 1, 1]
    chl = [nan, 187, 187, nan, 113, 184, 118, 187, 238, nan, nan, nan, 206]
    chl += [204, nan, nan, 284, 199, 218, nan, nan, 229, 131, nan, 186]
    age = [1, 2, 1, 3, 1, 3, 1, 1, 2, 2, 1, 2, 3, 2, 1, 1, 3, 2, 1, 3, 1, 1, 1, 3, 2]
    return pd.DataFrame({"age": age, "bmi": bmi, "hyp": hyp, "chl": chl})


@pytest.fixture(scope="session")
def imputed(air):
    return jw.Imputer("pmm", random_state=0).impute(air, 5)


@pytest.fixture(scope="session")
def penguins():
    frame = pd.read_csv(DATA / "penguins.csv")
    frame["hatched"] = pd.Timestamp("2007-11-01") + pd.to_timedelta(
        np.arange(len(frame)), unit="D"
    )
    frame.loc[::9, "hatched"] = pd.NaT
    return jw.Imputer("pmm", max_iter=3, random_state=0).impute(frame, 2)


@pytest.fixture(scope="session")
def board():
    return LeaderboardDocument(
        spec=ComparisonSpec(methods=("pmm", "knn", "rf")),
        n_rows=153,
        columns=(),
        left_out={},
        methods=(
            RankedMethod(method="pmm", rank=1, ratio=0.61, spread=0.05),
            RankedMethod(method="baseline", rank=2, ratio=1.0, spread=0.0),
            RankedMethod(method="knn", rank=3, ratio=1.2, spread=None),
            RankedMethod(method="rf", error="It ran out of memory."),
        ),
        n_done=11,
        n_trials=12,
        findings=(),
    )


#: Name of each chart -> how it is made; `get` gives a fixture.
MAKERS = {
    "missing_bar": lambda get: charts.missing_bar(get("air")),
    "missing_matrix": lambda get: charts.missing_matrix(get("air")),
    "missing_patterns": lambda get: charts.missing_patterns(get("air")),
    "missing_heatmap": lambda get: charts.missing_heatmap(get("nhanes")),
    "influx_outflux": lambda get: charts.influx_outflux(get("nhanes")),
    "by_missingness": lambda get: charts.by_missingness(get("air"), "Ozone", "Temp"),
    "overlay": lambda get: charts.overlay(get("imputed"), "Ozone"),
    "overlay classes": lambda get: charts.overlay(get("penguins"), "sex"),
    "overlay dates": lambda get: charts.overlay(get("penguins"), "hatched"),
    "strip": lambda get: charts.strip(get("imputed"), "Ozone"),
    "strip dates": lambda get: charts.strip(get("penguins"), "hatched"),
    "box": lambda get: charts.box(get("imputed"), "Ozone"),
    "xy": lambda get: charts.xy(get("imputed"), "Temp", "Ozone"),
    "trace": lambda get: charts.trace(get("imputed"), "Ozone"),
    "rhat": lambda get: charts.rhat(get("imputed")),
    "overimpute": lambda get: charts.overimpute(
        jw.overimpute(get("air"), "Ozone", n_imputations=3, folds=2)
    ),
    "propensity": lambda get: charts.propensity(get("imputed"), "Ozone"),
    "sensitivity": lambda get: charts.sensitivity(
        sensitivity(
            get("imputed"),
            ImputationSpec(),
            lambda d: (d["Ozone"].mean(), d["Ozone"].var() / len(d)),
            delta=[-20, 0, 20],
            column="Ozone",
        )
    ),
    "leaderboard": lambda get: charts.leaderboard(get("board")),
    "correlation": lambda get: charts.correlation(get("air").corr()),
}


@pytest.fixture(scope="session")
def gallery(air, nhanes, imputed, penguins, board):
    """One chart of each kind."""
    given = {
        "air": air,
        "nhanes": nhanes,
        "imputed": imputed,
        "penguins": penguins,
        "board": board,
    }
    return {name: make(given.__getitem__) for name, make in MAKERS.items()}


@pytest.fixture(params=sorted(MAKERS))
def chart(request, gallery):
    return gallery[request.param]
