"""Figures for Prometheus: what the rows say, counted when somebody asks.

Nothing is kept in memory, so that the figures are right after a restart and the same
from whichever service process they are asked of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from jupyter_wrangler.store.figures import Figures, Labels


class Snapshot:
    """Something that prometheus-client can read: one look at the rows.

    Parameters
    ----------
    figures : Figures or None
        None when PostgreSQL did not answer.
    streams : int
        Event streams that are open in this process.
    """

    def __init__(self, figures: Figures | None, *, streams: int) -> None:
        self._figures, self._streams = figures, streams

    def collect(self) -> Iterator[Metric]:
        """Yield one family of samples after the other."""
        up = float(self._figures is not None)
        yield _gauge("database_up", "Whether PostgreSQL answered.", up)
        yield _gauge("streams", "Event streams open in this process.", self._streams)
        found = self._figures
        if found is None:
            return
        yield _gauges("jobs", "Jobs on record.", ("kind", "state"), found.jobs)
        yield _gauges("parts", "Unfinished parts.", ("queue", "state"), found.parts)
        yield _gauges(
            "queue_wait_seconds",
            "How long the oldest part that could run has waited.",
            ("queue",),
            found.waits,
        )
        yield _gauges("workers", "Workers known.", ("state",), found.workers)
        yield _gauges("slots", "Slots of workers known.", ("state",), found.slots)
        yield _gauges(
            "attempts",
            "Attempts on record by their end; lost: its runner or worker died.",
            ("outcome",),
            found.attempts,
        )
        yield _gauges("blobs", "Stored blobs.", ("state",), found.blobs)
        yield _gauges("blob_bytes", "Stored bytes.", ("state",), found.blob_bytes)
        yield _gauge("users", "Users on record.", found.users)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"wrangler_{name}", words, value=value)


def _gauges(
    name: str, words: str, labels: tuple[str, ...], values: Mapping[Labels, float]
) -> Metric:
    family = GaugeMetricFamily(f"wrangler_{name}", words, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(key, value)
    return family
