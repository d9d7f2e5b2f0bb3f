"""The imputation methods, one per file; `protocol` says what a file provides."""

from __future__ import annotations

import importlib

from jupyter_wrangler.contract import Level, is_formula
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, NUMERIC, PREDICTORS
from jupyter_wrangler.engine.methods.protocol import Auto, Method, Passive
from jupyter_wrangler.engine.models.costs.advice import SAMPLE_ROWS
from jupyter_wrangler.engine.models.costs.methods import COSTS
from jupyter_wrangler.errors import UnknownMethod

#: What is known of the choice among the other methods; see `engine.selection`.
AUTO = Auto(
    name="auto",
    levels=PREDICTORS,
    stand_in="median",
    shorten=f"lower max_iter, or {SAMPLE_ROWS}",
)

#: What is known of any formula; see `columns.formula`.
PASSIVE = Passive(name="~", levels=NUMERIC)


def _load(name: str) -> Method:
    method: Method = importlib.import_module(f"{__name__}.{name}").METHOD
    return method


#: Name -> method, in the order in which they are offered.
METHODS: dict[str, Method] = {
    name: AUTO if name == AUTO.name else _load(name) for name in COSTS
}


def method_of(name: str) -> Method:
    """Give a method by its name, or what is known of a formula.

    Raises
    ------
    UnknownMethod
        If there is no such method.

    Examples
    --------
    >>> method_of("pmm").kind, method_of("~ weight / height ** 2").kind
    ('chained', 'passive')
    """
    if name in METHODS:
        return METHODS[name]
    if is_formula(name):
        return PASSIVE
    raise UnknownMethod(name, list(METHODS))


def fitting(level: Level) -> list[str]:
    """Names of the methods that can impute a column of this level.

    Examples
    --------
    >>> fitting("text")
    ['most_frequent', 'constant']
    """
    return [name for name, method in METHODS.items() if level in method.levels]


__all__ = [
    "AUTO",
    "CATEGORICAL",
    "METHODS",
    "NUMERIC",
    "PASSIVE",
    "Method",
    "fitting",
    "method_of",
]
