"""What a transform job has computed: later rows, completed by earlier models."""

from __future__ import annotations

from typing import Any, Literal

from jupyter_wrangler import contract, frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects import saving
from jupyter_wrangler.client.objects.code_options import check_data
from jupyter_wrangler.client.objects.result import Result
from jupyter_wrangler.client.transport.api import Api
from jupyter_wrangler.client.views.code import transform_code
from jupyter_wrangler.errors import InvalidSpec


@public
class TransformResult(Result):
    """Completed data sets of later rows, as `Recipe.transform` gives them."""

    def complete(self, k: int = 0) -> Any:
        """Give completed data set `k`, counted from 0, as a new frame.

        A column comes in the dtype of the fit where the rows had another one.

        Raises
        ------
        NotFound
            If there is no such imputation, or it was not finished.
        """
        # loads scikit-learn
        from jupyter_wrangler.engine.estimator.estimator_io import (  # noqa: PLC0415
            fill_frame,
        )
        from jupyter_wrangler.engine.planning.frame import named  # noqa: PLC0415

        df, cells = self._incomplete_frame(), self.cells(k)
        frame = named(df)
        values = cells.values
        by_column = {name: (rows, values[name]) for name, rows in cells.rows.items()}
        done = fill_frame(df, frame, by_column, list(frame.columns), ())
        done.attrs = frames.provenance(self._manifest.job_id, k, df.attrs)
        return frames.as_given(done, self._handed_in)

    def to_code(
        self,
        style: Literal["wrangler", "sklearn"] = "wrangler",
        data: str | None = None,
    ) -> str:
        """Write a script that imputes these rows by the same models.

        Parameters
        ----------
        style : {"wrangler"}, default="wrangler"
            scikit-learn has no such models.
        data : str, optional
            Python expression that gives the rows; default: from the service.

        Raises
        ------
        InvalidSpec
            If another style is asked for.
        """
        if style != "wrangler":
            raise InvalidSpec(
                f"style={style!r:.60} cannot write what was imputed by the models of "
                "an earlier job; give 'wrangler'."
            )
        check_data(data)
        asked = saving.spec_of(self._api, self._manifest)
        unknown = getattr(asked, "handle_unknown", "error")
        return transform_code(self._origin_code("jw"), data, unknown)

    def _summary(self) -> contract.ImputationSummary:
        if self.summary is not None:
            return self.summary
        # loads scikit-learn
        from jupyter_wrangler.engine.estimator.summary import summarise  # noqa: PLC0415
        from jupyter_wrangler.engine.planning.frame import named  # noqa: PLC0415

        found = self.imputations
        plans = self.recipe.imputer.plans_for(named(found.data))
        # of the spec nothing is used beside the plans
        settings = contract.ImputationSpec()
        return summarise(found.data, settings, found.imputations, plans=plans)

    def _judged_by(self) -> None:
        """Give nothing: the settings are those of the job that fitted the models."""


def saved_result(api: Api, manifest: contract.ResultManifest) -> Result:
    """Give a saved result, of the kind of the job that made it."""
    spec = saving.spec_of(api, manifest)
    if isinstance(spec, contract.TransformSpec):
        return TransformResult(api, manifest)
    return Result(api, manifest)
