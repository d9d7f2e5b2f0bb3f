"""What stands out in a profile, in whole sentences, most important first."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_wrangler.contract import (
    ColumnProfile,
    Dependence,
    Dependences,
    Disguised,
    MissingPairs,
    MissingPatterns,
    ProfileDocument,
)
from jupyter_wrangler.wording import count

#: Sentences, and names in one of them, of each kind at most.
EACH, NAMES = 5, 8
#: Effects that are worth a word: a standardised difference and a Cramer's V.
WORTH = {"standardised mean difference": 0.2, "Cramer's V": 0.1}
#: Rows in a row that are worth a word, and share of all rows.
RUN, RUN_SHARE = 5, 0.01


def p_text(p_value: float) -> str:
    """Show a p-value.

    Examples
    --------
    >>> p_text(0.0312), p_text(1e-9)
    ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def of_document(document: ProfileDocument) -> tuple[str, ...]:
    """Say all that stands out in a profile."""
    columns, n_rows = document.columns, document.n_rows
    tested = document.n_missing or any(hit.sure for hit in document.disguised)
    return (
        overview(n_rows, document.n_complete_rows, columns),
        *of_disguised(document.disguised),
        *of_columns(columns, n_rows),
        *of_dependences(document.dependences),
        *([document.mcar.sentence] if tested else []),
        *of_patterns(document.patterns, document.pairs),
        *of_runs(columns, n_rows),
    )


def overview(n_rows: int, n_complete: int, columns: tuple[ColumnProfile, ...]) -> str:
    """Say how large the data are and how much of them is missing."""
    size = f"{count(n_rows, 'row')} and {count(len(columns), 'column')}"
    incomplete = [column for column in columns if column.n_missing]
    if not incomplete:
        return f"{size}; no cell is missing."
    n_missing = sum(column.n_missing for column in incomplete)
    share = n_missing / (n_rows * len(columns))
    return (
        f"{size}; {count(n_missing, 'cell')} ({share:.1%}) "
        f"{'is' if n_missing == 1 else 'are'} missing, in "
        f"{count(len(incomplete), 'column')}; "
        f"{count(n_complete, 'row')} ({n_complete / n_rows:.0%}) "
        f"{'is' if n_complete == 1 else 'are'} complete."
    )


def of_disguised(disguised: tuple[Disguised, ...]) -> list[str]:
    """Name the sentinel values."""
    sure = [hit for hit in disguised if hit.sure]
    sure.sort(key=lambda hit: -hit.n)
    sentences = [
        f"{hit.column}: {hit.evidence} It seems to stand for a missing value."
        for hit in sure
    ]
    if len(sure) > EACH:
        n = len(sure) - EACH
        more = "1 more value seems" if n == 1 else f"{n} more values seem"
        sentences = [*sentences[:EACH], f"{more} to stand for missing values."]
    if sure:
        n = sum(hit.n for hit in sure)
        sentences.append(
            f"Ranges, shapes, dependences and Little's test leave "
            f"{'this 1 cell' if n == 1 else f'these {n:,} cells'} out; counts and "
            "patterns of missing values do not know them until mark_missing(df) has "
            f"made {'it' if n == 1 else 'them'} missing."
        )
    perhaps = len(disguised) - len(sure)
    if perhaps:
        what = "1 value" if perhaps == 1 else f"{perhaps} values"
        sentences.append(
            f"{what} may stand for missing values or not, and "
            f"{'is' if perhaps == 1 else 'are'} "
            "taken as seen: see the table."
        )
    return sentences


def of_columns(columns: tuple[ColumnProfile, ...], n_rows: int) -> list[str]:
    """Name the columns that are odd by themselves."""
    sentences = []
    empty = [c.name for c in columns if c.n_missing == n_rows]
    constant = [c.name for c in columns if c.n_distinct == 1 and c.n_missing < n_rows]
    if empty:
        sentences.append(
            f"{_joined_names(empty)} {_verb_for(empty, 'has', 'have')} no value at all."
        )
    if constant:
        says = _verb_for(constant, "has", "have")
        sentences.append(
            f"{_joined_names(constant)} {says} the same value in all rows that have "
            "one."
        )
    texts = [f"{c.name} is text: {c.advice}" for c in columns if c.advice]
    sentences += _first_and_count(
        texts, "of text that reads as dates or numbers: see their notes"
    )
    unusual = [c.note for c in columns if c.level in {"mixed", "nested"}]
    return sentences + _first_and_count(unusual, "of this kind")


def _first_and_count(sentences: list[str], others: str) -> list[str]:
    """Give the first sentences, and the number of columns of the others."""
    more = len(sentences) - EACH
    if more <= 0:
        return sentences
    return [*sentences[:EACH], f"{count(more, 'more column')} {others}."]


def of_runs(columns: tuple[ColumnProfile, ...], n_rows: int) -> list[str]:
    """Name the longest runs of missing rows."""
    long = [
        (column.name, run)
        for column in columns
        for run in column.runs[:1]
        if max(RUN, RUN_SHARE * n_rows) <= run.n < n_rows
    ]
    long.sort(key=lambda pair: -pair[1].n)
    return [
        f"{name} is missing in {run.n:,} rows in a row, from {run.first} to {run.last}."
        for name, run in long[:2]
    ]


def of_patterns(patterns: MissingPatterns, pairs: MissingPairs | None) -> list[str]:
    """Say which columns are missing together."""
    sentences = []
    for group in _columns_missing_together(pairs)[:EACH]:
        n = patterns.n_missing[patterns.columns.index(group[0])]
        sentences.append(
            f"{_joined_names(group)} are always missing together, in {count(n, 'row')}."
        )
    if patterns.monotone and sum(map(bool, patterns.n_missing)) > 1:
        sentences.append(
            "The missing values are monotone: a row that lacks a column lacks all that "
            "have "
            "more missing values, so that one pass of imputations in that order is "
            "enough."
        )
    return sentences


def _columns_missing_together(pairs: MissingPairs | None) -> list[list[str]]:
    """Columns with the same missing values, in groups of two and more."""
    if pairs is None:
        return []
    groups: list[list[int]] = []
    for k in range(len(pairs.columns)):
        if not pairs.both[k][k]:
            # Without any value: said elsewhere.
            continue
        for group in groups:
            first = group[0]
            both = pairs.both[first][k]
            if both == pairs.both[k][k] == pairs.both[first][first]:
                group.append(k)
                break
        else:
            groups.append([k])
    return [[pairs.columns[k] for k in group] for group in groups if len(group) > 1]


def of_dependences(found: Dependences) -> list[str]:
    """Say whose missing values go with the values of another column."""
    if not found.n_compared:
        return []
    strong = [hit for hit in found.listed if abs(hit.effect) >= WORTH[hit.measure]]
    comparisons = count(found.n_compared, "comparison")
    if not found.n_found:
        return [
            (
                "No column's missing values go with the values of another one "
                f"({comparisons})."
            )
        ]
    if not strong:
        pairs = count(found.n_found, "pair")
        return [
            (
                f"Missing values go with values in {pairs} of columns, weakly "
                f"({comparisons})."
            )
        ]
    sentences = [_dependence(hit) for hit in strong[:EACH]]
    sentences[-1] += f", after Holm's correction for {comparisons}"
    return [f"{words}." for words in sentences]


def _dependence(hit: Dependence) -> str:
    p = p_text(hit.p_adjusted)
    if hit.measure == "Cramer's V":
        return (
            f"{hit.column} is missing more often in some classes of {hit.on} than in "
            f"others (Cramer's V {hit.effect:.2f}, {p})"
        )
    side = "larger" if hit.effect > 0 else "smaller"
    return (
        f"{hit.column} is missing where {hit.on} is {side} (standardised mean "
        f"difference {hit.effect:.2f}, {p})"
    )


def _joined_names(names: Iterable[str]) -> str:
    shown = list(names)
    if len(shown) > NAMES:
        return f"{', '.join(shown[:NAMES])} and {len(shown) - NAMES} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _verb_for(names: list[str], one: str, many: str) -> str:
    return one if len(names) == 1 else many
