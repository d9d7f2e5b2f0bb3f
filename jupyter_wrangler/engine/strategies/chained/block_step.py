"""One step of a block in the chained equations: regress it, and impute it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.values import Values
from jupyter_wrangler.engine.models.design import Design
from jupyter_wrangler.engine.models.screening import few, screened
from jupyter_wrangler.engine.planning.blocks import Block
from jupyter_wrangler.engine.strategies.chained import multivariate_pmm
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import Rows


def fit_block(
    run: Run, design: Design, block: Block, others: Rows
) -> multivariate_pmm.MultivariatePMM:
    """Fit the model of a block."""
    whole = np.logical_and.reduce([run.columns[name].ry for name in block.members])
    own = design.own(block.members)
    others = np.setdiff1d(others, own)
    asked = not run.spec.predictors.keys().isdisjoint(block.members)
    if not asked and few(int(whole.sum()), len(others)):
        z = design.z[whole]
        others = others[screened(z[:, others], z[:, own], run.rng)]
    return multivariate_pmm.fit(
        design,
        block.members,
        whole,
        others,
        run.rng,
        donors=run.spec.donors,
        matchtype=run.spec.matchtype,
    )


def draw_block(
    run: Run,
    model: multivariate_pmm.MultivariatePMM,
    design: Design,
    missing: NDArray[np.bool_],
    rng: np.random.Generator,
) -> dict[str, tuple[NDArray[Any], Rows]]:
    """Impute what some rows of the design lack of a block, as `draw` does.

    Parameters
    ----------
    run : Run
        Whose rows are the donors.
    model : MultivariatePMM
        Of the block.
    design : Design
        Of n rows, those of the run or later ones.
    missing : ndarray of bool of shape (n, members)
        What the rows lack.
    rng : Generator
        Source of the draws.

    Returns
    -------
    dict of str to (numbers or codes, rows)
        Member with missing values -> what fills them, in the order of the rows, and
        whose it is.
    """
    some = np.flatnonzero(missing.any(axis=1))
    donors = model.draw(design.rows(some), missing[some], rng)
    whose = {
        name: donors[missing[some, k]]
        for k, name in enumerate(model.members)
        if missing[:, k].any()
    }
    return {name: (run.columns[name].y[rows], rows) for name, rows in whose.items()}


def over_block(
    run: Run, design: Design, model: multivariate_pmm.MultivariatePMM
) -> Mapping[str, Values]:
    """Impute the observed cells of a block that were asked for, row by row together."""
    over = np.zeros((design.n, len(model.members)), dtype=bool)
    for k, name in enumerate(model.members):
        over[run.observed_to_impute(name), k] = True
    hidden = over | run.lacking(model.members)
    hidden[~over.any(axis=1)] = False
    if not over.any():
        return {}
    found = draw_block(run, model, design, hidden, run.rng)
    return {
        name: run.columns[name].take(found[name][1][over[hidden[:, k], k]])
        for k, name in enumerate(model.members)
        if over[:, k].any()
    }
