"""What a method did to one cell, in sentences."""

from __future__ import annotations

import pandas as pd

from jupyter_wrangler.contract import ImputationSpec, is_formula
from jupyter_wrangler.engine.columns.formula import parse
from jupyter_wrangler.engine.estimator.imputations import Imputations
from jupyter_wrangler.engine.estimator.summary import text
from jupyter_wrangler.engine.methods.protocol import Method
from jupyter_wrangler.errors import shown


def reasons_of(
    found: Imputations,
    spec: ImputationSpec,
    known: Method,
    method: str,
    name: str,
    position: int,
    done: pd.DataFrame,
) -> list[str]:
    """Say in sentences what the method did."""
    series = found.data[found.data.columns[list(done.columns).index(name)]]
    n = int(series.notna().sum())
    sentences = [_what(known, method, spec, n, done, position)]
    block = next((k for k, members in spec.blocks.items() if name in members), None)
    if block is not None:
        sentences.append(
            f"It is of the block {block!r}: what the row lacked of its columns came "
            "from one donor."
        )
    if pd.notna(series.iloc[position]):
        sentences.append(
            f"The cell was observed ({text(series.iloc[position])}) and imputed over, "
            "because `where` asked for it."
        )
    return sentences + _adjustments(spec, name)


def _what(
    known: Method,
    method: str,
    spec: ImputationSpec,
    n: int,
    done: pd.DataFrame,
    position: int,
) -> str:
    """Say in one sentence what the method does."""
    within = (
        f" within its group, {spec.group} {text(done[spec.group].iloc[position])!r}"
        if spec.group is not None and spec.group in done.columns
        else ""
    )
    if is_formula(method):
        formula = parse(method)
        used = ", ".join(
            f"{other} = {text(done[other].iloc[position])}" for other in formula.columns
        )
        return f"Computed by the formula {method.strip()} from {used}."
    if known.kind == "simple":
        return _simple(known, n, within)
    if known.kind == "neighbours":
        return (
            f"From the {spec.n_neighbors} nearest rows that have a value, by the "
            "columns that both have."
        )
    if known.kind == "joint":
        return f"From one model of all columns ({method})."
    return _regressed(known, method, spec)


def _regressed(known: Method, method: str, spec: ImputationSpec) -> str:
    """Say what a chained method does."""
    if known.donates and not known.needs_donors:
        return (
            f"The value of a row that the model puts beside it: of a tree, one in the "
            f"same leaf ({method})."
        )
    if known.donates:
        return (
            f"The value of a row for which the model predicts nearly the same, drawn "
            f"among the nearest {spec.donors} ({method})."
        )
    does = "A draw from" if known.differs(spec) else "The prediction of"
    return f"{does} a model of the column given the others ({method})."


def _simple(known: Method, n: int, within: str) -> str:
    if known.given:
        return "The value that you gave (fill_value)."
    sentences = f"{known.title[:1].upper()}{known.title[1:]}"
    if known.by_row:
        return f"{sentences}{within}."
    return f"{sentences}, of {n:,} in the column{within}."


def _adjustments(spec: ImputationSpec, name: str) -> list[str]:
    """Say what was done to the number afterwards."""
    sentences = []
    if name in spec.factor:
        sentences.append(f"It was multiplied by {spec.factor[name]:g} (factor).")
    if name in spec.delta:
        sentences.append(f"It was shifted by {shown(spec.delta[name])} (delta).")
    for given, word in ((spec.min_value, "at least"), (spec.max_value, "at most")):
        bound = given.get(name) if isinstance(given, dict) else given
        if bound is not None:
            sentences.append(f"It was kept {word} {bound:g} (bounds).")
    return sentences
