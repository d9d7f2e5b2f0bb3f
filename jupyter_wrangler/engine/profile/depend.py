"""Whether the missing values of a column go with the values of another one.

For a column with missing values, the rows split in two: those that lack it, and those
that have it.  A number is compared between both by its standardised mean difference and
Welch's t; classes by Cramer's V and Pearson's chi-squared.  All that is needed are sums
over rows, which matrix products of the indicators and some columns at a time give for
all pairs at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import Dependence, Dependences
from jupyter_wrangler.engine.profile.missing_values import MissingCells
from jupyter_wrangler.engine.profile.products import over_rows

Floats = NDArray[np.float64]

#: Comparisons at most; a wider frame has to be looked at in pieces.
MOST = 40_000
#: Comparisons that are reported.
MOST_LISTED = 200
#: Classes at most.
CLASSES = 50
#: Rows that both groups need.
FEWEST = 5
#: Columns that are held as numbers at once.
WIDTH = 16
#: Adjusted p-values below count as found.
ALPHA = 0.05


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A column as a possible reason of missing values."""

    name: str
    #: Numbers with NaN for missing values, or codes with -1, shape (n,).
    y: NDArray[np.float64] | NDArray[np.intp]
    #: Number of classes; 0 for numbers.
    classes: int


@dataclass(kw_only=True)
class Comparisons:
    """Sums over the rows that lack a column, collected feature by feature."""

    cells: MissingCells
    #: Cells that hold a code and are taken as missing.
    n_codes: int = 0
    #: Pairs of a column with missing values and another one, and what was found.
    pairs: list[tuple[str, str]] = field(default_factory=list)
    #: Whether numbers were compared; rows of both groups; effect; p-value.
    numeric: list[bool] = field(default_factory=list)
    rows: list[tuple[int, int]] = field(default_factory=list)
    effects: list[float] = field(default_factory=list)
    p_values: list[float] = field(default_factory=list)
    _waiting: list[Feature] = field(default_factory=list)

    def add(self, feature: Feature) -> None:
        """Compare a feature, as soon as enough of them have come together."""
        self._waiting.append(feature)
        if len(self._waiting) == WIDTH:
            self.flush()

    def flush(self) -> None:
        """Compare all features that wait."""
        numbers = [f for f in self._waiting if not f.classes]
        classes = [f for f in self._waiting if f.classes]
        self._waiting = []
        if not len(self.cells.incomplete):
            return
        if numbers:
            self._compare_numbers(numbers)
        if classes:
            self._compare_classes(classes)

    def _compare_numbers(self, features: list[Feature]) -> None:
        k, h = len(features), len(self.cells.incomplete)
        centre = np.zeros(k)
        scale = np.ones(k)
        for j, feature in enumerate(features):
            finite = np.isfinite(feature.y)
            seen = feature.y if finite.all() else feature.y[finite]
            if not len(seen):
                continue
            # By the largest, whose square alone might be infinite.
            largest = float(np.abs(seen).max()) or 1.0
            centre[j] = float((seen / largest).mean()) * largest
            spread = float((seen / largest - centre[j] / largest).std()) * largest
            scale[j] = spread or 1.0
        lacking, whole = np.zeros((h, 3 * k)), np.zeros(3 * k)
        for rows, bits in self.cells.blocks():
            sums = np.zeros((3 * k, bits.shape[1]))
            for j, feature in enumerate(features):
                z = (feature.y[rows] - centre[j]) / scale[j]
                seen = np.isfinite(z)
                sums[j] = seen
                sums[k + j] = np.where(seen, z, 0.0)
                sums[2 * k + j] = sums[k + j] ** 2
            lacking += over_rows(bits.astype(np.float64), sums)
            whole += sums.sum(axis=1)
        n1, s1, q1 = np.split(lacking, 3, axis=1)
        n0, s0, q0 = np.split(whole - lacking, 3, axis=1)
        names = [feature.name for feature in features]
        effect, p_value = _welch((n1, s1, q1), (n0, s0, q0))
        self._record(names, n1, n0, effect, p_value, numeric=True)

    def _compare_classes(self, features: list[Feature]) -> None:
        h = len(self.cells.incomplete)
        stops = np.cumsum([feature.classes for feature in features])
        lacking, whole = np.zeros((h, stops[-1])), np.zeros(stops[-1])
        for rows, bits in self.cells.blocks():
            size = bits.shape[1]
            ones = np.zeros((stops[-1], size), dtype=np.float32)
            for stop, feature in zip(stops, features, strict=True):
                codes = feature.y[rows].astype(np.intp)
                seen = np.flatnonzero(codes >= 0)
                ones[stop - feature.classes + codes[seen], seen] = 1.0
            # Whole numbers up to a block of rows are exact in single precision.
            lacking += over_rows(bits.astype(np.float32), ones)
            whole += ones.sum(axis=1, dtype=np.float64)
        for stop, feature in zip(stops, features, strict=True):
            part = slice(stop - feature.classes, stop)
            held = lacking[:, part]
            n1, n0, effect, p_value = _chi_squared(held, whole[part] - held)
            self._record(
                [feature.name],
                n1[:, None],
                n0[:, None],
                effect[:, None],
                p_value[:, None],
                numeric=False,
            )

    def _record(
        self,
        names: list[str],
        n1: Floats,
        n0: Floats,
        effect: Floats,
        p_value: Floats,
        *,
        numeric: bool,
    ) -> None:
        # A column has no values where it is missing, and so no p-value by itself.
        for i, j in zip(*np.nonzero(np.isfinite(p_value)), strict=True):
            column = self.cells.names[self.cells.incomplete[i]]
            self.pairs.append((column, names[j]))
            self.numeric.append(numeric)
            self.rows.append((int(n1[i, j]), int(n0[i, j])))
            self.effects.append(float(effect[i, j]))
            self.p_values.append(float(p_value[i, j]))

    def found(self) -> Dependences:
        """Correct for the number of comparisons, and list the largest effects."""
        self.flush()
        p_values = np.array(self.p_values)
        adjusted = holm(p_values)
        hits = np.flatnonzero(adjusted < ALPHA)
        order = sorted(hits, key=lambda k: (-abs(self.effects[k]), self.pairs[k]))
        notes = []
        if self.pairs:
            notes.append(
                f"{len(self.pairs):,} comparisons of rows with and without a value, "
                "by Welch's t-test for numbers and the chi-squared test for classes; "
                "p-values are corrected for their number by Holm's method. Many rows "
                "make small differences significant: look at the effect first."
            )
        if self.pairs and self.n_codes:
            notes.append(f"{codes_text(self.n_codes)} taken as missing here.")
        if len(hits) > MOST_LISTED:
            notes.append(
                f"The {MOST_LISTED} largest of {len(hits):,} effects are listed."
            )
        return Dependences(
            listed=tuple(
                Dependence(
                    column=self.pairs[k][0],
                    on=self.pairs[k][1],
                    n_missing=self.rows[k][0],
                    n_observed=self.rows[k][1],
                    measure=(
                        "standardised mean difference"
                        if self.numeric[k]
                        else "Cramer's V"
                    ),
                    effect=self.effects[k],
                    p_value=self.p_values[k],
                    p_adjusted=float(adjusted[k]),
                )
                for k in order[:MOST_LISTED]
            ),
            n_found=len(hits),
            n_compared=len(self.pairs),
            notes=tuple(notes),
        )


def _welch(
    lacking: tuple[Floats, ...], having: tuple[Floats, ...]
) -> tuple[Floats, Floats]:
    """Standardised mean difference and p-value from counts, sums and squares."""
    from scipy.special import stdtr  # noqa: PLC0415  slow to import

    (n1, s1, q1), (n0, s0, q0) = lacking, having
    with np.errstate(divide="ignore", invalid="ignore"):
        v1 = np.maximum(q1 - s1**2 / n1, 0.0) / (n1 - 1)
        v0 = np.maximum(q0 - s0**2 / n0, 0.0) / (n0 - 1)
        # What cancels down to rounding errors is no spread.
        v1, v0 = (np.where(v < 1e-12, 0.0, v) for v in (v1, v0))
        apart = s1 / n1 - s0 / n0
        effect = apart / np.sqrt((v1 + v0) / 2)
        e1, e0 = v1 / n1, v0 / n0
        t = apart / np.sqrt(e1 + e0)
        freedom = (e1 + e0) ** 2 / (e1**2 / (n1 - 1) + e0**2 / (n0 - 1))
        p_value = 2 * stdtr(freedom, -np.abs(t))
    few = np.minimum(n1, n0) < FEWEST
    return effect, np.where(few | ~np.isfinite(effect), np.nan, p_value)


def _chi_squared(
    lacking: Floats, having: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Rows of both groups, Cramer's V and p-value; one line for each column."""
    from scipy.special import chdtrc  # noqa: PLC0415  slow to import

    n1, n0 = lacking.sum(axis=1), having.sum(axis=1)
    n = n1 + n0
    margin = lacking + having
    classes = (margin > 0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = margin * (n1 / n)[:, None]
        # In a table of two lines the differences are the same in both.
        squares = np.where(margin > 0, (lacking - wanted) ** 2 / wanted, 0.0)
        chi2 = squares.sum(axis=1) * n / n0
        effect = np.sqrt(chi2 / n)
        p_value = chdtrc(classes - 1, chi2)
    few = np.minimum(n1, n0) < np.maximum(FEWEST, classes)
    return n1, n0, effect, np.where(few | (classes < 2), np.nan, p_value)


def codes_text(n: int) -> str:
    """Count the cells whose value surely stands for a missing one.

    Examples
    --------
    >>> codes_text(24)
    '24 cells with codes that stand for missing values are'
    """
    if n == 1:
        return "1 cell with a code that stands for a missing value is"
    return f"{n:,} cells with codes that stand for missing values are"


def holm(p_values: Floats) -> Floats:
    """Correct p-values for their number, so that few are below alpha by chance.

    References
    ----------
    .. [1] S. Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure,
       Scandinavian Journal of Statistics 6(2), 65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])
    """
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    steps = np.maximum.accumulate(p_values[order] * factors) if len(order) else p_values
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted
