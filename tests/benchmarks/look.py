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
arguments.add_argument("what", nargs="*", default=["profile", "correlate"])
arguments.add_argument("--repeat", type=int, default=3)
arguments.add_argument("--threads", type=int, default=2)
asked = arguments.parse_args()
# Before NumPy is loaded: afterwards its linear algebra no longer listens.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = str(asked.threads)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from jupyter_wrangler.client.verbs.correlate import correlate  # noqa: E402
from jupyter_wrangler.client.verbs.profile import profile  # noqa: E402


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


def mixed(n: int, p: int, share: float) -> pd.DataFrame:
    """Three columns of numbers to one of strings and one of categories."""
    rng = np.random.default_rng(0)
    words = np.array(["red", "green", "blue", "black", "white"], dtype=object)
    columns: dict[str, pd.Series] = {}
    for k in range(p):
        if k % 5 == 3:
            y = pd.Series(rng.choice(words, n))
        elif k % 5 == 4:
            y = pd.Series(rng.choice(words[:3], n), dtype="category")
        else:
            y = pd.Series(rng.normal(50, 10, n))
        y[rng.random(n) < share] = None
        columns[f"x{k}"] = y
    return pd.DataFrame(columns)


def together(n: int, p: int, share: float) -> pd.DataFrame:
    """Correlated numbers, of which blocks of three columns are missing together."""
    rng = np.random.default_rng(0)
    df = numbers(n, p, 0.0)
    for k in range(0, p // 2, 6):
        df.iloc[rng.random(n) < share, k : k + 3] = np.nan
    return df


def strings(n: int, p: int, share: float) -> pd.DataFrame:
    """Strings of which no two are equal."""
    rng = np.random.default_rng(0)
    keys = pd.Series([f"user{k:08d}" for k in range(n * p)])
    keys[rng.random(n * p) < share] = None
    return pd.DataFrame(keys.to_numpy().reshape(n, p)).add_prefix("x")


def section_profile() -> None:
    """Look at frames; describe and isna().sum() of pandas are part of it."""
    print(
        "| profile | rows x columns | missing | s | pandas' part, s | MiB | data, MiB |"
    )
    print("|---|---|---|---|---|---|---|")
    cases = [
        (mixed, 100_000, 50, 0.1),
        (mixed, 1_000_000, 30, 0.1),
        (together, 100_000, 50, 0.1),
        (numbers, 1_000, 10_000, 0.1),
        (strings, 1_000_000, 1, 0.1),
    ]
    for make, n, p, share in cases:
        df = make(n, p, share)
        ours, _ = best(lambda df=df: profile(df))
        start = time.perf_counter()
        df.describe(include="all")
        df.isna().sum()
        theirs = time.perf_counter() - start
        held = memory(lambda df=df: profile(df))
        size = df.memory_usage(deep=True).sum() / 2**20
        print(
            f"| {make.__name__} | {n:,} x {p:,} | {share:.0%} | {ours:.2f} | "
            f"{theirs:.2f} | {held:.0f} | {size:.0f} |",
            flush=True,
        )


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
        reported = apart = ""
        if method in {"pearson", "spearman", "kendall"}:
            start = time.perf_counter()
            theirs = df.corr(method=method)
            reported = f"{time.perf_counter() - start:.2f}"
            apart = f"{np.abs(theirs - found.to_frame()).to_numpy().max():.0e}"
        held = memory(lambda df=df, method=method: correlate(df, method))
        print(
            f"| `{method}` | {n:,} x {p} | {share:.0%} | {ours:.2f} | {reported} "
            f"| {apart} | {held:.0f} |",
            flush=True,
        )
    df = numbers(100_000, 30, 0.1)
    ours, _ = best(lambda: correlate(df, use="em"))
    print(f"| `pearson`, EM | 100,000 x 30 | 10% | {ours:.2f} | | | |", flush=True)


if __name__ == "__main__":
    sections = {"profile": section_profile, "correlate": section_correlate}
    for name in asked.what:
        sections[name]()
