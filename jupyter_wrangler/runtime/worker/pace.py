"""How evenly a part goes on: when it had done half of what it has done now."""

from __future__ import annotations

from bisect import bisect_left

#: Points of time that are remembered; then every second one is forgotten.
_MOST = 256


class Pace:
    """The shares that a part has done, by the seconds that it took.

    Examples
    --------
    >>> pace = Pace()
    >>> for second in range(1, 9):
    ...     pace.note(float(second), second / 10)
    >>> pace.half_s
    4.0
    """

    def __init__(self) -> None:
        self._shares: list[float] = []
        self._seconds: list[float] = []

    def note(self, seconds: float, share: float) -> None:
        """Note which share is done after how many seconds; it never falls."""
        if self._shares and share <= self._shares[-1]:
            return
        self._shares.append(share)
        self._seconds.append(seconds)
        if len(self._shares) > _MOST:
            del self._shares[1:-1:2], self._seconds[1:-1:2]

    @property
    def half_s(self) -> float | None:
        """Seconds after which half of the present share was done; None before that."""
        if not self._shares:
            return None
        at = bisect_left(self._shares, self._shares[-1] / 2)
        return self._seconds[at] if at < len(self._shares) - 1 else None
