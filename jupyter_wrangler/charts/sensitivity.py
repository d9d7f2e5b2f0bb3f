"""One answer, made in several ways: dots, and whiskers where there are intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from jupyter_wrangler.charts.formatting import number
from jupyter_wrangler.charts.marks import Axis, Layer, Panel, reference_line
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.theme import IMPUTED, OBSERVED, PLAIN, Look
from jupyter_wrangler.errors import InvalidData
from jupyter_wrangler.wording import count

#: Imputations drawn one by one.
_MOST = 20
_LOOKS = {
    "without imputation model": OBSERVED,
    "one imputation": Look(colour=PLAIN.colour, shape="square", dash=(2, 2)),
    "pooled": IMPUTED,
    "not at random": Look(colour="#009E73", shape="diamond", dash=(8, 2, 2, 2)),
}
_SERIES = {
    "complete cases": "without imputation model",
    "median or mode": "without imputation model",
    "imputation": "one imputation",
    "pooled": "pooled",
    "shifted": "not at random",
}


def sensitivity(found: Any) -> Chart:
    """Draw what an answer rests on.

    Parameters
    ----------
    found : Sensitivity or DataFrame
        What `result.sensitivity` gives, or its table.

    Returns
    -------
    Chart
        Its table is that of the sensitivity.

    Raises
    ------
    InvalidData
        If no analysis gave a number.

    References
    ----------
    .. [1] S. van Buuren (2018), Flexible Imputation of Missing Data, section 9.2.

    Examples
    --------
    >>> lines = {"what": ["complete cases", "pooled"], "estimate": [1.0, 2.0]}
    >>> table = pd.DataFrame(lines).assign(
    ...     delta=np.nan, imputation=None, low=np.nan, high=np.nan, n_rows=9, reason=""
    ... )
    >>> sensitivity(table).sentence
    'The pooled estimate is 2; the complete cases give 1.'
    """
    table: pd.DataFrame = found if isinstance(found, pd.DataFrame) else found.to_frame()
    shown = table[np.isfinite(table["estimate"].to_numpy(dtype=np.float64))]
    single = shown[shown["what"] == "imputation"]
    shown = shown.drop(index=single.index[_MOST:])
    if shown.empty:
        raise InvalidData(
            "No analysis gave a number, so there is nothing to draw; look at the "
            "reasons in .to_frame()."
        )
    drawn = shown.assign(
        way=[_way(line) for line in shown.to_dict("records")],
        series=shown["what"].map(_SERIES),
    )
    notes = ["Lines are 95 % intervals, where the analysis gives standard errors."]
    if len(single) > _MOST:
        notes.append(f"Shown are the first {_MOST} of {len(single):,} imputations.")
    failed = table[table["reason"].astype(str) != ""]
    notes += [
        f"{line.what}: {line.reason}".rstrip(".") + "." for line in failed.itertuples()
    ]
    kept = [name for name in _LOOKS if name in set(drawn["series"])]
    return Chart(
        title="What the answer rests on",
        sentence=_sentence(shown),
        panels=(_panel(drawn),),
        table=table,
        looks={name: _LOOKS[name] for name in kept},
        notes=tuple(notes),
    )


def _way(line: dict[Any, Any]) -> str:
    if line["what"] == "imputation":
        return f"imputation {int(line['imputation'])}"
    if line["what"] == "shifted":
        return f"shifted by {line['delta']:+g}"
    return str(line["what"])


def _panel(drawn: pd.DataFrame) -> Panel:
    bounded = drawn[drawn["low"].notna() & drawn["high"].notna()]
    layers = []
    pooled = drawn[drawn["what"] == "pooled"]
    if len(pooled):
        layers.append(reference_line(pooled[["estimate"]], x="estimate"))
    if len(bounded):
        layers.append(
            Layer(
                mark="rule", data=bounded, x="low", x2="high", y="way", series="series"
            )
        )
    layers.append(
        Layer(mark="point", data=drawn, x="estimate", y="way", series="series", area=70)
    )
    return Panel(
        x=Axis(title="estimate"),
        y=Axis(order=tuple(drawn["way"])),
        layers=tuple(layers),
        width=440,
    )


def _sentence(shown: pd.DataFrame) -> str:
    def of(what: str) -> list[float]:
        return [float(one) for one in shown.loc[shown["what"] == what, "estimate"]]

    sentences = [f"The pooled estimate is {number(one)}" for one in of("pooled")]
    sentences += [
        f"the complete cases give {number(one)}" for one in of("complete cases")
    ]
    sentences += [f"the median or mode {number(one)}" for one in of("median or mode")]
    shifted = of("shifted")
    if shifted:
        ends = f"{number(min(shifted))} to {number(max(shifted))}"
        sentences.append(f"{count(len(shifted), 'shift')} not at random give {ends}")
    text = "; ".join(sentences) or "Only single imputations gave a number"
    return f"{text[:1].upper()}{text[1:]}."
