"""Time the looks at data before they are imputed.

    python tests/benchmarks/look.py [profile] [correlate] [--repeat 3] [--threads 2]

Prints a Markdown table: seconds on the wall (best of the repeats), what else does the
same and how long it takes, the largest difference, and the most memory that was held
beside the data, in MiB.
"""

from __future__ import annotations

import argparse
import os
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("what", nargs="*", default=["correlate"])
arguments.add_argument("--repeat", type=int, default=3)
arguments.add_argument("--threads", type=int, default=2)
asked = arguments.parse_args()
# Before NumPy is loaded: afterwards its linear algebra no longer listens.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = str(asked.threads)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from jupyter_wrangler.client.correlation import correlate  # noqa: E402


def best(call: Callable[[], Any]) -> tuple[float, Any]:
    """Time a call several times; give the shortest, and what it returned."""
    found: Any = None
    shortest = float("inf")
    for _ in range(asked.repeat):
        start = time.perf_counter()
        found = call()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest, found


def memory(call: Callable[[], Any]) -> float:
    """Most memory that a call held, in MiB."""
    tracemalloc.start()
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def numbers(n: int, p: int, share: float) -> pd.DataFrame:
    """Neighbouring columns correlate; cells are missing completely at random."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, p))
    x[:, 1:] += x[:, :-1]
    x[rng.random(x.shape) < share] = np.nan
    return pd.DataFrame(x).add_prefix("x")


def section_correlate() -> None:
    """Correlate many columns; pandas is the peer."""
    print("| correlate | rows x columns | missing | s | pandas, s | apart | MiB |")
    print("|---|---|---|---|---|---|---|")
    cases = [
        ("pearson", 100_000, 200, 0.1),
        ("pearson", 100_000, 200, 0.0),
        ("pearson", 1_000_000, 20, 0.1),
        ("spearman", 100_000, 30, 0.1),
        ("spearman", 100_000, 200, 0.0),
        ("kendall", 20_000, 10, 0.1),
        ("distance", 100_000, 10, 0.1),
        ("mutual_info", 100_000, 10, 0.1),
    ]
    for method, n, p, share in cases:
        df = numbers(n, p, share)
        ours, found = best(lambda df=df, method=method: correlate(df, method))
        told = apart = ""
        if method in {"pearson", "spearman", "kendall"}:
            start = time.perf_counter()
            theirs = df.corr(method=method)
            told = f"{time.perf_counter() - start:.2f}"
            apart = f"{np.abs(theirs - found.to_frame()).to_numpy().max():.0e}"
        held = memory(lambda df=df, method=method: correlate(df, method))
        print(
            f"| `{method}` | {n:,} x {p} | {share:.0%} | {ours:.2f} | {told} | {apart} "
            f"| {held:.0f} |",
            flush=True,
        )
    df = numbers(100_000, 30, 0.1)
    ours, _ = best(lambda: correlate(df, use="em"))
    print(f"| `pearson`, EM | 100,000 x 30 | 10% | {ours:.2f} | | | |", flush=True)


if __name__ == "__main__":
    sections = {"correlate": section_correlate}
    for name in asked.what:
        sections[name]()
