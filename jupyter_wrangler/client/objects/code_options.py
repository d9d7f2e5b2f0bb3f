"""Checks of what is asked of the text that a result writes of itself."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_wrangler.errors import InvalidSpec


def check_style(style: object, known: Sequence[str]) -> None:
    """Refuse a style that is not known.

    Raises
    ------
    InvalidSpec
        With those that are known.

    Examples
    --------
    >>> check_style("latex", ("text", "markdown"))
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors...: style='latex' is none; give 'text' or 'markdown'.
    """
    if style not in known:
        wanted = " or ".join(map(repr, known))
        raise InvalidSpec(f"style={style!r:.60} is none; give {wanted}.")


def check_data(data: object) -> None:
    """Refuse what is no expression of Python as text.

    Raises
    ------
    InvalidSpec
        With an example.
    """
    if data is not None and not isinstance(data, str):
        raise InvalidSpec(
            f"data is a {type(data).__name__}, and a Python expression as text is "
            "wanted, for example data=\"pd.read_csv('patients.csv')\"."
        )
