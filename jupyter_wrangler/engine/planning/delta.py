"""Shifts of classes on the scale of log-odds, for values missing not at random.

A class has no value to which a number could be added; what can be shifted is how
likely it is.  `delta` is added to the linear predictor of the logistic method that
draws the class, so it is a log-odds ratio: that of rows with a missing value against
rows without one whose predictors are the same.  At 0 the missing values are missing at
random.

References
----------
.. [1] F. P. Leacy, S. Floyd, T. A. Yates and I. R. White (2017), Analyses of
   Sensitivity to the Missing-at-Random Assumption Using Multiple Imputation With
   Delta Adjustment, American Journal of Epidemiology 185(4), 304-315.
.. [2] N. Resseguier, R. Giorgi and X. Paoletti (2011), Sensitivity analysis when data
   are missing not-at-random, Epidemiology 22(2), 282.
.. [3] S. van Buuren (2018), Flexible Imputation of Missing Data, sections 3.8 and 9.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import Level
from jupyter_wrangler.engine.columns.levels import CATEGORICAL, NUMERIC
from jupyter_wrangler.engine.methods import METHODS
from jupyter_wrangler.errors import InvalidSpec, shown

#: What is given for one column: a number, or one by class.
Delta = float | Mapping[str, float]


def shifting(level: Level) -> list[str]:
    """Name the methods with a linear predictor that can be shifted, the best first.

    Examples
    --------
    >>> shifting("boolean"), shifting("nominal"), shifting("ordered")
    (['logreg', 'polyreg'], ['polyreg', 'logreg'], ['polr'])
    """
    able = [method for method in METHODS.values() if level in method.shifts]
    return [one.name for one in sorted(able, key=lambda one: one.shifts.index(level))]


def check_kind(name: str, level: Level, delta: Delta) -> None:
    """Refuse a shift whose kind does not go with the level of its column.

    Examples
    --------
    >>> check_kind("smoker", "nominal", 0.5)
    Traceback (most recent call last):
    jupyter_wrangler.errors.InvalidSpec: A number was given as delta, but column
    'smoker' is nominal; say which class becomes more likely, for example
    delta={'smoker': {'a class': 0.5}}.
    """
    by_class = isinstance(delta, Mapping)
    if level not in NUMERIC | CATEGORICAL:
        raise InvalidSpec(
            f"delta shifts numbers and classes, but column {name!r} is {level}; leave "
            "it out."
        )
    if level == "nominal" and not by_class:
        raise InvalidSpec(
            f"A number was given as delta, but column {name!r} is nominal; say which "
            "class becomes more likely, for example "
            f"delta={{{name!r}: {{'a class': {delta}}}}}."
        )
    if by_class and level not in {"nominal", "boolean"}:
        what = "the log-odds of higher classes" if level == "ordered" else "the numbers"
        raise InvalidSpec(
            f"delta was given by class, but column {name!r} is {level}; give one "
            f"number that shifts {what}, for example delta={{{name!r}: 0.5}}."
        )


def check_classes(
    name: str, level: Level, method: str, delta: Delta, classes: Iterable[Any]
) -> None:
    """Refuse a shift of classes that nothing draws, or that the method cannot make.

    Parameters
    ----------
    name : str
        Name of the column.
    level : {"boolean", "nominal", "ordered"}
        Its level.
    method : str
        What imputes it.
    delta : float or mapping of str to float
        The shift.
    classes : iterable
        Its observed values.

    Raises
    ------
    InvalidSpec
    """
    able = shifting(level)
    if method not in able:
        raise InvalidSpec(
            f"delta shifts the log-odds of column {name!r}, which is {level}; only "
            f"{' and '.join(map(repr, able))} can do that, but {method!r} imputes it. "
            f"Ask for methods={{{name!r}: {able[0]!r}}}."
        )
    known = sorted({str(one) for one in classes})
    for one in delta if isinstance(delta, Mapping) else ():
        if one not in known:
            raise InvalidSpec(
                f"delta names the class {one!r} of column {name!r}, which nobody has; "
                f"there are {', '.join(map(shown, known[:20]))}"
                f"{', ...' if len(known) > 20 else ''}."
            )


def shift_of(
    delta: Delta | None, labels: Iterable[Any], level: Level
) -> NDArray[np.float64] | float | None:
    """Tell the shift as the methods take it.

    Parameters
    ----------
    delta : float or mapping of str to float, optional
        What was given; a number for a boolean column is that of True.
    labels : iterable of length K
        Observed classes, in the order of their codes.
    level : Level
        Of the column.

    Returns
    -------
    ndarray of shape (K,), float or None
        Added to the linear predictor of each class; for ordered classes to the one
        that they share.

    Examples
    --------
    >>> shift_of({"yes": 0.5}, ["no", "yes"], "nominal")
    array([0. , 0.5])
    >>> shift_of(-1.0, [False, True], "boolean")
    array([ 0., -1.])
    >>> shift_of(0.3, ["low", "high"], "ordered")
    0.3
    """
    if delta is None:
        return None
    if isinstance(delta, Mapping):
        return np.array([delta.get(str(one), 0.0) for one in labels])
    if level == "boolean":
        return np.array([delta if one else 0.0 for one in labels])
    return delta
