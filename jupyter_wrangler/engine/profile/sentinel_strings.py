"""Strings that stand for missing values: "N/A", "unknown", "k.A.", "?" and others."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import Disguised
from jupyter_wrangler.engine.profile.describe import Described
from jupyter_wrangler.engine.profile.no_answer import ENGLISH, MAYBE, OTHERS

#: Of these, what may stand for anything unless all other values are numbers.
SIGNS = frozenset({"x", "_", "/", "*"})
#: Numbers that may stand for missing values where all other values are numbers too.
CODES = frozenset({"-1", "-9", "-99", "-999", "-9999", "999", "9999", "99999"})
#: Characters of a suspect at most.
LONGEST = 24


def _normalized(label: str) -> str:
    """Give a label without case, accents, and blanks that do not tell words apart.

    Examples
    --------
    >>> _normalized(" K. A. "), _normalized("Non  renseigné")
    ('k.a.', 'non renseigne')
    >>> _normalized("Don\u2019t know")
    "don't know"
    """
    plain = unicodedata.normalize("NFKD", label.replace("\u2019", "'").casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(plain.split()).replace(". ", ".")


#: Words that say that there is no value, and those that may be answers too.
SURE = frozenset(map(_normalized, (*ENGLISH, *OTHERS)))
POSSIBLE = frozenset(map(_normalized, MAYBE)) - SURE


def sentinel_strings(found: Described) -> list[Disguised]:
    """Find the strings of a column that stand for missing values.

    Parameters
    ----------
    found : Described
        A column of labels.

    Examples
    --------
    >>> import pandas as pd
    >>> from jupyter_wrangler.engine.profile.describe import describe
    >>> column = describe("age", pd.Series(["12", "?", "40", "?"]))
    >>> for hit in sentinel_strings(column):
    ...     print(hit.value, hit.n, hit.sure, hit.evidence)
    ? 2 True "?" occurs 2 times; all other values are numbers.
    """
    if found.counts is None or found.level == "boolean":
        return []
    labels = np.asarray(found.distinct, dtype=object)
    hits = [
        (k, label)
        for k, label in enumerate(labels)
        # What stands for a missing value is short: spares the texts a closer look.
        if isinstance(label, str) and len(label) <= LONGEST and _is_suspect(label)
    ]
    if not hits:
        return []
    column = _Labels(labels, {k for k, _ in hits}, total=int(found.counts.sum()))
    disguised = []
    for k, label in hits:
        n = int(found.counts[k])
        sure = column.certainty(_normalized(label), n)
        if sure is None:
            continue
        evidence = _evidence(
            label, n, among_numbers=column.others_are_numbers, sure=sure
        )
        disguised.append(
            Disguised(
                column=found.name,
                value=label,
                n=n,
                share=n / column.total,
                sure=sure,
                evidence=evidence,
            )
        )
    return disguised


class _Labels:
    """What all labels of a column say about those that may stand for missing values."""

    def __init__(self, labels: NDArray[Any], suspects: set[int], *, total: int) -> None:
        #: Rows that have a label.
        self.total = total
        self.others_are_numbers = _are_numbers(labels, suspects)
        self._n_negative = sum(isinstance(x, str) and _is_negative(x) for x in labels)
        # Among countries of two letters, NA is Namibia.
        self._two_letters = all(isinstance(x, str) and len(x) == 2 for x in labels)

    def certainty(self, word: str, n: int) -> bool | None:
        """Whether a word that occurs `n` times surely stands for a missing value.

        None if nothing speaks for it.
        """
        if word in CODES | SIGNS and not self.others_are_numbers:
            return None
        if word in CODES:
            # The only negative number is odd; any other may be what it says.
            return word[0] == "-" and self._n_negative == 1
        if self._two_letters and word == "na":
            return False
        says_so = word in SURE and n < self.total
        return not word or self.others_are_numbers or says_so


def _is_suspect(label: str) -> bool:
    word = _normalized(label)
    return not word or word in SURE or word in POSSIBLE or word in CODES


def _is_negative(label: str) -> bool:
    return label.strip()[:1] == "-" and label.strip()[1:2].isdigit()


def _are_numbers(labels: NDArray[Any], without: set[int]) -> bool:
    """Whether all labels `without` some read as numbers (or are some)."""
    if len(labels) - len(without) < 2:
        return False
    try:
        return all(
            np.isfinite(float(_with_decimal_point(label)))
            for k, label in enumerate(labels)
            if k not in without
        )
    except (TypeError, ValueError):
        return False


def _with_decimal_point(label: Any) -> Any:
    """Write a decimal comma as a point."""
    return label.replace(",", ".") if isinstance(label, str) else label


def _evidence(label: str, n: int, *, among_numbers: bool, sure: bool) -> str:
    times = "once" if n == 1 else f"{n:,} times"
    if not label.strip():
        what = f"A text of blanks alone ({label!r})" if label else "An empty text ('')"
        return f"{what} occurs {times}."
    # with the blanks around it, without which it would not be found again
    says = f'"{label}" occurs {times}'
    if label.strip() in CODES:
        unusual = (
            "; no other number is negative." if sure else "; it may be a number too."
        )
        return says + unusual
    if among_numbers:
        return f"{says}; all other values are numbers."
    if sure:
        return f"{says} and says that there is no value."
    return f"{says}; it may be an answer too."
