"""What a user may use, where the table of quotas says nothing."""

from __future__ import annotations

from jupyter_wrangler.contract import Quota
from jupyter_wrangler.settings import Settings


def default_quota(settings: Settings) -> Quota:
    """Return the limits of one user as the settings give them."""
    return Quota(
        max_running=settings.max_running,
        max_queued=settings.max_queued,
        max_bytes=settings.max_stored_bytes,
        max_cells=settings.max_cells,
        max_streams=settings.max_streams,
        max_datasets=settings.max_datasets,
        max_jobs=settings.max_jobs,
        max_parts=settings.max_parts,
        max_results=settings.max_results,
    )
