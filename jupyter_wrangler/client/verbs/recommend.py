"""Recommending a plan: which method for which column, and why."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Literal

from jupyter_wrangler import frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.client.verbs.arguments import recorded_seed
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine.estimator.run_steps import finish


@public
def recommend(
    df: Any,
    target: Hashable | None = None,
    *,
    n_imputations: int | Literal["auto"] = 1,
    random_state: int | None = 0,
) -> Plan:
    """Recommend a method for each column, with the reason in words.

    Parameters
    ----------
    df : pandas.DataFrame or polars.DataFrame
        The data; never changed.
    target : label, optional
        Column that a model will predict.  It is left alone and helps no other column,
        and the plan warns of what would give it away.
    n_imputations : int or "auto", default=1
        Imputations that you will make: one asks for best guesses, several (or "auto")
        for methods that draw.
    random_state : int or None, default=0
        Seed of the check on hidden cells; None draws one.

    Returns
    -------
    Plan
        Column -> method; change it as you like, and hand it to `impute`.

    Raises
    ------
    InvalidData
        If the data cannot be imputed; names the column and says what to do.
    InvalidSpec
        If there is no such target (UnknownColumn), or another setting makes no sense.

    Examples
    --------
    >>> import pandas as pd
    >>> df = pd.DataFrame({"x": range(60), "y": [2.0 * k for k in range(60)]})
    >>> df.loc[::7, "y"] = None
    >>> plan = recommend(df)
    >>> plan["y"] in {"linear", "softimpute"}  # both find that y is twice x
    True
    >>> plan["y"] = "knn"
    >>> plan["y"].reason
    'You chose it.'
    """
    # what tries methods takes a second to load, which a plan alone need not
    from jupyter_wrangler.engine.recommend import run  # noqa: PLC0415

    frame = frames.as_pandas(df)
    # refused in the words in which `impute` refuses it
    asked = build_request(
        ImputationSpec,
        n_imputations=n_imputations,
        random_state=recorded_seed(random_state),
    )
    steps = run.recommend(
        frame,
        None if target is None else str(target),
        n_imputations=asked.n_imputations,
        random_state=asked.random_state,
    )
    return Plan(finish(steps, frame.size))
