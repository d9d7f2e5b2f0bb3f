"""The Python that each action of the panel stands for; it runs as printed."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping

from jupyter_wrangler.contract import PlannedColumn, Scalar
from jupyter_wrangler.widgets.panel.drafts import Draft

IMPORT = "import jupyter_wrangler as jw"


def is_variable(name: str) -> bool:
    """Whether a value can be assigned to a name.

    Examples
    --------
    >>> is_variable("clean"), is_variable("class"), is_variable("2x")
    (True, False, False)
    """
    return name.isidentifier() and not keyword.iskeyword(name)


def marking(data: str, codes: Mapping[str, list[Scalar]]) -> list[str]:
    """Mark values that stand for missing ones.

    Examples
    --------
    >>> marking("df", {"rate": [255]})
    ['df_marked = jw.mark_missing(df, {"rate": [255]})']
    """
    if not codes:
        return []
    pairs = ", ".join(
        f"{_quoted(name)}: {_listed(values)}" for name, values in codes.items()
    )
    return [f"{marked(data, codes)} = jw.mark_missing({data}, {{{pairs}}})"]


def marked(data: str, codes: Mapping[str, list[Scalar]]) -> str:
    """Name the data after the marking."""
    return f"{data}_marked" if codes else data


def planning(
    data: str, draft: Draft, base: Iterable[PlannedColumn] | None
) -> list[str]:
    """Make the plan: recommended, or (with `base`) the standard methods."""
    if base is not None:
        pairs = ", ".join(
            f"{_quoted(one.name)}: {_quoted(one.method)}"
            for one in base
            if one.method or one.n_missing
        )
        first = f"plan = jw.Plan.of({{{pairs}}})"
    else:
        first = (
            f"plan = jw.recommend({data}, n_imputations={_imputations(draft)}, "
            f"random_state={draft.random_state})"
        )
    return [first]


def editing(before: PlannedColumn, after: PlannedColumn) -> list[str]:
    """Change what is planned for one column.

    Examples
    --------
    >>> one = PlannedColumn(name="age", method="pmm")
    >>> editing(one, one.model_copy(update={"method": "knn", "min_value": 0.0}))
    ['plan["age"] = "knn"', 'plan["age"].min_value = 0']
    """
    own = f"plan[{_quoted(after.name)}]"
    lines = []
    if after.method != before.method:
        lines.append(f"{own} = {_quoted(after.method)}")
    for bound in ("min_value", "max_value"):
        value = getattr(after, bound)
        if value != getattr(before, bound):
            lines.append(f"{own}.{bound} = {_number(value)}")
    if after.predictors != before.predictors:
        chosen = after.predictors
        words = "None" if chosen is None else _listed(chosen)
        lines.append(f"{own}.predictors = {words}")
    if after.missing_values != before.missing_values:
        lines.append(f"{own}.missing_values = {_listed(after.missing_values)}")
    return lines


def comparing(data: str, methods: Iterable[str], draft: Draft) -> list[str]:
    """Compare methods on hidden cells, and take the best of them."""
    draws = ", ".join(map(_quoted, methods))
    seed = draft.random_state
    return [f"board = jw.compare({data}, [{draws}], random_state={seed})"]


def taking_best(draft: Draft) -> list[str]:
    """Take the best methods of a comparison into the plan."""
    draws = "draws=True" if draft.first_imputations > 1 else ""
    return [
        f"for column, method in board.result().best({draws}).items():",
        "    plan[column] = str(method)",
    ]


def _imputations(draft: Draft) -> str:
    """Write the number of imputations.

    Examples
    --------
    >>> _imputations(Draft()), _imputations(Draft(n_imputations="auto"))
    ('5', '"auto"')
    """
    return '"auto"' if draft.n_imputations == "auto" else str(draft.n_imputations)


def running(data: str, draft: Draft) -> list[str]:
    """Submit the job."""
    settings = f"n_imputations={_imputations(draft)}, random_state={draft.random_state}"
    return [f"job = jw.impute({data}, plan, {settings})"]


def keeping(job_id: str, variable: str, what: str) -> list[str]:
    """Give a variable the completed data, or the result with all imputations."""
    result = f"jw.job({_quoted(job_id)}).result()"
    return [f"{variable} = {result}{'.df' if what == 'data' else ''}"]


def saving(job_id: str, name: str, note: str) -> list[str]:
    """Save the result under a name.

    Examples
    --------
    >>> saving("7f3a0c12", "patients", "")
    ['jw.job("7f3a0c12").result().save("patients")']
    """
    more = f", note={_quoted(note)}" if note else ""
    return [f"jw.job({_quoted(job_id)}).result().save({_quoted(name)}{more})"]


def _quoted(text: str) -> str:
    """Write text as people do, in double quotes where that needs no escape."""
    plain = repr(text)
    if plain.startswith("'") and '"' not in text:
        return f'"{plain[1:-1]}"'.replace(r"\'", "'")
    return plain


def _listed(values: Iterable[Scalar]) -> str:
    words = (_quoted(v) if isinstance(v, str) else repr(v) for v in values)
    return f"[{', '.join(words)}]"


def _number(value: float | None) -> str:
    if value is None:
        return "None"
    return repr(int(value)) if value == int(value) else repr(value)
