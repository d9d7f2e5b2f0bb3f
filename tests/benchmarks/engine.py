"""Time the engine and scikit-learn side by side, in one run.

    python tests/benchmarks/engine.py [linear] [knn] [pmm] [--repeat 3] [--threads 1]

Prints a Markdown table: seconds of both (best of the repeats, taken in turn; of the
processor with one thread, on the wall with more), how many times sooner we are, the
largest difference of an imputed cell relative to its column, and the mean squared error
on the masked cells relative to the column's variance.
`pmm` has no peer in scikit-learn and is timed alone.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("what", nargs="*", default=["linear", "knn", "pmm"])
arguments.add_argument("--repeat", type=int, default=3)
arguments.add_argument("--threads", type=int, default=1)
asked = arguments.parse_args()
# Before NumPy is loaded: afterwards its linear algebra no longer listens.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = str(asked.threads)

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from sklearn.experimental import enable_iterative_imputer  # noqa: E402, F401
from sklearn.impute import IterativeImputer, KNNImputer  # noqa: E402

from jupyter_wrangler.contract import ImputationSpec  # noqa: E402
from jupyter_wrangler.engine.chain import impute  # noqa: E402

CASES = {
    "linear": [
        (100, 5, 0.1),
        (1_000, 10, 0.1),
        (2_000, 20, 0.1),
        (10_000, 30, 0.1),
        (10_000, 30, 0.3),
        (20_000, 8, 0.15),
        (100_000, 50, 0.1),
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
}
#: scikit-learn would need minutes here.
ALONE = 1_000_000
PEERS = {"linear": IterativeImputer, "knn": KNNImputer}


def data(n: int, p: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Correlated normal columns, complete and with holes at random."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, p)) @ rng.normal(size=(p, p)) + rng.normal(size=(n, p))
    return X, np.where(rng.random((n, p)) < share, np.nan, X)


def ours(X: np.ndarray, method: str) -> np.ndarray:
    """Impute as a job does."""
    df = pd.DataFrame(X, columns=[f"x{k}" for k in range(X.shape[1])])
    steps = impute(df, ImputationSpec(method=method))
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            found = stop.value
            break
    done = X.copy()
    for k, name in enumerate(df):
        if name in found.rows:
            done[found.rows[name], k] = found.values[name]  # noqa: PD011
    return done


def clock(work, *given) -> tuple[float, np.ndarray]:
    # With one thread the processor's time is the fairer one on a busy machine.
    now = time.process_time if asked.threads == 1 else time.perf_counter
    start = now()
    done = work(*given)
    return now() - start, done


def line(method: str, n: int, p: int, share: float) -> str:
    truth, X = data(n, p, share)
    holes = np.isnan(X)
    size = truth.std(axis=0)

    def error(done: np.ndarray) -> float:
        return float((((done - truth) / size)[holes] ** 2).mean())

    peer = PEERS.get(method)
    seconds, theirs = [], []
    for _ in range(asked.repeat):
        spent, done = clock(ours, X, method)
        seconds.append(spent)
        if peer and n * p < ALONE * 5:
            spent, expected = clock(lambda: peer().fit_transform(X))
            theirs.append(spent)
    head = f"| {method} | {n:,} x {p} | {share:.0%} | {min(seconds):.3f}"
    if not theirs:
        return f"{head} | | | | {error(done):.3f} | |"
    apart = np.abs((done - expected) / size)[holes].max()
    return (
        f"{head} | {min(theirs):.3f} | {min(theirs) / min(seconds):.1f} | {apart:.0e}"
        f" | {error(done):.3f} | {error(expected):.3f} |"
    )


def main() -> None:
    warnings.simplefilter("ignore")
    print("| method | data | missing | s | s scikit-learn | ratio | difference", end="")
    print(" | error | error scikit-learn |")
    print("|---|---|---|---|---|---|---|---|---|")
    for method in asked.what:
        if method not in CASES:
            sys.exit(
                f"There is no benchmark {method!r}; choose from {', '.join(CASES)}."
            )
        for n, p, share in CASES[method]:
            print(line(method, n, p, share), flush=True)


if __name__ == "__main__":
    main()
