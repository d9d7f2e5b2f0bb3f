"""A leaderboard: which method imputes which column best, and how well.

Errors are in the unit of the column, so that one can judge what they mean; a method
as a whole is judged by its errors as shares of those of the baseline.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from jupyter_wrangler import contract
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.extensions import plots_of
from jupyter_wrangler.client.objects.plan import Plan
from jupyter_wrangler.client.views import leaderboard as views
from jupyter_wrangler.engine.compare.findings import number
from jupyter_wrangler.errors import InvalidSpec, ResultNotReady
from jupyter_wrangler.wording import count


@public
class Leaderboard:
    """Methods in the order of their errors in hidden cells.

    Parameters
    ----------
    document : contract.LeaderboardDocument
        What the comparison has found so far.
    """

    def __init__(self, document: contract.LeaderboardDocument) -> None:
        self.document = document

    def plot(self) -> Any:
        """Draw the error of each method; see `charts.leaderboard`."""
        return plots_of(self)

    @property
    def findings(self) -> tuple[str, ...]:
        """What stands out, in whole sentences."""
        return self.document.findings

    @property
    def done(self) -> bool:
        """Whether every method was tried in every repeat."""
        return self.document.n_done == self.document.n_trials

    @property
    def ranking(self) -> pd.DataFrame:
        """A line for each method, the best first.

        `error` (mean over the columns, as a share of that of the baseline), its
        `spread` over the repeats, `worse` (than the baseline), `coverage` of the 90 %
        intervals, `draws`, `repeats`, `seconds` of one imputation, `peak_mib` and
        `reason`, why it could not run.
        """
        lines = [
            {
                "rank": one.rank,
                "error": one.ratio,
                "spread": one.spread,
                "worse": one.worse,
                "coverage": one.coverage,
                "draws": one.draws,
                "repeats": one.repeats,
                "seconds": one.seconds,
                "peak_mib": one.peak_mib,
                "reason": one.error,
            }
            for one in self.document.methods
        ]
        names = pd.Index([one.method for one in self.document.methods], name="method")
        whole = {"rank": "Int64"}
        shares = dict.fromkeys(
            ("error", "spread", "coverage", "seconds", "peak_mib"), "float64"
        )
        return pd.DataFrame(lines, index=names).astype(whole | shares)

    def to_frame(self) -> pd.DataFrame:
        """Give every score: a line for each method and column.

        Returns
        -------
        DataFrame
            `method`, `column`, `unit`, `used` (method that filled it, where the one
            asked for does not fit), `n` (hidden cells), `error`, `ratio`, `worse`,
            and what has a meaning for the column of `mae`, `rmse`, `bias`, `right`,
            `balanced`, `single`, `wasserstein`, `energy`, `coverage` and `width`.
        """
        units = {column.name: column.unit for column in self.document.columns}
        lines = [
            {
                "method": one.method,
                "column": score.column,
                "unit": units[score.column],
                "used": ", ".join(score.used),
                **score.model_dump(exclude={"column", "used", *_NUMBERS}),
                **{name: getattr(score, name) for name in _NUMBERS},
            }
            for one in self.document.methods
            for score in one.scores
        ]
        heads = ["method", "column", "unit", "used", "n", "error", "ratio", "worse"]
        found = pd.DataFrame(lines, columns=[*heads, *_NUMBERS])
        return found.astype(dict.fromkeys(("error", "ratio", *_NUMBERS), "float64"))

    def best(self, *, draws: bool = False) -> Plan:
        """Choose a method for each column.

        For one completed data set it is the one with the least error of one draw.  For
        several it is the standard one of the proper methods that were compared, unless
        another has better draws beyond chance: see "Choosing" in the documentation of
        comparisons.

        Parameters
        ----------
        draws : bool, default=False
            For several imputations: only methods whose draws are for inference.

        Returns
        -------
        Plan
            Column -> method, with the errors as reasons; for `impute`.  Where nothing
            is nearer than the baseline it is the baseline's: median, or most_frequent.
            With `draws` the reasons say how sure the choices are.

        Raises
        ------
        ResultNotReady
            If no method was tried to its end yet.
        InvalidSpec
            If no proper method that draws was compared.
        """
        ran = [one for one in self.document.methods if one.rank is not None]
        if not ran:
            raise ResultNotReady(
                "No method was tried to its end yet, so that none is best; wait for "
                "the comparison with job.result()."
            )
        if draws:
            return self._plan_for_draws()
        columns = (_best_for_column(column, ran) for column in self.document.columns)
        return Plan(
            contract.PlanDocument(
                columns=tuple(one for one in columns if one is not None),
                n_rows=self.document.n_rows,
                n_imputations=1,
            )
        )

    def _plan_for_draws(self) -> Plan:
        """Plan what was chosen for several imputations."""
        known = {column.name: column for column in self.document.columns}
        if not self.document.choices:
            raise InvalidSpec(
                "No method that draws was compared, of those that are proper, and "
                "draws=True wants one; compare 'pmm' or 'norm', or leave draws=True "
                "out."
            )
        columns = tuple(
            contract.PlannedColumn(
                name=one.column,
                level=known[one.column].level,
                n_missing=known[one.column].n_missing,
                method=one.method,
                reason=one.reason,
            )
            for one in self.document.choices
        )
        return Plan(
            contract.PlanDocument(
                columns=columns,
                n_rows=self.document.n_rows,
                n_imputations=max(2, self.document.spec.n_imputations),
            )
        )

    # ── views ──

    def __repr__(self) -> str:
        return views.text(self.document)

    def _repr_html_(self) -> str:
        return views.html(self.document)


#: Scores that are numbers, in the order in which they are shown.
_NUMBERS = tuple(contract.Scores.model_fields)


def _best_for_column(
    column: contract.JudgedColumn, ran: list[contract.RankedMethod]
) -> contract.PlannedColumn | None:
    """Plan what filled a column best; the baseline wins where errors are equal."""
    scored = [
        (
            score.error if score.single is None else score.single,
            one.method != contract.BASELINE,
            one.rank,
            one.method,
            score,
        )
        for one in ran
        for score in one.scores
        if score.column == column.name
    ]
    if not scored:
        return None
    error, *_, method, score = min(scored, key=lambda found: found[:3])
    unit = f" {column.unit}" if column.unit else ""
    score_text = (
        f"right in {1 - error:.0%}"
        if column.classes
        else f"off by {number(error)}{unit} on average"
    )
    share = score.ratio
    if share is not None and score.error > 0:
        share *= error / score.error
    share_text = "" if share is None else f", {share:.0%} of the baseline's error"
    return contract.PlannedColumn(
        name=column.name,
        level=column.level,
        n_missing=column.n_missing,
        # a stand-in is named itself; `auto` may choose another one each time
        method=score.used[0] if len(score.used) == 1 else method,
        reason=f"In {count(score.n, 'hidden cell')} {score_text}{share_text}.",
    )
