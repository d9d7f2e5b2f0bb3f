"""Fitted things as plain values: JSON, NumPy arrays, and columns in their own dtype.

No pickle: what is read back is numbers and names, and nothing in it is ever run.
Only dataclasses (and the few classes) of the engine itself are made again, field by
field.  Things that occur twice are written once.
"""

from __future__ import annotations

import dataclasses
import importlib
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray
from pydantic import BaseModel, ValidationError

from jupyter_wrangler import contract
from jupyter_wrangler.errors import InvalidSpec, UnreadableImputer

#: Modules whose classes may be written and read.
_OURS = re.compile(r"jupyter_wrangler\.engine(\.[a-z_]+)+")
#: Contract models that occur in a fitted imputer.
_MODELS: dict[str, type[BaseModel]] = {
    "ImputationSpec": contract.ImputationSpec,
    "LoggedEvent": contract.LoggedEvent,
}


@dataclass(frozen=True, kw_only=True)
class State:
    """Something fitted, as plain values."""

    #: JSON: numbers and strings as they are, everything else as an object of one key
    #: that begins with $.
    tree: Any
    #: Every class instance, each after those that it holds.
    objects: list[Any] = field(default_factory=list)
    #: Arrays of numbers, without Python objects.
    arrays: list[NDArray[Any]] = field(default_factory=list)
    #: Arrays of pandas' own, or of Python objects.
    columns: list[Any] = field(default_factory=list)
    #: What people call each of `columns`, for messages; not needed to read it.
    names: list[str] = field(default_factory=list)


def to_state(thing: Any) -> State:
    """Take something apart.

    Parameters
    ----------
    thing : object
        Made of JSON values, tuples, sets, NumPy and pandas arrays, generators, and
        dataclasses of the engine.

    Returns
    -------
    State

    Raises
    ------
    InvalidSpec
        If a part is a function or of a class that has no plain form.

    Examples
    --------
    >>> from jupyter_wrangler.engine.columns.coding import Coding
    >>> state = to_state({"x": (1, Coding(table=np.eye(2)))})
    >>> state.tree, state.objects[0]["$class"]
    ({'$dict': [['x', {'$tuple': [1, {'$object': 0}]}]]}, '...columns.coding:Coding')
    >>> from_state(state)["x"][1].table
    array([[1., 0.],
           [0., 1.]])
    """
    state = State(tree=None)
    tree = _Writer(state).write(thing)
    return dataclasses.replace(state, tree=tree)


def from_state(state: State) -> Any:
    """Put something together again.

    Parameters
    ----------
    state : State
        Of `to_state`, by this version of the engine.

    Raises
    ------
    UnreadableImputer
        If it is not what `to_state` gives.
    """
    try:
        return _Reader(state).read(state.tree)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, UnreadableImputer):
            raise
        raise UnreadableImputer(
            f"its contents do not fit together ({type(error).__name__}: {error})"
        ) from error


class _Writer:
    def __init__(self, state: State) -> None:
        self.state = state
        self.known: dict[int, dict[str, int]] = {}
        #: What was written stays alive, or another thing could get its id.
        self.kept: list[Any] = []
        #: The key under which lies what is written now: of columns their names.
        self.name = ""

    def write(self, thing: Any) -> Any:
        if thing is None or isinstance(thing, bool | str):
            return thing
        if isinstance(thing, int) and not isinstance(thing, np.generic):
            return thing
        if isinstance(thing, float) and not isinstance(thing, np.generic):
            return thing if np.isfinite(thing) else {"$float": repr(thing)}
        if isinstance(thing, list | tuple | set | frozenset | dict | slice):
            return self._container(thing)
        if id(thing) not in self.known:
            self.kept.append(thing)
            self.known[id(thing)] = self._once(thing)
        return self.known[id(thing)]

    def _container(self, thing: Any) -> Any:
        if isinstance(thing, dict):
            return {"$dict": [self._entry(k, v) for k, v in thing.items()]}
        if isinstance(thing, slice):
            return {"$slice": [self.write(getattr(thing, a)) for a in _SLICE]}
        items = [self.write(item) for item in thing]
        return items if isinstance(thing, list) else {f"${type(thing).__name__}": items}

    def _entry(self, key: Any, value: Any) -> Any:
        before, self.name = self.name, str(key)
        pair = [self.write(key), self.write(value)]
        self.name = before
        return pair

    def _once(self, thing: Any) -> Any:
        found = self._instance
        if isinstance(thing, np.generic | np.ndarray | ExtensionArray):
            found = self._array
        elif isinstance(thing, pd.Index):
            return {"$index": self.write(thing.array)}
        elif isinstance(thing, np.random.Generator):
            return {"$rng": thing.bit_generator.state}
        elif isinstance(thing, BaseModel):
            return {"$model": [type(thing).__name__, thing.model_dump(mode="json")]}
        return found(thing)

    def _array(self, thing: Any) -> Any:
        if isinstance(thing, ExtensionArray) or thing.dtype.hasobject:
            self.state.columns.append(thing)
            self.state.names.append(self.name)
            return {"$column": len(self.state.columns) - 1}
        self.state.arrays.append(np.asarray(thing))
        kind = "$scalar" if isinstance(thing, np.generic) else "$array"
        return {kind: len(self.state.arrays) - 1}

    def _instance(self, thing: Any) -> Any:
        cls = type(thing)
        if not _OURS.fullmatch(cls.__module__) or isinstance(thing, type):
            raise InvalidSpec(
                f"An imputer with {thing!r:.60} of type {cls.__name__} cannot be "
                "saved: it is no plain value. Leave it out, or keep the code that "
                "fits the imputer."
            )
        fields = {name: self.write(value) for name, value in _fields(thing).items()}
        self.state.objects.append(
            {"$class": f"{cls.__module__}:{cls.__qualname__}", "fields": fields}
        )
        return {"$object": len(self.state.objects) - 1}


class _Reader:
    def __init__(self, state: State) -> None:
        self.state = state
        self.made: list[Any] = []
        for one in state.objects:
            self.made.append(self._instance(one))

    def read(self, tree: Any) -> Any:
        if isinstance(tree, list):
            return [self.read(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        ((kind, value),) = tree.items()
        if kind not in _KINDS:
            raise UnreadableImputer(f"it has a part of unknown kind {kind!r}")
        return getattr(self, f"_{kind[1:]}")(value)

    def _float(self, value: Any) -> float:
        return float(value)

    def _tuple(self, value: Any) -> Any:
        return tuple(self.read(item) for item in value)

    def _set(self, value: Any) -> Any:
        return {self.read(item) for item in value}

    def _frozenset(self, value: Any) -> Any:
        return frozenset(self._set(value))

    def _dict(self, value: Any) -> Any:
        return {self.read(name): self.read(item) for name, item in value}

    def _slice(self, value: Any) -> Any:
        return slice(*(self.read(item) for item in value))

    def _array(self, value: Any) -> Any:
        return self.state.arrays[value]

    def _scalar(self, value: Any) -> Any:
        return self.state.arrays[value][()]

    def _column(self, value: Any) -> Any:
        return self.state.columns[value]

    def _index(self, value: Any) -> Any:
        return pd.Index(self.read(value))

    def _rng(self, value: Any) -> Any:
        bits = np.random.PCG64(0)
        bits.state = value
        return np.random.Generator(bits)

    def _model(self, value: Any) -> Any:
        name, fields = value
        try:
            return _MODELS[name].model_validate(fields)
        except ValidationError as error:
            raise UnreadableImputer(f"its {name} is not one of this version") from error

    def _object(self, value: Any) -> Any:
        return self.made[value]

    def _instance(self, one: Any) -> Any:
        cls = _class(one["$class"])
        fields = {name: self.read(value) for name, value in one["fields"].items()}
        if dataclasses.is_dataclass(cls):
            wanted = {f.name for f in dataclasses.fields(cls)}
            if set(fields) != wanted:
                raise UnreadableImputer(
                    f"a {cls.__name__} in it has other fields than in this version"
                )
        made: Any = object.__new__(cls)
        for name, value in fields.items():
            object.__setattr__(made, name, value)
        return made


_SLICE = ("start", "stop", "step")
_KINDS = frozenset(
    f"${kind}"
    for kind in (
        *("float", "tuple", "set", "frozenset", "dict", "slice", "array", "scalar"),
        *("column", "index", "rng", "model", "object"),
    )
)


def _fields(thing: Any) -> dict[str, Any]:
    """Tell what an instance holds; of dataclasses without what is derived lazily."""
    if dataclasses.is_dataclass(thing):
        return {f.name: getattr(thing, f.name) for f in dataclasses.fields(thing)}
    return dict(vars(thing))


def _class(path: str) -> type:
    module, _, name = path.partition(":")
    if not _OURS.fullmatch(module):
        raise UnreadableImputer(f"it names {path!r}, which is no part of the engine")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ImportError:
        found = None
    if not isinstance(found, type) or found.__module__ != module:
        raise UnreadableImputer(f"it names {path!r}, which this version does not have")
    return found
