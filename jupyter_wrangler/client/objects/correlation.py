"""Correlations of columns, as `correlate` returns them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.extensions import plots_of
from jupyter_wrangler.client.views import html
from jupyter_wrangler.engine.correlate.findings import strengths
from jupyter_wrangler.frames.printed import printed
from jupyter_wrangler.wording import count

#: Columns at most whose matrix is shown, and pairs at most that are listed.
_MAX_MATRIX, _MAX_LISTED = 20, 10
#: Shades of positive (or unsigned) and negative numbers, by strength; black text can
#: be read on all of them, and the number is there for those who see no colours.
_SHADE_LIMITS = (0.1, 0.3, 0.5, 0.7, 0.9)
_POSITIVE_SHADES = ("#dceafa", "#bcd8f3", "#97c2eb", "#6fa9e2", "#4f95da")
_NEGATIVE_SHADES = ("#fde6d3", "#fbcfa9", "#f8b47c", "#f29a50", "#e8853a")


@public
class Correlation:
    """Correlations of columns.

    Parameters
    ----------
    document : CorrelationDocument
        What was found.
    """

    def __init__(self, document: contract.CorrelationDocument) -> None:
        self.document = document

    def plot(self) -> Any:
        """Draw the matrix, similar columns side by side; see `charts.correlation`."""
        return plots_of(self)

    # ── numbers ──

    @property
    def columns(self) -> list[str]:
        """Columns that were correlated, in the order of the data."""
        return [column.name for column in self.document.columns]

    @property
    def order(self) -> list[str]:
        """The same columns, similar ones next to each other."""
        columns = self.columns
        return [columns[i] for i in self.document.order]

    @property
    def left_out(self) -> dict[str, str]:
        """Column -> why it was not correlated."""
        return {one.name: one.reason for one in self.document.left_out}

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out, in whole sentences."""
        return self.document.findings

    def to_frame(self, *, clustered: bool = False) -> pd.DataFrame:
        """Give the matrix of all pairs; NaN where a pair is not defined.

        Parameters
        ----------
        clustered : bool, default=False
            Whether similar columns are next to each other.

        Returns
        -------
        DataFrame of shape (p, p)
            Of Theil's U, the cell of line x and column y is U(x|y): how much of x is
            known from y.  The diagonal is 1, also for mutual information.
        """
        columns = self.columns
        found = _square_matrix(len(columns), self.document.r, self.document.back)
        frame = pd.DataFrame(found, index=columns, columns=columns)
        return frame.loc[self.order, self.order] if clustered else frame

    def pairs(self) -> pd.DataFrame:
        """List all pairs, the strongest first.

        Returns
        -------
        DataFrame
            `x`, `y`, `measure`, `r`, `n` (rows that have both), `p`, `p_adjusted`, and
            `reason` where `r` is not defined; Theil's U has `back` too, U(y|x).
        """
        found = self.document
        columns = np.array(self.columns, dtype=object)
        left, right = np.triu_indices(len(columns), 1)
        table = pd.DataFrame(
            {
                "x": columns[left],
                "y": columns[right],
                "measure": _words_of_codes(found.measures, found.measure),
                "r": np.array(found.r, dtype=np.float64),
                "n": np.array(found.n, dtype=np.int64),
                "p": np.array(found.p, dtype=np.float64),
                "p_adjusted": np.array(found.p_adjusted, dtype=np.float64),
                "reason": _words_of_codes(found.reasons, found.reason),
            }
        )
        if found.back:
            table.insert(4, "back", np.array(found.back, dtype=np.float64))
        strength = np.nan_to_num(strengths(found), nan=-1.0)
        rows = np.argsort(-strength, kind="stable")
        return table.iloc[rows].reset_index(drop=True)

    @property
    def missing(self) -> pd.DataFrame:
        """Correlation of missingness (phi), of the columns with missing values.

        1 says that two columns are always missing together, -1 that one is there
        where the other is missing.
        """
        found = self.document.missing
        matrix = _square_matrix(len(found.columns), found.r)
        return pd.DataFrame(matrix, index=found.columns, columns=found.columns)

    # ── views ──

    @cached_property
    def _strongest_pairs(self) -> pd.DataFrame:
        table = self.pairs()
        return table[table["r"].notna()].head(_MAX_LISTED)

    def __repr__(self) -> str:
        lines = [self._title, *(f"  {sentence}" for sentence in self.findings)]
        lines += [
            f"  {name!r} is left out. {why}"
            for name, why in _first_left_out(self.left_out)
        ]
        top = self._strongest_pairs
        if len(top):
            shown = pd.DataFrame(
                {
                    "x": top["x"].map(html.short),
                    "y": top["y"].map(html.short),
                    "measure": top["measure"],
                    "r": top["r"].map("{:.2f}".format),
                    "n": top["n"].map("{:,}".format),
                    "p": top["p_adjusted"].map(_p_value_text),
                }
            )
            lines += ["", printed(shown, ["x", "y", "measure"])]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        sentences = [html.text(sentence) for sentence in self.findings]
        sentences += [
            f"<b>{html.text(html.short(name))}</b> is left out. {html.text(why)}"
            for name, why in _first_left_out(self.left_out)
        ]
        parts = [f"<p><b>{html.text(self._title)}</b></p>"]
        if sentences:
            parts.append(
                "<ul>" + "".join(f"<li>{one}</li>" for one in sentences) + "</ul>"
            )
        if 1 < len(self.columns) <= _MAX_MATRIX:
            parts.append(self._matrix_html(self.to_frame(clustered=True)))
        if len(self._strongest_pairs):
            parts.append(self._pairs_html())
        missing = self.missing
        if 1 < len(missing) <= _MAX_MATRIX:
            parts.append("<p>Missing in the same rows (phi):</p>")
            parts.append(self._matrix_html(missing))
        return "".join(parts)

    @property
    def _title(self) -> str:
        found = self.document
        how = "by maximum likelihood" if found.use == "em" else "pairwise complete"
        measures = ", ".join(found.measures) or found.method
        columns = count(len(found.columns), "column")
        return (
            f"Correlation of {columns}, {count(found.n_rows, 'row')}, {how}: {measures}"
        )

    def _matrix_html(self, matrix: pd.DataFrame) -> str:
        unbounded = self.document.measures == ("mutual_info",)
        rows = [
            [
                html.text(html.short(name, 24)),
                *(
                    "" if name == other else _shaded_number(value, plain=unbounded)
                    for other, value in zip(matrix.columns, line, strict=True)
                ),
            ]
            for name, line in zip(matrix.index, matrix.to_numpy(), strict=True)
        ]
        heads = ["", *(html.short(name, 14) for name in matrix.columns)]
        return html.table(heads, rows, right=range(1, len(heads)))

    def _pairs_html(self) -> str:
        rows = [
            [
                f"{html.text(html.short(pair.x))} · {html.text(html.short(pair.y))}",
                pair.measure,
                f"{pair.r:.2f}",
                f"{pair.n:,}",
                _p_value_text(pair.p_adjusted),
            ]
            for pair in map(
                _Pair._make, self._strongest_pairs[list(_Pair._fields)].to_numpy()
            )
        ]
        heads = ["strongest pairs", "measure", "value", "rows", "p (corrected)"]
        return html.table(heads, rows, right={2, 3, 4})


class _Pair(NamedTuple):
    """A line of the table of pairs."""

    x: str
    y: str
    measure: str
    r: float
    n: int
    p_adjusted: float


def _square_matrix(
    p: int, r: tuple[float | None, ...], back: tuple[float | None, ...] = ()
) -> NDArray[np.float64]:
    found = np.eye(p)
    upper = np.triu_indices(p, 1)
    found[upper] = np.array(r, dtype=np.float64)
    found.T[upper] = np.array(back or r, dtype=np.float64)
    return found


def _words_of_codes(
    vocabulary: tuple[str, ...], which: tuple[int, ...]
) -> NDArray[np.object_]:
    """Words by position; -1 means none."""
    known = np.array([*vocabulary, ""], dtype=object)
    words: NDArray[np.object_] = known[np.array(which, dtype=np.intp)]
    return words


def _first_left_out(left_out: dict[str, str], most: int = 5) -> list[tuple[str, str]]:
    """Take the first of the columns that were left out, and count the rest."""
    reasons = list(left_out.items())
    rest = len(reasons) - most
    if rest <= 0:
        return reasons
    return [*reasons[:most], (count(rest, "more column"), "See left_out.")]


def _p_value_text(value: float) -> str:
    """Write a p-value as people do."""
    if np.isnan(value):
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _shaded_number(value: float, *, plain: bool) -> str:
    """Write a number, on a shade that says how strong it is."""
    if np.isnan(value):
        return "·"
    shade = int(np.searchsorted(_SHADE_LIMITS, abs(value), side="right"))
    if plain or not shade:
        return f"{value:.2f}"
    colour = (_POSITIVE_SHADES if value > 0 else _NEGATIVE_SHADES)[shade - 1]
    return f'<mark style="background-color: {colour}">{value:.2f}</mark>'
