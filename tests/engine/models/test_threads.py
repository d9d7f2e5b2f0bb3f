import os
import subprocess
import sys

import numpy as np
import pytest

from jupyter_wrangler.engine.models.design import Design

SCRIPT = """
import numpy as np
from jupyter_wrangler.engine.models import threads
from jupyter_wrangler.engine.models.design import Design

raw = np.random.default_rng(0).normal(size=(2000, 31))
design = Design({"a": raw[:, :1], "b": raw[:, 1:]})
design.recount()
missing = np.arange(0, 2000, 3)
found = design.moments("a", missing, design.rows(missing), design.others("a"))
print(threads.multiplies_small_fast(), repr(float(found.xx.sum())))
"""


@pytest.fixture(scope="module")
def elsewhere():
    """What a processor finds for which the library has no way for small products."""
    env = {**os.environ, "OPENBLAS_CORETYPE": "Haswell"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=env,
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    fast, total = done.stdout.split()
    return fast, float(total)


def test_issue_10_item_9_small_products_are_told_by_the_processor(elsewhere):
    fast, _ = elsewhere
    assert fast == "False"


def test_issue_10_item_9_both_ways_of_products_give_the_same_moments(elsewhere):
    raw = np.random.default_rng(0).normal(size=(2000, 31))
    design = Design({"a": raw[:, :1], "b": raw[:, 1:]})
    design.recount()
    missing = np.arange(0, 2000, 3)
    found = design.moments("a", missing, design.rows(missing), design.others("a"))
    assert float(found.xx.sum()) == pytest.approx(elsewhere[1], rel=1e-12)
