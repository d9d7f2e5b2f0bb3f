"""Which strategy imputes the columns of each kind of method, in the order of a run."""

from __future__ import annotations

from jupyter_wrangler.engine.strategies.chained.strategy import ChainedStrategy
from jupyter_wrangler.engine.strategies.joint.strategy import JointStrategy
from jupyter_wrangler.engine.strategies.neighbours.strategy import NeighboursStrategy
from jupyter_wrangler.engine.strategies.passive.strategy import PassiveStrategy
from jupyter_wrangler.engine.strategies.simple.strategy import SimpleStrategy
from jupyter_wrangler.engine.strategies.strategy import Strategy
from jupyter_wrangler.errors import InvalidSpec

#: Kind -> strategy.  Simple methods come first: chained ones see what they filled.
STRATEGIES: dict[str, Strategy] = {
    one.kind: one
    for one in (
        SimpleStrategy(),
        NeighboursStrategy(),
        JointStrategy(),
        ChainedStrategy(),
        PassiveStrategy(),
    )
}


def check_kinds(kinds: set[str]) -> None:
    """Refuse kinds of methods that no strategy imputes.

    Raises
    ------
    InvalidSpec
        If a method declares a kind that is not registered here.

    Examples
    --------
    >>> check_kinds({"chained", "magic"})
    Traceback (most recent call last):
    ...
    jupyter_wrangler.errors.InvalidSpec: No strategy imputes columns of kind 'magic'...
    """
    unknown = kinds - STRATEGIES.keys()
    if unknown:
        raise InvalidSpec(
            f"No strategy imputes columns of kind {', '.join(map(repr, unknown))}; "
            f"there are {', '.join(map(repr, STRATEGIES))}. Use another method."
        )
