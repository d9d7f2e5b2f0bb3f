"""What is too large is refused before it is packed and sent."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler import errors
from jupyter_wrangler.contract import AnalysisSpec, ImputationSpec
from tests.acceptance.system import System

MEAN = ImputationSpec(method="mean")


def _unpackable(rows: int, columns: int) -> pd.DataFrame:
    """A frame that cannot be packed: who tries says MixedTypes."""
    values = np.full((rows, columns), 1.0, dtype=object)
    values[0, :], values[-1, :] = "x", None
    return pd.DataFrame(values).add_prefix("x")


@pytest.fixture(scope="module")
def limited(fresh_module):
    with tempfile.TemporaryDirectory(prefix="jwl-") as folder:
        found = System(fresh_module, Path(folder))
        try:
            found.service(
                JUPYTER_WRANGLER_MAX_CELLS="1000",
                JUPYTER_WRANGLER_MAX_BYTES="5000",
            )
            yield found
        finally:
            found.close()


@pytest.mark.parametrize(
    ("rows", "columns", "what", "limit"),
    [(101, 2, "rows", 100), (50, 21, "cells", 1000)],
)
def test_fault_3_15_limits_are_asked_before_anything_is_packed(
    limited, rows, columns, what, limit
):
    frame, client = _unpackable(rows, columns), limited.client()
    for spec in (MEAN, AnalysisSpec()):
        with pytest.raises(errors.DatasetTooLarge) as reported:
            client.submit(frame, spec)
        assert (reported.value.what, reported.value.limit) == (what, limit)
        assert "JUPYTER_WRANGLER_MAX_CELLS" in reported.value.message
    with pytest.raises(errors.DatasetTooLarge):
        jw.compare(
            frame.fillna("x").astype("string"), methods=["sample"], client=client
        )
    assert limited.sql("SELECT 1 FROM wrangler.upload") == []
    assert limited.sql("SELECT 1 FROM wrangler.blob") == []


def test_fault_3_15_no_setting_allows_more_columns(limited):
    with pytest.raises(errors.DatasetTooLarge, match="send fewer columns") as reported:
        limited.client().submit(_unpackable(1, 10_001), MEAN)
    assert (reported.value.what, reported.value.limit) == ("columns", 10_000)


def test_fault_3_15_what_is_within_the_limits_is_packed(limited):
    with pytest.raises(errors.MixedTypes):
        limited.client().submit(_unpackable(50, 20), MEAN)


def test_fault_3_15_bytes_are_known_once_packed_and_nothing_is_sent(limited):
    noise = pd.DataFrame(np.random.default_rng(0).normal(size=(99, 10))).add_prefix("x")
    with pytest.raises(errors.DatasetTooLarge) as reported:
        limited.client().submit(noise, MEAN)
    assert reported.value.what == "bytes"
    assert limited.sql("SELECT 1 FROM wrangler.upload") == []


def test_fault_3_15_a_quota_of_cells_counts_too(limited):
    client = limited.client()
    client.api.me()
    limited.sql("""INSERT INTO wrangler.quota (owner_id, max_cells)
                   SELECT id, 30 FROM wrangler."user" """)
    with pytest.raises(errors.DatasetTooLarge) as reported:
        client.submit(_unpackable(10, 4), MEAN)
    assert (reported.value.found, reported.value.limit) == (40, 30)
    limited.sql("DELETE FROM wrangler.quota")


def test_fault_3_15_a_spec_that_is_too_large_is_refused_here_too(limited):
    methods = {f"{n:0>300}": "mean" for n in range(9_000)}
    with pytest.raises(errors.InvalidSpec, match="MiB as JSON"):
        limited.client().submit(_unpackable(10, 4), ImputationSpec(methods=methods))
