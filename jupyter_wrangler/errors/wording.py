"""Phrases that messages share: values as they are typed, names that are meant."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any

#: From 0 to 1: how much alike names are that are taken for misspelt.
_NEAR = 0.6
#: Names that a message lists.
_FEW = 10


def raising(setting: str) -> str:
    """Say how a limit is raised, on one's own stack as on a shared service.

    Examples
    --------
    >>> print(raising("JUPYTER_WRANGLER_MAX_JOBS"))
    set JUPYTER_WRANGLER_MAX_JOBS higher and run `jupyter wrangler up --restart` (on a
    shared service, those who run it can)
    """
    return (
        f"set {setting} higher and run `jupyter wrangler up --restart` (on a shared "
        "service, those who run it can)"
    )


def shown(value: Any) -> str:
    """Show a value as it can be typed: NumPy's scalars and arrays as plain ones.

    For every value of a caller or of the data in a message; `repr` would give
    ``np.float64(0.5)``.

    Examples
    --------
    >>> import numpy as np
    >>> shown(np.float64(0.5)), shown([np.int64(3), "x"]), shown({"a": np.array([1.0])})
    ('0.5', "[3, 'x']", "{'a': [1.0]}")
    >>> shown(np.datetime64("2024-01-01"))
    "'2024-01-01'"
    """
    return repr(_plain(value))


def listed(
    names: Iterable[Any], most: int = _FEW, *, say: Callable[[Any], str] | None = None
) -> str:
    """List names in a message: a frame may have ten thousand columns.

    Examples
    --------
    >>> listed(["age", "sex"])
    "'age', 'sex'"
    >>> listed(map(str, range(5000)), most=2)
    "'0', '1' and 4,998 more"
    >>> listed(["a@1"], say=str)
    'a@1'
    """
    known = list(names)
    some = ", ".join(map(say or shown, known[:most]))
    return f"{some} and {len(known) - most:,} more" if len(known) > most else some


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        # not imported for it: servers load this first
        times = getattr(value, "dtype", None) is not None and value.dtype.kind in "mM"
        return _plain(value.astype(str).tolist() if times else value.tolist())
    if kind is dict:
        return {_plain(k): _plain(v) for k, v in value.items()}
    if kind in {list, tuple, set, frozenset}:
        return kind(map(_plain, value))
    return value


def suggestion(name: str, known: list[str]) -> str:
    """Ask whether a name like the one that was given is meant, if there is one.

    Examples
    --------
    >>> suggestion("ozone", ["Ozone", "Wind"]), suggestion("x", ["Ozone", "Wind"])
    ("did you mean 'Ozone'?", '')
    """
    lower = {other.casefold(): other for other in reversed(known)}
    near = difflib.get_close_matches(name.casefold(), lower, n=2, cutoff=_NEAR)
    names = " or ".join(repr(lower[other]) for other in near)
    return f"did you mean {names}?" if names else ""
