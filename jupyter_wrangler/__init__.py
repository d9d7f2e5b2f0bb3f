"""Missing data, done right, without leaving the notebook.

Public names load on first use, so that importing the package stays quick and a
Jupyter server, a kernel and a worker each load only what they need.
"""

from __future__ import annotations

import importlib
from typing import Any

from jupyter_wrangler._version import __version__

#: Public name -> module that defines it.
_PUBLIC = {
    "impute": "jupyter_wrangler.client.verbs.impute",
    "transform": "jupyter_wrangler.client.verbs.transform",
    "job": "jupyter_wrangler.client.verbs.jobs",
    "jobs": "jupyter_wrangler.client.verbs.jobs",
    "datasets": "jupyter_wrangler.client.verbs.jobs",
    "load": "jupyter_wrangler.client.verbs.results",
    "results": "jupyter_wrangler.client.verbs.results",
    "SavedResult": "jupyter_wrangler.client.objects.saved_results",
    "SavedResults": "jupyter_wrangler.client.objects.saved_results",
    "ResultComparison": "jupyter_wrangler.client.objects.result_comparison",
    "wait": "jupyter_wrangler.client.verbs.waiting",
    "as_completed": "jupyter_wrangler.client.verbs.waiting",
    "connect": "jupyter_wrangler.client.verbs.connect",
    "expect": "jupyter_wrangler.client.verbs.expect",
    "imputed": "jupyter_wrangler.client.verbs.imputed",
    "compare": "jupyter_wrangler.client.verbs.compare",
    "Leaderboard": "jupyter_wrangler.client.objects.leaderboard",
    "Client": "jupyter_wrangler.client.session",
    "Job": "jupyter_wrangler.client.objects.job",
    "Result": "jupyter_wrangler.client.objects.result",
    "Recipe": "jupyter_wrangler.client.objects.recipe",
    "correlate": "jupyter_wrangler.client.verbs.correlate",
    "Correlation": "jupyter_wrangler.client.objects.correlation",
    "recommend": "jupyter_wrangler.client.verbs.recommend",
    "Plan": "jupyter_wrangler.client.objects.plan",
    "Imputer": "jupyter_wrangler.engine.estimator.imputer",
    "load_imputer": "jupyter_wrangler.frames.imputers",
    "Imputations": "jupyter_wrangler.engine.estimator.imputations",
    "profile": "jupyter_wrangler.client.verbs.profile",
    "Profile": "jupyter_wrangler.client.objects.profile",
    "wrangle": "jupyter_wrangler.widgets.panel.wrangle",
    "mark_missing": "jupyter_wrangler.client.verbs.profile",
    "mcar_test": "jupyter_wrangler.engine.missingness.mcar",
    "pool_scalar": "jupyter_wrangler.engine.pooling.rubin",
    "pool": "jupyter_wrangler.engine.pooling.pool",
    "pool_r_squared": "jupyter_wrangler.engine.pooling.r_squared",
    "required_imputations": "jupyter_wrangler.engine.pooling.required",
    "md_pattern": "jupyter_wrangler.engine.missingness.patterns",
    "md_pairs": "jupyter_wrangler.engine.missingness.patterns",
    "flux": "jupyter_wrangler.engine.missingness.patterns",
    "ampute": "jupyter_wrangler.engine.missingness.ampute",
    "quickpred": "jupyter_wrangler.engine.planning.predictors",
    "overimpute": "jupyter_wrangler.engine.estimator.overimpute",
    "charts": "jupyter_wrangler.charts",
    "data": "jupyter_wrangler.data",
    "doctor": "jupyter_wrangler.stack.doctor",
    "errors": "jupyter_wrangler.errors",
}

#: Names of the engine that take frames of other makes than pandas.
_OF_FRAMES = {
    "Imputer",
    "load_imputer",
    "mcar_test",
    "md_pattern",
    "md_pairs",
    "flux",
    "ampute",
    "quickpred",
    "overimpute",
}

#: Public names that are modules themselves.
_MODULES = {"charts", "data", "errors"}

__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604  names resolved by __getattr__


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'jupyter_wrangler' has no attribute {name!r}")
    module = importlib.import_module(_PUBLIC[name])
    if name in _OF_FRAMES:
        importlib.import_module(
            "jupyter_wrangler.frames.register_backends"
        ).register_backends()
    value = module if name in _MODULES else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # only a Jupyter server calls this
    from jupyter_wrangler.server.app import WranglerApp  # noqa: PLC0415

    return [{"module": "jupyter_wrangler.server.app", "app": WranglerApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-wrangler"}]
