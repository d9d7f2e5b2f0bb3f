"""Hold `auto` against hyperimpute, by hyperimpute's own protocol.

    python -m venv rival && rival/bin/pip install . hyperimpute 'pandas==2.3.*' \
        'scikit-learn<1.8' 'xgboost<2.2'
    rival/bin/python tests/benchmarks/hyper.py [iris] [wine] [diabetes] [breast_cancer]

Each data set is scaled to [0, 1]; at most 8 columns, chosen at random, lose 10, 30 or
50 % of their cells by hyperimpute's own simulation (MCAR, MAR and MNAR by logistic
models).  One repetition, as there.  Prints a Markdown table of the root mean squared
errors on the masked cells, then by method the mean rank and the seconds of all cases.
(With pandas 3 hyperimpute 0.1.17 runs through, but imputes no better than means.)
"""

from __future__ import annotations

import argparse
import os
import warnings
from functools import partial

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("what", nargs="*")
asked = arguments.parse_args()
# Before NumPy is loaded: afterwards its linear algebra no longer listens.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from hyperimpute.plugins.imputers import Imputers  # noqa: E402
from hyperimpute.plugins.utils.simulate import simulate_nan  # noqa: E402
from meter import in_turn  # noqa: E402
from sklearn import datasets  # noqa: E402

from jupyter_wrangler.engine.estimator.imputer import Imputer  # noqa: E402

SETS = ("iris", "wine", "diabetes", "breast_cancer")
MOST = 8


def theirs(name: str):
    return lambda df: np.asarray(Imputers().get(name).fit_transform(df.copy()))


METHODS = {
    "hyperimpute": theirs("hyperimpute"),
    "ice": theirs("ice"),
    "mean": theirs("mean"),
    "auto": lambda df: Imputer("auto", random_state=0).fit_transform(df).to_numpy(),
}


def cases():
    for name in asked.what or SETS:
        x = getattr(datasets, f"load_{name}")().data
        truth = (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0))
        for mechanism in ("MCAR", "MAR", "MNAR"):
            for share in (0.1, 0.3, 0.5):
                rng = np.random.default_rng(0)
                np.random.seed(0)  # noqa: NPY002  what their simulation draws from
                few = min(MOST, truth.shape[1])
                chosen = np.sort(rng.choice(truth.shape[1], few, replace=False))
                missing = np.zeros(truth.shape, dtype=bool)
                lost = simulate_nan(
                    truth[:, chosen], share, mechanism, opt="logistic", p_obs=0.5
                )
                missing[:, chosen] = np.asarray(lost["mask"], dtype=bool)
                names = [f"x{k}" for k in range(truth.shape[1])]
                df = pd.DataFrame(np.where(missing, np.nan, truth), columns=names)
                yield f"{name}, {mechanism}, {share:.0%}", truth, df


def main() -> None:
    warnings.simplefilter("ignore")
    print("| case | " + " | ".join(METHODS) + " |\n|---|" + "--:|" * len(METHODS))
    every, spent = [], np.zeros(len(METHODS))
    for case, truth, df in cases():
        masked = df.isna().to_numpy()
        found = in_turn(*(partial(way, df) for way in METHODS.values()), repeat=1)
        spent += [one.seconds for one in found]
        every.append(
            [np.sqrt(np.mean((one.value - truth)[masked] ** 2)) for one in found]
        )
        print(
            f"| {case} | " + " | ".join(f"{x:.4f}" for x in every[-1]) + " |",
            flush=True,
        )
    ranks = pd.DataFrame(every).rank(axis=1).mean()
    print("| mean rank | " + " | ".join(f"{x:.2f}" for x in ranks) + " |")
    print("| seconds | " + " | ".join(f"{x:.1f}" for x in spent) + " |")


if __name__ == "__main__":
    main()
