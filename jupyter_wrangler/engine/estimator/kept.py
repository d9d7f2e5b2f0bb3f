"""Models that are kept with an imputation: whether, and as a fitted `Imputer`.

To impute later rows, columns without missing values need models too.  Where that costs
too much beside the imputation itself, none are kept, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.engine.estimator.imputer import Imputer
from jupyter_wrangler.engine.methods import method_of
from jupyter_wrangler.engine.models.costs.blocks import Shape
from jupyter_wrangler.engine.models.costs.methods import COSTS, VisitCost
from jupyter_wrangler.engine.planning.check import plan_columns
from jupyter_wrangler.engine.planning.cost import imputation_seconds
from jupyter_wrangler.engine.planning.frame import named
from jupyter_wrangler.engine.planning.given import check_given
from jupyter_wrangler.engine.planning.long_runs import spoken, tasks_of
from jupyter_wrangler.engine.state import State
from jupyter_wrangler.engine.strategies.impute import fit
from jupyter_wrangler.engine.strategies.run import Run
from jupyter_wrangler.engine.types import ColumnPlan, Given, Step
from jupyter_wrangler.errors import WranglerError

#: Seconds that models of columns without missing values may always take, and times the
#: seconds of the imputation, unless models were asked for.
_FREE_S, _TIMES = 1.0, 1.0
#: Bytes of one number.
_NUMBER = 8
#: Parameters of an `Imputer` that a spec has too.
_SHARED = tuple(
    name for name in ImputationSpec.model_fields if name in Imputer().get_params()
)
_FIT_IT = (
    "To impute later rows, fit jw.Imputer with the same settings yourself and save it"
)


def fit_and_keep(
    df: pd.DataFrame,
    spec: ImputationSpec,
    imputation: int,
    given: Given,
    *,
    most_bytes: int,
) -> Generator[Step, None, tuple[Run, str]]:
    """Make one imputation, and keep its models if they cost little.

    The imputed cells are the same either way.

    Parameters
    ----------
    df : DataFrame of shape (n, p)
        The data.
    spec : ImputationSpec
        What is asked for; `keep_models` says whether models are.
    imputation : int
        Which imputation.
    given : Given
        Where to start, and which cells.
    most_bytes : int
        Bytes of numbers that the models may hold.

    Returns
    -------
    run : Run
        The imputation.
    why : str
        Why it has no models for later rows; empty if it has.
    """
    why = _why_not(df, spec, given, most_bytes)
    run = yield from fit(df, spec, imputation, keep=not why, given=given)
    return run, why


def imputer_of(run: Run, spec: ImputationSpec, X: pd.DataFrame) -> Imputer:
    """Make the imputer that `Imputer.fit` would be, of a run that kept its models.

    Parameters
    ----------
    run : Run
        Of `fit_and_keep`.
    spec : ImputationSpec
        What was asked for.
    X : DataFrame
        The data, under their own labels.
    """
    asked = {name: getattr(spec, name) for name in _SHARED}
    asked |= {
        "columns": None if spec.columns is None else list(spec.columns),
        "predictors": {name: list(helpers) for name, helpers in spec.predictors.items()}
        or None,
        "blocks": {name: list(members) for name, members in spec.blocks.items()}
        or None,
        "visit_sequence": spec.visit_sequence
        if isinstance(spec.visit_sequence, str)
        else list(spec.visit_sequence),
    }
    asked |= {name: asked[name] or None for name in ("methods", "factor", "delta")}
    imputer = Imputer(**asked)
    imputer.adopt(run, X)
    return imputer


def too_large(state: State, most_bytes: int) -> str:
    """Say why models are too large to be kept; empty if they are not."""
    size = sum(array.nbytes for array in state.arrays)
    size += sum(len(values) * _NUMBER for values in state.columns)
    return _above(size, most_bytes) if size > most_bytes else ""


def _why_not(
    df: pd.DataFrame, spec: ImputationSpec, given: Given, most_bytes: int
) -> str:
    if spec.keep_models is False:
        return (
            "keep_models=False was asked for. Submit the job again without it, and "
            "the models are kept."
        )
    size = df.size * _NUMBER
    if size > most_bytes:
        # they hold the rows of the fit as donors, neighbours and levels
        return _above(size, most_bytes)
    frame = named(df)
    also = check_given(given, frame)
    try:
        plans = plan_columns(frame, spec, every=True, also=also)
    except WranglerError as error:
        return (
            "Later rows may lack values in columns that have all of them here, and "
            f"these cannot be modelled as asked: {error.message}"
        )
    return "" if spec.keep_models else _too_slow(len(df), plans, spec)


def _too_slow(n: int, plans: Iterable[ColumnPlan], spec: ImputationSpec) -> str:
    plans = tuple(plans)
    incomplete = [plan for plan in plans if plan.method and plan.n_missing]
    whole = [plan for plan in plans if plan.method and not plan.n_missing]
    p = sum(plan.width for plan in plans)
    own = sum(imputation_seconds(n, p, tasks_of(incomplete, spec), spec).values())
    others = max(len(plans) - 1, 1)
    helping = round(p * spec.n_predictors(others) / others)
    more = 0.0
    for plan in whole:
        cost = COSTS.get(plan.method)
        if isinstance(cost, VisitCost):
            shape = Shape(n=n, p=helping, f=0.0, trees=spec.n_estimators)
            visits = spec.max_iter if method_of(plan.method).replays else 1
            more += cost.seconds(shape) * visits
    if more <= max(_FREE_S, _TIMES * own):
        return ""
    return (
        f"{len(whole)} columns without missing values would need models for later rows "
        f"too, which takes about {spoken(more)} beside the imputation's {spoken(own)}. "
        "Submit the job again with keep_models=True if that is worth it."
    )


def _above(size: int, most_bytes: int) -> str:
    return (
        f"They would hold {np.ceil(size / 2**20):.0f} MiB of numbers for each "
        f"imputation, and {most_bytes / 2**20:.0f} MiB are kept "
        f"(JUPYTER_WRANGLER_MAX_MODEL_BYTES). {_FIT_IT}, on some of the rows or by a "
        "method that keeps no rows of the fit."
    )
