"""Runs of missing rows, against itertools."""

from itertools import groupby

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from jupyter_wrangler.engine.profile.runs import runs_of


@given(st.lists(st.booleans(), max_size=40))
def test_runs_are_those_of_groupby(mask):
    found, n_runs = runs_of(np.array(mask, bool), pd.RangeIndex(len(mask)), most=99)
    wanted, at = [], 0
    for missing, group in groupby(mask):
        n = len(list(group))
        if missing:
            wanted.append((str(at), str(at + n - 1), n))
        at += n
    assert sorted((r.first, r.last, r.n) for r in found) == sorted(wanted)
    assert n_runs == len(wanted)
    assert [r.n for r in found] == sorted((n for *_, n in wanted), reverse=True)


def test_runs_are_called_by_the_index():
    labels = pd.date_range("2024-05-01", periods=4)
    (run,), _ = runs_of(np.array([False, True, True, False]), labels)
    assert (run.first, run.last) == ("2024-05-02 00:00:00", "2024-05-03 00:00:00")
