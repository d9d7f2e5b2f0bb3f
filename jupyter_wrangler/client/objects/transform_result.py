"""What a transform job has computed: later rows, completed by earlier models."""

from __future__ import annotations

from typing import Any

from jupyter_wrangler import frames
from jupyter_wrangler.calls import public
from jupyter_wrangler.client.objects.result import Result


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
        from jupyter_wrangler.engine.planning.check import named  # noqa: PLC0415

        df, cells = self._incomplete_frame(), self.cells(k)
        frame = named(df)
        values = cells.values
        by_column = {name: (rows, values[name]) for name, rows in cells.rows.items()}
        done = fill_frame(df, frame, by_column, list(frame.columns), ())
        done.attrs = frames.provenance(self._manifest.job_id, k, df.attrs)
        return frames.as_given(done, self._handed_in)
