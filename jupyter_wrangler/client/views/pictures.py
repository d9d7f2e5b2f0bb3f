"""Pictures of a few hundred bytes: what was observed, and over it what was imputed.

They are PNG files with a palette, written by hand: a result has up to a dozen, they
have to be small, and matplotlib need not be installed.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: Pixels; drawn at half their size, for sharp screens.
WIDTH, HEIGHT = 240, 64
#: Transparent ground, observed, imputed, base line: as in the charts.
_PALETTE = ((0, 0, 0), (0x56, 0xA0, 0xD3), (0xD5, 0x5E, 0x00), (0x80, 0x80, 0x80))
_BARS = " ▁▂▃▄▅▆▇█"


def overlay_png(
    observed: Sequence[float], imputed: Sequence[float], *, classes: bool = False
) -> bytes:
    """Draw two distributions over one another.

    Parameters
    ----------
    observed, imputed : sequence of float
        Shares by bin or class, as many of each.  Those of bins are drawn each to its
        own height: a few cells may all have one value.
    classes : bool, default=False
        Draw pairs of bars, side by side; else bars and a line of steps.

    Returns
    -------
    bytes
        A PNG file.

    Examples
    --------
    >>> data = overlay_png([0.5, 0.5], [0.1, 0.9])
    >>> data[1:4], len(data) < 400
    (b'PNG', True)
    """
    seen, made = np.asarray(observed), np.asarray(imputed)
    tops = [max(float(one.max()), 1e-9) for one in (seen, made)]
    if classes:
        tops = [max(tops), max(tops)]
    ground = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    edges = np.linspace(0, WIDTH, len(seen) + 1).round().astype(int)
    heights = [
        ((HEIGHT - 4) * one / top).round().astype(int)
        for one, top in zip((seen, made), tops, strict=True)
    ]
    before = 0
    for k, (left, right) in enumerate(pairwise(edges)):
        low, high = heights[0][k], heights[1][k]
        if classes:
            middle = (left + right) // 2
            ground[HEIGHT - 2 - low : HEIGHT - 2, left + 2 : middle] = 1
            ground[HEIGHT - 2 - high : HEIGHT - 2, middle : right - 2] = 2
            continue
        ground[HEIGHT - 2 - low : HEIGHT - 2, left:right] = 1
        line = HEIGHT - 3 - high
        ground[max(line - 1, 0) : line + 2, left:right] = 2
        ends = sorted((HEIGHT - 3 - before, line))
        ground[max(ends[0], 0) : ends[1] + 1, max(left - 1, 0) : left + 1] = 2
        before = high
    ground[HEIGHT - 2 :, :] = 3
    return _png(ground)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Write pixels of four colours as a PNG file."""
    height, width = pixels.shape
    four = pixels.reshape(height, width // 4, 4)
    packed = four[..., 0] << 6 | four[..., 1] << 4 | four[..., 2] << 2 | four[..., 3]
    lines = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in packed)
    head = struct.pack(">IIBBBBB", width, height, 2, 3, 0, 0, 0)
    palette = bytes(value for colour in _PALETTE for value in colour)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", head),
            (b"PLTE", palette),
            (b"tRNS", b"\0\xff\xff\xff"),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return (
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
    )


def data_address(png: bytes) -> str:
    """Give a picture as an address that holds it.

    Examples
    --------
    >>> data_address(b"PNG")
    'data:image/png;base64,UE5H'
    """
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def bars(shares: Sequence[float], top: float) -> str:
    """Draw a distribution in one line of text; `top` is the share of a full bar.

    Examples
    --------
    >>> bars([0.0, 0.25, 0.5], 0.5)
    ' ▄█'
    """
    steps = [min(8, round(8 * share / top)) if top > 0 else 0 for share in shares]
    # what is there is seen
    return "".join(
        _BARS[max(step, 1) if share > 0 else 0]
        for step, share in zip(steps, shares, strict=True)
    )
