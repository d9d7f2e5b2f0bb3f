"""A data set at its limit is taken, and one above it is told which limit it is."""

import pytest

from jupyter_wrangler.contract.limits import Limits
from jupyter_wrangler.errors import DatasetTooLarge

LIMITS = Limits(max_rows=10, max_columns=4, max_cells=30, max_bytes=1)


@pytest.mark.parametrize("shape", [(10, 3), (7, 4), (0, 0)])
def test_the_limit_itself_is_allowed(shape):
    LIMITS.check(*shape)


@pytest.mark.parametrize(
    ("shape", "what", "found", "limit"),
    [((11, 1), "rows", 11, 10), ((1, 5), "columns", 5, 4), ((8, 4), "cells", 32, 30)],
)
def test_what_is_too_much_is_named_with_both_numbers(shape, what, found, limit):
    with pytest.raises(DatasetTooLarge) as caught:
        LIMITS.check(*shape)
    assert caught.value.details == {"what": what, "found": found, "limit": limit}
