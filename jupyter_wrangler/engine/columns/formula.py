"""A formula: how the numbers of one column follow from those of others.

It is written after a tilde, ``~ weight / height ** 2``, in a small part of Python's
language: numbers, names of columns, + - * / **, parentheses and a few functions.  A
name that is no identifier stands in backticks, ``~ `body weight` / 2``.  The text is
taken apart by Python's parser, and of what it finds only these parts are accepted;
nothing is ever handed to Python to run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.errors import InvalidSpec

Floats = NDArray[np.float64]
#: Column -> numbers of some rows.
Numbers = Mapping[str, Floats]
Part = Callable[[Numbers], Any]

#: Letters of a formula, and parts within parts, at most.
LONGEST, DEEPEST = 1_000, 200
#: Letters of it that a message shows.
SHOWN = 80

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: np.negative,
    ast.UAdd: np.positive,
}
_OF_ONE: dict[str, Callable[[Any], Any]] = {
    "log": np.log,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
}
_OF_SEVERAL: dict[str, Callable[[Any, Any], Any]] = {
    "min": np.minimum,
    "max": np.maximum,
}


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A formula that was read."""

    text: str
    #: Columns that it names, in the order in which they occur.
    columns: tuple[str, ...]
    part: Part

    def __call__(self, numbers: Numbers) -> Floats:
        """Compute rows; what is no number (1 / 0, the root of -1) is NaN or inf."""
        rows = len(numbers[self.columns[0]])
        with np.errstate(all="ignore"):
            found = np.asarray(self.part(numbers), dtype=np.float64)
        return np.broadcast_to(found, rows).copy()


def parse(text: str) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text : str
        With the tilde.

    Returns
    -------
    Formula

    Raises
    ------
    InvalidSpec
        If it holds anything but what the module says, or names no column.

    Examples
    --------
    >>> bmi = parse("~ `body weight` / height ** 2")
    >>> bmi.columns
    ('body weight', 'height')
    >>> numbers = {"body weight": np.array([80.0, 50.0]), "height": np.array([2.0, 1])}
    >>> bmi(numbers)
    array([20., 50.])
    >>> parse("~ open('file')")
    Traceback (most recent call last):
    jupyter_wrangler.errors.InvalidSpec: The formula "~ open('file')" cannot be read:
    there is no function 'open'. It may hold numbers, names of columns (in `backticks`
    where they are no plain words), + - * / **, parentheses, and the functions log, exp,
    sqrt, abs, min, max.
    """
    body = text.strip()[1:].strip()
    if len(body) > LONGEST:
        raise _unreadable(text, f"it has more than {LONGEST} letters")
    quoted: dict[str, str] = {}
    mark = "_"
    while mark in body:
        mark += "_"

    def stand_in(found: re.Match[str]) -> str:
        word = f"{mark}{len(quoted)}"
        quoted[word] = found[1]
        return word

    plain = re.sub(r"`([^`]+)`", stand_in, body)
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _unreadable(text, "it is no expression") from None
    reader = _Reader(text, plain, quoted)
    part = reader.read(tree, 0)
    if not reader.columns:
        raise _unreadable(text, "it names no column")
    return Formula(text=text, columns=tuple(reader.columns), part=part)


class _Reader:
    """Turns the tree of a formula into functions of numbers."""

    def __init__(self, text: str, plain: str, quoted: Mapping[str, str]) -> None:
        self.text = text
        #: What was parsed: with words in the place of quoted names.
        self.plain = plain
        self.quoted = quoted
        #: Used as an ordered set.
        self.columns: dict[str, None] = {}

    def read(self, node: ast.expr, depth: int) -> Part:
        if depth > DEEPEST:
            raise _unreadable(self.text, "too much is nested in it")
        if isinstance(node, ast.Constant):
            return self._number(node.value)
        if isinstance(node, ast.Name):
            return self._column(node.id)
        if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            return _applied(_UNARY[type(node.op)], [self.read(node.operand, depth + 1)])
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            sides = [self.read(side, depth + 1) for side in (node.left, node.right)]
            return _applied(_BINARY[type(node.op)], sides)
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
            raise _unreadable(self.text, "powers are written with **, not with ^")
        raise _unreadable(self.text, f"it can hold no {self._source(node)!r}")

    def _source(self, node: ast.expr) -> str:
        """Give the words of a part, as they were written."""
        words = ast.get_source_segment(self.plain, node) or ""
        for stand_in, name in self.quoted.items():
            words = words.replace(stand_in, f"`{name}`")
        return words

    def _number(self, value: object) -> Part:
        if type(value) not in {int, float} or not abs(cast("float", value)) < 1e300:
            raise _unreadable(self.text, f"{value!r} is no number that it can take")
        number = float(cast("float", value))
        return lambda _: np.float64(number)

    def _column(self, word: str) -> Part:
        name = self.quoted.get(word, word)
        self.columns[name] = None
        return lambda numbers: numbers[name]

    def _call(self, node: ast.Call, depth: int) -> Part:
        name = self._source(node.func)
        given = len(node.args) + len(node.keywords)
        if name in _OF_ONE and given == len(node.args) == 1:
            return _applied(_OF_ONE[name], [self.read(node.args[0], depth + 1)])
        if name in _OF_SEVERAL and given == len(node.args) >= 2:
            parts = [self.read(argument, depth + 1) for argument in node.args]
            return _applied(_OF_SEVERAL[name], parts)
        if name not in _OF_ONE | _OF_SEVERAL:
            raise _unreadable(self.text, f"there is no function {name!r}")
        wanted = "one number" if name in _OF_ONE else "two numbers or more"
        raise _unreadable(self.text, f"{name!r} takes {wanted}")


def _applied(function: Callable[..., Any], parts: list[Part]) -> Part:
    if len(parts) == 1:
        return lambda numbers: function(parts[0](numbers))
    return lambda numbers: reduce(function, (part(numbers) for part in parts))


def _unreadable(text: str, why: str) -> InvalidSpec:
    return InvalidSpec(
        f"The formula {_short(text)!r} cannot be read: {why}. It may hold numbers, "
        "names of columns (in `backticks` where they are no plain words), + - * / **, "
        f"parentheses, and the functions {', '.join([*_OF_ONE, *_OF_SEVERAL])}."
    )


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
