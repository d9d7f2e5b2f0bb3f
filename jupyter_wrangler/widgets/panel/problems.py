"""What can be wrong while the panel is open, in words, each with its one remedy."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_wrangler.contract import Health
from jupyter_wrangler.errors import ServerUnreachable, WranglerError

#: Code -> title, what it means, and the command that tells or corrects it.
_WORDS: dict[str, tuple[str, str, str]] = {
    "service_unreachable": (
        "The Wrangler service does not answer",
        "Jobs that were submitted go on. The panel tries again by itself.",
        "jupyter wrangler up",
    ),
    "stack_failed": (
        "The private servers could not be started",
        "The panel tries again by itself.",
        "jupyter wrangler doctor",
    ),
    "service_starting": (
        "The Wrangler service is starting",
        "The panel tries again by itself.",
        "",
    ),
    "service_not_configured": (
        "No Wrangler service is set up here",
        "None was found, and none may be started here.",
        "jupyter wrangler doctor",
    ),
    "database_unreachable": (
        "The database does not answer",
        "Nothing is lost. The panel goes on when PostgreSQL is back.",
        "jupyter wrangler doctor",
    ),
    "database_busy": (
        "The database is busy",
        "Something else holds it. The panel tries again by itself.",
        "jupyter wrangler doctor",
    ),
    "redis_unreachable": (
        "Redis does not answer",
        "The job is safe; it waits until Redis is back, and its progress is not live.",
        "jupyter wrangler doctor",
    ),
    "no_worker": (
        "No worker is running",
        "The job waits, and starts as soon as there is a worker.",
        "jupyter wrangler doctor",
    ),
    "storage_unreachable": (
        "The storage of data and results does not answer",
        "The panel tries again by itself.",
        "jupyter wrangler doctor",
    ),
}
#: The same for what does not come back by itself.
_LASTING: dict[str, tuple[str, str, str]] = {
    "job_not_found": (
        "The job was deleted elsewhere",
        "Its result is gone with it, unless it was saved. Run the plan again.",
        "",
    ),
}
#: These are shown with the sentence that the service says.
_OTHER = "That was not possible"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that is wrong."""

    #: Wire name of the class of error.
    code: str
    title: str
    text: str
    #: Command for a terminal; empty if there is none.
    command: str = ""
    #: Whether it goes away by itself, so that the panel tries again.
    passing: bool = False
    #: What can be chosen: name of an action -> its label.
    choices: tuple[tuple[str, str], ...] = ()


def problem_of(error: BaseException) -> Problem:
    """Say what is wrong when an error was raised.

    Examples
    --------
    >>> from jupyter_wrangler.errors import EmptyFrame, NoWorker
    >>> problem_of(NoWorker("none")).title, problem_of(NoWorker("none")).passing
    ('No worker is running', True)
    >>> problem_of(EmptyFrame(0, 3)).passing
    False
    """
    if not isinstance(error, WranglerError):
        return Problem(
            code="internal",
            title="Something went wrong in the panel",
            text=f"{type(error).__name__}: {error}. Please report this.",
        )
    known = _WORDS.get(error.code)
    if error.code in _LASTING:
        title, text, command = _LASTING[error.code]
        return Problem(code=error.code, title=title, text=text, command=command)
    if known is None:
        passing = isinstance(error, ServerUnreachable)
        return Problem(
            code=error.code, title=_OTHER, text=error.message, passing=passing
        )
    title, text, command = known
    return Problem(
        code=error.code, title=title, text=text, command=command, passing=True
    )


def problem_of_health(health: Health) -> Problem | None:
    """Say what keeps a job from running, the gravest first; None if nothing does."""

    def wrong(part: str) -> bool:
        return health.checks.get(part, "ok") != "ok"

    if wrong("database"):
        return _named("database_unreachable")
    if wrong("redis"):
        return _named("redis_unreachable")
    if health.workers == 0 and not health.resting:
        return _named("no_worker")
    return None


def _named(code: str) -> Problem:
    title, text, command = _WORDS[code]
    return Problem(code=code, title=title, text=text, command=command, passing=True)
