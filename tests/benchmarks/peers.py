"""Time the engine and its rivals side by side, in one run, with their masked errors.

    pip install 'jupyter-wrangler[bench]'
    python tests/benchmarks/peers.py [datafiller] [miceforest] [missforest] [--repeat 3]

Prints a Markdown table: seconds of both (the best of the repeats, taken in turn, on the
wall, one thread), how many times sooner we are, and the root mean squared error on the
masked cells in standard deviations of their columns.  A rival that is not installed is
said so.
"""

from __future__ import annotations

import argparse
import os
import time
import warnings

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("what", nargs="*")
arguments.add_argument("--repeat", type=int, default=3)
asked = arguments.parse_args()
# Before NumPy is loaded: afterwards its linear algebra no longer listens.
for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from jupyter_wrangler.contract import ImputationSpec  # noqa: E402
from jupyter_wrangler.engine.chain import impute  # noqa: E402


def data(n: int, p: int, share: float, *, bent: bool = False, seed: int = 0):
    """Return (truth, frame with holes): a few factors behind all columns."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, max(2, p // 3)))
    truth = factors @ rng.normal(size=(factors.shape[1], p))
    truth += 0.5 * rng.normal(size=(n, p))
    if bent:
        truth[:, ::2] = np.sin(truth[:, ::2] * 2) + 0.1 * truth[:, ::2] ** 2
    holes = rng.random((n, p)) < share
    names = [f"x{k}" for k in range(p)]
    return truth, pd.DataFrame(np.where(holes, np.nan, truth), columns=names)


def error(truth: np.ndarray, df: pd.DataFrame, done: np.ndarray) -> float:
    masked = df.isna().to_numpy()
    scaled = (done - truth) / truth.std(axis=0)
    return float(np.sqrt(np.mean(scaled[masked] ** 2)))


def ours(df: pd.DataFrame, m: int = 1, **spec) -> np.ndarray:
    """Impute m times, and return the mean of the imputations."""
    total = np.zeros(df.shape)
    for k in range(m):
        run = impute(df, ImputationSpec(n_imputations=m, **spec), k)
        while True:
            try:
                next(run)
            except StopIteration as stop:
                found = stop.value
                break
        done = df.to_numpy(copy=True)
        for j, name in enumerate(df.columns):
            if name in found.rows:
                cells = found.values[name]  # noqa: PD011  no pandas object
                done[found.rows[name], j] = cells
        total += done
    return total / m


def datafiller(df: pd.DataFrame) -> np.ndarray:
    from datafiller import MultivariateImputer

    return np.asarray(MultivariateImputer()(df.to_numpy(copy=True)))


def miceforest(df: pd.DataFrame, m: int, rounds: int) -> np.ndarray:
    import miceforest as mf

    kernel = mf.ImputationKernel(df, num_datasets=m, random_state=0)
    kernel.mice(rounds, num_threads=1)
    return sum(kernel.complete_data(k).to_numpy() for k in range(m)) / m


def missforest(df: pd.DataFrame) -> np.ndarray:
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    forest = RandomForestRegressor(100, n_jobs=1, random_state=0)
    return IterativeImputer(forest, max_iter=5, random_state=0).fit_transform(df)


CASES = {
    "datafiller": [
        (f"{n:,} x {p}, {share:.0%}", (n, p, share), False, datafiller,
         lambda df: ours(df, method="linear"))
        for n, p, share in [(1_000, 10, 0.1), (1_000, 10, 0.3), (10_000, 10, 0.1),
                            (10_000, 30, 0.1), (10_000, 30, 0.2), (10_000, 30, 0.3)]
    ],
    "miceforest": [
        ("pmm, m=5, 5 rounds, 5,000 x 10, 10 %", (5_000, 10, 0.1), False,
         lambda df: miceforest(df, 5, 5), lambda df: ours(df, 5, max_iter=5)),
    ],
    "missforest": [
        ("5 rounds, 5,000 x 10, 10 %, bent", (5_000, 10, 0.1), True, missforest,
         lambda df: ours(df, method="boosting", max_iter=5)),
    ],
}  # fmt: skip


def best(what, df: pd.DataFrame, repeat: int) -> tuple[float, np.ndarray]:
    times, done = [], None
    for _ in range(repeat):
        begun = time.perf_counter()
        done = what(df)
        times.append(time.perf_counter() - begun)
    return min(times), done


def main() -> None:
    warnings.simplefilter("ignore")
    print("| against | case | theirs | ours | sooner | their error | our error |")
    print("|---|---|--:|--:|--:|--:|--:|")
    for name in asked.what or CASES:
        for case, shape, bent, their_way, our_way in CASES[name]:
            truth, df = data(*shape, bent=bent)
            # the slow ones once: they run for minutes
            repeat = asked.repeat if name == "datafiller" else 1
            try:
                if name == "datafiller":
                    their_way(df)  # numba compiles at the first call
                theirs, their_done = best(their_way, df, repeat)
            except ImportError:
                print(f"| {name} | {case} | not installed | | | | |")
                continue
            we, our_done = best(our_way, df, repeat)
            errors = [error(truth, df, done) for done in (their_done, our_done)]
            print(
                f"| {name} | {case} | {theirs:.3f} s | {we:.3f} s |"
                f" {theirs / we:.1f}x | {errors[0]:.3f} | {errors[1]:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
