"""The charts of one result, as methods: `result.plot.overlay("chol")`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_wrangler import frames
from jupyter_wrangler.charts.balance import propensity
from jupyter_wrangler.charts.bar import missing_bar
from jupyter_wrangler.charts.calibration import overimpute
from jupyter_wrangler.charts.chains import trace
from jupyter_wrangler.charts.correlation_heatmap import correlation
from jupyter_wrangler.charts.covariate import by_missingness
from jupyter_wrangler.charts.density import overlay
from jupyter_wrangler.charts.flux import influx_outflux
from jupyter_wrangler.charts.indicators import missing_heatmap
from jupyter_wrangler.charts.leaderboard import leaderboard
from jupyter_wrangler.charts.matrix import missing_matrix
from jupyter_wrangler.charts.model import Chart
from jupyter_wrangler.charts.profile_accessor import MissingPlots
from jupyter_wrangler.charts.quartiles import box
from jupyter_wrangler.charts.reading import imputations_of
from jupyter_wrangler.charts.relation import xy
from jupyter_wrangler.charts.rhat import rhat
from jupyter_wrangler.charts.sensitivity import sensitivity
from jupyter_wrangler.charts.strip import strip
from jupyter_wrangler.charts.upset import missing_patterns
from jupyter_wrangler.contract import (
    CorrelationDocument,
    LeaderboardDocument,
    ProfileDocument,
)
from jupyter_wrangler.engine.estimator.imputations import Imputations
from jupyter_wrangler.engine.estimator.overimpute import overimpute as engine_overimpute


def plots_of(found: Any) -> Any:
    """Draw what the client gives, by its kind.

    Parameters
    ----------
    found : Result, Profile, Correlation or Leaderboard
        What was found.

    Returns
    -------
    Plots, MissingPlots or Chart
        The charts of a result or of a profile, as methods; or the one chart of a
        correlation or of a leaderboard.
    """
    document = getattr(found, "document", None)
    if isinstance(document, ProfileDocument):
        return MissingPlots(document)
    if isinstance(document, CorrelationDocument):
        return correlation(document)
    if isinstance(document, LeaderboardDocument):
        return leaderboard(document)
    if hasattr(found, "sensitivity_table"):
        return sensitivity(found)
    return Plots(found)


class Plots:
    """The charts of several imputations.

    Parameters
    ----------
    found : Imputations or Result
        What was imputed; its cells are fetched with the first chart.

    Examples
    --------
    >>> import pandas as pd
    >>> import jupyter_wrangler as jw
    >>> df = pd.DataFrame({"x": [1.0, 2.0, 3.0, 6.0], "y": [1.0, 2.0, None, None]})
    >>> plot = Plots(jw.Imputer("mean").impute(df, 1))
    >>> plot.strip("y")
    y by imputation: All imputed values of 'y' lie within the observed range, 1 to 2
    (2 cells in 1 imputation).
    """

    def __init__(self, found: Any) -> None:
        self._found = found

    def overlay(self, column: Any) -> Chart:
        """Draw distributions, observed and imputed; see `charts.overlay`."""
        return self._draw(overlay, column)

    def density(self, column: Any) -> Chart:
        """Draw distributions, observed and imputed, as mice's `densityplot` does."""
        return self.overlay(column)

    def strip(self, column: Any) -> Chart:
        """Draw every value by imputation; see `charts.strip`."""
        return self._draw(strip, column)

    def box(self, column: Any) -> Chart:
        """Draw medians and quartiles by imputation; see `charts.box`."""
        return self._draw(box, column)

    def xy(self, x: Any, y: Any, *, k: int = 0) -> Chart:
        """Draw one column over another; see `charts.xy`."""
        return self._draw(xy, x, y, k=k)

    def trace(self, column: Any) -> Chart:
        """Draw the chains of one column; see `charts.trace`."""
        return self._draw(trace, column)

    def rhat(self) -> Chart:
        """Draw R-hat of every column; see `charts.rhat`."""
        return self._draw(rhat)

    def propensity(self, column: Any, *, k: int = 0) -> Chart:
        """Compare rows equally likely to lack the column; see `charts.propensity`."""
        return self._draw(propensity, column, k=k)

    def overimpute(self, column: Any, *, n_imputations: int = 10) -> Chart:
        """Hide observed values, impute them, and compare; see `charts.overimpute`.

        It imputes anew, by the default method: 5 times `n_imputations`.
        """
        found = engine_overimpute(
            self._data(), column, n_imputations=n_imputations, level=0.9
        )
        return overimpute(found)

    def calibration(self, column: Any, *, n_imputations: int = 10) -> Chart:
        """Draw what `overimpute` draws: whether the intervals hold the true values."""
        return self.overimpute(column, n_imputations=n_imputations)

    # ── what was missing ──

    def missing(self, *, sort: bool = True) -> Chart:
        """Draw the share of missing values; see `charts.missing_bar`."""
        return missing_bar(self._data(), sort=sort)

    def matrix(self) -> Chart:
        """Draw where values were missing; see `charts.missing_matrix`."""
        return missing_matrix(self._data())

    def patterns(self, *, most: int = 20) -> Chart:
        """Draw the patterns of missing values; see `charts.missing_patterns`."""
        return missing_patterns(self._data(), most=most)

    def indicators(self) -> Chart:
        """Draw which columns were missing together; see `charts.missing_heatmap`."""
        return missing_heatmap(self._data())

    def heatmap(self) -> Chart:
        """Draw what `indicators` draws, as `profile.plot` calls it."""
        return self.indicators()

    def flux(self) -> Chart:
        """Draw influx and outflux; see `charts.influx_outflux`."""
        return influx_outflux(self._data())

    def by_missingness(self, column: Any, by: Any) -> Chart:
        """Draw one column by whether another was missing; see `charts`."""
        return by_missingness(self._data(), by, column)

    def _data(self) -> Any:
        data = self._found.data
        return frames.as_pandas(data)

    def _draw(self, chart: Callable[..., Chart], *args: Any, **more: Any) -> Chart:
        # Gathering all imputations of a result takes time, and once is enough.
        if not isinstance(self._found, Imputations):
            self._found = imputations_of(self._found)
        return chart(self._found, *args, **more)

    def __repr__(self) -> str:
        names = [name for name in vars(Plots) if not name.startswith("_")]
        return f"Plots: {', '.join('.' + name for name in names)}"
