"""Jobs and results as static HTML that every sanitizer lets through.

Only plain elements: no style sheet, no script, no address.  JupyterLab in untrusted
notebooks, GitHub and nbconvert all show them alike; where styles are taken out, as
on GitHub, an imputed cell is still a `<mark>`.
"""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Collection, Iterable, Mapping

from jupyter_wrangler import contract
from jupyter_wrangler.client.views import formatting

#: Lines of a table at most; the rest is counted.
_MAX_ROWS = 30
#: Softer than the yellow of browsers, which glares in a dark theme; the black text
#: that browsers give to a mark can be read on it in both.
_MARK = 'style="background-color: #ffd8a8"'
#: Remarks of the engine at most.
_REMARKS = 5


def text(value: object) -> str:
    """Escape anything for use as text or in an attribute."""
    return html.escape(str(value), quote=True)


def job(seen: contract.Job, at: dt.datetime) -> str:
    """Show a job: what it is, where it stood at a time, how to come back; its findings.

    Parameters
    ----------
    seen : Job
        The job as the service described it.
    at : datetime
        When that was, with a time zone.

    Returns
    -------
    str
        HTML of plain elements; everything that comes from the job is escaped.
    """
    when = seen.finished_at if seen.final and seen.finished_at else at
    dated = f"{'ended' if seen.final else 'as of'} {formatting.moment(when)}"
    head = (
        f"<p><b>{text(formatting.job_title(seen))}</b> · "
        f"{text(formatting.job_description(seen))} · "
        f"<code>jw.job(&quot;{formatting.short_id(seen)}&quot;)</code></p>"
        f"<p>{text(formatting.status_line(seen))} · <i>{dated}</i></p>"
    )
    if not seen.final:
        head += progress_bar(seen)
    return head + (summary(seen.summary) if seen.summary else "")


def progress_bar(seen: contract.Job) -> str:
    """Show how far a job is, with a name for those who hear the page."""
    done = seen.progress.fraction if seen.progress else 0.0
    name = f"Progress of {formatting.job_title(seen)}"
    # the words inside are for readers who know no such element, as GitHub's
    return (
        f'<progress value="{done * 100:.0f}" max="100" title="{text(name)}" '
        f'aria-label="{text(name)}">{done:.0%}</progress>'
    )


def summary(found: contract.ImputationSummary | contract.Findings) -> str:
    """Show what was done to each column and the first rows completed; or findings."""
    if isinstance(found, contract.Findings):
        return _list(found.sentences)
    touched = [column for column in found.columns if column.n_missing]
    parts = [_columns_table(touched[:_MAX_ROWS], found.n_rows)] if touched else []
    parts.append(_list(_remarks(found, len(touched))))
    if found.preview and found.preview.cells:
        parts.append(_preview_table(found.preview, [c.name for c in found.columns]))
    return "".join(parts)


def _list(sentences: Collection[str]) -> str:
    lines = "".join(f"<li>{text(one)}</li>" for one in sentences)
    return f"<ul>{lines}</ul>" if lines else ""


def _remarks(found: contract.ImputationSummary, touched: int) -> list[str]:
    """Say what the table leaves out and what the engine logged, up to a number."""
    remarks = []
    if touched > _MAX_ROWS:
        remarks.append(f"{touched - _MAX_ROWS} more columns had missing values.")
    if whole := len(found.columns) - touched:
        plural = "columns have" if whole > 1 else "column has"
        remarks.append(f"{whole} {plural} no missing values.")
    remarks += dict.fromkeys(_remark_text(event) for event in found.events)
    more = len(remarks) - _REMARKS
    if more > 0:
        remarks = [*remarks[:_REMARKS], f"... and {more} more remarks."]
    return remarks


def _columns_table(columns: Iterable[contract.ColumnSummary], n_rows: int) -> str:
    rows = [
        [
            text(short(column.name)),
            f"{column.n_missing:,} ({column.n_missing / n_rows:.1%})",
            f"{column.n_imputed:,}",
            text(column.method) or "<i>left alone</i>",
            _statistic_text(column.observed),
            _statistic_text(column.imputed),
        ]
        for column in columns
    ]
    heads = ["column", "missing", "imputed", "method", "observed", "imputed values"]
    return table(heads, rows, right={1, 2})


def _statistic_text(found: Mapping[str, float | str | None]) -> str:
    """Show the mean of numbers, and of anything else the most frequent value."""
    mean, top, share = found.get("mean"), found.get("top"), found.get("share")
    if isinstance(mean, int | float):
        return f"mean {mean:,.4g}"
    if top is not None:
        of = f" ({share:.0%})" if isinstance(share, int | float) else ""
        return f"top {text(short(str(top)))}{of}"
    median = found.get("median")
    return f"median {text(median)}" if median is not None else ""


def _preview_table(preview: contract.Preview, names: list[str]) -> str:
    rows = [
        [
            text(short(label)),
            *(
                f'<mark {_MARK} title="imputed">{text(short(cell))}</mark>'
                if filled
                else text(short(cell))
                for cell, filled in zip(cells, marks, strict=True)
            ),
        ]
        for label, cells, marks in zip(
            preview.index, preview.cells, preview.imputed, strict=True
        )
    ]
    right = {
        i
        for i, column in enumerate(zip(*preview.cells, strict=True), start=1)
        if all(map(_is_number, column))
    }
    caption = (
        "<p>First rows that had missing values; "
        f"<mark {_MARK}>imputed</mark> cells.{_omitted_columns(preview, names)}</p>"
    )
    return caption + table(["", *map(short, preview.columns)], rows, right)


def _omitted_columns(preview: contract.Preview, names: list[str]) -> str:
    """Say which columns a preview leaves out."""
    shown = set(preview.columns)
    out = [name for name in names if name not in shown]
    if not out:
        return ""
    listed = ", ".join(text(short(name)) for name in out[:_REMARKS])
    more = f" and {len(out) - _REMARKS:,} more" if len(out) > _REMARKS else ""
    return f" Not shown: {listed}{more}."


def table(
    heads: Iterable[str], rows: Iterable[Iterable[str]], right: Collection[int]
) -> str:
    """Make a table; cells are HTML already, their first column names the line."""

    def cell(tag: str, i: int, content: str) -> str:
        return (
            f'<{tag} align="{"right" if i in right else "left"}">{content}</{tag[:2]}>'
        )

    head = "".join(cell('th scope="col"', i, text(h)) for i, h in enumerate(heads))
    body = "".join(
        "<tr>"
        + "".join(
            cell("td" if i else 'th scope="row"', i, content)
            for i, content in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", ""))
    except ValueError:
        return False
    return True


def _remark_text(event: contract.LoggedEvent) -> str:
    return f"{event.column}: {event.message}" if event.column else event.message


def short(value: str, most: int = 40) -> str:
    """Cut what is long; the dots say so."""
    return value if len(value) <= most else value[: most - 1] + "…"
