"""Proper scores of draws, and the rule by which one method takes another's place.

`drawn` are D draws of each of n hidden values `truth`.  Scores are losses: smaller is
better.  Two methods are compared on the same cells, so the difference of their losses
is what counts, and its standard error is taken over rows: the cells of one row are
not independent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.engine.columns.levels import CATEGORICAL, DATES

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

#: Draws of each hidden value, at least, before another method can be chosen.
DRAWS = 10
#: Standard errors by which one rival has to be better, and each of several: of six
#: equal methods the best one is 2 standard errors better in a tenth of all data sets.
BEYOND_ONE, BEYOND_SEVERAL = 2.0, 2.5
#: Rows with hidden cells at least: fewer give no standard error to rely on.
ROWS = 10
#: Share by which it has to be better besides, so that rounding decides nothing.
BETTER = 0.01


def crps(truth: Floats, drawn: Floats) -> Floats:
    """Continuous ranked probability score of draws, in its fair form.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        Hidden numbers.
    drawn : ndarray of shape (D, n)
        Draws of each, two or more.

    Returns
    -------
    ndarray of shape (n,)
        mean |x - y| - sum |x_i - x_j| / (2 D (D - 1)) over ordered pairs, in the unit
        of the numbers.  Its expectation does not depend on D.  Divided by D^2 instead
        it would prefer draws that are too narrow.

    References
    ----------
    .. [1] C. A. T. Ferro (2014), Fair scores for ensemble forecasts, Quarterly
       Journal of the Royal Meteorological Society 140, 1917-1923.
    .. [2] M. Zamo and P. Naveau (2018), Estimation of the CRPS with limited
       information, Mathematical Geosciences 50, 209-234.

    Examples
    --------
    >>> crps(np.array([3.0]), np.array([[1.0], [2.0], [4.0], [7.0]])).round(10)
    array([0.33333333])
    """
    d = len(drawn)
    ranked = np.sort(drawn, axis=0)
    # the sum over ordered pairs is 2 sum (2 i - d - 1) x_(i)
    weights = (2 * np.arange(1, d + 1) - d - 1) / (d * (d - 1))
    found: Floats = np.abs(drawn - truth).mean(axis=0) - weights @ ranked
    return found


def log_loss(truth: Codes, drawn: Codes, classes: int) -> Floats:
    """Negative log score of drawn classes, with a floor for those not drawn.

    Parameters
    ----------
    truth : ndarray of shape (n,)
        Codes of the hidden classes.
    drawn : ndarray of shape (D, n)
        Codes that were drawn.
    classes : int
        Number K of classes.

    Returns
    -------
    ndarray of shape (n,)
        - log((k + 1/K) / (D + 1)) for a class that k of D draws name: one draw's worth
        of doubt is spread over the classes, so a class that was not drawn has the
        probability 1 / (K (D + 1)) rather than none.

    References
    ----------
    .. [1] T. Gneiting and A. E. Raftery (2007), Strictly Proper Scoring Rules,
       Prediction, and Estimation, JASA 102(477), 359-378.

    Examples
    --------
    >>> log_loss(np.array([0, 1]), np.zeros((10, 2), dtype=int), 2).round(3)
    array([0.047, 3.091])
    """
    hits = (drawn == truth).sum(axis=0)
    found: Floats = -np.log((hits + 1 / max(classes, 1)) / (len(drawn) + 1))
    return found


def brier(truth: Codes, drawn: Codes) -> Floats:
    """Half the Brier score of drawn classes in its fair form, shape (n,).

    It is the CRPS with 0 and 1 as distances.  The log score of few draws flatters
    methods that are too sure of themselves; this one does not.

    Examples
    --------
    >>> brier(np.array([0, 1]), np.array([[0, 0], [0, 0], [1, 0]])).round(4)
    array([-0.,  1.])
    """
    d = len(drawn)
    equal = sum((drawn == one).sum(axis=0) - 1 for one in drawn)
    apart = 1 - equal / (d * (d - 1))
    found: Floats = (drawn != truth).mean(axis=0) - apart / 2
    return found


@dataclass(frozen=True, kw_only=True)
class Margin:
    """By how much a method differs from the standard one on the same cells."""

    #: Mean loss less that of the standard method; negative where it is better.
    mean: float
    se: float
    #: Rows with hidden cells behind it.
    rows: int
    #: Mean loss of the standard method.
    standard: float
    #: Whether another score says the same: for classes the fair Brier score, since the
    #: log score of few draws flatters methods that are too sure of themselves.
    backed: bool = True
    #: Whether it was better on other cells too; None where that was not tried.
    confirmed: bool | None = None
    #: Cells behind it.
    cells: int = 0

    @classmethod
    def of(
        cls, ours: Floats, theirs: Floats, counts: Floats, *, backed: bool = True
    ) -> Margin:
        """Compare sums of losses by row (or block of rows) with counts of cells.

        Parameters
        ----------
        ours, theirs : ndarray of shape (c,)
            Sum of the losses of the cells of each row: of a method, and the standard.
        counts : ndarray of shape (c,)
            Cells of each row; rows without any do not count.

        Examples
        --------
        >>> ours, theirs = np.array([1.0, 3.0, 2.0]), np.array([2.0, 3.0, 4.0])
        >>> found = Margin.of(ours, theirs, np.ones(3))
        >>> found.mean, round(found.se, 4), found.rows
        (-1.0, 0.5774, 3)
        """
        there = counts > 0
        apart, counts = (ours - theirs)[there], counts[there]
        n, c = float(counts.sum()), len(counts)
        if not c:
            return cls(mean=0.0, se=math.inf, rows=0, standard=0.0)
        mean = float(apart.sum()) / n
        about = apart - counts * mean
        scale = c / (c - 1) if c > 1 else math.inf
        se = math.sqrt(float((about**2).sum()) * scale) / n if c > 1 else math.inf
        standard = float(theirs[there].sum()) / n
        return cls(
            mean=mean, se=se, rows=c, standard=standard, backed=backed, cells=round(n)
        )

    def beyond(self, rivals: int) -> float:
        """Tell how many standard errors are wanted, more where rows are few.

        It is the quantile of Student's t that belongs to 2 (or 2.5) of a normal.

        Examples
        --------
        >>> round(Margin(mean=0.0, se=1.0, rows=10, standard=1.0).beyond(3), 1)
        3.1
        """
        z = BEYOND_ONE if rivals == 1 else BEYOND_SEVERAL
        nu = max(self.rows - 1, 1)
        first = (z**3 + z) / (4 * nu)
        return z + first + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * nu**2)

    def beats(self, rivals: int) -> bool:
        """Whether the method is better beyond chance, one of so many rivals."""
        if self.rows < ROWS or not self.backed or self.confirmed is False:
            return False
        if self.mean >= -BETTER * abs(self.standard):
            return False
        return self.mean < -self.beyond(rivals) * self.se


def taken(margins: Mapping[str, Margin]) -> str:
    """Name the rival that takes the place of the standard method; empty if none does.

    Examples
    --------
    >>> near = Margin(mean=-0.1, se=0.1, rows=100, standard=1.0)
    >>> clear = Margin(mean=-0.5, se=0.1, rows=100, standard=1.0)
    >>> taken({"norm": near, "rf": clear}), taken({"norm": near})
    ('rf', '')
    """
    better = [name for name, one in margins.items() if one.beats(len(margins))]
    return min(better, key=lambda name: margins[name].mean, default="")


def standard_of(level: str, classes: int) -> str:
    """Name the method that several imputations take unless another is clearly better.

    Those of mice: predictive mean matching for numbers and dates, logistic models for
    classes.  With more classes than `MANY` it is matching again, since a model with a
    slope for each of them has little to learn it from.

    Examples
    --------
    >>> standard_of("integer", 0), standard_of("nominal", 2), standard_of("nominal", 3)
    ('pmm', 'logreg', 'polyreg')
    >>> standard_of("ordered", 4), standard_of("boolean", 2), standard_of("nominal", 40)
    ('polr', 'logreg', 'pmm')
    """
    if level not in CATEGORICAL or classes > MANY:
        return "pmm"
    if level == "ordered":
        return "polr"
    return "logreg" if classes <= 2 else "polyreg"


#: Classes up to which a logistic model is the standard.
MANY = 10


def sure(
    margins: Mapping[str, Margin], standard: str, chosen: str, *, level: str
) -> str:
    """Say how sure the choice is, in whole sentences.

    Parameters
    ----------
    margins : mapping of str to Margin
        Rivals of the standard method.
    standard, chosen : str
        The standard method, and what was taken.
    level : str
        Measurement level of the column.

    Examples
    --------
    >>> margin = Margin(mean=-0.1, se=0.1, rows=100, standard=1.0, cells=100)
    >>> print(sure({"norm": margin}, "pmm", "pmm", level="continuous"))
    it is the standard method; 'norm' is better by 0.1, which is 1.0 standard errors,
    and 2.0 are wanted. CRPS of 100 hidden cells: pmm 1, norm 0.9.
    """
    first = next(iter(margins.values()))
    listed = ", ".join(
        [f"{standard} {first.standard:.3g}"]
        + [f"{name} {one.standard + one.mean:.3g}" for name, one in margins.items()]
    )
    measure = f"{_measure(level)} of {first.cells:,} hidden cells: {listed}."
    name = chosen
    if chosen == standard:
        name = min(margins, key=lambda one: margins[one].mean)
    one = margins[name]
    apart = (
        f"by {-one.mean:.2g}, which is {_times(one)} standard errors, and "
        f"{one.beyond(len(margins)):.1f} are wanted"
    )
    if chosen != standard:
        return (
            f"it is better than {standard!r}, the standard method, {apart}; and on "
            f"other cells too. {measure}"
        )
    if first.rows < ROWS:
        why = "too few rows have hidden cells to prefer another"
    elif one.mean >= 0:
        why = "no other was better"
    elif one.confirmed is False:
        why = f"{name!r} was better on some hidden cells, but not on others"
    elif not one.backed:
        why = f"{name!r} is better {apart}, but not by its Brier score"
    else:
        why = f"{name!r} is better {apart}"
    return f"it is the standard method; {why}. {measure}"


def _times(one: Margin) -> str:
    return f"{-one.mean / one.se:.1f}" if one.se > 0 else "infinitely many"


def _measure(level: str) -> str:
    if level in CATEGORICAL:
        return "Negative log score"
    return "CRPS (in standard deviations)" if level in DATES else "CRPS"


def by_row(losses: Sequence[Floats], rows: Sequence[NDArray[Any]], n: int) -> Floats:
    """Sum losses of several repeats by row, shape (n,)."""
    found = np.zeros(n)
    for part, at in zip(losses, rows, strict=True):
        np.add.at(found, at, part)
    return found
