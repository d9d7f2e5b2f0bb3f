"""Blocks: columns that are imputed together, what a row lacks of them from one donor.

The columns of a block are its *members*.  They are imputed by multivariate predictive
mean matching (`engine.strategies.chained.multivariate_pmm`), which copies observed
values and changes nothing about them, so that a sum is still the sum of its parts, and
a range has its ends in order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from jupyter_wrangler.contract import ImputationSpec, is_formula
from jupyter_wrangler.errors import (
    InvalidData,
    InvalidSpec,
    listed,
)

#: Method of the members of blocks.
BLOCK_METHOD = "pmm"
#: Settings that change imputed numbers, and with them what a donor's values say
#: together.
CHANGING = ("min_value", "max_value", "factor", "delta")


@dataclass(frozen=True, kw_only=True)
class Block:
    """Columns that are imputed together."""

    name: str
    members: tuple[str, ...]

    @property
    def why(self) -> str:
        """Say why 'pmm' imputes a member though another method was asked for."""
        return f"It belongs to block {self.name!r}, which is imputed together by 'pmm'."


def blocks_of(spec: ImputationSpec) -> tuple[Block, ...]:
    """List the blocks of a spec."""
    return tuple(Block(name=k, members=v) for k, v in spec.blocks.items())


def members_of(spec: ImputationSpec) -> dict[str, Block]:
    """Column -> block that it is a member of.

    Examples
    --------
    >>> spec = ImputationSpec(blocks={"range": ("low", "high")})
    >>> members_of(spec)["high"].members
    ('low', 'high')
    """
    return {name: block for block in blocks_of(spec) for name in block.members}


def by_pmm(spec: ImputationSpec) -> ImputationSpec:
    """Ask for 'pmm' by column for all members, whatever other columns get."""
    if not spec.blocks:
        return spec
    methods = {**spec.methods, **dict.fromkeys(members_of(spec), BLOCK_METHOD)}
    return spec.model_copy(update={"methods": methods})


def check_blocks(spec: ImputationSpec) -> None:
    """Refuse blocks that make no sense, whatever the data are.

    Raises
    ------
    InvalidSpec
        If a block has no name or fewer than two members, a column is a member twice,
        or a member is to be imputed in another way or to be changed afterwards.

    Examples
    --------
    >>> check_blocks(ImputationSpec(blocks={"range": ("low",)}))
    Traceback (most recent call last):
    jupyter_wrangler.errors.InvalidSpec: Block 'range' has one column, 'low'; ...
    """
    known: dict[str, str] = {}
    for block in blocks_of(spec):
        _check_shape(block)
        for name in block.members:
            if name in known:
                where = (
                    f"twice in block {block.name!r}; name it once"
                    if known[name] == block.name
                    else f"in block {known[name]!r} and in block {block.name!r}; put "
                    "it into one of them, or make one block of both"
                )
                raise InvalidSpec(f"Column {name!r} is {where}.")
            known[name] = block.name
            _check_method(block, name, spec)
            _check_unchanged(block, name, spec)


def check_post(spec: ImputationSpec, post: Collection[str]) -> None:
    """Refuse functions of the analyst that change what was imputed together."""
    for name, block in members_of(spec).items():
        if name in post:
            raise InvalidSpec(_changing("post", block, name))


def check_bounds(name: str, block: Block, spec: ImputationSpec) -> None:
    """Refuse bounds of all numbers where a member, of this name, holds numbers."""
    for setting in CHANGING:
        given: Any = getattr(spec, setting)
        if isinstance(given, int | float):
            raise InvalidSpec(
                f"{setting}={given:g} is for all columns of numbers, and {name!r} of "
                f"block {block.name!r} is one, but what is imputed in a block is "
                "copied from one donor for each row and would not fit together any "
                f"more; name the columns that it is for, {setting}={{...: {given:g}}}, "
                "without those of the block."
            )


def check_members(block: Block, observed: pd.DataFrame, donors: int) -> None:
    """Refuse a block that too few rows have all of: only these can be donors.

    Parameters
    ----------
    block : Block
        The block.
    observed : DataFrame of bool of shape (n, members)
        Where its columns are observed.
    donors : int
        How many are wanted.

    Raises
    ------
    InvalidData
    """
    whole = int(observed.all(axis=1).sum())
    if whole >= donors:
        return
    counts = observed.sum()
    emptiest = str(counts.idxmin())
    advice = f"lower donors, or take {emptiest!r}" if whole else f"take {emptiest!r}"
    raise InvalidData(
        f"Block {block.name!r} has {whole} rows with values of all its columns "
        f"({listed(block.members)}), fewer than donors={donors}, and only these can "
        f"be donors; {advice}, which has the fewest values ({int(counts.min())}), out "
        "of the block."
    )


def predictors_within(
    spec: ImputationSpec,
    predictors: Mapping[str, Collection[str]],
    names: Sequence[str],
) -> dict[str, tuple[str, ...]]:
    """Member -> predictors of its block, which are the same for all its members.

    Parameters
    ----------
    spec : ImputationSpec
        Which blocks there are, and whose predictors were named.
    predictors : mapping of str to collection of str
        Column -> predictors, as `passive_dependencies.predictors_of` gives them.
    names : sequence of str
        All columns that can be predictors.

    Returns
    -------
    dict of str to tuple of str
        All that were named for any of the members; if nothing was named, all columns
        that each of the members may have.  Members are not among them: where they are
        observed they help each other in any case.

    Examples
    --------
    >>> spec = ImputationSpec(
    ...     blocks={"range": ("low", "high")}, predictors={"low": ("age", "high")}
    ... )
    >>> predictors_within(spec, spec.predictors, ["low", "high", "age", "sex"])
    {'low': ('age',), 'high': ('age',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for block in blocks_of(spec):
        listed = [spec.predictors[m] for m in block.members if m in spec.predictors]
        may = [predictors.get(member, names) for member in block.members]
        kept = tuple(
            name
            for name in names
            if name not in block.members
            and (
                any(name in one for one in listed)
                if listed
                else all(name in one for one in may)
            )
        )
        found |= dict.fromkeys(block.members, kept)
    return found


def _check_shape(block: Block) -> None:
    if not block.name.strip():
        raise InvalidSpec(
            f"The block of {listed(block.members) or 'no columns'} has no name; give "
            "it one, for example blocks={'range': ['low', 'high']}."
        )
    if len(block.members) < 2:
        has = f"one column, {block.members[0]!r}" if block.members else "no column"
        raise InvalidSpec(
            f"Block {block.name!r} has {has}; two at least are imputed together. Add "
            "the columns that belong to it, or leave the block out."
        )


def _check_method(block: Block, name: str, spec: ImputationSpec) -> None:
    method = spec.methods.get(name, BLOCK_METHOD)
    if method == BLOCK_METHOD:
        return
    text = f"by {method!r}"
    if is_formula(method):
        text = f"by the formula {method!r}"
    elif not method:
        text = "not at all (its method is '')"
    raise InvalidSpec(
        f"Column {name!r} is to be imputed {text}, but it is in block {block.name!r}, "
        "whose columns are imputed together by predictive mean matching; give it "
        "'pmm', or take it out of the block."
    )


def _check_unchanged(block: Block, name: str, spec: ImputationSpec) -> None:
    for setting in CHANGING:
        given: Any = getattr(spec, setting)
        if isinstance(given, dict) and name in given:
            raise InvalidSpec(_changing(setting, block, name))


def _changing(setting: str, block: Block, name: str) -> str:
    return (
        f"{setting} would change what is imputed in column {name!r}, but in block "
        f"{block.name!r} it is copied from one donor for each row together with the "
        "other columns, and would not fit them any more; take the column out of "
        f"{setting}, or out of the block."
    )
