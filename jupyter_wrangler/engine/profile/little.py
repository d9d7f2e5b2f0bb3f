"""Little's test in a profile: made where it means something, and told in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jupyter_wrangler.contract import Mcar
from jupyter_wrangler.engine.columns.levels import PREDICTORS
from jupyter_wrangler.engine.missingness.mcar import coordinates, littles
from jupyter_wrangler.engine.models.normal import Floats
from jupyter_wrangler.engine.profile.depend import codes_text

#: Rows of the sample that stands for a longer frame.
SAMPLE = 5_000
#: Columns at most.
COLUMNS = 250
#: Rows that each pattern needs on average, or chi-squared is no approximation.
PER_PATTERN = 2.0
#: Patterns times cubed coordinates at most; numbers that EM may touch.
PATTERNS = 50_000_000
TOUCHED = 2_000_000_000

ASSUMPTIONS = (
    "Columns are taken as normal, with one covariance in all rows; classes as dummies.",
    (
        "Each pattern of missing values should have many rows: with few, the p-value "
        "is rough."
    ),
    "Mean and covariance are by maximum likelihood (EM), from all rows with a value.",
    "A large p-value does not prove that values are missing completely at random.",
    "No test can tell missing at random from missing not at random.",
)


def mcar_of(
    frame: pd.DataFrame, levels: dict[str, str], random_state: int, *, n_codes: int = 0
) -> Mcar:
    """Make Little's test, or say why not.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        With string column names.
    levels : dict
        Column -> its level.
    random_state : int
        Seed of the sample that stands for a long frame.
    n_codes : int, default=0
        Cells of the whole frame that held a code and are missing in this one.

    Returns
    -------
    Mcar
        With a sentence in any case.

    Examples
    --------
    >>> x = np.arange(12.0)
    >>> frame = pd.DataFrame({"x": x, "y": np.where(x > 7, np.nan, (x * 7) % 11)})
    >>> found = mcar_of(frame, {"x": "continuous", "y": "continuous"}, 0)
    >>> round(found.statistic, 3), found.df, found.n_rows
    (8.056, 1, 12)
    """
    usable = [name for name, level in levels.items() if level in PREDICTORS]
    others = {
        name: f"It is {level}."
        for name, level in levels.items()
        if level not in PREDICTORS
    }
    if len(usable) > COLUMNS:
        return _no_test(
            f"{len(usable):,} columns are more than the {COLUMNS} that it can look at "
            "here; name some with columns=."
        )
    n, sample = len(frame), len(frame) > SAMPLE
    if sample:
        rng = np.random.default_rng(random_state)
        frame = frame.iloc[np.sort(rng.choice(n, SAMPLE, replace=False))]
    z, names, left_out = coordinates(frame[usable])
    left_out |= others
    # The test is the same in any unit, and the squares of these are finite.
    z = z / np.fmax.reduce(np.abs(z), axis=0, initial=0.0)
    why = _why_not(z, len(names))
    if why:
        return _no_test(why)
    q = z.shape[1]
    # An amount of work, not of time: the same data give the same numbers anywhere.
    max_iter = int(np.clip(TOUCHED / (len(z) * q * q), 100, 5_000))
    found = littles(z, tol=1e-10, max_iter=max_iter)
    if found.df <= 0:
        return _no_test("every pattern of missing values has columns of its own.")
    return Mcar(
        statistic=found.statistic,
        df=found.df,
        p_value=found.p_value,
        n_patterns=found.n_patterns,
        n_rows=len(z),
        sample=sample,
        columns=tuple(names),
        left_out=left_out,
        sentence=_sentence(found.p_value, n=len(z), sample=sample)
        + ("" if found.converged else f" EM had not settled after {max_iter} steps.")
        + (f" {codes_text(n_codes)} taken as missing in it." if n_codes else ""),
        assumptions=ASSUMPTIONS,
    )


def _why_not(z: Floats, columns: int) -> str:
    """Say why the test would mean nothing or take too long; empty if neither."""
    has = ~np.isnan(z)
    if columns < 2:
        return "it needs two columns of numbers or classes that differ."
    if has.all():
        return "the columns that it looks at have no missing values."
    _, rows = np.unique(np.packbits(has, axis=1), axis=0, return_counts=True)
    if len(z) < PER_PATTERN * len(rows):
        return (
            f"{len(rows):,} patterns of missing values in {len(z):,} rows are too "
            "many: nearly "
            "every row has one of its own, and chi-squared is no approximation then."
        )
    if len(rows) * z.shape[1] ** 3 > PATTERNS:
        return (
            f"{len(rows):,} patterns of {z.shape[1]} coordinates take too long here "
            "and now; jw.mcar_test(df) makes it."
        )
    return ""


def _sentence(p_value: float, *, n: int, sample: bool) -> str:
    shown = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    where = f", from a sample of {n:,} rows" if sample else ""
    if p_value < 0.05:
        return (
            f"Values are not missing completely at random (Little's test, {shown}"
            f"{where}): complete rows differ from the others."
        )
    return (
        "Nothing speaks against values missing completely at random (Little's test, "
        f"{shown}{where}), which is no proof."
    )


def _no_test(why: str) -> Mcar:
    return Mcar(sentence=f"Little's test was not made: {why}")
