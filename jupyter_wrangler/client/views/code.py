"""A result as a script that gives the same numbers: of this package or scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import ImputationSpec, ImputationSummary
from jupyter_wrangler.contract.imputation_spec import PILOT, SE_CV
from jupyter_wrangler.errors import InvalidSpec, shown

#: What scikit-learn can do the same, and with which class.
_SIMPLE = ("mean", "median", "most_frequent", "constant")
_SKLEARN = (*_SIMPLE, "knn", "linear")
#: Levels that scikit-learn's imputers of numbers take as they are.
_NUMBERS = ("continuous", "integer")
#: Settings that scikit-learn's imputers do not have.
_FOREIGN = (
    *("columns", "group", "time", "predictors", "blocks", "factor", "delta"),
    *("min_value", "max_value"),
)


def wrangler_code(
    spec: ImputationSpec, data: str, where: Mapping[str, list[int]] | None = None
) -> str:
    """Write the call of `jw.impute` that gives a result again.

    Parameters
    ----------
    spec : ImputationSpec
        What was asked for.
    data : str
        Python expression that gives the data.
    where : mapping of str to list of int, optional
        Column -> positions of the imputed cells, if those were chosen by hand.

    Examples
    --------
    >>> wrangler_code(ImputationSpec(n_imputations=5), "load()").splitlines()[3:7]
    ['df = load()', 'job = jw.impute(', '    df,', "    'pmm',"]
    """
    lines = [
        f"# Written by jupyter-wrangler {__version__}.",
        "import jupyter_wrangler as jw",
    ]
    given = _settings(spec)
    # what one call of jw.impute cannot say
    mixed = (bool(spec.methods) and spec.method != "pmm") or "se_cv" in given
    if mixed:
        lines.append("from jupyter_wrangler.contract import ImputationSpec")
    if where is not None:
        lines.append("import numpy as np")
    lines += ["", f"df = {data}"]
    if where is not None:
        lines += _where_lines(where)
    if mixed and where is None:
        # a mapping of jw.impute gives pmm to the columns that it does not name
        lines += ["spec = ImputationSpec(", f"    method={spec.method!r},"]
        lines += [f"    methods={dict(spec.methods)!r},"]
        lines += [f"    {name}={_literal(value)}," for name, value in given.items()]
        lines += [")", "job = jw.Client().submit(df, spec)"]
    elif mixed:
        raise InvalidSpec(
            f"This result has the method {spec.method!r} for all columns but those "
            "named, and cells chosen by `where`, which one call cannot say; write it "
            "by jw.Imputer(method=..., methods=..., where=...)."
        )
    else:
        plan = dict(spec.methods) if spec.methods else spec.method
        lines += ["job = jw.impute(", "    df,", f"    {plan!r},"]
        lines += [f"    {name}={_literal(value)}," for name, value in given.items()]
        lines += ["    where=where,"] if where is not None else []
        lines.append(")")
    return "\n".join([*lines, "result = job.result()", ""])


def transform_code(earlier: str, data: str | None, handle_unknown: str) -> str:
    """Write the call of `jw.transform` that gives a result again.

    Parameters
    ----------
    earlier : str
        Python expression that gives the result, which has the models.
    data : str or None
        Python expression that gives the rows; None: those of the result.
    handle_unknown : str
        What was asked for.

    Examples
    --------
    >>> print(transform_code('jw.load("a@1")', None, "error"))  # doctest: +ELLIPSIS
    # Written by jupyter-wrangler ....
    import jupyter_wrangler as jw
    <BLANKLINE>
    earlier = jw.load("a@1")
    df = earlier.data
    job = jw.transform(df, earlier, handle_unknown='error')
    result = job.result()
    <BLANKLINE>
    """
    lines = [
        f"# Written by jupyter-wrangler {__version__}.",
        "import jupyter_wrangler as jw",
        "",
        f"earlier = {earlier}",
        f"df = {data or 'earlier.data'}",
        f"job = jw.transform(df, earlier, handle_unknown={handle_unknown!r})",
    ]
    return "\n".join([*lines, "result = job.result()", ""])


def _settings(spec: ImputationSpec) -> dict[str, Any]:
    """Give what differs from the defaults, and the seed."""
    found = spec.model_dump(
        exclude_defaults=True, exclude={"method", "methods", "kind"}
    )
    if (spec.n_imputations, spec.se_cv) == (PILOT, SE_CV):
        del found["se_cv"]
        found["n_imputations"] = "auto"
    return found | {"random_state": spec.random_state}


def _literal(value: Any) -> str:
    if isinstance(value, tuple):
        return repr(list(value))
    if isinstance(value, dict):
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in value.items()}
        return repr(plain)
    return repr(value)


def _where_lines(where: Mapping[str, list[int]]) -> list[str]:
    lines = [
        "where = np.zeros(df.shape, dtype=bool)",
        "names = [str(name) for name in df.columns]",
    ]
    lines += [
        f"where[{rows!r}, names.index({name!r})] = True" for name, rows in where.items()
    ]
    return lines


def sklearn_code(
    spec: ImputationSpec,
    summary: ImputationSummary,
    data: str,
    *,
    chosen: bool = False,
    rounds: int = 0,
) -> str:
    """Write a script of scikit-learn that gives the same numbers, where it can.

    Parameters
    ----------
    spec, summary
        What was asked for, and what was done to each column.
    data : str
        Python expression that gives the data.
    chosen : bool, default=False
        Whether cells were chosen by hand.
    rounds : int, default=0
        Rounds that the chained equations ran.

    Raises
    ------
    InvalidSpec
        If scikit-learn cannot do the same; names the column or the setting.
    """
    _refuse_settings(spec, chosen=chosen)
    filled = [column for column in summary.columns if column.n_missing]
    for column in filled:
        _refuse_column(column.name, column.level, column.method)
    methods = {column.method for column in filled}
    joint = methods & {"knn", "linear"}
    if joint and len(methods) > 1:
        raise _unable(
            f"its columns have the methods {', '.join(sorted(map(repr, methods)))}, of "
            f"which {min(joint)!r} looks at all columns at once"
        )
    lines = [
        f"# Written by jupyter-wrangler {__version__}, for scikit-learn.",
        "import numpy as np",
        "import pandas as pd",
        *(["import jupyter_wrangler as jw"] if data.startswith("jw.") else []),
    ]
    if "linear" in joint:
        lines += [
            "import warnings",
            "from sklearn.exceptions import ConvergenceWarning",
            "from sklearn.experimental import enable_iterative_imputer  # noqa: F401",
            "from sklearn.impute import IterativeImputer",
        ]
    else:
        lines.append(
            f"from sklearn.impute import {'KNNImputer' if joint else 'SimpleImputer'}"
        )
    lines += ["", f"df = {data}"]
    if joint:
        others = [c for c in summary.columns if c.level not in _NUMBERS]
        if others:
            raise _unable(
                f"column {others[0].name!r} is {others[0].level}, and it helps to "
                "impute the others"
            )
        lines += _joint_lines(spec, "linear" in joint, rounds)
    else:
        lines += _simple_lines(spec, [(c.name, c.method) for c in filled])
    return "\n".join([*lines, ""])


def _joint_lines(spec: ImputationSpec, linear: bool, rounds: int) -> list[str]:
    made = (
        # the rounds that were run: the two stop by different rules
        f"IterativeImputer(max_iter={max(1, rounds)}, tol=0, keep_empty_features=True)"
        if linear
        else f"KNNImputer(n_neighbors={spec.n_neighbors}, weights={spec.weights!r})"
    )
    quiet = (
        # the rounds are those that were run, so that nothing stops earlier
        ['warnings.simplefilter("ignore", ConvergenceWarning)'] if linear else []
    )
    return [
        *quiet,
        f"imputer = {made}",
        "values = imputer.fit_transform(df.to_numpy(dtype=float, na_value=np.nan))",
        "done = pd.DataFrame(values, index=df.index, columns=df.columns)",
    ]


def _simple_lines(spec: ImputationSpec, filled: list[tuple[str, str]]) -> list[str]:
    lines = ["done = df.copy()", "names = {str(name): name for name in df.columns}"]
    for name, method in filled:
        value = spec.fill_value
        value = value.get(name) if isinstance(value, dict) else value
        more = f", fill_value={value!r}" if method == "constant" else ""
        lines += [
            f"imputer = SimpleImputer(strategy={method!r}{more})",
            f"column = df[[names[{name!r}]]]",
            f"done[names[{name!r}]] = imputer.fit_transform(column).ravel()",
        ]
    return lines


def _refuse_settings(spec: ImputationSpec, *, chosen: bool) -> None:
    if spec.n_imputations > 1:
        raise _unable(f"it has {spec.n_imputations} imputations")
    if chosen:
        raise _unable("its cells were chosen by `where`")
    for name in _FOREIGN:
        value = getattr(spec, name)
        if value not in (None, {}):
            raise _unable(f"{name}={shown(value)} was given, which it does not have")


def _refuse_column(name: str, level: str, method: str) -> None:
    if method not in _SKLEARN:
        word = f"imputed by {method!r}" if method else "left alone"
        raise _unable(
            f"column {name!r} was {word}; it has {', '.join(map(repr, _SKLEARN))}"
        )
    if level not in _NUMBERS and method not in {"most_frequent", "constant"}:
        raise _unable(f"column {name!r} is {level}")


def _unable(why: str) -> InvalidSpec:
    return InvalidSpec(
        f"scikit-learn cannot do the same as this result: {why}. "
        'Use to_code(style="wrangler").'
    )
