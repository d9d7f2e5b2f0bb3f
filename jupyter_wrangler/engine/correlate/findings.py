"""What stands out in a correlation, in whole sentences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jupyter_wrangler.contract import CorrelationDocument

Floats = NDArray[np.float64]

#: p-values below are findings; so many pairs are named; nearly the same from here.
LEVEL, NAMED, SAME = 0.05, 3, 0.99
#: How corrections are reported.
CORRECTIONS = {
    "holm": "after Holm's correction",
    "bonferroni": "after Bonferroni's correction",
    "fdr_bh": "after the correction of Benjamini and Hochberg",
    "none": "without a correction for their number",
}


def strengths(document: CorrelationDocument) -> Floats:
    """Strength of each pair from 0 to 1; NaN where it is not defined.

    Mutual information I counts as sqrt(1 - exp(-2 I)), which is the correlation that
    normal columns with as much information have.
    """
    r = np.abs(np.array(document.r, dtype=np.float64))
    if document.back:
        r = np.maximum(r, np.array(document.back, dtype=np.float64))
    if document.measures == ("mutual_info",):
        r = np.sqrt(1.0 - np.exp(-2.0 * r))
    return np.minimum(r, 1.0)


def findings(document: CorrelationDocument, *, converged: bool) -> tuple[str, ...]:
    """Say what stands out."""
    sentences = [
        *_strongest_pairs(document),
        *_nearly_same_pairs(document),
        *_missing_together(document),
    ]
    if not converged:
        sentences.append(
            "EM had not come to rest after its last step, so the correlations are "
            "rough; leave columns out that are nearly the same, or nearly all missing."
        )
    if document.n_sampled is not None:
        sentences.append(
            f"{document.method!r} looked at a sample of {document.n_sampled:,} of the "
            f"{document.n_rows:,} rows."
        )
    reasons = np.array(document.reason, dtype=int)
    for k, reason in enumerate(document.reasons):
        many = int((reasons == k).sum())
        of = "1 pair is" if many == 1 else f"{many:,} pairs are"
        sentences.append(f"{of} not defined. {reason}")
    return tuple(sentences)


def _pair_positions(p: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.triu_indices(p, 1)


def _strongest_pairs(document: CorrelationDocument) -> list[str]:
    names = [column.name for column in document.columns]
    left, right = _pair_positions(len(names))
    strength = np.nan_to_num(strengths(document))
    p = np.array(document.p_adjusted, dtype=np.float64)
    tested = int((~np.isnan(p)).sum())
    if not tested:
        ranked = np.argsort(-strength, kind="stable")
        known = [k for k in ranked if document.r[k] is not None][:NAMED]
        texts = [_pair_text(document, names, left[k], right[k], k) for k in known]
        return [f"Strongest: {'; '.join(texts)}."] if texts else []
    sure = np.flatnonzero(p < LEVEL)
    how = CORRECTIONS[document.adjust]
    if not len(sure):
        none = "The only pair is not" if tested == 1 else f"None of {tested:,} pairs is"
        return [f"{none} related beyond chance (p < 0.05 {how})."]
    order = sure[np.argsort(-strength[sure], kind="stable")][:NAMED]
    texts = [_pair_text(document, names, left[k], right[k], k) for k in order]
    related = "is related" if len(sure) == 1 else "are related"
    counted = f"{len(sure):,} of {tested:,} pairs {related}"
    if tested == 1:
        counted = "The only pair is related"
    return [
        f"{counted} beyond chance (p < 0.05 {how}).",
        f"Strongest: {'; '.join(texts)}.",
    ]


def _pair_text(
    document: CorrelationDocument, names: list[str], i: int, j: int, k: int
) -> str:
    measure = document.measures[document.measure[k]]
    value = document.r[k]
    return (
        f"{names[i]!r} and {names[j]!r} ({measure} {value:.2f}, {document.n[k]:,} rows)"
    )


def _nearly_same_pairs(document: CorrelationDocument) -> list[str]:
    names = [column.name for column in document.columns]
    left, right = _pair_positions(len(names))
    some = np.flatnonzero(np.nan_to_num(strengths(document)) >= SAME)
    if not len(some) or document.method == "mutual_info":
        return []
    texts = [f"{names[left[k]]!r} and {names[right[k]]!r}" for k in some[:NAMED]]
    more = f", and {len(some) - NAMED:,} more pairs" if len(some) > NAMED else ""
    return [f"Nearly the same: {'; '.join(texts)}{more}."]


def _missing_together(document: CorrelationDocument) -> list[str]:
    missing = document.missing
    left, right = _pair_positions(len(missing.columns))
    p = np.array(missing.p_adjusted, dtype=np.float64)
    r = np.array(missing.r, dtype=np.float64)
    sure = np.flatnonzero((p < LEVEL) & (r > 0))
    if not len(sure):
        return []
    order = sure[np.argsort(-r[sure], kind="stable")][:NAMED]
    names = missing.columns
    texts = [
        f"{names[left[k]]!r} and {names[right[k]]!r} (phi {r[k]:.2f})" for k in order
    ]
    return [f"Missing in the same rows more often than by chance: {'; '.join(texts)}."]
