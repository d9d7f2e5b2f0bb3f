"""The normal distribution cut off at bounds: draws and moments."""

from __future__ import annotations

from typing import cast

import numpy as np

from jupyter_wrangler.engine.models.normal import Floats


def ndtr(x: Floats) -> Floats:
    """Probabilities of the standard normal below some numbers."""
    # Loads slowly, and kernels read the list of methods when they start.
    from scipy import special  # noqa: PLC0415

    found: Floats = special.ndtr(x)
    return found


def ndtri(share: Floats) -> Floats:
    """Numbers below which the standard normal has some probabilities."""
    from scipy import special  # noqa: PLC0415  as above

    found: Floats = special.ndtri(share)
    return found


def between(
    mean: Floats, sd: float, low: Floats, high: Floats, rng: np.random.Generator
) -> Floats:
    """Draw from normals cut off at bounds.

    Examples
    --------
    >>> draw = between(np.zeros(3), 1.0, np.array([-np.inf, 0.0, 8.0]),
    ...                np.array([0.0, 1.0, 9.0]), np.random.default_rng(0))
    >>> bool((draw <= [0, 1, 9]).all() and (draw >= [-np.inf, 0, 8]).all())
    True
    """
    a, b = (low - mean) / sd, (high - mean) / sd
    # The lower tail has the digits: upper ones are mirrored.
    mirrored = a > 0
    a, b = np.where(mirrored, -b, a), np.where(mirrored, -a, b)
    below, upto = ndtr(a), ndtr(b)
    drawn = ndtri(below + rng.random(len(mean)) * (upto - below))
    drawn = np.clip(drawn, np.maximum(a, -1e3), np.maximum(b, -1e3))
    return mean + sd * np.where(mirrored, -drawn, drawn)


def moments_between(
    mean: Floats, sd: float, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    """Mean and variance of normals cut off at bounds.

    Examples
    --------
    >>> m, v = moments_between(np.zeros(1), 1.0, np.zeros(1), np.array([np.inf]))
    >>> m.round(4), v.round(4)
    (array([0.7979]), array([0.3634]))
    """
    a, b = (low - mean) / sd, (high - mean) / sd
    mass = np.where(a > 0, ndtr(-a) - ndtr(-b), ndtr(b) - ndtr(a))
    safe = mass > 1e-12
    share = np.where(safe, mass, 1.0)
    at_a, at_b = _density(a), _density(b)
    shift = (at_a - at_b) / share
    edges = np.where(np.isfinite(a), a, 0.0) * at_a
    edges -= np.where(np.isfinite(b), b, 0.0) * at_b
    variance = sd**2 * np.clip(1.0 + edges / share - shift**2, 0.0, 1.0)
    nearest = np.clip(mean, low, high)
    return (
        np.where(safe, np.clip(mean + sd * shift, low, high), nearest),
        np.where(safe, variance, 0.0),
    )


def _density(x: Floats) -> Floats:
    return cast("Floats", np.exp(-0.5 * x**2) / np.sqrt(2.0 * np.pi))
