"""The paragraph on missing data for a paper, with the numbers of a result."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_wrangler._version import __version__
from jupyter_wrangler.contract import (
    ColumnSummary,
    ImputationSpec,
    ImputationSummary,
    Verdict,
    is_formula,
)
from jupyter_wrangler.engine.methods import method_of
from jupyter_wrangler.wording import count

RUBIN = "Rubin DB (1987). Multiple Imputation for Nonresponse in Surveys. Wiley."
MICE = (
    "van Buuren S, Groothuis-Oudshoorn K (2011). mice: Multivariate Imputation by "
    "Chained Equations in R. Journal of Statistical Software 45(3), 1-67."
)
BARNARD = (
    "Barnard J, Rubin DB (1999). Small-sample degrees of freedom with multiple "
    "imputation. Biometrika 86(4), 948-955."
)
HIPPEL = (
    "von Hippel PT (2020). How many imputations do you need? A two-stage calculation "
    "using a quadratic rule. Sociological Methods & Research 49(3), 699-718."
)
VEHTARI = (
    "Vehtari A, Gelman A, Simpson D, Carpenter B, Bürkner PC (2021). "
    "Rank-normalization, folding, and localization: an improved R-hat for assessing "
    "convergence of MCMC. Bayesian Analysis 16(2), 667-718."
)


def methods_paragraph(
    summary: ImputationSummary,
    spec: ImputationSpec,
    verdict: Verdict,
    *,
    n_imputations: int,
    rounds: int,
    markdown: bool = False,
) -> str:
    """Write the paragraph, and below it the references.

    Parameters
    ----------
    summary, spec, verdict
        What was done, what was asked for, and how it is judged.
    n_imputations : int
        Number of completed data sets.
    rounds : int
        Rounds of the chained equations that were run; 0 for other methods.
    markdown : bool, default=False
        Head and list in Markdown; else plain text.
    """
    missing = [column for column in summary.columns if column.n_missing]
    filled = [column for column in summary.columns if column.n_imputed]
    references = [RUBIN] if n_imputations > 1 else []
    sentences = [_how_much(summary, missing), _by_what(filled, references)]
    if rounds:
        references.append(MICE)
        sentences.append(
            f"Columns were imputed one given the others by chained equations, in "
            f"{count(rounds, 'iteration')} (van Buuren and Groothuis-Oudshoorn 2011)."
        )
    sentences.append(_predictors(spec))
    sentences.append(_several(n_imputations, references))
    if spec.se_cv is not None:
        references.append(HIPPEL)
        sentences.append(
            f"Their number was chosen from the first {spec.n_imputations} of them, so "
            f"that standard errors vary by less than {100 * spec.se_cv:.3g} % between "
            "runs (von Hippel 2020)."
        )
    sentences.append(_checked(verdict, references))
    sentences.append(
        f"The seed was {spec.random_state}; jupyter-wrangler {__version__} was used."
    )
    text = " ".join(filter(None, sentences))
    listed = sorted(dict.fromkeys(references))
    if markdown:
        below = "\n".join(f"- {one}" for one in listed)
        return f"### Missing data\n\n{text}\n\n**References**\n\n{below}\n"
    return f"Missing data. {text}\n\nReferences\n" + "\n".join(listed) + "\n"


def _how_much(summary: ImputationSummary, missing: Sequence[ColumnSummary]) -> str:
    n = summary.n_rows
    if not missing:
        return (
            f"None of the {summary.n_columns:,} variables of {n:,} rows had missing "
            "values."
        )
    worst = sorted(missing, key=lambda column: -column.n_missing)
    shares = ", ".join(
        f"{column.name} ({column.n_missing:,}, {column.n_missing / n:.1%})"
        for column in worst[:8]
    )
    more = f" and {len(worst) - 8:,} others" if len(worst) > 8 else ""
    cells = summary.n_missing / max(1, n * summary.n_columns)
    return (
        f"Of {summary.n_columns:,} variables in {n:,} rows, {len(missing):,} had "
        f"missing values ({cells:.1%} of all cells): {shares}{more}."
    )


def _by_what(filled: Sequence[ColumnSummary], references: list[str]) -> str:
    """Say the method of each kind of column."""
    if not filled:
        return "Nothing was imputed."
    groups: dict[str, list[ColumnSummary]] = {}
    for column in filled:
        groups.setdefault(column.method, []).append(column)
    clauses = []
    for method, columns in groups.items():
        levels = " and ".join(sorted({column.level for column in columns}))
        names = ", ".join(column.name for column in columns[:4])
        more = f" and {len(columns) - 4:,} others" if len(columns) > 4 else ""
        if is_formula(method):
            clauses.append(
                f"{names}{more} by the formula {method.strip().lstrip('~ ')}"
            )
            continue
        known = method_of(method)
        if known.source:
            references.append(known.source)
        clauses.append(f"{levels} variables ({names}{more}) by {known.title or method}")
    return f"Missing values were imputed: {'; '.join(clauses)}."


def _predictors(spec: ImputationSpec) -> str:
    if not spec.predictors:
        return ""
    some = "; ".join(
        f"{name} from {', '.join(helpers) or 'no other'}"
        for name, helpers in list(spec.predictors.items())[:8]
    )
    return f"Predictors were chosen for: {some}; all others used all other variables."


def _several(n_imputations: int, references: list[str]) -> str:
    if n_imputations < 2:
        return (
            "One completed data set was made, so that standard errors do not hold the "
            "uncertainty of the imputed values."
        )
    references.append(BARNARD)
    return (
        f"{n_imputations} completed data sets were made; estimates are pooled by "
        "Rubin's rules (Rubin 1987) with the degrees of freedom of Barnard and Rubin "
        "(1999)."
    )


def _checked(verdict: Verdict, references: list[str]) -> str:
    clauses = []
    for check in verdict.checks:
        numbers = [one.numbers for one in check.columns]
        if check.name == "distributions" and check.n_judged:
            worst = max(abs(one["difference"] or 0.0) for one in numbers)
            clauses.append(
                "imputed values differed from observed ones of rows equally likely to "
                f"lack them by at most {worst:.2f} standard deviations"
            )
        if check.name == "chains" and check.n_judged:
            references.append(VEHTARI)
            worst = max(one["rhat"] or 0.0 for one in numbers)
            clauses.append(f"R-hat (Vehtari et al. 2021) was at most {worst:.2f}")
    return f"In diagnostics, {' and '.join(clauses)}." if clauses else ""
