"""Everything jupyter_wrangler raises or warns about.

WranglerError
  x InvalidSpec (ValueError)        UnknownMethod · UnknownColumn · UnknownRow
                                    MethodDoesNotFit · UnknownArgument
                                    UnknownJobKind
  x InvalidData (ValueError)        EmptyFrame · DuplicateColumns · MixedTypes
                                    InfiniteValues · NothingObserved · TooFewDonors
                                    DatasetTooLarge · UnsupportedFrame
                                    SchemaMismatch · TooFewImputations
                                    UnreadableImputer · UnreadableFile
                                    RequestTooLarge
  x NotFound (LookupError)          DatasetNotFound · JobNotFound · UploadNotFound
                                    ResultNotFound
  x Conflict                        JobAlreadyFinished · ResultNotReady · NoResult
                                    UploadOutOfStep · DatasetInUse · DigestMismatch
                                    KeyUsedAlready · ResultInUse · ResultNotSaveable
                                    NoRecipe · NothingFinished
  x JobFailed (RuntimeError)        JobTimedOut · JobQuarantined · OutOfMemory
  x ExpectationFailed (AssertionError)
  x JobCancelled (CancelledError)
  x WaitTimedOut (TimeoutError)
  x NotAllowed (PermissionError)    NotAuthenticated
  x QuotaExceeded
  x ServerUnreachable (ConnectionError)
                                    ServiceUnreachable · DatabaseUnreachable
                                    DatabaseBusy · RedisUnreachable · StorageUnreachable
                                    NoWorker · StackFailed · ServiceStarting
                                    ServiceNotConfigured
                                    InvalidSettings (ValueError)
  x StorageFull (OSError)           StorageQuotaExceeded
  x Internal (RuntimeError)         a bug of ours: nothing the caller did

WranglerWarning (UserWarning)       ColumnLeftAlone · ColumnNotUsed · NoSpread
                                    FewObserved · LongJob · OtherVersion
                                    MethodsChosenAgain · OriginUnknown

A message says what was found, what was wanted and what to do.  Each class has a
`code` (its name in snake case), which crosses process borders: the service puts
it into the problem body and the client raises the same class back.
"""

from __future__ import annotations

import concurrent.futures
import difflib
import re
import sys
import warnings
from typing import Any, ClassVar

#: Set it to see all lines of this package in notebooks and in pytest.
full_tracebacks = False
_PACKAGE = __name__.split(".", maxsplit=1)[0]
#: Frames that are looked at, from where an error is made.
_DEEPEST = 60
#: From 0 to 1: how much alike names are that are taken for misspelt.
_NEAR = 0.6
#: Keywords of a function from which on all are not listed beside the one meant.
_MANY = 12
#: Names that a message lists.
_FEW = 10
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: State of a job -> how that is said.
_ENDED = {
    "failed": "ended by an error",
    "timed_out": "ended by the time limit",
    "cancelled": "cancelled before any part was finished",
    "quarantined": "given up",
}


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

        return tracebacks.lines_of(self, full=full_tracebacks)

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


def _hidden(caught: Any) -> bool:
    """Tell pytest whether lines of this package are hidden of an error."""
    error = getattr(caught, "value", None)
    return isinstance(error, WranglerError) and not full_tracebacks


def raising(setting: str) -> str:
    """Say how a limit is raised, on one's own stack as on a shared service.

    Examples
    --------
    >>> print(raising("JUPYTER_WRANGLER_MAX_JOBS"))
    set JUPYTER_WRANGLER_MAX_JOBS higher and run `jupyter wrangler up --restart` (on a
    shared service, those who run it can)
    """
    return (
        f"set {setting} higher and run `jupyter wrangler up --restart` (on a shared "
        "service, those who run it can)"
    )


def _listed(known: list[str]) -> str:
    return ", ".join(known) or "nothing"


def shown(value: Any) -> str:
    """Show a value as it can be typed: NumPy's scalars and arrays as plain ones.

    For every value of a caller or of the data in a message; `repr` would give
    ``np.float64(0.5)``.

    Examples
    --------
    >>> import numpy as np
    >>> shown(np.float64(0.5)), shown([np.int64(3), "x"]), shown({"a": np.array([1.0])})
    ('0.5', "[3, 'x']", "{'a': [1.0]}")
    >>> shown(np.datetime64("2024-01-01"))
    "'2024-01-01'"
    """
    return repr(_plain(value))


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind.__module__ == "numpy" and hasattr(value, "tolist"):
        # not imported for it: servers load this first
        times = getattr(value, "dtype", None) is not None and value.dtype.kind in "mM"
        return _plain(value.astype(str).tolist() if times else value.tolist())
    if kind is dict:
        return {_plain(k): _plain(v) for k, v in value.items()}
    if kind in {list, tuple, set, frozenset}:
        return kind(map(_plain, value))
    return value


def _meant(name: str, known: list[str]) -> str:
    """Ask whether a name like the one that was given is meant, if there is one.

    Examples
    --------
    >>> _meant("ozone", ["Ozone", "Wind"]), _meant("x", ["Ozone", "Wind"])
    ("did you mean 'Ozone'?", '')
    """
    lower = {other.casefold(): other for other in reversed(known)}
    near = difflib.get_close_matches(name.casefold(), lower, n=2, cutoff=_NEAR)
    names = " or ".join(repr(lower[other]) for other in near)
    return f"did you mean {names}?" if names else ""


class InvalidSpec(WranglerError, ValueError):
    """What was asked for makes no sense, whatever the data."""


class UnknownArgument(InvalidSpec, TypeError):
    """A function was called with a keyword that it does not have."""

    def __init__(self, function: str, argument: str, known: list[str]) -> None:
        self.function, self.argument, self.known = function, argument, known
        meant = _meant(argument, known)
        takes = f"{meant} It takes" if meant else "it takes"
        # of many keywords the one that was meant drowns
        rest = "" if meant and len(known) > _MANY else f" {takes} {_listed(known)}."
        super().__init__(f"{function}() takes no {argument!r};{rest or f' {meant}'}")


class UnknownMethod(InvalidSpec):
    """No imputation method has this name."""

    def __init__(self, method: str, known: list[str]) -> None:
        self.method, self.known = method, known
        meant = _meant(method, known)
        choose = f"{meant} Choose" if meant else "choose"
        super().__init__(
            f"There is no method {method!r}; {choose} one of {', '.join(known)}."
        )


class UnknownJobKind(InvalidSpec):
    """No kind of job has this name; a newer version may have one."""

    def __init__(self, kind: str, known: list[str]) -> None:
        self.kind, self.known = kind, known
        super().__init__(
            f"There is no kind of job {kind!r}; this version has {', '.join(known)}. "
            "If the job was submitted with a newer version, upgrade."
        )


class UnknownColumn(InvalidSpec):
    """A column named in the call is not in the data."""

    def __init__(self, column: str, known: list[str]) -> None:
        self.column, self.known = column, known
        shown = ", ".join(map(repr, known[:12])) + (", ..." if len(known) > 12 else "")
        meant = _meant(column, known)
        has = f"{meant} The" if meant else "the"
        super().__init__(
            f"There is no column {column!r}; {has} data has {shown}. "
            "Check the spelling, or leave the column out."
        )


class UnknownRow(InvalidSpec):
    """A row named in the call is not in the data, or several have its label."""

    def __init__(
        self, row: object, n_rows: int, places: list[int] | None = None, n: int = 0
    ) -> None:
        self.row, self.n_rows = str(row), n_rows
        if places:
            some = ", ".join(map(str, places)) + (", ..." if n > len(places) else "")
            super().__init__(
                f"{n} rows have the label {row!r:.60}, at positions {some}; one row is "
                "wanted. Reset the index and name the row by its position."
            )
            return
        super().__init__(
            f"There is no row {row!r:.60}: no label of the index is equal to it, and "
            f"positions go from 0 to {n_rows - 1:,}."
        )


class MethodDoesNotFit(InvalidSpec):
    """A method was asked for a column of a type that it cannot impute."""

    def __init__(
        self, column: str, method: str, level: str, fitting: list[str]
    ) -> None:
        self.column, self.method, self.level = column, method, level
        self.fitting = fitting
        how = ""
        if method == "polr" and level.startswith("nominal"):
            own = f"df[{column!r}]"
            how = (
                f" If its classes have an order, say so: {own} = pd.Categorical({own}, "
                "categories=[...from lowest to highest...], ordered=True)."
            )
        super().__init__(
            f"Method {method!r} cannot impute {column!r}, which is {level}; "
            f"use one of {', '.join(fitting)} for it.{how}"
        )


class InvalidData(WranglerError, ValueError):
    """The data cannot be used as they are."""


class EmptyFrame(InvalidData):
    """A frame without rows or without columns."""

    def __init__(self, n_rows: int, n_columns: int) -> None:
        self.n_rows, self.n_columns = n_rows, n_columns
        super().__init__(
            f"The frame has {n_rows} rows and {n_columns} columns; imputation needs "
            "at least one of each. Check how it was read or filtered."
        )


class DuplicateColumns(InvalidData):
    """Two columns share a name."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(
            f"Column names must be unique, but {', '.join(map(repr, names))} "
            "occur more than once; rename them, for example with "
            "df.columns = [...], and try again."
        )


class MixedTypes(InvalidData):
    """An object column holds values of several types."""

    def __init__(self, column: str, found: list[str], examples: list[str]) -> None:
        self.column, self.found, self.examples = column, found, examples
        super().__init__(
            f"Column {column!r} mixes {', '.join(found)} (for example "
            f"{', '.join(examples)}); a column needs one type. Convert it, for example "
            f"df[{column!r}] = pd.to_numeric(df[{column!r}], errors='coerce') or "
            f".astype('string')."
        )


class InfiniteValues(InvalidData):
    """A numeric column holds infinite values."""

    def __init__(self, column: str, count: int) -> None:
        self.column, self.count = column, count
        super().__init__(
            f"Column {column!r} has {count} infinite values; finite numbers or missing "
            "values are wanted. Replace them, for example with "
            f"df[{column!r}].replace([np.inf, -np.inf], np.nan)."
        )


class NothingObserved(InvalidData):
    """A column has no observed value to learn from."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(
            f"Column {column!r} has no observed value, so no method but 'constant' can "
            "fill it; use 'constant' with a fill_value, or leave the column out."
        )


class TooFewDonors(InvalidData):
    """A column has fewer observed values than the donors asked for."""

    def __init__(self, column: str, donors: int, observed: int) -> None:
        self.column, self.donors, self.observed = column, donors, observed
        super().__init__(
            f"{column!r} has {observed} observed values, fewer than donors={donors}; "
            "lower donors or use another method for it."
        )


class DatasetTooLarge(InvalidData):
    """The frame is over the configured limit."""

    def __init__(self, what: str, found: int, limit: int) -> None:
        self.what, self.found, self.limit = what, found, limit
        super().__init__(
            f"The data has {found:,} {what}, over the limit of {limit:,}; send fewer "
            + (
                "columns."
                if what == "columns"
                else f"rows or columns, or {_more(what)}."
            )
        )


def _more(what: str) -> str:
    """Say how the limit of rows, cells or bytes is raised; rows follow from cells."""
    return raising(f"JUPYTER_WRANGLER_MAX_{'BYTES' if what == 'bytes' else 'CELLS'}")


class UnsupportedFrame(InvalidData):
    """The object is no DataFrame, or a column cannot be stored."""


class SchemaMismatch(InvalidData):
    """New rows do not have the columns that the imputer was fitted on."""


class TooFewImputations(InvalidData):
    """What was asked about is the spread of several imputations."""

    def __init__(self, m: int) -> None:
        self.m = m
        super().__init__(
            f"There {'is' if m == 1 else 'are'} {m} imputation{'' if m == 1 else 's'}, "
            "but at least 2 are wanted: without a spread between imputations nothing "
            "can be said about missing values. Impute with n_imputations=5 or more."
        )


class UnreadableImputer(InvalidData):
    """A file holds no fitted imputer, or one that this version cannot read."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"The saved imputer cannot be read: {why}. Load a file that Imputer.save "
            "of this version has written and nobody has changed, or fit again."
        )


class UnreadableFile(InvalidData):
    """The bytes of a data set are damaged, or are no data set of ours."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            f"The file cannot be read: {why}. Write it again from the DataFrame with "
            "this package (jw.impute does), and upload that."
        )


class RequestTooLarge(InvalidData):
    """A request, other than a chunk of an upload, holds more than is taken at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            f"The request is larger than {limit >> 10:,} KiB, the most that is taken "
            "at once. Upload data in chunks, and name in a spec only the columns "
            "that are to differ from the others."
        )


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


class Conflict(WranglerError):
    """The request does not fit the present state."""


class JobAlreadyFinished(Conflict):
    """A finished job can no longer be cancelled."""


class ResultNotReady(Conflict):
    """The job has no result yet."""


class NoResult(Conflict):
    """The job has ended, and none of its parts left a result.

    `error` is what the job ended with (code, message, details), or None.
    """

    def __init__(self, job: str, state: str, error: dict[str, Any] | None) -> None:
        self.job, self.state, self.error = job, state, error
        why = f": {error['message']}" if error else "."
        super().__init__(
            f"Job {job} has no result, it was {_ENDED.get(state, state)}{why}"
        )


class NoRecipe(Conflict):
    """The job kept no fitted models; says why, and what to do."""


class UploadOutOfStep(Conflict):
    """A chunk does not continue where the upload stands."""

    def __init__(self, offset: int, received: int) -> None:
        self.offset, self.received = offset, received
        super().__init__(
            "The chunk ends after the bytes that were announced; send those only, or "
            "announce the upload with its true size."
            if offset == received
            else f"The chunk starts at byte {offset}, but the upload stands at byte "
            f"{received}; send the chunk that starts there."
        )


class DigestMismatch(Conflict):
    """The bytes received are not the bytes announced."""


class DatasetInUse(Conflict):
    """The dataset feeds an unfinished job."""


class ResultInUse(Conflict):
    """Something was made of a saved result that is to be deleted."""

    def __init__(self, name: str, versions: list[int], dependents: list[str]) -> None:
        self.name, self.versions, self.dependents = name, versions, dependents
        labels = ", ".join(f"{name}@{n}" for n in versions[:_FEW])
        more = " and more" if len(versions) > _FEW else ""
        made = ", ".join(dependents[:_FEW]) + (
            f" and {len(dependents) - _FEW} more" if len(dependents) > _FEW else ""
        )
        super().__init__(
            f"Of {labels}{more} was made: {made}. That stays as it is, but what it was "
            "made of will be gone; delete with force=True if that is meant."
        )


class ResultNotSaveable(Conflict):
    """A job of a kind that imputes nothing has no result that could be saved."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            f"This job is of the kind {kind!r}, and imputed cells are wanted: only "
            "results of imputations can be saved under a name. Save the result of "
            "jw.impute(...)."
        )


class KeyUsedAlready(Conflict):
    """An idempotency key came with another request before."""

    def __init__(self, key: str, job_id: object) -> None:
        self.key, self.job_id = key, str(job_id)
        super().__init__(
            f"The idempotency key {key!r} belongs to another request, which was "
            f"answered with job {job_id}; a repetition must ask for the same in every "
            "field. Take a new key for a new request."
        )


class NothingFinished(Conflict):
    """A job cannot be finished early: none of its parts is done."""

    def __init__(self, job: str, pieces: str) -> None:
        self.job, self.pieces = job, pieces
        super().__init__(
            f"None of the {pieces} of job {job} is finished yet, so there is nothing "
            "to keep. Wait for the first one, or cancel the job instead: job.cancel()."
        )


class JobFailed(WranglerError, RuntimeError):
    """The job ended without a result."""


class JobTimedOut(JobFailed):
    """The job ran longer than allowed."""


class JobQuarantined(JobFailed):
    """The job was given up after several lost attempts."""


class OutOfMemory(JobFailed):
    """The computation needed more memory than it may use."""


class ExpectationFailed(WranglerError, AssertionError):
    """A result is not what was expected of it; every failed expectation is listed."""

    def __init__(self, failures: list[dict[str, str]]) -> None:
        self.failures = failures
        lines = "; ".join(
            f"{one['what']}: found {one['found']}, wanted {one['wanted']}"
            for one in failures[:20]
        )
        more = f"; and {len(failures) - 20} more" if len(failures) > 20 else ""
        n = len(failures)
        super().__init__(
            f"{n} expectation{'s' if n > 1 else ''} failed: {lines}{more}. Change the "
            "data or the imputation, or what is expected."
        )


class JobCancelled(WranglerError, concurrent.futures.CancelledError):
    """The job was cancelled before it had its result."""


class WaitTimedOut(WranglerError, TimeoutError):
    """A wait was over before the job had ended; the job goes on."""


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


class ServerUnreachable(WranglerError, ConnectionError):
    """Something that the work needs does not answer."""


class ServiceUnreachable(ServerUnreachable):
    """The wrangler service does not answer."""


class ServiceStarting(ServerUnreachable):
    """The service listens, and cannot serve yet; its message says why."""


class ServiceNotConfigured(ServerUnreachable):
    """No service was found, and none may be started here."""


class InvalidSettings(ServerUnreachable, ValueError):
    """A setting has a value that cannot be used."""


class DatabaseUnreachable(ServerUnreachable):
    """PostgreSQL does not answer."""


class DatabaseBusy(DatabaseUnreachable):
    """PostgreSQL answers, and something else has held for too long what is wanted."""


class RedisUnreachable(ServerUnreachable):
    """Redis (or Valkey) does not answer."""


class StorageUnreachable(ServerUnreachable):
    """The bucket of data and results does not answer."""


class NoWorker(ServerUnreachable):
    """No worker is alive to take jobs."""


class StackFailed(ServerUnreachable):
    """The private servers could not be started."""


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


class Internal(WranglerError, RuntimeError):
    """A bug of ours: nothing the caller did."""


class WranglerWarning(UserWarning):
    """Root of the warnings; the same one is shown once unless filters say otherwise."""


# Last, so that it is asked after all that users and tests set.
warnings.filterwarnings("once", category=WranglerWarning, append=True)


class ColumnLeftAlone(WranglerWarning):
    """Columns keep their missing values, for the reasons given."""


class ColumnNotUsed(WranglerWarning):
    """A column helps to impute no other, for the reason given."""


class NoSpread(WranglerWarning):
    """Imputations of a deterministic method do not differ from one another."""


class LongJob(WranglerWarning):
    """What is asked for takes long, by an estimate from rows, columns and method."""


class FewObserved(WranglerWarning):
    """A column has too few observed values for a regression on all its predictors."""


class OtherVersion(WranglerWarning):
    """The service that answers is of another version than this package."""


class OriginUnknown(WranglerWarning):
    """Of some cells nobody can know whether they were imputed."""


class MethodsChosenAgain(WranglerWarning):
    """A plan was made for one imputation; for several other methods are taken."""


def _walk(cls: type[WranglerError]) -> dict[str, type[WranglerError]]:
    found = {cls.code: cls}
    for child in cls.__subclasses__():
        found.update(_walk(child))
    return found


def from_code(code: str, message: str, details: dict[str, Any]) -> WranglerError:
    """Rebuild an error that crossed a process border.

    Examples
    --------
    >>> from_code("job_not_found", "There is no job 1.", {})
    JobNotFound('There is no job 1.')
    """
    cls = _walk(WranglerError).get(code, WranglerError)
    error = cls.__new__(cls)
    error.args = (message,)
    for name, value in details.items():
        if name.isidentifier() and not hasattr(cls, name):
            setattr(error, name, value)
    return error
