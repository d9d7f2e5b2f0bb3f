"""There is no such thing, or it belongs to somebody else."""

from __future__ import annotations

from jupyter_wrangler.errors.base import WranglerError


class NotFound(WranglerError, LookupError):
    """There is no such thing, or it is not yours."""


class DatasetNotFound(NotFound):
    """No dataset of yours has this id."""


class JobNotFound(NotFound):
    """No job of yours has this id."""


class UploadNotFound(NotFound):
    """No upload of yours has this id."""


class ResultNotFound(NotFound):
    """No saved result of yours has this id or name, or none with this version."""
