"""The comparison of two results as text and as static HTML."""

from __future__ import annotations

import json
from typing import Any

from jupyter_wrangler.client.views import html as markup
from jupyter_wrangler.contract.result_comparison import CellComparison, ColumnDifference
from jupyter_wrangler.wording import count

#: Columns and settings that are shown; the rest is counted.
_MOST = 30
#: Characters of a setting that are shown.
_VALUE = 60
_CAPTION = (
    "change: mean absolute change of the cells that differ, in standard deviations of "
    "the observed values (of classes: the share of draws that changed); shift: the "
    "same with its sign."
)


def text(found: CellComparison) -> str:
    """Say what differs, in sentences and a table."""
    lines = [f"{found.left} and {found.right}: {_verdict(found)}", *_about(found)]
    if found.settings:
        lines.append("Settings:")
        lines += [f"  {name}: {a} -> {b}" for name, a, b in _settings(found)]
        lines += _left_out(len(found.settings), "settings")
    if found.columns:
        rows = [_heads(found), *(_cells(one) for one in found.columns[:_MOST])]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines += [
            "  ".join(
                word.rjust(width) if i else word.ljust(width)
                for i, (word, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        lines += [*_left_out(len(found.columns), "columns"), _CAPTION]
    return "\n".join(lines)


def html(found: CellComparison) -> str:
    """Make tables of what differs; all that comes from data is escaped."""
    head = (
        f"<p><b>{markup.text(found.left)}</b> and <b>{markup.text(found.right)}</b>: "
        f"{markup.text(_verdict(found))}</p>"
    )
    parts = [head]
    about = [*_about(found), *_left_out(len(found.columns), "columns")]
    if found.settings:
        rows = [[markup.text(cell) for cell in row] for row in _settings(found)]
        heads = ["setting", markup.short(found.left), markup.short(found.right)]
        parts.append(markup.table(heads, rows, right=()))
        about += _left_out(len(found.settings), "settings")
    if found.columns:
        rows = [
            [markup.text(cell) for cell in _cells(one)] for one in found.columns[:_MOST]
        ]
        parts.append(markup.table(_heads(found), rows, right=range(1, 7)))
        parts.append(f"<p>{markup.text(_CAPTION)}</p>")
    if about:
        parts.insert(1, "".join(f"<p>{markup.text(one)}</p>" for one in about))
    return "".join(parts)


def _verdict(found: CellComparison) -> str:
    if found.equal:
        return "the same cells have the same values."
    differing = sum(one.differing for one in found.columns)
    same = sum(one.same for one in found.columns)
    one_sided = sum(one.only_left + one.only_right for one in found.columns)
    sentence = (
        f"{differing:,} of {count(differing + same, 'cell')} imputed in both differ"
    )
    if one_sided:
        sentence += f", {count(one_sided, 'cell')} imputed in one of them only"
    return f"{sentence}."


def _about(found: CellComparison) -> list[str]:
    """Say what differs besides the cells."""
    sentences = []
    if found.same_data:
        sentences.append("The data are the same.")
    else:
        changed = count(found.data_changed, "observed or missing cell")
        sentences.append(
            f"The data differ: {changed} changed in the rows that both have, which "
            f"were paired by {found.paired_by}."
        )
    for side, rows, columns in (
        (found.left, found.rows_only_left, found.columns_only_left),
        (found.right, found.rows_only_right, found.columns_only_right),
    ):
        if rows:
            sentences.append(f"{side} has {count(rows, 'row')} that the other has not.")
        if columns:
            names = ", ".join(repr(markup.short(name)) for name in columns[:5])
            more = ", ..." if len(columns) > 5 else ""
            sentences.append(f"Only {side} has the columns {names}{more}.")
    if found.n_imputations[0] != found.n_imputations[1]:
        fewer = min(found.n_imputations)
        sentences.append(
            f"{found.left} has {found.n_imputations[0]:,} imputations and "
            f"{found.right} {found.n_imputations[1]:,}; the first {fewer:,} are "
            "compared."
        )
    if found.settings is None:
        sentences.append("The settings of one of them are not known: its job is gone.")
    elif not found.settings:
        sentences.append("The settings are the same.")
    return sentences


def _settings(found: CellComparison) -> list[list[str]]:
    return [
        [one.name, _value(one.left), _value(one.right)]
        for one in (found.settings or ())[:_MOST]
    ]


def _value(value: Any) -> str:
    return markup.short(json.dumps(value, ensure_ascii=False), _VALUE)


def _left_out(count: int, what: str) -> list[str]:
    return [f"... and {count - _MOST:,} more {what}."] if count > _MOST else []


def _heads(found: CellComparison) -> list[str]:
    only = f"only {markup.short(found.left)}", f"only {markup.short(found.right)}"
    return ["column", *only, "same", "differ", "change", "shift"]


def _cells(one: ColumnDifference) -> list[str]:
    return [
        markup.short(one.name),
        f"{one.only_left:,}",
        f"{one.only_right:,}",
        f"{one.same:,}",
        f"{one.differing:,}",
        "" if one.change is None else f"{one.change:.3g}",
        "" if one.shift is None else f"{one.shift:+.3g}",
    ]
