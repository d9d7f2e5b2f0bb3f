"""The chains of several imputations: means and variances by iteration, and mixing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler.engine.pooling.convergence import autocorrelation, rhat
from jupyter_wrangler.engine.types import Imputation


def chains_of(imputations: Sequence[Imputation]) -> dict[str, NDArray[np.float64]]:
    """Means and variances by column, shape (m, rounds, 2), of the rounds that all ran.

    A chain that stopped early stays where it stopped, so the last rounds are those
    with which the others are compared; shorter chains repeat their last round.
    """
    if not imputations:
        return {}
    found: dict[str, NDArray[np.float64]] = {}
    for name in imputations[0].chains:
        chains = [one.chains[name] for one in imputations if name in one.chains]
        rounds = max(len(one) for one in chains)
        found[name] = np.stack(
            [
                np.concatenate([one, np.repeat(one[-1:], rounds - len(one), axis=0)])
                for one in chains
            ]
        )
    return found


def diagnostics_of(
    imputations: Sequence[Imputation], labels: Mapping[str, Any]
) -> pd.DataFrame:
    """Tell how well chains have mixed, see `Imputations.diagnostics`.

    Parameters
    ----------
    imputations : sequence of Imputation
        One or more.
    labels : mapping of str to label
        Name of a column -> its label in the data.
    """
    lines = {
        labels[name]: {
            "rounds": chains.shape[1],
            "rhat_mean": rhat(chains[:, :, 0]),
            "rhat_var": rhat(chains[:, :, 1]),
            "autocorrelation_mean": autocorrelation(chains[:, :, 0]),
            "autocorrelation_var": autocorrelation(chains[:, :, 1]),
        }
        for name, chains in chains_of(imputations).items()
    }
    heads = [
        "rounds",
        "rhat_mean",
        "rhat_var",
        "autocorrelation_mean",
        "autocorrelation_var",
    ]
    # labels of several levels are tuples here
    index = pd.Index(list(lines), name="column", tupleize_cols=False)
    return pd.DataFrame(list(lines.values()), columns=heads, index=index)


def chain_table(
    imputations: Sequence[Imputation], labels: Mapping[str, Any], which: int
) -> pd.DataFrame:
    """Means (0) or variances (1) of chains: imputation and round by column."""
    found = chains_of(imputations)
    rounds = max((chains.shape[1] for chains in found.values()), default=0)
    index = pd.MultiIndex.from_product(
        [range(len(imputations)), range(1, rounds + 1)], names=["imputation", "round"]
    )
    return pd.DataFrame(
        {labels[name]: chains[:, :, which].ravel() for name, chains in found.items()},
        index=index,
    )
