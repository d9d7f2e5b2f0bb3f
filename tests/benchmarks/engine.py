"""Time the engine and scikit-learn side by side, in one run.

    python tests/benchmarks/engine.py [linear] [structures] [knn] [pmm] [boosting]
        [small] [growth] [wide] [million]
        [--repeat 3] [--threads 1]

`structures` takes `linear` on columns that hang together in other ways: not at all, ten
factors plus noise, nearly collinear columns, one column scaled by a million, heavy
tails (t with 3 degrees of freedom).
Prints a Markdown table: seconds of both (best of the repeats, taken in turn; more of
them for small frames; of the processor with one thread, on the wall with more), how
many times sooner we are, the largest difference of an imputed cell relative to its
column, the mean squared error on the masked cells relative to the column's variance,
and by how many MiB the process grew. `pmm` and `boosting` have no peer in scikit-learn
and are timed alone. `small` takes the estimators with all they check, on 100 x 5 as an
array and as a DataFrame that comes back as one; `growth` shows the cost of twice the
rows and twice the columns, `wide` that of hundreds and thousands of columns in 1 000
rows (up to a number of seconds scikit-learn is timed too), `million` a million rows.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
import warnings
from functools import partial

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument(
    "what",
    nargs="*",
    default=["linear", "structures", "knn", "pmm", "small", "growth"],
)
arguments.add_argument("--repeat", type=int, default=3)
arguments.add_argument("--threads", type=int, default=1)
asked = arguments.parse_args()
# Before NumPy is loaded: afterwards its linear algebra no longer listens.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = str(asked.threads)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from meter import Measured, in_turn  # noqa: E402
from sklearn.experimental import enable_iterative_imputer  # noqa: E402, F401
from sklearn.impute import (  # noqa: E402
    IterativeImputer,
    KNNImputer,
    SimpleImputer,
)

from jupyter_wrangler.contract import ImputationSpec  # noqa: E402
from jupyter_wrangler.engine.estimator.imputer import Imputer  # noqa: E402
from jupyter_wrangler.engine.estimator.run_steps import finish  # noqa: E402
from jupyter_wrangler.engine.strategies.impute import impute  # noqa: E402

CASES = {
    "linear": [
        (100, 5, 0.1),
        (1_000, 10, 0.1),
        (2_000, 20, 0.1),
        (10_000, 30, 0.1),
        (10_000, 30, 0.3),
        (20_000, 8, 0.15),
    ],
    "knn": [
        (100, 5, 0.1),
        (1_000, 10, 0.1),
        (2_000, 50, 0.15),
        (4_000, 20, 0.15),
        (5_000, 8, 0.25),
        (10_000, 10, 0.1),
    ],
    "pmm": [(1_000, 10, 0.1), (5_000, 10, 0.2), (100_000, 20, 0.1)],
    "boosting": [(2_000, 10, 0.1, "bent"), (10_000, 20, 0.1, "bent")],
}
#: Method -> rows and columns, each of which is doubled once and twice.
GROWTH = {"linear": (20_000, 20), "pmm": (20_000, 20), "knn": (4_000, 10)}
PEERS = {"linear": IterativeImputer, "knn": KNNImputer}
SMALL = {
    "mean": SimpleImputer(),
    "median": SimpleImputer(strategy="median"),
    "most_frequent": SimpleImputer(strategy="most_frequent"),
    "knn": KNNImputer(),
    "linear": IterativeImputer(),
}


#: How columns hang together, beside the mixture of all by all.
STRUCTURES = (
    "independent",
    "factors",
    "nearly collinear",
    "one scaled",
    "heavy-tailed",
)
#: Columns in a thousand rows, and for which of them scikit-learn is timed as well: its
#: time grows with the fourth power of their number.
WIDE, WIDE_PEER = (100, 200, 400, 1_000, 5_000), (100, 200)


def data(
    n: int, p: int, share: float, structure: str = "mixed"
) -> tuple[np.ndarray, np.ndarray]:
    """Correlated normal columns, complete and with missing values at random."""
    rng = np.random.default_rng(0)
    if structure == "mixed":
        X = rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) + rng.normal(size=(n, p))
        return X, np.where(rng.random((n, p)) < share, np.nan, X)
    X = rng.normal(size=(n, 10)) @ rng.normal(size=(10, p))
    X += 0.5 * rng.normal(size=(n, p))
    if structure == "independent":
        X = rng.normal(size=(n, p))
    elif structure == "heavy-tailed":
        X = rng.standard_t(3, size=(n, 10)) @ rng.normal(size=(10, p))
        X += 0.5 * rng.standard_t(3, size=(n, p))
    elif structure == "nearly collinear":
        X[:, -10:] = X[:, :10] + 1e-3 * rng.normal(size=(n, 10))
    elif structure == "one scaled":
        X[:, 0] *= 1e6
    elif structure == "bent":
        X[:, 5:] = np.sin(X[:, :5].repeat(p // 5, axis=1)[:, : p - 5] / 2)
        X += 0.3 * rng.normal(size=(n, p))
    return X, np.where(rng.random((n, p)) < share, np.nan, X)


def ours(X: np.ndarray, method: str) -> np.ndarray:
    """Impute as a job does."""
    df = pd.DataFrame(X, columns=[f"x{k}" for k in range(X.shape[1])])
    found = finish(impute(df, ImputationSpec(method=method, tol_scale="largest")), 0)
    done = X.copy()
    for k, name in enumerate(df):
        if name in found.rows:
            done[found.rows[name], k] = found.values[name]  # noqa: PD011
    return done


def measured(method: str, X: np.ndarray, *, alone: bool = False) -> list[Measured]:
    """Measure us and, if there is one, the peer."""
    works = [partial(ours, X, method)]
    if method in PEERS and not alone:
        works.append(lambda: PEERS[method]().fit_transform(X))
    ours(X[:100], method)
    now = time.process_time if asked.threads == 1 else time.perf_counter
    repeat = max(asked.repeat, math.ceil(20_000 / X.size))
    return in_turn(*works, repeat=repeat, now=now)


def line(
    method: str,
    n: int,
    p: int,
    share: float,
    structure: str = "mixed",
    *,
    alone: bool = False,
) -> str:
    truth, X = data(n, p, share, structure)
    missing = np.isnan(X)
    size = truth.std(axis=0)

    def error(done: np.ndarray) -> str:
        return f"{(((done - truth) / size)[missing] ** 2).mean():.3f}"

    we, *peer = measured(method, X, alone=alone)
    kind = "" if structure == "mixed" else f", {structure}"
    head = f"| {method} | {n:,} x {p}{kind} | {share:.0%} | {we.seconds:.4f} | "
    if not peer:
        return f"{head}| | | {error(we.value)} | | {we.peak:.0f} | |"
    they = peer[0]
    apart = np.abs((we.value - they.value) / size)[missing].max()
    return (
        f"{head}{they.seconds:.4f} | {they.seconds / we.seconds:.1f} | {apart:.0e} |"
        f" {error(we.value)} | {error(they.value)} | {we.peak:.0f} | {they.peak:.0f} |"
    )


def growth() -> None:
    """Print the seconds of frames with more rows and with more columns."""
    print("| method | start | s | 2x rows | 4x rows | 2x columns | 4x columns |")
    print("|---|---|---|---|---|---|---|")
    for method, (n, p) in GROWTH.items():
        spent = [
            measured(method, data(n * a, p * b, 0.1)[1], alone=True)[0].seconds
            for a, b in [(1, 1), (2, 1), (4, 1), (1, 2), (1, 4)]
        ]
        more = " | ".join(f"{s:.3f} ({s / spent[0]:.1f}x)" for s in spent[1:])
        print(f"| {method} | {n:,} x {p} | {spent[0]:.3f} | {more} |", flush=True)


def small() -> None:
    """Print the milliseconds of estimators on a small array and a small frame."""
    array = data(100, 5, 0.1)[1]
    frame = pd.DataFrame(array, columns=list("abcde"))
    print("| method | 100 x 5 as | ms | ms scikit-learn | ratio |")
    print("|---|---|---|---|---|")
    for method, peer in SMALL.items():
        for name, X, out in [("array", array, "default"), ("frame", frame, "pandas")]:
            both = [Imputer(method), peer.set_output(transform=out)]
            works = [partial(one.fit_transform, X) for one in both]
            we, they = in_turn(*works, repeat=40, now=time.process_time)
            print(
                f"| {method} | {name} | {we.seconds * 1000:.2f} |"
                f" {they.seconds * 1000:.2f} | {they.seconds / we.seconds:.1f} |"
            )


def wide() -> None:
    """Print the seconds and errors of hundreds and thousands of columns."""
    asked.repeat = 1
    for p in WIDE:
        for method in ("linear", "pmm"):
            print(
                line(method, 1_000, p, 0.1, "factors", alone=p not in WIDE_PEER),
                flush=True,
            )


def million() -> None:
    """Print the seconds and the memory of a million rows."""
    asked.repeat = 1
    X = data(1_000_000, 20, 0.1)[1]
    found = measured("linear", X, alone=True)[0]
    print(f"linear, 1,000,000 x 20, 10%: {found.seconds:.1f} s, {found.peak:.0f} MiB")


def structures() -> None:
    """Print `linear` on columns that hang together in other ways."""
    for structure in STRUCTURES:
        for share in (0.1, 0.3):
            print(line("linear", 10_000, 30, share, structure), flush=True)


#: What is asked for -> what prints it; the first two in the table of methods.
OTHERS = {
    "structures": structures,
    "wide": wide,
    "small": small,
    "growth": growth,
    "million": million,
}


def main() -> None:
    warnings.simplefilter("ignore")
    known = [*CASES, *OTHERS]
    for name in asked.what:
        if name not in known:
            sys.exit(f"There is no benchmark {name!r}; choose from {', '.join(known)}.")
    methods = [name for name in asked.what if name in CASES]
    if methods or {"structures", "wide"} & set(asked.what):
        print(
            "| method | data | missing | s | s scikit-learn | ratio | difference",
            end="",
        )
        print(" | error | error scikit-learn | MiB | MiB scikit-learn |")
        print("|---" * 11 + "|")
    for method in methods:
        for case in CASES[method]:
            print(line(method, *case), flush=True)
    for name, show in OTHERS.items():
        if name in asked.what:
            show()


if __name__ == "__main__":
    main()
