"""How large a spec may be, and what lists show of one."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler.contract.job_spec import BRIEF
from jupyter_wrangler.contract.specs import AnySpec
from jupyter_wrangler.errors import InvalidSpec

#: Bytes that a spec may take as JSON: ten thousand columns, named one by one.
MAX_SPEC = 2 * 1024 * 1024


def check_size(spec: AnySpec) -> None:
    """Refuse a spec that takes too many bytes.

    Raises
    ------
    InvalidSpec
        If it takes more than `MAX_SPEC` as JSON.
    """
    size = len(spec.model_dump_json())
    if size > MAX_SPEC:
        raise InvalidSpec(
            f"The spec takes {size / 2**20:.1f} MiB as JSON, and {MAX_SPEC >> 20} MiB "
            "are the most; name in it only the columns that are to differ from the "
            "others, or split the columns between several jobs."
        )


def brief(spec: AnySpec) -> dict[str, Any]:
    """Return what lists show of a spec: its numbers and words, and its methods.

    A spec of thousands of columns takes megabytes, and a list holds many.  Of methods
    by column one column stands for each method.

    Examples
    --------
    >>> from jupyter_wrangler.contract import ImputationSpec
    >>> spec = ImputationSpec(methods={"a": "mean", "b": "mean", "c": "knn"})
    >>> brief(spec)["methods"], "predictors" in brief(spec)
    ({'a': 'mean', 'c': 'knn'}, False)
    """
    found = {
        name: value[:BRIEF] if isinstance(value, str) else value
        for name, value in spec.model_dump(mode="json").items()
        if not isinstance(value, dict | list)
    }
    return found | spec.listed_methods()
