"""How to shorten a run that takes long."""

from __future__ import annotations

#: Advice for methods whose time grows with the predictors.
FEWER_PREDICTORS = (
    "lower max_predictors, or name the predictors that matter, for example "
    "predictors=quickpred(df, mincor=0.3), since the time grows with their square or "
    "more; or lower max_iter"
)
_SAMPLE = (
    "fit on a sample of the rows and impute the rest, Imputer(...).fit(df.sample("
    "20_000)).transform(df), since the time grows with {} of the rows"
)
#: Advice for methods whose time grows with the rows, or with their square.
SAMPLE_ROWS = _SAMPLE.format("the number")
SAMPLE_ROWS_SQUARED = _SAMPLE.format("the square")
#: Advice for methods whose time grows with the rows among which they look for donors.
FEWER_DONORS = "set max_donors, for example to 20_000: the time grows with that number"
