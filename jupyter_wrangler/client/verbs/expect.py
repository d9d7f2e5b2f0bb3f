"""The verb `expect`: a gate that raises unless a result is what was expected."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.errors import ExpectationFailed, InvalidSpec, UnknownColumn, shown

if TYPE_CHECKING:
    import pandas as pd

Failure = dict[str, str]
_EXAMPLES = {"min_value": "0", "max_value": "120", "categories": '["A", "B"]'}


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
    _check_numbers(max_imputed_total, max_rhat, min_imputations)
    _check_mappings(min_value=min_value, max_value=max_value, categories=categories)
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
                "share of all cells imputed",
                f"{total:.1%}",
                f"{max_imputed_total:.1%} or less",
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


def _check_numbers(
    max_imputed_total: object, max_rhat: object, min_imputations: object
) -> None:
    """Refuse limits that nothing can be compared with."""
    if max_imputed_total is not None:
        _check_share("max_imputed_total", max_imputed_total)
    for argument, given in (
        ("max_rhat", max_rhat),
        ("min_imputations", min_imputations),
    ):
        if given is not None and (not _is_number(given) or not 0 < given < math.inf):
            raise InvalidSpec(
                f"{argument} is {shown(given)}, and a number above 0 is wanted, for "
                f"example {argument}={'1.2' if argument == 'max_rhat' else '5'}."
            )


def _check_mappings(**by_column: object) -> None:
    for argument, given in by_column.items():
        if given is not None and not isinstance(given, Mapping):
            raise InvalidSpec(
                f"{argument} is {shown(given)}, and a mapping by column is wanted, for "
                f'example {argument}={{"age": {_EXAMPLES[argument]}}}.'
            )


def _check_share(argument: str, given: object) -> None:
    if not _is_number(given) or not 0 <= given <= 1:
        raise InvalidSpec(
            f"{argument}={shown(given)} was given, and a share from 0 to 1 is "
            "wanted, for example 0.4 for 40 %."
        )


def _is_number(given: object) -> TypeGuard[float]:
    return isinstance(given, int | float | np.number) and not isinstance(given, bool)


def _beyond(name: str, values: pd.Series[Any], bound: Any, *, below: bool) -> Any:
    """Give the least or greatest value if it is beyond a bound, else None."""
    if values.empty:
        return None
    argument = "min_value" if below else "max_value"
    try:
        end = values.min() if below else values.max()
        # so that NaN, which nothing is beyond, is refused and not passed
        comparable = bound == bound and bool(end <= bound or end >= bound)  # noqa: PLR0124
        beyond = comparable and bool(end < bound if below else end > bound)
    except (TypeError, ValueError):
        comparable = beyond = False
    if not comparable:
        raise InvalidSpec(
            f"{argument}={{{name!r}: {shown(bound)}}} cannot be compared with the "
            f"values of column {name!r}, which is {values.dtype}; give a bound of its "
            "kind, or categories= for classes."
        )
    return end if beyond else None


def _limit(bound: object) -> str:
    return f"{bound:g}" if _is_number(bound) else str(bound)


def _allowed(name: str, given: Any) -> list[Any]:
    if isinstance(given, Iterable) and not isinstance(given, str):
        found = list(given)
        if all(isinstance(one, Hashable) for one in found):
            return found
    raise InvalidSpec(
        f"categories={{{name!r}: {shown(given)}}} was given, and a list of values is "
        f"wanted, for example categories={{{name!r}: ['A', 'B']}}."
    )


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
        _check_share("max_imputed", limit)
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
                end = _beyond(str(name), values, bound, below=below)
                if end is not None:
                    word = "least" if below else "greatest"
                    failed.setdefault(
                        f"{word} {name}",
                        _failure(
                            f"{word} value of {str(name)!r}",
                            shown(end) if _is_number(end) else end,
                            f"{_limit(bound)} or {'more' if below else 'less'}",
                        ),
                    )
        for name, given_values in (categories or {}).items():
            allowed = _allowed(str(name), given_values)
            values = frame[str(name)].dropna()
            others = values[~values.isin(allowed)].astype(object).unique()
            if len(others):
                failed.setdefault(
                    f"class {name}",
                    _failure(
                        f"values of {str(name)!r}",
                        ", ".join(map(shown, others[:5])),
                        ", ".join(map(shown, allowed[:10])),
                    ),
                )
    return list(failed.values())
