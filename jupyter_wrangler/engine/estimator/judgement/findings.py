"""What all checks of a verdict share: from findings by column to one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_wrangler.contract import (
    Check,
    ColumnFinding,
    ColumnSummary,
    ImputationSpec,
    Mark,
    is_formula,
)
from jupyter_wrangler.engine.methods import METHODS, method_of
from jupyter_wrangler.wording import count

#: Share of the rows below which what is odd about a column is no problem: little hangs
#: on so few cells.
FEW = 0.05
#: Columns of a check that are listed.
LISTED = 20
#: Marks from best to worst.
ORDER: tuple[Mark, ...] = ("ok", "unknown", "look", "problem")


def summed_up(
    name: str,
    title: str,
    found: Sequence[ColumnFinding],
    *,
    ok: str,
    bad: str,
    unknown: str,
    action: str,
    rule: str,
    unjudged: int = 0,
    n_judged: int | None = None,
    mark_of_none: Mark = "unknown",
) -> Check:
    """Put together what was found in the columns."""
    unusual = [one for one in found if one.mark not in {"ok", "unknown"}]
    worst_first = sorted(found, key=lambda one: (-ORDER.index(one.mark), -_size(one)))
    judged = [one for one in worst_first if one.mark != "unknown"]
    mark: Mark = judged[0].mark if judged else mark_of_none
    unjudged += len(found) - len(judged)
    if not judged:
        sentence = unknown
    elif unusual:
        unusual = [one for one in worst_first if one in unusual]
        sentence = bad.replace("{columns}", name_list([one.column for one in unusual]))
    else:
        sentence = ok.replace("{columns}", _n_columns(len(judged)))
    if judged and unjudged:
        sentence += f" {_n_columns(unjudged).capitalize()} could not be judged."
    return Check(
        name=name,
        title=title,
        mark=mark,
        sentence=sentence,
        action=action if unusual else "",
        rule=rule,
        columns=tuple(worst_first[:LISTED]),
        n_judged=len(judged) if n_judged is None else n_judged,
        n_standing_out=len(unusual),
    )


def _size(one: ColumnFinding) -> float:
    """Order the findings of one mark by their first number."""
    first, *_ = [*one.numbers.values(), None]
    return abs(first or 0.0)


def tempered(one: ColumnFinding, column: ColumnSummary, n_rows: int) -> ColumnFinding:
    """Take what is a problem of few cells as something to look at."""
    if one.mark != "problem" or column.n_imputed >= FEW * n_rows:
        return one
    return one.model_copy(
        update={
            "mark": "look",
            "sentence": f"{one.sentence} It concerns "
            f"{count(column.n_imputed, 'cell')} of {n_rows:,}.",
        }
    )


def method_draws(method: str, spec: ImputationSpec | None) -> bool:
    """Tell whether two imputations by a method differ."""
    if not method or (method not in METHODS and not is_formula(method)):
        return False
    known = method_of(method)
    return known.draws if spec is None else known.differs(spec)


def _n_columns(n: int) -> str:
    return "one column" if n == 1 else f"{n:,} columns"


def name_list(names: Sequence[str], most: int = 3) -> str:
    """Join names, the first few of many, each cut to 40 characters."""
    quoted = [repr(name if len(name) <= 40 else f"{name[:39]}…") for name in names]
    if len(quoted) > most:
        return f"{', '.join(quoted[:most])} and {len(quoted) - most:,} more"
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if quoted[1:] else quoted)
