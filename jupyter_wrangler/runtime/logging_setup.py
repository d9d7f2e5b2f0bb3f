"""What the service and the workers write to their logs.

Every line carries the facts of the work it belongs to: the job, the part and the
attempt in a worker, the request in the service.  Facts are ids only; data, specs and
tokens have no business in a log.
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
import json
import logging
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from jupyter_wrangler.settings import Settings

#: In this order in a line of text, and in JSON.
FACTS = ("request", "job", "part", "attempt")
_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s%(facts)s"
#: They write what they send when everything is reported, data included.
_TALKATIVE = ("sse_starlette", "python_multipart", "sqlalchemy", "kombu", "httpcore")
_NONE: Mapping[str, str] = MappingProxyType({})
_bound: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar(
    "wrangler_facts", default=_NONE
)


@contextlib.contextmanager
def bound(**facts: object) -> Iterator[None]:
    """Give every line that is logged meanwhile, in this thread or task, these facts.

    Examples
    --------
    >>> with bound(job="6fd3", attempt=1):
    ...     with bound(part="91aa"):
    ...         print(dict(current()))
    {'job': '6fd3', 'attempt': '1', 'part': '91aa'}
    """
    token = _bound.set({**_bound.get(), **{k: str(v) for k, v in facts.items()}})
    try:
        yield
    finally:
        _bound.reset(token)


def current() -> Mapping[str, str]:
    """Return the facts that lines carry here and now."""
    return _bound.get()


def set_up(settings: Settings) -> None:
    """Write the log of this process to standard error, as configured."""
    handler = logging.StreamHandler()
    handler.addFilter(_add_facts)
    handler.setFormatter(
        JsonLines() if settings.log_format == "json" else logging.Formatter(_TEXT)
    )
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler])
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, logger, message, and the facts."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line."""
        line: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(
                timespec="milliseconds"
            ),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "bound", _NONE),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _add_facts(record: logging.LogRecord) -> bool:
    """Write the facts on a record, in the thread that made it."""
    now = _bound.get()
    facts = {name: now[name] for name in FACTS if name in now}
    words = "".join(f" {name}={fact}" for name, fact in facts.items())
    record.__dict__.update(bound=facts, facts=words)
    return True
