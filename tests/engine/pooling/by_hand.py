"""Estimates of other packages, pooled without the code that reads their models."""

import pytest

from jupyter_wrangler.engine.pooling.rubin import pool_scalar


def by_hand(frames, fit, name, dfcom):
    """Pool one parameter from what the package's own table shows."""
    found = [fit(df) for df in frames]
    return pool_scalar(*zip(*(one[name] for one in found), strict=True), dfcom=dfcom)


def same(found, wanted):
    assert found.estimate == pytest.approx(wanted.estimate, rel=1e-10)
    assert found.total == pytest.approx(wanted.total, rel=1e-10)
    assert found.df == pytest.approx(wanted.df, rel=1e-10)
