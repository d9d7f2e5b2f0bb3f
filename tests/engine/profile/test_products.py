"""Products in pieces are products."""

import numpy as np
import pytest

from jupyter_wrangler.engine.profile.products import over_rows


@pytest.mark.parametrize(
    ("h", "k", "n"), [(1, 1, 0), (1, 1, 5), (3, 2, 100_001), (120, 70, 333)]
)
def test_products_in_pieces_are_products(h, k, n):
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(h, n)), rng.normal(size=(k, n))
    assert over_rows(left, right) == pytest.approx(left @ right.T, rel=1e-9, abs=1e-9)


def test_counts_in_single_precision_are_exact():
    ones = np.ones((2, 65_536), dtype=np.float32)
    assert np.array_equal(over_rows(ones, ones), np.full((2, 2), 65_536.0))
