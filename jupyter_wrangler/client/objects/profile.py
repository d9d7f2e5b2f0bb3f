"""What a look at a frame found, as `profile` returns it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.extensions import plots_of
from jupyter_wrangler.client.objects.marking import mark_values
from jupyter_wrangler.client.views import profile_html, profile_text
from jupyter_wrangler.engine.missingness.patterns import Pairs
from jupyter_wrangler.errors import InvalidData


@public
class Profile:
    """What a look at a frame found.

    Its text and HTML begin with what stands out, in sentences; tables follow.

    Parameters
    ----------
    document : contract.ProfileDocument
        What `profile` found here, or an analysis job elsewhere.
    """

    def __init__(self, document: contract.ProfileDocument) -> None:
        #: All that was found, as it is stored and sent.
        self.document = document

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out, in whole sentences, most important first."""
        return self.document.sentences

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same as `findings`."""
        return self.document.sentences

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, or is from a sample."""
        return self.document.notes

    def to_frame(self) -> pd.DataFrame:
        """Give a line for each column.

        Returns
        -------
        DataFrame
            Level, dtype, missing values (count and share), different values,
            quantiles, mean, standard deviation, the most frequent value, and the
            histogram as blocks.
        """
        n = self.document.n_rows
        lines = [
            {
                "level": column.level,
                "dtype": column.dtype,
                "missing": column.n_missing,
                "share_missing": column.n_missing / n,
                "distinct": column.n_distinct,
                **{
                    name: column.quantiles.get(name)
                    for name in ("min", "q1", "median", "q3", "max", "mean", "sd")
                },
                "top": column.top[0].value if column.top else None,
                "shape": profile_text.blocks(column.histogram),
            }
            for column in self.document.columns
        ]
        index = pd.Index([c.name for c in self.document.columns], name="column")
        frame = pd.DataFrame(lines, index=index)
        return frame.astype({"distinct": "Int64"})

    @property
    def patterns(self) -> pd.DataFrame:
        """Patterns of missing values, as `md_pattern` prints them: 0 is missing.

        The number of rows is the index; the missing values of each pattern are the
        last column, those of each column the last line.  Of too many patterns the most
        frequent are listed, which `notes` says.
        """
        found = self.document.patterns
        lines = [
            [int(k not in pattern.missing) for k in range(len(found.columns))]
            + [len(pattern.missing)]
            for pattern in found.listed
        ]
        lines.append([*found.n_missing, sum(found.n_missing)])
        rows = [*(str(pattern.n_rows) for pattern in found.listed), "missing"]
        return pd.DataFrame(
            lines,
            index=pd.Index(rows, name="rows"),
            columns=[*found.columns, "missing"],
        )

    @property
    def plot(self) -> Any:
        """Charts: ``.missing()``, ``.patterns()``, ``.heatmap()`` and ``.flux()``."""
        return plots_of(self)

    @property
    def monotone(self) -> bool:
        """Whether a row that lacks a column lacks all that miss more values."""
        return self.document.patterns.monotone

    @property
    def pairs(self) -> Pairs:
        """Rows in which two columns are observed or missing, as `md_pairs` counts.

        Raises
        ------
        InvalidData
            If there are too many columns with missing values.
        """
        found = self._pair_counts()
        n = self.document.n_rows
        everything = [column.name for column in self.document.columns]
        own = pd.Series(
            {c.name: n - c.n_missing for c in self.document.columns}, dtype=int
        )
        # A column without missing values has all that another one has.
        rr = pd.DataFrame(
            [[int(min(own[a], own[b])) for b in everything] for a in everything],
            index=everything,
            columns=everything,
        )
        rr.loc[list(found.columns), list(found.columns)] = [
            list(row) for row in found.both
        ]
        rm = rr.rsub(own, axis=0)
        mr = rr.rsub(own, axis=1)
        return Pairs(rr=rr, rm=rm, mr=mr, mm=n - rr - rm - mr)

    @property
    def missing_correlation(self) -> pd.DataFrame:
        """Correlation (phi) of being missing, of columns with missing values.

        Raises
        ------
        InvalidData
            If there are too many columns with missing values.
        """
        found = self._pair_counts()
        return pd.DataFrame(
            [list(row) for row in found.correlation],
            index=list(found.columns),
            columns=list(found.columns),
            dtype=float,
        )

    @property
    def flux(self) -> pd.DataFrame:
        """Influx and outflux by column, as `flux` gives them."""
        shown = [one.model_dump() for one in self.document.flux]
        frame = pd.DataFrame(shown).set_index("column").astype(float)
        return frame.rename_axis(None)

    @property
    def disguised(self) -> pd.DataFrame:
        """Values that seem to stand for missing ones, with the evidence."""
        fields = list(contract.Disguised.model_fields)
        lines = [hit.model_dump() for hit in self.document.disguised]
        return pd.DataFrame(lines, columns=fields)

    @property
    def codes(self) -> dict[str, list[contract.Scalar]]:
        """Column -> values that surely mean missing, as `mark_missing` takes it."""
        return self._codes_by_column(unsure=False)

    @property
    def dependences(self) -> pd.DataFrame:
        """Columns whose missingness goes with others' values, largest first."""
        fields = list(contract.Dependence.model_fields)
        lines = [hit.model_dump() for hit in self.document.dependences.listed]
        return pd.DataFrame(lines, columns=fields)

    @property
    def runs(self) -> pd.DataFrame:
        """The longest runs of missing rows of each column."""
        lines = [
            (column.name, run.first, run.last, run.n)
            for column in self.document.columns
            for run in column.runs
        ]
        return pd.DataFrame(lines, columns=["column", "first", "last", "rows"])

    @property
    def mcar(self) -> contract.Mcar:
        """Little's test with its assumptions, or why it was not made."""
        return self.document.mcar

    def mark_missing(
        self, df: Any, *, unsure: bool = False, verbose: bool = True
    ) -> Any:
        """Turn the values that stand for missing ones into missing values.

        Parameters
        ----------
        df : pandas.DataFrame or polars.DataFrame
            The data; never changed.
        unsure : bool, default=False
            Also values that may be no more than values.
        verbose : bool, default=True
            Print how many cells held each value.

        Returns
        -------
        DataFrame
            As `jw.mark_missing` gives it.
        """
        return mark_values(df, self._codes_by_column(unsure=unsure), verbose=verbose)

    def _codes_by_column(self, *, unsure: bool) -> dict[str, list[contract.Scalar]]:
        codes: dict[str, list[contract.Scalar]] = {}
        for hit in self.document.disguised:
            if hit.sure or unsure:
                codes.setdefault(hit.column, []).append(hit.value)
        return codes

    def _pair_counts(self) -> contract.MissingPairs:
        if self.document.pairs is None:
            raise InvalidData(" ".join(self.document.notes))
        return self.document.pairs

    def __repr__(self) -> str:
        return profile_text.text(self.document)

    def _repr_html_(self) -> str:
        return profile_html.html(self.document)
