"""Tracebacks of our errors without our lines: what a notebook shows of them."""

from __future__ import annotations

import traceback
from types import TracebackType

#: Files below are not shown.
_OURS = __file__.removesuffix("tracebacks.py")
#: Of scikit-learn: what it lays around the methods of estimators.
_BETWEEN = ("_set_output.py", "_available_if.py")


def trimmed(found: TracebackType | None) -> TracebackType | None:
    """Leave the lines of this package out of a traceback.

    Those that called this package stay, and so does what it calls back; what
    scikit-learn lays around our methods goes.
    """
    kept = []
    while found is not None:
        file = found.tb_frame.f_code.co_filename
        if not file.startswith(_OURS) and not file.endswith(_BETWEEN):
            kept.append(found)
        found = found.tb_next
    rest: TracebackType | None = None
    for one in reversed(kept):
        rest = TracebackType(rest, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return rest


def lines_of(error: BaseException, *, full: bool = False) -> list[str]:
    """Give the lines that IPython shows for an error of ours.

    Parameters
    ----------
    error : BaseException
        With the traceback that it was raised with.
    full : bool, default=False
        Whether our lines stay.

    Returns
    -------
    list of str
        As IPython itself would write them, in its colours, without our lines and
        without the errors that led to this one, which its message tells in words.
    """
    tb = error.__traceback__ if full else trimmed(error.__traceback__)
    try:
        from IPython import get_ipython  # noqa: PLC0415  only there where it is used

        shell = get_ipython()
    except ImportError:
        shell = None
    if shell is None:
        return traceback.format_exception(type(error), error, tb, chain=full)
    before = error.__cause__, error.__suppress_context__
    if not full:
        error.__cause__, error.__suppress_context__ = None, True
    try:
        # the first lines are those of run_cell and what it calls
        skip = 1 if full or tb is None else _own_of_ipython(tb)
        made: list[str] = shell.InteractiveTB.structured_traceback(
            type(error), error, tb, tb_offset=skip
        )
    finally:
        error.__cause__, error.__suppress_context__ = before
    return made


def _own_of_ipython(tb: TracebackType) -> int:
    """Count the first lines that are IPython's."""
    skip, at = 0, tb
    while at.tb_next is not None and "IPython" in at.tb_frame.f_code.co_filename:
        skip, at = skip + 1, at.tb_next
    return skip
