"""The root of all errors: its code, its facts, and the lines that notebooks show."""

from __future__ import annotations

import re
import sys
from typing import Any, ClassVar

_PACKAGE = __name__.split(".", maxsplit=1)[0]
#: Frames that are looked at, from where an error is made.
_DEEPEST = 60
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class WranglerError(Exception):
    """Root of everything this package raises on purpose.

    What it says is meant for the line that was called: notebooks and pytest show no
    lines of this package, unless `errors.full_tracebacks` is set.
    """

    #: Stable name of the class on the wire, for example ``job_not_found``.
    code: ClassVar[str] = "wrangler_error"

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        # pytest asks the module of each line whether to show it
        frame = sys._getframe(1)  # noqa: SLF001  the stack is what is meant
        for _ in range(_DEEPEST):
            if frame.f_globals.get("__name__", "").split(".")[0] == _PACKAGE:
                frame.f_globals.setdefault("__tracebackhide__", _hidden)
            if frame.f_back is None:
                break
            frame = frame.f_back

    def _render_traceback_(self) -> list[str]:
        """Give the lines that IPython shows: those of the caller, and the message."""
        from jupyter_wrangler import tracebacks  # noqa: PLC0415  for people only

        return tracebacks.lines_of(self, full=_all_lines_shown())

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Derive the wire code from the class name."""
        super().__init_subclass__(**kwargs)
        cls.code = _CAMEL.sub("_", cls.__name__).lower()

    @property
    def message(self) -> str:
        """The sentence shown to people."""
        return str(self.args[0]) if self.args else self.code

    @property
    def details(self) -> dict[str, Any]:
        """Facts on the object, as JSON values, for programs."""
        return {k: v for k, v in vars(self).items() if not k.startswith("_")}

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the message and the facts; a class may take other arguments."""
        return _again, (type(self), self.args, vars(self))

    def __str__(self) -> str:
        """Return the message, also where a builtin parent would quote it."""
        return self.message


def _again(
    cls: type[WranglerError], args: tuple[Any, ...], facts: dict[str, Any]
) -> WranglerError:
    """Rebuild a pickled error."""
    error = cls.__new__(cls)
    error.args = args
    vars(error).update(facts)
    return error


def _all_lines_shown() -> bool:
    """Read `errors.full_tracebacks`, which users set on the package."""
    package = sys.modules[__name__.rpartition(".")[0]]
    return bool(getattr(package, "full_tracebacks", False))


def _hidden(caught: Any) -> bool:
    """Tell pytest whether lines of this package are hidden of an error."""
    error = getattr(caught, "value", None)
    return isinstance(error, WranglerError) and not _all_lines_shown()
