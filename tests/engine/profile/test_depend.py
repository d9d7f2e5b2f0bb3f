"""Which missing values go with what, against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from jupyter_wrangler.engine.profile.depend import FEWEST, holm


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    n = 500
    df = pd.DataFrame(
        {f"x{k}": rng.normal(10 * k, 1 + k, size=n) for k in range(20)}
        | {
            "ward": rng.choice(["a", "b", "c"], n),
            "icu": rng.random(n) < 0.3,
            "when": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.normal(size=n), "D"),
        }
    )
    df["y"] = rng.normal(size=n)
    df.loc[df["x3"] + rng.normal(size=n) > 31, "y"] = np.nan
    df["z"] = rng.normal(size=n)
    df.loc[(df["ward"] == "a") & (rng.random(n) < 0.5), "z"] = np.nan
    df.loc[rng.random(n) < 0.1, "x3"] = np.nan
    return df


def hit_of(document, column, on):
    (hit,) = [
        h for h in document.dependences.listed if (h.column, h.on) == (column, on)
    ]
    return hit


def test_numbers_are_compared_by_welchs_t(frame, look):
    found = look(frame)
    hit = hit_of(found, "y", "x3")
    lacking = frame.loc[frame["y"].isna(), "x3"].dropna()
    having = frame.loc[frame["y"].notna(), "x3"].dropna()
    wanted = stats.ttest_ind(lacking, having, equal_var=False)
    assert hit.p_value == pytest.approx(wanted.pvalue, rel=1e-6)
    spread = np.sqrt((lacking.var() + having.var()) / 2)
    assert hit.effect == pytest.approx((lacking.mean() - having.mean()) / spread)
    assert hit.measure == "standardised mean difference"
    assert (hit.n_missing, hit.n_observed) == (len(lacking), len(having))
    # Three columns with missing values and 24 others each.
    assert found.dependences.n_compared == 72
    assert hit.p_adjusted == pytest.approx(min(1, hit.p_value * 72), rel=0.1)


def test_classes_are_compared_by_chi_squared(frame, look):
    hit = hit_of(look(frame), "z", "ward")
    table = pd.crosstab(frame["z"].isna(), frame["ward"])
    wanted = stats.chi2_contingency(table, correction=False)
    assert hit.p_value == pytest.approx(wanted.pvalue, rel=1e-6)
    cramer = np.sqrt(wanted.statistic / len(frame))
    assert hit.effect == pytest.approx(cramer)
    assert hit.measure == "Cramer's V"


def test_what_depends_on_nothing_is_rarely_found(look):
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(100):
        df = pd.DataFrame(rng.normal(size=(100, 4)), columns=list("abcd"))
        df.loc[rng.random(100) < 0.3, "a"] = np.nan
        hits += look(df[list("abcd")]).dependences.n_found > 0
    # Holm keeps the share of frames with any false find at or below 5 %.
    assert hits <= 12


def test_few_rows_are_not_compared(look):
    df = pd.DataFrame({"a": np.arange(40.0), "b": np.arange(40.0)})
    df.loc[: FEWEST - 2, "b"] = np.nan
    assert look(df).dependences.n_compared == 0
    df.loc[: FEWEST - 1, "b"] = np.nan
    assert look(df).dependences.n_compared == 1


def test_constant_columns_are_not_compared(look):
    df = pd.DataFrame({"a": np.where(np.arange(40) < 9, np.nan, 1.0), "b": 7.0})
    assert look(df).dependences.n_compared == 0


def test_units_do_not_matter(frame, look):
    other = frame.assign(x3=frame["x3"] * 1e150 - 3e152)
    assert hit_of(look(other), "y", "x3").effect == pytest.approx(
        hit_of(look(frame), "y", "x3").effect
    )


def test_holms_correction_as_r_gives_it():
    # R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")
    reported = holm(np.array([0.01, 0.02, 0.03, 0.04, 0.05]))
    assert reported == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])
    assert holm(np.zeros(0)).tolist() == []
