"""What the caller may not do, or may not do more of."""

from __future__ import annotations

from jupyter_wrangler.errors.base import WranglerError
from jupyter_wrangler.errors.wording import raising


class NotAllowed(WranglerError, PermissionError):
    """The caller may not do this."""


class NotAuthenticated(NotAllowed):
    """The caller did not say who they are, or was not believed."""


class QuotaExceeded(WranglerError):
    """The caller uses as much as they may."""

    def __init__(self, what: str, limit: int, advice: str, setting: str) -> None:
        self.what, self.limit = what, limit
        super().__init__(
            f"You have as many {what} as you may have ({limit:,}); {advice}, or "
            f"{raising(setting)}."
        )


class StorageFull(WranglerError, OSError):
    """There is no room left for the bytes."""


class StorageQuotaExceeded(StorageFull):
    """The caller keeps as many bytes as they may."""

    def __init__(self, used: int, asked: int, limit: int) -> None:
        self.used, self.asked, self.limit = used, asked, limit
        more = f", and this needs {asked:,} more" if asked else ""
        super().__init__(
            f"Your data sets and results take {used:,} bytes of the {limit:,} that "
            f"you may keep{more}. Delete data sets and jobs that you no longer need "
            "(their room is free some hours later), or "
            f"{raising('JUPYTER_WRANGLER_MAX_STORED_BYTES')}."
        )
