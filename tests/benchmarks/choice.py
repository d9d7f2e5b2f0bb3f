"""Coverage of pooled intervals where `auto` chooses the methods of 5 imputations.

    python tests/benchmarks/choice.py [replicates]

Three designs: weak relations, strong ones, and a logistic model.  In each a third of
two columns is missing, of one completely at random and of the other depending on a
complete column.  Prints by design the share of pooled 95 % intervals that hold the
true slopes, with its Monte Carlo error, the bias of the slopes, what was chosen, and
how often, and the seconds of CPU.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputations import impute_m
from jupyter_wrangler.engine.pooling.rubin import pool_scalar
from jupyter_wrangler.engine.selection import best_guess

#: Rows, imputations, and rounds of each.
N, M, ROUNDS = 500, 5, 5


@dataclass(frozen=True)
class Design:
    """How data are drawn, and the true slopes of `a` and `b`."""

    slopes: tuple[float, float]
    noise: float
    classes: bool = False

    def draw(self, rng: np.random.Generator) -> pd.DataFrame:
        """Draw data with missing values in `y` and `a`; `b` is complete."""
        b = rng.normal(size=N)
        a = 0.4 * b + np.sqrt(0.84) * rng.normal(size=N)
        mean = self.slopes[0] * a + self.slopes[1] * b
        y: Any = mean + self.noise * rng.normal(size=N)
        if self.classes:
            y = np.where(rng.random(N) < 1 / (1 + np.exp(-mean)), "yes", "no")
        df = pd.DataFrame({"y": y, "a": a, "b": b})
        df.loc[rng.random(N) < 1 / (1 + np.exp(0.8 - b)), "y"] = None
        df.loc[rng.random(N) < 0.3, "a"] = np.nan
        return df

    def fit(self, done: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Estimate slopes of completed data, and their variances."""
        x = np.column_stack([np.ones(N), done["a"], done["b"]])
        if not self.classes:
            inverse = np.linalg.inv(x.T @ x)
            y = done["y"].to_numpy()
            beta = inverse @ x.T @ y
            left = y - x @ beta
            return beta[1:], left @ left / (N - 3) * np.diagonal(inverse)[1:]
        y = (done["y"] == "yes").to_numpy(float)
        beta = np.zeros(3)
        for _ in range(25):
            p = 1 / (1 + np.exp(-x @ beta))
            inverse = np.linalg.inv(x.T @ (x * (p * (1 - p))[:, None]))
            beta = beta + inverse @ x.T @ (y - p)
        return beta[1:], np.diagonal(inverse)[1:]


DESIGNS = {
    "weak": Design((0.15, 0.1), 1.0),
    "strong": Design((2.0, -1.0), 0.5),
    "logistic": Design((0.8, -0.5), 0.0, classes=True),
}


@dataclass(frozen=True)
class Found:
    """What one design has shown."""

    covered: float
    #: Monte Carlo error of `covered`, over replicates.
    error: float
    bias: np.ndarray
    chosen: Counter[str]


def coverage(design: Design, replicates: Sequence[int]) -> Found:
    """Impute as often as there are replicates, and count intervals that hold."""
    held, found, chosen = [], [], Counter[str]()
    for k in replicates:
        df = design.draw(np.random.default_rng([k, 10]))
        spec = ImputationSpec(
            method="auto", n_imputations=M, max_iter=ROUNDS, random_state=k
        )
        made = impute_m(df, spec)
        picked = best_guess.chosen(made.imputations[0].events)
        chosen.update(f"{name}: {method}" for name, method in picked.items())
        fits = [design.fit(done) for done in made]
        pooled = [
            pool_scalar(
                np.array([q[j] for q, _ in fits]),
                np.array([u[j] for _, u in fits]),
                dfcom=N - 3,
            )
            for j in range(2)
        ]
        ends = [one.interval() for one in pooled]
        truth = design.slopes
        held.append(
            [low <= t <= high for (low, high), t in zip(ends, truth, strict=True)]
        )
        found.append([one.estimate for one in pooled])
    shares = np.mean(held, axis=1)
    return Found(
        covered=float(shares.mean()),
        error=float(shares.std(ddof=1) / np.sqrt(len(shares))),
        bias=np.mean(found, axis=0) - design.slopes,
        chosen=chosen,
    )


if __name__ == "__main__":
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for name, design in DESIGNS.items():
        start = time.process_time()
        one = coverage(design, range(times))
        spent = time.process_time() - start
        print(
            f"{name}: covered {one.covered:.3f} +- {one.error:.3f}, bias "
            f"{one.bias.round(3)}, {dict(one.chosen)}, {spent:.0f} s",
            flush=True,
        )
