"""A profile as static HTML that every sanitizer lets through."""

from __future__ import annotations

from collections.abc import Callable

from jupyter_wrangler import contract
from jupyter_wrangler.client.views.html import short, table, text
from jupyter_wrangler.client.views.profile_text import blocks, values
from jupyter_wrangler.engine.profile.sentinel_values import number_text

#: Lines of a table, and columns of a pattern, at most.
_MAX_ROWS = 30
_MAX_PATTERNS, _MAX_COLUMNS = 15, 15


def html(found: contract.ProfileDocument) -> str:
    """Show what stands out, then tables to open."""
    sections: list[tuple[str, Callable[[contract.ProfileDocument], str], bool]] = [
        (f"Columns ({found.n_columns:,})", _columns_table, True),
        (
            f"Values that may stand for missing values ({len(found.disguised)})",
            _disguised_table,
            True,
        ),
        (
            f"Patterns of missing values ({found.patterns.n_patterns:,})",
            _patterns_table,
            False,
        ),
        ("Which missing values go with what", _dependences_table, False),
        ("Little's test", _mcar_paragraph, False),
        ("Influx and outflux", _flux_table, False),
        ("Longest runs of missing rows", _runs_table, False),
        ("What was left out", _notes_list, False),
    ]
    head = f"<p><b>Profile</b> · {text(found.sentences[0])}</p>"
    remarks = found.sentences[1:]
    if remarks:
        head += f"<p><b>What stands out</b></p>{_bullet_list(remarks)}"
    for title, section, is_open in sections:
        inside = section(found)
        if inside:
            attribute = " open" if is_open else ""
            head += (
                f"<details{attribute}><summary><b>{text(title)}</b></summary>{inside}"
                "</details>"
            )
    return head


def _bullet_list(sentences: tuple[str, ...]) -> str:
    return "<ul>" + "".join(f"<li>{text(s)}</li>" for s in sentences) + "</ul>"


def _omitted_note(n: int, most: int = _MAX_ROWS) -> str:
    return f"<p>... and {n - most:,} more.</p>" if n > most else ""


def _columns_table(found: contract.ProfileDocument) -> str:
    shown = sorted(found.columns, key=lambda column: -column.n_missing)
    if len(shown) <= _MAX_ROWS:
        shown = list(found.columns)
    rows = [
        [
            text(short(column.name)),
            text(column.level),
            *_missing_cells(column.n_missing, found.n_rows),
            "" if column.n_distinct is None else f"{column.n_distinct:,}",
            _histogram_cell(column),
            text(values(column)) or f"<i>{text(short(column.note, 80))}</i>",
        ]
        for column in shown[:_MAX_ROWS]
    ]
    heads = ["column", "level", "missing", "", "distinct", "shape", "values"]
    return table(heads, rows, right={2, 4}) + _omitted_note(len(shown))


def _missing_cells(n: int, n_rows: int) -> tuple[str, str]:
    """Missing values in words, and as a bar beside them that does not push them off."""
    if not n:
        return "", ""
    share = n / n_rows
    bar = f'<progress value="{100 * share:.1f}" max="100"></progress>'
    return f"{n:,} ({share:.1%})", bar


def _histogram_cell(column: contract.ColumnProfile) -> str:
    drawn = blocks(column.histogram)
    if len(column.histogram) < 2 or (column.top == () and not column.quantiles):
        return ""
    what = "histogram" if column.quantiles else "most frequent values"
    return f'<code title="{what}">{text(drawn)}</code>'


def _disguised_table(found: contract.ProfileDocument) -> str:
    if not found.disguised:
        return ""
    hits = sorted(found.disguised, key=lambda hit: (not hit.sure, -hit.n))
    rows = [
        [
            text(short(hit.column)),
            f"<code>{text(_value_text(hit.value))}</code>",
            f"{hit.n:,} ({hit.share:.1%})",
            "yes" if hit.sure else "perhaps",
            text(hit.evidence),
        ]
        for hit in hits[:_MAX_ROWS]
    ]
    heads = ["column", "value", "cells", "missing?", "evidence"]
    return table(heads, rows, right={2}) + _omitted_note(len(hits))


def _value_text(value: contract.Scalar) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return repr(value)
    return number_text(value)


def _patterns_table(found: contract.ProfileDocument) -> str:
    patterns = found.patterns
    first = sum(n == 0 for n in patterns.n_missing)
    names = patterns.columns[first:]
    if not names:
        return ""
    frequent = sorted(patterns.listed, key=lambda pattern: -pattern.n_rows)
    across = range(
        max(first, len(patterns.columns) - _MAX_COLUMNS), len(patterns.columns)
    )
    rows = [
        [
            f"{pattern.n_rows:,} ({pattern.n_rows / found.n_rows:.1%})",
            *("■" if k in pattern.missing else "·" for k in across),
            str(len(pattern.missing)),
        ]
        for pattern in frequent[:_MAX_PATTERNS]
    ]
    heads = [
        "rows",
        *(short(patterns.columns[k], 16) for k in across),
        "missing",
    ]
    says = "Most frequent first; ■ is missing, · is there."
    if len(names) > len(across):
        says += (
            f" Of {len(names):,} columns with missing values, those with most of them."
        )
    return f"<p>{says}</p>" + table(heads, rows, right={len(heads) - 1})


def _dependences_table(found: contract.ProfileDocument) -> str:
    compared = found.dependences
    if not compared.listed:
        return ""
    rows = [
        [
            text(short(hit.column)),
            text(short(hit.on)),
            f"{hit.effect:.2f}",
            text(hit.measure),
            f"{hit.p_adjusted:.2g}",
            f"{hit.n_missing:,}",
            f"{hit.n_observed:,}",
        ]
        for hit in compared.listed[:_MAX_PATTERNS]
    ]
    heads = ["missing values of", "go with", "effect", "measured by", "adjusted p"]
    heads += ["rows lacking it", "rows having it"]
    return (
        table(heads, rows, right={2, 4, 5, 6})
        + _omitted_note(compared.n_found, _MAX_PATTERNS)
        + _bullet_list(compared.notes)
    )


def _mcar_paragraph(found: contract.ProfileDocument) -> str:
    test = found.mcar
    if test.statistic is None:
        return ""
    says = (
        f"Chi-squared {test.statistic:.4g} on {test.df} degrees of freedom, "
        f"p = {test.p_value:.3g}; {test.n_patterns} patterns, {test.n_rows:,} rows"
    )
    looked = ", ".join(short(name) for name in test.columns[:_MAX_COLUMNS])
    return f"<p>{text(says)}; {text(looked)}.</p>{_bullet_list(test.assumptions)}"


def _flux_table(found: contract.ProfileDocument) -> str:
    if not found.n_missing:
        return ""
    most = sorted(found.flux, key=lambda one: one.outflux or 0.0)
    rows = [
        [
            text(short(one.column)),
            *(
                "" if value is None else f"{value:.2f}"
                for value in (
                    *(one.observed, one.influx, one.outflux, one.inbound),
                    one.outbound,
                )
            ),
        ]
        for one in most[:_MAX_ROWS]
    ]
    heads = ["column", "observed", "influx", "outflux", "inbound", "outbound"]
    says = (
        "Influx: how well the missing values of a column are connected to values of "
        "others; "
        "outflux: how useful its values are for the missing values of others. Smallest "
        "outflux "
        "first."
    )
    return (
        f"<p>{says}</p>"
        + table(heads, rows, {1, 2, 3, 4, 5})
        + _omitted_note(len(most))
    )


def _runs_table(found: contract.ProfileDocument) -> str:
    runs = [
        (column.name, run, column.n_runs)
        for column in found.columns
        for run in column.runs[:1]
        if run.n > 1
    ]
    runs.sort(key=lambda line: -line[1].n)
    if not runs:
        return ""
    rows = [
        [text(short(name)), f"{run.n:,}", text(run.first), text(run.last), f"{n:,}"]
        for name, run, n in runs[:_MAX_ROWS]
    ]
    heads = ["column", "rows", "from", "to", "runs in all"]
    return table(heads, rows, right={1, 4}) + _omitted_note(len(runs))


def _notes_list(found: contract.ProfileDocument) -> str:
    return _bullet_list(found.notes) if found.notes else ""
