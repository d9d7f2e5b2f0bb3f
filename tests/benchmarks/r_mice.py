"""Time methods of ours beside those of R's mice, on one thread each.

    python tests/benchmarks/r_mice.py [pmm] [cart] [rf] [midastouch] [norm] [--repeat 2]

wants `Rscript` with mice, ranger and rpart (Debian: r-cran-mice, r-cran-ranger,
r-cran-rpart), which nothing else here does.  One imputation of five rounds; the seconds
are of the processor, without the start of R and without the reading of the data.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("what", nargs="*", default=["pmm", "cart", "rf"])
arguments.add_argument("--repeat", type=int, default=2)
asked = arguments.parse_args()
# before NumPy is loaded: afterwards its linear algebra no longer listens
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from jupyter_wrangler.contract import ImputationSpec  # noqa: E402
from jupyter_wrangler.engine.estimator.run_steps import finish  # noqa: E402
from jupyter_wrangler.engine.strategies.impute import impute  # noqa: E402

#: Rows and columns.
SIZES = [(1_000, 10), (5_000, 10)]
_R = """
suppressMessages(library(mice))
a <- commandArgs(TRUE)
d <- read.csv(a[1])
more <- if (a[2] == "rf") list(num.threads = 1) else list()
call <- c(list(d, m = 1, maxit = 5, method = a[2], printFlag = FALSE, seed = 1), more)
t <- system.time(do.call(mice, call))
cat(t[["user.self"]] + t[["sys.self"]])
"""


def main() -> None:
    print("| method | data | R mice, s | ours, s | sooner |\n|---|---|--:|--:|--:|")
    for method in asked.what:
        for n, p in SIZES:
            rng = np.random.default_rng(0)
            X = rng.normal(size=(n, p)) @ rng.normal(size=(p, p))
            X = np.where(rng.random((n, p)) < 0.1, np.nan, X)
            df = pd.DataFrame(X, columns=[f"x{k}" for k in range(p)])
            theirs, we = [], []
            for _ in range(asked.repeat):
                theirs.append(_by_r(df, method))
                we.append(_by_us(df, method))
            ratio = min(theirs) / min(we)
            print(
                f"| `{method}` | {n:,} x {p}, 10 % | {min(theirs):.2f} |"
                f" {min(we):.3f} | {ratio:.1f}x |",
                flush=True,
            )


def _by_us(df: pd.DataFrame, method: str) -> float:
    finish(impute(df.head(100), ImputationSpec(method=method, max_iter=1)), 0)
    begun = time.process_time()
    finish(impute(df, ImputationSpec(method=method, max_iter=5, tol=0)), df.size)
    return time.process_time() - begun


def _by_r(df: pd.DataFrame, method: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder, "data.csv"), Path(folder, "run.R")
        df.to_csv(data, index=False)
        script.write_text(_R)
        try:
            done = subprocess.run(
                ["Rscript", str(script), str(data), method],
                capture_output=True,
                text=True,
                check=True,
            )
        except FileNotFoundError:
            sys.exit("There is no Rscript; install r-cran-mice and the others.")
    return float(done.stdout)


if __name__ == "__main__":
    main()
