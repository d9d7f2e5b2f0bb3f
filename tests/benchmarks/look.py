"""Time the looks at data before they are imputed.

    python tests/benchmarks/look.py [profile] [correlate] [large] [recommend]
        [--repeat 3] [--threads 2] [--rows 1000000]

Prints a Markdown table: seconds on the wall (best of the repeats), what else does the
same and how long it takes, the largest difference, and the most memory that was held
beside the data, in MiB.  `large` looks at 20 columns of many rows and tells by how much
the process grew; pandas beside it sorts for `describe`, and correlates by pairs.
`recommend` is compared with `profile` of the same data; both are by the processor.
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
arguments.add_argument("--rows", type=int, default=1_000_000)
asked = arguments.parse_args()
# Before NumPy is loaded: afterwards its linear algebra no longer listens.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = str(asked.threads)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from meter import in_turn  # noqa: E402

from jupyter_wrangler.client.verbs.correlate import correlate  # noqa: E402
from jupyter_wrangler.client.verbs.profile import profile  # noqa: E402
from jupyter_wrangler.client.verbs.recommend import recommend  # noqa: E402


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


#: How the 20 columns of large data hang together.
STRUCTURES = ("independent", "factors", "scaled", "heavy tails", "few values", "mixed")


def large(structure: str, n: int, p: int = 20) -> pd.DataFrame:
    """Columns made one by one, a tenth of each missing."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=(3, n))
    columns: dict[str, pd.Series] = {}
    for k in range(p):
        y = rng.standard_t(3, n) if structure == "heavy tails" else rng.normal(size=n)
        if structure != "independent":
            y += rng.normal(size=3) @ common
        if structure == "scaled" and k % 5 == 0:
            y *= 1e6
        if structure == "few values":
            np.rint(y, out=y)
        missing = rng.random(n) < 0.1
        if structure == "mixed" and k % 5 > 2:
            codes = np.digitize(y, [-1.0, 0.0, 1.0])
            codes[missing] = -1
            own = pd.Categorical.from_codes(codes, ["a", "b", "c", "d"])
            columns[f"x{k}"] = pd.Series(own if k % 5 == 4 else own.astype("str"))
        else:
            y[missing] = np.nan
            columns[f"x{k}"] = pd.Series(y, copy=False)
    return pd.DataFrame(columns, copy=False)


def section_large() -> None:
    """Look at many rows; what grows with them beside the data is told."""
    print("| of | rows x columns | | s | pandas' part, s | grew by, MiB | data, MiB |")
    print("|---|---|---|---|---|---|---|")
    for structure in STRUCTURES:
        df = large(structure, asked.rows)
        size = df.memory_usage(index=False).sum() / 2**20
        numbers_only = df.select_dtypes("number")
        theirs = {
            "profile": lambda df=df: (df.describe(include="all"), df.isna().sum()),
            "correlate": lambda df=numbers_only: df.corr(),
        }
        ours = {
            "profile": lambda df=df: profile(df),
            "correlate": lambda df=df: correlate(df),
        }
        profile(df.head(1000))
        correlate(df.head(1000))
        for name, work in ours.items():
            # ours first: memory that pandas leaves would hide what is taken
            mine, their = in_turn(work, theirs[name], repeat=1, now=time.perf_counter)
            print(
                f"| {structure} | {asked.rows:,} x {df.shape[1]} | `{name}` | "
                f"{mine.seconds:.2f} | {their.seconds:.2f} | {mine.peak:.0f} | "
                f"{size:.0f} |",
                flush=True,
            )


def section_recommend() -> None:
    """Compare with a profile of the same data."""
    print("| of | rows x columns | `profile`, s | `recommend`, s | times (<= 3) |")
    print("|---|---|---|---|---|")
    for n in (10_000, 100_000):
        for structure in STRUCTURES:
            df = large(structure, n)
            recommend(df.head(1000))
            look, advice = in_turn(
                lambda df=df: profile(df),
                lambda df=df: recommend(df),
                repeat=asked.repeat,
            )
            print(
                f"| {structure} | {n:,} x {df.shape[1]} | {look.seconds:.2f} | "
                f"{advice.seconds:.2f} | {advice.seconds / look.seconds:.1f} |",
                flush=True,
            )


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
    sections = {
        "profile": section_profile,
        "correlate": section_correlate,
        "large": section_large,
        "recommend": section_recommend,
    }
    for name in asked.what:
        sections[name]()
