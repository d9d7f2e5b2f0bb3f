"""Records of a text: where each row begins and ends, found without cutting it.

A record is a line, or several where a line ends within quotes.  Quotes count as those
of pandas do: they quote what they begin, and are letters elsewhere.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_LF, _CR, _TAB, _SPACE, _QUOTE = 10, 13, 9, 32, 34
#: Bytes of a character that may end a line, by the name of the codec.
_WIDE = {
    "utf-16-le": "<u2",
    "utf-16-be": ">u2",
    "utf-32-le": "<u4",
    "utf-32-be": ">u4",
}
#: Codecs whose bytes below 128 do not always stand for ASCII.
_SHIFTING = ("iso2022", "hz", "utf_7", "utf-7")


@dataclass(frozen=True, kw_only=True)
class Script:
    """What tells records apart in a text."""

    encoding: str
    separator: str
    #: Whether a line without text is a gap between records; else it is one itself.
    gaps: bool = True

    @property
    def units(self) -> np.dtype[Any]:
        """What one character of a line end takes."""
        return np.dtype(_WIDE.get(self.encoding, "u1"))

    @property
    def cuttable(self) -> bool:
        """Whether line ends and quotes can be found without decoding the text."""
        if self.encoding in _WIDE:
            return True
        name = codecs.lookup(self.encoding).name
        signs = '\n\r"\t '
        return not name.startswith(_SHIFTING) and signs.encode(name) == signs.encode()


@dataclass(frozen=True, kw_only=True)
class Records:
    """Records in a piece of a text: bytes from `starts[i]` to `ends[i]`."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    #: Bytes after which the piece holds no whole record.
    used: int

    def __len__(self) -> int:
        return len(self.starts)


def records_in(data: bytes, script: Script, *, last: bool) -> Records:
    r"""Find the records of a piece of a text that begins with one.

    Parameters
    ----------
    data : bytes
        The piece.
    script : Script
        How the text is written.
    last : bool
        Whether the text ends with this piece.

    Returns
    -------
    Records
        Whole records only; the piece that follows begins where they end.

    Examples
    --------
    >>> script = Script(encoding="utf-8", separator=",")
    >>> found = records_in(b'1,a\n\n2,"b\nc"\n3', script, last=False)
    >>> found.starts.tolist(), found.ends.tolist(), found.used
    ([0, 5], [4, 13], 13)
    """
    size = script.units.itemsize
    units = np.frombuffer(data, script.units, len(data) // size)
    ends = _line_ends(units, last=last)
    starts = np.concatenate(([0], ends[:-1])) if len(ends) else ends
    within = _within_quotes(data, units, starts, ends, script)
    if within is not None:
        # a record ends with the first line after which no quote is open
        closed = np.flatnonzero(~within)
        if last and len(within) and within[-1]:
            closed = np.append(closed, len(ends) - 1)
        ends = ends[closed]
        starts = np.concatenate(([0], ends[:-1])) if len(ends) else ends
    used = int(ends[-1]) * size if len(ends) else 0
    if last:
        used = len(data)
    full = _full(units, starts, ends, script) if script.gaps else slice(None)
    return Records(starts=starts[full] * size, ends=ends[full] * size, used=used)


def _line_ends(units: NDArray[Any], *, last: bool) -> NDArray[np.int64]:
    """Return the places after line ends: LF, CR LF, or a CR alone."""
    feeds = units == _LF
    returns = units == _CR
    if returns.any():
        returns[:-1] &= ~feeds[1:]
        # what follows is not known yet
        returns[-1] &= last
        feeds |= returns
    ends = np.flatnonzero(feeds) + 1
    if last and len(units) and (len(ends) == 0 or ends[-1] < len(units)):
        ends = np.append(ends, len(units))
    return ends


def _within_quotes(
    data: bytes,
    units: NDArray[Any],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    script: Script,
) -> NDArray[np.bool_] | None:
    """Tell after which lines a quote is open; None: after none."""
    if b'"' not in data or len(ends) == 0:
        return None
    quotes = np.flatnonzero(units == _QUOTE)
    lines = np.searchsorted(ends, quotes, side="right")
    counts = np.bincount(lines, minlength=len(ends) + 1)[: len(ends)]
    odd = np.flatnonzero(counts % 2)
    # a quote may be a letter, and an even number of them leave one open
    letters = _are_letters(units, quotes, script)
    if len(odd) == 0 and not letters:
        return None
    size = script.units.itemsize

    def text(line: int) -> str:
        piece = data[starts[line] * size : ends[line] * size]
        return piece.decode(script.encoding, "replace")

    within = np.zeros(len(ends), bool)
    if letters or _follow(odd, text, script.separator, within):
        within[:] = False
        _follow(np.flatnonzero(counts), text, script.separator, within)
    return within


def _are_letters(
    units: NDArray[Any], quotes: NDArray[np.int64], script: Script
) -> bool:
    """Whether a quote stands where it begins and ends nothing."""
    around = [_LF, _CR, _QUOTE, ord(script.separator)]
    before = np.isin(units[np.maximum(quotes - 1, 0)], [*around, _SPACE])
    after = np.isin(units[np.minimum(quotes + 1, len(units) - 1)], around)
    return not bool((before | after | (quotes == 0)).all())


def _follow(
    lines: NDArray[np.int64], text: Any, separator: str, within: NDArray[np.bool_]
) -> bool:
    """Mark what is within quotes; return whether a line that could open one did not."""
    opened, plain = -1, False
    for line in lines.tolist():
        stays = is_left_open(text(line), separator, within=opened >= 0)
        if stays and opened < 0:
            opened = line
        elif not stays and opened >= 0:
            within[opened:line] = True
            opened = -1
        elif not stays:
            plain = True
    if opened >= 0:
        within[opened:] = True
    return plain


def is_left_open(line: str, separator: str, *, within: bool) -> bool:
    """Whether a quote is open at the end of a line.

    Parameters
    ----------
    line : str
        The line.
    separator : str
        What stands between fields.
    within : bool
        Whether one was open before it.

    Examples
    --------
    >>> [is_left_open(line, ",", within=False) for line in ('1,"a', '5" pipe')]
    [True, False]
    >>> [is_left_open(line, ",", within=True) for line in ('a ""b""', '",2')]
    [True, False]
    """
    at = 0
    while True:
        if not within:
            while separator != " " and line.startswith(" ", at):
                at += 1
            within = line.startswith('"', at)
            at += within
        while within:
            close = line.find('"', at)
            if close < 0:
                return True
            twice = line.startswith('"', close + 1)
            at = close + 1 + twice
            within = twice
        after = line.find(separator, at)
        if after < 0:
            return False
        at = after + len(separator)


def _full(
    units: NDArray[Any],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    script: Script,
) -> NDArray[np.bool_]:
    """Tell which records hold more than white space."""
    full = np.ones(len(starts), bool)
    blanks = [_LF, _CR, _SPACE, _TAB]
    if script.separator in "\t ":
        blanks.remove(ord(script.separator))
    for at in np.flatnonzero(np.isin(units[starts], blanks)).tolist():
        full[at] = not np.isin(units[starts[at] : ends[at]], blanks).all()
    return full
