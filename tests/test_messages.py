"""Messages say what was found in words that can be typed back."""

import ast
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jupyter_wrangler as jw
from jupyter_wrangler.contract import ImputationSpec
from jupyter_wrangler.contract.validation import build_request
from jupyter_wrangler.engine.profile.mark import mark
from jupyter_wrangler.errors import (
    DatasetTooLarge,
    EmptyFrame,
    InvalidSpec,
    QuotaExceeded,
    StorageQuotaExceeded,
    WranglerError,
    shown,
)
from jupyter_wrangler.frames.parquet import to_parquet
from jupyter_wrangler.runtime.worker import outcomes, runner

HALF, THREE, WORD = np.float64(0.5), np.int64(3), np.str_("odd")
FRAME = pd.DataFrame(
    {
        "a": [1.0, None, 3.0, 4.0, 5.0, 6.0],
        "b": [1.0, 2.0, 3.0, 4.0, None, 6.0],
        "c": list("uvuvuv"),
        "d": pd.Series([1, 2, None, 1, 2, 1], dtype="Int64").astype("category"),
    }
)


def imputed():
    return jw.Imputer("pmm", donors=2, max_iter=1, random_state=0).impute(FRAME, 2)


def fitted():
    return jw.Imputer("pmm", donors=2, max_iter=1, random_state=0).fit(FRAME)


def mixed(*values):
    return pd.DataFrame({"a": pd.Series([*values, "text"], dtype=object)})


CALLS = {
    "seed": lambda: jw.Imputer("pmm", random_state=HALF).fit(FRAME),
    "neighbours": lambda: jw.Imputer("knn", n_neighbors=-THREE).fit(FRAME),
    "weights": lambda: jw.Imputer("knn", weights=WORD).fit(FRAME),
    "method": lambda: jw.Imputer(WORD).fit(FRAME),
    "fill": lambda: jw.Imputer("constant", fill_value={"c": THREE}).fit(FRAME),
    "bounds": lambda: jw.Imputer(min_value={"a": THREE}, max_value={"a": HALF}).fit(
        FRAME
    ),
    "marker": lambda: jw.Imputer(missing_values=[THREE, HALF]).fit(FRAME),
    "unknown": lambda: (
        jw.Imputer("pmm", handle_unknown=WORD)
        .set_params(max_iter=1)
        .fit(FRAME)
        .transform(FRAME)
    ),
    "level": lambda: imputed().intervals("a", level=np.float64(95)),
    "complete": lambda: imputed().complete(np.int64(7)),
    "xy": lambda: jw.charts.xy(imputed(), "a", "b", k=np.int64(7)),
    "classes": lambda: fitted().transform(
        FRAME.assign(d=pd.Series([9, 1, 2, 1, 2, 1]).astype("category"))
    ),
    "numbers": lambda: fitted().transform(FRAME.assign(a="x")),
    "mixed": lambda: jw.Imputer("mean").fit(mixed(HALF, THREE)),
    "freq": lambda: jw.ampute(
        FRAME[["c", "c"]].set_axis(["p", "q"], axis=1), freq=[HALF]
    ),
    "prop": lambda: jw.ampute(FRAME[["c"]], np.float64(3), "MCAR"),
    "type": lambda: jw.ampute(FRAME[["c"]], HALF, "MNAR", type=[WORD]),
    "mechanism": lambda: jw.ampute(FRAME[["c"]], HALF, WORD),
    "mark": lambda: jw.mark_missing(FRAME, {"c": THREE, "a": WORD}),
    "column": lambda: jw.profile(FRAME, columns=[WORD]),
    "patterns": lambda: jw.profile(FRAME, max_patterns=np.int64(-3)),
    "dfcom": lambda: jw.pool_scalar([HALF, HALF], [HALF, HALF], dfcom=-HALF),
    "estimates": lambda: jw.pool_scalar([HALF, WORD], [HALF, HALF]),
    "pairs": lambda: jw.pool([({"a": np.float64("nan")}, {"a": HALF})] * 2),
    "r_squared": lambda: jw.pool_r_squared([HALF, np.float64(2)], THREE),
    "index": lambda: to_parquet(
        FRAME.set_axis(pd.Index([HALF, THREE, WORD, "x", "y", "z"], dtype=object)),
    ),
    "spec": lambda: build_request(
        ImputationSpec, max_iter=-THREE, methods={"a": THREE}
    ),
    "plan": lambda: setattr(jw.recommend(FRAME)["a"], "min_value", [HALF]),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore::jupyter_wrangler.errors.WranglerWarning")
def test_fault_2_3_no_message_names_a_type_of_numpy(name):
    with pytest.raises(WranglerError) as caught:
        CALLS[name]()
    assert "np." not in str(caught.value)
    assert "array(" not in str(caught.value)


def test_fault_2_3_what_was_marked_is_shown_plainly():
    df = pd.DataFrame({"rate": [60.0, 255.0]})
    assert str(mark(df, {"rate": df["rate"].max()})) == (
        "1 cell became missing: rate 255.0 (1)."
    )


@pytest.mark.filterwarnings("ignore::jupyter_wrangler.errors.WranglerWarning")
@pytest.mark.parametrize("rows", [FRAME.iloc[:0], FRAME.iloc[:0].astype(object)])
def test_fault_2_3_no_rows_are_an_empty_frame(rows):
    for call in (fitted().transform, jw.Imputer("pmm").fit, jw.Imputer("pmm").impute):
        with pytest.raises(EmptyFrame, match="0 rows and 4 columns"):
            call(rows)
    numbers = jw.Imputer("mean").fit(FRAME[["a", "b"]].to_numpy())
    for call in (numbers.transform, jw.Imputer("mean").fit):
        with pytest.raises(EmptyFrame, match="0 rows and 2 columns"):
            call(np.empty((0, 2)))


def test_values_are_shown_as_they_are_typed():
    assert shown((HALF, THREE, WORD)) == "(0.5, 3, 'odd')"
    assert shown(np.array([[1.0, np.nan]])) == "[[1.0, nan]]"
    assert shown(np.bool_(1)) == "True"
    assert shown({HALF}) == "{0.5}"
    assert shown(pd.Timestamp("2024-01-01")) == repr(pd.Timestamp("2024-01-01"))
    assert shown(np.timedelta64(3, "D")) == "'3 days'"
    with pytest.raises(InvalidSpec):
        build_request(ImputationSpec, max_iter="many")


@pytest.mark.parametrize(
    ("error", "setting"),
    [
        (DatasetTooLarge("rows", 7, 5), "JUPYTER_WRANGLER_MAX_CELLS"),
        (StorageQuotaExceeded(7, 2, 8), "JUPYTER_WRANGLER_MAX_STORED_BYTES"),
        (QuotaExceeded("x", 8, "wait", "JUPYTER_WRANGLER_MAX_X"), "WRANGLER_MAX_X"),
        (runner._out_of_memory(2**30).message, "JUPYTER_WRANGLER_RUNNER_MEMORY"),
        (outcomes.timed_out(5.0).message, "JUPYTER_WRANGLER_PART_TIMEOUT_S"),
    ],
    ids=lambda x: type(x).__name__,
)
def test_section_5_a_limit_says_how_the_owner_of_a_private_stack_raises_it(
    error, setting
):
    said = str(error)
    assert setting in said
    assert "higher and run `jupyter wrangler up --restart`" in said


def test_section_5_nobody_is_sent_to_an_administrator_of_a_private_stack():
    """Only sentences that name a Hub may name who looks after it."""
    sent = re.compile(
        r"\b(ask|tell|have|call)\b.{0,40}\badministrator", re.IGNORECASE | re.DOTALL
    )
    found = [
        f"{path.name}: {node.value}"
        for path in Path(jw.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if sent.search(node.value) and "Hub" not in node.value
    ]
    assert not found
