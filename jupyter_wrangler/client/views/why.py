"""Why a cell holds its value, as text and as static HTML."""

from __future__ import annotations

from jupyter_wrangler.client.views.html import short, table, text
from jupyter_wrangler.contract import WhyDocument

_DRAWS = 20
_UNITS = {
    "units": "",
    "log-odds": " log-odds",
    "probability": " of probability",
}


def _head(found: WhyDocument) -> str:
    word = "imputed" if found.imputed else "not imputed"
    cell = f"{short(found.column)} of row {short(found.row)}"
    which = f", completed data set {found.imputation}" if found.imputation else ""
    return f"{cell}: {found.value or 'missing'} ({word}{which})"


def _draws(found: WhyDocument) -> str:
    if len(found.draws) < 2:
        return ""
    more = len(found.draws) - _DRAWS
    listed = ", ".join(short(one) for one in found.draws[:_DRAWS])
    listed += f" and {more} more" if more > 0 else ""
    if found.low is not None:
        return f"Draws: {listed}; 90 % range: {found.low} to {found.high}."
    shares = ", ".join(f"{short(k)} {v:.0%}" for k, v in list(found.shares.items())[:6])
    return f"Draws: {listed}" + (f" ({shares})." if shares else ".")


def _donor_lines(found: WhyDocument) -> list[list[str]]:
    return [
        [
            str(one.imputation),
            short(one.row),
            short(one.value),
            "" if one.distance is None else f"{one.distance:.2f}",
            "" if one.nearer_than is None else f"{one.nearer_than:.0%}",
        ]
        for one in found.donors
    ]


def _influence_lines(found: WhyDocument) -> list[list[str]]:
    unit = _UNITS.get(found.effects_in, "")
    return [
        [short(one.column), short(one.value), f"{one.effect:+.3g}{unit}"]
        for one in found.influences
    ]


_DONOR_HEADS = ["imputation", "row", "value", "mean difference", "nearer than"]
_INFLUENCE_HEADS = ["column", "its value", "moved it by"]


def why_text(found: WhyDocument) -> str:
    """Say why in lines of text."""
    lines = [_head(found), *(f"  {reason}" for reason in found.reasons)]
    if draws := _draws(found):
        lines.append(f"  {draws}")
    if found.donors:
        lines.append("  Donors:")
        lines += _columns(_DONOR_HEADS, _donor_lines(found))
    if found.influences:
        lines.append(f"  Strongest of {found.n_predictors:,} predictors:")
        lines += _columns(_INFLUENCE_HEADS, _influence_lines(found))
        lines.append(f"  {found.effects_how}")
    return "\n".join(lines)


def _columns(heads: list[str], lines: list[list[str]]) -> list[str]:
    wide = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    return [
        "    " + "  ".join(cell.rjust(w) for cell, w in zip(line, wide, strict=True))
        for line in [heads, *lines]
    ]


def why_html(found: WhyDocument) -> str:
    """Say why, with tables of donors and influences."""
    reasons = [*found.reasons, *filter(None, [_draws(found)])]
    parts = [
        f"<p><b>{text(_head(found))}</b></p>",
        "<ul>" + "".join(f"<li>{text(one)}</li>" for one in reasons) + "</ul>",
    ]
    if found.donors:
        lines = [[text(cell) for cell in line] for line in _donor_lines(found)]
        parts.append(f"<p>Donors</p>{table(_DONOR_HEADS, lines, right={2, 3, 4})}")
    if found.influences:
        lines = [[text(cell) for cell in line] for line in _influence_lines(found)]
        parts.append(
            f"<p>Strongest of {found.n_predictors:,} predictors</p>"
            f"{table(_INFLUENCE_HEADS, lines, right={1, 2})}"
            f"<p>{text(found.effects_how)}</p>"
        )
    return "".join(parts)
