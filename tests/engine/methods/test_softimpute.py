"""A matrix of low rank is found, whatever lambda the search ends at."""

import numpy as np
import pandas as pd
import pytest

from jupyter_wrangler.engine.methods import softimpute
from jupyter_wrangler.engine.models.normal import standard


def low_rank(n, p, rank, *, noise=0.0, seed=0):
    """A matrix, and the same without a fifth of its cells."""
    rng = np.random.default_rng(seed)
    whole = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, p))
    whole += noise * rng.normal(size=(n, p))
    return whole, np.where(rng.random((n, p)) < 0.2, np.nan, whole)


def error(whole, given, done):
    """Root mean squared error of the imputed cells, in standard deviations."""
    off = ((done - whole) / whole.std(axis=0))[np.isnan(given)]
    return np.sqrt((off**2).mean())


@pytest.mark.parametrize(
    ("n", "p", "rank", "most"),
    [(2000, 5, 1, 0.05), (2000, 10, 2, 0.05), (200, 5, 1, 0.05), (400, 30, 3, 0.05)],
)
def test_fault_1_6_a_matrix_of_low_rank_is_completed(n, p, rank, most, run, complete):
    for seed in range(3):
        whole, given = low_rank(n, p, rank, seed=seed)
        df = pd.DataFrame(given, columns=[f"x{k}" for k in range(p)])
        done = complete(df, run(df, method="softimpute")).to_numpy()
        assert error(whole, given, done) < most


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_fault_1_6_each_lambda_is_solved(noise):
    # At the solution no round moves the matrix, and its singular values are those of
    # the matrix that it completes, less lambda.
    _, given = low_rank(300, 8, 2, noise=noise)
    mean, scale = standard(given)
    z = (given - mean) / scale
    for share in (0.3, 0.03, 0.003):
        way = softimpute.PATH[share < softimpute.PATH]
        *_, (_, found) = softimpute._path(z, np.append(way, share), softimpute.TOL)
        fitted = found.a @ found.b.T
        filled = np.where(np.isnan(z), fitted, z)
        s = np.linalg.svd(filled, compute_uv=False)
        shrunk = np.maximum(s - found.lambda_, 0.0)
        wanted = np.linalg.svd(fitted, compute_uv=False)
        assert wanted == pytest.approx(shrunk, abs=2e-3 * s[0])
