"""What the panel knows and what has been decided in it, step by step."""

from jupyter_wrangler.widgets.panel.model.panel import STEPS, PanelModel, Step

__all__ = ["STEPS", "PanelModel", "Step"]
