"""An array of floats: all columns planned at once, and filled by means or medians.

On 100 x 5 cells the planning of columns, one by one, takes as long as all that
scikit-learn's SimpleImputer does.  Of floats there is nothing to plan, if nothing else
is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.columns.column import Column
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.engine.methods.protocol import OneValue
from jupyter_wrangler.engine.planning.frame import LARGEST
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.strategies.simple.cells import SimpleState
from jupyter_wrangler.engine.strategies.simple.fills import Fill
from jupyter_wrangler.engine.types import ColumnPlan

#: Methods that are planned alike for every column of floats, and those of one value.
_ALIKE, _ONE_VALUE = frozenset({"mean", "median", "knn"}), frozenset({"mean", "median"})
_USUAL = vars(ImputationSpec())


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the columns before a run."""

    plans: tuple[ColumnPlan, ...]
    columns: dict[str, Column]


def floats_of(frame: pd.DataFrame, spec: ImputationSpec) -> Known | None:
    """Plan columns of floats, as `plan_columns` does with ``every``.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        With columns of 64-bit floats only, as `named` gives it.
    spec : ImputationSpec
        What is asked for.

    Returns
    -------
    Known or None
        None where there is more to it: other methods or settings, columns without any
        value, and numbers that are refused.

    Examples
    --------
    >>> frame = pd.DataFrame({"x": [1.0, np.nan, 3.0]})
    >>> known = floats_of(frame, ImputationSpec(method="knn"))
    >>> known.plans[0].n_missing
    1
    >>> floats_of(frame, ImputationSpec(method="pmm")) is None
    True
    """
    same = {"method": spec.method, "random_state": spec.random_state}
    if spec.method not in _ALIKE or vars(spec) != _USUAL | same:
        return None
    y = frame.to_numpy()
    missing = np.isnan(y)
    lacking = missing.sum(axis=0).tolist()
    n = len(y)
    if max(lacking) == n or float(np.fmax.reduce(np.abs(y), axis=None)) > LARGEST:
        return None
    names = [str(name) for name in frame.columns]
    observed = ~missing
    return Known(
        plans=tuple(
            ColumnPlan(
                name=name,
                level="continuous",
                method=spec.method,
                reason="",
                n_missing=k,
                n_observed=n - k,
            )
            for name, k in zip(names, lacking, strict=True)
        ),
        columns={
            name: Column(name=name, level="continuous", own=y[:, j], ry=observed[:, j])
            for j, name in enumerate(names)
        },
    )


def fit_floats(known: Known, spec: ImputationSpec) -> Run | None:
    """Learn the means or medians of columns of floats, and fill them.

    Parameters
    ----------
    known : Known
        Of `floats_of`.
    spec : ImputationSpec
        What is asked for.

    Returns
    -------
    Run or None
        As `impute.fit` gives it with ``keep``; None for other methods.

    Examples
    --------
    >>> spec = ImputationSpec(method="mean")
    >>> known = floats_of(pd.DataFrame({"x": [1.0, np.nan, 3.0]}), spec)
    >>> fit_floats(known, spec).imputed["x"]
    array([2.])
    """
    method = METHODS[spec.method]
    if spec.method not in _ONE_VALUE or not isinstance(method, OneValue):
        return None
    if method.number is None:
        return None
    seed = np.random.SeedSequence(spec.random_state, spawn_key=(0,))
    state = SimpleState()
    run = Run(
        spec=spec,
        imputation=0,
        rng=np.random.default_rng(seed),
        plans=known.plans,
        columns=known.columns,
        keep=True,
        states={"simple": state},
    )
    for plan in known.plans:
        name, column = plan.name, known.columns[plan.name]
        value = method.number(column.own[column.ry])
        state.fills[name] = Fill(own=np.array([value]), y=value)
        run.starts[name] = value
        if plan.n_missing:
            run.imputed[name] = np.full(plan.n_missing, value)
    return run
