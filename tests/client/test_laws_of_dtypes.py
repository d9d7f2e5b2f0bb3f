"""The laws for columns of every dtype hold for what a job hands back.

Each frame holds a column of every dtype; the job's result is the `Imputer`'s, bit for
bit, and obeys the same laws.
"""

from dataclasses import dataclass

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import jupyter_wrangler as jw
from tests.frames.test_laws_of_dtypes import (
    DTYPES,
    FITTING,
    obeys,
    quick,
    reported,
    same,
)
from tests.waiting import CEILING_S

pytestmark = pytest.mark.usefixtures("client")


@dataclass
class Drawn:
    """What a frame is made of: pandas itself cannot show the last dates with a zone."""

    values: dict[str, list]
    index: list[int]

    def frame(self):
        columns = {kind: DTYPES[kind][1](own) for kind, own in self.values.items()}
        return pd.DataFrame(columns).set_axis(pd.Index(self.index, name="row"), axis=0)


@st.composite
def wide_frames(draw):
    """Frames with a column of every dtype, with missing values anywhere."""
    n = draw(st.integers(4, 9), label="rows")
    values = {}
    for kind in draw(st.permutations(sorted(DTYPES)), label="order"):
        own = DTYPES[kind][0] | st.none()
        values[kind] = draw(st.lists(own, min_size=n, max_size=n), label=kind)
    return Drawn(values, draw(st.permutations(range(n)), label="index"))


@pytest.mark.filterwarnings("ignore::jupyter_wrangler.errors.WranglerWarning")
@settings(
    max_examples=12,
    deadline=None,
    # no shrinking: each try is a job
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        # the same client may send every frame
        HealthCheck.function_scoped_fixture,
    ],
)
@given(drawn=wide_frames(), methods=st.permutations(FITTING))
def test_issue_10_the_laws_hold_for_every_dtype_and_method_in_a_job(drawn, methods):
    df = drawn.frame()
    before = df.copy(deep=True)
    jobs = {method: jw.impute(df, **_settings(method)) for method in methods[:2]}
    for method, job in jobs.items():
        imputer = jw.Imputer(**quick(method))
        here = imputer.fit_transform(df)
        result = job.result(CEILING_S)
        obeys(result.df, df, reported(result.events))
        assert reported(result.events) == reported(imputer.events_)
        pd.testing.assert_frame_equal(result.mask, df.isna() & result.df.notna())
        for name in df:
            assert same(result.df[name], here[name]), (method, name)
            assert same(df[name], before[name]), (method, name)


def _settings(method):
    own = quick(method)
    return {"plan": own.pop("method"), **own}
