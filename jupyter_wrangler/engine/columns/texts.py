"""What the strings of a column read as: dates, numbers with decimal commas, numbers.

Files often bring them as text, where they would be imputed as names of classes.
Nothing is converted: which of two readings is meant is for the analyst to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jupyter_wrangler.errors import shown

#: Different values that are read at most, spread evenly over all of them.
SAMPLE = 2_000
#: Share of the values that have to read alike.
SHARE = 0.8
#: Different values that have to be read.
FEWEST = 3

_TIME = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|UTC|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}({_TIME})?")
#: Other ways to write a day, and how pandas calls them, the more frequent one first.
_DAYS = (
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), ("%d.%m.%Y",)),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), ("%d/%m/%Y", "%m/%d/%Y")),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), ("%d-%m-%Y", "%m-%d-%Y")),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), ("%Y/%m/%d",)),
    (re.compile(r"\d{4}\.\d{1,2}\.\d{1,2}"), ("%Y.%m.%d",)),
)
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+]?(\d+|\d{1,3}([. ]\d{3})+)(,\d+)?")
#: With commas between thousands; what is written so may also have a decimal comma.
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the strings of a column read as."""

    #: "dates", "decimals" (numbers with a fraction) or "integers".
    what: str
    #: Share of the observed values that read so.
    share: float
    #: A whole sentence: the share, what the others are, and how to convert.
    advice: str


def reading_of(series: pd.Series) -> Reading | None:
    """Tell what the strings of a column read as, if it is more than strings.

    Parameters
    ----------
    series : Series of str
        Observed values may be any strings; missing ones do not count.

    Returns
    -------
    Reading or None
        None if fewer than 80 % of the values, or three different ones, read alike.

    Examples
    --------
    >>> print(reading_of(pd.Series(["2024-01-31", "2024-02-29", "k.A.", "2023-12-24",
    ...                             "2023-12-25"], name="day")).advice)
    80% of its values read as dates (not 'k.A.'); convert them with
    df['day'] = pd.to_datetime(df['day'], format="ISO8601", errors="coerce").
    >>> print(reading_of(pd.Series(["1,5", "2,25", "3"], name="x")).advice)
    100% of its values read as numbers with decimal commas; read the file with
    pd.read_csv(..., decimal=","), or convert them with
    df['x'] = pd.to_numeric(df['x'].str.replace(",", "."), errors="coerce").
    """
    first = series.dropna().iloc[:20]
    digits = sum(any(c.isdigit() for c in str(text)[:6]) for text in first)
    if not digits or 2 * digits < len(first):
        # Most columns of text are words: spares them all else.
        return None
    counts = series.value_counts(sort=False)
    if len(counts) > SAMPLE:
        kept = np.linspace(0, len(counts) - 1, SAMPLE).astype(np.intp)
        counts = counts.iloc[kept]
    texts = pd.Series([str(text).strip() for text in counts.index], dtype=object)
    n = counts.to_numpy(dtype=np.float64)
    name = shown(series.name)
    for read in (_dates, _days, _numbers, _commas):
        found = read(texts, name)
        if found is None:
            continue
        what, called, fits, how = found
        share = float(n[fits].sum() / n.sum())
        if share < SHARE or int(fits.sum()) < FEWEST:
            continue
        others = texts[~fits].iloc[:3].map(shown)
        but = f" (not {', '.join(others)})" if len(others) else ""
        # never "100%" of values of which some read otherwise
        percent = f"{share if share == 1.0 else min(share, 0.999):.1%}"
        message = f"{percent.replace('.0%', '%')} of its values read as {called}{but}"
        return Reading(what=what, share=share, advice=f"{message}; {how}.")
    return None


_Found = tuple[str, str, "np.ndarray[tuple[int], np.dtype[np.bool_]]", str] | None


def _matches(
    texts: pd.Series, pattern: re.Pattern[str]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.fromiter(
        (pattern.fullmatch(text) is not None for text in texts), bool, len(texts)
    )


def _dates(texts: pd.Series, name: str) -> _Found:
    fits = _matches(texts, _ISO)
    if not fits.any():
        return None
    read = pd.to_datetime(texts[fits], errors="coerce", format="ISO8601", utc=True)
    fits[np.flatnonzero(fits)[read.isna().to_numpy()]] = False
    zoned = texts[fits].str.contains(r"(?:Z|UTC|[+-]\d{2}:?\d{2})$", regex=True).any()
    zone = ", utc=True" if zoned else ""
    how = (
        f"convert them with df[{name}] = pd.to_datetime(df[{name}], "
        f'format="ISO8601", errors="coerce"{zone})'
    )
    return "dates", "dates", fits, how


def _days(texts: pd.Series, name: str) -> _Found:
    for pattern, formats in _DAYS:
        fits = _matches(texts, pattern)
        if fits.mean() < SHARE / 2:
            continue
        read = {
            form: pd.to_datetime(texts[fits], errors="coerce", format=form).notna()
            for form in formats
        }
        most = max(formats, key=lambda form: int(read[form].sum()))
        good = read[most].to_numpy()
        twice = [f for f in formats if f != most and read[f].sum() == good.sum()]
        fits[np.flatnonzero(fits)[~good]] = False
        how = (
            f"convert them with df[{name}] = pd.to_datetime(df[{name}], "
            f'format="{most}", errors="coerce")'
        )
        if twice:
            how += f'; format="{twice[0]}" fits them as well: look at the source'
        return "dates", "dates", fits, how
    return None


def _numbers(texts: pd.Series, name: str) -> _Found:
    fits = _matches(texts, _NUMBER)
    decimal = any("." in text or "e" in text.lower() for text in texts[fits])
    how = (
        "if they are numbers, convert them with "
        f'df[{name}] = pd.to_numeric(df[{name}], errors="coerce")'
    )
    return "decimals" if decimal else "integers", "numbers", fits, how


def _commas(texts: pd.Series, name: str) -> _Found:
    thousands = _matches(texts, _THOUSANDS)
    fits = _matches(texts, _COMMA)
    if (thousands | ~texts.str.contains(",").to_numpy(dtype=bool)).all() and (
        thousands.any()
    ):
        both = thousands | _matches(texts, _NUMBER)
        how = (
            'read the file with pd.read_csv(..., thousands=","), or convert them with '
            f'df[{name}] = pd.to_numeric(df[{name}].str.replace(",", ""), '
            'errors="coerce")'
        )
        return "integers", "numbers with commas between thousands", both, how
    dots = any("." in text for text in texts[fits])
    read = 'decimal=",", thousands="."' if dots else 'decimal=","'
    less = '.str.replace(".", "")' if dots else ""
    how = (
        f"read the file with pd.read_csv(..., {read}), or convert them with "
        f"df[{name}] = pd.to_numeric(df[{name}]{less}"
        '.str.replace(",", "."), errors="coerce")'
    )
    return "decimals", "numbers with decimal commas", fits, how
