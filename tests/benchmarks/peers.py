"""Time the engine and its rivals side by side, in one run, with their masked errors.

    python -m venv rivals && rivals/bin/pip install '.[bench]'
    rivals/bin/python tests/benchmarks/peers.py [datafiller] [miceforest] [missforest]

Prints a Markdown table: seconds of both (the best of the repeats, taken in turn, of the
processor, one thread), how many times sooner we are, the masked errors, and by how many
MiB the process grew. The error of numbers is the root mean squared difference in
standard deviations of their columns, that of classes the share that is wrong. A rival
that is not installed is said so; rivals want an environment of their own, since they
pin others' versions.
"""

from __future__ import annotations

import argparse
import os
import warnings

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("what", nargs="*")
arguments.add_argument("--repeat", type=int, default=5)
asked = arguments.parse_args()
# Before NumPy is loaded: afterwards its linear algebra no longer listens.
for library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from meter import in_turn  # noqa: E402

from jupyter_wrangler.contract import ImputationSpec  # noqa: E402
from jupyter_wrangler.engine.estimator.run_steps import finish  # noqa: E402
from jupyter_wrangler.engine.strategies.impute import impute  # noqa: E402


def data(n: int, p: int, share: float, kind: str = "plain", seed: int = 0):
    """Return (truth, frame with missing values): a few factors behind all columns.

    Of `bent` columns every second one is a wave of the factors; of `mixed` ones every
    third is one of four classes, cut from its wave.
    """
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, max(2, p // 3)))
    truth = factors @ rng.normal(size=(factors.shape[1], p))
    truth += 0.5 * rng.normal(size=(n, p))
    if kind != "plain":
        truth[:, ::2] = np.sin(truth[:, ::2] * 2) + 0.1 * truth[:, ::2] ** 2
    missing = rng.random((n, p)) < share
    whole = pd.DataFrame(truth, columns=[f"x{k}" for k in range(p)])
    if kind == "mixed":
        for name in whole.columns[::3]:
            quarters = pd.qcut(whole[name], 4, labels=list("dacb"))
            whole[name] = quarters.astype(str).astype("category")
    return whole, whole.mask(missing)


def errors(truth: pd.DataFrame, df: pd.DataFrame, done: pd.DataFrame) -> str:
    """Tell the error of numbers and, if there are classes, theirs."""
    squares, wrong = [], []
    for name in truth:
        masked = df[name].isna().to_numpy()
        actual, found = truth[name][masked], done[name][masked]
        if truth[name].dtype == "category":
            wrong.append((actual.astype(str) != found.astype(str)).to_numpy())
        else:
            squares.append(((found - actual) / truth[name].std()).to_numpy() ** 2)
    reported = f"{np.sqrt(np.concatenate(squares).mean()):.3f}"
    return (
        f"{reported}, {np.concatenate(wrong).mean():.1%} wrong" if wrong else reported
    )


def ours(df: pd.DataFrame, m: int = 1, **spec) -> pd.DataFrame:
    """Impute m times, and return the mean of the imputations."""
    spec = ImputationSpec(n_imputations=m, **spec)
    made = [finish(impute(df, spec, k), df.size) for k in range(m)]
    done = df.copy()
    for name, rows in made[0].rows.items():
        cells = [one.values[name] for one in made]  # noqa: PD011  no pandas object
        done.iloc[rows, done.columns.get_loc(name)] = (
            cells[0] if m == 1 else np.mean(cells, axis=0)
        )
    return done


def datafiller(df: pd.DataFrame) -> pd.DataFrame:
    from datafiller import MultivariateImputer

    filled = MultivariateImputer()(df.to_numpy(copy=True))
    return pd.DataFrame(np.asarray(filled), columns=df.columns)


def miceforest(df: pd.DataFrame, m: int, rounds: int) -> pd.DataFrame:
    import miceforest as mf

    kernel = mf.ImputationKernel(df, num_datasets=m, random_state=0)
    kernel.mice(rounds, num_threads=1)
    done = [kernel.complete_data(k).to_numpy() for k in range(m)]
    return pd.DataFrame(np.mean(done, axis=0), columns=df.columns)


def missforest(df: pd.DataFrame) -> pd.DataFrame:
    """Chain forests of 100 trees; classes are numbers to them, rounded at the end."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    classes = df.select_dtypes("category")
    numbers = df.copy()
    for name in classes:
        codes = classes[name].cat.codes.astype(float)
        numbers[name] = codes.where(codes >= 0)
    forest = RandomForestRegressor(100, n_jobs=1, random_state=0)
    imputer = IterativeImputer(forest, max_iter=5, random_state=0)
    done = pd.DataFrame(imputer.fit_transform(numbers), columns=df.columns)
    for name in classes:
        codes = done[name].round().astype(int)
        done[name] = pd.Categorical.from_codes(codes, dtype=classes[name].dtype)
    return done


def boosted(df: pd.DataFrame) -> pd.DataFrame:
    return ours(df, method="boosting", max_iter=5, sample_posterior=False)


CASES = {
    "datafiller": [
        (f"{n:,} x {p}, {share:.0%}, {rounds} rounds at most", data(n, p, share),
         datafiller, lambda df, r=rounds: ours(df, method="linear", max_iter=r))
        for n, p, share in [(1_000, 10, 0.1), (1_000, 10, 0.3), (10_000, 10, 0.1),
                            (10_000, 10, 0.3), (10_000, 30, 0.1), (10_000, 30, 0.2)]
        for rounds in (10, 4)
    ],
    "miceforest": [
        ("pmm, m=5, 5 rounds, 5,000 x 10, 10 %", data(5_000, 10, 0.1),
         lambda df: miceforest(df, 5, 5), lambda df: ours(df, 5, max_iter=5)),
    ],
    "missforest": [
        (f"5 rounds, 5,000 x 10, 10 %, {kind}", data(5_000, 10, 0.1, kind), missforest,
         boosted)
        for kind in ("bent", "mixed")
    ],
}  # fmt: skip


def main() -> None:
    warnings.simplefilter("ignore")
    print("| against | case | theirs | ours | sooner | their error | our error", end="")
    print(" | their MiB | our MiB |\n|---|---|--:|--:|--:|--:|--:|--:|--:|")
    for name in asked.what or CASES:
        for case, (truth, df), their_way, our_way in CASES[name]:
            # the slow ones once: they run for minutes
            repeat = asked.repeat if name == "datafiller" else 1
            try:
                their_way(df.head(200))  # numba compiles at the first call
            except ImportError:
                print(f"| {name} | {case} | not installed | | | | | | |")
                continue
            ours(df.head(200), method="linear")
            theirs, we = in_turn(
                lambda way=their_way, df=df: way(df),
                lambda way=our_way, df=df: way(df),
                repeat=repeat,
            )
            print(
                f"| {name} | {case} | {theirs.seconds:.3f} s | {we.seconds:.3f} s |"
                f" {theirs.seconds / we.seconds:.1f}x |"
                f" {errors(truth, df, theirs.value)} | {errors(truth, df, we.value)} |"
                f" {theirs.peak:.0f} | {we.peak:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
