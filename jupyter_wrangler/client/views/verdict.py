"""A verdict as text and as static HTML."""

from __future__ import annotations

from jupyter_wrangler.client.views.html import short, text
from jupyter_wrangler.contract import Check, Verdict

#: What each mark is called, and the sign that goes with the word.
MARKS = {
    "ok": ("✓", "ok"),
    "look": ("!", "look"),
    "problem": ("✗", "problem"),
    "unknown": ("?", "not checked"),
}
#: Columns of a check that a result shows.
_COLUMNS = 5


def verdict_text(found: Verdict, *, columns: int = _COLUMNS) -> str:
    """Say the verdict in lines of text."""
    lines = [found.sentence]
    for check in found.checks:
        sign, word = MARKS[check.mark]
        lines.append(f"  {sign} {check.title} {word}: {check.sentence}")
        odd = [one for one in check.columns if one.mark in {"look", "problem"}]
        lines += [f"      {short(one.column)}: {one.sentence}" for one in odd[:columns]]
        if check.n_standing_out > columns:
            lines.append(f"      ... and {check.n_standing_out - columns:,} more.")
        if check.action:
            lines.append(f"      What to do: {check.action}")
    return "\n".join(lines)


def verdict_html(found: Verdict, *, columns: int = _COLUMNS) -> str:
    """Say the verdict and its checks."""
    body = "".join(f"<li>{_check(check, columns)}</li>" for check in found.checks)
    return f"<p><b>{text(found.sentence)}</b></p><ul>{body}</ul>"


def _check(check: Check, columns: int) -> str:
    sign, word = MARKS[check.mark]
    item = f"<b>{sign} {text(check.title)} {text(word)}</b>: {text(check.sentence)}"
    odd = [one for one in check.columns if one.mark in {"look", "problem"}][:columns]
    inside = "".join(
        f"<li><b>{text(short(one.column))}</b>: {text(one.sentence)}</li>"
        for one in odd
    )
    if check.n_standing_out > columns:
        inside += f"<li>... and {check.n_standing_out - columns:,} more.</li>"
    if inside:
        item += f"<ul>{inside}</ul>"
    if check.action:
        item += f"<p><i>What to do</i>: {text(check.action)}</p>"
    return (
        f"{item}<details><summary>How this is decided</summary>{text(check.rule)}"
        "</details>"
    )
