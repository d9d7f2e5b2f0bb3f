"""The verb `expect`: a gate that raises unless a result is what was expected."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.errors import ExpectationFailed, InvalidSpec, UnknownColumn, shown

if TYPE_CHECKING:
    import pandas as pd

Failure = dict[str, str]


@public
def expect(
    result: Result,
    *,
    max_imputed: float | Mapping[Any, float] | None = None,
    max_imputed_total: float | None = None,
    max_rhat: float | None = None,
    no_missing_left: bool = True,
    min_value: Mapping[Any, float] | None = None,
    max_value: Mapping[Any, float] | None = None,
    categories: Mapping[Any, Collection[Hashable]] | None = None,
    min_imputations: int | None = None,
) -> Result:
    """Raise unless a result is what is expected of it.

    Parameters
    ----------
    result : Result
        What was imputed.
    max_imputed : float or mapping of column to float, optional
        Largest share of the rows imputed in any column, or in those named: 0.4 is 40 %.
    max_imputed_total : float, optional
        Largest share of all cells.
    max_rhat : float, optional
        Largest R-hat of any chained column; fails too where it cannot be computed.
    no_missing_left : bool, default=True
        Whether nothing may be missing in the completed data.
    min_value, max_value : mapping of column to float, optional
        Bounds of the values of completed columns, in every completed data set.
    categories : mapping of column to collection, optional
        Values that a column may hold, in every completed data set.
    min_imputations : int, optional
        Fewest completed data sets.

    Returns
    -------
    Result
        The same, so that it can stand in a chain of calls.

    Raises
    ------
    ExpectationFailed
        If it is not so; lists every failed expectation with what was found and wanted.
    UnknownColumn
        If a column named is not there.
    """
    if not isinstance(result, Result):
        raise InvalidSpec(
            f"A {type(result).__name__} was given, and a Result is wanted: give "
            "job.result()."
        )
    imputed = result.imputations.imputations[0].rows
    names = list(map(str, result.imputations.data.columns))
    for given in (max_imputed, min_value, max_value, categories):
        for column in given if isinstance(given, Mapping) else ():
            if str(column) not in names:
                raise UnknownColumn(str(column), names)
    n_rows = len(result.imputations.data)
    counts = {name: len(imputed.get(name, ())) for name in names}
    failed = _shares(counts, n_rows, max_imputed)
    total = sum(counts.values()) / max(1, n_rows * len(names))
    if max_imputed_total is not None and total > max_imputed_total:
        failed.append(
            _failure(
                "share of all cells imputed", f"{total:.1%}", f"{max_imputed_total:.1%}"
            )
        )
    if min_imputations is not None and result.n_imputations < min_imputations:
        failed.append(
            _failure(
                "number of imputations",
                result.n_imputations,
                f"{min_imputations} or more",
            )
        )
    if max_rhat is not None:
        failed += _rhats(result.diagnostics, max_rhat)
    failed += _values(result, no_missing_left, min_value, max_value, categories)
    if failed:
        raise ExpectationFailed(failed)
    return result


def _failure(what: str, found: object, wanted: object) -> Failure:
    return {"what": what, "found": str(found), "wanted": str(wanted)}


def _shares(
    counts: Mapping[str, int], n_rows: int, most: float | Mapping[Any, float] | None
) -> list[Failure]:
    if most is None:
        return []
    limits = (
        {str(k): v for k, v in most.items()}
        if isinstance(most, Mapping)
        else dict.fromkeys(counts, most)
    )
    for limit in limits.values():
        if isinstance(limit, bool) or not 0 <= limit <= 1:
            raise InvalidSpec(
                f"max_imputed={shown(limit)} was given, and a share from 0 to 1 is "
                "wanted, for example 0.4 for 40 %."
            )
    return [
        _failure(f"share of {name!r} imputed", f"{share:.1%}", f"{limit:.1%} or less")
        for name, limit in limits.items()
        if (share := counts[name] / max(1, n_rows)) > limit
    ]


def _rhats(diagnostics: pd.DataFrame, most: float) -> list[Failure]:
    failed = []
    for name, value in diagnostics["rhat_mean"].items():
        if not value <= most:
            found = "none: too few rounds" if value != value else f"{value:.2f}"  # noqa: PLR0124  NaN
            failed.append(_failure(f"R-hat of {str(name)!r}", found, f"{most} or less"))
    return failed


def _values(
    result: Result,
    no_missing_left: bool,
    min_value: Mapping[Any, float] | None,
    max_value: Mapping[Any, float] | None,
    categories: Mapping[Any, Collection[Hashable]] | None,
) -> list[Failure]:
    """Look at the values of every completed data set; each failure is listed once."""
    failed: dict[str, Failure] = {}
    for done in result.imputations:
        frame = done.set_axis(list(map(str, done.columns)), axis=1)
        if no_missing_left:
            for name, left in frame.isna().sum().items():
                if left:
                    failed.setdefault(
                        f"left {name}",
                        _failure(
                            f"missing values of {str(name)!r}", f"{left:,}", "none"
                        ),
                    )
        for given, below in ((min_value, True), (max_value, False)):
            for name, bound in (given or {}).items():
                values = frame[str(name)].dropna()
                end = values.min() if below else values.max()
                if len(values) and (end < bound if below else end > bound):
                    word = "least" if below else "greatest"
                    failed.setdefault(
                        f"{word} {name}",
                        _failure(
                            f"{word} value of {str(name)!r}",
                            shown(end),
                            f"{bound:g} or {'more' if below else 'less'}",
                        ),
                    )
        for name, allowed in (categories or {}).items():
            values = frame[str(name)].dropna()
            others = values[~values.isin(list(allowed))].astype(object).unique()
            if len(others):
                failed.setdefault(
                    f"class {name}",
                    _failure(
                        f"values of {str(name)!r}",
                        ", ".join(map(shown, others[:5])),
                        ", ".join(map(shown, list(allowed)[:10])),
                    ),
                )
    return list(failed.values())
