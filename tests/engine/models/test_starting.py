"""Columns that are completed when they are copied are those completed before."""

import numpy as np
import pytest

from jupyter_wrangler.engine.columns.coding import code
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.models.starting import Starting
from jupyter_wrangler.engine.strategies.run import completed

N = 10_000


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9])
def test_the_design_is_the_same_bits_as_of_complete_columns(share):
    rng = np.random.default_rng(0)
    early, late = {}, {}
    for k in range(5):
        ry = rng.random(N) >= share
        missing = np.flatnonzero(~ry)
        if k < 3:
            y = np.where(ry, rng.normal(1e3 * k, 1.0, N), np.nan)
            coding, fill = code(y[ry], 0), float(y[ry].mean())
            if k == 2:
                fill = rng.choice(y[ry], len(missing))
        else:
            y = np.where(ry, rng.integers(4, size=N), -1)
            coding, fill = code(y[ry], 4), rng.choice(y[ry], len(missing))
        name = f"x{k}"
        early[name] = coding.encode(completed(y, ry, fill))
        late[name] = Starting(
            y=y, missing=missing, fill=fill, encode=coding.encode, width=coding.width
        )
        assert late[name].shape == early[name].shape
        np.testing.assert_array_equal(late[name][17:4321], early[name][17:4321])
    one, other = Design(early), Design(late)
    assert one.slices == other.slices
    np.testing.assert_array_equal(one.shift, other.shift)
    np.testing.assert_array_equal(one.z, other.z)


def test_a_constant_column_is_constant_in_the_design():
    missing = np.arange(0, N, 7)
    y = np.full(N, 0.1)
    y[missing] = np.nan
    start = Starting(
        y=y, missing=missing, fill=0.1, encode=lambda y: y[:, None], width=1
    )
    other = np.random.default_rng(0).normal(size=(N, 1))
    z = Design({"a": start, "b": other}).z
    assert not z[:, 0].any()
    assert z[:, 1].any()
