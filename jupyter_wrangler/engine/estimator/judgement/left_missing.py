"""Whether anything is left missing, and whether something says why."""

from __future__ import annotations

from jupyter_wrangler.contract import (
    Check,
    ColumnFinding,
    ImputationSpec,
    ImputationSummary,
    Mark,
)
from jupyter_wrangler.engine.estimator.judgement.findings import name_list, summed_up
from jupyter_wrangler.wording import count


def check_missing(summary: ImputationSummary, spec: ImputationSpec | None) -> Check:
    """Look for values that are still missing, and for the reason."""
    why = {event.column: event.message for event in summary.events if event.column}
    found, silent = [], []
    for column in summary.columns:
        left = column.n_missing - column.n_imputed
        if left <= 0:
            continue
        asked = _left_by_request(column.name, spec)
        mark: Mark = "ok" if asked else "look" if column.name in why else "problem"
        reason = (
            "as you asked" if asked else why.get(column.name, "and nothing says why")
        )
        found.append(
            ColumnFinding(
                column=column.name,
                mark=mark,
                sentence=f"{count(left, 'value')} still missing: {reason}".rstrip(".")
                + ".",
                numbers={"still_missing": float(left)},
            )
        )
        if asked:
            silent.append(column.name)
    complete = sum(c.n_missing <= c.n_imputed for c in summary.columns)
    ok = (
        "Nothing is missing any more."
        if not found
        else f"Values are still missing where you asked for it ({name_list(silent)})."
    )
    return summed_up(
        "missing",
        "Is anything left missing?",
        found,
        ok=ok,
        bad="Values of {columns} are still missing.",
        unknown=ok,
        action=(
            "Choose a method that fits the column (text: 'most_frequent' or "
            "'constant'; labels: .astype('category')), or drop it before the analysis."
        ),
        rule=(
            "Every missing value is imputed, or left alone because you asked for it; "
            "one that is left for another reason stands out, one left without a reason "
            "is a problem."
        ),
        n_judged=len(found) + complete,
        mark_of_none="ok",
    )


def _left_by_request(name: str, spec: ImputationSpec | None) -> bool:
    if spec is None:
        return False
    outside = spec.columns is not None and name not in spec.columns
    return outside or spec.methods.get(name, spec.method) == ""
