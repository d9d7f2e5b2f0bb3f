"""The fitted models of a job, to impute rows that come later."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.extensions import submit_rows
from jupyter_wrangler.client.objects.saving import fetch_recipe
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.views.html import text
from jupyter_wrangler.errors import (
    DigestMismatch,
    EmptyFrame,
    NoRecipe,
    NotFound,
    SchemaMismatch,
    listed,
)
from jupyter_wrangler.frames.whole_files import replace_file
from jupyter_wrangler.wording import count

if TYPE_CHECKING:
    from jupyter_wrangler.engine.estimator.imputer import Imputer

Choice = Literal["error", "impute"]
#: Columns that are named at most.
_SHOWN = 12
_DO = (
    "Fit jw.Imputer with the same settings yourself, or submit the job again with "
    "keep_models=True."
)


@public
class Recipe:
    """Fitted models that impute later rows, without fitting again.

    Of `Result.recipe`.  There are as many sets of models as imputations; their bytes
    are fetched when they are first used.

    Parameters
    ----------
    api : Api
        The service.
    manifest : ResultManifest
        Of the result that they belong to.
    """

    def __init__(self, api: Api, manifest: contract.ResultManifest) -> None:
        self._api, self._manifest = api, manifest
        self._files = {
            part.imputation: part.recipe
            for part in manifest.imputations
            if part.recipe is not None
        }
        self._lock = threading.RLock()
        self._imputers: dict[int, Imputer] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Pickle what it is; models are fetched again when they are wanted."""
        return {"_api": self._api, "_manifest": self._manifest}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Rebuild a pickled recipe."""
        Recipe.__init__(self, state["_api"], state["_manifest"])

    # ── what it is ──

    @property
    def n_imputations(self) -> int:
        """Number of sets of models."""
        return len(self._files)

    @property
    def size(self) -> int:
        """Bytes of all sets together."""
        return sum(file.size for file in self._files.values())

    @property
    def digests(self) -> tuple[str, ...]:
        """SHA-256 of each set, in order; what a transform job names."""
        return tuple(self._files[k].sha256 for k in sorted(self._files))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that later rows must have."""
        return tuple(column.name for column in self._manifest.dataset_version.columns)

    # ── models ──

    @property
    def imputer(self) -> Imputer:
        """The first set of models, as a fitted `Imputer`; always the same object."""
        return self._imputer(min(self._files))

    @property
    def imputers(self) -> list[Imputer]:
        """All sets of models, as fitted `Imputer` objects."""
        return [self._imputer(k) for k in sorted(self._files)]

    def transform(
        self,
        df: Any,
        imputation: int = 0,
        *,
        handle_unknown: Choice = "error",
        missing_columns: Choice = "error",
    ) -> Any:
        """Impute later rows here and now.

        Parameters
        ----------
        df : DataFrame (pandas or polars) of shape (n, p)
            Rows with the columns of the fit.
        imputation : int, default=0
            Which set of models, from 0; each gives other draws.
        handle_unknown : {"error", "impute"}, default="error"
            What to do with classes that the fit has not seen, as in `Imputer`.
        missing_columns : {"error", "impute"}, default="error"
            What to do with frames that lack columns, as in `Imputer`.

        Returns
        -------
        DataFrame
            As came in, completed.

        Raises
        ------
        SchemaMismatch
            If columns are missing or unknown, hold other types, or classes that the
            fit has not seen.
        NotFound
            If there is no such imputation.
        """
        imputer = copy.copy(self._imputer(imputation))
        imputer.set_params(
            handle_unknown=handle_unknown, missing_columns=missing_columns
        )
        labels = {str(label): label for label in getattr(df, "columns", ())}
        if not labels or missing_columns == "impute":
            return imputer.transform(df)
        return imputer.transform(_in_order(df, labels, self.columns))[
            list(labels.values())
        ]

    def submit(
        self,
        df: Any,
        *,
        handle_unknown: Choice = "error",
        name: str | None = None,
        priority: contract.Priority = "normal",
        force: bool = False,
    ) -> Any:
        """Impute later rows in the background, where the models lie; see `transform`.

        Parameters
        ----------
        df : DataFrame (pandas or polars) of shape (n, p)
            Rows with the columns of the fit.
        handle_unknown : {"error", "impute"}, default="error"
            What to do with classes that the fit has not seen.
        name, priority, force
            Of the job, as in `impute`.

        Returns
        -------
        Job
            Its result has as many completed data sets as there are sets of models.

        Raises
        ------
        NoRecipe
            If the models were deleted meanwhile.
        SchemaMismatch, EmptyFrame
            If the rows have other columns than the fit, or there are none.
        """
        return submit_rows(
            df,
            self,
            self._api.location(),
            handle_unknown=handle_unknown,
            name=name,
            priority=priority,
            force=force,
        )

    def save(self, path: str | Path, imputation: int = 0) -> None:
        """Write one set of models to a file that `jw.load_imputer` reads."""
        replace_file(path, self._bytes(imputation))

    def _imputer(self, k: int) -> Imputer:
        with self._lock:
            self._check(k)
            if k not in self._imputers:
                # loads scikit-learn
                from jupyter_wrangler.frames.imputers import (  # noqa: PLC0415
                    imputer_from_bytes,
                )
                from jupyter_wrangler.frames.register_backends import (  # noqa: PLC0415
                    register_backends,
                )

                register_backends()
                self._imputers[k] = imputer_from_bytes(self._bytes(k))
            return self._imputers[k]

    def _check(self, k: object) -> None:
        """Refuse what is no imputation with models; True is no number here."""
        whole = isinstance(k, Integral) and not isinstance(k, bool)
        if not whole or k not in self._files:
            there = listed(sorted(self._files))
            raise NotFound(
                f"There are no models of imputation {k}; there are those of {there} "
                "(counted from 0)."
            )

    def _bytes(self, k: int) -> bytes:
        self._check(k)
        data = fetch_recipe(self._api, self._manifest, k)
        found = hashlib.sha256(data).hexdigest()
        if found != self._files[k].sha256:
            raise DigestMismatch(
                f"The models of imputation {k} arrived changed (SHA-256 {found[:12]} "
                f"instead of {self._files[k].sha256[:12]}); fetch them again."
            )
        return data

    # ── looks ──

    def __repr__(self) -> str:
        sets = count(self.n_imputations, "set")
        columns = count(len(self.columns), "column")
        return f"Recipe: {sets} of models for {columns}, {_size(self.size)}"

    def _repr_html_(self) -> str:
        names = [f"<code>{text(name)}</code>" for name in self.columns[:_SHOWN]]
        more = len(self.columns) - len(names)
        names += [f"and {more:,} more"] if more else []
        return (
            f"<p><b>{text(repr(self))}</b></p><p>Columns: {', '.join(names)}</p>"
            "<p><code>recipe.transform(new_df)</code> completes later rows without "
            "fitting again; <code>recipe.imputer</code> is a fitted scikit-learn "
            "transformer.</p>"
        )


def recipe_of(api: Api, manifest: contract.ResultManifest) -> Recipe:
    """Return the recipe of a result.

    Raises
    ------
    NoRecipe
        If no models were kept; says why, and what to do.
    """
    if any(part.recipe for part in manifest.imputations):
        return Recipe(api, manifest)
    raise NoRecipe(why_none(manifest.imputations))


def check_rows(recipe: Recipe, df: Any) -> None:
    """Refuse what no job could impute, before it is sent.

    Raises
    ------
    UnsupportedFrame
        If it is no frame.
    EmptyFrame
        If it has no rows or no columns.
    SchemaMismatch
        If its columns are not those of the fit; their order does not matter.
    """
    frame = frames.as_pandas(df)
    if not frame.size:
        raise EmptyFrame(*frame.shape)
    found, wanted = frames.names_of(frame), recipe.columns
    lacking = [name for name in wanted if name not in set(found)]
    if lacking:
        raise SchemaMismatch(
            "The models were fitted on columns that these rows do not have: "
            f"{listed(lacking)}. Add them (missing values will do)."
        )
    unknown = [name for name in found if name not in set(wanted)]
    if unknown:
        raise SchemaMismatch(
            "These rows have columns that the models were not fitted on: "
            f"{listed(unknown)}. Leave them out, or fit again."
        )


def _in_order(df: Any, labels: Mapping[str, Any], columns: Sequence[str]) -> Any:
    """Give the columns the order of the fit; refuse those that are not its."""
    # loads scipy
    from jupyter_wrangler.engine.strategies.new_rows import (  # noqa: PLC0415
        check_columns,
    )

    check_columns(list(columns), list(labels))
    return df[[labels[name] for name in columns]]


def why_none(parts: Sequence[contract.PartResult]) -> str:
    """Say why no part of a result has kept its models."""
    notes = [part.recipe_note for part in parts if part.recipe_note]
    return f"The models of this result were not kept. {notes[0] if notes else _DO}"


def _size(n_bytes: int) -> str:
    if n_bytes < 2**20:
        return f"{max(1, round(n_bytes / 2**10)):,} KiB"
    return f"{n_bytes / 2**20:,.1f} MiB"
