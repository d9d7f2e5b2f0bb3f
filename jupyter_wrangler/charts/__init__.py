"""Charts of what is missing, and of what was imputed.

One chart model: a table, the finding in one sentence, and three ways to see both: a
Vega-Lite dict for notebooks, matplotlib Axes for papers, and words.
"""

from jupyter_wrangler.charts.accessor import Plots
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
from jupyter_wrangler.charts.relation import xy
from jupyter_wrangler.charts.rhat import rhat
from jupyter_wrangler.charts.sensitivity import sensitivity
from jupyter_wrangler.charts.strip import strip
from jupyter_wrangler.charts.upset import missing_patterns

__all__ = [
    "Chart",
    "MissingPlots",
    "Plots",
    "box",
    "by_missingness",
    "correlation",
    "influx_outflux",
    "leaderboard",
    "missing_bar",
    "missing_heatmap",
    "missing_matrix",
    "missing_patterns",
    "overimpute",
    "overlay",
    "propensity",
    "rhat",
    "sensitivity",
    "strip",
    "trace",
    "xy",
]
