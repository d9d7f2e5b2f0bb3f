import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.strategies.new_rows import check_columns
from jupyter_wrangler.engine.strategies.transform import apply
from jupyter_wrangler.errors import SchemaMismatch


def test_columns_that_were_not_learned_are_refused():
    with pytest.raises(SchemaMismatch, match="not fitted on: 'new'"):
        check_columns(["a"], ["a", "new"])


def test_every_kind_of_fill_is_applied_to_later_rows():
    df = pd.DataFrame(
        {
            "day": pd.to_datetime(["2020-01-01", "2020-01-05", "2020-01-01", None]),
            "name": ["Ann", "Bob", "Cy", None],
            "n": pd.array([1, 2, 6, None], dtype="Int64"),
            "x": [1.0, 2.0, 3.0, None],
        }
    )
    fitted = Imputer(
        "mean", methods={"name": "constant"}, fill_value={"name": "nobody"}
    ).fit(df)
    later = df.iloc[3:].assign(name=["Dee"])
    done = fitted.transform(pd.concat([later, df.iloc[3:]], ignore_index=True))
    assert done["day"].tolist() == [pd.Timestamp("2020-01-01")] * 2
    assert done["name"].tolist() == ["Dee", "nobody"]
    assert done["n"].tolist() == [3, 3]
    assert done["x"].tolist() == [2.0, 2.0]


def test_later_donors_are_rows_of_the_fit(correlated):
    df = correlated(100, 3, 0.2)
    later = correlated(30, 3, 0.4, seed=1)
    done = Imputer("pmm", random_state=0).fit(df).transform(later)
    for name in df:
        assert set(done[name][later[name].isna()]) <= set(df[name].dropna())


def test_progress_rises_to_its_total(mixed):
    fitted = Imputer("linear", methods={"float": "knn", "str": "most_frequent"})
    fitted.fit(mixed())
    steps = list(apply(fitted._run, mixed(seed=1), np.random.default_rng(0)))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[-1] == steps[-1].total
