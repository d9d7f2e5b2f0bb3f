"""What the fork server imports once, so that each runner starts in milliseconds."""

import sklearn.linear_model
import sklearn.neighbors

import jupyter_wrangler.jobs.runner

__all__ = ["jupyter_wrangler", "sklearn"]
